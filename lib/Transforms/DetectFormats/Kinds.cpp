//===- Kinds.cpp - The kinds of grids -------------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Grid.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// The grid of `format` if all numbers lie on it.
static std::optional<Grid> makeGrid(StringRef name, Type format,
                                    const ChannelValues &values) {
  auto codes = encodeExactly(cast<Format>(format), values);
  if (!codes)
    return std::nullopt;
  return Grid{name.str(), format, std::move(*codes), {}};
}

static std::optional<Grid> makePlanes(StringRef name, MLIRContext *context,
                                      Alphabet alphabet, unsigned planes,
                                      const ChannelValues &values,
                                      ArrayRef<float> scales) {
  // The verifier's rules, without its words.
  for (auto [i, scale] : llvm::enumerate(scales))
    if (!isUsableScale(std::abs(scale)) ||
        (scale < 0) != (scales[i % planes] < 0))
      return std::nullopt;
  return makeGrid(name,
                  PlanesType::get(context, alphabet, planes, values.getAxis(),
                                  DenseF32ArrayAttr::get(context, scales)),
                  values);
}

/// The largest magnitude, or 1 for a channel of zeros.
static float getMagnitude(ArrayRef<float> distinct) {
  if (distinct.empty())
    return 1;
  float most = std::max(std::abs(distinct.front()), std::abs(distinct.back()));
  return most == 0 ? 1 : most;
}

/// -a and a; or 0 and a.
std::optional<Grid> lowbit::findSigns(MLIRContext *context,
                                      const ChannelValues &values) {
  SmallVector<float> signs, bits;
  for (int64_t channel = 0; channel < values.getNumChannels(); ++channel) {
    ArrayRef<float> distinct = values.getDistinct(channel);
    if (distinct.size() > 2)
      return std::nullopt;
    signs.push_back(getMagnitude(distinct));
    bits.push_back(distinct.front() < 0 ? -signs.back() : signs.back());
  }
  if (auto grid = makePlanes("binary", context, Alphabet::Sign, /*planes=*/1,
                             values, signs))
    return grid;
  return makePlanes("zero or one value", context, Alphabet::Bit, /*planes=*/1,
                    values, bits);
}

/// -a, 0 and a; -n, 0 and p; or any two numbers but 0.
std::optional<Grid> lowbit::findTernary(MLIRContext *context,
                                        const ChannelValues &values) {
  SmallVector<float> symmetric, levels, pair;
  for (int64_t channel = 0; channel < values.getNumChannels(); ++channel) {
    ArrayRef<float> distinct = values.getDistinct(channel);
    if (distinct.size() > 3)
      return std::nullopt;
    float magnitude = getMagnitude(distinct);
    symmetric.append({magnitude, -magnitude});
    float most = distinct.back() > 0 ? distinct.back() : magnitude;
    float least = distinct.front() < 0 ? distinct.front() : -magnitude;
    levels.append({most, least});
    pair.append({distinct.back(), distinct.front()});
  }
  auto planes = [&](StringRef name, ArrayRef<float> scales) {
    return makePlanes(name, context, Alphabet::Bit, /*planes=*/2, values,
                      scales);
  };
  if (auto grid = planes("ternary", symmetric))
    return grid;
  if (auto grid = planes("ternary of two levels", levels))
    return grid;
  return planes("two values", pair);
}

std::optional<float> lowbit::findStep(ArrayRef<float> values) {
  float most = getMagnitude(values);
  constexpr int64_t mostMultiple = 127;
  for (int64_t multiple = 1; multiple <= mostMultiple; ++multiple) {
    double rough = double(most) / multiple;
    auto isNear = [&](float value) {
      double ratio = value / rough;
      return std::abs(ratio - std::nearbyint(ratio)) < 1e-4;
    };
    if (!llvm::all_of(values, isNear))
      continue;
    // Products were rounded: the step is a few f32 around.
    auto first = static_cast<float>(rough);
    for (int i = 0; i < 4; ++i)
      first = std::nextafter(first, 0.0f);
    for (float step = first, i = 0; i < 9;
         ++i, step = std::nextafter(step, most)) {
      auto isMultiple = [&](float value) {
        auto steps = static_cast<float>(std::nearbyint(value / rough));
        return steps * step == value;
      };
      if (isUsableScale(step) && llvm::all_of(values, isMultiple))
        return step;
    }
  }
  return std::nullopt;
}

