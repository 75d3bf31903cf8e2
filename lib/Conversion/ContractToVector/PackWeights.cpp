//===- PackWeights.cpp - Weights in the order of a kernel -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExcessCollector.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Copies the elements of a constant into packed order.
struct WeightPacker {
  const ContractionLoops &loops;
  const LinearOperand &rhs;
  const ReductionRun &run;
  int64_t products, bytesPerElement;
  ArrayRef<char> source;
  bool splat;
  SmallVector<char> packed;
  /// Lanes of a vector whose two halves alternate; 0 where lanes lie in order.
  int64_t alternating = 0;
  WeightNumbers codes = {};
  /// The last group of a run holds its last terms, behind zeros.
  bool endsEarly = false;

  void append(std::optional<int64_t> index) {
    size_t start = packed.size();
    packed.resize(start + bytesPerElement, 0);
    if (!index)
      return;
    int64_t from = splat ? 0 : *index;
    std::copy_n(source.begin() + from * bytesPerElement, bytesPerElement,
                packed.begin() + start);
  }

  void walk(ArrayRef<unsigned> walked, int64_t offset,
            function_ref<void(int64_t)> body) {
    walkLoops(loops, walked, rhs.strides, offset, body);
  }

  void packPanel(int64_t offset, int64_t firstLane, int64_t width,
                 ArrayRef<int64_t> runOffsets,
                 ExcessCollector *excess = nullptr) {
    int64_t lanes = loops.sizes[loops.lane];
    size_t trip = 0;
    walk(run.outer, offset, [&](int64_t base) {
      size_t start = packed.size();
      for (int64_t k = 0; k < run.length; k += products)
        for (int64_t i = 0; i < width; ++i) {
          int64_t lane = firstLane + getLane(i);
          int64_t first = endsEarly ? std::min(k, run.length - products) : k;
          for (int64_t term = first; term < first + products; ++term) {
            std::optional<int64_t> index;
            if (lane < lanes && term >= k && term < run.length)
              index = base + lane * rhs.strides[loops.lane] + runOffsets[term];
            append(index);
          }
        }
      if (codes.isPacked())
        fold(start, width * products);
      if (excess)
        excess->take(MutableArrayRef(packed).drop_front(start), width, trip++);
    });
    if (excess)
      excess->closePanel();
  }

  /// Makes blocks of the steps from `start` on, each of `size` weights.
  void fold(size_t start, int64_t size) {
    SmallVector<char> words(ArrayRef(packed).drop_front(start));
    auto get = [&](int64_t i) -> int16_t {
      if (bytesPerElement == 1)
        return static_cast<int8_t>(words[i]);
      return reinterpret_cast<const int16_t *>(words.data())[i];
    };
    int64_t perBlock = codes.countSteps(), vectors = codes.countVectors();
    int64_t count = words.size() / (size * bytesPerElement);
    int64_t joined = codes.joined, bytes = size * joined;
    packed.truncate(start);
    packed.resize(start + llvm::divideCeil(count, perBlock) * vectors * bytes,
                  0);
    for (int64_t step = 0; step < count; ++step)
      for (auto piece : codes.getPieces(step % perBlock / joined)) {
        char *to = packed.data() + start +
                   (step / perBlock * vectors + piece.vector) * bytes;
        unsigned mask = (1u << piece.count) - 1;
        for (int64_t i = 0; i < size; ++i) {
          int64_t place =
              joined == 1 ? i : (i / 8 * joined + step % joined) * 8 + i % 8;
          to[place] |= (codes.find(get(step * size + i)) >> piece.to & mask)
                       << piece.at;
        }
      }
  }

  /// Calls `body` with each run of the lanes from `first` on, as many as a vector of
  /// `shape` has: its weights by steps, lanes and products.
  void walkVector(int64_t offset, int64_t first, StepShape shape,
                  ArrayRef<int64_t> runOffsets,
                  function_ref<void(ArrayRef<int8_t>)> body) {
    int64_t steps = llvm::divideCeil(run.length, shape.products);
    int64_t lanes = std::min(shape.lanes, loops.sizes[loops.lane] - first);
    SmallVector<int8_t> weights;
    walk(run.outer, offset, [&](int64_t base) {
      weights.assign(steps * shape.getStepSize(), 0);
      for (int64_t lane = 0; lane < lanes; ++lane)
        for (int64_t term = 0; term < run.length; ++term)
          weights[term / shape.products * shape.getStepSize() +
                  lane * shape.products + term % shape.products] =
              source[splat ? 0
                           : base + (first + lane) * rhs.strides[loops.lane] +
                                 runOffsets[term]];
      body(weights);
    });
  }

