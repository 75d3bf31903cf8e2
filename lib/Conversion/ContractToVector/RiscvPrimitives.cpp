//===- RiscvPrimitives.cpp - Rows for RISC-V ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Vectors of fixed length, which fit two registers of the 128 bits that V has at
// least; longer registers are used in part.

#include "PrimitiveTables.h"

using namespace mlir;
using namespace mlir::lowbit;

ArrayRef<Primitive> lowbit::getRiscvPrimitives() {
  constexpr LaneKind columns = LaneKind::Columns, channels = LaneKind::Channels;
  // clang-format off
  static constexpr Primitive table[] = {
      // name, kind, products, lanes, lhs, rhs, float, feature, registers, instructions, rate
      {"rvv.vwmacc", columns, 1, 8, 16, 8, false, "v", 16, 1, 8, emitWideningMulAdd, 16},
      {"rvv.vwmacc.words", columns, 1, 8, 16, 16, false, "v", 16, 1, 8, emitWideningMulAdd, 16},
      {"rvv.vwmacc.channels", channels, 1, 8, 8, 8, false, "v", 16, 1, 8, emitWideningMulAdd, 16},
  };
  // clang-format on
  return table;
}
