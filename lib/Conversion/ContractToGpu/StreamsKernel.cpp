//===- StreamsKernel.cpp - Weights that stream past a few rows ----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// With few rows the weights' way from memory is all that counts. A warp reads a
// few columns, each lane 16 bytes at a time, several of them under way at once;
// what few bits hold travels in few bits:
//
//   sum x w  =  sum x (w - least)  +  least sum x
//
// where w - least has 2 or 4 bits. Codes that lie in the same bits of four bytes meet
// four x in one dp4a after a mask; those of higher bits count 4, 16 or 64 times, in
// sums of their own that are shifted at the end. All sums of a lane are added up, then
// those of all lanes.
//
// Sums that are too short for a warp have a lane for each column: weights of 32
// columns lie side by side, and all lanes read the same x.

#include "StreamsKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Terms of a sum from which on it goes across the lanes of a warp.
static constexpr int64_t leastTermsOfWarp = 128;

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

bool StreamsKernel::prepare(std::string &reason) {
  if (!describe(reason))
    return false;
  if (numRows > mostRows) {
    reason = "it has more than 8 rows";
    return false;
  }
  runOfLhs = findRun(loops, operands[0]);
  if (runOfLhs.outer.size() != runOfLhs.numGroups) {
    reason = "its lhs is not contiguous along the sum";
    return false;
  }
  return true;
}

bool StreamsKernel::pack(int64_t lanes, std::string &reason) {
  weights =
      packStream(build, op, loops, operands[1], runOfLhs, lanes, acrossLanes);
  if (!weights) {
    reason = "its weights are not constant";
    return false;
  }
  // A lane's sums of the highest part must fit: codes and x have 8 bits there.
  constexpr int64_t mostTerms = 1 << 15;
  keepsParts = runOfLhs.length / (acrossLanes ? warpSize : 1) < mostTerms;
  return true;
}

StreamsKernel::Values StreamsKernel::firstSums() {
  return Values(numRows * columns * numParts() +
                    (weights->least != 0 ? numRows : 0),
                build.number(0));
}

Value StreamsKernel::loadStep(Value start, int64_t offset) {
  auto type = VectorType::get({weights->loadBytes / 4}, build.getI32Type());
  return build.load(type, build.advance(start, Value(), offset),
                    weights->loadBytes, /*invariant=*/true);
}

void StreamsKernel::addStep(Value term, ArrayRef<Value> rows,
                            ArrayRef<Value> loaded, Values &sums) {
  int64_t bits = weights->bits, parts = 8 / bits;
  int64_t words = weights->loadBytes / 4;
  NVVM::DotAccumulateType weightType =
      bits == 8 && isSignedStorage(op.getFormat(1))
          ? NVVM::DotAccumulateType::SIGNED
          : NVVM::DotAccumulateType::UNSIGNED;
  SmallVector<Values> lhs;
  for (auto [row, pointer] : llvm::enumerate(rows)) {
    lhs.push_back(loadTerms(pointer, term));
    if (weights->least != 0)
      for (Value word : lhs.back()) {
        Value &sum = sums[numRows * columns * numParts() + row];
        sum = dot(word, build.number(0x01010101),
                  NVVM::DotAccumulateType::UNSIGNED, sum);
      }
  }
  for (int64_t c = 0; c < columns; ++c)
    for (int64_t w = 0; w < words; ++w) {
      Value word = vector::ExtractOp::create(build, loaded[c], w);
      for (int64_t part = 0; part < parts; ++part) {
        Value codes = word;
        int64_t mask = bits == 4 ? 0x0F0F0F0F : 0x03030303;
        if (keepsParts)
          mask <<= part * bits;
        else if (part != 0)
          codes =
              arith::ShRUIOp::create(build, codes, build.number(part * bits));
        if (bits != 8)
          codes =
              arith::AndIOp::create(build, codes, build.number(int32_t(mask)));
        int64_t place = keepsParts ? part : 0;
        for (int64_t row = 0; row < numRows; ++row) {
          Value &sum = sums[(row * columns + c) * numParts() + place];
          sum = dot(lhs[row][part * words + w], codes, weightType, sum);
        }
      }
    }
}

