//===- QuantizeParameters.h - scales and zero points of a node -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_QUANTIZEPARAMETERS_H
#define LOWBIT_LIB_TARGET_ONNX_QUANTIZEPARAMETERS_H

#include "CodeType.h"
#include "NodeContext.h"

namespace mlir::lowbit::onnximport {

/// The inputs 1 (scales) and 2 (zero points, or none) of QuantizeLinear and
/// DequantizeLinear, with the attributes `axis` and `block_size`.
class QuantizeParameters {
public:
  /// For an input 0 of `shape`; nothing after a refusal.
  static std::optional<QuantizeParameters> read(NodeContext &node,
                                                ArrayRef<int64_t> shape);

  /// True if scales and zero points are known.
  bool isConstant() const { return scales.has_value(); }

  /// The scale and the zero point, both constant, of element `position`.
  std::pair<float, int64_t> get(int64_t position) const;

  /// What a format can say; nothing for blocks, for computed scales, and for
  /// scales that are not positive and finite.
  std::optional<Quantization> getQuantization() const;

  /// The same for blocks of a constant.
  std::optional<Quantization> getBlocks() const;

  /// Scales and zero points as float tensors that broadcast to the input; null
  /// after a refusal.
  Value buildScale(NodeContext &node) const;
  Value buildZeroPoint(NodeContext &node) const;

private:
  /// That which goes with scale `index`.
  int64_t getZeroPoint(int64_t index) const;
  Value spread(NodeContext &node, Value value) const;

  SmallVector<int64_t> shape;
  /// -1 if all elements share a scale.
  int64_t axis = -1;
  /// 0 if there are no blocks.
  int64_t blockSize = 0;
  /// Of constants only.
  std::optional<ConstantTensor> scales, zeroPoints;
};

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_QUANTIZEPARAMETERS_H
