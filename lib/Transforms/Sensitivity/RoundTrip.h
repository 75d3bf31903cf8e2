//===- RoundTrip.h - Real numbers as their codes see them -------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_SENSITIVITY_ROUNDTRIP_H
#define LOWBIT_LIB_TRANSFORMS_SENSITIVITY_ROUNDTRIP_H

#include "lowbit/IR/Lowbit.h"

namespace mlir::lowbit {

/// Replaces the elements of a tensor of `shape` by what their codes in `format`
/// stand for. The format is affine, per tensor or per axis.
void roundToCodes(MutableArrayRef<float> elements, quant::QuantizedType format,
                  ArrayRef<int64_t> shape);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_SENSITIVITY_ROUNDTRIP_H
