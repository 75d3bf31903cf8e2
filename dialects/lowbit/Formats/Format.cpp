//===- Format.cpp - Defaults of the format interface ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Formats/Format.h"

#include "lowbit/Formats/Words.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

#include "lowbit/Formats/FormatInterface.cpp.inc"

//===----------------------------------------------------------------------===//
// Facts about codes
//===----------------------------------------------------------------------===//

std::pair<int64_t, int64_t> lowbit::detail::findStepRange(Format format,
                                                          unsigned term) {
  auto [first, last] = format.getCodeRange();
  int64_t low = std::numeric_limits<int64_t>::max();
  int64_t high = std::numeric_limits<int64_t>::min();
  for (int64_t code = first; code <= last; ++code) {
    int64_t step = format.getStep(code, term);
    low = std::min(low, step);
    high = std::max(high, step);
  }
  return {low, high};
}

std::optional<int64_t> lowbit::detail::findZeroCode(Format format) {
  auto [first, last] = format.getCodeRange();
  for (int64_t code = first; code <= last; ++code) {
    bool isZero = true;
    for (unsigned term = 0; term < format.getNumTerms(); ++term)
      isZero &= format.getStep(code, term) == 0;
    if (isZero)
      return code;
  }
  return std::nullopt;
}

float lowbit::detail::decodeCode(Format format, int64_t code, int64_t channel) {
  float sum = 0;
  for (unsigned term = 0; term < format.getNumTerms(); ++term) {
    float product = static_cast<float>(format.getStep(code, term)) *
                    static_cast<float>(format.getScale(term, channel));
    sum = term == 0 ? product : sum + product;
  }
  return sum;
}

SmallVector<int64_t> lowbit::detail::orderCodes(Format format,
                                                int64_t channel) {
  auto [first, last] = format.getCodeRange();
  SmallVector<std::pair<float, int64_t>> numbers;
  for (int64_t code = first; code <= last; ++code)
    numbers.emplace_back(format.decode(code, channel), code);
  // Of several codes of one number, the first.
  llvm::sort(numbers);
  SmallVector<int64_t> codes;
  for (auto [i, number] : llvm::enumerate(numbers))
    if (i == 0 || number.first != numbers[i - 1].first)
      codes.push_back(number.second);
  return codes;
}

SmallVector<float> lowbit::detail::findMidpoints(Format format,
                                                 int64_t channel) {
  SmallVector<int64_t> codes = format.getOrderedCodes(channel);
  SmallVector<float> thresholds;
  for (size_t i = 1; i < codes.size(); ++i) {
    // The least f32 from which on the upper number is at least as near.
    double middle = (double(format.decode(codes[i - 1], channel)) +
                     double(format.decode(codes[i], channel))) /
                    2;
    float threshold = static_cast<float>(middle);
    if (threshold < middle)
      threshold =
          std::nextafter(threshold, std::numeric_limits<float>::infinity());
    thresholds.push_back(threshold);
  }
  return thresholds;
}

int64_t lowbit::detail::countStorageBytes(Format format,
                                          ArrayRef<int64_t> shape) {
  int64_t bits = ShapedType::getNumElements(shape) * format.getStorageWidth();
  return llvm::divideCeil(bits, 8);
}

bool lowbit::isUsableScale(float scale) {
  return scale >= std::numeric_limits<float>::min() && scale <= 0x1p126f;
}

LogicalResult
lowbit::verifyShape(Format format, ArrayRef<int64_t> shape,
                    function_ref<InFlightDiagnostic()> emitError) {
  std::optional<int64_t> axis = format.getScaleAxis();
  if (!axis)
    return success();
  if (*axis >= static_cast<int64_t>(shape.size()))
    return emitError() << "expects a dimension " << *axis
                       << ", the axis of the format " << format;
  if (format.hasParameters())
    return success();
  if (ShapedType::isDynamic(shape[*axis]))
    return emitError() << "expects a static size along axis " << *axis
                       << ", each index of which has a scale in the format "
                       << format;
  if (shape[*axis] != format.getNumChannels())
    return emitError() << "expects one scale for each of " << shape[*axis]
                       << " indices along axis " << *axis
                       << ", but the format has " << format.getNumChannels();
  return success();
}

