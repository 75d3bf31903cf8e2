//===- Movement.h - moves the elements of any tensor -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops that move data do the same to constants, whose elements move at import,
// and to computed tensors, for which they become operations of TOSA. They are
// written once, in terms of these functions:
//
//   Movable data = Movable::get(node, 0);
//   data = take(node, data, /*axis=*/1, {4, 2, 0});
//   return data.setResult(node);
//
// A null tensor is passed on, so that calls nest: the reason has been recorded
// when it arose.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_MOVEMENT_H
#define LOWBIT_LIB_TARGET_ONNX_MOVEMENT_H

#include "NodeContext.h"

namespace mlir::lowbit::onnximport {

/// A tensor, constant or computed, of any type that ElementType.h lists.
class Movable {
public:
  Movable() = default;
  Movable(Value value) : value(value) {}
  Movable(ConstantTensor constant) : constant(std::move(constant)) {}

  /// An input of the node; null after a refusal.
  static Movable get(NodeContext &node, unsigned index);

  explicit operator bool() const { return value || constant; }
  bool isConstant() const { return constant.has_value(); }
  const ConstantTensor &getConstant() const { return *constant; }
  Value getValue() const { return value; }
  ArrayRef<int64_t> getShape() const;
  int64_t getRank() const { return getShape().size(); }

  /// Makes this a result of the node; fails if it is null.
  LogicalResult setResult(NodeContext &node, unsigned index = 0) const;

private:
  std::optional<ConstantTensor> constant;
  Value value;
};

/// The elements of `data` in the shape `shape` of as many elements.
Movable reshape(NodeContext &node, const Movable &data,
                ArrayRef<int64_t> shape);

/// Dimension i of the result is dimension `permutation`[i] of `data`.
Movable transpose(NodeContext &node, const Movable &data,
                  ArrayRef<int64_t> permutation);

/// Position i of dimension `axis` of the result is position `indices`[i] of
/// `data`. The indices must be in range.
Movable take(NodeContext &node, const Movable &data, int64_t axis,
             ArrayRef<int64_t> indices);

/// `data` repeated as a whole `multiples`[i] times along each dimension i.
Movable tile(NodeContext &node, const Movable &data,
             ArrayRef<int64_t> multiples);

/// `data` broadcast to `shape`, which broadcastShapes has found.
Movable broadcast(NodeContext &node, const Movable &data,
                  ArrayRef<int64_t> shape);

/// What `take` does to a computed tensor: slices, reverses, repeats and joins
/// where that suffices, and else gathers.
Value buildTake(NodeContext &node, Value input, int64_t axis,
                ArrayRef<int64_t> indices);

/// The rows of `data` [N, K, C] at `indices` [N, W], which are in range.
Value buildGather(NodeContext &node, Value data, Value indices);

/// The numbers below `end`.
SmallVector<int64_t> rangeTo(int64_t end);

/// Refuses a dimension that is too long to list its positions.
LogicalResult expectListable(NodeContext &node, int64_t size);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_MOVEMENT_H
