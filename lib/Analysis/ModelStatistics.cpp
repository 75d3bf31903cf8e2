//===- ModelStatistics.cpp - Counts of a network's work -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/ModelStatistics.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lowbit;

static bool isFloat(Type type) {
  return isa<FloatType>(getElementTypeOrSelf(type));
}

static bool isConstant(Operation *op) {
  return isa<ConstantOp>(op) || op->hasTrait<OpTrait::ConstantLike>();
}

bool lowbit::computesOnReals(Operation *op) {
  // A destination has no numbers yet.
  if (isa<func::ReturnOp, tensor::EmptyOp>(op) || isConstant(op))
    return false;
  if (auto encode = dyn_cast<EncodeOp>(op))
    return !isa<BlockArgument>(encode.getInput());
  if (auto decode = dyn_cast<DecodeOp>(op))
    return !llvm::all_of(decode->getUsers(), llvm::IsaPred<func::ReturnOp>);
  return llvm::any_of(op->getOperandTypes(), isFloat) ||
         llvm::any_of(op->getResultTypes(), isFloat);
}

/// True for an operation on integers that changes scales by real factors.
static bool requantizesInFloat(Operation *op) {
  if (auto contract = dyn_cast<ContractOp>(op))
    return !contract.getEpilogue().getOps<RequantizeOp>().empty();
  return isa<RequantizeOp>(op);
}

bool lowbit::isFloatGlue(Operation *op) {
  if (requantizesInFloat(op) || op->hasAttr(kFloatGlueAttr) ||
      isa<EncodeDynamicOp>(op))
    return true;
  if (auto encode = dyn_cast<EncodeOp>(op))
    return !encode.getInput().getDefiningOp<DecodeOp>();
  return isa<DecodeOp>(op) &&
         !llvm::all_of(op->getUsers(), llvm::IsaPred<EncodeOp>);
}

/// What the operation `op` is called as glue.
static StringRef getGlueName(Operation *op) {
  return requantizesInFloat(op) ? RequantizeOp::getOperationName()
                                : op->getName().getStringRef();
}

static int64_t countElements(Value value) {
  auto type = cast<ShapedType>(value.getType());
  return type.hasStaticShape() ? type.getNumElements() : 1;
}

int64_t lowbit::countMacs(Operation *op) {
  return llvm::TypeSwitch<Operation *, int64_t>(op)
      .Case<ContractOp>([](ContractOp contract) {
        int64_t count = 1;
        for (int64_t size : contract.getStaticLoopSizes())
          count *= ShapedType::isDynamic(size) ? 1 : size;
        return count;
      })
      .Case<tosa::Conv2DOp, GroupedConv2dOp>([](auto conv) {
        auto weight = cast<ShapedType>(conv.getWeight().getType());
        return countElements(conv) *
               (countElements(conv.getWeight()) / weight.getDimSize(0));
      })
      .Case<tosa::DepthwiseConv2DOp>([](tosa::DepthwiseConv2DOp conv) {
        auto weight = cast<ShapedType>(conv.getWeight().getType());
        return countElements(conv) * weight.getDimSize(0) *
               weight.getDimSize(1);
      })
      .Case<tosa::MatMulOp>([](tosa::MatMulOp matmul) {
        return countElements(matmul) *
               cast<ShapedType>(matmul.getA().getType()).getDimSize(2);
      })
      .Default([](Operation *) { return 0; });
}

/// Bytes of the constant behind `operand`, through a decode; 0 if there is none.
static int64_t countConstantBytes(Value operand) {
  if (auto decode = operand.getDefiningOp<DecodeOp>())
    operand = decode.getInput();
  Operation *source = operand.getDefiningOp();
  if (!source || !isConstant(source))
    return 0;
  Type word = getWordType(getElementTypeOrSelf(operand.getType()));
  return countElements(operand) * (word.getIntOrFloatBitWidth() / 8);
}

ModelStatistics lowbit::collectStatistics(ModuleOp module) {
  ModelStatistics statistics;
  module.walk([&](func::FuncOp function) {
    for (Operation &op : function.getOps()) {
      if (requantizesInFloat(&op))
        ++statistics.integerOps;
      if (computesOnReals(&op) && isFloatGlue(&op))
        ++statistics.glue[getGlueName(&op).str()];
      else if (computesOnReals(&op))
        ++statistics.floatOps;
      else if (isa_and_nonnull<LowbitDialect>(op.getDialect()) &&
               !isa<EncodeOp, EncodeDynamicOp, DecodeOp, ConstantOp,
                    ReinterpretOp>(op))
        ++statistics.integerOps;
      int64_t macs = countMacs(&op);
      if (macs == 0)
        continue;
      statistics.macs += macs;
      auto contract = dyn_cast<ContractOp>(op);
      if (contract && contract.getAccumulatorType().isInteger(32))
        statistics.integerMacs += macs;
      // Zero points of TOSA's float operations are constants of one element
      // that no artefact holds.
      unsigned operands = contract ? op.getNumOperands() : 3;
      for (Value operand : op.getOperands().take_front(operands))
        if (!isa<tosa::MatMulOp>(op) || operand != op.getOperand(2))
          statistics.weightBytes += countConstantBytes(operand);
    }
  });
  return statistics;
}
