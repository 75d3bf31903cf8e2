//===- CompileCuda.cpp - Kernels for NVIDIA's GPUs ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../KernelCompiler.h"
#include "CudaTools.h"

#include "lowbit/Conversion/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_COMPILECUDAPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

static void addNvvmConversion(OpPassManager &pm, unsigned indexWidth) {
  ConvertGpuOpsToNVVMOpsOptions options;
  options.indexBitwidth = indexWidth;
  options.useBarePtrCallConv = true;
  pm.addPass(createConvertGpuOpsToNVVMOps(options));
}

namespace {

struct CompileCudaPass : lowbit::impl::CompileCudaPassBase<CompileCudaPass> {
  using Base::Base;

  void getDependentDialects(DialectRegistry &registry) const override {
    Base::getDependentDialects(registry);
    OpPassManager pm(gpu::GPUModuleOp::getOperationName());
    buildKernelPipeline(pm, /*indexWidth=*/32, addNvvmConversion);
    pm.getDependentDialects(registry);
    registerBuiltinDialectTranslation(registry);
    registerGPUDialectTranslation(registry);
    registerLLVMDialectTranslation(registry);
    registerNVVMDialectTranslation(registry);
  }

  void runOnOperation() override {
    FailureOr<gpu::GPUModuleOp> kernels =
        findKernels(getOperation(), "cuda", chip, format, {"cubin", "ptx"});
    auto run = [&](OpPassManager &pm, gpu::GPUModuleOp module) {
      return runPipeline(pm, module);
    };
    if (failed(kernels) ||
        failed(lowerKernels(*kernels, addNvvmConversion, run)) ||
        failed(compile(*kernels)))
      return signalPassFailure();
  }

private:
  LogicalResult compile(gpu::GPUModuleOp kernels) {
    FailureOr<std::string> ptx = emitPtx(kernels, chip);
    if (failed(ptx))
      return failure();
    SmallVector<std::pair<gpu::CompilationTarget, std::string>> objects;
    if (format == "cubin") {
      FailureOr<std::string> cubin = assemblePtx(kernels.getLoc(), *ptx, chip);
      if (failed(cubin))
        return failure();
      objects.emplace_back(gpu::CompilationTarget::Binary, *cubin);
    }
    objects.emplace_back(gpu::CompilationTarget::Assembly, *ptx);
    replaceByBinary(
        kernels,
        NVVM::NVVMTargetAttr::get(&getContext(), /*O=*/3, kCudaTriple, chip),
        objects);
    return success();
  }
};

} // namespace
