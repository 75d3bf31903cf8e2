//===- OutlineLaunches.cpp - Kernels of the bodies of launches ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/LaunchPlan.h"
#include "lowbit/Conversion/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Utils/GPUUtils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_OUTLINELAUNCHESPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// The operation that makes `value`, where it belongs into the launch: a
/// constant, or a view of another layout than a buffer has. Null otherwise.
static Operation *findSinkable(Value value) {
  Operation *producer = value.getDefiningOp();
  if (!producer)
    return nullptr;
  if (producer->hasTrait<OpTrait::ConstantLike>())
    return producer;
  auto type = dyn_cast<MemRefType>(value.getType());
  bool isPart = type && !type.getLayout().isIdentity() &&
                isa<ViewLikeOpInterface>(producer);
  return isPart ? producer : nullptr;
}

/// Moves copies of what makes the operands of `launch` into it.
static LogicalResult sinkProducers(gpu::LaunchOp launch) {
  Region &body = launch.getBody();
  for (bool changed = true; changed;) {
    changed = false;
    llvm::SetVector<Value> used;
    getUsedValuesDefinedAbove(body, used);
    for (Value value : used) {
      Operation *producer = findSinkable(value);
      if (!producer)
        continue;
      OpBuilder builder(&body.front(), body.front().begin());
      Operation *copy = builder.clone(*producer);
      replaceAllUsesInRegionWith(
          value, copy->getResult(cast<OpResult>(value).getResultNumber()),
          body);
      changed = true;
    }
  }
  llvm::SetVector<Value> used;
  getUsedValuesDefinedAbove(body, used);
  for (Value value : used) {
    auto type = dyn_cast<MemRefType>(value.getType());
    if (type && !type.getLayout().isIdentity())
      return launch.emitError()
             << "expects buffers of identity layout, or views of them, but got "
             << type;
  }
  return success();
}

namespace {

struct OutlineLaunchesPass
    : lowbit::impl::OutlineLaunchesPassBase<OutlineLaunchesPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (Operation *taken = module.lookupSymbol(kKernelsSymbol)) {
      taken->emitError() << "the name '" << kKernelsSymbol
                         << "' is taken; it is that of the kernels";
      return signalPassFailure();
    }
    SmallVector<gpu::LaunchOp> launches;
    module.walk([&](gpu::LaunchOp launch) { launches.push_back(launch); });
    if (launches.empty())
      return;
    module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                    UnitAttr::get(&getContext()));
    OpBuilder builder(module.getBody(), module.getBody()->begin());
    kernels =
        gpu::GPUModuleOp::create(builder, module.getLoc(), kKernelsSymbol);
    for (gpu::LaunchOp launch : launches)
      if (failed(outline(launch)))
        return signalPassFailure();
  }

private:
  LogicalResult outline(gpu::LaunchOp launch) {
    if (failed(sinkProducers(launch)))
      return failure();
    SmallVector<Value> operands;
    std::string name =
        "kernel" +
        std::to_string(llvm::range_size(kernels.getOps<gpu::GPUFuncOp>()));
    gpu::GPUFuncOp kernel = outlineKernelFunc(launch, name, operands);
    kernel.removeKnownGridSizeAttr(); // launches of one kernel may differ
    if (gpu::GPUFuncOp same = findSame(kernel)) {
      kernel.erase();
      kernel = same;
    } else {
      kernels.push_back(kernel);
    }
    OpBuilder builder(launch);
    gpu::LaunchFuncOp::create(
        builder, launch.getLoc(), kernel, launch.getGridSizeOperandValues(),
        launch.getBlockSizeOperandValues(), launch.getDynamicSharedMemorySize(),
        operands, /*asyncTokenType=*/Type());
    launch.erase();
    return success();
  }

  /// A kernel that does what `kernel` does, on arguments of the same types.
  gpu::GPUFuncOp findSame(gpu::GPUFuncOp kernel) {
    for (auto known : kernels.getOps<gpu::GPUFuncOp>()) {
      StringAttr name = known.getNameAttr();
      known.setName(kernel.getName()); // names differ, and do not matter
      bool isSame = OperationEquivalence::isEquivalentTo(
          known, kernel, OperationEquivalence::IgnoreLocations);
      known.setName(name);
      if (isSame)
        return known;
    }
    return nullptr;
  }

  gpu::GPUModuleOp kernels;
};

} // namespace
