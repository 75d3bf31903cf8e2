//===- NodeExpansion.h - a node in terms of others --------------*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An op on codes such as QLinearConv is three ops that the importer knows:
// DequantizeLinear, Conv, QuantizeLinear. Such a node is imported as those are,
// one after the other, under its own name. What it means on codes is the matter
// of -lowbit-integerize.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_NODEEXPANSION_H
#define LOWBIT_LIB_TARGET_ONNX_NODEEXPANSION_H

#include "NodeContext.h"

#include "onnx.pb.h"

namespace mlir::lowbit::onnximport {

/// Imports nodes in place of `node`. After the first that is refused, which
/// refuses `node`, nothing more happens.
class NodeExpansion {
public:
  explicit NodeExpansion(NodeContext &node) : node(node) {}

  /// Imports a node of ONNX's own op `opType` that reads the values `inputs`
  /// and has `attributes`; returns the name of its result.
  std::string add(StringRef opType, ArrayRef<std::string> inputs,
                  ArrayRef<::onnx::AttributeProto> attributes = {});

  /// A name for `constant`.
  std::string addConstant(ConstantTensor constant);

  /// A name for `value`.
  std::string addValue(Value value);

  /// Input `index` of `node`, dequantized with the scale and the zero point in
  /// the inputs after it, per `axis` if they are several.
  std::string dequantize(unsigned index, int64_t axis = 0);
  /// The same with the scale and the zero point in `scale` and after it.
  std::string dequantize(unsigned index, unsigned scale, int64_t axis);

  /// `value`, quantized with the scale in input `scale` and the zero point
  /// after it, is the result of `node`.
  LogicalResult quantize(const std::string &value, unsigned scale);

  /// The tensor that `value` is; null after a refusal.
  Value getValue(const std::string &value);

  /// `value` is the result of `node`.
  LogicalResult finish(const std::string &value);

  /// The attributes of `node` but for those called `except`.
  SmallVector<::onnx::AttributeProto>
  takeAttributes(ArrayRef<StringRef> except = {});

private:
  std::string makeName();

  NodeContext &node;
  bool failed = false;
};

/// An attribute of one integer.
::onnx::AttributeProto makeAttribute(StringRef name, int64_t value);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_NODEEXPANSION_H
