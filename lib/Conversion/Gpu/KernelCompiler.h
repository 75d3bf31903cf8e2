//===- KernelCompiler.h - From kernels to a device's code -------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the backends for NVIDIA's and AMD's GPUs share: both go through the LLVM
// dialect and an LLVM code generator.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_GPU_KERNELCOMPILER_H
#define LOWBIT_LIB_CONVERSION_GPU_KERNELCOMPILER_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"

#include "llvm/Support/CodeGen.h"
#include "llvm/Target/TargetMachine.h"

namespace llvm {
class Module;
} // namespace llvm

namespace mlir::lowbit {

/// Makes the last step, from the gpu dialect to the device's, part of a pipeline:
/// with indices of `indexWidth` bits, and buffers as bare pointers.
using AddDeviceConversion =
    function_ref<void(OpPassManager &, unsigned indexWidth)>;

/// The module of kernels in `module`. Emits an error and fails where there is
/// none, where `chip` is none of `api`'s, and where `format` is not among `formats`.
FailureOr<gpu::GPUModuleOp> findKernels(ModuleOp module, StringRef api,
                                        StringRef chip, StringRef format,
                                        ArrayRef<StringRef> formats);

/// What takes kernels from buffers to the LLVM dialect.
void buildKernelPipeline(OpPassManager &pm, unsigned indexWidth,
                         AddDeviceConversion addDeviceConversion);

/// Lowers `kernels` by buildKernelPipeline: with indices of 64 bits those that
/// compute with pointers or have buffers of more than 2 GiB, the others with 32.
/// Functions of the math dialect that have an exact instruction become it first.
LogicalResult lowerKernels(
    gpu::GPUModuleOp kernels, AddDeviceConversion addDeviceConversion,
    function_ref<LogicalResult(OpPassManager &, gpu::GPUModuleOp)> run);

/// LLVM's target machine for `triple`, with multiplications and additions of
/// floats kept apart. Emits an error and fails where this LLVM has none.
FailureOr<std::unique_ptr<llvm::TargetMachine>>
createDeviceMachine(gpu::GPUModuleOp kernels, StringRef triple, StringRef chip,
                    StringRef features);

/// Optimized machine code, or its text, of `kernels`, whose functions are in the
/// LLVM dialect. `prepare` sees the program before it is optimized. Emits an error
/// and fails for what LLVM cannot translate, and for functions that no device has.
FailureOr<std::string>
emitDeviceCode(gpu::GPUModuleOp kernels, llvm::TargetMachine &machine,
               llvm::CodeGenFileType kind,
               function_ref<void(llvm::Module &)> prepare = nullptr);

/// Writes `input` to a temporary file, runs `program`, and reads what it wrote.
/// Its command line is `arguments`, in which "%in" and "%out" are the files.
/// Emits an error at `loc` for a `subject` that cannot be made.
FailureOr<std::string> runAssembler(Location loc, StringRef subject,
                                    StringRef program,
                                    ArrayRef<StringRef> arguments,
                                    StringRef input);

/// Replaces `kernels` by a gpu.binary of the same name with `objects`, which are
/// tried in order.
void replaceByBinary(
    gpu::GPUModuleOp kernels, Attribute target,
    ArrayRef<std::pair<gpu::CompilationTarget, std::string>> objects);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_GPU_KERNELCOMPILER_H
