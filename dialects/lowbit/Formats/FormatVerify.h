//===- FormatVerify.h - What the types' verifiers share ---------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_FORMATS_FORMATVERIFY_H
#define LOWBIT_FORMATS_FORMATVERIFY_H

#include "lowbit/Formats/Format.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"

#include <optional>

namespace mlir::lowbit {

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
