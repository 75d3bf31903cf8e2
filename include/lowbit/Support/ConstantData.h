//===- ConstantData.h - Elements of constants, however stored ---*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights are resource blobs, small parameters are inline. A pass that computes
// with constants reads and makes both through this page:
//
//   std::optional<SmallVector<float>> w = readConstant<float>(op.getWeight());
//   if (!w)
//     return rewriter.notifyMatchFailure(op, "weights are not constant");
//   ...
//   ElementsAttr folded = makeElements<float>(type, *w, "weights");
//
// A blob that no attribute names any more still holds its memory; see
// BlobScope.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_SUPPORT_CONSTANTDATA_H
#define LOWBIT_SUPPORT_CONSTANTDATA_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

#include <optional>

namespace mlir::lowbit {

/// Constants of this many bytes or more are resource blobs.
constexpr int64_t blobThreshold = 4096;

/// The attribute behind `value` where a constant operation defines it (the
/// TOSA and arith ones among them); null otherwise. Makes no copy.
ElementsAttr getConstantElements(Value value);

/// All elements of `elements` in row-major order; splats are expanded. Nothing
/// if the element type is not T's (float: f32; intN_t: integers of N bits, and
/// index for int64_t), if the shape is not static, or if the blob is missing or
/// of the wrong size. T is float, int8_t, int16_t, int32_t or int64_t.
template <typename T>
std::optional<SmallVector<T>> readElements(ElementsAttr elements);

/// readElements of getConstantElements.
template <typename T> std::optional<SmallVector<T>> readConstant(Value value);

/// A constant of the static `type` with the given elements: a resource blob
/// called `name` (made unique by a suffix) from blobThreshold bytes on, unless
/// all elements are the same; inline otherwise. The element type is T's, as in
/// readElements.
template <typename T>
ElementsAttr makeElements(ShapedType type, ArrayRef<T> values, StringRef name);

/// `name` of the blob behind `elements`, or `fallback` where they are inline.
StringRef getBlobName(ElementsAttr elements, StringRef fallback);

/// `elements` under the static `type` of equally many elements; shares a blob.
/// Null for storage that is neither inline nor a blob.
ElementsAttr reshapeElements(ElementsAttr elements, ShapedType type);

/// `elements` with dimension `permutation[d]` of theirs as dimension `d`. Null
/// for element types that readElements does not know.
ElementsAttr permuteElements(ElementsAttr elements,
                             ArrayRef<int64_t> permutation);

/// A row-major tensor of `shape` whose element at index `i` is `values` at the
/// offset that is the dot product of `i` and `strides`: a permutation of
/// dimensions, or a broadcast where a stride is 0.
template <typename T>
SmallVector<T> gatherStrided(ArrayRef<T> values, ArrayRef<int64_t> shape,
                             ArrayRef<int64_t> strides);

/// Frees superseded blobs: those that operations under `root` name when the
/// scope starts and that none names when it ends. Does nothing unless `root` is
/// the outermost operation, since others might name the same blob.
class BlobScope {
public:
  explicit BlobScope(Operation *root);
  ~BlobScope();
  BlobScope(const BlobScope &) = delete;
  BlobScope &operator=(const BlobScope &) = delete;

private:
  Operation *root;
  SmallVector<DenseResourceElementsAttr> before;
};

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_CONSTANTDATA_H
