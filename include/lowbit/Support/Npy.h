//===- Npy.h - Arrays in NumPy's .npy format --------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and writes plain numeric arrays, versions 1.0 to 3.0 of the format, in
// C order and little-endian. Files are mapped into memory, not copied.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_SUPPORT_NPY_H
#define LOWBIT_SUPPORT_NPY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstdint>
#include <memory>

namespace mlir::lowbit {

/// The element types that are read and written.
enum class NpyType {
  Bool,
  I8,
  U8,
  I16,
  U16,
  I32,
  U32,
  I64,
  U64,
  F16,
  F32,
  F64,
};

/// NumPy's name of `type`: "uint8", "float32", ...
llvm::StringRef stringifyNpyType(NpyType type);

/// The number of bytes of one element.
unsigned getNpyTypeSize(NpyType type);

/// An array in C order, with the bytes of its elements in little-endian order.
/// The bytes lie in a mapped file or in memory of its own; they may be
/// unaligned for the element type.
class NpyArray {
public:
  /// An array of zeros.
  static NpyArray create(NpyType type, llvm::ArrayRef<int64_t> shape);

  /// An array that copies `values`; their number must fit `shape`.
  template <typename T>
  static NpyArray create(NpyType type, llvm::ArrayRef<int64_t> shape,
                         llvm::ArrayRef<T> values) {
    NpyArray array = create(type, shape);
    assert(array.bytes().size() == values.size() * sizeof(T) &&
           "expects one value for each element");
    std::copy_n(reinterpret_cast<const char *>(values.data()),
                array.bytes().size(), array.mutableBytes().data());
    return array;
  }

  NpyType getType() const { return type; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getNumElements() const;
  llvm::ArrayRef<char> bytes() const {
    return {storage->getBufferStart() + offset,
            storage->getBufferSize() - offset};
  }
  /// Of an array made by `create` only: a mapped file is read-only.
  llvm::MutableArrayRef<char> mutableBytes();

private:
  friend llvm::Expected<NpyArray> readNpy(llvm::StringRef path);
  NpyArray() = default;

  NpyType type = NpyType::F32;
  llvm::SmallVector<int64_t> shape;
  std::unique_ptr<llvm::MemoryBuffer> storage;
  size_t offset = 0;
  bool isWritable = false;
};

/// Reads the file `path`. Every error names the file.
llvm::Expected<NpyArray> readNpy(llvm::StringRef path);

/// Writes `array` to the file `path`, whole or not at all.
llvm::Error writeNpy(llvm::StringRef path, const NpyArray &array);

/// Writes the elements from `first` on to `values`, each as `f32(x * scale +
/// offset)`: product and sum are rounded to double, the result once more to
/// f32. There must be enough elements.
void convertToF32(const NpyArray &array, int64_t first,
                  llvm::MutableArrayRef<float> values, double scale = 1.0,
                  double offset = 0.0);

/// `{3, 1, 8}` as "3x1x8", the empty shape as "scalar".
std::string formatShape(llvm::ArrayRef<int64_t> shape);

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_NPY_H
