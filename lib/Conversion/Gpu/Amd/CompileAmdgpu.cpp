//===- CompileAmdgpu.cpp - Kernels for AMD's GPUs -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../KernelCompiler.h"
#include "AmdDots.h"

#include "lowbit/Conversion/Passes.h"

#include "mlir/Conversion/GPUToROCDL/GPUToROCDLPass.h"
#include "mlir/Dialect/AMDGPU/IR/AMDGPUDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/ROCDL/ROCDLToLLVMIRTranslation.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_COMPILEAMDGPUPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

static constexpr StringLiteral kTriple = "amdgcn-amd-amdhsa";

/// The version of code objects that is written: every ROCm from 5.0 on loads it.
static constexpr unsigned kCodeObjectVersion = 500;

/// The code object that lld makes of the relocatable one.
static FailureOr<std::string> linkCodeObject(Location loc, StringRef object,
                                             StringRef chip) {
  for (StringRef name : {"ld.lld-22", "ld.lld"})
    if (auto program = llvm::sys::findProgramByName(name))
      return runAssembler(loc, chip, *program,
                          {"-shared", "--no-undefined", "-o", "%out", "%in"},
                          object);
  return emitError(loc) << "cannot link kernels for '" << chip
                        << "': found no ld.lld on PATH; install lld";
}

namespace {

struct CompileAmdgpuPass
    : lowbit::impl::CompileAmdgpuPassBase<CompileAmdgpuPass> {
  using Base::Base;

  void getDependentDialects(DialectRegistry &registry) const override {
    Base::getDependentDialects(registry);
    OpPassManager pm(gpu::GPUModuleOp::getOperationName());
    buildKernelPipeline(pm, /*indexWidth=*/32, addConversion());
    pm.getDependentDialects(registry);
    registerBuiltinDialectTranslation(registry);
    registerGPUDialectTranslation(registry);
    registerLLVMDialectTranslation(registry);
    registerROCDLDialectTranslation(registry);
  }

  void runOnOperation() override {
    FailureOr<gpu::GPUModuleOp> kernels = findKernels(
        getOperation(), "amdgpu", chip, format, {"hsaco", "assembly", "llvm"});
    if (failed(kernels))
      return signalPassFailure();
    useAmdDots(*kernels, chip);
    auto run = [&](OpPassManager &pm, gpu::GPUModuleOp module) {
      return runPipeline(pm, module);
    };
    if (failed(lowerKernels(*kernels, addConversion(), run)) ||
        (format != "llvm" && failed(compile(*kernels))))
      return signalPassFailure();
  }

private:
  std::function<void(OpPassManager &, unsigned)> addConversion() const {
    return [this](OpPassManager &pm, unsigned indexWidth) {
      ConvertGpuOpsToROCDLOpsOptions options;
      options.chipset = chip;
      options.indexBitwidth = indexWidth;
      options.useBarePtrCallConv = true;
      options.runtime = gpu::amd::Runtime::HIP;
      pm.addPass(createConvertGpuOpsToROCDLOps(options));
    };
  }

  FailureOr<std::string> emitCode(gpu::GPUModuleOp kernels) {
    LLVMInitializeAMDGPUTargetInfo();
    LLVMInitializeAMDGPUTarget();
    LLVMInitializeAMDGPUTargetMC();
    LLVMInitializeAMDGPUAsmPrinter();
    auto machine = createDeviceMachine(kernels, kTriple, chip, /*features=*/"");
    if (failed(machine))
      return failure();
    return emitDeviceCode(kernels, **machine,
                          format == "hsaco"
                              ? llvm::CodeGenFileType::ObjectFile
                              : llvm::CodeGenFileType::AssemblyFile,
                          [](llvm::Module &program) {
                            program.addModuleFlag(llvm::Module::Error,
                                                  "amdhsa_code_object_version",
                                                  kCodeObjectVersion);
                          });
  }

  LogicalResult compile(gpu::GPUModuleOp kernels) {
    FailureOr<std::string> code = emitCode(kernels);
    if (succeeded(code) && format == "hsaco")
      code = linkCodeObject(kernels.getLoc(), *code, chip);
    if (failed(code))
      return failure();
    auto kind = format == "hsaco" ? gpu::CompilationTarget::Binary
                                  : gpu::CompilationTarget::Assembly;
    auto target = ROCDL::ROCDLTargetAttr::get(&getContext(), /*optLevel=*/3,
                                              kTriple, chip);
    replaceByBinary(kernels, target, {{kind, *code}});
    return success();
  }
};

} // namespace