/// The steps of all channels, with the extremes of the multiples.
struct Multiples {
  SmallVector<float> steps;
  int64_t least = 0, most = 0;
  bool allOdd = true;

  static std::optional<Multiples> find(const ChannelValues &values) {
    Multiples result;
    for (int64_t channel = 0; channel < values.getNumChannels(); ++channel) {
      ArrayRef<float> distinct = values.getDistinct(channel);
      std::optional<float> step = findStep(distinct);
      if (!step)
        return std::nullopt;
      result.steps.push_back(*step);
      for (float value : distinct) {
        auto multiple = static_cast<int64_t>(std::nearbyint(value / *step));
        result.least = std::min(result.least, multiple);
        result.most = std::max(result.most, multiple);
        result.allOdd &= multiple % 2 != 0;
      }
    }
    return result;
  }
};

/// Multiples of a step: affine integers.
std::optional<Grid> lowbit::findUniform(MLIRContext *context,
                                        const ChannelValues &values) {
  std::optional<Multiples> found = Multiples::find(values);
  if (!found)
    return std::nullopt;
  // Symmetric integers, unless a zero point saves a bit.
  int64_t magnitude = std::max(-found->least, found->most);
  unsigned symmetric = llvm::Log2_64_Ceil(magnitude + 1) + 1;
  unsigned shifted = llvm::Log2_64_Ceil(found->most - found->least + 1);
  bool isSigned = symmetric <= shifted;
  unsigned width = isSigned ? symmetric : shifted;
  int64_t zero = isSigned ? 0 : -found->least;
  int64_t high = isSigned ? llvm::maxIntN(width) : llvm::maxUIntN(width);
  Type storage = IntegerType::get(context, width);
  Type real = Float32Type::get(context);
  unsigned flags = isSigned ? quant::QuantizationFlags::Signed : 0;
  int64_t low = isSigned ? -high : 0;
  if (width < 2)
    return std::nullopt;
  std::string name = llvm::utostr(width) + "-bit uniform";
  if (!values.getAxis())
    return makeGrid(name,
                    quant::UniformQuantizedType::get(
                        flags, storage, real, found->steps[0], zero, low, high),
                    values);
  SmallVector<double> scales(found->steps.begin(), found->steps.end());
  SmallVector<int64_t> zeros(scales.size(), zero);
  return makeGrid(
      name,
      quant::UniformQuantizedPerAxisType::get(
          flags, storage, real, scales, zeros, *values.getAxis(), low, high),
      values);
}

/// Odd multiples of a step, -3 to 3 in two bits.
std::optional<Grid> lowbit::findOddMultiples(MLIRContext *context,
                                             const ChannelValues &values) {
  std::optional<Multiples> found = Multiples::find(values);
  if (!found || !found->allOdd)
    return std::nullopt;
  int64_t magnitude = std::max(-found->least, found->most);
  unsigned planes = llvm::Log2_64_Ceil(magnitude + 1);
  SmallVector<float> scales;
  for (float step : found->steps)
    for (unsigned plane = 0; plane < planes; ++plane)
      scales.push_back(std::ldexp(step, plane));
  return makePlanes(llvm::utostr(planes) + "-bit odd multiples", context,
                    Alphabet::Sign, planes, values, scales);
}

/// 0 and powers of two times one scale.
std::optional<Grid> lowbit::findPowersOfTwo(MLIRContext *context,
                                            const ChannelValues &values) {
  SmallVector<float> scales;
  int least = 0;
  bool isSigned = false;
  for (int64_t channel = 0; channel < values.getNumChannels(); ++channel) {
    ArrayRef<float> distinct = values.getDistinct(channel);
    scales.push_back(getMagnitude(distinct));
    int top = 0;
    float mantissa = std::frexp(scales.back(), &top);
    for (float value : distinct) {
      int exponent = 0;
      if (value == 0)
        continue;
      if (std::abs(std::frexp(value, &exponent)) != mantissa)
        return std::nullopt;
      least = std::min(least, exponent - top);
      isSigned |= value < 0;
    }
  }
  unsigned width = llvm::Log2_64_Ceil(-least + 2) + isSigned;
  if (least < -29 || width < 2 || width > 8 ||
      !llvm::all_of(scales, [&](float scale) {
        return isUsableScale(std::ldexp(scale, least));
      }))
    return std::nullopt;
  return makeGrid("powers of two",
                  Pow2Type::get(context, isSigned, width, /*fields=*/1,
                                /*drop=*/0, least, /*high=*/0, values.getAxis(),
                                DenseF32ArrayAttr::get(context, scales)),
                  values);
}

