//===- NarrowElements.h - elements of a byte and less -----------*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Integers of 2 and 4 bits lie packed in bytes, the first one in the low bits.
// Floats of 4 and 8 bits are formats of storage: their values are floats here.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_NARROWELEMENTS_H
#define LOWBIT_LIB_TARGET_ONNX_NARROWELEMENTS_H

#include "ConstantTensor.h"

namespace mlir::lowbit::onnximport {

/// The number of bits of an integer of less than a byte, or of a narrow float;
/// 0 for all other types.
unsigned getNarrowWidth(int32_t elementType);

/// The elements in `bytes`, which are as many as `shape` needs.
ConstantTensor decodeNarrow(int32_t elementType, ArrayRef<int64_t> shape,
                            ArrayRef<char> bytes);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_NARROWELEMENTS_H
