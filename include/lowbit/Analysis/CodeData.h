//===- CodeData.h - The codes of constants ----------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constants hold codes as words of their format; here are they read and made as
// the integers that they are.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_CODEDATA_H
#define LOWBIT_ANALYSIS_CODEDATA_H

#include "lowbit/IR/Lowbit.h"

#include <optional>

namespace mlir::lowbit {

/// The codes of `constant` in row-major order, extended as their format says.
/// Nothing if their data is missing.
std::optional<SmallVector<int64_t>> readCodes(ConstantOp constant);

/// The words of `codes`, which are codes of the format of `coded`: the value of
/// a `lowbit.constant` of this static type. `name` is that of its blob, where
/// it is large.
ElementsAttr makeCodes(RankedTensorType coded, ArrayRef<int64_t> codes,
                       StringRef name);

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_CODEDATA_H
