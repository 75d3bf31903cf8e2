//===- DefaultsTest.cpp - What formats need not say themselves ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Formats/Format.h"

#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace mlir;

namespace formatstest {

/// A format of three bits whose steps are a list: of one term, or of two, the
/// second with a quarter of the scale.
struct ListStorage : TypeStorage {
  using KeyTy = std::pair<DenseI64ArrayAttr, FloatAttr>;
  explicit ListStorage(const KeyTy &key) : key(key) {}
  bool operator==(const KeyTy &other) const { return key == other; }
  static ListStorage *construct(TypeStorageAllocator &allocator,
                                const KeyTy &key) {
    return new (allocator.allocate<ListStorage>()) ListStorage(key);
  }
  KeyTy key;
};

class ListType : public Type::TypeBase<ListType, Type, ListStorage,
                                       lowbit::Format::Trait> {
public:
  using Base::Base;
  static constexpr StringLiteral name = "formatstest.list";
  unsigned getStorageWidth() const { return 3; }
  bool hasSignedStorage() const { return false; }
  unsigned getNumTerms() const { return getImpl()->key.first.size() / 8; }
  int64_t getStep(int64_t code, unsigned term) const {
    return getImpl()->key.first[8 * term + code];
  }
  double getScale(unsigned term, int64_t) const {
    return std::ldexp(getImpl()->key.second.getValueAsDouble(), -2 * term);
  }
};

class TestDialect : public Dialect {
public:
  explicit TestDialect(MLIRContext *context)
      : Dialect(getDialectNamespace(), context, TypeID::get<TestDialect>()) {
    addTypes<ListType>();
  }
  static constexpr StringLiteral getDialectNamespace() { return "formatstest"; }
};

} // namespace formatstest

namespace {

using Codes = SmallVector<int64_t>;
using Numbers = SmallVector<float>;

class DefaultsTest : public testing::Test {
protected:
  DefaultsTest() {
    context.loadDialect<formatstest::TestDialect, quant::QuantDialect>();
  }

  lowbit::Format makeFormat(ArrayRef<int64_t> steps, float scale = 1) {
    Builder builder(&context);
    return cast<lowbit::Format>(Type(formatstest::ListType::get(
        &context, std::pair(builder.getDenseI64ArrayAttr(steps),
                            builder.getF32FloatAttr(scale)))));
  }

