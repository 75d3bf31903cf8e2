//===- PlanArena.cpp - All buffers in one workspace -----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// @main's block is a list of steps; a step with regions is one step. A buffer's
// lifetime is the interval of steps that use it or any value that may view it,
// so two buffers used only inside the same loop overlap: no order of iterations
// is assumed. An address that leaves the world of
// memrefs cannot be followed, and keeps its buffer alive to the end.

#include "lowbit/Analysis/ArenaLayout.h"
#include "lowbit/Analysis/BufferViews.h"
#include "lowbit/Analysis/ModelInterface.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_PLANARENAPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// Where the result of `op` lies if it is an allocation, else null.
static Value getAllocated(Operation *op) {
  if (isa<memref::AllocOp, memref::AllocaOp>(op))
    return op->getResult(0);
  return nullptr;
}

static LogicalResult verifyMain(func::FuncOp main) {
  if (!main.getBody().hasOneBlock())
    return main.emitError("expects @main to be one block; run this before "
                          "-convert-scf-to-cf");
  for (Type type : main.getResultTypes())
    if (isa<BaseMemRefType>(type))
      return main.emitError("expects @main to return no buffer; use "
                            "-lowbit-results-to-arguments first");
  return success();
}

static LogicalResult verifyAllocation(Operation *op) {
  auto type = cast<MemRefType>(getAllocated(op).getType());
  if (!type.hasStaticShape() || op->getNumOperands() != 0)
    return op->emitError() << "expects buffers of static size, but got "
                           << type;
  if (!type.getLayout().isIdentity() || type.getMemorySpace())
    return op->emitError()
           << "expects buffers of identity layout in the default memory "
              "space, but got "
           << type;
  auto alignment = op->getAttrOfType<IntegerAttr>("alignment");
  if (alignment && alignment.getInt() > kWorkspaceAlignment)
    return op->emitError() << "expects an alignment of at most "
                           << kWorkspaceAlignment << ", but got "
                           << alignment.getInt();
  return success();
}

/// True if what `value` shows in one iteration of `loop` is seen outside of
/// the iteration: by the loop's results, or by the next iteration.
static bool escapesIteration(Operation *loop, Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return argument.getOwner()->getParentOp() == loop ||
           !loop->isProperAncestor(argument.getOwner()->getParentOp());
  return !loop->isProperAncestor(value.getDefiningOp());
}

/// Checks that one buffer can serve every execution of `op`.
static LogicalResult verifyHoistable(Operation *op, func::FuncOp main,
                                     const BufferViews &views) {
  DenseSet<Value> aliases = views.resolve(getAllocated(op));
  for (Operation *parent = op->getParentOp(); parent != main;
       parent = parent->getParentOp()) {
    if (isa<scf::IfOp, scf::IndexSwitchOp, scf::ExecuteRegionOp,
            memref::AllocaScopeOp>(parent))
      continue;
    if (!isa<LoopLikeOpInterface>(parent) ||
        parent->hasTrait<OpTrait::HasParallelRegion>() ||
        isa<scf::ForallOp>(parent)) {
      InFlightDiagnostic error = op->emitError()
                                 << "allocates once for each execution of a "
                                    "region of '"
                                 << parent->getName()
                                 << "', which may overlap in time; lower it to "
                                    "scf.for first";
      error.attachNote(parent->getLoc()) << "the region is here";
      return error;
    }
    for (Value alias : aliases)
      if (escapesIteration(parent, alias)) {
        InFlightDiagnostic error =
            op->emitError("allocates a buffer that its loop carries from one "
                          "iteration to another; allocate it before the loop");
        error.attachNote(parent->getLoc()) << "the loop is here";
        return error;
      }
  }
  return success();
}

namespace {

struct PlanArenaPass : lowbit::impl::PlanArenaPassBase<PlanArenaPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto main = module.lookupSymbol<func::FuncOp>("main");
    if (!main || main.isExternal()) {
      module.emitError("expects a function @main with a body");
      return signalPassFailure();
    }
    if (failed(verifyMain(main)) || failed(verifyNoOtherAllocates(main)) ||
        failed(hoistAllocations(main)))
      return signalPassFailure();

    SmallVector<Operation *> allocations = collectArenaAllocations(main);
    SmallVector<BufferLifetime> lifetimes = computeLifetimes(main, allocations);
    ArenaLayout layout = layOutArena(
        lifetimes, std::max(alignment.getValue(), kWorkspaceAlignment));

