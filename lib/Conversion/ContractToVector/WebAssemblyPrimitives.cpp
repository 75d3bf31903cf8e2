//===- WebAssemblyPrimitives.cpp - Rows for WebAssembly ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Vectors have 128 bits, and how many registers there are is the engine's affair:
// sixteen on most machines.

#include "PrimitiveTables.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::lowbit;

/// i32x4.dot_i16x8_s: 16-bit products, added in pairs.
static Value emitDot(OpBuilder &builder, Location loc, Value acc, Value lhs,
                     Value rhs) {
  return emitByParts(
      builder, loc, acc, lhs, rhs, 4, /*repeatsLhs=*/false,
      [&](Value sums, Value codes, Value weights) -> Value {
        Value products = callIntrinsic(builder, loc, sums.getType(),
                                       "llvm.wasm.dot", {codes, weights});
        return arith::AddIOp::create(builder, loc, sums, products);
      });
}

ArrayRef<Primitive> lowbit::getWebAssemblyPrimitives() {
  constexpr LaneKind columns = LaneKind::Columns, channels = LaneKind::Channels;
  // clang-format off
  static constexpr Primitive table[] = {
      // name, kind, products, lanes, lhs, rhs, float, feature, registers, instructions, rate
      {"wasm.dot", columns, 2, 8, 16, 8, false, "simd128", 8, 4, 12, emitDot, 16},
      {"wasm.dot.words", columns, 2, 8, 16, 16, false, "simd128", 8, 4, 12, emitDot, 16},
      {"wasm.extmul.channels", channels, 1, 8, 8, 8, false, "simd128", 8, 4, 6, emitWideningMulAdd,
       16},
  };
  // clang-format on
  return table;
}
