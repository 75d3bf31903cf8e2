//===- Operators.cpp - the ops that can be imported ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Operators.h"

#include "ElementType.h"
#include "ModelFile.h"

#include "onnx.pb.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

OperatorTable::OperatorTable() {
  addActivationOperators(*this);
  addCastOperators(*this);
  addComparisonOperators(*this);
  addConstantOperators(*this);
  addConvolutionOperators(*this);
  addDataMovementOperators(*this);
  addElementwiseOperators(*this);
  addFoldingOperators(*this);
  addFullyConnectedOperators(*this);
  addGatherOperators(*this);
  addIntegerOperators(*this);
  addMaskOperators(*this);
  addIntegerProductOperators(*this);
  addNormalizationOperators(*this);
  addPaddingOperators(*this);
  addPoolingOperators(*this);
  addQOperators(*this);
  addQonnxOperators(*this);
  addQuantizeOperators(*this);
  addReductionOperators(*this);
  addResizeOperators(*this);
  addSearchOperators(*this);
  addShapeOperators(*this);
  addSlicingOperators(*this);
  addSoftmaxOperators(*this);
  addCodeUses();
  addOpsets();
}

/// Ops that do with codes what they do with real numbers.
void OperatorTable::addCodeUses() {
  auto set = [&](ArrayRef<StringRef> names, CodeUse use) {
    for (StringRef name : names)
      if (auto found = domains[""].find(name); found != domains[""].end())
        found->second.codes = use;
  };
  set({"Concat", "DepthToSpace", "Expand", "Flatten", "Gather", "MaxPool",
       "Reshape", "Slice", "SpaceToDepth", "Split", "Squeeze", "Tile",
       "Transpose", "Unsqueeze"},
      CodeUse::Move);
  set({"Pad"}, CodeUse::Plainly);
  for (StringRef name : {"Add", "Concat", "Conv", "ConvTranspose", "Div",
                         "Gemm", "MatMul", "Max", "Min", "Mul", "PRelu", "Sub"})
    if (auto found = domains[""].find(name); found != domains[""].end())
      found->second.keepsDecodes = true;
}

/// Opset 21 is the newest for most ops. What has quantization in it may be
/// newer; so may these ops be, whose definitions have not changed since, or
/// only by more element types.
void OperatorTable::addOpsets() {
  for (StringRef name : {"Add",
                         "AveragePool",
                         "Cast",
                         "Clip",
                         "Concat",
                         "Constant",
                         "ConstantOfShape",
                         "Conv",
                         "ConvInteger",
                         "DequantizeLinear",
                         "Dropout",
                         "DynamicQuantizeLinear",
                         "Flatten",
                         "Gather",
                         "Gemm",
                         "GlobalAveragePool",
                         "GlobalMaxPool",
                         "Identity",
                         "LeakyRelu",
                         "MatMul",
                         "MatMulInteger",
                         "MaxPool",
                         "Mul",
                         "Pad",
                         "QLinearConv",
                         "QLinearMatMul",
                         "QuantizeLinear",
                         "Relu",
                         "Reshape",
                         "Shape",
                         "Sigmoid",
                         "Slice",
                         "Softmax",
                         "Split",
                         "Squeeze",
                         "Sub",
                         "Tanh",
                         "Transpose",
                         "Unsqueeze"})
    if (auto found = domains[""].find(name); found != domains[""].end())
      found->second.lastOpset = maxOpset;
}

void OperatorTable::add(StringRef name, Arity inputs, OperatorImporter import,
                        StringRef domain) {
  Operator &added = domains[domain][name];
  assert(!added.import && "two importers for one op");
  added.inputs = inputs;
  added.import = std::move(import);
}

void OperatorTable::addForIntegers(StringRef name, Arity inputs,
                                   OperatorImporter import) {
  Operator &added = domains[""][name];
  assert(!added.importIntegers && "two importers for one op on integers");
  if (!added.import)
    added.inputs = inputs;
  added.importIntegers = std::move(import);
}

void OperatorTable::addForConstants(StringRef name, Arity inputs,
                                    OperatorImporter import) {
  Operator &added = domains[""][name];
  assert(!added.importConstants && "two importers for one op on constants");
  if (!added.import && !added.importIntegers)
    added.inputs = inputs;
  added.importConstants = std::move(import);
}

const Operator *OperatorTable::find(StringRef domain, StringRef name) const {
  auto operators = domains.find(domain);
  if (operators == domains.end())
    return nullptr;
  auto found = operators->second.find(name);
  return found == operators->second.end() ? nullptr : &found->second;
}

/// Constants are computed with at import where the op can be; else the first
/// input decides whether the node is one on floats.
static LogicalResult importByType(const Operator &op, NodeContext &node) {
  if (op.importConstants && node.allConstant())
    return op.importConstants(node);
  bool isFloat = true;
  if (op.importIntegers && !node.movesCodes()) {
    std::optional<int32_t> type = node.getElementType(0);
    if (!type)
      return failure();
    isFloat = isFloatType(*type);
  }
  if (!isFloat)
    return op.importIntegers(node);
  if (op.import)
    return op.import(node);
  return node.refuse(op.importIntegers
                         ? "computes with floats; lowbit imports this op on "
                           "integers only"
                         : "computes with tensors that are not constant; fold "
                           "constants when exporting the model");
}

LogicalResult onnximport::importOperator(const Operator &op,
                                         NodeContext &node) {
  unsigned count = node.getNumInputs();
  bool fits = count <= op.inputs.most && count >= op.inputs.least;
  for (unsigned index = 0; fits && index < op.inputs.least; ++index)
    fits = node.hasInput(index);
  if (!fits)
    return node.refuse("has " + Twine(count) +
                       " inputs, or leaves out one that is needed");
  if (node.getOpset() > op.lastOpset)
    return node.refuse("is known to lowbit up to opset " + Twine(op.lastOpset) +
                       "; convert the model with onnx.version_converter or "
                       "export it again");
  if (op.codes != CodeUse::None)
    node.moveCodes(op.codes == CodeUse::Plainly);
  node.keepDecodes(op.keepsDecodes);
  if (failed(importByType(op, node)))
    return failure();
  node.refuseUnreadAttributes();
  return success(node.getRefusals().empty());
}
