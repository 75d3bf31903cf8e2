//===- KernelLookUp.cpp - Values of numbers, by byte shuffles -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A byte shuffle looks up 16 values. Of more, which only words have, each 16 are looked up,
// and further bits of the number choose. Values of 16 bits take two, of their low and of
// their high bytes, which x86 interleaves within 128 bits: the lower eight of these become
// words, and the upper eight. So a vector holds eight numbers of one step, then eight of the
// next.

#include "KernelBuilder.h"
#include "PrimitiveTables.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Bytes of a table of 16, by the numbers of `places`: vpshufb, in 128 bits each.
static Value shuffleX86(OpBuilder &builder, Location loc,
                        ArrayRef<int8_t> table, Value places) {
  auto type = cast<VectorType>(places.getType());
  SmallVector<int8_t> entries;
  for (int64_t i = 0; i < type.getNumElements(); ++i)
    entries.push_back(table[i % 16]);
  Value values = arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(type, ArrayRef<int8_t>(entries)));
  StringRef name = type.getNumElements() == 64   ? "llvm.x86.avx512.pshuf.b.512"
                   : type.getNumElements() == 32 ? "llvm.x86.avx2.pshuf.b"
                                                 : "llvm.x86.ssse3.pshuf.b.128";
  return callIntrinsic(builder, loc, type, name, {values, places});
}

/// The same by tbl, which takes registers of 64 or 128 bits.
static Value shuffleArm(OpBuilder &builder, Location loc,
                        ArrayRef<int8_t> table, Value places) {
  auto type = cast<VectorType>(places.getType());
  auto tableType = VectorType::get({16}, type.getElementType());
  Value values = arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(tableType, table));
  int64_t size = std::min<int64_t>(type.getNumElements(), 16);
  Value whole = places;
  for (int64_t first = 0; first < type.getNumElements(); first += size) {
    Value part = vector::ExtractStridedSliceOp::create(
        builder, loc, places, ArrayRef<int64_t>{first}, ArrayRef<int64_t>{size},
        ArrayRef<int64_t>{1});
    Value found = LLVM::CallIntrinsicOp::create(
                      builder, loc, part.getType(),
                      builder.getStringAttr("llvm.aarch64.neon.tbl1"),
                      ValueRange{values, part})
                      .getResult(0);
    whole = vector::InsertStridedSliceOp::create(builder, loc, found, whole,
                                                 ArrayRef<int64_t>{first},
                                                 ArrayRef<int64_t>{1});
  }
  return whole;
}

bool lowbit::shufflesBytes(const Primitive &primitive) {
  return primitive.feature.starts_with("avx") ||
         primitive.name.starts_with("neon.");
}

/// The low bytes of the values that `numbers` stand for: by a byte shuffle of each 16, of
/// which the further bits of the numbers choose one.
Value KernelBuilder::lookUpValues(Value numbers, ArrayRef<int16_t> values) {
  constexpr size_t size = 16;
  bool isArm = primitive.name.starts_with("neon.");
  auto type = cast<VectorType>(numbers.getType());
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(type, builder.getI8IntegerAttr(value)));
  };
  // x86 looks at the highest bit, too, and Arm at all of them.
  Value places = numbers;
  if (values.size() > (isArm ? size : 128))
    places = arith::AndIOp::create(builder, loc, numbers, constant(size - 1));
  SmallVector<Value> found;
  for (size_t first = 0; first < values.size(); first += size) {
    SmallVector<int8_t> table;
    for (int16_t value : values.slice(first).take_front(size))
      table.push_back(static_cast<int8_t>(value));
    table.resize(size, 0);
    found.push_back(
        (isArm ? shuffleArm : shuffleX86)(builder, loc, table, places));
  }
  for (unsigned bit = llvm::Log2_64(size); found.size() > 1; ++bit) {
    Value sign =
        arith::ShLIOp::create(builder, loc, numbers, constant(7 - bit));
    Value isUpper = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::slt, sign, constant(0));
    SmallVector<Value> chosen;
    for (size_t i = 0; i < found.size(); i += 2)
      chosen.push_back(i + 1 == found.size()
                           ? found[i]
                           : arith::SelectOp::create(builder, loc, isUpper,
                                                     found[i + 1], found[i])
                                 .getResult());
    found = std::move(chosen);
  }
  return found.front();
}

/// The words that `numbers` stand for: where two steps share the vector, those of step
/// `part`.
Value KernelBuilder::lookUpWords(Value numbers, int64_t part) {
  const WeightNumbers &codes = packed->codes;
  SmallVector<int16_t> high;
  for (int16_t value : codes.values)
    high.push_back(value >> 8);
  Value lowBytes = lookUpValues(numbers, codes.values);
  Value highBytes = lookUpValues(numbers, high);
  int64_t size = cast<VectorType>(numbers.getType()).getNumElements();
  SmallVector<int64_t> places;
  constexpr int64_t together = 8;
  for (int64_t i = part * together; i < size; i += together * codes.joined)
    for (int64_t place = i; place < i + together; ++place)
      llvm::append_values(places, place, size + place);
  Value bytes = vector::ShuffleOp::create(builder, loc, lowBytes, highBytes,
                                          ArrayRef<int64_t>(places));
  auto type = VectorType::get({size / codes.joined}, builder.getI16Type());
  return vector::BitCastOp::create(builder, loc, type, bytes);
}
