//===- ConstantTensor.h - tensors known at import -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights, shapes and axes reach the importer as constant tensors. They have
// one of two kinds of elements, float or 64-bit integer, whatever the file
// stored; what that was is kept beside them. The elements are immutable and shared: copying or reshaping a
// constant costs nothing, and the float32 weights of a model are never copied
// before they are written into the attribute that will hold them.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_CONSTANTTENSOR_H
#define LOWBIT_LIB_TARGET_ONNX_CONSTANTTENSOR_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"

#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mlir::lowbit::onnximport {

/// More elements than any tensor of a model may have.
constexpr int64_t maxElements = int64_t(1) << 40;

/// More elements than a constant computed by the importer may have.
constexpr int64_t maxFoldedElements = int64_t(1) << 24;

/// The product of `shape`, or nothing if a dimension is negative or the
/// product of all that are not zero exceeds `maxElements`.
std::optional<int64_t> countElements(ArrayRef<int64_t> shape);

/// `shape` as "[2, 3]", for messages.
std::string describeShape(ArrayRef<int64_t> shape);

/// `name` in single quotes, with unprintable characters escaped.
std::string quote(StringRef name);

struct DecodedFrom;

/// A tensor whose elements are known.
class ConstantTensor {
public:
  static ConstantTensor get(ArrayRef<int64_t> shape,
                            std::vector<float> elements);
  /// Elements of ONNX's type int64.
  static ConstantTensor get(ArrayRef<int64_t> shape,
                            std::vector<int64_t> elements);
  /// Elements that someone else holds, for as long as `owner` lives or, if it
  /// is null, for longer than the import.
  static ConstantTensor view(ArrayRef<int64_t> shape, ArrayRef<float> elements,
                             std::shared_ptr<const void> owner = nullptr);

  bool isFloat() const { return kindIsFloat; }
  /// ONNX's number of the type that the elements have in the model, such as
  /// TensorProto::INT8; see ElementType.h.
  int32_t getElementType() const { return elementType; }
  /// The same elements, which must be in the range of `newType`.
  ConstantTensor withElementType(int32_t newType) const;
  /// The integers that the model decodes this float constant from; null if it
  /// does not. See CodeType.h.
  const DecodedFrom *getSource() const { return source.get(); }
  ConstantTensor withSource(DecodedFrom newSource) const;
  ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getRank() const { return shape.size(); }
  int64_t getNumElements() const {
    return kindIsFloat ? floats.size() : integers.size();
  }
  ArrayRef<float> getFloats() const {
    assert(kindIsFloat && "expects a float constant");
    return floats;
  }
  ArrayRef<int64_t> getIntegers() const {
    assert(!kindIsFloat && "expects an integer constant");
    return integers;
  }

  /// The name in the model, for messages and locations.
  StringRef getName() const { return name; }
  void setName(StringRef newName) { name = newName.str(); }

  /// The same elements in the shape `newShape` of as many elements.
  ConstantTensor reshaped(ArrayRef<int64_t> newShape) const;
  /// Dimension i of the result is dimension `permutation`[i] of this.
  ConstantTensor transposed(ArrayRef<int64_t> permutation) const;
  /// The elements, without a source, converted to float32 (rounded to nearest) or to int64
  /// (towards zero, saturated; NaN becomes 0).
  ConstantTensor asFloats() const;
  ConstantTensor asIntegers() const;

private:
  std::string name;
  SmallVector<int64_t> shape;
  bool kindIsFloat = true;
  int32_t elementType = 0;
  ArrayRef<float> floats;
  ArrayRef<int64_t> integers;
  std::shared_ptr<const void> owner;
  std::shared_ptr<const DecodedFrom> source;
};

/// Calls `visit` with the linear source index of each element of the result of
/// transposing a tensor of `shape` by `permutation`, in row-major order.
void forEachTransposed(ArrayRef<int64_t> shape, ArrayRef<int64_t> permutation,
                       llvm::function_ref<void(int64_t)> visit);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_CONSTANTTENSOR_H
