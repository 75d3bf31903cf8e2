//===- Comparison.cpp - Outputs against expectations ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Comparison.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace llvm;
using namespace mlir::lowbit;

template <typename T> static T load(const char *bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// Element `index` as a double: exact for all types but 64-bit integers.
static double getElement(const NpyArray &array, int64_t index) {
  const char *bytes =
      array.bytes().data() + index * getNpyTypeSize(array.getType());
  switch (array.getType()) {
  case NpyType::Bool:
  case NpyType::U8:
    return load<uint8_t>(bytes);
  case NpyType::I8:
    return load<int8_t>(bytes);
  case NpyType::I16:
    return load<int16_t>(bytes);
  case NpyType::U16:
    return load<uint16_t>(bytes);
  case NpyType::I32:
    return load<int32_t>(bytes);
  case NpyType::U32:
    return load<uint32_t>(bytes);
  case NpyType::I64:
    return static_cast<double>(load<int64_t>(bytes));
  case NpyType::U64:
    return static_cast<double>(load<uint64_t>(bytes));
  case NpyType::F32:
    return load<float>(bytes);
  case NpyType::F64:
    return load<double>(bytes);
  case NpyType::F16:
    break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

Comparison mlir::lowbit::compareArrays(const NpyArray &got,
                                       const NpyArray &expected,
                                       double tolerance) {
  Comparison result;
  result.numElements = got.getNumElements();
  size_t size = getNpyTypeSize(got.getType());
  bool isFloat = got.getType() == NpyType::F32;
  for (int64_t i = 0; i < result.numElements; ++i) {
    if (std::memcmp(got.bytes().data() + i * size,
                    expected.bytes().data() + i * size, size) == 0)
      continue;
    double a = getElement(got, i), b = getElement(expected, i);
    bool bothNan = std::isnan(a) && std::isnan(b);
    double error = bothNan ? 0 : std::abs(a - b);
    if (std::isnan(error))
      error = std::numeric_limits<double>::infinity();
    result.maxAbsError = std::max(result.maxAbsError, error);
    if (isFloat && tolerance > 0 && error <= tolerance)
      continue;
    if (result.numDiffering++ == 0) {
      result.first = i;
      result.firstExpected = b;
      result.firstGot = a;
    }
  }
  return result;
}

Expected<int64_t> mlir::lowbit::countCorrect(const NpyArray &scores,
                                             const NpyArray &labels,
                                             StringRef labelFile) {
  int64_t rows = scores.getShape().empty() ? 1 : scores.getShape().front();
  int64_t classes = scores.getNumElements() / rows;
  switch (labels.getType()) {
  case NpyType::F16:
  case NpyType::F32:
  case NpyType::F64:
  case NpyType::Bool:
    return makeRunError("'" + labelFile + "' holds " +
                        stringifyNpyType(labels.getType()) +
                        ", but labels are integers");
  default:
    break;
  }
  if (labels.getNumElements() != rows)
    return makeRunError("'" + labelFile + "' holds " +
                        Twine(labels.getNumElements()) + " labels for " +
                        Twine(rows) + " samples");
  int64_t correct = 0;
  for (int64_t row = 0; row < rows; ++row) {
    int64_t best = 0;
    for (int64_t i = 1; i < classes; ++i)
      if (getElement(scores, row * classes + i) >
          getElement(scores, row * classes + best))
        best = i;
    correct += getElement(labels, row) == static_cast<double>(best);
  }
  return correct;
}
