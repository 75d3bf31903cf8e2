//===- TfliteFunctions.h - Functions of one code, as TFLite has them ------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TFLite's reference kernels compute logistic and tanh of 8-bit codes in fixed
// point. Both are functions of one code, so what they would compute is computed
// here, once for each code, and becomes a table.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_TFLITEFUNCTIONS_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_TFLITEFUNCTIONS_H

#include <cstdint>

namespace mlir::lowbit {

/// The i8 code of LOGISTIC, in steps of 1/256 from -128 up, for a variable that
/// is `steps` of `scale` from 0.
int8_t computeTfliteLogistic(int64_t steps, float scale, bool doubleRound);

/// The i8 code of TANH, in steps of 1/128.
int8_t computeTfliteTanh(int64_t steps, float scale, bool doubleRound);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_TFLITEFUNCTIONS_H
