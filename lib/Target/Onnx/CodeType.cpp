//===- CodeType.cpp - ONNX's integers that are codes ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeType.h"

#include "lowbit/IR/Lowbit.h"

#include "onnx.pb.h"

#include "mlir/IR/BuiltinTypes.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using ::onnx::TensorProto;

std::optional<CodeType> onnximport::getCodeType(int32_t elementType) {
  switch (elementType) {
  case element::UInt2:
    return CodeType{false, 2};
  case element::Int2:
    return CodeType{true, 2};
  case element::UInt4:
    return CodeType{false, 4};
  case element::Int4:
    return CodeType{true, 4};
  case TensorProto::UINT8:
    return CodeType{false, 8};
  case TensorProto::INT8:
    return CodeType{true, 8};
  case TensorProto::UINT16:
    return CodeType{false, 16};
  case TensorProto::INT16:
    return CodeType{true, 16};
  default:
    return std::nullopt;
  }
}

CodeType onnximport::getCodeType(quant::QuantizedType format) {
  return {format.isSigned(), format.getStorageTypeIntegralWidth()};
}

int32_t onnximport::getElementType(CodeType type) {
  switch (type.width) {
  case 2:
    return type.isSigned ? element::Int2 : element::UInt2;
  case 4:
    return type.isSigned ? element::Int4 : element::UInt4;
  case 8:
    return type.isSigned ? TensorProto::INT8 : TensorProto::UINT8;
  case 16:
    return type.isSigned ? TensorProto::INT16 : TensorProto::UINT16;
  default:
    return TensorProto::INT32;
  }
}

bool onnximport::isNarrowFloat(int32_t elementType) {
  return (elementType >= element::Float8E4M3FN &&
          elementType <= element::Float8E5M2FNUZ) ||
         elementType == element::Float4E2M1 ||
         elementType == element::Float8E8M0;
}

bool Quantization::isFormat() const {
  return llvm::all_of(scales, [&](float scale) {
    if (!signBits)
      return scale > 0 && std::isnormal(scale);
    float greatest = std::ldexp(scale, signBits - 1);
    return isUsableScale(scale) && isUsableScale(greatest);
  });
}

Type Quantization::getFormat(MLIRContext *context, CodeType type) const {
  if (signBits) {
    SmallVector<float> planes;
    for (double scale : scales)
      for (unsigned bit = 0; bit < signBits; ++bit)
        planes.push_back(std::ldexp(scale, bit));
    std::optional<int64_t> dim;
    if (axis >= 0)
      dim = axis;
    return PlanesType::get(context, Alphabet::Sign, signBits, dim,
                           DenseF32ArrayAttr::get(context, planes));
  }
  unsigned flags = type.isSigned ? quant::QuantizationFlags::Signed : 0;
  Type storage = IntegerType::get(context, type.width);
  Type real = Float32Type::get(context);
  if (axis < 0)
    return quant::UniformQuantizedType::get(flags, storage, real, scales[0],
                                            zeroPoints[0], type.getMin(),
                                            type.getMax());
  return quant::UniformQuantizedPerAxisType::get(flags, storage, real, scales,
                                                 zeroPoints, axis,
                                                 type.getMin(), type.getMax());
}

SmallVector<int64_t> Quantization::getGroups(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> groups(shape);
  groups[axis] = llvm::divideCeil(shape[axis], group);
  return groups;
}

Quantization Quantization::transposed(ArrayRef<int64_t> shape,
                                      ArrayRef<int64_t> permutation) const {
  Quantization result = *this;
  if (axis >= 0)
    result.axis = llvm::find(permutation, axis) - permutation.begin();
  if (group == 0)
    return result;
  result.scales.clear();
  result.zeroPoints.clear();
  forEachTransposed(getGroups(shape), permutation, [&](int64_t index) {
    result.scales.push_back(scales[index]);
    result.zeroPoints.push_back(zeroPoints[index]);
  });
  return result;
}

/// The dimension of `to` that dimension `axis` of `from` becomes where only
/// dimensions of size 1 come and go; nothing otherwise.
static std::optional<int64_t> findAxis(ArrayRef<int64_t> from, int64_t axis,
                                       ArrayRef<int64_t> to) {
  auto isLong = [](int64_t size) { return size != 1; };
  if (!llvm::equal(llvm::make_filter_range(from, isLong),
                   llvm::make_filter_range(to, isLong)))
    return std::nullopt;
  int64_t before = llvm::count_if(from.take_front(axis), isLong);
  for (auto [dim, size] : llvm::enumerate(to))
    if (size == from[axis] &&
        llvm::count_if(to.take_front(dim), isLong) == before)
      return dim;
  return std::nullopt;
}

std::optional<Quantization> Quantization::reshaped(ArrayRef<int64_t> from,
                                                   ArrayRef<int64_t> to) const {
  if (axis < 0)
    return *this;
  if (group != 0) {
    std::optional<int64_t> dim = findAxis(from, axis, to);
    if (!dim)
      return std::nullopt;
    Quantization result = *this;
    result.axis = *dim;
    return result;
  }
  auto product = [](ArrayRef<int64_t> sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), int64_t(1),
                           std::multiplies<int64_t>());
  };
  for (auto [dim, size] : llvm::enumerate(to)) {
    if (size != from[axis] ||
        product(to.take_front(dim)) != product(from.take_front(axis)))
      continue;
    Quantization result = *this;
    result.axis = dim;
    return result;
  }
  return std::nullopt;
}

int64_t Quantization::countInner(ArrayRef<int64_t> shape) const {
  int64_t inner = 1;
  if (axis >= 0)
    for (int64_t size : shape.drop_front(axis + 1))
      inner *= size;
  return inner;
}
