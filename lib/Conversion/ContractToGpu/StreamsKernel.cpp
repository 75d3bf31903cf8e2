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
// where w - least has 2 or 4 bits and meets four x in one dp4a after a shift
// and a mask. Both sums of a lane are added up, then those of all lanes.
//
// Sums that are too short for a warp, such as those of groups of weights with a
// scale each, have a lane for each column: weights of 32 columns lie side by
// side, and all lanes read the same x.

#include "GpuKernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

constexpr int64_t mostRows = 8;
/// Terms of a sum from which on it goes across the lanes of a warp.
constexpr int64_t leastTermsOfWarp = 128;
/// Bytes that a lane reads at once, and 16-byte loads that are under way.
constexpr int64_t loadBytes = 16, loadsUnderWay = 8;

class StreamsKernel : public GpuKernelBuilder {
public:
  using GpuKernelBuilder::GpuKernelBuilder;
  using Values = SmallVector<Value>;

  LogicalResult run(ArrayRef<int64_t> shape, std::string &reason) {
    if (!describe(reason))
      return failure();
    if (numRows > mostRows) {
      reason = "it has more than 8 rows";
      return failure();
    }
    runOfLhs = findRun(loops, operands[0]);
    if (!runOfLhs.outer.empty()) {
      reason = "its lhs is not contiguous along the sum";
      return failure();
    }
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
    weights = packStream(build, op, loops, operands[1], runOfLhs,
                         warpColumns() * warps, acrossLanes);
    if (!weights) {
      reason = "its weights are not constant";
      return failure();
    }
    buildKernel();
    return success();
  }

private:
  /// Terms of a step.
  int64_t terms() const {
    return (acrossLanes ? warpSize : 1) * loadBytes * 8 / weights->bits;
  }

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
        build.multiply(lane, loadBytes));
    weightPointer = build.advance(pointerOf(weights->words.memref), first);
    Value lhs = pointer(operands[0], batchId);
    for (int64_t row = 0; row < numRows; ++row)
      rowPointers.push_back(build.advance(
          lhs, offset(operands[0], loops.rows, build.number(row))));

    int64_t steps = pitch / (acrossLanes ? warpSize * loadBytes : loadBytes);
    int64_t together =
        std::min(steps, std::max<int64_t>(loadsUnderWay / columns, 1));
    // One sum for each row and column, then one of each row's x.
    Values sums(numRows * columns + (weights->least != 0 ? numRows : 0),
                build.number(0));
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
    auto type = VectorType::get({4}, build.getI32Type());
    Value start = build.advance(weightPointer,
                                build.multiply(step, warpSize * loadBytes));
    Values loaded;
    for (int64_t i = 0; i < number; ++i)
      for (int64_t c = 0; c < columns; ++c)
        loaded.push_back(build.load(
            type,
            build.advance(start, Value(),
                          c * weights->words.pitch + i * warpSize * loadBytes),
            loadBytes, /*invariant=*/true));
    for (int64_t i = 0; i < number; ++i) {
      Value term = build.multiply(build.add(step, i), terms());
      if (acrossLanes)
        term = build.add(term, build.multiply(lane, loadBytes));
      addStep(term, ArrayRef<Value>(loaded).slice(i * columns, columns), sums);
    }
    return sums;
  }

  void addStep(Value term, ArrayRef<Value> loaded, Values &sums) {
    int64_t parts = 8 / weights->bits;
    bool isWhole = weights->bits == 8;
    NVVM::DotAccumulateType weightType =
        isWhole && isSignedStorage(op.getFormat(1))
            ? NVVM::DotAccumulateType::SIGNED
            : NVVM::DotAccumulateType::UNSIGNED;
    SmallVector<Values> lhs;
    for (int64_t row = 0; row < numRows; ++row) {
      lhs.push_back(loadTerms(rowPointers[row], term));
      if (weights->least != 0)
        for (Value word : lhs.back()) {
          Value &sum = sums[numRows * columns + row];
          sum = dot(word, build.number(0x01010101),
                    NVVM::DotAccumulateType::UNSIGNED, sum);
        }
    }
    for (int64_t c = 0; c < columns; ++c)
      for (int64_t w = 0; w < 4; ++w) {
        Value word = vector::ExtractOp::create(build, loaded[c], w);
        for (int64_t part = 0; part < parts; ++part) {
          Value codes = word;
          if (part != 0)
            codes = arith::ShRUIOp::create(build, codes,
                                           build.number(part * weights->bits));
          if (!isWhole)
            codes = arith::AndIOp::create(
                build, codes,
                build.number(weights->bits == 4 ? 0x0F0F0F0F : 0x03030303));
          for (int64_t row = 0; row < numRows; ++row) {
            Value &sum = sums[row * columns + c];
            sum = dot(lhs[row][part * 4 + w], codes, weightType, sum);
          }
        }
      }
  }

  /// `sum` plus the products of four terms of lhs and four codes.
  Value dot(Value lhs, Value codes, NVVM::DotAccumulateType type, Value sum) {
    auto bytes = VectorType::get({4}, build.getI8Type());
    auto lhsType = isSignedStorage(op.getFormat(0))
                       ? NVVM::DotAccumulateType::SIGNED
                       : NVVM::DotAccumulateType::UNSIGNED;
    return NVVM::DotAccumulate4WayOp::create(
        build, build.getI32Type(), LLVM::BitcastOp::create(build, bytes, lhs),
        lhsType, LLVM::BitcastOp::create(build, bytes, codes), type, sum);
  }

  /// The words of a row that meet 16 bytes of weights: four for each part, the first
  /// at `term`. Terms beyond the last meet weights of zero, and are read elsewhere.
  Values loadTerms(Value row, Value term) {
    int64_t partTerms = acrossLanes ? warpSize * loadBytes : loadBytes;
    Values words;
    for (int64_t part = 0; part < 8 / weights->bits; ++part)
      loadPart(row, build.add(term, part * partTerms), words);
    return words;
  }

  void loadPart(Value row, Value term, Values &words) {
    int64_t length = runOfLhs.length;
    auto begins = [&](unsigned loop) {
      return !llvm::is_contained(loops.reduction, loop);
    };
    int64_t piece = std::min(alignment(operands[0], begins), length & -length);
    bool ragged = weights->words.pitch * 8 / weights->bits != length;
    Values parts;
    for (int64_t first = 0; first < loadBytes; first += piece) {
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

  /// The lane's sum for row `row` and its column `c`.
  Value totalOf(ArrayRef<Value> sums, int64_t row, int64_t c) {
    Value sum = sums[row * columns + c];
    if (weights->least == 0)
      return sum;
    return build.add(
        sum, build.multiply(sums[numRows * columns + row], weights->least));
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

  bool acrossLanes = true;
  /// Columns of a lane, and warps of a block.
  int64_t columns = 2, warps = 4;
  ReductionRun runOfLhs;
  std::optional<StreamedWeights> weights;
  Value lane, weightPointer;
  Values rowPointers;
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
  return StreamsKernel(builder, op, loops, primitive).run(shape, reason);
}
