//===- GroupsKernel.cpp - Streams of weights with scales of groups --------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each sum of a group goes through the epilogue, and what that makes of the groups is
// added up in f32, in the groups' order. A block computes 32 columns, one in each lane.
// Its warps share the groups: they put what a group became into shared memory. Then a
// warp for each row adds up, in order; that is one addition for each group, and short
// beside the stream of weights. Where shared memory does not hold all groups, that
// happens once for each part of them.

#include "StreamsKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

class GroupsKernel : public StreamsKernel {
public:
  using StreamsKernel::StreamsKernel;

  LogicalResult run(ArrayRef<int64_t> shape, std::string &reason) {
    acrossLanes = false;
    if (!prepare(reason))
      return failure();
    if (runOfLhs.length > mostTerms) {
      reason = "its groups are too long for a lane";
      return failure();
    }
    numGroups = count(loops.groups);
    warps =
        std::max<int64_t>(llvm::PowerOf2Ceil(numRows),
                          std::min<int64_t>(8, llvm::PowerOf2Ceil(numGroups)));
    if (!shape.empty()) {
      warps = shape[1];
      if (shape[0] != 1 || warps > 32) {
        reason = "its tile does not suit warps";
        return failure();
      }
    }
    if (!pack(warpSize, reason))
      return failure();
    chooseParts();
    buildKernel();
    return success();
  }

private:
  /// Groups whose values lie in shared memory, a multiple of those that the block
  /// computes at once.
  void chooseParts() {
    int64_t most = sharedBytes / (numRows * warpSize * 4);
    int64_t steps = weights->runPitch / weights->loadBytes;
    together = std::max<int64_t>(1, loadsUnderWay / steps);
    // What they meet of lhs has registers, too.
    int64_t words = numRows * steps * terms() / 4;
    together = std::min(together, std::max<int64_t>(1, mostWords / words));
    together = std::min(together, std::max<int64_t>(1, most / warps));
    together = std::min<int64_t>(together, llvm::divideCeil(numGroups, warps));
    int64_t atOnce = together * warps;
    partGroups = llvm::alignTo(std::min(numGroups, most), atOnce);
    if (partGroups > most && partGroups > atOnce)
      partGroups -= atOnce;
    // LLVM writes out so few additions, and all their values get registers: there
    // would be room for one block only.
    if (partGroups > 64 && partGroups <= 144)
      partGroups = std::max<int64_t>(atOnce, llvm::alignDown(64, atOnce));
  }

  void buildKernel() {
    int64_t parts = llvm::divideCeil(numGroups, partGroups);
    launch(llvm::divideCeil(numLanes, warpSize), numBatches, warps * warpSize,
           partGroups * numRows * warpSize * 4);
    auto sharedType = MemRefType::get(
        {ShapedType::kDynamic}, build.getI8Type(), MemRefLayoutAttrInterface(),
        gpu::AddressSpaceAttr::get(build.getContext(),
                                   gpu::AddressSpace::Workgroup));
    lane = build.remainder(threadId, warpSize);
    warp = build.divide(threadId, warpSize);
    shared = build.advance(
        pointerOf(gpu::DynamicSharedMemoryOp::create(build, sharedType)),
        build.multiply(lane, 4));
    Value first = build.multiply(blockId, warpSize);
    column = build.add(first, lane);
    Value weightRow =
        build.add(build.multiply(batchId, weights->words.lanes), first);
    weightPointer =
        build.advance(pointerOf(weights->words.memref),
                      build.add(build.multiply(weightRow, weights->words.pitch),
                                build.multiply(lane, weights->loadBytes)));
    Value lhs = pointer(operands[0], batchId);
    for (int64_t row = 0; row < numRows; ++row)
      rowPointers.push_back(build.advance(
          lhs, offset(operands[0], loops.rows, build.number(row))));

    Value zero = arith::ConstantOp::create(build, build.getF32FloatAttr(0));
    Values totals = build.repeat(
        parts, Values(rowsOfWarp(), zero), [&](Value part, ValueRange carried) {
          Value begin = build.multiply(part, partGroups);
          build.repeat(
              partGroups / (warps * together), {}, [&](Value trip, ValueRange) {
                computeGroups(begin, build.multiply(trip, warps * together));
                return Values();
              });
          gpu::BarrierOp::create(build);
          Values sums = addUp(carried);
          gpu::BarrierOp::create(build);
          return sums;
        });
    Value inside = build.less(column, numLanes);
    forRows([&](int64_t i, Value row, Value isRow) {
      build.when(build.conjunction(inside, isRow),
                 [&] { storeWords(totals[i], batchId, row, column); });
    });
  }

  /// Rows that a warp adds up.
  int64_t rowsOfWarp() const { return llvm::divideCeil(numRows, warps); }

