//===- KernelPipeline.cpp - From kernels to the LLVM dialect --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelCompiler.h"

#include "lowbit/Analysis/LaunchPlan.h"
#include "lowbit/Conversion/Device.h"
#include "lowbit/Conversion/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lowbit;

FailureOr<gpu::GPUModuleOp> lowbit::findKernels(ModuleOp module, StringRef api,
                                                StringRef chip,
                                                StringRef format,
                                                ArrayRef<StringRef> formats) {
  if (!llvm::is_contained(getDeviceChips(api), chip))
    return module.emitError()
           << "'" << chip << "' is not a chip of " << api << ", which are "
           << llvm::join(getDeviceChips(api), ", ");
  if (!llvm::is_contained(formats, format))
    return module.emitError()
           << "expects the format " << llvm::join(formats, " or ")
           << ", but got '" << format << "'";
  auto kernels = module.lookupSymbol<gpu::GPUModuleOp>(kKernelsSymbol);
  if (!kernels)
    return module.emitError()
           << "expects a gpu.module '" << kKernelsSymbol << "'";
  return kernels;
}

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

/// Upstream's conversions call the vendor's library for these functions, which
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

void lowbit::buildKernelPipeline(OpPassManager &pm, unsigned indexWidth,
                                 AddDeviceConversion addDeviceConversion) {
  pm.addPass(memref::createFoldMemRefAliasOpsPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createConvertVectorToSCFPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(arith::createArithExpandOpsPass());
  pm.addPass(createConvertMathToLLVMPass());
  addDeviceConversion(pm, indexWidth);
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createExternSharedMemoryPass());
}

LogicalResult lowbit::lowerKernels(
    gpu::GPUModuleOp kernels, AddDeviceConversion addDeviceConversion,
    function_ref<LogicalResult(OpPassManager &, gpu::GPUModuleOp)> run) {
  useInstructions(kernels);
  OpBuilder builder(kernels);
  // An index holds a pointer for a moment.
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
    buildKernelPipeline(pm, indexWidth, addDeviceConversion);
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
