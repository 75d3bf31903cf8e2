//===- LaunchesToLoops.cpp - Launches on the host, for tests --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_LAUNCHESTOLOOPSPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// One thread runs to its end before the next begins.
static LogicalResult verifyIndependent(gpu::LaunchOp launch) {
  if (launch.getNumWorkgroupAttributions() > 0 ||
      launch.getDynamicSharedMemorySize())
    return launch.emitError("has shared memory, so that its threads cannot run "
                            "one after the other");
  WalkResult result = launch.getBody().walk([](Operation *op) {
    Dialect *dialect = op->getDialect();
    StringRef name = dialect ? dialect->getNamespace() : "";
    if (isa<gpu::TerminatorOp>(op) ||
        (name != "gpu" && name != "nvgpu" && name != "nvvm" && name != "rocdl"))
      return WalkResult::advance();
    op->emitError() << "'" << op->getName()
                    << "' concerns several threads, which run one after the "
                       "other here";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

namespace {

struct LaunchesToLoopsPass
    : lowbit::impl::LaunchesToLoopsPassBase<LaunchesToLoopsPass> {
  void runOnOperation() override {
    SmallVector<gpu::LaunchOp> launches;
    getOperation().walk(
        [&](gpu::LaunchOp launch) { launches.push_back(launch); });
    for (gpu::LaunchOp launch : launches) {
      if (failed(verifyIndependent(launch)))
        return signalPassFailure();
      convert(launch);
    }
  }

private:
  static void convert(gpu::LaunchOp launch) {
    OpBuilder builder(launch);
    Location loc = launch.getLoc();
    gpu::KernelDim3 grid = launch.getGridSizeOperandValues();
    gpu::KernelDim3 block = launch.getBlockSizeOperandValues();
    SmallVector<Value> sizes = {grid.x,  grid.y,  grid.z,
                                block.x, block.y, block.z};
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    scf::LoopNest nest =
        scf::buildLoopNest(builder, loc, SmallVector<Value>(6, zero), sizes,
                           SmallVector<Value>(6, one));
    Block &body = launch.getBody().front();
    for (auto [argument, index] :
         llvm::zip(body.getArguments(), getIndices(nest)))
      argument.replaceAllUsesWith(index);
    for (auto [argument, size] :
         llvm::zip(body.getArguments().drop_front(6), sizes))
      argument.replaceAllUsesWith(size);
    body.getTerminator()->erase();
    Block *inner = nest.loops.back().getBody();
    inner->getOperations().splice(inner->getTerminator()->getIterator(),
                                  body.getOperations());
    launch.erase();
  }

  static SmallVector<Value> getIndices(const scf::LoopNest &nest) {
    SmallVector<Value> indices;
    for (scf::ForOp loop : nest.loops)
      indices.push_back(loop.getInductionVar());
    return indices;
  }
};

} // namespace