std::optional<SmallVector<float>> lowbit::findBasesOf(ArrayRef<float> values) {
  // With all signs +, the sum is the largest number; turning bases around takes
  // twice a sum of them away. The least such difference is the least base.
  SmallVector<double> magnitudes;
  for (float value : values)
    magnitudes.push_back(std::abs(value));
  llvm::sort(magnitudes, std::greater<>());
  double most = magnitudes.front(), tolerance = most * 1e-5;
  SmallVector<double> bases, sums = {0};
  for (double magnitude : magnitudes) {
    double turned = (most - magnitude) / 2;
    auto isNear = [&](double sum) {
      return std::abs(sum - turned) < tolerance;
    };
    if (llvm::any_of(sums, isNear))
      continue;
    if (bases.size() == 3)
      return std::nullopt;
    for (size_t i = 0, e = sums.size(); i < e; ++i)
      sums.push_back(sums[i] + turned);
    bases.push_back(turned);
  }
  // What is left of the largest number is the largest base.
  double left = most;
  for (double base : bases)
    left -= base;
  bases.push_back(left);
  llvm::sort(bases, std::greater<>());
  if (bases.size() < 2 || bases.back() <= tolerance)
    return std::nullopt;

  // Sums were rounded: each base is one of three f32.
  SmallVector<float> tried(bases.size());
  int64_t combinations = std::llround(std::pow(3, bases.size()));
  for (int64_t combination = 0; combination < combinations; ++combination) {
    int64_t digits = combination;
    for (auto [i, base] : llvm::enumerate(bases)) {
      auto value = static_cast<float>(base);
      if (digits % 3 != 0)
        value = std::nextafter(value, digits % 3 == 1 ? most : 0.0f);
      tried[i] = value;
      digits /= 3;
    }
    auto isSum = [&](float value) {
      for (unsigned signs = 0; signs < 1u << tried.size(); ++signs) {
        float sum = 0;
        for (auto [i, base] : llvm::enumerate(tried)) {
          float term = (signs >> i) & 1 ? base : -base;
          sum = i == 0 ? term : sum + term;
        }
        if (sum == value)
          return true;
      }
      return false;
    };
    if (llvm::all_of(values, isSum))
      return tried;
  }
  return std::nullopt;
}

/// Sums of two to four bases with signs.
std::optional<Grid> lowbit::findBases(MLIRContext *context,
                                      const ChannelValues &values) {
  SmallVector<SmallVector<float>> found;
  size_t planes = 0;
  for (int64_t channel = 0; channel < values.getNumChannels(); ++channel) {
    ArrayRef<float> distinct = values.getDistinct(channel);
    if (distinct.size() > 16)
      return std::nullopt;
    auto bases = findBasesOf(distinct);
    if (!bases)
      return std::nullopt;
    planes = std::max(planes, bases->size());
    found.push_back(std::move(*bases));
  }
  SmallVector<float> scales;
  for (ArrayRef<float> bases : found) {
    if (bases.size() != planes)
      return std::nullopt;
    llvm::append_range(scales, bases);
  }
  return makePlanes("sums of " + llvm::utostr(planes) + " bases", context,
                    Alphabet::Sign, planes, values, scales);
}

/// Few distinct numbers.
std::optional<Grid> lowbit::findCodebook(MLIRContext *context,
                                         const ChannelValues &values) {
  ArrayRef<float> distinct = values.getDistinct(/*channel=*/0);
  if (distinct.size() < 2)
    return std::nullopt;
  Grid grid;
  grid.name = llvm::utostr(distinct.size()) + " distinct values";
  grid.format = CodebookType::get(context, llvm::Log2_64_Ceil(distinct.size()),
                                  /*stages=*/1, /*dim=*/1, std::nullopt);
  grid.book.assign(distinct.begin(), distinct.end());
  for (float value : values.getValues())
    grid.codes.push_back(llvm::lower_bound(distinct, value) - distinct.begin());
  return grid;
}
