//===- NodeContext.h - what the importer of an op sees -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The importer of an op is a function of a NodeContext. Through it the function
// reads inputs and attributes, says why it cannot import the node, and hands
// over results. Reading an attribute with a wrong type records the refusal and
// goes on with the default value, so importers read what they need without
// checking each step; a node with any refusal is never imported.
//
// An attribute that the importer did not read is a refusal too: what is not
// understood is not ignored.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_NODECONTEXT_H
#define LOWBIT_LIB_TARGET_ONNX_NODECONTEXT_H

#include "ConstantTensor.h"
#include "TensorReader.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/StringMap.h"

namespace onnx {
class AttributeProto;
class NodeProto;
class TensorProto;
} // namespace onnx

namespace mlir::lowbit::onnximport {

/// What a name of the graph stands for.
struct ImportedValue {
  /// A constant that has not been read yet.
  const ::onnx::TensorProto *initializer = nullptr;
  std::optional<ConstantTensor> constant;
  /// The tensor in the IR; a constant gets one when it is first needed.
  Value value;
  /// The node that computes it was refused.
  bool refused = false;
  /// The node was imported, but not this one of its outputs.
  bool notComputed = false;
};
using ValueTable = llvm::StringMap<ImportedValue>;

class OperatorTable;

/// What the nodes of a graph share.
struct ImportScope {
  ImplicitLocOpBuilder &builder;
  ValueTable &values;
  const TensorReader &reader;
  const OperatorTable &operators;
  /// Of ONNX's own domain.
  int64_t opset;
};

/// What locations and errors call `node`: nodes need not have a name.
StringRef getNodeName(const ::onnx::NodeProto &node);

/// One node during its import.
class NodeContext {
public:
  NodeContext(const ::onnx::NodeProto &node, int64_t opset,
              const ImportScope &scope)
      : builder(scope.builder), node(node), opset(opset), values(scope.values),
        reader(scope.reader), scope(scope) {}

  /// Makes operations at the node's location.
  ImplicitLocOpBuilder &builder;

  StringRef getOpType() const;
  StringRef getName() const;
  /// True for an op of com.microsoft, which ONNX Runtime defines.
  bool isOfOnnxRuntime() const;
  /// The version of the op's domain that the model was written in.
  int64_t getOpset() const { return opset; }

  /// Records why the node cannot be imported; always fails.
  LogicalResult refuse(const Twine &reason);
  ArrayRef<std::string> getRefusals() const { return refusals; }

  //===--------------------------------------------------------------------===//
  // Inputs
  //===--------------------------------------------------------------------===//

  unsigned getNumInputs() const;
  /// The name of input `index`; empty if it is left out.
  std::string getInputName(unsigned index) const;
  /// False for an optional input that is left out.
  bool hasInput(unsigned index) const;
  /// True if the elements of the input are known.
  bool isConstant(unsigned index) const;
  /// True if all inputs are constants.
  bool allConstant() const;
  /// ONNX's number of the type of an input's elements, constant or not;
  /// nothing after a refusal.
  std::optional<int32_t> getElementType(unsigned index);
  /// The input as a tensor of floats; null after a refusal.
  Value getTensor(unsigned index);
  /// The input as a tensor of any type that ElementType.h lists; null after a
  /// refusal.
  Value getTypedTensor(unsigned index);
  /// The input as a tensor of codes, see CodeType.h; null after a refusal.
  Value getCodes(unsigned index);
  /// The input as whatever the IR holds for it; null after a refusal.
  Value getValue(unsigned index);
  /// The elements of an input, called `what` in the refusal if they are not
  /// known.
  std::optional<ConstantTensor> getConstant(unsigned index, StringRef what);
  std::optional<ConstantTensor> getFloats(unsigned index, StringRef what);
  std::optional<SmallVector<int64_t>> getIntegers(unsigned index,
                                                  StringRef what);
  /// The only element of an input.
  std::optional<float> getFloat(unsigned index, StringRef what);
  std::optional<int64_t> getInteger(unsigned index, StringRef what);
  /// The shape of an input, constant or not.
  std::optional<SmallVector<int64_t>> getShape(unsigned index);

  //===--------------------------------------------------------------------===//
  // Attributes
  //===--------------------------------------------------------------------===//

  bool hasAttribute(StringRef name) const;
  int64_t getInt(StringRef name, int64_t defaultValue);
  float getFloat(StringRef name, float defaultValue);
  std::string getString(StringRef name, StringRef defaultValue);
  SmallVector<int64_t> getInts(StringRef name, ArrayRef<int64_t> defaultValue);
  std::optional<SmallVector<float>> getFloats(StringRef name);
  std::optional<ConstantTensor> getTensorAttribute(StringRef name);
  /// The attribute has no bearing on inference.
  void ignore(StringRef name);
  /// Refuses the node if `value`, of the attribute `name`, is not `expected`.
  LogicalResult expectInt(StringRef name, int64_t defaultValue,
                          int64_t expected);

  //===--------------------------------------------------------------------===//
  // Shapes and results
  //===--------------------------------------------------------------------===//

  /// `axis` counted from the front; nothing after a refusal if it is not in
  /// [-rank, rank).
  std::optional<int64_t> getAxis(int64_t axis, int64_t rank);
  /// The tensor type of `shape` and `element`, f32 if that is null; null after
  /// a refusal if it has no elements, too many, or too many dimensions.
  RankedTensorType getType(ArrayRef<int64_t> shape, Type element = nullptr);

  unsigned getNumOutputs() const;
  /// False for an optional output that is left out.
  bool hasOutput(unsigned index) const;
  void setResult(Value value, unsigned index = 0);
  void setConstant(ConstantTensor constant, unsigned index = 0);
  /// The result is the input, constant or not.
  void forward(unsigned input);

  /// For ops that move elements without computing: codes are read as the real
  /// numbers that they stand for, and the results made codes of that format
  /// again. With `plainly`, codes stand for themselves, as the op sees them.
  /// Does nothing where no input is a tensor of codes.
  void moveCodes(bool plainly);
  /// Whether constants that the model decodes from integers are read as decodes.
  void keepDecodes(bool keep) { keepsDecodes = keep; }
  bool movesCodes() const { return static_cast<bool>(movedFormat); }

  /// Refuses the node for attributes that nobody read.
  void refuseUnreadAttributes();

private:
  friend class NodeExpansion;

  /// Imports `part`, a node of ONNX's own domain that this one is made of.
  LogicalResult importPart(const ::onnx::NodeProto &part);
  ImportedValue *lookup(unsigned index) const;
  const ConstantTensor *readConstant(unsigned index);
  /// The attribute `name` if it is there and of the type `type`.
  const ::onnx::AttributeProto *findAttribute(StringRef name, int type);

  const ::onnx::NodeProto &node;
  int64_t opset;
  ValueTable &values;
  const TensorReader &reader;
  const ImportScope &scope;
  /// Of the codes that are moved; null if there are none.
  quant::QuantizedType movedFormat;
  bool keepsDecodes = false;
  SmallVector<std::string> refusals;
  SmallVector<StringRef> readAttributes;
};

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_NODECONTEXT_H
