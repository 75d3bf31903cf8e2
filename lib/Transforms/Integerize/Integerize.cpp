//===- Integerize.cpp - from an encoded network to integers -------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Transforms/Integerize.h"
#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/StringExtras.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_INTEGERIZEPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Keeps why patterns refused an operation, as long as it lives.
class Reasons : public RewriterBase::Listener {
public:
  void notifyPatternBegin(const Pattern &, Operation *op) override {
    root = op;
  }
  void
  notifyMatchFailure(Location loc,
                     function_ref<void(Diagnostic &)> reasonCallback) override {
    Diagnostic diagnostic(loc, DiagnosticSeverity::Remark);
    reasonCallback(diagnostic);
    // "It is another kind of operation" explains nothing.
    std::string reason = diagnostic.str();
    StringRef text(reason);
    if (text.starts_with("its input is not a") ||
        text.starts_with("no linear layer"))
      return;
    if (!llvm::is_contained(reasons[root], reason))
      reasons[root].push_back(reason);
  }
  void notifyOperationErased(Operation *op) override { reasons.erase(op); }

  /// What is known of `op`, or of the encode that asked for its codes.
  std::string find(Operation *op) const {
    auto found = reasons.find(op);
    if (found != reasons.end())
      return llvm::join(found->second, "; ");
    for (Operation *user : op->getUsers())
      if (isa<EncodeOp, tosa::ClampOp, tosa::AddOp>(user))
        if (std::string reason = find(user); !reason.empty())
          return reason;
    return "";
  }

private:
  Operation *root = nullptr;
  llvm::DenseMap<Operation *, SmallVector<std::string, 1>> reasons;
};

struct IntegerizePass : lowbit::impl::IntegerizePassBase<IntegerizePass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populateSinkDecodePatterns(set);
    populateIntegerizeContractionPatterns(set);
    populateIntegerizeRescalingPatterns(set);
    populateIntegerizeTablePatterns(set);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    Reasons reasons;
    GreedyRewriteConfig config;
    config.setListener(&reasons);
    if (failed(applyPatternsGreedily(getOperation(), patterns, config)))
      return signalPassFailure();
    getOperation()->walk([&](func::FuncOp function) {
      for (Operation &op : function.getOps())
        if (computesOnReals(&op))
          report(&op, reasons);
    });
  }

private:
  void report(Operation *op, const Reasons &reasons) {
    auto reason = op->getAttrOfType<StringAttr>(reasonName);
    std::string found = reason ? reason.getValue().str() : reasons.find(op);
    if (!reason && !found.empty())
      op->setAttr(reasonName, StringAttr::get(&getContext(), found));
    if (!requireInteger)
      return;
    InFlightDiagnostic diagnostic = op->emitOpError();
    diagnostic << "stays in float; --require-integer does not allow it";
    if (!found.empty())
      diagnostic.attachNote() << "reason: " << found;
    signalPassFailure();
  }

  static constexpr StringLiteral reasonName = "lowbit.reason";
  FrozenRewritePatternSet patterns;
};

} // namespace
