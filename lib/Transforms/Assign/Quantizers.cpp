//===- Quantizers.cpp - Formats of a recipe's quantizers ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantizers.h"

#include "Formats.h"

#include "lowbit/Analysis/QuantizationUnit.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;
using Kind = ActivationQuantizer::Kind;

void lowbit::restrictToLayers(ObserveOp op, ActivationOptions &options) {
  Kind kind = options.quantizer->kind;
  if (kind == Kind::Affine || kind == Kind::FixedPoint ||
      options.quantizer->isDynamic() || isConstant(op.getInput()))
    return;
  bool isMultiplied = false;
  forEachCodesUse(op.getResult(), [&](OpOperand &use) {
    isMultiplied |= isMultiplyAccumulate(use.getOwner());
  });
  if (isMultiplied)
    return;
  options.quantizer = ActivationQuantizer();
  options.storage = CodeStorage{/*isSigned=*/false, 8};
}

/// The step of the least squared error for a half-normal variable in four levels.
static constexpr double halfWaveStep = 0.538;

/// A sum of signs with the scales of `signs`.
static Type getSigns(MLIRContext *context, ArrayRef<float> scales) {
  return PlanesType::get(context, Alphabet::Sign, scales.size(),
                         /*axis=*/std::nullopt,
                         DenseF32ArrayAttr::get(context, scales));
}

/// Powers of two up to the one to which the largest magnitude is rounded.
static FailureOr<Type> getPowersOfTwo(ObserveOp op, CodeStorage storage) {
  unsigned bits = storage.isSigned ? storage.width - 1 : storage.width;
  if (bits > 4)
    return op.emitError() << "the quantizer 'log2' of '" << op.getName()
                          << "' expects a storage of u2 to u4, or i2 to i5";
  StatsAttr stats = op.getStatsAttr();
  if (!stats)
    return op.emitError() << "'" << op.getName()
                          << "' has no statistics; use -lowbit-calibrate first";
  double magnitude = std::max(std::abs(stats.getMin().getValueAsDouble()),
                              std::abs(stats.getMax().getValueAsDouble()));
  int64_t high =
      magnitude == 0 ? 0 : std::llround(std::floor(std::log2(magnitude) + 0.5));
  // The least of them is a normal number, too.
  high = std::min<int64_t>(std::max<int64_t>(high, -100), 126);
  int64_t low = high - (int64_t(1) << bits) + 2;
  return Pow2Type::get(op.getContext(), storage.isSigned, storage.width,
                       /*fields=*/1, /*drop=*/0, low, high,
                       /*axis=*/std::nullopt,
                       DenseF32ArrayAttr::get(op.getContext(), {1.0f}));
}

FailureOr<Type> lowbit::getQuantizerFormat(ObserveOp op,
                                           const ActivationOptions &options) {
  MLIRContext *context = op.getContext();
  const ActivationQuantizer &quantizer = *options.quantizer;
  CodeStorage storage = *options.storage;
  auto expectStorage = [&](StringRef expected) {
    return op.emitError() << "the quantizer '" << quantizer.text << "' of '"
                          << op.getName() << "' expects " << expected
                          << " storage";
  };
  int64_t most = (int64_t(1) << (storage.width - storage.isSigned)) - 1;
  switch (quantizer.kind) {
  case Kind::Affine:
  case Kind::FixedPoint:
    break;
  case Kind::Sign:
  case Kind::ScaledSign:
    return getSigns(context, {1.0f});
  case Kind::Clip:
    if (storage.isSigned)
      return expectStorage("an unsigned");
    return Type(getAffineFormat(context, storage, 0, quantizer.bound));
  case Kind::HalfWave:
    if (storage.isSigned || storage.width != 2)
      return expectStorage("the 'u2'");
    return Type(getAffineFormat(context, storage, 0, 3 * halfWaveStep));
  case Kind::Log2:
    return getPowersOfTwo(op, storage);
  case Kind::ShiftedSigns:
    return getSigns(context,
                    llvm::map_to_vector(quantizer.signs, [](auto sign) {
                      return static_cast<float>(sign.second);
                    }));
  case Kind::Dynamic:
  case Kind::DynamicRows: {
    std::optional<int64_t> axis;
    if (quantizer.kind == Kind::DynamicRows)
      axis = 0;
    return Type(AffineType::get(context, storage.isSigned, storage.width,
                                storage.isSigned ? -most : 0, most, axis,
                                /*group=*/0, /*zero=*/!storage.isSigned));
  }
  case Kind::AlternatingSigns:
    if (storage.width < 2 || storage.width > 4)
      return expectStorage("a 2- to 4-bit");
    [[fallthrough]];
  case Kind::ResidualSigns:
    return Type(PlanesType::get(context, Alphabet::Sign, storage.width,
                                /*axis=*/0,
                                DenseF32ArrayAttr::get(context, {})));
  }
  llvm_unreachable("affine formats follow from ranges");
}

/// The least float greater than `number`.
static float getNextFloat(double number) {
  auto nearest = static_cast<float>(number);
  return static_cast<double>(nearest) > number
             ? nearest
             : std::nextafter(nearest, std::numeric_limits<float>::infinity());
}

/// 0 belongs to 0 alone, and steps begin above their middle.
static CountedCodes countHalfWaves(quant::UniformQuantizedType format) {
  double scale = static_cast<float>(format.getScale());
  return {
      {getNextFloat(0), getNextFloat(1.5 * scale), getNextFloat(2.5 * scale)},
      {}};
}

/// The exponent is rounded: 2^e begins at the root of 2^(2e - 1).
static CountedCodes countPowersOfTwo(Pow2Type format) {
  CountedCodes counted;
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (int64_t e = format.getLow(); e <= format.getHigh(); ++e) {
    double square = std::ldexp(1.0, 2 * static_cast<int>(e) - 1);
    auto edge = static_cast<float>(std::sqrt(square));
    // Squares of floats are doubles.
    if (static_cast<double>(edge) * edge < square)
      edge = std::nextafter(edge, infinity);
    counted.thresholds.push_back(edge);
    if (format.getIsSigned())
      counted.thresholds.push_back(-std::nextafter(edge, 0.0f));
  }
  llvm::sort(counted.thresholds);
  return counted;
}

/// Sign n is +1 from 1/2 - shift[n] up.
static CountedCodes countShiftedSigns(const ActivationQuantizer &quantizer) {
  SmallVector<std::pair<float, int64_t>> edges;
  for (auto [n, sign] : llvm::enumerate(quantizer.signs))
    edges.emplace_back(static_cast<float>(0.5 - sign.first), n);
  llvm::sort(edges);
  CountedCodes counted;
  counted.codes.push_back(0);
  for (auto [threshold, n] : edges) {
    counted.thresholds.push_back(threshold);
    counted.codes.push_back(counted.codes.back() | int64_t(1) << n);
  }
  return counted;
}

CountedCodes lowbit::getCountedCodes(const ActivationQuantizer &quantizer,
                                     Type format) {
  switch (quantizer.kind) {
  case Kind::HalfWave:
    return countHalfWaves(cast<quant::UniformQuantizedType>(format));
  case Kind::Log2:
    return countPowersOfTwo(cast<Pow2Type>(format));
  case Kind::ShiftedSigns:
    return countShiftedSigns(quantizer);
  default:
    return {};
  }
}
