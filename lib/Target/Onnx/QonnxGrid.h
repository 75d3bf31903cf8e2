//===- QonnxGrid.h - the numbers that a QONNX quantizer takes -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// QONNX says what a quantizer computes in float32, operation by operation:
//
//   code = round(clamp(x / scale + zero));  y = (code - zero) * scale
//
// Where a format stands for just these numbers, the quantizer becomes the encode
// and the decode of that format: zero points that are integers make affine
// codes, zero points in the middle of all codes odd multiples of half a scale.
// Elsewhere it stays what it is: float operations around plain integers.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_QONNXGRID_H
#define LOWBIT_LIB_TARGET_ONNX_QONNXGRID_H

#include "CodeType.h"
#include "QonnxParameters.h"

namespace mlir::lowbit::onnximport {

/// The numbers (code - zero) * scale for all codes of a type.
struct QonnxGrid {
  CodeType type;
  BroadcastNumbers scale, zero;

  /// What affine codes stand for these numbers, exactly in float32; nothing if
  /// none do.
  std::optional<Quantization> getAffine() const;
  /// The same of bits that are -1 or +1: if zero points are in the middle of all
  /// codes, bits of code - least code.
  std::optional<Quantization> getSignBits() const;

  /// The code of `x`, an integer, as element `position`.
  float getCode(float x, int64_t position, Rounding rounding) const;
  /// The number of `code` as element `position`.
  float getNumber(float code, int64_t position) const;

  /// The constant `input` on the grid. It remembers its codes where a format
  /// says what they stand for.
  ConstantTensor quantize(const ConstantTensor &input, Rounding rounding) const;

  /// `input` on the grid; null after a refusal, as below.
  Value build(NodeContext &node, Value input, Rounding rounding) const;
  /// Codes of `input`, affine ones or, where there are none, plain integers.
  Value buildCodes(NodeContext &node, Value input, Rounding rounding) const;
  /// The numbers that `codes`, of a format of the same type, stand for on this
  /// grid.
  Value buildNumbers(NodeContext &node, Value codes) const;
};

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_QONNXGRID_H
