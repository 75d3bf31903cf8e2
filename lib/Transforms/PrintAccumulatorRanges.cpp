//===- PrintAccumulatorRanges.cpp - Between which numbers sums lie --------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/AccumulatorRange.h"
#include "lowbit/Transforms/Passes.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_PRINTACCUMULATORRANGESPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

struct PrintAccumulatorRangesPass
    : lowbit::impl::PrintAccumulatorRangesPassBase<PrintAccumulatorRangesPass> {
  using Base::Base;

  void runOnOperation() override {
    if (lanes < 1 || step < 2 || step % 2 != 0) {
      emitError(getOperation()->getLoc())
          << "expects at least one lane and an even step, but got "
          << lanes.getValue() << " and " << step.getValue();
      return signalPassFailure();
    }
    getOperation()->walk([&](ContractOp op) { print(op); });
    markAllAnalysesPreserved();
  }

private:
  void print(ContractOp op) {
    std::string reason;
    std::optional<ContractionLoops> loops = analyzeLoops(op, reason);
    std::optional<ContractionWeights> weights;
    if (loops && op.getProduct() == Product::Multiply)
      weights = ContractionWeights::read(op, *loops);
    if (!weights) {
      op.emitRemark() << "the range of its sums is not known: "
                      << (loops ? "it has no constant integer weights, or "
                                  "counts bits"
                                : reason);
      return;
    }
    std::pair<int64_t, int64_t> codes = getStorageRange(op.getFormat(0));
    int64_t all = weights->getNumLanes();
    InFlightDiagnostic remark = op.emitRemark();
    describe(remark, getAccumulatorRange(*weights, codes, step, 0, all));
    for (int64_t lane = 0; lane < all; lane += lanes) {
      AccumulatorRange range = getAccumulatorRange(*weights, codes, step, lane,
                                                   std::min(lane + lanes, all));
      Diagnostic &note = remark.attachNote();
      note << "channels " << range.firstLane << " to " << range.lastLane
           << ": ";
      describe(note, range);
    }
    // Such as vpmaddubsw takes.
    Type right = op.getFormat(1);
    if (codes.first == 0 && isSignedStorage(right) &&
        getWordType(right).getIntOrFloatBitWidth() == 8)
      describeExcess(remark.attachNote(), *weights, codes.second);
  }

  /// What large weights need besides where 16 bits add up some steps.
  void describeExcess(Diagnostic &note, const ContractionWeights &weights,
                      int64_t highest) {
    StepShape shape{8, step};
    int64_t limit = getWeightLimit(highest);
    note << "16-bit sums of";
    SmallVector<int64_t> further;
    int64_t steps = 0;
    for (int64_t chunk : {1, 2, 4, 8}) {
      note << (chunk == 1 ? " " : ", ") << chunk;
      further.push_back(0);
      steps = 0;
      sampleSteps(weights, shape, [&](ArrayRef<int8_t> run) {
        SmallVector<int8_t> copy(run);
        steps += run.size() / shape.getStepSize();
        further.back() += takeExcess(copy, shape, chunk, limit,
                                     [](int64_t, ArrayRef<int8_t>) {});
      });
    }
    note << " steps take ";
    llvm::interleaveComma(further, note);
    note << " further steps to " << steps << " for large weights";
  }

  template <typename Stream>
  static void describe(Stream &os, const AccumulatorRange &range) {
    auto print = [&](SumRange sum) {
      os << "[" << sum.low << ", " << sum.high << "]";
    };
    os << "sums lie in ";
    print(range.sum);
    os << ": " << range.sum.getWidth() << " bits; pairs of products in ";
    print(range.pair);
    if (range.run == 0)
      os << ", which exceeds 16-bit sums";
    else
      os << ", so that 16-bit sums hold " << range.run << " of them";
  }
};

} // namespace
