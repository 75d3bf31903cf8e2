//===- Format.h - What every number format answers --------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The interface of number formats, the types that implement it, and the
// defaults of its methods. Upstream's per-tensor and per-axis `!quant.uniform`
// implement it through external models.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_FORMATS_FORMAT_H
#define LOWBIT_FORMATS_FORMAT_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/ValueRange.h"

#include <optional>

namespace mlir::lowbit {

class Format;

/// The defaults of the interface's methods. All expect a format of at most 16
/// bits, whose codes can be counted.
namespace detail {
std::pair<int64_t, int64_t> findStepRange(Format format, unsigned term);
std::optional<int64_t> findZeroCode(Format format);
Value buildStepByTable(Format format, ImplicitLocOpBuilder &builder, Value code,
                       unsigned term);
SmallVector<int64_t> orderCodes(Format format, int64_t channel);
SmallVector<float> findMidpoints(Format format, int64_t channel);
Value buildDecodeByTerms(Format format, ImplicitLocOpBuilder &builder,
                         Value words, RankedTensorType type);
int64_t countStorageBytes(Format format, ArrayRef<int64_t> shape);
float decodeCode(Format format, int64_t code, int64_t channel);
} // namespace detail

} // namespace mlir::lowbit

#include "lowbit/Formats/FormatInterface.h.inc"

#include "lowbit/Formats/FormatEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "lowbit/Formats/Formats.h.inc"

namespace mlir::lowbit {

/// True for a positive, normal f32 whose reciprocal is one too.
bool isUsableScale(float scale);

/// Makes upstream's affine types formats.
void attachUniformFormats(MLIRContext &context);

/// An error unless a tensor of `shape` can hold codes of `format`: there is an
/// axis where the format names one, with a scale for each index.
LogicalResult verifyShape(Format format, ArrayRef<int64_t> shape,
                          function_ref<InFlightDiagnostic()> emitError);

/// The affine format in which `lowbit.steps` gives term `term` of `format`: its
/// steps as codes with zero point 0, in as few of 8, 16 and 32 bits as hold them.
/// Null where the format has parameters.
Type getStepsFormat(Format format, unsigned term);

} // namespace mlir::lowbit

#endif // LOWBIT_FORMATS_FORMAT_H
