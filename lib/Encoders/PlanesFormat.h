//===- PlanesFormat.h - Bit planes of encoded weights -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_ENCODERS_PLANESFORMAT_H
#define LOWBIT_LIB_ENCODERS_PLANESFORMAT_H

#include "Slices.h"

#include "lowbit/IR/Lowbit.h"

namespace mlir::lowbit {

/// Codes of planes, with one list of scales for each slice, one after the other.
EncodedWeights makePlanes(MLIRContext *context, const Weights &weights,
                          const Slices &slices, Alphabet alphabet,
                          unsigned planes, ArrayRef<float> scales,
                          SmallVector<int64_t> codes);

/// Codes of powers of two, with a scale for each slice.
EncodedWeights makePow2(MLIRContext *context, const Weights &weights,
                        const Slices &slices, unsigned width, unsigned fields,
                        unsigned drop, int64_t low, ArrayRef<float> scales,
                        SmallVector<int64_t> codes);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_ENCODERS_PLANESFORMAT_H
