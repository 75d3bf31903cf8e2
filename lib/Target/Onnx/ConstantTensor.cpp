//===- ConstantTensor.cpp - tensors known at import ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantTensor.h"

#include "CodeType.h"

#include "onnx.pb.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

std::optional<int64_t> onnximport::countElements(ArrayRef<int64_t> shape) {
  // The limit holds without the zeros, too, so that any part of a shape that
  // can be counted can be counted.
  int64_t product = 1;
  for (int64_t dim : shape) {
    if (dim < 0 ||
        __builtin_mul_overflow(product, std::max<int64_t>(dim, 1), &product) ||
        product > maxElements)
      return std::nullopt;
  }
  return llvm::is_contained(shape, 0) ? 0 : product;
}

std::string onnximport::describeShape(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << '[';
  llvm::interleaveComma(shape, stream);
  stream << ']';
  return text;
}

std::string onnximport::quote(StringRef name) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << '\'';
  llvm::printEscapedString(name, stream);
  stream << '\'';
  return text;
}

ConstantTensor ConstantTensor::get(ArrayRef<int64_t> shape,
                                   std::vector<float> elements) {
  auto held = std::make_shared<std::vector<float>>(std::move(elements));
  return view(shape, *held, held);
}

ConstantTensor ConstantTensor::get(ArrayRef<int64_t> shape,
                                   std::vector<int64_t> elements) {
  auto held = std::make_shared<std::vector<int64_t>>(std::move(elements));
  ConstantTensor tensor;
  tensor.shape.assign(shape.begin(), shape.end());
  tensor.kindIsFloat = false;
  tensor.elementType = ::onnx::TensorProto::INT64;
  tensor.integers = *held;
  tensor.owner = std::move(held);
  assert(countElements(shape) == tensor.getNumElements() && "shape must fit");
  return tensor;
}

ConstantTensor ConstantTensor::view(ArrayRef<int64_t> shape,
                                    ArrayRef<float> elements,
                                    std::shared_ptr<const void> owner) {
  ConstantTensor tensor;
  tensor.shape.assign(shape.begin(), shape.end());
  tensor.elementType = ::onnx::TensorProto::FLOAT;
  tensor.floats = elements;
  tensor.owner = std::move(owner);
  assert(countElements(shape) == tensor.getNumElements() && "shape must fit");
  return tensor;
}

ConstantTensor ConstantTensor::withElementType(int32_t newType) const {
  ConstantTensor tensor = *this;
  tensor.elementType = newType;
  return tensor;
}

ConstantTensor ConstantTensor::withSource(DecodedFrom newSource) const {
  ConstantTensor tensor = *this;
  tensor.source = std::make_shared<const DecodedFrom>(std::move(newSource));
  return tensor;
}

ConstantTensor ConstantTensor::reshaped(ArrayRef<int64_t> newShape) const {
  assert(countElements(newShape) == getNumElements() && "shape must fit");
  ConstantTensor tensor = *this;
  tensor.shape.assign(newShape.begin(), newShape.end());
  if (!source)
    return tensor;
  tensor.source = nullptr;
  if (auto quantization = source->quantization.reshaped(shape, newShape))
    return tensor.withSource(
        {source->codes.reshaped(newShape), source->type, *quantization});
  return tensor;
}

void onnximport::forEachTransposed(ArrayRef<int64_t> shape,
                                   ArrayRef<int64_t> permutation,
                                   llvm::function_ref<void(int64_t)> visit) {
  int64_t rank = shape.size();
  SmallVector<int64_t> sourceStrides(rank, 1);
  for (int64_t dim = rank - 1; dim > 0; --dim)
    sourceStrides[dim - 1] = sourceStrides[dim] * shape[dim];
  SmallVector<int64_t> sizes(rank), strides(rank), position(rank, 0);
  for (int64_t dim = 0; dim < rank; ++dim) {
    sizes[dim] = shape[permutation[dim]];
    strides[dim] = sourceStrides[permutation[dim]];
  }
  if (llvm::is_contained(sizes, 0))
    return;
  for (int64_t source = 0;;) {
    visit(source);
    int64_t dim = rank - 1;
    for (; dim >= 0 && position[dim] == sizes[dim] - 1; --dim) {
      source -= position[dim] * strides[dim];
      position[dim] = 0;
    }
    if (dim < 0)
      return;
    ++position[dim];
    source += strides[dim];
  }
}

ConstantTensor ConstantTensor::transposed(ArrayRef<int64_t> permutation) const {
  SmallVector<int64_t> newShape;
  for (int64_t dim : permutation)
    newShape.push_back(shape[dim]);
  auto permute = [&](auto elements) {
    std::vector<typename decltype(elements)::value_type> result;
    result.reserve(elements.size());
    forEachTransposed(shape, permutation, [&](int64_t index) {
      result.push_back(elements[index]);
    });
    return get(newShape, std::move(result));
  };
  ConstantTensor tensor = kindIsFloat ? permute(floats) : permute(integers);
  tensor.setName(name);
  if (source)
    tensor = tensor.withSource(
        {source->codes.transposed(permutation), source->type,
         source->quantization.transposed(shape, permutation)});
  return tensor.withElementType(elementType);
}

ConstantTensor ConstantTensor::asFloats() const {
  if (kindIsFloat) {
    ConstantTensor tensor = withElementType(::onnx::TensorProto::FLOAT);
    tensor.source = nullptr;
    return tensor;
  }
  std::vector<float> elements(integers.begin(), integers.end());
  ConstantTensor tensor = get(shape, std::move(elements));
  tensor.setName(name);
  return tensor;
}

ConstantTensor ConstantTensor::asIntegers() const {
  if (!kindIsFloat)
    return withElementType(::onnx::TensorProto::INT64);
  std::vector<int64_t> elements;
  elements.reserve(floats.size());
  constexpr float limit = 0x1p63f;
  for (float value : floats) {
    if (std::isnan(value))
      elements.push_back(0);
    else if (value >= limit)
      elements.push_back(std::numeric_limits<int64_t>::max());
    else if (value < -limit)
      elements.push_back(std::numeric_limits<int64_t>::min());
    else
      elements.push_back(static_cast<int64_t>(value));
  }
  ConstantTensor tensor = get(shape, std::move(elements));
  tensor.setName(name);
  return tensor;
}
