//===- CudaTools.h - From NVVM to PTX and cubin -----------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_GPU_CUDA_CUDATOOLS_H
#define LOWBIT_LIB_CONVERSION_GPU_CUDA_CUDATOOLS_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace mlir::lowbit {

constexpr StringLiteral kCudaTriple = "nvptx64-nvidia-cuda";

/// PTX of `kernels`, whose functions are in the LLVM dialect. Emits an error
/// and fails for what LLVM cannot translate.
FailureOr<std::string> emitPtx(gpu::GPUModuleOp kernels, StringRef chip);

/// What NVIDIA's assembler makes of `ptx`. Emits an error at `loc` where it is
/// not found or refuses.
FailureOr<std::string> assemblePtx(Location loc, StringRef ptx, StringRef chip);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_GPU_CUDA_CUDATOOLS_H
