//===- CodeBuilding.cpp - the codes that importers make ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeBuilding.h"

#include "TosaBuilding.h"

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

quant::QuantizedType onnximport::getCodeFormat(Value value) {
  return dyn_cast<quant::QuantizedType>(getElementTypeOrSelf(value));
}

quant::QuantizedType onnximport::getPlainFormat(MLIRContext *context,
                                                CodeType type) {
  return cast<quant::QuantizedType>(
      Quantization::identity().getFormat(context, type));
}

template <typename Word>
static ElementsAttr makeWords(RankedTensorType type,
                              const ConstantTensor &constant) {
  SmallVector<Word> words;
  words.reserve(constant.getNumElements());
  for (int64_t code : constant.getIntegers())
    words.push_back(static_cast<Word>(code));
  StringRef name = constant.getName();
  return makeElements<Word>(type, words, name.empty() ? "codes" : name);
}

Value onnximport::buildCodes(NodeContext &node, const ConstantTensor &constant,
                             Type format) {
  RankedTensorType type = node.getType(constant.getShape(), format);
  if (!type)
    return nullptr;
  RankedTensorType words = type.clone(getWordType(format));
  ElementsAttr elements;
  switch (words.getElementTypeBitWidth()) {
  case 8:
    elements = makeWords<int8_t>(words, constant);
    break;
  case 16:
    elements = makeWords<int16_t>(words, constant);
    break;
  default:
    elements = makeWords<int32_t>(words, constant);
    break;
  }
  Location loc = node.builder.getLoc();
  if (!constant.getName().empty())
    loc = NameLoc::get(node.builder.getStringAttr(constant.getName()));
  return ConstantOp::create(node.builder, loc, type, elements);
}

/// The decode of `codes` with scales for groups; null for codes of too many
/// bits, or after a refusal.
static Value buildGroupDecode(NodeContext &node, const ConstantTensor &codes,
                              CodeType type, const Quantization &quantization) {
  if (type.width > 16)
    return nullptr;
  ImplicitLocOpBuilder &builder = node.builder;
  bool hasZeroPoints =
      llvm::any_of(quantization.zeroPoints, [](int64_t z) { return z != 0; });
  auto format = AffineType::get(builder.getContext(), type.isSigned, type.width,
                                type.getMin(), type.getMax(), quantization.axis,
                                quantization.group, hasZeroPoints);
  Value words = buildCodes(node, codes, format);
  SmallVector<int64_t> groups = quantization.getGroups(codes.getShape());
  std::vector<float> scales(quantization.scales.begin(),
                            quantization.scales.end());
  ConstantTensor scaleTensor = ConstantTensor::get(groups, std::move(scales));
  scaleTensor.setName((codes.getName() + ".scales").str());
  SmallVector<Value> parameters = {buildConstant(node, scaleTensor)};
  if (!words || !parameters.front())
    return nullptr;
  if (hasZeroPoints) {
    auto zeros = llvm::to_vector_of<int32_t>(quantization.zeroPoints);
    auto zeroType = RankedTensorType::get(groups, builder.getI32Type());
    parameters.push_back(arith::ConstantOp::create(
        builder, makeElements<int32_t>(zeroType, zeros, "zero_points")));
  }
  auto real = cast<RankedTensorType>(words.getType());
  return DecodeOp::create(builder, real.clone(builder.getF32Type()), words,
                          parameters);
}

Value onnximport::buildDecodedConstant(NodeContext &node,
                                       const ConstantTensor &constant,
                                       ArrayRef<int64_t> shape) {
  const DecodedFrom *source = constant.getSource();
  if (!source)
    return nullptr;
  auto quantization = source->quantization.reshaped(constant.getShape(), shape);
  if (!quantization)
    return nullptr;
  ConstantTensor codes = source->codes.reshaped(shape);
  codes.setName(constant.getName());
  if (quantization->group != 0)
    return buildGroupDecode(node, codes, source->type, *quantization);
  return buildDecode(
      node, buildCodes(node, codes,
                       quantization->getFormat(node.builder.getContext(),
                                               source->type)));
}

Value onnximport::buildReinterpret(NodeContext &node, Value input,
                                   Type format) {
  if (!input)
    return nullptr;
  auto type = cast<RankedTensorType>(input.getType()).clone(format);
  if (input.getType() == type)
    return input;
  return ReinterpretOp::create(node.builder, type, input);
}

Value onnximport::buildDecode(NodeContext &node, Value codes) {
  if (!codes)
    return nullptr;
  auto type = cast<RankedTensorType>(codes.getType());
  return DecodeOp::create(node.builder, type.clone(node.builder.getF32Type()),
                          codes);
}

Value onnximport::buildEncode(NodeContext &node, Value input, Type format,
                              Rounding rounding, Scaling scaling) {
  if (!input)
    return nullptr;
  auto type = cast<RankedTensorType>(input.getType()).clone(format);
  return EncodeOp::create(node.builder, type, input, rounding,
                          Saturation::Saturate, scaling);
}

Value onnximport::buildCountingEncode(NodeContext &node, Value input,
                                      Type format, ArrayRef<float> thresholds) {
  if (!input)
    return nullptr;
  auto type = cast<RankedTensorType>(input.getType()).clone(format);
  DenseF32ArrayAttr list;
  if (!thresholds.empty())
    list = node.builder.getDenseF32ArrayAttr(thresholds);
  return EncodeOp::create(node.builder, type, input, Rounding::NearestEven,
                          Saturation::Saturate, Scaling::Multiply, list,
                          /*codes=*/nullptr, /*seed=*/nullptr,
                          /*tensor_id=*/nullptr);
}
