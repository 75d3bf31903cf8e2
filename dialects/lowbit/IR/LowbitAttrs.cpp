//===- LowbitAttrs.cpp - Attributes and storage facts of formats --===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/IR/Lowbit.h"

#include "lowbit/IR/WeightTables.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

LogicalResult StatsAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t count, FloatAttr min, FloatAttr max,
                                FloatAttr averageMin, FloatAttr averageMax,
                                FloatAttr binWidth, int64_t firstBin,
                                DenseI64ArrayAttr histogram) {
  auto verifyExtremes = [&](FloatAttr low, FloatAttr high,
                            StringRef prefix) -> LogicalResult {
    double least = low.getValueAsDouble(), most = high.getValueAsDouble();
    if (std::isfinite(least) && std::isfinite(most) && least <= most)
      return success();
    return emitError() << "expects finite '" << prefix << "min' <= '" << prefix
                       << "max', but got " << low << " and " << high;
  };
  if (failed(verifyExtremes(min, max, "")) ||
      failed(verifyExtremes(averageMin, averageMax, "average_")))
    return failure();
  double width = binWidth.getValueAsDouble();
  int exponent;
  bool isPower =
      std::isfinite(width) && width > 0 && std::frexp(width, &exponent) == 0.5;
  if (!isPower && !(width == 0 && histogram.empty()))
    return emitError()
           << "expects 'bin_width' to be a power of two, or 0 where "
              "there is no histogram, but got "
           << binWidth;
  int64_t total = 0;
  for (int64_t bin : histogram.asArrayRef())
    if (bin < 0 || __builtin_add_overflow(total, bin, &total))
      return emitError() << "expects histogram bins of at least 0";
  if (count < 1 || (!histogram.empty() && total != count))
    return emitError() << "expects a positive 'count' equal to the sum of the "
                          "histogram, but got "
                       << count;
  return success();
}

LogicalResult ChannelsAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   DenseF32ArrayAttr min, DenseF32ArrayAttr max,
                                   DenseF32ArrayAttr mean) {
  if (min.empty() || min.size() != max.size() || min.size() != mean.size())
    return emitError() << "expects equally many 'min', 'max' and 'mean', at "
                          "least one, but got "
                       << min.size() << ", " << max.size() << " and "
                       << mean.size();
  for (auto [low, high, middle] :
       llvm::zip(min.asArrayRef(), max.asArrayRef(), mean.asArrayRef()))
    if (!std::isfinite(low) || !std::isfinite(high) || !std::isfinite(middle) ||
        low > high)
      return emitError() << "expects finite 'min' <= 'max' and a finite 'mean' "
                            "of each channel, but got "
                         << low << ", " << high << " and " << middle;
  return success();
}

LogicalResult StorageAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  StorageKind kind, unsigned gap) {
  bool isSparse =
      kind == StorageKind::Sparse || kind == StorageKind::SparseHuffman;
  if (gap != 0 && !isSparse)
    return emitError() << "expects 'gap' for sparse storage only, but got "
                       << stringifyStorageKind(kind);
  if (gap > mostGapBits)
    return emitError() << "expects a 'gap' of 1 to " << mostGapBits
                       << " bits, but got " << gap;
  return success();
}

LogicalResult
LowbitDialect::verifyOperationAttribute(Operation *op,
                                        NamedAttribute attribute) {
  if (attribute.getName() != kStorageAttr ||
      isa<StorageAttr>(attribute.getValue()))
    return success();
  return op->emitOpError() << "expects '" << kStorageAttr
                           << "' to be a #lowbit.storage, but got "
                           << attribute.getValue();
}

StorageAttr lowbit::getStorage(Operation *constant) {
  auto storage = constant->getAttrOfType<StorageAttr>(kStorageAttr);
  return storage && storage.getKind() != StorageKind::Words ? storage
                                                            : StorageAttr();
}

void lowbit::copyStorage(Operation *from, Operation *to) {
  if (auto storage = from->getAttrOfType<StorageAttr>(kStorageAttr))
    to->setAttr(kStorageAttr, storage);
  if (Attribute tables = from->getAttr(kTablesAttr))
    to->setAttr(kTablesAttr, tables);
}

// Formats are upstream's quantized types, of which some are no format of ours
// (`!quant.any`), and the types that implement the interface.

bool lowbit::isCodeFormat(Type type) {
  return isa<quant::QuantizedType, Format>(type);
}

std::pair<int64_t, int64_t> lowbit::getStorageRange(Type format) {
  if (auto quantized = dyn_cast<quant::QuantizedType>(format))
    return {quantized.getStorageTypeMin(), quantized.getStorageTypeMax()};
  if (auto codes = dyn_cast<Format>(format))
    return codes.getCodeRange();
  unsigned width = format.getIntOrFloatBitWidth();
  return {llvm::minIntN(width), llvm::maxIntN(width)};
}

bool lowbit::isSignedStorage(Type format) {
  if (auto quantized = dyn_cast<quant::QuantizedType>(format))
    return quantized.isSigned();
  auto codes = dyn_cast<Format>(format);
  return !codes || codes.hasSignedStorage();
}

unsigned lowbit::getStorageWidth(Type format) {
  if (auto quantized = dyn_cast<quant::QuantizedType>(format))
    return quantized.getStorageTypeIntegralWidth();
  if (auto codes = dyn_cast<Format>(format))
    return codes.getStorageWidth();
  return format.getIntOrFloatBitWidth();
}

Type lowbit::getWordType(Type format) {
  if (!isCodeFormat(format))
    return format;
  unsigned width = getStorageWidth(format);
  return IntegerType::get(format.getContext(), width <= 8    ? 8
                                               : width <= 16 ? 16
                                                             : 32);
}

int64_t lowbit::getZeroPoint(Type format) {
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(format))
    return uniform.getZeroPoint();
  if (isa<quant::QuantizedType>(format))
    return 0;
  auto codes = dyn_cast<Format>(format);
  return codes ? codes.getZeroCode().value_or(0) : 0;
}

double lowbit::getLargestCode(Type format) {
  auto zero = static_cast<double>(getZeroPoint(format));
  auto [low, high] = getStorageRange(format);
  return std::max(std::abs(static_cast<double>(low) - zero),
                  std::abs(static_cast<double>(high) - zero));
}
