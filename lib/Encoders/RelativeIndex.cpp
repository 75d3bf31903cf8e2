//===- RelativeIndex.cpp - Pruned weights and their gaps ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Encoders/Storage.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::lowbit;

std::vector<bool> lowbit::pruneByMagnitude(ArrayRef<float> values,
                                           double share) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](size_t lhs, size_t rhs) {
    return std::pair(std::abs(values[lhs]), lhs) <
           std::pair(std::abs(values[rhs]), rhs);
  });
  std::vector<bool> isPruned(values.size(), false);
  auto count = static_cast<size_t>(share * double(values.size()));
  for (size_t index : ArrayRef<size_t>(order).take_front(count))
    isPruned[index] = true;
  return isPruned;
}

RelativeIndex RelativeIndex::encode(ArrayRef<int64_t> codes, int64_t zero,
                                    unsigned bits) {
  uint32_t most = (uint32_t(1) << bits) - 1;
  RelativeIndex index;
  uint32_t gap = 0;
  for (int64_t code : codes) {
    if (code == zero && gap < most) {
      ++gap;
      continue;
    }
    index.gaps.push_back(gap);
    index.codes.push_back(code);
    gap = 0;
  }
  return index;
}

llvm::Expected<SmallVector<int64_t>> RelativeIndex::decode(int64_t zero,
                                                           size_t count) const {
  if (gaps.size() != codes.size())
    return llvm::createStringError("there are %zu gaps, but %zu codes",
                                   gaps.size(), codes.size());
  SmallVector<int64_t> result(count, zero);
  size_t place = 0;
  for (auto [gap, code] : llvm::zip_equal(gaps, codes)) {
    if (gap >= count - place)
      return llvm::createStringError("gaps lead beyond the last of %zu codes",
                                     count);
    result[place += gap] = code;
    ++place;
  }
  return result;
}
