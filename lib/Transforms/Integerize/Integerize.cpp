//===- Integerize.cpp - from an encoded network to integers -------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Transforms/Integerize.h"

#include "FloatGlue.h"
#include "RefusalReasons.h"
#include "Requantizer.h"

#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_INTEGERIZEPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

struct IntegerizePass : lowbit::impl::IntegerizePassBase<IntegerizePass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    llvm::Expected<Profile> known = parseProfile(profile);
    if (!known)
      return emitError(UnknownLoc::get(context))
             << llvm::toString(known.takeError());
    requantizer = Requantizer(*known);
    RewritePatternSet set(context);
    populateStepsPatterns(set);
    populateCodebookPatterns(set);
    populateGroupsPatterns(set);
    populateSplitTermsPatterns(set);
    populateSumOfLayersPatterns(set);
    populateSinkDecodePatterns(set);
    populateRaiseEncodePatterns(set, *known);
    populateEncodeEntryPatterns(set, *known);
    populateOnnxRuntimePatterns(set, *known);
    populateIntegerizeBatchNormPatterns(set, *known);
    populateIntegerizeThresholdPatterns(set, *known);
    populateIntegerizeContractionPatterns(set, *known);
    populateIntegerizeOpenLayerPatterns(set, *known);
    populateIntegerizeMatMulPatterns(set, *known);
    populateIntegerizeRuntimeScalesPatterns(set);
    populateIntegerizeReductionPatterns(set, *known);
    populateIntegerizeElementwisePatterns(set, *known);
    populateIntegerizeRescalingPatterns(set, *known);
    populateIntegerizeTablePatterns(set, *known);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    // Only profile onnx gives the bits of a model that adds the zero point
    // before it rounds.
    if (requantizer.getProfile() != Profile::Onnx)
      getOperation()->walk([](EncodeOp encode) {
        if (encode.getScaling() == Scaling::DivideShift)
          encode.setScaling(Scaling::Divide);
      });
    RefusalReasons reasons;
    GreedyRewriteConfig config;
    config.setListener(&reasons);
    if (failed(applyPatternsGreedily(getOperation(), patterns, config)))
      return signalPassFailure();
    getOperation()->walk(
        [&](EncodeOp encode) { requantizer.setCrossing(encode); });
    getOperation()->walk([&](func::FuncOp function) {
      if (requantizer.getProfile() == Profile::Onnx)
        markFloatGlue(function, reasons);
      for (Operation &op : function.getOps())
        if (computesOnReals(&op) && !isFloatGlue(&op))
          report(&op, reasons);
    });
  }

private:
  /// Leaves the reason on `op`. What was said of its unit before, by the
  /// recipe, comes before the patterns' words.
  void report(Operation *op, const RefusalReasons &reasons) {
    Operation *root = getQuantizationUnit(op).root;
    auto reason = root->getAttrOfType<StringAttr>(reasonName);
    if (reason)
      op->setAttr(reasonName, reason);
    if (std::string found = reason ? "" : reasons.explain(op); !found.empty()) {
      reason = StringAttr::get(&getContext(), found);
      op->setAttr(reasonName, reason);
    }
    if (!requireInteger)
      return;
    InFlightDiagnostic diagnostic = op->emitOpError();
    diagnostic << "stays in float; --require-integer does not allow it";
    if (reason)
      diagnostic.attachNote() << "reason: " << reason.getValue();
    signalPassFailure();
  }

  static constexpr StringLiteral reasonName = "lowbit.reason";
  Requantizer requantizer{Profile::Tosa};
  FrozenRewritePatternSet patterns;
};

} // namespace
