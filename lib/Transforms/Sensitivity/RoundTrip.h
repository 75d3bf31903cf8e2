//===- RoundTrip.h - Real numbers as their codes see them -------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_SENSITIVITY_ROUNDTRIP_H
#define LOWBIT_LIB_TRANSFORMS_SENSITIVITY_ROUNDTRIP_H

#include "../Assign/Quantizers.h"

namespace mlir::lowbit {

/// How a value is encoded: its format, and what an encode counts in place of the
/// format's own thresholds.
struct ValueFormat {
  Type format;
  CountedCodes counted;
};

/// Replaces each of `elements`, a tensor of `shape`, by what its code in `format`
/// stands for. A format that is not uniform has one scale.
void roundToCodes(MutableArrayRef<float> elements, const ValueFormat &format,
                  ArrayRef<int64_t> shape);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_SENSITIVITY_ROUNDTRIP_H
