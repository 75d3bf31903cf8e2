//===- NodeContext.cpp - inputs and results of a node ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeContext.h"

#include "CodeBuilding.h"
#include "Operators.h"
#include "TosaBuilding.h"

#include "onnx.pb.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

StringRef NodeContext::getOpType() const { return node.op_type(); }

StringRef onnximport::getNodeName(const ::onnx::NodeProto &node) {
  if (!node.name().empty())
    return node.name();
  for (const std::string &output : node.output())
    if (!output.empty())
      return output;
  return node.op_type();
}

StringRef NodeContext::getName() const { return getNodeName(node); }

bool NodeContext::isOfOnnxRuntime() const {
  return node.domain() == "com.microsoft";
}

LogicalResult NodeContext::refuse(const Twine &reason) {
  std::string text = reason.str();
  if (!llvm::is_contained(refusals, text))
    refusals.push_back(std::move(text));
  return failure();
}

unsigned NodeContext::getNumInputs() const { return node.input_size(); }

std::string NodeContext::getInputName(unsigned index) const {
  return hasInput(index) ? node.input(index) : std::string();
}

bool NodeContext::hasInput(unsigned index) const {
  return index < getNumInputs() && !node.input(index).empty();
}

ImportedValue *NodeContext::lookup(unsigned index) const {
  assert(hasInput(index) && "the operator table promises fewer inputs");
  return &values.find(node.input(index))->second;
}

bool NodeContext::isConstant(unsigned index) const {
  const ImportedValue *value = lookup(index);
  return value->initializer || value->constant;
}

bool NodeContext::allConstant() const {
  for (unsigned index = 0; index < getNumInputs(); ++index)
    if (hasInput(index) && !isConstant(index))
      return false;
  return true;
}

const ConstantTensor *NodeContext::readConstant(unsigned index) {
  ImportedValue *value = lookup(index);
  if (value->constant)
    return &*value->constant;
  llvm::Expected<ConstantTensor> constant = reader.read(*value->initializer);
  if (!constant) {
    (void)refuse(llvm::toString(constant.takeError()));
    return nullptr;
  }
  return &value->constant.emplace(std::move(*constant));
}

std::optional<int32_t> NodeContext::getElementType(unsigned index) {
  if (Value value = lookup(index)->value)
    return getOnnxElementType(getElementTypeOrSelf(value));
  if (const ConstantTensor *constant = readConstant(index))
    return constant->getElementType();
  return std::nullopt;
}

Value NodeContext::getTensor(unsigned index) {
  Value value = getTypedTensor(index);
  if (!value || getElementTypeOrSelf(value).isF32())
    return value;
  (void)refuse("computes with " + quote(node.input(index)) + ", which is " +
               describeElementType(*getElementType(index)) +
               "; lowbit imports this op on float tensors only");
  return nullptr;
}

Value NodeContext::getTypedTensor(unsigned index) {
  Value value = getValue(index);
  if (!value || !getCodeFormat(value))
    return value;
  if (movedFormat)
    return buildDecode(*this, buildReinterpret(*this, value, movedFormat));
  (void)refuse("computes with " + quote(node.input(index)) + ", which is " +
               describeElementType(*getElementType(index)) +
               "; lowbit imports this op on other types only");
  return nullptr;
}

Value NodeContext::getCodes(unsigned index) {
  Value value = getValue(index);
  if (!value || getCodeFormat(value))
    return value;
  (void)refuse("computes with " + quote(node.input(index)) + ", which is " +
               describeElementType(*getElementType(index)) +
               "; expected integers of 2 to 16 bits");
  return nullptr;
}

void NodeContext::moveCodes(bool plainly) {
  for (unsigned index = 0; index < getNumInputs(); ++index) {
    Value value = hasInput(index) ? lookup(index)->value : Value();
    quant::QuantizedType format = value ? getCodeFormat(value) : nullptr;
    if (!format)
      continue;
    if (plainly || !isa<quant::UniformQuantizedType>(format) ||
        (movedFormat && movedFormat != format)) {
      movedFormat = getPlainFormat(builder.getContext(), getCodeType(format));
      return;
    }
    movedFormat = format;
  }
}

Value NodeContext::getValue(unsigned index) {
  ImportedValue *imported = lookup(index);
  if (imported->value)
    return imported->value;
  const ConstantTensor *constant = readConstant(index);
  if (!constant)
    return nullptr;
  const DecodedFrom *source = constant->getSource();
  // Blocks are for weights only, which are read as constants.
  bool isPlain = source && (!keepsDecodes || source->quantization.group != 0);
  imported->value =
      buildConstant(*this, isPlain ? constant->asFloats() : *constant);
  return imported->value;
}

