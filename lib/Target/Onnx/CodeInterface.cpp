//===- CodeInterface.cpp - codes as arguments and results -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeInterface.h"

#include "CodeBuilding.h"

#include "lowbit/IR/Lowbit.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// The plain format of as many bytes as codes of `format` take.
static quant::QuantizedType getByteFormat(quant::QuantizedType format) {
  CodeType type = getCodeType(format);
  type.width = std::max(type.width, 8u);
  return getPlainFormat(format.getContext(), type);
}

/// The codes of `value`, of a plain format, in another plain format.
static Value changeStorage(ImplicitLocOpBuilder &builder, Value value,
                           quant::QuantizedType format) {
  auto type = cast<RankedTensorType>(value.getType());
  Value real =
      DecodeOp::create(builder, type.clone(builder.getF32Type()), value);
  return EncodeOp::create(builder, type.clone(format), real,
                          Rounding::NearestEven, Saturation::Saturate);
}

static quant::QuantizedType getFormat(RankedTensorType type) {
  return dyn_cast<quant::QuantizedType>(type.getElementType());
}

RankedTensorType onnximport::getArgumentType(RankedTensorType type) {
  quant::QuantizedType format = getFormat(type);
  return format ? type.clone(getByteFormat(format)) : type;
}

Value onnximport::readArgument(ImplicitLocOpBuilder &builder, Value argument,
                               RankedTensorType type) {
  if (argument.getType() == type)
    return argument;
  return changeStorage(builder, argument, getFormat(type));
}

Value onnximport::makeResult(ImplicitLocOpBuilder &builder, Value output) {
  auto type = cast<RankedTensorType>(output.getType());
  quant::QuantizedType format = getFormat(type);
  if (!format)
    return output;
  CodeType codes = getCodeType(format);
  if (codes.width >= 8 && isa<quant::UniformQuantizedType>(format))
    return output;
  quant::QuantizedType plain = getPlainFormat(builder.getContext(), codes);
  if (format != plain)
    output = ReinterpretOp::create(builder, type.clone(plain), output);
  if (codes.width >= 8)
    return output;
  return changeStorage(builder, output, getByteFormat(format));
}

void onnximport::adoptArgumentFormats(func::FuncOp function) {
  for (BlockArgument argument : function.getArguments()) {
    Type adopted;
    bool agree = llvm::all_of(argument.getUsers(), [&](Operation *user) {
      auto reinterpret = dyn_cast<ReinterpretOp>(user);
      if (!reinterpret || (adopted && adopted != reinterpret.getType()))
        return false;
      adopted = reinterpret.getType();
      auto format = dyn_cast<quant::UniformQuantizedType>(
          cast<RankedTensorType>(adopted).getElementType());
      return format != nullptr;
    });
    if (!agree || !adopted)
      continue;
    argument.setType(adopted);
    for (Operation *user : llvm::make_early_inc_range(argument.getUsers())) {
      user->getResult(0).replaceAllUsesWith(argument);
      user->erase();
    }
  }
  function.setType(FunctionType::get(function.getContext(),
                                     function.front().getArgumentTypes(),
                                     function.getResultTypes()));
}
