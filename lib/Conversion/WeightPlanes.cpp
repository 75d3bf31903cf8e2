//===- WeightPlanes.cpp - Weights as bits in words ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WeightPlanes.h"

#include "lowbit/Support/ConstantData.h"

using namespace mlir;
using namespace mlir::lowbit;

WeightPlanes WeightPlanes::describe(ArrayRef<int64_t> values) {
  WeightPlanes found;
  int64_t least = 0, most = 0;
  found.isSigns = true;
  for (int64_t value : values) {
    least = std::min(least, value);
    most = std::max(most, value);
    found.isSigns &= value == 1 || value == -1;
  }
  auto add = [&](int64_t factor, std::function<bool(int64_t)> isSet) {
    found.planes.emplace_back(factor, std::move(isSet));
  };
  if (found.isSigns || (least >= -1 && most <= 1)) {
    add(1, [](int64_t value) { return value == 1; });
    if (!found.isSigns && least < 0)
      add(-1, [](int64_t value) { return value == -1; });
    return found;
  }
  // Two's complement.
  unsigned width = 2;
  while (!llvm::isIntN(width, least) || !llvm::isIntN(width, most))
    ++width;
  for (unsigned bit = 0; bit < width; ++bit) {
    int64_t factor = int64_t(1) << bit;
    add(bit + 1 == width ? -factor : factor,
        [bit](int64_t value) { return (value >> bit) & 1; });
  }
  return found;
}

arith::ConstantOp
lowbit::packWeightCodes(ImplicitLocOpBuilder &builder, ArrayRef<int64_t> values,
                        ArrayRef<int64_t> shape, StringRef blob, unsigned word,
                        unsigned bits, function_ref<int64_t(int64_t)> getCode) {
  int64_t along = shape.back(), codes = word / bits,
          perRow = llvm::divideCeil(along, codes);
  int64_t rows = along == 0 ? 0 : int64_t(values.size()) / along;
  SmallVector<int64_t> words(rows * perRow, 0);
  for (auto [i, value] : llvm::enumerate(values)) {
    int64_t position = i % along;
    words[i / along * perRow + position / codes] |= static_cast<int64_t>(
        uint64_t(getCode(value)) << (position % codes * bits));
  }
  SmallVector<int64_t> packed(shape);
  packed.back() = perRow;
  auto type = RankedTensorType::get(packed, builder.getIntegerType(word));
  ElementsAttr elements =
      word == 8
          ? makeElements<int8_t>(type, llvm::to_vector_of<int8_t>(words), blob)
          : makeElements<int64_t>(type, words, blob);
  return arith::ConstantOp::create(builder, cast<TypedAttr>(elements));
}