Type lowbit::getStepsFormat(Format format, unsigned term) {
  if (format.hasParameters() && !isa<PlanesType>(format))
    return Type();
  auto [low, high] = format.getStepRange(term);
  unsigned width = 8;
  while (!llvm::isIntN(width, low) || !llvm::isIntN(width, high))
    width *= 2;
  MLIRContext *context = format.getContext();
  Type storage = IntegerType::get(context, width);
  Type real = Float32Type::get(context);
  // The step 0 pads, whether it is a code or not.
  low = std::min<int64_t>(low, 0);
  high = std::max<int64_t>(high, low == 0 ? 1 : 0);
  unsigned flags = quant::QuantizationFlags::Signed;
  std::optional<int64_t> axis = format.getScaleAxis();
  if (!axis || format.hasParameters())
    return quant::UniformQuantizedType::get(flags, storage, real,
                                            format.getScale(term, 0),
                                            /*zeroPoint=*/0, low, high);
  SmallVector<double> scales;
  for (int64_t channel = 0; channel < format.getNumChannels(); ++channel)
    scales.push_back(format.getScale(term, channel));
  return quant::UniformQuantizedPerAxisType::get(
      flags, storage, real, scales, SmallVector<int64_t>(scales.size(), 0),
      *axis, low, high);
}

//===----------------------------------------------------------------------===//
// Code that is computed
//===----------------------------------------------------------------------===//

Value lowbit::detail::buildStepByTable(Format format,
                                       ImplicitLocOpBuilder &builder,
                                       Value code, unsigned term) {
  auto [first, last] = format.getCodeRange();
  SmallVector<int32_t> steps;
  for (int64_t value = first; value <= last; ++value)
    steps.push_back(static_cast<int32_t>(format.getStep(value, term)));
  auto type = RankedTensorType::get({static_cast<int64_t>(steps.size())},
                                    builder.getI32Type());
  Value table = arith::ConstantOp::create(
      builder, DenseElementsAttr::get(type, ArrayRef(steps)));
  Value index =
      arith::SubIOp::create(builder, code, constantInt(builder, first, 32));
  index = arith::IndexCastOp::create(builder, builder.getIndexType(), index);
  return tensor::ExtractOp::create(builder, table, index);
}

Value lowbit::detail::buildDecodeByTerms(Format format,
                                         ImplicitLocOpBuilder &builder,
                                         Value words, RankedTensorType type) {
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  SmallVector<Value> inputs = {words};
  SmallVector<AffineMap> maps = {identity};
  unsigned terms = format.getNumTerms();
  std::optional<int64_t> axis = format.getScaleAxis();
  if (axis) {
    int64_t channels = format.getNumChannels();
    for (unsigned term = 0; term < terms; ++term) {
      SmallVector<float> scales;
      for (int64_t channel = 0; channel < channels; ++channel)
        scales.push_back(format.getScale(term, channel));
      inputs.push_back(arith::ConstantOp::create(
          builder, DenseElementsAttr::get(
                       RankedTensorType::get({channels}, builder.getF32Type()),
                       ArrayRef(scales))));
      maps.push_back(identity.getSubMap({static_cast<unsigned>(*axis)}));
    }
  }
  maps.push_back(identity);
  return loopNest(
      builder, inputs, emptyLike(builder, words, builder.getF32Type()), maps,
      [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
        Value code = readCode(inner, scalars[0], format);
        Value sum;
        for (unsigned term = 0; term < terms; ++term) {
          Value step = format.buildStep(inner, code, term);
          Value scale =
              axis ? scalars[1 + term]
                   : arith::ConstantOp::create(
                         inner, inner.getF32FloatAttr(static_cast<float>(
                                    format.getScale(term, 0))));
          Value real = arith::SIToFPOp::create(inner, inner.getF32Type(), step);
          Value product = arith::MulFOp::create(inner, real, scale);
          sum = sum ? arith::AddFOp::create(inner, sum, product).getResult()
                    : product;
        }
        return sum;
      });
}
