//===- NodeAttributes.cpp - attributes of a node ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeContext.h"

#include "onnx.pb.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using ::onnx::AttributeProto;

const AttributeProto *NodeContext::findAttribute(StringRef name, int type) {
  ignore(name);
  for (const AttributeProto &attribute : node.attribute()) {
    if (attribute.name() != name)
      continue;
    if (!attribute.ref_attr_name().empty()) {
      (void)refuse("takes the attribute " + quote(name) +
                   " from a function around it; inline the model's functions");
      return nullptr;
    }
    if (attribute.type() == type)
      return &attribute;
    (void)refuse("has the attribute " + quote(name) + " of type " +
                 AttributeProto::AttributeType_Name(attribute.type()) +
                 "; expected " +
                 AttributeProto::AttributeType_Name(
                     AttributeProto::AttributeType(type)));
    return nullptr;
  }
  return nullptr;
}

bool NodeContext::hasAttribute(StringRef name) const {
  return llvm::any_of(node.attribute(), [&](const AttributeProto &attribute) {
    return attribute.name() == name;
  });
}

int64_t NodeContext::getInt(StringRef name, int64_t defaultValue) {
  const AttributeProto *attribute = findAttribute(name, AttributeProto::INT);
  return attribute ? attribute->i() : defaultValue;
}

float NodeContext::getFloat(StringRef name, float defaultValue) {
  const AttributeProto *attribute = findAttribute(name, AttributeProto::FLOAT);
  return attribute ? attribute->f() : defaultValue;
}

std::string NodeContext::getString(StringRef name, StringRef defaultValue) {
  const AttributeProto *attribute = findAttribute(name, AttributeProto::STRING);
  return attribute ? attribute->s() : defaultValue.str();
}

SmallVector<int64_t> NodeContext::getInts(StringRef name,
                                          ArrayRef<int64_t> defaultValue) {
  const AttributeProto *attribute = findAttribute(name, AttributeProto::INTS);
  if (!attribute)
    return SmallVector<int64_t>(defaultValue);
  return SmallVector<int64_t>(attribute->ints().begin(),
                              attribute->ints().end());
}

std::optional<SmallVector<float>> NodeContext::getFloats(StringRef name) {
  const AttributeProto *attribute = findAttribute(name, AttributeProto::FLOATS);
  if (!attribute)
    return std::nullopt;
  return SmallVector<float>(attribute->floats().begin(),
                            attribute->floats().end());
}

std::optional<ConstantTensor> NodeContext::getTensorAttribute(StringRef name) {
  const AttributeProto *attribute = findAttribute(name, AttributeProto::TENSOR);
  if (!attribute)
    return std::nullopt;
  llvm::Expected<ConstantTensor> constant = reader.read(attribute->t());
  if (constant)
    return std::move(*constant);
  (void)refuse(llvm::toString(constant.takeError()));
  return std::nullopt;
}

void NodeContext::ignore(StringRef name) {
  if (!llvm::is_contained(readAttributes, name))
    readAttributes.push_back(name);
}

LogicalResult NodeContext::expectInt(StringRef name, int64_t defaultValue,
                                     int64_t expected) {
  int64_t value = getInt(name, defaultValue);
  if (value == expected)
    return success();
  return refuse("has " + name + " = " + Twine(value) +
                "; lowbit imports only " + Twine(expected));
}

void NodeContext::refuseUnreadAttributes() {
  for (const AttributeProto &attribute : node.attribute())
    if (!llvm::is_contained(readAttributes, StringRef(attribute.name())))
      (void)refuse("has the attribute " + quote(attribute.name()) + ", which " +
                   node.op_type() + " of opset " + Twine(opset) +
                   " does not have");
}