  MLIRContext context;
};

TEST_F(DefaultsTest, RangesAreThoseOfTheStorage) {
  lowbit::Format format = makeFormat({5, -7, 0, 1, 2, 3, 4, 6});
  EXPECT_EQ(format.getCodeRange(), std::pair(int64_t(0), int64_t(7)));
  EXPECT_EQ(format.getStepRange(0), std::pair(int64_t(-7), int64_t(6)));
  EXPECT_EQ(format.getNumChannels(), 1);
  EXPECT_FALSE(format.getScaleAxis());
  EXPECT_FALSE(format.hasParameters());
  EXPECT_TRUE(format.getParameterTypes({4}).empty());
}

TEST_F(DefaultsTest, BytesAreBitsRoundedUp) {
  lowbit::Format format = makeFormat({0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(format.getStorageBytes({}), 1);
  EXPECT_EQ(format.getStorageBytes({8}), 3);
  EXPECT_EQ(format.getStorageBytes({3, 3}), 4);
  EXPECT_EQ(format.getStorageBytes({0, 9}), 0);
}

TEST_F(DefaultsTest, TheFirstCodeForZeroIsTheZeroCode) {
  EXPECT_EQ(makeFormat({5, 0, 3, 0, 1, 1, 1, 1}).getZeroCode(), 1);
  EXPECT_EQ(makeFormat({5, 1, 3, 7, 1, 1, 1, 1}).getZeroCode(), std::nullopt);
  // All terms must be 0: terms that cancel out are no zero to pad steps with.
  EXPECT_EQ(makeFormat({1, 2, 3, 4, 5, 0, 7, 8, //
                        -4, 1, 1, 1, 1, 0, 1, 1})
                .getZeroCode(),
            5);
  EXPECT_EQ(makeFormat({1, 2, 3, 4, 5, 6, 7, 8, //
                        -4, 1, 1, 1, 1, 0, 1, 1})
                .getZeroCode(),
            std::nullopt);
}

TEST_F(DefaultsTest, CodesAreOrderedByNumberEachOnce) {
  // Of the codes of one number the first, 4 before 6, and 0 before 7.
  lowbit::Format format = makeFormat({3, -1, 5, 4, -8, 2, -8, 3});
  EXPECT_EQ(format.getOrderedCodes(0), Codes({4, 1, 5, 0, 3, 2}));
  EXPECT_EQ(makeFormat({2, 2, 2, 2, 2, 2, 2, 2}).getOrderedCodes(0),
            Codes({0}));
  EXPECT_TRUE(makeFormat({2, 2, 2, 2, 2, 2, 2, 2}).getThresholds(0).empty());
}

TEST_F(DefaultsTest, NumbersAreSumsOfTerms) {
  lowbit::Format format = makeFormat({1, 2, 3, 4, 5, 6, 7, 8, //
                                      -4, 1, 9, -1, 0, 0, 0, 3},
                                     0.5);
  EXPECT_EQ(format.getNumTerms(), 2u);
  EXPECT_EQ(format.decode(0, 0), 0.0f);
  EXPECT_EQ(format.decode(2, 0), 1.5f + 1.125f);
  EXPECT_EQ(format.getOrderedCodes(0), Codes({0, 1, 3, 4, 2, 5, 6, 7}));
}

TEST_F(DefaultsTest, ThresholdsAreMidpoints) {
  lowbit::Format format = makeFormat({0, 1, 2, 4, 8, 16, 32, -3}, 0.5);
  EXPECT_EQ(format.getThresholds(0),
            Numbers({-0.75, 0.25, 0.75, 1.5, 3, 6, 12}));
}

TEST_F(DefaultsTest, AThresholdBetweenFloatsIsTheUpperOne) {
  // 2^24 and 2^24 + 2 are neighbours in f32. At the midpoint the greater number
  // is as near, and no f32 lies there.
  int64_t big = int64_t(1) << 24;
  Numbers thresholds =
      makeFormat({big, big + 2, 0, 0, 0, 0, 0, 0}).getThresholds(0);
  ASSERT_EQ(thresholds.size(), 2u);
  EXPECT_EQ(thresholds[1], static_cast<float>(big + 2));
  // Below 0, too.
  thresholds = makeFormat({-big, -big - 2, 0, 0, 0, 0, 0, 0}).getThresholds(0);
  ASSERT_EQ(thresholds.size(), 2u);
  EXPECT_EQ(thresholds[0], static_cast<float>(-big));
}

TEST_F(DefaultsTest, StepsHaveAsManyBitsAsTheyNeed) {
  auto stepsOf = [&](ArrayRef<int64_t> steps) {
    return cast<quant::UniformQuantizedType>(
        lowbit::getStepsFormat(makeFormat(steps, 0.5), 0));
  };
  quant::UniformQuantizedType narrow = stepsOf({1, 2, 3, 4, 5, 6, 7, 127});
  EXPECT_EQ(narrow.getStorageTypeIntegralWidth(), 8u);
  EXPECT_EQ(narrow.getScale(), 0.5);
  // 0 pads, and is among them.
  EXPECT_EQ(narrow.getStorageTypeMin(), 0);
  EXPECT_EQ(narrow.getStorageTypeMax(), 127);
  EXPECT_EQ(stepsOf({-1, -2, -3, -3, -3, -3, -3, -3}).getStorageTypeMax(), 0);
  EXPECT_EQ(stepsOf({0, 0, 0, 0, 0, 0, 0, 128}).getStorageTypeIntegralWidth(),
            16u);
  EXPECT_EQ(
      stepsOf({0, 0, 0, 0, 0, 0, 0, -32769}).getStorageTypeIntegralWidth(),
      32u);
  // A range of one code is none.
  EXPECT_EQ(stepsOf({0, 0, 0, 0, 0, 0, 0, 0}).getStorageTypeMax(), 1);
}

TEST_F(DefaultsTest, ScalesAreUsableWithTheirReciprocals) {
  EXPECT_TRUE(lowbit::isUsableScale(0x1p-126f));
  EXPECT_TRUE(lowbit::isUsableScale(0x1p126f));
  EXPECT_FALSE(lowbit::isUsableScale(0x1.fffffcp-127f));
  EXPECT_FALSE(lowbit::isUsableScale(0x1.000002p126f));
  EXPECT_FALSE(lowbit::isUsableScale(-1));
  EXPECT_FALSE(lowbit::isUsableScale(std::nanf("")));
  EXPECT_FALSE(lowbit::isUsableScale(INFINITY));
}

} // namespace
