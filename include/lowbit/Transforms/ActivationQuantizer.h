//===- ActivationQuantizer.h - How activations become codes -----*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a recipe says after `quantizer:`, a name and numbers:
//
//   affine                        # over the range that was calibrated
//   fixed-point                   # with a power of two as scale, and no zero point
//   sign                          # +1 for x >= 0, else -1
//   xnor                          # sign, and the scale map of XNOR-Net
//   clip 6                        # [0, 6] in equal steps; [0, 1] without a number
//   hwgq                          # the 2-bit levels of half-wave quantization
//   log2                          # powers of two, rounded in the exponent
//   shifted-signs 0.25/1 -0.5/0.6 # shift/scale of each sign, as in ABC-Net
//   dynamic                       # affine, with the scale of the tensor at hand
//   dynamic-rows                  # the same, with one for each row
//   residual-signs                # signs of what is left, with run-time scales
//   alternating-signs             # the same, with two rounds of least squares
//
// The storage gives the steps of clip, log2 and dynamic, and residual-signs and
// alternating-signs one plane for each bit.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_ACTIVATIONQUANTIZER_H
#define LOWBIT_TRANSFORMS_ACTIVATIONQUANTIZER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <utility>
#include <vector>

namespace mlir::lowbit {

struct ActivationQuantizer {
  enum class Kind {
    Affine,
    FixedPoint,
    Sign,
    ScaledSign, ///< "xnor"
    Clip,
    HalfWave, ///< "hwgq"
    Log2,
    ShiftedSigns,
    Dynamic,
    DynamicRows,
    ResidualSigns,
    AlternatingSigns
  };

  Kind kind = Kind::Affine;
  /// As parseActivationQuantizer reads it.
  std::string text = "affine";
  /// The upper end of Kind::Clip.
  double bound = 1;
  /// Shift and scale of each of Kind::ShiftedSigns.
  std::vector<std::pair<double, double>> signs;

  /// True if scales come from the numbers at run time.
  bool isDynamic() const { return kind >= Kind::Dynamic; }
};

/// Reads "name number...".
llvm::Expected<ActivationQuantizer>
parseActivationQuantizer(llvm::StringRef text);

} // namespace mlir::lowbit

#endif // LOWBIT_TRANSFORMS_ACTIVATIONQUANTIZER_H
