//===- NarrowElements.cpp - elements of a byte and less ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NarrowElements.h"

#include "CodeType.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// What a narrow float of `elementType` means; null for other types.
static const llvm::fltSemantics *getSemantics(int32_t elementType) {
  switch (elementType) {
  case element::Float8E4M3FN:
    return &llvm::APFloat::Float8E4M3FN();
  case element::Float8E4M3FNUZ:
    return &llvm::APFloat::Float8E4M3FNUZ();
  case element::Float8E5M2:
    return &llvm::APFloat::Float8E5M2();
  case element::Float8E5M2FNUZ:
    return &llvm::APFloat::Float8E5M2FNUZ();
  case element::Float4E2M1:
    return &llvm::APFloat::Float4E2M1FN();
  case element::Float8E8M0:
    return &llvm::APFloat::Float8E8M0FNU();
  default:
    return nullptr;
  }
}

unsigned onnximport::getNarrowWidth(int32_t elementType) {
  if (const llvm::fltSemantics *semantics = getSemantics(elementType))
    return llvm::APFloat::semanticsSizeInBits(*semantics);
  std::optional<CodeType> type = getCodeType(elementType);
  return type && type->width < 8 ? type->width : 0;
}

ConstantTensor onnximport::decodeNarrow(int32_t elementType,
                                        ArrayRef<int64_t> shape,
                                        ArrayRef<char> bytes) {
  unsigned width = getNarrowWidth(elementType);
  int64_t count = *countElements(shape), perByte = 8 / width;
  auto getBits = [&](int64_t index) -> uint64_t {
    uint64_t byte = static_cast<unsigned char>(bytes[index / perByte]);
    return byte >> (index % perByte * width) & llvm::maxUIntN(width);
  };
  if (const llvm::fltSemantics *semantics = getSemantics(elementType)) {
    std::vector<float> elements;
    elements.reserve(count);
    for (int64_t index = 0; index < count; ++index) {
      llvm::APFloat value(*semantics, llvm::APInt(width, getBits(index)));
      bool losesInfo;
      value.convert(llvm::APFloat::IEEEsingle(),
                    llvm::APFloat::rmNearestTiesToEven, &losesInfo);
      elements.push_back(value.convertToFloat());
    }
    return ConstantTensor::get(shape, std::move(elements));
  }
  bool isSigned = getCodeType(elementType)->isSigned;
  std::vector<int64_t> elements;
  elements.reserve(count);
  for (int64_t index = 0; index < count; ++index)
    elements.push_back(isSigned ? llvm::SignExtend64(getBits(index), width)
                                : static_cast<int64_t>(getBits(index)));
  return ConstantTensor::get(shape, std::move(elements));
}
