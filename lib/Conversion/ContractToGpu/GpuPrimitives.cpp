//===- GpuPrimitives.cpp - The table of primitives of GPUs --------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// All of these add 32 bits that wrap, as lowbit.contract does, and multiply all
// values of their operands exactly: the widths and signs of words, or of codes, are the
// only conditions. mma.sync and dp4a take any mixture of signed and unsigned numbers.

#include "lowbit/Conversion/GpuPrimitive.h"

using namespace mlir;
using namespace mlir::lowbit;

static const GpuPrimitive primitives[] = {
    {"dp4a", GpuKernel::Streams, Product::Multiply, 8, 8, 80},
    {"dp4a.short", GpuKernel::Columns, Product::Multiply, 8, 8, 80},
    {"dp4a.groups", GpuKernel::Groups, Product::Multiply, 8, 8, 80},
    {"mma.s4", GpuKernel::Tiles, Product::Multiply, 8, 8, 80, 90, 4},
    {"mma.s8", GpuKernel::Tiles, Product::Multiply, 8, 8, 80},
    {"mma.b1.xor", GpuKernel::Tiles, Product::XorPopcount, 0, 0, 80},
    {"mma.b1.and", GpuKernel::Tiles, Product::AndPopcount, 0, 0, 80},
    {"channels", GpuKernel::Channels, Product::Multiply, 0, 0, 80},
    {"loops", GpuKernel::Loops, Product::Multiply, 0, 0, 0},
};

ArrayRef<GpuPrimitive> lowbit::getGpuPrimitives() { return primitives; }

const GpuPrimitive *lowbit::lookupGpuPrimitive(StringRef name) {
  for (const GpuPrimitive &primitive : primitives)
    if (primitive.name == name)
      return &primitive;
  return nullptr;
}

ArrayRef<CudaChip> lowbit::getCudaChips() {
  static const CudaChip chips[] = {
      {"sm_80", 80, 108, 163 * 1024}, {"sm_86", 86, 84, 99 * 1024},
      {"sm_87", 87, 16, 163 * 1024},  {"sm_89", 89, 128, 99 * 1024},
      {"sm_90", 90, 132, 227 * 1024}, {"sm_90a", 90, 132, 227 * 1024},
  };
  return chips;
}

const CudaChip *lowbit::lookupCudaChip(StringRef name) {
  for (const CudaChip &chip : getCudaChips())
    if (chip.name == name)
      return &chip;
  return nullptr;
}
