//===- Philox.h - Random words by their number ------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw,
// "Parallel random numbers: as easy as 1, 2, 3" (SC 2011): four random words are
// a function of a counter and a key. There is no state, so that any element of a
// tensor has its word whatever came before it.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_SUPPORT_PHILOX_H
#define LOWBIT_SUPPORT_PHILOX_H

#include "llvm/ADT/StringRef.h"

#include <array>
#include <cstdint>

namespace mlir::lowbit {

/// What a round of Philox4x32 multiplies by, and adds to the key after it.
constexpr uint32_t kPhiloxMultipliers[2] = {0xD2511F53, 0xCD9E8D57};
constexpr uint32_t kPhiloxKeySteps[2] = {0x9E3779B9, 0xBB67AE85};
constexpr unsigned kPhiloxRounds = 10;

/// The words of `counter` under `key`.
std::array<uint32_t, 4> computePhilox(std::array<uint32_t, 4> counter,
                                      std::array<uint32_t, 2> key);

/// The random words of a tensor.
struct RandomWords {
  uint32_t seed = 0;
  uint32_t tensor = 0;

  /// That of the element number `index` in row-major order.
  uint32_t get(uint64_t index) const;
};

/// The number of a tensor for its name: FNV-1a of 32 bits over its bytes.
uint32_t numberTensor(llvm::StringRef name);

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_PHILOX_H
