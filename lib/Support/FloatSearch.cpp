//===- FloatSearch.cpp - Where a property of floats begins --------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/FloatSearch.h"

#include "llvm/ADT/bit.h"

#include <cstdint>

using namespace mlir;

/// The floats in ascending order: number 0 is 0, number -n the negative of n.
static float getFloat(int64_t number) {
  auto bits = static_cast<uint32_t>(number < 0 ? -number : number);
  float magnitude = llvm::bit_cast<float>(bits);
  return number < 0 ? -magnitude : magnitude;
}

float lowbit::findLeastFloat(llvm::function_ref<bool(float)> holds) {
  constexpr int64_t infinity = 0x7f800000;
  int64_t low = -infinity, high = infinity;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (holds(getFloat(middle)))
      high = middle;
    else
      low = middle + 1;
  }
  return getFloat(high);
}
