//===- CompileCuda.cpp - Kernels for NVIDIA's GPUs ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaTools.h"

#include "lowbit/Analysis/LaunchPlan.h"
#include "lowbit/Conversion/Device.h"
#include "lowbit/Conversion/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_COMPILECUDAPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// Index arithmetic in 32 bits is several times as fast, and enough for buffers
/// of less than 2 GiB.
static unsigned getIndexWidth(gpu::GPUModuleOp kernels) {
  for (auto kernel : kernels.getOps<gpu::GPUFuncOp>())
    for (Type type : kernel.getArgumentTypes()) {
      auto buffer = dyn_cast<MemRefType>(type);
      if (buffer && buffer.hasStaticShape() &&
          buffer.getNumElements() *
                  llvm::divideCeil(buffer.getElementTypeBitWidth(), 8) >
              std::numeric_limits<int32_t>::max())
        return 64;
    }
  return 32;
}

/// Upstream's conversion calls NVIDIA's library for these functions, which
/// approximates some. The instructions are exact.
static void useInstructions(gpu::GPUModuleOp kernels) {
  kernels.walk([](Operation *op) {
    StringRef intrinsic =
        llvm::TypeSwitch<Operation *, StringRef>(op)
            .Case<math::AbsFOp>([](auto) { return "llvm.fabs"; })
            .Case<math::CeilOp>([](auto) { return "llvm.ceil"; })
            .Case<math::CopySignOp>([](auto) { return "llvm.copysign"; })
            .Case<math::FloorOp>([](auto) { return "llvm.floor"; })
            .Case<math::RoundEvenOp>([](auto) { return "llvm.roundeven"; })
            .Case<math::RoundOp>([](auto) { return "llvm.round"; })
            .Case<math::SqrtOp>([](auto) { return "llvm.sqrt"; })
            .Case<math::TruncOp>([](auto) { return "llvm.trunc"; })
            .Default([](Operation *) { return StringRef(); });
    if (intrinsic.empty())
      return;
    OpBuilder builder(op);
    auto call = LLVM::CallIntrinsicOp::create(
        builder, op->getLoc(), op->getResult(0).getType(),
        builder.getStringAttr(intrinsic), op->getOperands());
    op->replaceAllUsesWith(call);
    op->erase();
  });
}

static void buildNvvmPipeline(OpPassManager &pm, unsigned indexWidth) {
  pm.addPass(memref::createFoldMemRefAliasOpsPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createConvertVectorToSCFPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createConvertNVGPUToNVVMPass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(arith::createArithExpandOpsPass());
  pm.addPass(createConvertMathToLLVMPass());
  ConvertGpuOpsToNVVMOpsOptions nvvm;
  nvvm.indexBitwidth = indexWidth;
  nvvm.useBarePtrCallConv = true;
  pm.addPass(createConvertGpuOpsToNVVMOps(nvvm));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createExternSharedMemoryPass());
}

/// Lowers `kernels`, with indices of 64 bits those that compute with pointers: an
/// index holds one for a moment.
static LogicalResult lowerKernels(
    gpu::GPUModuleOp kernels,
    function_ref<LogicalResult(OpPassManager &, gpu::GPUModuleOp)> run) {
  OpBuilder builder(kernels);
  auto withPointers = gpu::GPUModuleOp::create(builder, kernels.getLoc(),
                                               "kernels_with_pointers");
  for (auto kernel :
       llvm::make_early_inc_range(kernels.getOps<gpu::GPUFuncOp>())) {
    WalkResult result = kernel.walk([](memref::ExtractAlignedPointerAsIndexOp) {
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      kernel->moveBefore(withPointers.getBody(), withPointers.getBody()->end());
  }
  auto lower = [&](gpu::GPUModuleOp module, unsigned indexWidth) {
    OpPassManager pm(gpu::GPUModuleOp::getOperationName());
    buildNvvmPipeline(pm, indexWidth);
    return run(pm, module);
  };
  if (failed(lower(kernels, getIndexWidth(kernels))) ||
      failed(lower(withPointers, 64)))
    return failure();
  Block *body = kernels.getBody();
  body->getOperations().splice(body->end(),
                               withPointers.getBody()->getOperations());
  withPointers.erase();
  return success();
}

namespace {

struct CompileCudaPass : lowbit::impl::CompileCudaPassBase<CompileCudaPass> {
  using Base::Base;

  void getDependentDialects(DialectRegistry &registry) const override {
    Base::getDependentDialects(registry);
    OpPassManager pm(gpu::GPUModuleOp::getOperationName());
    buildNvvmPipeline(pm, /*indexWidth=*/32);
    pm.getDependentDialects(registry);
    registerBuiltinDialectTranslation(registry);
    registerGPUDialectTranslation(registry);
    registerLLVMDialectTranslation(registry);
    registerNVVMDialectTranslation(registry);
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto kernels = module.lookupSymbol<gpu::GPUModuleOp>(kKernelsSymbol);
    if (!llvm::is_contained(getDeviceChips("cuda"), chip)) {
      module.emitError() << "'" << chip << "' is not a chip of cuda, which are "
                         << llvm::join(getDeviceChips("cuda"), ", ");
      return signalPassFailure();
    }
    if (format != "cubin" && format != "ptx") {
      module.emitError() << "expects the format cubin or ptx, but got '"
                         << format << "'";
      return signalPassFailure();
    }
    if (!kernels) {
      module.emitError() << "expects a gpu.module '" << kKernelsSymbol << "'";
      return signalPassFailure();
    }
    useInstructions(kernels);
    auto run = [&](OpPassManager &pm, gpu::GPUModuleOp module) {
      return runPipeline(pm, module);
    };
    if (failed(lowerKernels(kernels, run)) || failed(compile(kernels)))
      return signalPassFailure();
  }

private:
  LogicalResult compile(gpu::GPUModuleOp kernels) {
    FailureOr<std::string> ptx = emitPtx(kernels, chip);
    if (failed(ptx))
      return failure();
    OpBuilder builder(kernels);
    auto target = NVVM::NVVMTargetAttr::get(&getContext(), /*O=*/3,
                                            "nvptx64-nvidia-cuda", chip);
    SmallVector<Attribute> objects;
    auto add = [&](gpu::CompilationTarget kind, StringRef bytes) {
      objects.push_back(gpu::ObjectAttr::get(
          &getContext(), target, kind, builder.getStringAttr(bytes),
          /*properties=*/{}, /*kernels=*/{}));
    };
    if (format == "cubin") {
      FailureOr<std::string> cubin = assemblePtx(kernels.getLoc(), *ptx, chip);
      if (failed(cubin))
        return failure();
      add(gpu::CompilationTarget::Binary, *cubin);
    }
    add(gpu::CompilationTarget::Assembly, *ptx);
    gpu::BinaryOp::create(builder, kernels.getLoc(), kKernelsSymbol,
                          /*offloadingHandler=*/nullptr,
                          builder.getArrayAttr(objects));
    kernels.erase();
    return success();
  }
};

} // namespace
