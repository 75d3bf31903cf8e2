//===- ContractToVector.cpp - lowbit.contract on buffers to vectors ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"

#include "lowbit/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_CONVERTCONTRACTTOVECTORPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

struct ConvertContractToVectorPass
    : lowbit::impl::ConvertContractToVectorPassBase<
          ConvertContractToVectorPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<ContractOp> contracts;
    getOperation()->walk([&](ContractOp op) { contracts.push_back(op); });
    for (ContractOp op : contracts)
      if (failed(convert(op)))
        return signalPassFailure();
    eraseUnusedConstants(getOperation());
  }

private:
  /// Emits an error unless kSharingAttr, if it is there, lists rows that share packed
  /// weights with `primitive`, and `primitive` itself.
  static LogicalResult verifySharing(ContractOp op,
                                     const Primitive &primitive) {
    Attribute attribute = op->getAttr(kSharingAttr);
    if (!attribute)
      return success();
    auto shares = [&](Attribute name) {
      auto text = dyn_cast<StringAttr>(name);
      const Primitive *row =
          text ? lookupPrimitive(text, op.getContext()) : nullptr;
      return row && sharesPacking(*row, primitive);
    };
    auto names = dyn_cast<ArrayAttr>(attribute);
    if (names && llvm::all_of(names, shares) &&
        llvm::is_contained(names, op.getPrimitiveAttr()))
      return success();
    return op.emitOpError()
           << "expects '" << kSharingAttr
           << "' to list primitives that pack weights as '" << primitive.name
           << "' does, and that one, but got " << attribute;
  }

  LogicalResult convert(ContractOp op) {
    if (!op.hasPureBufferSemantics())
      return op.emitOpError()
             << "is on tensors; bufferize it before making a kernel of it";
    if (!op.getPrimitive())
      return op.emitOpError() << "has no primitive; use "
                                 "-lowbit-select-primitive first";
    const Primitive *primitive =
        lookupPrimitive(*op.getPrimitive(), op.getContext());
    if (!primitive)
      return op.emitOpError()
             << "names an unknown primitive '" << *op.getPrimitive() << "'";
    if (failed(verifySharing(op, *primitive)))
      return failure();
    std::string reason;
    std::optional<ContractionLoops> loops =
        analyzeLoops(op, reason, /*takesGroups=*/true);
    if (loops && loops->kind != primitive->kind)
      reason = "its loops do not suit the primitive's lanes";
    OpBuilder builder(op);
    auto build = [&] {
      KernelBuilder kernel(builder, op, *loops, *primitive);
      if (parallel)
        kernel.divideFrom(fewestCycles);
      LogicalResult result = kernel.build(reason);
      std::string weights = kernel.describeWeights();
      if (op->hasAttr(kExplainAttr) && succeeded(result) && !weights.empty())
        op.emitRemark() << weights;
      return result;
    };
    if (!reason.empty() || failed(build()))
      return op.emitOpError() << "cannot be built around primitive '"
                              << primitive->name << "': " << reason;
    op.erase();
    return success();
  }
};

} // namespace
