//===- QonnxParameters.h - what QONNX's quantizers are given -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// QONNX quantizes with numbers that broadcast to the input: one for all, one for
// each index along an axis, or any other shape. Bit widths and rounding modes
// are of the whole node.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_QONNXPARAMETERS_H
#define LOWBIT_LIB_TARGET_ONNX_QONNXPARAMETERS_H

#include "NodeContext.h"

#include "lowbit/IR/Lowbit.h"

namespace mlir::lowbit::onnximport {

/// Known numbers that broadcast to a tensor of some shape.
class BroadcastNumbers {
public:
  /// Input `index` of the node, called `what` in refusals, for an input 0 of
  /// `shape`; nothing after a refusal.
  static std::optional<BroadcastNumbers> read(NodeContext &node, unsigned index,
                                              StringRef what,
                                              ArrayRef<int64_t> shape);
  /// The same of scales: finite, positive numbers.
  static std::optional<BroadcastNumbers> readScales(NodeContext &node,
                                                    unsigned index,
                                                    StringRef what,
                                                    ArrayRef<int64_t> shape);

  /// The number for element `position` of the tensor.
  float get(int64_t position) const { return numbers[getIndex(position)]; }
  bool areAll(float number) const {
    return llvm::all_of(numbers, [&](float x) { return x == number; });
  }

  /// The numbers `function`(this, other); getAxis(other) must not be nothing.
  BroadcastNumbers
  combined(const BroadcastNumbers &other,
           llvm::function_ref<float(float, float)> function) const;
  BroadcastNumbers mapped(llvm::function_ref<float(float)> function) const;

  /// The dimension along which this and `other` hold different numbers; -1 if
  /// each holds one number, nothing if there are more dimensions.
  std::optional<int64_t> getAxis(const BroadcastNumbers &other) const;
  /// The numbers along `axis`, which is what getAxis says.
  SmallVector<float> getAlong(int64_t axis) const;

  /// A tensor constant of the rank of the tensor.
  Value build(NodeContext &node) const;
  /// `tensor` divided by the numbers; null after a refusal.
  Value buildQuotient(NodeContext &node, Value tensor) const;

private:
  int64_t getIndex(int64_t position) const;

  /// Of the tensor, and of the numbers: of the same rank.
  SmallVector<int64_t> shape, ownShape;
  std::vector<float> numbers;
};

/// Input `index`, called `what` in refusals: one integer from `least` to `most`,
/// which may be stored as a float. Nothing after a refusal.
std::optional<int64_t> readWholeNumber(NodeContext &node, unsigned index,
                                       StringRef what, int64_t least,
                                       int64_t most);

/// The attribute `rounding_mode`; nothing after a refusal.
std::optional<Rounding> readRounding(NodeContext &node, StringRef defaultMode);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_QONNXPARAMETERS_H