    auto arenaType = MemRefType::get({layout.size}, builder().getI8Type());
    unsigned last = main.getNumArguments();
    DictionaryAttr attrs = builder().getDictionaryAttr(
        {{builder().getStringAttr(LLVM::LLVMDialect::getNoAliasAttrName()),
          builder().getUnitAttr()}});
    if (failed(main.insertArgument(last, arenaType, attrs, main.getLoc())))
      return signalPassFailure();
    for (auto [op, offset] : llvm::zip(allocations, layout.offsets))
      replaceByView(op, main.getArgument(last), offset);

    module->setAttr(kWorkspaceSizeAttr,
                    builder().getI64IntegerAttr(layout.size));
    if (report)
      main.emitRemark() << "arena of " << layout.size << " bytes for "
                        << allocations.size() << " buffers, lower bound "
                        << layout.lowerBound << " bytes";
  }

private:
  OpBuilder builder() { return OpBuilder(&getContext()); }

  LogicalResult verifyNoOtherAllocates(func::FuncOp main) {
    WalkResult result = getOperation().walk([&](Operation *op) {
      if (!isa<memref::AllocOp>(op) || main->isAncestor(op))
        return WalkResult::advance();
      op->emitError("allocates a buffer outside of @main; use -inline first");
      return WalkResult::interrupt();
    });
    return failure(result.wasInterrupted());
  }

  /// Moves every allocation to @main's block, and drops deallocations.
  LogicalResult hoistAllocations(func::FuncOp main) {
    BufferViews views(main);
    SmallVector<Operation *> allocations, deallocations;
    main.walk([&](Operation *op) {
      if (getAllocated(op))
        allocations.push_back(op);
      if (isa<memref::DeallocOp>(op))
        deallocations.push_back(op);
    });
    for (Operation *op : allocations)
      if (failed(verifyAllocation(op)) ||
          failed(verifyHoistable(op, main, views)))
        return failure();
    for (Operation *op : deallocations)
      op->erase();
    for (Operation *op : allocations)
      if (isa<memref::AllocaOp>(op) && getSize(op) <= stackLimit)
        op->moveBefore(&main.front(), main.front().begin());
      else if (Operation *step = main.front().findAncestorOpInBlock(*op);
               step != op)
        op->moveBefore(step);
    return success();
  }

  SmallVector<Operation *> collectArenaAllocations(func::FuncOp main) {
    SmallVector<Operation *> allocations;
    for (Operation &op : llvm::make_early_inc_range(main.front())) {
      if (!getAllocated(&op) ||
          (isa<memref::AllocaOp>(op) && getSize(&op) <= stackLimit))
        continue;
      if (op.use_empty())
        op.erase();
      else
        allocations.push_back(&op);
    }
    return allocations;
  }

  static int64_t getSize(Operation *op) {
    auto type = cast<MemRefType>(getAllocated(op).getType());
    return type.getNumElements() *
           DataLayout::closest(op).getTypeSize(type.getElementType());
  }

  static SmallVector<BufferLifetime>
  computeLifetimes(func::FuncOp main, ArrayRef<Operation *> allocations) {
    Block &block = main.front();
    DenseMap<Operation *, unsigned> steps;
    for (auto [i, op] : llvm::enumerate(block))
      steps[&op] = i;
    unsigned end = steps.size() - 1;

    BufferViews views(main);
    SmallVector<BufferLifetime> lifetimes;
    for (Operation *op : allocations) {
      BufferLifetime lifetime{getSize(op), end, 0};
      for (Value alias : views.resolve(getAllocated(op)))
        for (Operation *user : alias.getUsers()) {
          unsigned step = steps.lookup(block.findAncestorOpInBlock(*user));
          lifetime.first = std::min(lifetime.first, step);
          lifetime.last =
              std::max(lifetime.last, leaksAddress(user) ? end : step);
        }
      lifetimes.push_back(lifetime);
    }
    return lifetimes;
  }

  static void replaceByView(Operation *op, Value arena, int64_t offset) {
    OpBuilder builder(op);
    Value shift = arith::ConstantIndexOp::create(builder, op->getLoc(), offset);
    auto type = cast<MemRefType>(getAllocated(op).getType());
    Value view = memref::ViewOp::create(builder, op->getLoc(), type, arena,
                                        shift, ValueRange());
    getAllocated(op).replaceAllUsesWith(view);
    op->erase();
  }
};

} // namespace