/// `sum` plus the products of four terms of lhs and four codes.
Value StreamsKernel::dot(Value lhs, Value codes, NVVM::DotAccumulateType type,
                         Value sum) {
  auto bytes = VectorType::get({4}, build.getI8Type());
  auto lhsType = isSignedStorage(op.getFormat(0))
                     ? NVVM::DotAccumulateType::SIGNED
                     : NVVM::DotAccumulateType::UNSIGNED;
  return NVVM::DotAccumulate4WayOp::create(
      build, build.getI32Type(), LLVM::BitcastOp::create(build, bytes, lhs),
      lhsType, LLVM::BitcastOp::create(build, bytes, codes), type, sum);
}

/// The words of a row that meet a load of weights: as many for each part, the first at
/// `term`. Terms beyond the last meet weights of zero, and are read elsewhere.
StreamsKernel::Values StreamsKernel::loadTerms(Value row, Value term) {
  int64_t partTerms = (acrossLanes ? warpSize : 1) * weights->loadBytes;
  Values words;
  for (int64_t part = 0; part < 8 / weights->bits; ++part)
    loadPart(row, build.add(term, part * partTerms), words);
  return words;
}

void StreamsKernel::loadPart(Value row, Value term, Values &words) {
  int64_t length = runOfLhs.length;
  auto begins = [&](unsigned loop) {
    return !llvm::is_contained(loops.reduction, loop);
  };
  int64_t piece = std::min(
      {alignment(operands[0], begins), length & -length, weights->loadBytes});
  bool ragged = weights->runPitch * 8 / weights->bits != length;
  Values parts;
  for (int64_t first = 0; first < weights->loadBytes; first += piece) {
    Value at = build.add(term, first);
    if (ragged)
      at = build.choose(build.less(at, length), at, build.number(0));
    Value address = build.advance(row, at);
    if (piece > 4) {
      auto type = VectorType::get({piece / 4}, build.getI32Type());
      Value loaded = build.load(type, address, piece, /*invariant=*/true);
      for (int64_t w = 0; w < piece / 4; ++w)
        words.push_back(vector::ExtractOp::create(build, loaded, w));
      continue;
    }
    parts.push_back(
        build.load(build.getIntegerType(piece * 8), address, piece, true));
    if (int64_t(parts.size()) * piece < 4)
      continue;
    auto type = VectorType::get({4 / piece}, parts[0].getType());
    words.push_back(
        piece == 4 ? parts[0]
                   : LLVM::BitcastOp::create(
                         build, build.getI32Type(),
                         vector::FromElementsOp::create(build, type, parts)));
    parts.clear();
  }
}

Value StreamsKernel::totalOf(ArrayRef<Value> sums, int64_t row, int64_t c) {
  Value sum;
  for (int64_t part = 0; part < numParts(); ++part) {
    Value mine = sums[(row * columns + c) * numParts() + part];
    Value distance = build.number(part * weights->bits);
    if (part != 0 && isSignedStorage(op.getFormat(0)))
      mine = arith::ShRSIOp::create(build, mine, distance);
    else if (part != 0)
      mine = arith::ShRUIOp::create(build, mine, distance);
    sum = part == 0 ? mine : build.add(sum, mine);
  }
  if (weights->least == 0)
    return sum;
  return build.add(sum,
                   build.multiply(sums[numRows * columns * numParts() + row],
                                  weights->least));
}

//===----------------------------------------------------------------------===//
// Sums of warps and of lanes
//===----------------------------------------------------------------------===//

namespace {

class SumsKernel : public StreamsKernel {
public:
  using StreamsKernel::StreamsKernel;

  LogicalResult run(ArrayRef<int64_t> shape, std::string &reason) {
    if (!prepare(reason))
      return failure();
    acrossLanes = primitive.kernel == GpuKernel::Streams;
    if (acrossLanes && runOfLhs.length < leastTermsOfWarp) {
      reason = "its sums are too short for a warp";
      return failure();
    }
    if (!acrossLanes && runOfLhs.length >= leastTermsOfWarp) {
      reason = "its sums are too long for a lane";
      return failure();
    }
    columns = acrossLanes && numRows <= 4 ? 2 : 1;
    if (!shape.empty()) {
      columns = shape[0];
      warps = shape[1];
    }
    if (columns < 1 || columns * numRows > warpSize ||
        (columns != 1 && !acrossLanes) || warps < 1 || warps > 32) {
      reason = "its tile does not suit warps";
      return failure();
    }
    if (!pack(warpColumns() * warps, reason))
      return failure();
    buildKernel();
    return success();
  }

private:
  /// Columns of a warp.
  int64_t warpColumns() const { return acrossLanes ? columns : warpSize; }

