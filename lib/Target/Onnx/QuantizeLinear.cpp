//===- QuantizeLinear.cpp - imports QuantizeLinear and its inverse ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where scales and zero points are constant, one for all elements or one for
// each index along an axis, they become a format: the ops are lowbit.encode and
// lowbit.decode. Blocked scales of a constant are a tensor beside its codes. Other
// blocked scales, and those that are computed, have no format; there the ops are
// computed in float, operation by operation, as the standard says.
//
//===----------------------------------------------------------------------===//

#include "CodeBuilding.h"
#include "ElementType.h"
#include "Operators.h"
#include "QuantizeParameters.h"
#include "TosaBuilding.h"

#include "onnx.pb.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using ::onnx::TensorProto;

//===----------------------------------------------------------------------===//
// QuantizeLinear
//===----------------------------------------------------------------------===//

/// The type of the codes: that of the zero point, else `output_dtype`, else
/// uint8. Nothing after a refusal.
static std::optional<CodeType> readCodeType(NodeContext &node) {
  int64_t said = node.getInt("output_dtype", 0);
  int32_t elementType = said ? said : TensorProto::UINT8;
  if (node.hasInput(2)) {
    std::optional<int32_t> zeroType = node.getElementType(2);
    if (!zeroType)
      return std::nullopt;
    if (said && *zeroType != said) {
      (void)node.refuse("has output_dtype = " + Twine(said) +
                        ", which is not the type of its zero point, " +
                        describeElementType(*zeroType));
      return std::nullopt;
    }
    elementType = *zeroType;
  }
  std::optional<CodeType> type = getCodeType(elementType);
  if (!type)
    (void)node.refuse("quantizes to " + describeElementType(elementType) +
                      "; lowbit computes on integer codes of 2 to 16 bits" +
                      (isNarrowFloat(elementType)
                           ? ", and has no arithmetic for narrow floats"
                           : ""));
  return type;
}

static LogicalResult foldQuantize(NodeContext &node, CodeType type,
                                  const QuantizeParameters &parameters) {
  std::optional<ConstantTensor> input = node.getConstant(0, "an input");
  if (!input)
    return failure();
  std::vector<int64_t> codes;
  codes.reserve(input->getNumElements());
  auto append = [&](auto x) {
    auto [scale, zero] = parameters.get(codes.size());
    // float32 by float32, but numbers of 32 bits are divided as doubles.
    double code = std::nearbyint(x / static_cast<decltype(x)>(scale));
    code = std::isnan(code) ? zero : code + zero;
    code =
        std::min<double>(std::max<double>(code, type.getMin()), type.getMax());
    codes.push_back(static_cast<int64_t>(code));
  };
  if (input->isFloat())
    llvm::for_each(input->getFloats(), append);
  else
    for (int64_t x : input->getIntegers())
      append(static_cast<double>(x));
  node.setConstant(ConstantTensor::get(input->getShape(), std::move(codes))
                       .withElementType(getElementType(type)));
  return success();
}

/// round(x / scale) + zero, as operations on float tensors.
static Value buildQuantize(NodeContext &node, CodeType type,
                           const QuantizeParameters &parameters) {
  MLIRContext *context = node.builder.getContext();
  Value input = node.getTensor(0);
  Value scale = parameters.buildScale(node);
  if (!input || !scale)
    return nullptr;
  scale = buildBroadcast(node, scale, shapeOf(input));
  if (!scale)
    return nullptr;
  Value quotient = arith::DivFOp::create(node.builder, input, scale);
  // The codes of scale 1 are whole numbers.
  Value rounded = buildDecode(
      node, buildEncode(node, quotient, getPlainFormat(context, {true, 32})));
  if (node.hasInput(2))
    rounded = buildAdd(node, rounded, parameters.buildZeroPoint(node));
  return buildEncode(node, rounded, getPlainFormat(context, type));
}

