//===- Casts.cpp - imports changes of the element type ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Movement.h"

#include "CodeCasts.h"
#include "CodeType.h"
#include "ConstantFolding.h"
#include "Operators.h"
#include "TosaBuilding.h"

#include "onnx.pb.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "llvm/ADT/APFloat.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using ::onnx::TensorProto;

/// The elements as floats of the type `target`, rounded to it.
static ConstantTensor castToFloats(const ConstantTensor &constant,
                                   int32_t target) {
  ConstantTensor floats = constant.asFloats();
  if (target == TensorProto::FLOAT || target == TensorProto::DOUBLE)
    return floats.withElementType(target);
  const llvm::fltSemantics &semantics = target == TensorProto::FLOAT16
                                            ? llvm::APFloat::IEEEhalf()
                                            : llvm::APFloat::BFloat();
  std::vector<float> elements;
  for (float element : floats.getFloats()) {
    llvm::APFloat number(element);
    bool losesInfo;
    number.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    elements.push_back(number.convertToFloat());
  }
  return ConstantTensor::get(constant.getShape(), std::move(elements))
      .withElementType(target);
}

/// The elements as integers of the type `target`; a bool says whether an
/// element is other than 0.
static ConstantTensor castToIntegers(const ConstantTensor &constant,
                                     int32_t target) {
  std::vector<int64_t> elements;
  if (constant.isFloat() && target == TensorProto::BOOL) {
    for (float element : constant.getFloats())
      elements.push_back(element != 0.0f);
  } else {
    ConstantTensor integers = constant.asIntegers();
    for (int64_t element : integers.getIntegers())
      elements.push_back(wrap(element, target));
  }
  return ConstantTensor::get(constant.getShape(), std::move(elements))
      .withElementType(target);
}

static LogicalResult castConstant(NodeContext &node, int32_t target) {
  std::optional<ConstantTensor> constant = node.getConstant(0, "an operand");
  if (!constant)
    return failure();
  switch (target) {
  case TensorProto::FLOAT:
  case TensorProto::DOUBLE:
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
    node.setConstant(castToFloats(*constant, target));
    return success();
  case TensorProto::BOOL:
  case TensorProto::INT8:
  case TensorProto::UINT8:
  case TensorProto::INT16:
  case TensorProto::UINT16:
  case TensorProto::INT32:
  case TensorProto::UINT32:
  case TensorProto::INT64:
    node.setConstant(castToIntegers(*constant, target));
    return success();
  default:
    if (getCodeType(target)) {
      node.setConstant(castToIntegers(*constant, target));
      return success();
    }
    return node.refuse("casts a constant to " + describeElementType(target) +
                       ", which lowbit cannot compute with");
  }
}

/// Integers are cut from floats, whereas TOSA rounds; so the fraction is taken
/// away first.
static Value buildTruncation(NodeContext &node, Value input) {
  ImplicitLocOpBuilder &builder = node.builder;
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> ones(type.getRank(), 1);
  Value isNegative =
      tosa::GreaterOp::create(builder, type.clone(builder.getI1Type()),
                              buildSplat(node, ones, 0.0f), input);
  return tosa::SelectOp::create(builder, type, isNegative,
                                tosa::CeilOp::create(builder, type, input),
                                tosa::FloorOp::create(builder, type, input));
}

static LogicalResult castComputed(NodeContext &node, int32_t target) {
  if (std::optional<LogicalResult> done = castCodes(node, target))
    return *done;
  Value input = node.getTypedTensor(0);
  if (!input)
    return failure();
  Type element = getIRElementType(node.builder.getContext(), target);
  if (!element)
    return node.refuse(
        "casts a computed tensor to " + describeElementType(target) +
        "; lowbit imports computations in " + runTimeElementTypes);
  if (element == elementOf(input)) {
    node.setResult(input);
    return success();
  }
  if (elementOf(input).isF32() && !element.isInteger(1))
    input = buildTruncation(node, input);
  auto type = cast<RankedTensorType>(input.getType()).clone(element);
  node.setResult(tosa::CastOp::create(node.builder, type, input));
  return success();
}

static LogicalResult castTo(NodeContext &node, int32_t target) {
  node.ignore("saturate");
  return node.isConstant(0) ? castConstant(node, target)
                            : castComputed(node, target);
}

static LogicalResult importCast(NodeContext &node) {
  return castTo(node, node.getInt("to", TensorProto::UNDEFINED));
}

/// To the type of the second input, whose elements do not matter.
static LogicalResult importCastLike(NodeContext &node) {
  std::optional<int32_t> target = node.getElementType(1);
  return target ? castTo(node, *target) : failure();
}

void onnximport::addCastOperators(OperatorTable &table) {
  table.add("Cast", {1, 1}, importCast);
  table.add("CastLike", {2, 2}, importCastLike);
}
