//===- NodeExpansion.cpp - a node in terms of others ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeExpansion.h"

#include "lowbit/IR/Lowbit.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using ::onnx::AttributeProto;

AttributeProto onnximport::makeAttribute(StringRef name, int64_t value) {
  AttributeProto attribute;
  attribute.set_name(name.str());
  attribute.set_type(AttributeProto::INT);
  attribute.set_i(value);
  return attribute;
}

/// A name that no value has.
std::string NodeExpansion::makeName() {
  std::string base = node.getName().str(), name;
  for (unsigned count = 0; name.empty() || node.values.contains(name); ++count)
    name = base + " (" + std::to_string(count) + ")";
  return name;
}

std::string NodeExpansion::add(StringRef opType, ArrayRef<std::string> inputs,
                               ArrayRef<AttributeProto> attributes) {
  std::string name = makeName();
  if (failed)
    return name;
  ::onnx::NodeProto part;
  part.set_op_type(opType.str());
  part.set_name(node.getName().str());
  for (const std::string &input : inputs)
    part.add_input(input);
  part.add_output(name);
  for (const AttributeProto &attribute : attributes)
    *part.add_attribute() = attribute;
  failed = mlir::failed(node.importPart(part));
  return name;
}

std::string NodeExpansion::addConstant(ConstantTensor constant) {
  std::string name = makeName();
  constant.setName(name);
  node.values[name].constant = std::move(constant);
  return name;
}

std::string NodeExpansion::addValue(Value value) {
  std::string name = makeName();
  node.values[name].value = value;
  return name;
}

std::string NodeExpansion::dequantize(unsigned index, int64_t axis) {
  return dequantize(index, index + 1, axis);
}

std::string NodeExpansion::dequantize(unsigned index, unsigned scale,
                                      int64_t axis) {
  return add("DequantizeLinear",
             {node.getInputName(index), node.getInputName(scale),
              node.getInputName(scale + 1)},
             makeAttribute("axis", axis));
}

LogicalResult NodeExpansion::quantize(const std::string &value,
                                      unsigned scale) {
  std::string result = add("QuantizeLinear", {value, node.getInputName(scale),
                                              node.getInputName(scale + 1)});
  // What is no constant is the encode of a tensor.
  if (node.isOfOnnxRuntime() && !failed)
    if (Value codes = node.values[result].value)
      if (auto encode = codes.getDefiningOp<EncodeOp>())
        encode->setAttr(kOnnxRuntimeAttr, node.builder.getUnitAttr());
  return finish(result);
}

Value NodeExpansion::getValue(const std::string &value) {
  if (failed)
    return nullptr;
  // Read as a node would read it.
  ::onnx::NodeProto reader;
  reader.add_input(value);
  NodeContext context(reader, node.getOpset(), node.scope);
  Value result = context.getValue(0);
  for (const std::string &reason : context.getRefusals())
    (void)node.refuse(reason);
  return result;
}

LogicalResult NodeExpansion::finish(const std::string &value) {
  if (failed || value.empty())
    return failure();
  const ImportedValue &result = node.values[value];
  if (result.value)
    node.setResult(result.value);
  else
    node.setConstant(*result.constant);
  return success();
}

SmallVector<AttributeProto>
NodeExpansion::takeAttributes(ArrayRef<StringRef> except) {
  SmallVector<AttributeProto> taken;
  for (const AttributeProto &attribute : node.node.attribute()) {
    StringRef name = attribute.name();
    if (llvm::is_contained(except, name))
      continue;
    node.ignore(name);
    taken.push_back(attribute);
  }
  return taken;
}
