//===- CodebookFormat.cpp - Codebooks of encoded weights ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodebookFormat.h"

using namespace mlir;
using namespace mlir::lowbit;

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
