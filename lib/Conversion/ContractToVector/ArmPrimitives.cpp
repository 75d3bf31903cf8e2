//===- ArmPrimitives.cpp - Rows for AArch64 ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// NEON has 32 registers of 128 bits. Rows have lanes for two registers of sums, so
// that an epilogue stores eight bytes at once; `registers` counts such pairs.

#include "PrimitiveTables.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// A sum of products of bytes for each register of `acc`, by the instruction
/// `name`: with the same codes for all registers where that takes two rows.
static Value emitProducts(OpBuilder &builder, Location loc, Value acc,
                          Value lhs, Value rhs, StringRef name,
                          bool repeatsLhs) {
  return emitByParts(builder, loc, acc, lhs, rhs, 4, repeatsLhs,
                     [&](Value sums, Value codes, Value weights) {
                       return callIntrinsic(builder, loc, sums.getType(), name,
                                            {sums, codes, weights});
                     });
}

/// Four products for each column.
static Value emitSdot(OpBuilder &builder, Location loc, Value acc, Value lhs,
                      Value rhs) {
  return emitProducts(builder, loc, acc, lhs, rhs, "llvm.aarch64.neon.sdot",
                      /*repeatsLhs=*/false);
}

static Value emitUsdot(OpBuilder &builder, Location loc, Value acc, Value lhs,
                       Value rhs) {
  return emitProducts(builder, loc, acc, lhs, rhs, "llvm.aarch64.neon.usdot",
                      /*repeatsLhs=*/false);
}

/// The same without an instruction for it: products of signed bytes fit 16 bits.
static Value emitSmull(OpBuilder &builder, Location loc, Value acc, Value lhs,
                       Value rhs) {
  auto words = VectorType::get({8}, builder.getI16Type());
  auto sums = VectorType::get({4}, builder.getI32Type());
  auto addPairs = [&](Value codes, Value weights) {
    Value product = arith::MulIOp::create(
        builder, loc, arith::ExtSIOp::create(builder, loc, words, codes),
        arith::ExtSIOp::create(builder, loc, words, weights));
    return callIntrinsic(builder, loc, sums, "llvm.aarch64.neon.saddlp",
                         product);
  };
  return emitByParts(builder, loc, acc, lhs, rhs, 4, /*repeatsLhs=*/false,
                     [&](Value part, Value codes, Value weights) -> Value {
                       auto half = [&](Value bytes, int64_t first) -> Value {
                         return vector::ExtractStridedSliceOp::create(
                             builder, loc, bytes, ArrayRef<int64_t>{first},
                             ArrayRef<int64_t>{8}, ArrayRef<int64_t>{1});
                       };
                       Value low = addPairs(half(codes, 0), half(weights, 0));
                       Value high = addPairs(half(codes, 8), half(weights, 8));
                       Value both =
                           callIntrinsic(builder, loc, sums,
                                         "llvm.aarch64.neon.addp", {low, high});
                       return arith::AddIOp::create(builder, loc, part, both);
                     });
}

/// Eight products for each of two rows and two columns.
static Value emitSmmla(OpBuilder &builder, Location loc, Value acc, Value lhs,
                       Value rhs) {
  return emitProducts(builder, loc, acc, lhs, rhs, "llvm.aarch64.neon.smmla",
                      /*repeatsLhs=*/true);
}

static Value emitUsmmla(OpBuilder &builder, Location loc, Value acc, Value lhs,
                        Value rhs) {
  return emitProducts(builder, loc, acc, lhs, rhs, "llvm.aarch64.neon.usmmla",
                      /*repeatsLhs=*/true);
}

/// Four counts in bytes, added to 32 bits: uaddlp twice.
static Value widenCounts(OpBuilder &builder, Location loc, Value acc,
                         Value partial) {
  auto words = VectorType::get({8}, builder.getI16Type());
  return emitByParts(
      builder, loc, acc, partial, partial, 4, /*repeatsLhs=*/false,
      [&](Value sums, Value counts, Value) -> Value {
        StringRef name = "llvm.aarch64.neon.uaddlp";
        Value pairs = callIntrinsic(builder, loc, words, name, counts);
        Value fours = callIntrinsic(builder, loc, sums.getType(), name, pairs);
        return arith::AddIOp::create(builder, loc, sums, fours);
      });
}

/// Two rows of the result at once.
static constexpr Primitive takesTwoRows(Primitive row) {
  row.rows = 2;
  return row;
}

ArrayRef<Primitive> lowbit::getArmPrimitives() {
  constexpr LaneKind columns = LaneKind::Columns, channels = LaneKind::Channels;
  constexpr Product xors = Product::XorPopcount, ands = Product::AndPopcount;
  // Rates are instructions' products at two a cycle.
  // clang-format off
  static constexpr Primitive table[] = {
      // name, kind, products, lanes, lhs, rhs, float, feature, registers, instructions, rate
      takesTwoRows({"neon.usmmla", columns, 8, 8, 8, 8, false, "i8mm", 12, 4, 64, emitUsmmla, 8}),
      takesTwoRows(readsSigned(
          {"neon.smmla", columns, 8, 8, 8, 8, false, "i8mm", 12, 4, 64, emitSmmla, 8})),
      {"neon.usdot", columns, 4, 8, 8, 8, false, "i8mm", 16, 2, 32, emitUsdot, 8},
      readsSigned({"neon.sdot", columns, 4, 8, 8, 8, false, "dotprod", 16, 2, 32, emitSdot, 8}),
      // By fours, for weights that others read so.
      readsSigned({"neon.smull", columns, 4, 8, 8, 8, false, "neon", 16, 12, 5, emitSmull, 8}),
      {"neon.smlal", columns, 1, 8, 16, 8, false, "neon", 16, 2, 8, emitWideningMulAdd, 16},
      {"neon.smlal.words", columns, 1, 8, 16, 16, false, "neon", 16, 2, 8, emitWideningMulAdd, 16},
      {"neon.xor_cnt", columns, 4, 8, 8, 8, false, "neon", 16, 6, 14, nullptr, 8,
       countBytes<xors>, widenCounts, xors, 8},
      {"neon.and_cnt", columns, 4, 8, 8, 8, false, "neon", 16, 6, 14, nullptr, 8,
       countBytes<ands>, widenCounts, ands, 8},
      {"neon.smlal.channels", channels, 1, 8, 8, 8, false, "neon", 16, 2, 8, emitWideningMulAdd,
       16},
  };
  // clang-format on
  return table;
}
