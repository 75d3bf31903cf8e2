//===- CodeType.h - ONNX's integers that are codes --------------*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX says what integers stand for in the operation that decodes them, and
// only there. In the IR, a tensor of integers of 2 to 16 bits is a tensor of
// codes from the start: of scale 1 and zero point 0 as long as nothing is
// known, which is what they stand for then.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_CODETYPE_H
#define LOWBIT_LIB_TARGET_ONNX_CODETYPE_H

#include "ConstantTensor.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

namespace mlir::lowbit::onnximport {

/// Element types that the installed schema may be too old to name.
namespace element {
enum Type : int32_t {
  Float8E4M3FN = 17,
  Float8E4M3FNUZ = 18,
  Float8E5M2 = 19,
  Float8E5M2FNUZ = 20,
  UInt4 = 21,
  Int4 = 22,
  Float4E2M1 = 23,
  Float8E8M0 = 24,
  UInt2 = 25,
  Int2 = 26,
};
} // namespace element

/// An integer type of codes: of 2, 4, 8 or 16 bits, the int32 of a bias, or
/// QONNX's of any width.
struct CodeType {
  bool isSigned;
  unsigned width;
  /// Without the least code if signed, without the greatest if not.
  bool isNarrow = false;

  int64_t getMin() const {
    return isSigned ? -(int64_t(1) << (width - 1)) + isNarrow : 0;
  }
  int64_t getMax() const {
    return isSigned ? (int64_t(1) << (width - 1)) - 1
                    : (int64_t(1) << width) - 1 - isNarrow;
  }
};

/// The code type that ONNX's `elementType` is: (u)int2, 4, 8 or 16.
std::optional<CodeType> getCodeType(int32_t elementType);

/// The code type of the elements of `format`.
CodeType getCodeType(quant::QuantizedType format);

/// ONNX's number of the element type that `type` is.
int32_t getElementType(CodeType type);

/// True for floats of 8 bits and fewer.
bool isNarrowFloat(int32_t elementType);

/// What codes stand for: x = (code - zero point) * scale.
struct Quantization {
  /// One, or one for each index along `axis`, or one for each group.
  SmallVector<double> scales;
  SmallVector<int64_t> zeroPoints;
  /// -1 if all elements share one.
  int64_t axis = -1;
  /// If not 0, codes have this many bits, and bit i stands for -2^i or 2^i
  /// scales, so that all bits together are an odd number. There are no zero
  /// points then.
  unsigned signBits = 0;
  /// Not 0 for blocked scales: the number of elements in a row along `axis` that
  /// share one. Scales are in row-major order then.
  int64_t group = 0;

  /// That of integers which stand for themselves.
  static Quantization identity() { return {{1.0}, {0}}; }

  /// Whether a format can say this: scales are positive, finite and not
  /// subnormal.
  bool isFormat() const;

  /// Without groups.
  Type getFormat(MLIRContext *context, CodeType type) const;

  /// The sizes of the groups' scales for a tensor of `shape`.
  SmallVector<int64_t> getGroups(ArrayRef<int64_t> shape) const;

  /// For a tensor of `shape` that is transposed, or for one that is reshaped;
  /// nothing if the elements along the axis do not stay together.
  Quantization transposed(ArrayRef<int64_t> shape,
                          ArrayRef<int64_t> permutation) const;
  std::optional<Quantization> reshaped(ArrayRef<int64_t> from,
                                       ArrayRef<int64_t> to) const;

  /// How many times in a row an element's scale is that of the next one too.
  int64_t countInner(ArrayRef<int64_t> shape) const;
  /// The index into `scales` of the element number `position`.
  size_t getIndex(int64_t position, int64_t inner) const {
    return axis < 0 ? 0 : position / inner % scales.size();
  }
};

/// Where the elements of a float constant come from, if the model decodes them
/// from integers. Whoever builds the constant builds those.
struct DecodedFrom {
  ConstantTensor codes;
  CodeType type;
  Quantization quantization;
};

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_CODETYPE_H
