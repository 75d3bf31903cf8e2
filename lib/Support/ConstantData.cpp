//===- ConstantData.cpp - Elements of constants, however stored ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"

#include <cstring>

using namespace mlir;
using namespace mlir::lowbit;

ElementsAttr lowbit::getConstantElements(Value value) {
  ElementsAttr elements;
  matchPattern(value, m_Constant(&elements));
  return elements;
}

template <typename T> static bool holds(Type element) {
  if constexpr (std::is_same_v<T, float>)
    return element.isF32();
  else
    return element.isInteger(8 * sizeof(T)) ||
           (sizeof(T) == 8 && element.isIndex());
}

template <typename T>
std::optional<SmallVector<T>> lowbit::readElements(ElementsAttr elements) {
  if (!elements)
    return std::nullopt;
  ShapedType type = elements.getShapedType();
  if (!type.hasStaticShape() || !holds<T>(type.getElementType()))
    return std::nullopt;
  size_t count = type.getNumElements();
  ArrayRef<char> bytes;
  if (auto dense = dyn_cast<DenseElementsAttr>(elements)) {
    bytes = dense.getRawData();
    if (dense.isSplat()) {
      T value;
      std::memcpy(&value, bytes.data(), sizeof(T));
      return SmallVector<T>(count, value);
    }
  } else if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      bytes = blob->getData();
  } else {
    return std::nullopt;
  }
  if (bytes.size() != count * sizeof(T))
    return std::nullopt;
  // A blob need not be aligned for T.
  SmallVector<T> values(count);
  if (count)
    std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

template <typename T>
std::optional<SmallVector<T>> lowbit::readConstant(Value value) {
  return readElements<T>(getConstantElements(value));
}

template <typename T>
ElementsAttr lowbit::makeElements(ShapedType type, ArrayRef<T> values,
                                  StringRef name) {
  assert(holds<T>(type.getElementType()) && "values of another type");
  assert(type.getNumElements() == static_cast<int64_t>(values.size()) &&
         "one value for each element");
  ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                       values.size() * sizeof(T));
  // All elements are the same if each equals the one before.
  bool splat =
      !values.empty() && std::memcmp(bytes.data(), bytes.data() + sizeof(T),
                                     bytes.size() - sizeof(T)) == 0;
  if (!splat && static_cast<int64_t>(bytes.size()) >= blobThreshold)
    return DenseResourceElementsAttr::get(
        type, name,
        HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, /*align=*/64,
                                                      /*dataIsMutable=*/false));
  return DenseElementsAttr::getFromRawBuffer(
      type, splat ? bytes.take_front(sizeof(T)) : bytes);
}

StringRef lowbit::getBlobName(ElementsAttr elements, StringRef fallback) {
  if (auto resource = dyn_cast_if_present<DenseResourceElementsAttr>(elements))
    return resource.getRawHandle().getKey();
  return fallback;
}

ElementsAttr lowbit::reshapeElements(ElementsAttr elements, ShapedType type) {
  assert(type.getNumElements() == elements.getNumElements() &&
         "a reshape keeps the elements");
  if (auto dense = dyn_cast<DenseElementsAttr>(elements))
    return dense.reshape(type);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return {};
}

template <typename T>
SmallVector<T> lowbit::gatherStrided(ArrayRef<T> values,
                                     ArrayRef<int64_t> shape,
                                     ArrayRef<int64_t> strides) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  SmallVector<T> gathered(count);
  SmallVector<int64_t> index(shape.size(), 0);
  int64_t offset = 0;
  for (T &value : gathered) {
    value = values[offset];
    for (int64_t dim = shape.size(); dim-- > 0;) {
      offset += strides[dim];
      if (++index[dim] < shape[dim])
        break;
      offset -= strides[dim] * shape[dim];
      index[dim] = 0;
    }
  }
  return gathered;
}

template <typename T>
static ElementsAttr permute(ElementsAttr elements, ShapedType type,
                            ArrayRef<int64_t> permutation) {
  std::optional<SmallVector<T>> values = readElements<T>(elements);
  if (!values)
    return {};
  SmallVector<int64_t> strides =
      computeStrides(elements.getShapedType().getShape());
  applyPermutationToVector(strides, permutation);
  return makeElements<T>(type,
                         gatherStrided<T>(*values, type.getShape(), strides),
                         getBlobName(elements, "constant"));
}

ElementsAttr lowbit::permuteElements(ElementsAttr elements,
                                     ArrayRef<int64_t> permutation) {
  ShapedType type = elements.getShapedType();
  if (!type.hasStaticShape())
    return {};
  SmallVector<int64_t> shape(type.getShape());
  applyPermutationToVector(shape, permutation);
  ShapedType permuted = type.clone(shape);
  if (auto dense = dyn_cast<DenseElementsAttr>(elements))
    if (dense.isSplat())
      return dense.resizeSplat(permuted);
  Type element = type.getElementType();
  if (element.isF32())
    return permute<float>(elements, permuted, permutation);
  if (element.isInteger(8))
    return permute<int8_t>(elements, permuted, permutation);
  if (element.isInteger(16))
    return permute<int16_t>(elements, permuted, permutation);
  if (element.isInteger(32))
    return permute<int32_t>(elements, permuted, permutation);
  if (element.isInteger(64) || element.isIndex())
    return permute<int64_t>(elements, permuted, permutation);
  return {};
}

namespace mlir::lowbit {
#define LOWBIT_INSTANTIATE(T)                                                  \
  template std::optional<SmallVector<T>> readElements<T>(ElementsAttr);        \
  template std::optional<SmallVector<T>> readConstant<T>(Value);               \
  template ElementsAttr makeElements<T>(ShapedType, ArrayRef<T>, StringRef);   \
  template SmallVector<T> gatherStrided<T>(ArrayRef<T>, ArrayRef<int64_t>,     \
                                           ArrayRef<int64_t>);
LOWBIT_INSTANTIATE(float)
LOWBIT_INSTANTIATE(int8_t)
LOWBIT_INSTANTIATE(int16_t)
LOWBIT_INSTANTIATE(int32_t)
LOWBIT_INSTANTIATE(int64_t)
#undef LOWBIT_INSTANTIATE
} // namespace mlir::lowbit

//===----------------------------------------------------------------------===//
// Releasing blobs
//===----------------------------------------------------------------------===//

/// The resource attributes that operations under `root` name, nested ones too.
static llvm::SetVector<DenseResourceElementsAttr>
collectResources(Operation *root) {
  llvm::SetVector<DenseResourceElementsAttr> resources;
  root->walk([&](Operation *op) {
    auto collect = [&](Attribute attr) {
      if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr))
        resources.insert(resource);
      else if (isa<ArrayAttr, DictionaryAttr>(attr))
        attr.walk(
            [&](DenseResourceElementsAttr inner) { resources.insert(inner); });
    };
    for (NamedAttribute named : op->getAttrs())
      collect(named.getValue());
  });
  return resources;
}

BlobScope::BlobScope(Operation *root) : root(root) {
  if (!root->getParentOp())
    before = collectResources(root).takeVector();
}

BlobScope::~BlobScope() {
  if (before.empty())
    return;
  // One blob may stand in attributes of different types.
  llvm::DenseSet<const void *> named;
  for (DenseResourceElementsAttr resource : collectResources(root))
    named.insert(resource.getRawHandle().getResource());
  auto &manager =
      DenseResourceElementsHandle::getManagerInterface(root->getContext());
  for (DenseResourceElementsAttr resource : before)
    if (named.insert(resource.getRawHandle().getResource()).second)
      manager.update(resource.getRawHandle().getKey(), AsmResourceBlob());
}
