//===- CodeData.cpp - The codes of constants ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/CodeData.h"

#include "lowbit/Support/ConstantData.h"

using namespace mlir;
using namespace mlir::lowbit;

template <typename Word>
static std::optional<SmallVector<int64_t>> readAs(ElementsAttr value,
                                                  bool isSigned) {
  std::optional<SmallVector<Word>> words = readElements<Word>(value);
  if (!words)
    return std::nullopt;
  SmallVector<int64_t> codes;
  codes.reserve(words->size());
  for (Word word : *words)
    codes.push_back(isSigned ? static_cast<int64_t>(word)
                             : static_cast<std::make_unsigned_t<Word>>(word));
  return codes;
}

std::optional<SmallVector<int64_t>> lowbit::readCodes(ConstantOp constant) {
  Type format = cast<RankedTensorType>(constant.getType()).getElementType();
  bool isSigned = isSignedStorage(format);
  switch (getWordType(format).getIntOrFloatBitWidth()) {
  case 8:
    return readAs<int8_t>(constant.getValue(), isSigned);
  case 16:
    return readAs<int16_t>(constant.getValue(), isSigned);
  default:
    return readAs<int32_t>(constant.getValue(), isSigned);
  }
}

template <typename Word>
static ElementsAttr makeAs(RankedTensorType words, ArrayRef<int64_t> codes,
                           StringRef name) {
  return makeElements<Word>(words, llvm::to_vector_of<Word>(codes), name);
}

ElementsAttr lowbit::makeCodes(RankedTensorType coded, ArrayRef<int64_t> codes,
                               StringRef name) {
  RankedTensorType words = coded.clone(getWordType(coded.getElementType()));
  switch (words.getElementTypeBitWidth()) {
  case 8:
    return makeAs<int8_t>(words, codes, name);
  case 16:
    return makeAs<int16_t>(words, codes, name);
  default:
    return makeAs<int32_t>(words, codes, name);
  }
}
