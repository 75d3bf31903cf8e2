//===- QonnxSigns.h - the two numbers of a QONNX quantizer -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// BipolarQuant takes the sign of each number, of which 0 has that of 1:
//
//   y = x >= 0 ? scale : -scale
//
// So does IntQuant with 1 bit and a sign, after scale and zero point:
//
//   code = x / scale + zero >= 0 ? 1 : -1;  y = (code - zero) * scale
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_QONNXSIGNS_H
#define LOWBIT_LIB_TARGET_ONNX_QONNXSIGNS_H

#include "CodeType.h"
#include "QonnxParameters.h"

namespace mlir::lowbit::onnximport {

/// A quantizer to two numbers.
struct QonnxSigns {
  BroadcastNumbers scale;
  /// Of IntQuant only.
  std::optional<BroadcastNumbers> zero;

  /// What a bit stands for these numbers; nothing if none does.
  std::optional<Quantization> getQuantization() const;

  /// True for the greater number, as element `position`.
  bool isPositive(float x, int64_t position) const;

  ConstantTensor quantize(const ConstantTensor &input) const;
  /// Null after a refusal.
  Value build(NodeContext &node, Value input) const;
};

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_QONNXSIGNS_H
