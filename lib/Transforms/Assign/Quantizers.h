//===- Quantizers.h - Formats of a recipe's quantizers ----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_ASSIGN_QUANTIZERS_H
#define LOWBIT_LIB_TRANSFORMS_ASSIGN_QUANTIZERS_H

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Recipe.h"

namespace mlir::lowbit {

/// Quantizers of the literature are for what layers multiply: what `op` observes
/// becomes affine, in 8 bits, if none does so.
void restrictToLayers(ObserveOp op, ActivationOptions &options);

/// The format that the recipe's quantizer, which is not affine, gives to what `op`
/// observes; an axis stands for rows. Fails with a diagnostic where the storage does
/// not fit, or statistics are missing.
FailureOr<Type> getQuantizerFormat(ObserveOp op,
                                   const ActivationOptions &options);

/// The thresholds that an encode counts, and the code of each rank. No thresholds
/// where those of the format, or its rounding, are meant, and no codes for those of
/// the format in order.
struct CountedCodes {
  SmallVector<float> thresholds;
  SmallVector<int64_t> codes;
};

/// What an encode by `quantizer` in `format` counts.
CountedCodes getCountedCodes(const ActivationQuantizer &quantizer, Type format);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_ASSIGN_QUANTIZERS_H
