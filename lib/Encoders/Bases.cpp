//===- Bases.cpp - Sums of scaled signs -----------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bases.h"

#include "LeastSquares.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// -1 or +1.
static double getSign(uint32_t code, size_t base) {
  return (code >> base) & 1 ? 1 : -1;
}

double Bases::decode(uint32_t code) const {
  double sum = 0;
  for (auto [base, scale] : llvm::enumerate(scales))
    sum += getSign(code, base) * scale;
  return sum;
}

double lowbit::getCost(const Slice &slice, const Bases &bases) {
  double sum = 0;
  for (auto [value, cost, code] :
       llvm::zip_equal(slice.values, slice.costs, bases.signs)) {
    double error = value - bases.decode(code);
    sum += cost * error * error;
  }
  return sum;
}

void lowbit::solveScales(const Slice &slice, Bases &bases) {
  size_t count = bases.size();
  SmallVector<double> matrix(count * count, 0), right(count, 0);
  for (auto [value, cost, code] :
       llvm::zip_equal(slice.values, slice.costs, bases.signs))
    for (size_t i = 0; i < count; ++i) {
      right[i] += cost * value * getSign(code, i);
      for (size_t j = 0; j < count; ++j)
        matrix[i * count + j] += cost * getSign(code, i) * getSign(code, j);
    }
  bases.scales = solveSymmetric(matrix, right);
}

Bases lowbit::approximateGreedily(const Slice &slice, unsigned count,
                                  bool refine) {
  Bases bases;
  bases.signs.assign(slice.size(), 0);
  for (unsigned base = 0; base < count; ++base) {
    Slice rest = slice;
    for (auto [value, code] : llvm::zip_equal(rest.values, bases.signs))
      value -= bases.decode(code);
    for (auto [value, code] : llvm::zip_equal(rest.values, bases.signs))
      code |= uint32_t(value >= 0) << base;
    bases.scales.push_back(rest.sumMagnitudes() / rest.sumCosts());
    if (refine)
      solveScales(slice, bases);
  }
  return bases;
}

Bases lowbit::approximateByShifts(const Slice &slice, unsigned count) {
  double mean = 0, variance = 0, size = slice.size();
  for (double value : slice.values)
    mean += value;
  mean /= size;
  for (double value : slice.values)
    variance += (value - mean) * (value - mean);
  double deviation = std::sqrt(variance / size);
  Bases bases;
  for (double value : slice.values) {
    uint32_t code = 0;
    for (unsigned base = 0; base < count; ++base) {
      double shift = count == 1 ? 0 : -1 + 2.0 * base / (count - 1);
      code |= uint32_t(value - mean + shift * deviation >= 0) << base;
    }
    bases.signs.push_back(code);
  }
  bases.scales.assign(count, 0);
  solveScales(slice, bases);
  return bases;
}

void lowbit::chooseSigns(const Slice &slice, Bases &bases) {
  SmallVector<std::pair<double, uint32_t>> sums;
  for (uint32_t code = 0; code < uint32_t(1) << bases.size(); ++code)
    sums.push_back({bases.decode(code), code});
  llvm::sort(sums);
  SmallVector<double> middles;
  for (size_t i = 1; i < sums.size(); ++i)
    middles.push_back((sums[i - 1].first + sums[i].first) / 2);
  for (auto [value, code] : llvm::zip_equal(slice.values, bases.signs))
    code = sums[llvm::upper_bound(middles, value) - middles.begin()].second;
}

void lowbit::alternate(const Slice &slice, Bases &bases, unsigned rounds,
                       std::vector<double> *costs) {
  auto record = [&] {
    if (costs)
      costs->push_back(getCost(slice, bases));
  };
  record();
  for (unsigned round = 0; round < rounds; ++round) {
    SmallVector<uint32_t, 0> before = bases.signs;
    solveScales(slice, bases);
    record();
    chooseSigns(slice, bases);
    record();
    if (bases.signs == before)
      break;
  }
}

void lowbit::makeScalesUsable(Bases &bases) {
  size_t count = bases.size();
  for (auto [base, scale] : llvm::enumerate(bases.scales)) {
    if (scale < 0)
      for (uint32_t &code : bases.signs)
        code ^= uint32_t(1) << base;
    scale = std::abs(scale);
  }
  size_t most = llvm::max_element(bases.scales) - bases.scales.begin();
  // Beside the largest, less than this is 0: rounding of the solution.
  double nothing = bases.scales[most] * 1e-12;
  if (bases.scales[most] < 0x1p-126) {
    // Scales that add up to 0 with these signs.
    bases.scales.assign(count, toUsableScale(0));
    if (count > 1)
      bases.scales[0] *= double(count - 1);
    bases.signs.assign(bases.signs.size(), count > 1 ? ~uint32_t(1) : 1);
    for (uint32_t &code : bases.signs)
      code &= (uint32_t(1) << count) - 1;
    return;
  }
  for (size_t base = 0; base < count; ++base) {
    if (bases.scales[base] > nothing)
      continue;
    most = llvm::max_element(bases.scales) - bases.scales.begin();
    bases.scales[base] = bases.scales[most] /= 2;
    for (uint32_t &code : bases.signs) {
      code &= ~(uint32_t(1) << base);
      code |= ((code >> most) & 1) << base;
    }
  }
  // No sum may overflow.
  for (double &scale : bases.scales)
    scale = toUsableScale(std::min(scale, 0x1p126 / double(count)));
}
