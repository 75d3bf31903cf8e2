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

/// Two rows of the result at once.
static constexpr Primitive takesTwoRows(Primitive row) {
  row.rows = 2;
  return row;
}

ArrayRef<Primitive> lowbit::getArmPrimitives() {
  constexpr LaneKind columns = LaneKind::Columns, channels = LaneKind::Channels;
  // Rates are instructions' products at two a cycle.
  // clang-format off
  static constexpr Primitive table[] = {
      // name, kind, products, lanes, lhs, rhs, float, feature, registers, instructions, rate
      takesTwoRows({"neon.usmmla", columns, 8, 8, 8, 8, false, "i8mm", 12, 4, 64, emitUsmmla, 8}),
      takesTwoRows(readsSigned(
          {"neon.smmla", columns, 8, 8, 8, 8, false, "i8mm", 12, 4, 64, emitSmmla, 8})),
      {"neon.usdot", columns, 4, 8, 8, 8, false, "i8mm", 16, 2, 32, emitUsdot, 8},
      readsSigned({"neon.sdot", columns, 4, 8, 8, 8, false, "dotprod", 16, 2, 32, emitSdot, 8}),
      {"neon.smlal", columns, 1, 8, 16, 8, false, "neon", 16, 2, 8, emitWideningMulAdd, 16},
      {"neon.smlal.words", columns, 1, 8, 16, 16, false, "neon", 16, 2, 8, emitWideningMulAdd, 16},
      {"neon.smlal.channels", channels, 1, 8, 8, 8, false, "neon", 16, 2, 8, emitWideningMulAdd,
       16},
  };
  // clang-format on
  return table;
}
