//===- FidelityTest.cpp - What is expected of encoders --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EncoderTestUtils.h"

#include "lowbit/Encoders/Fidelity.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

std::optional<Fidelity> expect(StringRef name,
                               const EncoderArguments &arguments = {}) {
  const WeightEncoder *encoder = llvm::cantFail(findWeightEncoder(name));
  return expectFidelity(
      &getTestContext(), *encoder,
      llvm::cantFail(EncoderOptions::parse(*encoder, arguments)));
}

TEST(Fidelity, MeasuresVectors) {
  Fidelity right = measureFidelity({1, 0}, {1, 1});
  EXPECT_NEAR(right.angle, 45, 1e-6);
  EXPECT_NEAR(right.correlation, std::sqrt(0.5), 1e-9);
  EXPECT_NEAR(right.sqnr, 0, 1e-9);
  Fidelity same = measureFidelity({0.1f, -0.3f}, {0.1f, -0.3f});
  EXPECT_EQ(same.angle, 0);
  EXPECT_EQ(same.correlation, 1);
  EXPECT_TRUE(std::isinf(same.sqnr));
  // Opposite, and a tenth of the length.
  EXPECT_NEAR(measureFidelity({1, 1}, {-0.1f, -0.1f}).angle, 180, 1e-3);
  EXPECT_EQ(measureFidelity({0, 0}, {1, 1}).angle, 0);
}

// Anderson 2017: arccos(sqrt(2 / pi)).
TEST(Fidelity, ExpectsTheAngleOfSigns) {
  std::optional<Fidelity> signs = expect("bwn");
  ASSERT_TRUE(signs);
  EXPECT_NEAR(signs->angle, 37.07, 0.02);
  EXPECT_NEAR(signs->correlation, std::sqrt(2 / M_PI), 1e-3);
  EXPECT_NEAR(signs->sqnr, -10 * std::log10(1 - 2 / M_PI), 0.01);
}

// The best quantizer of three levels for a normal distribution (Max 1960) has a
// squared error of 0.1902.
TEST(Fidelity, ExpectsTheErrorOfThreeLevels) {
  std::optional<Fidelity> ternary = expect("ternary");
  ASSERT_TRUE(ternary);
  EXPECT_NEAR(ternary->sqnr, -10 * std::log10(0.1902), 0.02);
  EXPECT_NEAR(ternary->correlation, std::sqrt(1 - 0.1902), 1e-3);
  // The rule's threshold is almost the best one.
  EXPECT_NEAR(expect("twn")->sqnr, ternary->sqnr, 0.1);
}

TEST(Fidelity, ExpectsSixDecibelsForEachBit) {
  for (int bits = 5; bits < 12; ++bits) {
    double less = expect("absmax", {{"bits", std::to_string(bits)}})->sqnr;
    double more = expect("absmax", {{"bits", std::to_string(bits + 1)}})->sqnr;
    EXPECT_NEAR(more - less, 6.02, 0.35) << bits;
  }
}

TEST(Fidelity, ExpectsNothingWithoutCalibration) {
  EXPECT_FALSE(expect("lab"));
  EXPECT_FALSE(expect("q-cnn"));
}

} // namespace
