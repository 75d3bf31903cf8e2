//===- NpyConvert.cpp - Elements of .npy arrays as f32 --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/Npy.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/Endian.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Reads the elements of type T at `data`.
template <typename T>
static void convertAs(const char *data, llvm::MutableArrayRef<float> values,
                      double scale, double offset) {
  for (float &value : values) {
    T element = llvm::support::endian::read<T, llvm::endianness::little>(data);
    data += sizeof(T);
    // Two statements: a compiler may fuse one into a multiply-add.
    double product = static_cast<double>(element) * scale;
    value = static_cast<float>(product + offset);
  }
}

void lowbit::convertToF32(const NpyArray &array, int64_t first,
                          llvm::MutableArrayRef<float> values, double scale,
                          double offset) {
  assert(first >= 0 &&
         first + int64_t(values.size()) <= array.getNumElements());
  const char *data =
      array.bytes().data() + first * getNpyTypeSize(array.getType());
  switch (array.getType()) {
  case NpyType::Bool:
  case NpyType::U8:
    return convertAs<uint8_t>(data, values, scale, offset);
  case NpyType::I8:
    return convertAs<int8_t>(data, values, scale, offset);
  case NpyType::I16:
    return convertAs<int16_t>(data, values, scale, offset);
  case NpyType::U16:
    return convertAs<uint16_t>(data, values, scale, offset);
  case NpyType::I32:
    return convertAs<int32_t>(data, values, scale, offset);
  case NpyType::U32:
    return convertAs<uint32_t>(data, values, scale, offset);
  case NpyType::I64:
    return convertAs<int64_t>(data, values, scale, offset);
  case NpyType::U64:
    return convertAs<uint64_t>(data, values, scale, offset);
  case NpyType::F32:
    return convertAs<float>(data, values, scale, offset);
  case NpyType::F64:
    return convertAs<double>(data, values, scale, offset);
  case NpyType::F16:
    for (float &value : values) {
      llvm::APInt bits(16, llvm::support::endian::read16le(data));
      data += 2;
      double product =
          llvm::APFloat(llvm::APFloat::IEEEhalf(), bits).convertToFloat() *
          scale;
      value = static_cast<float>(product + offset);
    }
    return;
  }
}
