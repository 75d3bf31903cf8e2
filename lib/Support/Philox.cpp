//===- Philox.cpp - Random words by their number --------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/Philox.h"

using namespace mlir;

std::array<uint32_t, 4> lowbit::computePhilox(std::array<uint32_t, 4> counter,
                                              std::array<uint32_t, 2> key) {
  for (unsigned round = 0; round < kPhiloxRounds; ++round) {
    uint64_t first = uint64_t(kPhiloxMultipliers[0]) * counter[0];
    uint64_t second = uint64_t(kPhiloxMultipliers[1]) * counter[2];
    counter = {uint32_t(second >> 32) ^ counter[1] ^ key[0], uint32_t(second),
               uint32_t(first >> 32) ^ counter[3] ^ key[1], uint32_t(first)};
    key[0] += kPhiloxKeySteps[0];
    key[1] += kPhiloxKeySteps[1];
  }
  return counter;
}

uint32_t lowbit::RandomWords::get(uint64_t index) const {
  uint64_t block = index / 4;
  return computePhilox({uint32_t(block), uint32_t(block >> 32), 0, 0},
                       {seed, tensor})[index % 4];
}

uint32_t lowbit::numberTensor(llvm::StringRef name) {
  uint32_t hash = 0x811C9DC5;
  for (unsigned char byte : name)
    hash = (hash ^ byte) * 0x01000193;
  return hash;
}
