//===- OutlineConstants.cpp - Globals of constants with a storage ---------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Conversion/Passes.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_OUTLINECONSTANTSPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

struct OutlineConstantsPass
    : lowbit::impl::OutlineConstantsPassBase<OutlineConstantsPass> {
  void runOnOperation() override {
    SmallVector<arith::ConstantOp> constants;
    getOperation().walk([&](arith::ConstantOp op) {
      if (op->hasAttr(kStorageAttr))
        constants.push_back(op);
    });
    SymbolTable symbols(getOperation());
    for (arith::ConstantOp op : constants)
      outline(op, symbols);
  }

private:
  void outline(arith::ConstantOp op, SymbolTable &symbols) {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (!type || !type.getElementType().isInteger() ||
        type.getElementTypeBitWidth() % 8 != 0 || type.getNumElements() == 0) {
      op->removeAttr(kStorageAttr);
      return;
    }
    auto buffer = MemRefType::get(type.getShape(), type.getElementType());
    OpBuilder builder(&getContext());
    builder.setInsertionPointToStart(getOperation().getBody());
    auto global = memref::GlobalOp::create(
        builder, op.getLoc(), "codes", builder.getStringAttr("private"), buffer,
        op.getValue(), /*constant=*/true, builder.getI64IntegerAttr(alignment));
    copyStorage(op, global);
    symbols.insert(global); // makes the name unique
    builder.setInsertionPoint(op);
    Value words = memref::GetGlobalOp::create(builder, op.getLoc(), buffer,
                                              global.getSymName());
    Value tensor = bufferization::ToTensorOp::create(builder, op.getLoc(), type,
                                                     words, /*restrict=*/true);
    op.replaceAllUsesWith(tensor);
    op.erase();
  }

  static constexpr int64_t alignment = 64;
};

} // namespace
