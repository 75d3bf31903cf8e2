//===- RandomWords.cpp - Philox on lanes ----------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A lane of 64 bits holds one word of a block of four in its lower half; what is in
// the upper half does not matter to the products, so that no word is moved
// between rounds. Only the last step brings the words into the order of elements.

#include "RandomWords.h"

#include "lowbit/Support/Philox.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

RandomSource::RandomSource(ImplicitLocOpBuilder &builder, Value seed,
                           Value tensor, Value step) {
  Lanes scalar(builder);
  keys[0] = scalar.extend(seed);
  keys[1] = scalar.extend(tensor);
  this->step = scalar.extend(step);
}

std::array<Value, 4> RandomSource::getBlocks(const Lanes &lanes,
                                             Value blocks) const {
  Value mask = lanes.integer(0xFFFFFFFF, 64);
  auto multiply = [&](Value word, uint32_t factor) {
    return lanes.mul(lanes.bitAnd(word, mask), lanes.integer(factor, 64));
  };
  Lanes scalar(lanes.getBuilder());
  std::array<Value, 4> counter = {blocks, lanes.high(blocks), lanes.splat(step),
                                  lanes.integer(sample, 64)};
  // Sums of keys may carry into the upper half, which does not matter either.
  Value key[2] = {keys[0], keys[1]};
  for (unsigned round = 0; round < kPhiloxRounds; ++round) {
    Value first = multiply(counter[0], kPhiloxMultipliers[0]);
    Value second = multiply(counter[2], kPhiloxMultipliers[1]);
    counter = {lanes.bitXor(lanes.bitXor(lanes.high(second), counter[1]),
                            lanes.splat(key[0])),
               second,
               lanes.bitXor(lanes.bitXor(lanes.high(first), counter[3]),
                            lanes.splat(key[1])),
               first};
    for (unsigned i = 0; i < 2; ++i)
      key[i] = scalar.add(key[i], scalar.integer(kPhiloxKeySteps[i], 64));
  }
  return counter;
}

Value RandomSource::getWord(ImplicitLocOpBuilder &builder, Value index) const {
  Lanes scalar(builder);
  Value number = castIndex(builder, index, builder.getI64Type());
  std::array<Value, 4> words = getBlocks(scalar, scalar.shr(number, 2));
  Value place = scalar.bitAnd(number, scalar.integer(3, 64));
  Value word = words[3];
  for (int64_t i = 3; i-- > 0;)
    word = scalar.select(
        scalar.compare(arith::CmpIPredicate::eq, place, scalar.integer(i, 64)),
        words[i], word);
  return scalar.low(word);
}

SmallVector<Value> RandomSource::getVectors(ImplicitLocOpBuilder &builder,
                                            Value index, int64_t count) const {
  Lanes lanes(builder, 2 * count);
  Value number = castIndex(builder, index, builder.getI64Type());
  Value first = lanes.splat(Lanes(builder).shr(number, 2));
  auto offsets = DenseElementsAttr::get(
      cast<VectorType>(lanes.i64()),
      ArrayRef(llvm::to_vector(llvm::seq<int64_t>(0, 2 * count))));
  Value blocks = lanes.add(first, arith::ConstantOp::create(builder, offsets));
  std::array<Value, 4> words = getBlocks(lanes, blocks);
  Value mask = lanes.integer(0xFFFFFFFF, 64);
  auto pair = [&](Value low, Value high) {
    return lanes.bitOr(lanes.bitAnd(low, mask), lanes.shl(high, 32));
  };
  Value lower = pair(words[0], words[1]), upper = pair(words[2], words[3]);
  SmallVector<Value> vectors;
  for (int64_t i = 0; i < count; ++i) {
    int64_t even = 2 * i, behind = 2 * count;
    Value both = vector::ShuffleOp::create(
        builder, lower, upper,
        ArrayRef<int64_t>{even, behind + even, even + 1, behind + even + 1});
    vectors.push_back(vector::BitCastOp::create(
        builder, VectorType::get({8}, builder.getI32Type()), both));
  }
  return vectors;
}
