//===- AccumulatorRange.cpp - Between which numbers sums lie --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/AccumulatorRange.h"

#include "lowbit/Analysis/CodeData.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::lowbit;

void SumRange::add(int64_t weight, std::pair<int64_t, int64_t> codes) {
  int64_t first = weight * codes.first, last = weight * codes.second;
  low += std::min(first, last);
  high += std::max(first, last);
}

void SumRange::join(SumRange other) {
  low = std::min(low, other.low);
  high = std::max(high, other.high);
}

unsigned SumRange::getWidth() const {
  auto bits = [](int64_t value) {
    return llvm::APInt(64, value, /*isSigned=*/true).getSignificantBits();
  };
  return std::max(bits(low), bits(high));
}

/// The integers of a constant rhs.
static std::optional<SmallVector<int64_t>> readWeights(ContractOp op) {
  if (auto constant = op.getRhs().getDefiningOp<ConstantOp>())
    return readCodes(constant);
  auto constant = op.getRhs().getDefiningOp<arith::ConstantOp>();
  auto elements =
      constant ? dyn_cast<ElementsAttr>(constant.getValue()) : ElementsAttr();
  if (!elements)
    return std::nullopt;
  bool isSigned = isSignedStorage(op.getFormat(1));
  SmallVector<int64_t> values;
  auto append = [&](const auto &words) {
    for (auto word : words) {
      using Word = std::decay_t<decltype(word)>;
      values.push_back(isSigned ? int64_t(word)
                                : int64_t(std::make_unsigned_t<Word>(word)));
    }
  };
  if (auto bytes = readElements<int8_t>(elements))
    append(*bytes);
  else if (auto words = readElements<int16_t>(elements))
    append(*words);
  else if (auto words = readElements<int32_t>(elements))
    append(*words);
  else
    return std::nullopt;
  return values;
}

std::optional<ContractionWeights>
ContractionWeights::read(ContractOp op, const ContractionLoops &loops) {
  auto type = dyn_cast<RankedTensorType>(op.getRhs().getType());
  if (!type || !type.hasStaticShape() || op.getAccumulatorType().isF32())
    return std::nullopt;
  SmallVector<int64_t> strides(op.getNumLoops(), 0);
  int64_t stride = 1;
  for (int64_t i = type.getRank(); i-- > 0;) {
    auto loop = dyn_cast<AffineDimExpr>(op.getRhsMap().getResult(i));
    if (!loop)
      return std::nullopt;
    strides[loop.getPosition()] += stride;
    stride *= type.getDimSize(i);
  }
  std::optional<SmallVector<int64_t>> values = readWeights(op);
  if (!values || static_cast<int64_t>(values->size()) != stride)
    return std::nullopt;

  auto walk = [&](ArrayRef<unsigned> list) {
    SmallVector<int64_t> offsets = {0};
    for (unsigned loop : list) {
      SmallVector<int64_t> next;
      for (int64_t offset : offsets)
        for (int64_t i = 0; i < loops.sizes[loop]; ++i)
          next.push_back(offset + i * strides[loop]);
      offsets = std::move(next);
    }
    return offsets;
  };
  ContractionWeights weights;
  weights.values = std::move(*values);
  weights.batches = walk(loops.batch);
  weights.terms = walk(loops.reduction);
  weights.numBatches = weights.batches.size();
  weights.numLanes = loops.sizes[loops.lane];
  weights.laneStride = strides[loops.lane];
  if (!loops.reduction.empty())
    weights.runLength = loops.sizes[loops.reduction.back()];
  return weights;
}

bool ContractionWeights::hasFewValues() const {
  llvm::SmallDenseSet<int64_t, 32> different;
  return llvm::all_of(values, [&](int64_t value) {
    different.insert(value);
    return different.size() <= 16;
  });
}

