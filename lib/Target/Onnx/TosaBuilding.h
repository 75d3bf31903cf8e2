//===- TosaBuilding.h - the TOSA that importers make -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function builds one op of TOSA at the node's location, or returns null
// after refusing the node. A null operand is passed on, so that calls nest:
// the reason has been recorded when it arose. Ops that would do nothing are
// not built.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_TOSABUILDING_H
#define LOWBIT_LIB_TARGET_ONNX_TOSABUILDING_H

#include "NodeContext.h"

namespace mlir::lowbit::onnximport {

/// The shape of `value`, which must be a ranked tensor.
inline ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}
inline int64_t rankOf(Value value) { return shapeOf(value).size(); }
inline Type elementOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getElementType();
}

/// A tosa.const of `constant`, located at its name. The elements must be
/// finite floats or of another type that ElementType.h lists. Floats of 4 KiB
/// and more are held in a resource.
Value buildConstant(NodeContext &node, const ConstantTensor &constant);

/// The same of floats, with the dimensions permuted on the way and then cut to
/// `shape`. Floats that the model decodes from integers are the decode of a
/// constant of those.
Value buildTransposedConstant(NodeContext &node, const ConstantTensor &constant,
                              ArrayRef<int64_t> permutation,
                              ArrayRef<int64_t> shape, float factor = 1.0f);

/// A tosa.const of `shape` with all elements equal to `value`, of its type.
Value buildSplat(NodeContext &node, ArrayRef<int64_t> shape, TypedAttr value);
Value buildSplat(NodeContext &node, ArrayRef<int64_t> shape, float value);

/// `value` as an attribute of the type `element`: f32 or an integer.
TypedAttr getNumber(Type element, int64_t value);

/// Dimensions as TOSA takes them.
Value buildShape(NodeContext &node, ArrayRef<int64_t> shape);

Value buildReshape(NodeContext &node, Value input, ArrayRef<int64_t> shape);

/// Dimension i of the result is dimension `permutation`[i] of `input`.
Value buildTranspose(NodeContext &node, Value input,
                     ArrayRef<int64_t> permutation);

/// [N, C, ...] to [N, ..., C] and back.
Value buildChannelsLast(NodeContext &node, Value input);
Value buildChannelsFirst(NodeContext &node, Value input);

/// The first `sizes` elements of each dimension.
Value buildLeadingSlice(NodeContext &node, Value input,
                        ArrayRef<int64_t> sizes);

/// `count` elements of dimension `dim`, from `start` on.
Value buildSlice(NodeContext &node, Value input, int64_t dim, int64_t start,
                 int64_t count);

/// `before` and `after` elements of `value`, which has the type of the input's
/// elements, around each dimension.
Value buildPad(NodeContext &node, Value input, ArrayRef<int64_t> before,
               ArrayRef<int64_t> after, TypedAttr value);
Value buildPad(NodeContext &node, Value input, ArrayRef<int64_t> before,
               ArrayRef<int64_t> after, float value);

/// `input` repeated as a whole, `multiples`[i] times along dimension i.
Value buildTile(NodeContext &node, Value input, ArrayRef<int64_t> multiples);

/// `input` repeated along dimensions of size 1, to `shape` of the same rank.
Value buildBroadcast(NodeContext &node, Value input, ArrayRef<int64_t> shape);

/// The shape of an elementwise operation on `lhs` and `rhs`; nothing after a
/// refusal.
std::optional<SmallVector<int64_t>> broadcastShapes(NodeContext &node,
                                                    ArrayRef<int64_t> lhs,
                                                    ArrayRef<int64_t> rhs);

/// `shape` with dimensions of size 1 put before it.
SmallVector<int64_t> padRank(ArrayRef<int64_t> shape, int64_t rank);

/// Input `index`, which must hold floats, int32 or int64; null after a refusal.
Value getNumbers(NodeContext &node, unsigned index);

/// The type of an elementwise operation on `lhs` and `rhs`, which get its rank;
/// null after a refusal, or if an operand is null.
RankedTensorType broadcastOperands(NodeContext &node, Value &lhs, Value &rhs);

/// The operation `Op` of TOSA on `lhs` and `rhs` with broadcasting.
template <typename Op>
Value buildBinary(NodeContext &node, Value lhs, Value rhs) {
  RankedTensorType type = broadcastOperands(node, lhs, rhs);
  return type ? Op::create(node.builder, type, lhs, rhs).getResult() : nullptr;
}

/// lhs + rhs, lhs - rhs and lhs * rhs with broadcasting.
Value buildAdd(NodeContext &node, Value lhs, Value rhs);
Value buildSub(NodeContext &node, Value lhs, Value rhs);
Value buildMul(NodeContext &node, Value lhs, Value rhs);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_TOSABUILDING_H
