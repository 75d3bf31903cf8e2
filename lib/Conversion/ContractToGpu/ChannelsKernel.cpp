//===- ChannelsKernel.cpp - Threads for neighbouring channels -----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Depthwise convolutions have few terms in a sum, and no two channels share
// anything. A thread computes four neighbouring channels of one window: what a warp
// reads and writes lies side by side.

#include "GpuKernelBuilder.h"

#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

class ChannelsKernel : public GpuKernelBuilder {
public:
  using GpuKernelBuilder::GpuKernelBuilder;
  using Values = SmallVector<Value>;

  LogicalResult run(std::string &reason) {
    if (!describe(reason))
      return failure();
    if (operands[0].strides[loops.lane] != 1 ||
        operands[1].strides[loops.lane] != 1) {
      reason = "its operands are not contiguous along the channels";
      return failure();
    }
    if (!operands[0].elementType.isInteger()) {
      reason = "it multiplies real numbers";
      return failure();
    }
    width = numLanes % 4 == 0 && isAligned(0) && isAligned(1) ? 4 : 1;
    buildKernel();
    return success();
  }

private:
  bool isAligned(unsigned i) const {
    return alignment(operands[i], [&](unsigned loop) {
             return loop != loops.lane;
           }) >= 4 * bytes(operands[i]);
  }

  void buildKernel() {
    constexpr int64_t threads = 128;
    int64_t groups = numLanes / width;
    int64_t items = numRows * groups;
    launch(llvm::divideCeil(items, threads), numBatches, threads);
    Value item = build.add(build.multiply(blockId, threads), threadId);
    build.when(items % threads ? build.less(item, items) : Value(), [&] {
      Value lane = build.multiply(build.remainder(item, groups), width);
      Value row = build.divide(item, groups);
      Value lhs =
          build.advance(pointer(operands[0], batchId),
                        build.add(offset(operands[0], loops.rows, row),
                                  build.multiply(lane, bytes(operands[0]))));
      Value rhs = build.advance(pointer(operands[1], batchId),
                                build.multiply(lane, bytes(operands[1])));
      Values sums(width, build.number(0));
      int64_t terms = count(loops.reduction);
      // Inner terms are written out.
      int64_t inner = 1;
      for (unsigned loop : llvm::reverse(loops.reduction)) {
        if (inner * loops.sizes[loop] > 16)
          break;
        inner *= loops.sizes[loop];
      }
      sums = build.repeat(terms / inner, sums,
                          [&](Value trip, ValueRange carried) {
                            Values next(carried);
                            Value first = build.multiply(trip, inner);
                            for (int64_t i = 0; i < inner; ++i)
                              addTerm(lhs, rhs, build.add(first, i), next);
                            return next;
                          });
      finish(sums, batchId, row, lane, loadUniform(width, batchId, lane));
    });
  }

  Values loadWords(unsigned i, Value base, Value term) {
    const LinearOperand &operand = operands[i];
    Value address = build.advance(base, offset(operand, loops.reduction, term));
    int64_t size = width * bytes(operand);
    Values words;
    if (width == 1) {
      words.push_back(build.load(operand.elementType, address, size, true));
    } else {
      auto type = VectorType::get({width}, operand.elementType);
      Value loaded = build.load(type, address, size, true);
      for (int64_t v = 0; v < width; ++v)
        words.push_back(vector::ExtractOp::create(build, loaded, v));
    }
    for (Value &word : words)
      word = readCode(build, word, operand.format);
    return words;
  }

  void addTerm(Value lhs, Value rhs, Value term, Values &sums) {
    Values x = loadWords(0, lhs, term), w = loadWords(1, rhs, term);
    for (int64_t v = 0; v < width; ++v)
      sums[v] = build.add(sums[v], arith::MulIOp::create(build, x[v], w[v]));
  }

  int64_t width = 1;
};

} // namespace

LogicalResult lowbit::buildChannelsKernel(OpBuilder &builder, ContractOp op,
                                          const ContractionLoops &loops,
                                          const GpuPrimitive &primitive,
                                          ArrayRef<int64_t> shape,
                                          std::string &reason) {
  if (!shape.empty()) {
    reason = "kernels of channels have no tile";
    return failure();
  }
  return ChannelsKernel(builder, op, loops, primitive).run(reason);
}
