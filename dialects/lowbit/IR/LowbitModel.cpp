//===- LowbitModel.cpp - Verifiers of the composites --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/IR/Lowbit.h"

using namespace mlir;
using namespace mlir::lowbit;

static LogicalResult verifyEpsilon(Operation *op, const APFloat &epsilon) {
  if (epsilon.isFinite() && !epsilon.isNegative())
    return success();
  return op->emitOpError() << "expects a finite epsilon of at least 0";
}

static LogicalResult verifyAxis(Operation *op, int64_t axis, Type type) {
  if (axis >= 0 && axis < cast<RankedTensorType>(type).getRank())
    return success();
  return op->emitOpError() << "expects 'axis' to be a dimension of " << type
                           << ", but got " << axis;
}

LogicalResult BatchNormOp::verify() {
  auto type = cast<RankedTensorType>(getInput().getType());
  if (type.getRank() < 1)
    return emitOpError() << "expects an input with channels, but got " << type;
  int64_t channels = type.getShape().back();
  for (Value parameter : {getScale(), getOffset(), getMean(), getVariance()}) {
    auto shaped = cast<ShapedType>(parameter.getType());
    if (shaped.getDimSize(0) != channels) // (C1)
      return emitOpError() << "expects one parameter for each of " << channels
                           << " channels, but got " << shaped;
  }
  return verifyEpsilon(*this, getEpsilon()); // (C2)
}

LogicalResult SoftmaxOp::verify() {
  return verifyAxis(*this, getAxis(), getInput().getType()); // (C1)
}

LogicalResult LogSoftmaxOp::verify() {
  return verifyAxis(*this, getAxis(), getInput().getType()); // (C1)
}

//===----------------------------------------------------------------------===//
// Activation
//===----------------------------------------------------------------------===//

static bool takesAlpha(Function function) {
  switch (function) {
  case Function::LeakyRelu:
  case Function::ThresholdedRelu:
  case Function::Shrink:
  case Function::Elu:
  case Function::Selu:
  case Function::Celu:
  case Function::HardSigmoid:
  case Function::Silu:
  case Function::Power:
    return true;
  default:
    return false;
  }
}

static bool takesBeta(Function function) {
  return function == Function::Shrink || function == Function::Selu ||
         function == Function::HardSigmoid;
}

/// (C1) and (C2) for one parameter.
static LogicalResult verifyParameter(ActivationOp op, StringRef name,
                                     std::optional<APFloat> value,
                                     bool expected) {
  StringRef function = stringifyFunction(op.getFunction());
  if (value.has_value() != expected) // (C1)
    return op.emitOpError() << "expects " << (expected ? "'" : "no '") << name
                            << "' with the function '" << function << "'";
  if (value && !value->isFinite()) // (C2)
    return op.emitOpError() << "expects '" << name << "' to be finite";
  return success();
}

LogicalResult ActivationOp::verify() {
  Function function = getFunction();
  if (failed(
          verifyParameter(*this, "alpha", getAlpha(), takesAlpha(function))) ||
      failed(verifyParameter(*this, "beta", getBeta(), takesBeta(function))))
    return failure();
  if (function == Function::Celu && getAlpha()->isZero()) // (C3)
    return emitOpError() << "expects 'alpha' not to be 0 with the function "
                            "'celu'";
  return success();
}

//===----------------------------------------------------------------------===//
// Layer norm
//===----------------------------------------------------------------------===//

LogicalResult LayerNormOp::verify() {
  auto type = cast<RankedTensorType>(getInput().getType());
  int64_t previous = -1;
  for (int64_t axis : getAxes()) {
    if (axis <= previous || axis >= type.getRank()) // (C1)
      return emitOpError() << "expects 'axes' to be dimensions of " << type
                           << " in ascending order";
    previous = axis;
  }
  if (getAxes().empty()) // (C1)
    return emitOpError() << "expects at least one of 'axes'";
  for (Value parameter : {getScale(), getOffset()}) {
    auto shaped = cast<RankedTensorType>(parameter.getType());
    bool fits = shaped.getRank() == type.getRank();
    for (int64_t dim = 0; fits && dim < type.getRank(); ++dim)
      fits = shaped.getDimSize(dim) == 1 ||
             shaped.getDimSize(dim) == type.getDimSize(dim);
    if (!fits) // (C2)
      return emitOpError() << "expects a scale and an offset that broadcast to "
                           << type << ", but got " << shaped;
  }
  return verifyEpsilon(*this, getEpsilon()); // (C3)
}

//===----------------------------------------------------------------------===//
// Grouped convolution
//===----------------------------------------------------------------------===//

static constexpr int64_t maxWindow = std::numeric_limits<int32_t>::max();

static bool isListWithin(ArrayRef<int64_t> list, size_t size, int64_t least) {
  return list.size() == size && llvm::all_of(list, [&](int64_t value) {
           return value >= least && value <= maxWindow;
         });
}

LogicalResult GroupedConv2dOp::verify() {
  ArrayRef<int64_t> input = cast<ShapedType>(getInput().getType()).getShape();
  ArrayRef<int64_t> weight = cast<ShapedType>(getWeight().getType()).getShape();
  ArrayRef<int64_t> bias = cast<ShapedType>(getBias().getType()).getShape();
  ArrayRef<int64_t> result = cast<ShapedType>(getType()).getShape();
  if (input.size() != 4 || weight.size() != 4 || bias.size() != 1 ||
      result.size() != 4) // (C1)
    return emitOpError() << "expects input, weight and result of rank 4 and a "
                            "bias of rank 1";
  int64_t groups = getGroups();
  if (groups < 1 || input[3] % groups != 0 || weight[0] % groups != 0 ||
      weight[3] != input[3] / groups || bias[0] != weight[0] ||
      result[3] != weight[0] || result[0] != input[0]) // (C1)
    return emitOpError() << "expects shapes that agree for " << groups
                         << " groups, but got " << getInput().getType() << ", "
                         << getWeight().getType() << " and "
                         << getBias().getType() << " to " << getType();
  if (!isListWithin(getStride(), 2, 1) || !isListWithin(getDilation(), 2, 1) ||
      !isListWithin(getPad(), 4, 0)) // (C2)
    return emitOpError() << "expects 'stride' and 'dilation' of 2 entries from "
                            "1, and 'pad' of 4 entries from 0 to 2^31 - 1";
  for (int i = 0; i < 2; ++i) {
    int64_t pads = getPad()[2 * i] + getPad()[2 * i + 1], size, window, span;
    if (__builtin_add_overflow(input[1 + i] - 1, pads, &size) ||
        __builtin_mul_overflow(weight[1 + i] - 1, getDilation()[i], &window) ||
        __builtin_mul_overflow(result[1 + i] - 1, getStride()[i], &span) ||
        size < window || size - window != span) // (C3)
      return emitOpError() << "expects windows that fit the padded input, but "
                              "got "
                           << result[1 + i] << " for dimension " << 1 + i
                           << " of the result";
  }
  return success();
}
