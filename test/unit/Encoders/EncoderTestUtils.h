//===- EncoderTestUtils.h - What the tests of encoders share ----*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TEST_UNIT_ENCODERS_ENCODERTESTUTILS_H
#define LOWBIT_TEST_UNIT_ENCODERS_ENCODERTESTUTILS_H

#include "lowbit/Encoders/Encoder.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Quant/IR/Quant.h"

#include "gtest/gtest.h"

#include <cmath>
#include <random>

namespace mlir::lowbit {

/// A context with what formats need.
inline MLIRContext &getTestContext() {
  static MLIRContext context;
  context.loadDialect<LowbitDialect, quant::QuantDialect>();
  return context;
}

/// Encodes and checks that the result is one that IR can hold: a format whose
/// verifier is content, codes in its range, and shapes that fit.
inline llvm::Expected<EncodedWeights>
tryEncode(StringRef name, const Weights &weights,
          const EncoderArguments &arguments) {
  auto encoder = findWeightEncoder(name);
  if (!encoder)
    return encoder.takeError();
  auto options = EncoderOptions::parse(**encoder, arguments);
  if (!options)
    return options.takeError();
  auto encoded = (*encoder)->encode(&getTestContext(), weights, *options);
  if (!encoded)
    return encoded;
  auto format = cast<Format>(encoded->format);
  // Reading runs the verifier.
  std::string text;
  llvm::raw_string_ostream(text) << encoded->format;
  EXPECT_EQ(parseType(text, &getTestContext()), encoded->format) << text;
  EXPECT_EQ(int64_t(encoded->codes.size()),
            ShapedType::getNumElements(encoded->codeShape));
  for (int64_t code : encoded->codes) {
    EXPECT_GE(code, format.getCodeRange().first);
    EXPECT_LE(code, format.getCodeRange().second);
  }
  if (std::optional<int64_t> axis = format.getScaleAxis();
      axis && !format.hasParameters())
    EXPECT_EQ(format.getNumChannels(), encoded->codeShape[*axis]);
  SmallVector<RankedTensorType> types =
      format.getParameterTypes(encoded->codeShape);
  EXPECT_EQ(types.size(), encoded->parameters.size());
  for (auto [type, parameter] : llvm::zip(types, encoded->parameters)) {
    EXPECT_EQ(type.getRank(), int64_t(parameter.shape.size()));
    for (auto [expected, size] : llvm::zip(type.getShape(), parameter.shape))
      if (!ShapedType::isDynamic(expected))
        EXPECT_EQ(expected, size);
    EXPECT_EQ(int64_t(parameter.numbers.size() + parameter.integers.size()),
              ShapedType::getNumElements(parameter.shape));
  }
  return encoded;
}

inline EncodedWeights encode(StringRef name, const Weights &weights,
                             const EncoderArguments &arguments = {}) {
  return llvm::cantFail(tryEncode(name, weights, arguments));
}

/// What comes back from codes, of a tensor of one dimension unless `shape`.
inline std::vector<float> roundTrip(StringRef name, ArrayRef<float> values,
                                    const EncoderArguments &arguments = {},
                                    ArrayRef<double> curvature = {}) {
  int64_t shape[] = {int64_t(values.size())};
  Weights weights{values, shape, std::nullopt, curvature};
  return decodeWeights(encode(name, weights, arguments), shape);
}

inline std::string getErrorText(StringRef name, const Weights &weights,
                                const EncoderArguments &arguments = {}) {
  auto encoded = tryEncode(name, weights, arguments);
  return encoded ? "no error" : llvm::toString(encoded.takeError());
}

inline double getError(ArrayRef<float> values, ArrayRef<float> decoded,
                       ArrayRef<double> costs = {}) {
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    double error = double(values[i]) - double(decoded[i]);
    sum += (costs.empty() ? 1 : costs[i]) * error * error;
  }
  return sum;
}

inline double getSquare(ArrayRef<float> values) {
  return getError(values, std::vector<float>(values.size(), 0));
}

/// Numbers of a Gauss distribution of deviation 1, the same on every machine.
inline std::vector<float> makeGaussian(size_t count, uint64_t seed = 1) {
  std::mt19937_64 generator(seed);
  auto uniform = [&] { return (double(generator() >> 11) + 0.5) * 0x1p-53; };
  std::vector<float> numbers;
  for (size_t i = 0; i < count; ++i) {
    double radius = std::sqrt(-2 * std::log(uniform()));
    numbers.push_back(float(radius * std::cos(2 * M_PI * uniform())));
  }
  return numbers;
}

/// Costs between 0.1 and 1.1.
inline std::vector<double> makeCosts(size_t count, uint64_t seed = 7) {
  std::mt19937_64 generator(seed);
  std::vector<double> costs;
  for (size_t i = 0; i < count; ++i)
    costs.push_back(0.1 + double(generator() % 1000) / 1000);
  return costs;
}

} // namespace mlir::lowbit

#endif // LOWBIT_TEST_UNIT_ENCODERS_ENCODERTESTUTILS_H
