//===- ConstantsTest.cpp - Codes of numbers that are known ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Formats/Constants.h"

#include "lowbit/IR/Lowbit.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

struct ConstantsTest : testing::Test {
  ConstantsTest() { context.loadDialect<LowbitDialect>(); }

  Format planes(Alphabet alphabet, ArrayRef<float> scales) {
    return cast<Format>(
        Type(PlanesType::get(&context, alphabet, scales.size(), std::nullopt,
                             DenseF32ArrayAttr::get(&context, scales))));
  }
  Format pow2(unsigned width, int64_t low) {
    return cast<Format>(Type(Pow2Type::get(
        &context, /*isSigned=*/true, width, /*fields=*/1, /*drop=*/0, low,
        /*high=*/0, std::nullopt, DenseF32ArrayAttr::get(&context, {1.0f}))));
  }

  MLIRContext context;
};

constexpr float infinity = std::numeric_limits<float>::infinity();

TEST_F(ConstantsTest, SignsTakeZeroAsPlus) {
  RankEncoder encoder(planes(Alphabet::Sign, {0.5f}));
  EXPECT_EQ(encoder.encode(0.0f, 0), 1);
  EXPECT_EQ(encoder.encode(-0.0f, 0), 1);
  EXPECT_EQ(encoder.encode(std::nextafter(0.0f, -1.0f), 0), 0);
  EXPECT_EQ(encoder.encode(-infinity, 0), 0);
  EXPECT_EQ(encoder.encode(infinity, 0), 1);
  EXPECT_EQ(encoder.encode(std::nanf(""), 0), 1);
}

TEST_F(ConstantsTest, EveryCodeIsTheNearest) {
  Format formats[] = {planes(Alphabet::Sign, {0.5f}),
                      planes(Alphabet::Bit, {0.5f, -0.25f}),
                      planes(Alphabet::Sign, {0.9f, 0.35f, 0.1f}),
                      planes(Alphabet::Bit, {0.5f, 1.0f, 2.0f}),
                      pow2(4, -6),
                      pow2(3, -2)};
  for (Format format : formats) {
    RankEncoder encoder(format);
    for (int i = -400; i <= 400; ++i) {
      float real = 0.01f * i;
      auto distance = [&](int64_t code) {
        return std::abs(double(format.decode(code, 0)) - real);
      };
      double found = distance(encoder.encode(real, 0));
      auto [low, high] = format.getCodeRange();
      for (int64_t code = low; code <= high; ++code)
        EXPECT_LE(found, distance(code)) << real << " in code " << code;
    }
  }
}

TEST_F(ConstantsTest, NumbersKeepTheirCode) {
  // But for those that another code stands for, too: 0 has a sign in pow2.
  Format format = pow2(4, -6);
  RankEncoder encoder(format);
  for (int64_t code = 0; code < 16; ++code) {
    int64_t again = encoder.encode(format.decode(code, 0), 0);
    EXPECT_EQ(again, code == 8 ? 0 : code);
  }
}

TEST_F(ConstantsTest, ExactDepth) {
  Format sign = planes(Alphabet::Sign, {0.5f});
  EXPECT_EQ(getExactDepth(sign, sign), std::numeric_limits<int32_t>::max());
  EXPECT_EQ(getExactDepth(sign, sign, 16), 32767);
  // 2^6 times 2^6, in 16 bits.
  EXPECT_EQ(getExactDepth(pow2(4, -6), pow2(4, -6), 16), 7);
  Type i8 = IntegerType::get(&context, 8);
  auto codes = cast<Format>(Type(quant::UniformQuantizedType::get(
      quant::QuantizationFlags::Signed, i8, Float32Type::get(&context), 0.5, 0,
      -128, 127)));
  EXPECT_EQ(getExactDepth(codes, codes), 131071);
}

} // namespace