static LogicalResult importQuantizeLinear(NodeContext &node) {
  auto shape = node.getShape(0);
  std::optional<CodeType> type = readCodeType(node);
  node.ignore("saturate"); // Of float8 only.
  int64_t precision = node.getInt("precision", 0);
  if (precision != 0 && precision != TensorProto::FLOAT)
    return node.refuse("divides in " + describeElementType(precision) +
                       "; lowbit divides in float");
  if (!shape || !type)
    return failure();
  std::optional<QuantizeParameters> parameters =
      QuantizeParameters::read(node, *shape);
  if (!parameters)
    return failure();
  if (node.isConstant(0) && parameters->isConstant())
    return foldQuantize(node, *type, *parameters);
  Value result;
  if (auto quantization = parameters->getQuantization())
    result =
        buildEncode(node, node.getTensor(0),
                    quantization->getFormat(node.builder.getContext(), *type));
  else
    result = buildQuantize(node, *type, *parameters);
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

//===----------------------------------------------------------------------===//
// DequantizeLinear
//===----------------------------------------------------------------------===//

/// The decoded constant. It remembers its codes where a format says what they
/// stand for.
static LogicalResult foldDequantize(NodeContext &node,
                                    const QuantizeParameters &parameters) {
  std::optional<ConstantTensor> input = node.getConstant(0, "an input");
  if (!input)
    return failure();
  std::vector<float> elements;
  elements.reserve(input->getNumElements());
  auto append = [&](auto x) {
    auto [scale, zero] = parameters.get(elements.size());
    elements.push_back(static_cast<float>(x - zero) * scale);
  };
  if (input->isFloat())
    llvm::for_each(input->getFloats(), append);
  else
    llvm::for_each(input->getIntegers(), append);
  ConstantTensor constant =
      ConstantTensor::get(input->getShape(), std::move(elements));
  auto quantization = parameters.getQuantization();
  if (!quantization)
    quantization = parameters.getBlocks();
  if (!input->isFloat() && quantization)
    constant = constant.withSource(
        {*input,
         getCodeType(input->getElementType()).value_or(CodeType{true, 32}),
         *quantization});
  node.setConstant(std::move(constant));
  return success();
}

/// (code - zero) * scale, as operations on float tensors.
static Value buildDequantize(NodeContext &node, Value plain,
                             const QuantizeParameters &parameters) {
  Value real = buildDecode(node, plain);
  if (node.hasInput(2))
    real = buildSub(node, real, parameters.buildZeroPoint(node));
  return buildMul(node, real, parameters.buildScale(node));
}

static LogicalResult importDequantizeLinear(NodeContext &node) {
  auto shape = node.getShape(0);
  std::optional<int32_t> elementType = node.getElementType(0);
  int64_t said = node.getInt("output_dtype", 0);
  if (!shape || !elementType)
    return failure();
  if (said != 0 && said != TensorProto::FLOAT)
    return node.refuse("has output_dtype = " + describeElementType(said) +
                       "; lowbit dequantizes to float");
  std::optional<CodeType> type = getCodeType(*elementType);
  if (*elementType == TensorProto::INT32)
    type = CodeType{true, 32};
  bool isConstant = node.isConstant(0);
  if (!type && !(isConstant && isNarrowFloat(*elementType)))
    return node.refuse("dequantizes " + describeElementType(*elementType) +
                       "; lowbit imports integers of 2 to 16 bits, int32, and "
                       "narrow floats that are constant");
  if (node.hasInput(2)) {
    std::optional<int32_t> zeroType = node.getElementType(2);
    if (!zeroType)
      return failure();
    if (*zeroType != *elementType)
      return node.refuse(
          "has a zero point of type " + describeElementType(*zeroType) +
          " for codes of type " + describeElementType(*elementType));
  }
  std::optional<QuantizeParameters> parameters =
      QuantizeParameters::read(node, *shape);
  if (!parameters)
    return failure();
  if (isConstant && parameters->isConstant())
    return foldDequantize(node, *parameters);
  if (!type)
    return node.refuse("dequantizes narrow floats with a computed scale");

  MLIRContext *context = node.builder.getContext();
  Value codes = node.getValue(0), result;
  if (auto quantization = parameters->getQuantization())
    result = buildDecode(
        node,
        buildReinterpret(node, codes, quantization->getFormat(context, *type)));
  else
    result = buildDequantize(
        node, buildReinterpret(node, codes, getPlainFormat(context, *type)),
        *parameters);
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

//===----------------------------------------------------------------------===//
// DynamicQuantizeLinear
//===----------------------------------------------------------------------===//

/// The scale and the zero point are computed from the extremes of the input.
static LogicalResult importDynamicQuantizeLinear(NodeContext &node) {
  Value input = node.getTensor(0);
  if (!input)
    return failure();
  ImplicitLocOpBuilder &builder = node.builder;
  int64_t count = cast<RankedTensorType>(input.getType()).getNumElements();
  Value flat = buildReshape(node, input, {count});
  Value zero = buildSplat(node, {1}, 0.0f);
  Value levels = buildSplat(node, {1}, 255.0f);
  RankedTensorType one = node.getType({1});
  if (!flat || !zero || !levels || !one)
    return failure();
  Value most = tosa::MaximumOp::create(
      builder, one, tosa::ReduceMaxOp::create(builder, one, flat, 0u), zero);
  Value least = tosa::MinimumOp::create(
      builder, one, tosa::ReduceMinOp::create(builder, one, flat, 0u), zero);
  // A range of nothing has the scale 1 / 255.
  Value range = tosa::SubOp::create(builder, one, most, least);
  Value isEmpty = tosa::EqualOp::create(builder, one.clone(builder.getI1Type()),
                                        most, least);
  range = tosa::SelectOp::create(builder, one, isEmpty,
                                 buildSplat(node, {1}, 1.0f), range);
  Value scale = arith::DivFOp::create(builder, range, levels);
  Value point = tosa::SubOp::create(
      builder, one, zero, arith::DivFOp::create(builder, least, scale));

  quant::QuantizedType format =
      getPlainFormat(builder.getContext(), CodeType{false, 8});
  Value zeroPoint = buildEncode(node, point, format);
  Value spread = buildBroadcast(node, scale, {count});
  if (!spread)
    return failure();
  Value quotient = arith::DivFOp::create(builder, flat, spread);
  Value rounded = buildDecode(
      node, buildEncode(node, quotient,
                        getPlainFormat(builder.getContext(), {true, 32})));
  Value codes = buildEncode(
      node, buildAdd(node, rounded, buildDecode(node, zeroPoint)), format);
  // Data movement on codes goes by way of real numbers.
  auto reshapeCodes = [&](Value value, ArrayRef<int64_t> shape) {
    return buildEncode(
        node, buildReshape(node, buildDecode(node, value), shape), format);
  };
  codes = reshapeCodes(codes, shapeOf(input));
  zeroPoint = reshapeCodes(zeroPoint, {});
  scale = buildReshape(node, scale, {});
  if (!codes || !zeroPoint || !scale)
    return failure();
  node.setResult(codes, 0);
  node.setResult(scale, 1);
  node.setResult(zeroPoint, 2);
  return success();
}

void onnximport::addQuantizeOperators(OperatorTable &table) {
  for (StringRef domain : {"", "com.microsoft"}) {
    table.add("DequantizeLinear", {2, 3}, importDequantizeLinear, domain);
    table.add("QuantizeLinear", {2, 3}, importQuantizeLinear, domain);
  }
  table.add("DynamicQuantizeLinear", {1, 1}, importDynamicQuantizeLinear);
}
