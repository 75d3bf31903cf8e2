//===- GpuPrimitive.h - The table of primitives of GPUs -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// What Primitive.h is for vectors of a CPU: one row for each instruction that
// multiplies and adds on a GPU, with the condition under which its sums are
// exact. Kernels are built around rows; a new instruction is a new row.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_GPUPRIMITIVE_H
#define LOWBIT_CONVERSION_GPUPRIMITIVE_H

#include "lowbit/Analysis/ContractionLoops.h"

namespace mlir::lowbit {

/// What stands around a primitive.
enum class GpuKernel {
  /// Blocks compute tiles of rows by columns from shared memory: products of
  /// matrices, and convolutions as such.
  Tiles,
  /// Warps stream weights past a few rows, and split the sum over their lanes.
  Streams,
  /// Threads compute neighbouring channels: depthwise convolutions.
  Channels,
  /// A thread computes one element in plain loops.
  Loops
};

/// One row of the table.
struct GpuPrimitive {
  StringRef name;
  GpuKernel kernel;
  /// What it adds up, and the widths of the words it reads; 0 for any.
  Product product;
  unsigned lhsWidth, rhsWidth;
  /// The least NVIDIA chip that has it, sm_<chip>; 0 for any device.
  unsigned chip;
};

/// All rows, the preferred first: each computes what it can compute exactly, and
/// the last one everything.
ArrayRef<GpuPrimitive> getGpuPrimitives();

/// The row called `name`, or null.
const GpuPrimitive *lookupGpuPrimitive(StringRef name);

/// The chips that kernels can be made for by name, sm_80 and so on.
ArrayRef<StringRef> getCudaChips();

/// The 80 of sm_80; 0 for the empty name, which stands for any device; nothing
/// for unknown names.
std::optional<unsigned> parseCudaChip(StringRef chip);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_GPUPRIMITIVE_H
