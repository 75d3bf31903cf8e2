//===- CodebookFormat.cpp - Codebooks of encoded weights ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodebookFormat.h"

#include "Slices.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

EncoderOption lowbit::entriesOption() {
  return choiceOption("entries", {"f32", "i8", "i16"},
                      "what the numbers of tables are");
}

double lowbit::getEntryStep(const EncoderOptions &options, double most) {
  StringRef entries = options.getChoice("entries");
  if (entries == "f32")
    return 0;
  int bits = entries == "i8" ? 8 : 16;
  double step = toUsableScale(most / double(llvm::maxIntN(bits)));
  int exponent;
  std::frexp(step, &exponent);
  // An f32 has 24 digits, of which a multiple needs some.
  double unit = std::ldexp(1.0, exponent - (24 - bits));
  return std::ceil(step / unit) * unit;
}

EncodedParameter lowbit::makeBook(ArrayRef<Table> tables, int64_t stages,
                                  int64_t dim) {
  size_t most = dim;
  for (const Table &table : tables)
    most = std::max(most, table.size());
  EncodedParameter book;
  book.shape = {int64_t(tables.size()) / stages, stages, int64_t(most) / dim,
                dim};
  for (const Table &table : tables)
    for (size_t i = 0; i < most; ++i) {
      // The same coordinate of the last centroid.
      size_t last = table.size() - dim + i % dim;
      double number = table.empty() ? 0 : table[std::min(i, last)];
      book.numbers.push_back(static_cast<float>(number));
    }
  return book;
}