/// Adds what the terms [first, last) say of pairs that start every two terms, and
/// of 16-bit sums that take two terms of each `step`.
static void addPairs(llvm::function_ref<int64_t(int64_t)> weight,
                     std::pair<int64_t, int64_t> codes, int64_t step,
                     int64_t first, int64_t last, AccumulatorRange &range) {
  auto getPair = [&](int64_t term) {
    SumRange pair;
    pair.add(weight(term), codes);
    if (term + 1 < last)
      pair.add(weight(term + 1), codes);
    return pair;
  };
  for (int64_t half = 0; half < step; half += 2) {
    SumRange sum;
    int64_t length = 0;
    for (int64_t term = first + half; term < last; term += step) {
      SumRange pair = getPair(term);
      range.pair.join(pair);
      // A sum that holds no more starts anew.
      SumRange longer = {sum.low + pair.low, sum.high + pair.high};
      if (!longer.fits(16)) {
        range.run = std::min(range.run, length);
        longer = pair;
        length = 0;
        if (!pair.fits(16)) {
          range.run = 0;
          continue;
        }
      }
      sum = longer;
      ++length;
    }
  }
}

AccumulatorRange lowbit::getAccumulatorRange(const ContractionWeights &weights,
                                             std::pair<int64_t, int64_t> codes,
                                             int64_t step, int64_t first,
                                             int64_t last) {
  int64_t terms = weights.getNumTerms();
  // As many as there are, where nothing stands in the way.
  AccumulatorRange range{
      first, last - 1, {}, {}, (int64_t)llvm::divideCeil(terms, step)};
  for (int64_t batch = 0; batch < weights.getNumBatches(); ++batch)
    for (int64_t lane = first; lane < last; ++lane) {
      auto weight = [&](int64_t term) {
        return weights.get(batch, lane, term);
      };
      SumRange sum;
      for (int64_t term = 0; term < terms; ++term)
        sum.add(weight(term), codes);
      range.sum.join(sum);
      addPairs(weight, codes, step, 0, terms, range);
    }
  return range;
}

bool lowbit::fitsPairs(ContractOp op, const ContractionLoops &loops) {
  std::optional<ContractionWeights> weights =
      ContractionWeights::read(op, loops);
  if (!weights)
    return false;
  std::pair<int64_t, int64_t> codes = getStorageRange(op.getFormat(0));
  int64_t terms = weights->getNumTerms();
  for (int64_t batch = 0; batch < weights->getNumBatches(); ++batch)
    for (int64_t lane = 0; lane < weights->getNumLanes(); ++lane)
      for (int64_t term = 0; term + 1 < terms; ++term) {
        // A run starts anew in each trip of outer loops, or joins them: with an
        // even length pairs are the same.
        bool isPair = term % 2 == 0 || weights->getRunLength() % 2 != 0;
        SumRange pair;
        pair.add(weights->get(batch, lane, term), codes);
        pair.add(weights->get(batch, lane, term + 1), codes);
        if (isPair && !pair.fits(16))
          return false;
      }
  return true;
}

void lowbit::sampleSteps(const ContractionWeights &weights, StepShape shape,
                         function_ref<void(ArrayRef<int8_t>)> use) {
  constexpr int64_t mostWeights = 1 << 18;
  int64_t terms = weights.getNumTerms(), lanes = weights.getNumLanes();
  int64_t vectors = llvm::divideCeil(lanes, shape.lanes);
  int64_t size = llvm::divideCeil(terms, shape.products) * shape.getStepSize();
  int64_t all = weights.getNumBatches() * vectors;
  int64_t stride = llvm::divideCeil(all * size, mostWeights);
  SmallVector<int8_t> steps;
  for (int64_t vector = 0; vector < all; vector += stride) {
    int64_t batch = vector / vectors, first = vector % vectors * shape.lanes;
    steps.assign(size, 0);
    for (int64_t term = 0; term < terms; ++term)
      for (int64_t i = 0; i < shape.lanes && first + i < lanes; ++i)
        steps[term / shape.products * shape.getStepSize() + i * shape.products +
              term % shape.products] = weights.get(batch, first + i, term);
    use(steps);
  }
}
