//===- StochasticRounding.cpp - Rounding at random ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each element makes its own random word from its number in the whole tensor, by
// the arithmetic of lowbit/Support/Philox.h. Tiles and threads change the order of
// elements, but not their numbers.

#include "StochasticRounding.h"

#include "Reals.h"

#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::lowbit;

StochasticRounding::StochasticRounding(ImplicitLocOpBuilder &builder,
                                       Value input, RandomWords words)
    : words(words), rank(cast<RankedTensorType>(input.getType()).getRank()) {
  Location loc = builder.getLoc();
  for (int64_t dim = 1; dim < rank; ++dim) {
    OpFoldResult size = tensor::getMixedSize(builder, loc, input, dim);
    Value index = getValueOrCreateConstantIndexOp(builder, loc, size);
    sizes.push_back(
        arith::IndexCastOp::create(builder, builder.getI64Type(), index));
  }
}

Value StochasticRounding::buildNumber(ImplicitLocOpBuilder &builder) const {
  Type i64 = builder.getI64Type();
  Value number = constantInt(builder, 0, 64);
  for (int64_t dim = 0; dim < rank; ++dim) {
    if (dim > 0)
      number = arith::MulIOp::create(builder, number, sizes[dim - 1]);
    Value index = linalg::IndexOp::create(builder, dim);
    number = arith::AddIOp::create(
        builder, number, arith::IndexCastOp::create(builder, i64, index));
  }
  return number;
}

Value StochasticRounding::buildWord(ImplicitLocOpBuilder &builder,
                                    Value number) const {
  Type i32 = builder.getI32Type(), i64 = builder.getI64Type();
  auto shiftRight = [&](Value value, int64_t bits) -> Value {
    return arith::ShRUIOp::create(builder, value,
                                  constantInt(builder, bits, 64));
  };
  auto low = [&](Value value) -> Value {
    return arith::TruncIOp::create(builder, i32, value);
  };
  auto high = [&](Value value) { return low(shiftRight(value, 32)); };
  auto exclusiveOr = [&](Value a, Value b, uint32_t key) -> Value {
    Value both = arith::XOrIOp::create(builder, a, b);
    return arith::XOrIOp::create(builder, both, constantInt(builder, key, 32));
  };
  auto multiply = [&](Value word, uint32_t factor) -> Value {
    return arith::MulIOp::create(builder,
                                 arith::ExtUIOp::create(builder, i64, word),
                                 constantInt(builder, factor, 64));
  };

  Value block = shiftRight(number, 2);
  Value zero = constantInt(builder, 0, 32);
  std::array<Value, 4> counter = {low(block), high(block), zero, zero};
  uint32_t key[2] = {words.seed, words.tensor};
  for (unsigned round = 0; round < kPhiloxRounds; ++round) {
    Value first = multiply(counter[0], kPhiloxMultipliers[0]);
    Value second = multiply(counter[2], kPhiloxMultipliers[1]);
    counter = {exclusiveOr(high(second), counter[1], key[0]), low(second),
               exclusiveOr(high(first), counter[3], key[1]), low(first)};
    key[0] += kPhiloxKeySteps[0];
    key[1] += kPhiloxKeySteps[1];
  }
  Value place =
      arith::AndIOp::create(builder, low(number), constantInt(builder, 3, 32));
  Value word = counter[3];
  for (int64_t i = 3; i-- > 0;) {
    Value here = arith::CmpIOp::create(builder, arith::CmpIPredicate::eq, place,
                                       constantInt(builder, i, 32));
    word = arith::SelectOp::create(builder, here, counter[i], word);
  }
  return word;
}

Value StochasticRounding::round(ImplicitLocOpBuilder &builder,
                                Value value) const {
  Type f32 = builder.getF32Type();
  Value word = buildWord(builder, buildNumber(builder));
  // 24 bits, which f32 holds.
  Value bits =
      arith::ShRUIOp::create(builder, word, constantInt(builder, 8, 32));
  Value u = arith::MulFOp::create(builder,
                                  arith::SIToFPOp::create(builder, f32, bits),
                                  constantFloat(builder, 0x1p-24f));
  Value floor = math::FloorOp::create(builder, value);
  Value fraction = arith::SubFOp::create(builder, value, floor);
  // An infinity has no fraction: NaN, to which nothing is less.
  Value isUp =
      arith::CmpFOp::create(builder, arith::CmpFPredicate::OLT, u, fraction);
  Value up = arith::SelectOp::create(builder, isUp, constantFloat(builder, 1),
                                     constantFloat(builder, 0));
  return arith::AddFOp::create(builder, floor, up);
}
