//===- GpuPrimitive.h - The table of primitives of GPUs -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
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
  /// The same with a column for each lane: sums that are short.
  Columns,
  /// The same for weights in groups: warps compute what becomes of groups, and blocks
  /// add that up.
  Groups,
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
  /// The first chip that only emulates it; 0 where all have it.
  unsigned emulatedFrom = 0;
  /// Bits of the codes that it multiplies, where they are fewer than those of words.
  unsigned codeBits = 0;
};

/// All rows, the preferred first: each computes what it can compute exactly,
/// and the last one everything.
ArrayRef<GpuPrimitive> getGpuPrimitives();

/// The row called `name`, or null.
const GpuPrimitive *lookupGpuPrimitive(StringRef name);

/// A chip that kernels can be made for by name.
struct CudaChip {
  /// sm_<number>
  StringRef name;
  unsigned number;
  /// Multiprocessors, and bytes of shared memory that a block can have.
  int64_t processors, sharedBytes;
};

ArrayRef<CudaChip> getCudaChips();

/// The chip called `name`, or null.
const CudaChip *lookupCudaChip(StringRef name);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_GPUPRIMITIVE_H