  void buildKernel() {
    int64_t block = warpColumns() * warps;
    launch(llvm::divideCeil(numLanes, block), numBatches, warps * warpSize);
    lane = build.remainder(threadId, warpSize);
    Value warp = build.divide(threadId, warpSize);
    Value column = build.add(build.multiply(blockId, block),
                             build.multiply(warp, warpColumns()));
    int64_t pitch = weights->words.pitch;
    Value first = build.add(
        build.multiply(
            build.add(build.multiply(batchId, weights->words.lanes), column),
            pitch),
        build.multiply(lane, weights->loadBytes));
    weightPointer = build.advance(pointerOf(weights->words.memref), first);
    Value lhs = pointer(operands[0], batchId);
    for (int64_t row = 0; row < numRows; ++row)
      rowPointers.push_back(build.advance(
          lhs, offset(operands[0], loops.rows, build.number(row))));

    int64_t steps = pitch / ((acrossLanes ? warpSize : 1) * weights->loadBytes);
    int64_t together =
        std::min(steps, std::max<int64_t>(loadsUnderWay / columns, 1));
    Values sums = firstSums();
    if (steps >= together)
      sums = build.repeat(steps / together, sums,
                          [&](Value trip, ValueRange carried) {
                            return addSteps(build.multiply(trip, together),
                                            together, Values(carried));
                          });
    if (steps % together != 0)
      sums = addSteps(build.number(steps - steps % together), steps % together,
                      std::move(sums));
    finishColumns(column, sums);
  }

  /// Adds `number` steps from `step` on.
  Values addSteps(Value step, int64_t number, Values sums) {
    int64_t stepBytes = warpSize * weights->loadBytes;
    Value start = build.advance(weightPointer, build.multiply(step, stepBytes));
    Values loaded;
    for (int64_t i = 0; i < number; ++i)
      for (int64_t c = 0; c < columns; ++c)
        loaded.push_back(
            loadStep(start, c * weights->words.pitch + i * stepBytes));
    for (int64_t i = 0; i < number; ++i) {
      Value term = build.multiply(build.add(step, i), terms());
      if (acrossLanes)
        term = build.add(term, build.multiply(lane, weights->loadBytes));
      addStep(term, rowPointers,
              ArrayRef<Value>(loaded).slice(i * columns, columns), sums);
    }
    return sums;
  }

  void finishColumns(Value column, ArrayRef<Value> sums) {
    if (!acrossLanes) {
      column = build.add(column, lane);
      build.when(build.less(column, numLanes), [&] {
        Values uniform = loadUniform(1, batchId, column);
        for (int64_t row = 0; row < numRows; ++row)
          finish(totalOf(sums, row, 0), batchId, build.number(row), column,
                 uniform);
      });
      return;
    }
    int64_t count = numRows * columns;
    Value mine;
    for (int64_t i = 0; i < count; ++i) {
      Value sum = NVVM::ReduxOp::create(build, build.getI32Type(),
                                        totalOf(sums, i / columns, i % columns),
                                        NVVM::ReduxKind::ADD, build.number(-1));
      mine = i == 0 ? sum
                    : build.choose(
                          build.createOrFold<arith::CmpIOp>(
                              arith::CmpIPredicate::eq, lane, build.number(i)),
                          sum, mine);
    }
    Value row = build.divide(lane, columns);
    column = build.add(column, build.remainder(lane, columns));
    build.when(build.conjunction(build.less(lane, count),
                                 build.less(column, numLanes)),
               [&] {
                 finish(mine, batchId, row, column,
                        loadUniform(1, batchId, column));
               });
  }
};

} // namespace

LogicalResult lowbit::buildStreamsKernel(OpBuilder &builder, ContractOp op,
                                         const ContractionLoops &loops,
                                         const GpuPrimitive &primitive,
                                         ArrayRef<int64_t> shape,
                                         std::string &reason) {
  if (!shape.empty() && shape.size() != 2) {
    reason = "a tile of streams has two numbers";
    return failure();
  }
  return SumsKernel(builder, op, loops, primitive).run(shape, reason);
}