std::optional<ConstantTensor> NodeContext::getConstant(unsigned index,
                                                       StringRef what) {
  if (!isConstant(index)) {
    (void)refuse("expects " + what + " to be constant, but " +
                 quote(node.input(index)) +
                 " is computed; fold constants when exporting the model");
    return std::nullopt;
  }
  if (const ConstantTensor *constant = readConstant(index))
    return *constant;
  return std::nullopt;
}

std::optional<ConstantTensor> NodeContext::getFloats(unsigned index,
                                                     StringRef what) {
  std::optional<ConstantTensor> constant = getConstant(index, what);
  if (constant && !constant->isFloat()) {
    (void)refuse("expects " + what + " to be float, but " +
                 quote(node.input(index)) + " holds integers");
    return std::nullopt;
  }
  return constant;
}

std::optional<SmallVector<int64_t>> NodeContext::getIntegers(unsigned index,
                                                             StringRef what) {
  std::optional<ConstantTensor> constant = getConstant(index, what);
  if (!constant)
    return std::nullopt;
  if (constant->isFloat() || constant->getRank() > 1) {
    (void)refuse("expects a list of integers as " + what + ", but " +
                 quote(node.input(index)) + " is of another type");
    return std::nullopt;
  }
  return SmallVector<int64_t>(constant->getIntegers());
}

std::optional<float> NodeContext::getFloat(unsigned index, StringRef what) {
  std::optional<ConstantTensor> constant = getFloats(index, what);
  if (!constant)
    return std::nullopt;
  if (constant->getNumElements() == 1)
    return constant->getFloats().front();
  (void)refuse("expects one number as " + what + ", but " +
               quote(node.input(index)) + " has the shape " +
               describeShape(constant->getShape()));
  return std::nullopt;
}

std::optional<int64_t> NodeContext::getInteger(unsigned index, StringRef what) {
  std::optional<SmallVector<int64_t>> integers = getIntegers(index, what);
  if (!integers)
    return std::nullopt;
  if (integers->size() == 1)
    return integers->front();
  (void)refuse("expects one integer as " + what + ", but " +
               quote(node.input(index)) + " has " + Twine(integers->size()));
  return std::nullopt;
}

std::optional<SmallVector<int64_t>> NodeContext::getShape(unsigned index) {
  if (Value value = lookup(index)->value)
    return llvm::to_vector(cast<RankedTensorType>(value.getType()).getShape());
  if (const ConstantTensor *constant = readConstant(index))
    return llvm::to_vector(constant->getShape());
  return std::nullopt;
}

std::optional<int64_t> NodeContext::getAxis(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  (void)refuse("has the axis " + Twine(axis) + " of a tensor with " +
               Twine(rank) + " dimensions");
  return std::nullopt;
}

RankedTensorType NodeContext::getType(ArrayRef<int64_t> shape, Type element) {
  constexpr int64_t maxRank = 6;
  std::optional<int64_t> count = countElements(shape);
  if (count && *count > 0 && int64_t(shape.size()) <= maxRank)
    return RankedTensorType::get(shape,
                                 element ? element : builder.getF32Type());
  (void)refuse("needs a tensor of the shape " + describeShape(shape) +
               "; expected at most " + Twine(maxRank) +
               " dimensions, each at least 1, and at most 2^40 elements");
  return nullptr;
}

unsigned NodeContext::getNumOutputs() const { return node.output_size(); }

bool NodeContext::hasOutput(unsigned index) const {
  return index < getNumOutputs() && !node.output(index).empty();
}

void NodeContext::setResult(Value value, unsigned index) {
  if (!hasOutput(index))
    return;
  if (movedFormat && getElementTypeOrSelf(value).isF32())
    value = buildEncode(*this, value, movedFormat);
  values[node.output(index)].value = value;
}

void NodeContext::setConstant(ConstantTensor constant, unsigned index) {
  if (!hasOutput(index))
    return;
  constant.setName(node.output(index));
  values[node.output(index)].constant = std::move(constant);
}

void NodeContext::forward(unsigned input) {
  if (!isConstant(input))
    return setResult(lookup(input)->value);
  if (const ConstantTensor *constant = readConstant(input))
    setConstant(*constant);
}

LogicalResult NodeContext::importPart(const ::onnx::NodeProto &part) {
  const Operator *found = scope.operators.find("", part.op_type());
  assert(found && "nodes are made of ops that can be imported");
  NodeContext context(part, scope.opset, scope);
  LogicalResult result = importOperator(*found, context);
  for (const std::string &reason : context.getRefusals())
    (void)refuse(reason);
  return result;
}