  /// The lane at place `i` of a panel.
  int64_t getLane(int64_t i) const {
    if (alternating == 0)
      return i;
    int64_t within = i % alternating;
    return i - within + within % 2 * (alternating / 2) + within / 2;
  }
};

} // namespace

int64_t lowbit::findPartialSteps(ContractOp op, const ContractionLoops &loops,
                                 const LinearOperand &rhs,
                                 const ReductionRun &run,
                                 const Primitive &primitive,
                                 int64_t mostSteps) {
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  if (!global)
    return 1;
  WeightPacker packer{loops, rhs, run, primitive.products, 1, {}, false, {}};
  packer.source = getGlobalBytes(global, packer.splat);
  if (packer.source.empty())
    return 1;
  int64_t highest = getStorageRange(op.getFormat(0)).second;
  int64_t limit = std::numeric_limits<int16_t>::max();
  SmallVector<int64_t> runOffsets = getRunOffsets(loops, run, rhs.strides);
  int64_t steps = mostSteps;
  // Every sum of 16 bits takes two neighbours of each step. With codes from 0 to
  // the highest, it lies between the sums of negative and of positive weights.
  auto check = [&](int64_t base) {
    for (int64_t half = 0; half < primitive.products; half += 2)
      for (int64_t first = 0; first < run.length && steps > 1;) {
        int64_t positive = 0, negative = 0;
        int64_t end = first + steps * primitive.products;
        for (int64_t step = first; step < end; step += primitive.products)
          for (int64_t term = step + half; term < step + half + 2; ++term) {
            if (term >= run.length)
              continue;
            int64_t index = packer.splat ? 0 : base + runOffsets[term];
            int64_t weight = static_cast<int8_t>(packer.source[index]);
            (weight < 0 ? negative : positive) += std::abs(weight);
          }
        if (std::max(positive, negative) * highest > limit) {
          steps /= 2; // and from here on again: shorter sums are parts
          continue;
        }
        first = end;
      }
  };
  packer.walk(loops.batch, 0, [&](int64_t batch) {
    for (int64_t lane = 0; lane < loops.sizes[loops.lane]; ++lane)
      packer.walk(run.outer, batch + lane * rhs.strides[loops.lane], check);
  });
  return steps;
}

std::optional<PartialLimit>
lowbit::choosePartialLimit(ContractOp op, const ContractionLoops &loops,
                           const LinearOperand &rhs, const ReductionRun &run,
                           const Primitive &primitive, int64_t mostSteps) {
  constexpr int64_t mostWeights = 1 << 18;
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  // What a file keeps in few bits would need more with other values.
  if (!global || getStorage(global))
    return std::nullopt;
  WeightPacker packer{loops, rhs, run, primitive.products, 1, {}, false, {}};
  packer.source = getGlobalBytes(global, packer.splat);
  if (packer.source.empty())
    return std::nullopt;
  StepShape shape{primitive.lanes, primitive.products};
  SmallVector<int64_t> runOffsets = getRunOffsets(loops, run, rhs.strides);
  int64_t lanes = loops.sizes[loops.lane];
  int64_t stride = llvm::divideCeil(packer.source.size(), mostWeights);
  // Some vectors tell enough.
  auto walk = [&](function_ref<void(ArrayRef<int8_t>)> use) {
    int64_t vector = 0;
    packer.walk(loops.batch, 0, [&](int64_t offset) {
      for (int64_t lane = 0; lane < lanes; lane += shape.lanes)
        if (vector++ % stride == 0)
          packer.walkVector(offset, lane, shape, runOffsets, use);
    });
  };
  int64_t limit = getWeightLimit(getStorageRange(op.getFormat(0)).second);
  PartialSums sums =
      choosePartialSums(walk, shape, limit, primitive.widening, mostSteps);
  return PartialLimit{sums.chunk, limit};
}

