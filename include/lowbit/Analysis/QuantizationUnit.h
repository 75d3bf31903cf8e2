//===- QuantizationUnit.h - What is quantized as one ------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A quantization unit is a multiply-accumulate, arithmetic on two operands or a
// sum, with what runs on its 32-bit result before that is encoded:
//
//   conv2d | depthwise_conv2d | grouped_conv2d | matmul
//         [+ batch norm, if weights are codes] [+ add of a residual] [+ clamp]
//   add | sub | mul | maximum | minimum                          [+ clamp]
//   reduce_sum [+ reduce_sum ...]  [+ mul by one constant]       [+ clamp]
//
// Only constant weights, and batch norms, take a residual add. The batch norm is a
// depthwise convolution of one position.
//
// Inside a unit there is one value with one use after the other, and none of
// them gets a format but the last. Every other operation is a unit by itself.
// Between units, data movement carries codes unchanged.
//
// All questions look through `lowbit.observe`, so they have the same answer
// before and after `-lowbit-observe`.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_QUANTIZATIONUNIT_H
#define LOWBIT_ANALYSIS_QUANTIZATIONUNIT_H

#include "mlir/IR/Operation.h"

#include <optional>

namespace mlir::lowbit {

class DecodeOp;
class ObserveOp;

struct QuantizationUnit {
  /// The multiply-accumulate, the arithmetic, or the operation that is alone.
  Operation *root = nullptr;
  /// The batch norm behind weights that are codes, or null.
  Operation *norm = nullptr;
  /// The addition of a residual, or null.
  Operation *add = nullptr;
  /// The last of the sums, or what multiplies them; null for just one.
  Operation *scaledSum = nullptr;
  /// The clamp after it, or null.
  Operation *clamp = nullptr;

  /// The operation that defines the unit's value.
  Operation *getLast() const {
    return clamp ? clamp : add ? add : scaledSum ? scaledSum : getProducts();
  }
  /// What the unit adds the residual to.
  Operation *getProducts() const { return norm ? norm : root; }
  /// The value that the unit computes.
  Value getResult() const;
  /// The operand of `add` that this unit does not compute; null without `add`.
  Value getResidual() const;
};

/// True for tosa.conv2d, tosa.depthwise_conv2d, lowbit.grouped_conv2d and
/// tosa.matmul on f32.
bool isMultiplyAccumulate(Operation *op);

/// True for a depthwise convolution that has one constant weight for each channel,
/// and a constant bias.
bool isChannelScaling(Operation *op);

/// True for tosa.add, sub, mul, maximum and minimum on f32: arithmetic on two
/// operands, element by element, where sizes of 1 are repeated.
bool isPairwise(Operation *op);

/// A value times one constant number.
struct ScaledValue {
  Value value;
  double factor;
};

/// What `product` multiplies, if that is a tosa.mul by one constant number.
std::optional<ScaledValue> getScaledValue(Value product);

/// The unit that `op` belongs to, whether first, in the middle or last.
QuantizationUnit getQuantizationUnit(Operation *op);

/// True if the result's elements are those of operand 0, moved, left out,
/// repeated, or joined by zeros: codes pass through in their format. These are
/// reshape, transpose, slice, reverse, tile, gather from computed values,
/// max_pool2d, reduce_max, and pad with 0.
bool isDataMovement(Operation *op);

/// Follows data movement back to the value whose codes `value` holds.
Value getCodesSource(Value value);

/// The observation that `value` holds the codes of; null if there is none.
ObserveOp getObservation(Value value);

/// The decode that `value` holds the codes of, in a model that is quantized
/// already; null if there is none.
DecodeOp getDecode(Value value);

/// True for the decode of a constant.
bool isDecodedConstant(Value value);

/// Calls `visit` for each use of `value` that is no data movement, in the order
/// of the use lists, following data movement forward.
void forEachCodesUse(Value value, function_ref<void(OpOperand &)> visit);

/// The operand of the multiply-accumulate `op` that is its constant weights,
/// seen through an observation; null if that is not constant. Weights are the
/// second operand: a matmul with a constant first operand has none.
OpOperand *getWeights(Operation *op);

/// The layer whose weights `observe` observes, and no other value's; null for
/// observations of anything else.
Operation *getLayerOfWeights(ObserveOp observe);

/// The value without the observation on it.
Value skipObservation(Value value);

/// True if a constant operation defines `value`, or the observation of one.
bool isConstant(Value value);

/// True for a ranked tensor of f32.
bool isF32Tensor(Type type);

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_QUANTIZATIONUNIT_H
