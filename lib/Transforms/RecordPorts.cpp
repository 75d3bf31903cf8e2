//===- RecordPorts.cpp - Where a debugger finds values --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A value may be a part of a padded buffer, seen through a chain of views. The
// view's type tells offset and strides in words from where its buffer starts,
// and the buffer is a view of the workspace at a constant place.

#include "lowbit/Analysis/ModelPorts.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_RECORDPORTSPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// The buffer that `value` is a view of.
static Value getBuffer(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>()) {
    if (isa<memref::ViewOp>(view))
      break;
    value = view.getViewSource();
  }
  return value;
}

/// `format` with words of `width` bits, which hold the same codes.
static quant::UniformQuantizedType
widenStorage(quant::UniformQuantizedType format, unsigned width) {
  return quant::UniformQuantizedType::get(
      format.getFlags(), IntegerType::get(format.getContext(), width),
      format.getExpressedType(), format.getScale(), format.getZeroPoint(),
      format.getStorageTypeMin(), format.getStorageTypeMax());
}

namespace {

struct RecordPortsPass : lowbit::impl::RecordPortsPassBase<RecordPortsPass> {
  void runOnOperation() override {
    SmallVector<PortOp> ports;
    getOperation().walk([&](PortOp op) { ports.push_back(op); });
    SmallVector<Attribute> entries;
    for (PortOp op : ports) {
      if (isInWorkspace(op)) {
        FailureOr<Attribute> entry = describe(op);
        if (failed(entry))
          return signalPassFailure();
        entries.push_back(*entry);
      }
      op.erase();
    }
    if (!entries.empty())
      getOperation()->setAttr(kPortsAttr,
                              ArrayAttr::get(&getContext(), entries));
  }

private:
  static bool isInWorkspace(PortOp op) {
    return static_cast<bool>(
        getBuffer(op.getCodes()).getDefiningOp<memref::ViewOp>());
  }

  FailureOr<Attribute> describe(PortOp op) {
    auto type = cast<MemRefType>(op.getCodes().getType());
    auto view = getBuffer(op.getCodes()).getDefiningOp<memref::ViewOp>();
    std::optional<int64_t> start = getConstantIntValue(view.getByteShift());
    SmallVector<int64_t> strides;
    int64_t offset;
    if (!start || !type.hasStaticShape() ||
        failed(type.getStridesAndOffset(strides, offset)) ||
        ShapedType::isDynamic(offset) ||
        llvm::any_of(strides, ShapedType::isDynamic))
      return op.emitOpError() << "reads '" << op.getName()
                              << "' at a place that is not known before the "
                                 "program runs";
    unsigned width = type.getElementTypeBitWidth();
    auto format = cast<quant::UniformQuantizedType>(*op.getFormat());
    Builder builder(&getContext());
    auto words =
        RankedTensorType::get(type.getShape(), widenStorage(format, width));
    return Attribute(builder.getDictionaryAttr(
        {{builder.getStringAttr("name"), op.getNameAttr()},
         {builder.getStringAttr("type"), TypeAttr::get(words)},
         {builder.getStringAttr("offset"),
          builder.getI64IntegerAttr(*start + offset * (width / 8))},
         {builder.getStringAttr("strides"),
          builder.getDenseI64ArrayAttr(strides)}}));
  }
};

} // namespace