std::optional<PackedWeights>
lowbit::packWeights(OpBuilder &builder, ContractOp op,
                    const ContractionLoops &loops, const LinearOperand &lhs,
                    const LinearOperand &rhs, const ReductionRun &run,
                    const Primitive &primitive, const PackingPlan &plan) {
  const auto &[tile, fill, codes, endsEarly, partial, indices] = plan;
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  if (!global)
    return std::nullopt;
  Type element = rhs.elementType;
  WeightPacker packer{loops,
                      rhs,
                      run,
                      primitive.products,
                      element.getIntOrFloatBitWidth() / 8,
                      {},
                      false,
                      {}};
  packer.source =
      indices.empty() ? getGlobalBytes(global, packer.splat) : indices;
  if (packer.source.empty())
    return std::nullopt;
  if (primitive.looksUp)
    packer.alternating = primitive.lanes;
  packer.codes = codes;
  packer.endsEarly = endsEarly;

  int64_t lanes = loops.sizes[loops.lane];
  int64_t width = tile.vectors * primitive.lanes;
  int64_t tailWidth = llvm::alignTo(lanes % width, fill); // 0 for none
  int64_t runSteps = llvm::divideCeil(
      run.length,
      primitive.products * (codes.isPacked() ? codes.countSteps() : 1));
  int64_t outerSteps = 1;
  for (unsigned loop : run.outer)
    outerSteps *= loops.sizes[loop];
  PackedWeights result;
  result.codes = codes;
  int64_t perColumn = primitive.products * codes.countVectors() * codes.joined;
  result.runStride = width * perColumn;
  result.outerStride = runSteps * result.runStride;
  result.panelStride = outerSteps * result.outerStride;
  result.tailOffset = (lanes / width) * result.panelStride;
  result.tailRunStride = tailWidth * perColumn;
  result.tailOuterStride = runSteps * result.tailRunStride;
  result.batchStride = result.tailOffset + outerSteps * result.tailOuterStride;

  result.vectorSize = result.panelStride / tile.vectors;

  std::optional<ExcessCollector> excess;
  if (partial) {
    SmallVector<int64_t> tripOffsets;
    walkLoops(loops, run.outer, lhs.strides, 0,
              [&](int64_t offset) { tripOffsets.push_back(offset); });
    excess.emplace(StepShape{primitive.lanes, primitive.products}, *partial,
                   run.length, std::move(tripOffsets));
  }
  ExcessCollector *collector = excess ? &*excess : nullptr;
  SmallVector<int64_t> runOffsets =
      indices.empty() ? getRunOffsets(loops, run, rhs.strides)
                      : llvm::to_vector(llvm::seq(run.length));
  packer.walk(loops.batch, 0, [&](int64_t offset) {
    int64_t lane = 0;
    for (; lane + width <= lanes; lane += width)
      packer.packPanel(offset, lane, width, runOffsets, collector);
    if (tailWidth != 0)
      packer.packPanel(offset, lane, tailWidth, runOffsets, collector);
  });
  if (excess)
    result.excess = excess->build(builder, op.getLoc(), global);
  memref::GlobalOp copy =
      createPackedGlobal(builder, global, "_packed", packer.packed,
                         codes.isPacked() ? builder.getI8Type() : element);
  if (codes.isPacked())
    keepWords(copy);
  else
    copyStorage(global, copy);
  result.flat = memref::GetGlobalOp::create(builder, op.getLoc(),
                                            copy.getType(), copy.getSymName());
  return result;
}

std::optional<LinearOperand> lowbit::sumWeights(OpBuilder &builder,
                                                ContractOp op,
                                                const ContractionLoops &loops,
                                                const LinearOperand &rhs,
                                                int32_t factor) {
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  if (!global ||
      !(rhs.elementType.isInteger(8) || rhs.elementType.isInteger(16)))
    return std::nullopt;
  ReductionRun none;
  WeightPacker packer{loops, rhs, none, 1, 1, {}, false, {}};
  packer.source = getGlobalBytes(global, packer.splat);
  if (packer.source.empty())
    return std::nullopt;

  LinearOperand sums;
  sums.elementType = sums.format = builder.getI32Type();
  sums.strides.assign(op.getNumLoops(), 0);
  int64_t stride = 1;
  sums.strides[loops.lane] = stride;
  stride *= loops.sizes[loops.lane];
  SmallVector<unsigned> outer = loops.batch;
  llvm::append_range(outer, loops.groups);
  for (unsigned loop : llvm::reverse(outer)) {
    sums.strides[loop] = stride;
    stride *= loops.sizes[loop];
  }
  // As many additions as the sums themselves take; they wrap around alike.
  SmallVector<uint32_t> values;
  packer.walk(outer, 0, [&](int64_t batch) {
    for (int64_t lane = 0; lane < loops.sizes[loops.lane]; ++lane) {
      uint32_t sum = 0;
      packer.walk(loops.reduction, batch + lane * rhs.strides[loops.lane],
                  [&](int64_t index) {
                    int64_t at = packer.splat ? 0 : index;
                    const char *words = packer.source.data();
                    sum += rhs.elementType.isInteger(8)
                               ? static_cast<int8_t>(words[at])
                               : reinterpret_cast<const int16_t *>(words)[at];
                  });
      values.push_back(sum * static_cast<uint32_t>(factor));
    }
  });
  ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                       values.size() * sizeof(uint32_t));
  memref::GlobalOp made = createPackedGlobal(builder, global, "_correction",
                                             bytes, sums.elementType);
  sums.flat = memref::GetGlobalOp::create(builder, op.getLoc(), made.getType(),
                                          made.getSymName());
  return sums;
}
