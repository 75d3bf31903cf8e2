//===- ConstantData.cpp - Elements of constants, however stored ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/ConstantData.h"

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

namespace mlir::lowbit {
#define LOWBIT_INSTANTIATE(T)                                                  \
  template std::optional<SmallVector<T>> readElements<T>(ElementsAttr);        \
  template std::optional<SmallVector<T>> readConstant<T>(Value);               \
  template ElementsAttr makeElements<T>(ShapedType, ArrayRef<T>, StringRef);
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
