//===- OutlineParallel.cpp - A function of each lowbit.parallel -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What a region reads from outside is made again inside wherever that has no
// effect: views keep their static layouts then, and the arguments are those of the
// function around, which do not alias.

#include "ParallelCalls.h"

#include "lowbit/Conversion/Passes.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_OUTLINEPARALLELPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Makes what a region reads again in a function, and collects what it takes.
struct Capture {
  OpBuilder &builder;
  Block &entry;
  IRMapping mapping;
  /// Values outside, which are arguments inside.
  SmallVector<Value> arguments;

  void capture(Value value) {
    if (mapping.contains(value))
      return;
    Operation *op = value.getDefiningOp();
    if (!op || op->getNumRegions() != 0 || !isPure(op)) {
      arguments.push_back(value);
      mapping.map(value, entry.addArgument(value.getType(), value.getLoc()));
      return;
    }
    for (Value operand : op->getOperands())
      capture(operand);
    builder.clone(*op, mapping);
  }
};

struct OutlineParallelPass
    : lowbit::impl::OutlineParallelPassBase<OutlineParallelPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<ParallelOp> regions;
    getOperation()->walk([&](ParallelOp op) { regions.push_back(op); });
    SymbolTable symbols(getOperation());
    for (ParallelOp op : regions)
      if (failed(outline(op, symbols)))
        return signalPassFailure();
  }

private:
  /// Types that a function of the C interface takes in one register.
  static bool isArgument(Type type) {
    if (auto memref = dyn_cast<MemRefType>(type))
      return memref.hasStaticShape() && memref.getLayout().isIdentity();
    return isa<IndexType, Float32Type, Float64Type>(type) ||
           (type.isSignlessInteger() && type.getIntOrFloatBitWidth() <= 64);
  }

  LogicalResult outline(ParallelOp op, SymbolTable &symbols) {
    auto parent = op->getParentOfType<func::FuncOp>();
    if (!parent || op->getParentOfType<ParallelOp>())
      return op.emitOpError()
             << "is expected in a function, and not in another "
                "of its kind";
    Location loc = op.getLoc();
    OpBuilder builder(op);
    auto function =
        func::FuncOp::create(loc, (parent.getSymName() + "_parallel").str(),
                             builder.getFunctionType({}, {}));
    Block *entry = function.addEntryBlock();
    Block &body = op.getBody().front();
    for (BlockArgument range : body.getArguments())
      entry->addArgument(range.getType(), loc);
    builder.setInsertionPointToStart(entry);

    Capture capture{builder, *entry, {}, {}};
    llvm::SetVector<Value> read;
    getUsedValuesDefinedAbove(op.getBody(), read);
    for (Value value : read)
      capture.capture(value);
    for (Value value : capture.arguments)
      if (!isArgument(value.getType())) {
        function.erase();
        return op.emitOpError()
               << "reads a value of type " << value.getType()
               << " from outside; expects numbers, and buffers of static shape "
                  "and identity layout";
      }
    capture.mapping.map(body.getArguments(),
                        entry->getArguments().take_front(2));
    for (Operation &inner : body)
      builder.clone(inner, capture.mapping);
    func::ReturnOp::create(builder, loc);

    function.setType(
        builder.getFunctionType(entry->getArgumentTypes(), TypeRange()));
    function.setPrivate();
    function->setAttr(kTripsAttr, builder.getI64IntegerAttr(op.getTrips()));
    StringRef noAlias = LLVM::LLVMDialect::getNoAliasAttrName();
    for (auto [i, value] : llvm::enumerate(capture.arguments))
      if (auto argument = dyn_cast<BlockArgument>(value);
          argument && argument.getOwner() == &parent.front() &&
          parent.getArgAttr(argument.getArgNumber(), noAlias))
        function.setArgAttr(i + 2, noAlias, builder.getUnitAttr());
    symbols.insert(function); // makes the name unique

    builder.setInsertionPoint(op);
    int64_t trips = op.getTrips();
    int64_t count = std::clamp<int64_t>(ranges, 1, trips);
    for (int64_t i = 0; i < count; ++i) {
      SmallVector<Value> operands = {
          arith::ConstantIndexOp::create(builder, loc, i * trips / count),
          arith::ConstantIndexOp::create(builder, loc,
                                         (i + 1) * trips / count)};
      llvm::append_range(operands, capture.arguments);
      func::CallOp::create(builder, loc, function, operands);
    }
    op.erase();
    return success();
  }
};

} // namespace