  /// Calls `body` for each row that the warp adds up, with its number and whether it
  /// exists; null if it does.
  void forRows(function_ref<void(int64_t, Value, Value)> body) {
    for (int64_t i = 0; i < rowsOfWarp(); ++i) {
      Value row = build.add(warp, i * warps);
      Value isRow;
      if ((i + 1) * warps > numRows)
        isRow = build.less(row, numRows);
      body(i, row, isRow);
    }
  }

  /// Where the value of a group of the part lies, and of a row.
  Value place(Value inPart, Value row) {
    int64_t rowBytes = warpSize * 4;
    return build.advance(shared,
                         build.add(build.multiply(inPart, numRows * rowBytes),
                                   build.multiply(row, rowBytes)));
  }

  /// What becomes of `together` groups for each warp, the first of them `trip` groups
  /// behind `begin`.
  void computeGroups(Value begin, Value trip) {
    int64_t steps = weights->runPitch / weights->loadBytes;
    int64_t stepBytes = warpSize * weights->loadBytes;
    bool exceeds = numGroups % partGroups != 0;
    Values inPart, isGroup, numbers, loaded;
    for (int64_t i = 0; i < together; ++i) {
      inPart.push_back(build.add(build.add(trip, warp), i * warps));
      Value number = build.add(begin, inPart.back());
      isGroup.push_back(exceeds ? build.less(number, numGroups) : Value());
      // The last group stands for those beyond it.
      if (exceeds)
        number = build.smallerOf(number, build.number(numGroups - 1));
      numbers.push_back(number);
      Value start = build.advance(weightPointer,
                                  build.multiply(number, steps * stepBytes));
      for (int64_t step = 0; step < steps; ++step)
        loaded.push_back(loadStep(start, step * stepBytes));
    }
    for (int64_t i = 0; i < together; ++i) {
      Values rows;
      for (Value pointer : rowPointers)
        rows.push_back(build.advance(
            pointer, offset(operands[0], loops.groups, numbers[i])));
      Values sums = firstSums();
      for (int64_t step = 0; step < steps; ++step)
        addStep(build.number(step * terms()), rows, loaded[i * steps + step],
                sums);
      finishGroup(numbers[i], inPart[i], isGroup[i], sums);
    }
  }

  void finishGroup(Value number, Value inPart, Value isGroup,
                   ArrayRef<Value> sums) {
    group = number;
    Values uniform = loadUniform(1, batchId, column);
    Value at = build.smallerOf(column, build.number(numLanes - 1));
    for (int64_t row = 0; row < numRows; ++row) {
      Values arguments;
      for (auto [i, value] : llvm::enumerate(uniform))
        arguments.push_back(
            value ? value
                  : loadEpilogueOperand(i, batchId, build.number(row), at));
      Value value = runEpilogue(totalOf(sums, row, 0), arguments);
      // Nothing changes when a zero with a sign is added.
      if (isGroup)
        value = build.choose(
            isGroup, value,
            arith::ConstantOp::create(build, build.getF32FloatAttr(-0.0f)));
      build.store(value, place(inPart, build.number(row)), 4);
    }
    group = {};
  }

  /// Adds the groups of a part to the totals of the warp's rows.
  Values addUp(ValueRange totals) {
    // As many values are under way.
    int64_t ahead = 1;
    while (ahead < 16 && partGroups % (ahead * 2) == 0)
      ahead *= 2;
    Values results;
    forRows([&](int64_t i, Value row, Value isRow) {
      // Rows beyond the last take its place, and are not stored.
      if (isRow)
        row = build.smallerOf(row, build.number(numRows - 1));
      Values total = build.repeat(
          partGroups / ahead, totals[i], [&](Value trip, ValueRange carried) {
            Values values;
            for (int64_t next = 0; next < ahead; ++next)
              values.push_back(build.load(
                  build.getF32Type(),
                  place(build.add(build.multiply(trip, ahead), next), row), 4,
                  /*invariant=*/false));
            Value sum = carried[0];
            for (Value value : values)
              sum = arith::AddFOp::create(build, sum, value);
            return Values{sum};
          });
      results.push_back(total[0]);
    });
    return results;
  }

  /// Of a block, for values of groups; terms of a group; words of lhs that groups which
  /// are computed together have.
  static constexpr int64_t sharedBytes = 32 * 1024, mostTerms = 512,
                           mostWords = 64;

  int64_t numGroups = 1, partGroups = 1, together = 1;
  Value warp, shared, column;
};

} // namespace

LogicalResult lowbit::buildGroupsKernel(OpBuilder &builder, ContractOp op,
                                        const ContractionLoops &loops,
                                        const GpuPrimitive &primitive,
                                        ArrayRef<int64_t> shape,
                                        std::string &reason) {
  if (!shape.empty() && shape.size() != 2) {
    reason = "a tile of groups has two numbers";
    return failure();
  }
  return GroupsKernel(builder, op, loops, primitive).run(shape, reason);
}
