//===- ResultsToArguments.cpp - Results become arguments ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Upstream's buffer-results-to-out-params sees through no reshape, and writes
// into the caller's buffer even where the program relies on an alignment of its
// own; what it gets wrong is a copy, or a crash in an aligned store.

#include "lowbit/Analysis/BufferViews.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_RESULTSTOARGUMENTSPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// True for a buffer whose elements lie in order without gaps, of known size.
static bool isDense(MemRefType type) {
  return type.hasStaticShape() && type.getLayout().isIdentity();
}

/// The allocation that `value` shows whole, element by element in order; null
/// if it shows something else.
static memref::AllocOp findWholeAllocation(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (auto alloc = dyn_cast<memref::AllocOp>(op))
      return isDense(alloc.getType()) ? alloc : nullptr;
    if (!isa<memref::ExpandShapeOp, memref::CollapseShapeOp, memref::CastOp,
             memref::ReinterpretCastOp>(op))
      return nullptr;
    Value source = op->getOperand(0);
    auto from = dyn_cast<MemRefType>(source.getType());
    auto to = cast<MemRefType>(value.getType());
    if (!from || !isDense(from) || !isDense(to) ||
        from.getNumElements() != to.getNumElements())
      return nullptr;
    value = source;
  }
  return nullptr;
}

/// True if an operation relies on an alignment of what it sees of `buffer`.
static bool reliesOnAlignment(const BufferViews &views, Value buffer) {
  for (Value alias : views.resolve(buffer))
    for (Operation *user : alias.getUsers())
      if (user->hasAttr("alignment"))
        return true;
  return false;
}

/// True if a debugger reads `buffer` in the workspace after the program's end.
static bool hasPort(const BufferViews &views, Value buffer) {
  return llvm::any_of(views.resolve(buffer), [](Value alias) {
    return llvm::any_of(alias.getUsers(), llvm::IsaPred<PortOp>);
  });
}

/// Emits an error at an operation that writes to an input, if there is one.
static LogicalResult verifyInputsAreRead(func::FuncOp main,
                                         const BufferViews &views) {
  for (BlockArgument input : main.getArguments()) {
    DenseSet<Value> aliases = views.resolve(input);
    // Walks in order, so that the first offender is the one reported.
    WalkResult result =
        main.walk([&](MemoryEffectOpInterface op) {
          SmallVector<MemoryEffects::EffectInstance> effects;
          op.getEffects(effects);
          for (const MemoryEffects::EffectInstance &effect : effects)
            if (isa<MemoryEffects::Write>(effect.getEffect()) &&
                effect.getValue() && aliases.contains(effect.getValue())) {
              op->emitError()
                  << "writes to input " << input.getArgNumber()
                  << " of @main, which its caller owns; bufferize with "
                     "'bufferization.writable = false' on the arguments";
              return WalkResult::interrupt();
            }
          return WalkResult::advance();
        });
    if (result.wasInterrupted())
      return failure();
  }
  return success();
}

namespace {

struct ResultsToArgumentsPass
    : lowbit::impl::ResultsToArgumentsPassBase<ResultsToArgumentsPass> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || main.isExternal()) {
      getOperation().emitError("expects a function @main with a body");
      return signalPassFailure();
    }
    if (failed(verify(main)))
      return signalPassFailure();

    BufferViews views(main);
    if (failed(verifyInputsAreRead(main, views)))
      return signalPassFailure();

    Operation *terminator = main.front().getTerminator();
    SmallVector<Value> results(terminator->getOperands());
    unsigned first = main.getNumArguments();
    for (auto [i, result] : llvm::enumerate(results)) {
      SmallVector<NamedAttribute> attrs(main.getResultAttrs(i));
      attrs.emplace_back(LLVM::LLVMDialect::getNoAliasAttrName(),
                         UnitAttr::get(&getContext()));
      if (failed(main.insertArgument(first + i, result.getType(),
                                     DictionaryAttr::get(&getContext(), attrs),
                                     result.getLoc())))
        return signalPassFailure();
    }
    terminator->setOperands({});
    llvm::BitVector all(results.size(), true);
    if (failed(main.eraseResults(all)))
      return signalPassFailure();

    // A buffer that is returned twice is written once; `written` finds it as
    // the argument that replaced it.
    OpBuilder builder(terminator);
    for (unsigned i = 0, e = results.size(); i < e; ++i) {
      Value argument = main.getArgument(first + i);
      Value &result = results[i];
      memref::AllocOp alloc = findWholeAllocation(result);
      if (!alloc || reliesOnAlignment(views, alloc) || hasPort(views, alloc)) {
        memref::CopyOp::create(builder, result.getLoc(), result, argument);
        continue;
      }
      Value whole = viewAs(alloc, argument);
      for (Value &other : results)
        if (other == alloc)
          other = whole;
      alloc.replaceAllUsesWith(whole);
      alloc.erase();
    }
  }

private:
  static LogicalResult verify(func::FuncOp main) {
    if (!main.getBody().hasOneBlock())
      return main.emitError("expects @main to be one block; run this before "
                            "-convert-scf-to-cf");
    for (Type type : main.getResultTypes()) {
      auto memref = dyn_cast<MemRefType>(type);
      if (!memref || !isDense(memref) || memref.getMemorySpace())
        return main.emitError()
               << "expects results of static shape and identity layout, but "
                  "got "
               << type;
    }
    return success();
  }

  /// `argument` with the type of `alloc`, in its place.
  static Value viewAs(memref::AllocOp alloc, Value argument) {
    MemRefType type = alloc.getType();
    if (type == argument.getType())
      return argument;
    OpBuilder builder(alloc);
    return memref::ReinterpretCastOp::create(
        builder, alloc.getLoc(), type, argument, /*offset=*/0, type.getShape(),
        type.getStridesAndOffset().first);
  }
};

} // namespace
