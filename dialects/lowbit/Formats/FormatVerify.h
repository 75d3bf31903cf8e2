//===- FormatVerify.h - What the types' verifiers share ---------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_FORMATS_FORMATVERIFY_H
#define LOWBIT_FORMATS_FORMATVERIFY_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"

#include <cmath>
#include <limits>
#include <optional>

namespace mlir::lowbit {

/// A positive, normal f32 whose reciprocal is one too.
inline bool isUsableScale(float scale) {
  return scale >= std::numeric_limits<float>::min() && scale <= 0x1p126f;
}

/// An error unless there is one usable scale, or several with an axis.
inline LogicalResult verifyScales(function_ref<InFlightDiagnostic()> emitError,
                                  std::optional<int64_t> axis,
                                  DenseF32ArrayAttr scales) {
  if (scales.empty() || (!axis && scales.size() != 1))
    return emitError() << "expects one scale, or an axis and one for each "
                          "index along it, but got "
                       << scales.size();
  for (float scale : scales.asArrayRef())
    if (!isUsableScale(scale))
      return emitError() << "expects scales that are positive, normal "
                            "numbers, but got "
                         << scale;
  return success();
}

} // namespace mlir::lowbit

#endif // LOWBIT_FORMATS_FORMATVERIFY_H
