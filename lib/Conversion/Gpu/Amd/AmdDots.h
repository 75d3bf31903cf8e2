//===- AmdDots.h - Dot products of bytes on AMD's GPUs ----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_GPU_AMD_AMDDOTS_H
#define LOWBIT_LIB_CONVERSION_GPU_AMD_AMDDOTS_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace mlir::lowbit {

/// Makes instructions of sums of products of four bytes, exactly, in 32 bits that
/// wrap. `chip` is a known one.
void useAmdDots(gpu::GPUModuleOp kernels, StringRef chip);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_GPU_AMD_AMDDOTS_H
