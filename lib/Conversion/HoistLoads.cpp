//===- HoistLoads.cpp - Loads that a loop repeats in front of it ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// All buffers of a program lie in one workspace, where LLVM does not see that those of one
// loop are apart: it reads a row's scale again after each code that it stores, and so makes
// one code at a time. Here views still say which bytes are theirs.

#include "lowbit/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_HOISTLOADSPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {
/// Bytes from `first` to before `last` of `buffer`, which no view makes.
struct Bytes {
  Value buffer;
  int64_t first, last;
};
} // namespace

/// The bytes that `view` may show: those of a view at a known place of the buffer, else all.
static Bytes findBytes(Value view) {
  constexpr int64_t end = std::numeric_limits<int64_t>::max();
  Bytes bytes{view, 0, end};
  while (auto op = bytes.buffer.getDefiningOp<ViewLikeOpInterface>()) {
    bytes = {op.getViewSource(), 0, end};
    auto placed = dyn_cast<memref::ViewOp>(*op);
    if (!placed || !placed.getType().hasStaticShape() ||
        !placed.getType().getElementType().isIntOrFloat())
      continue;
    MemRefType type = placed.getType();
    if (std::optional<int64_t> shift =
            getConstantIntValue(placed.getByteShift()))
      bytes = {placed.getSource(), *shift,
               *shift + llvm::divideCeil(type.getElementTypeBitWidth(), 8) *
                            type.getNumElements()};
  }
  return bytes;
}

/// True if two buffers share no byte.
static bool areApart(const Bytes &a, const Bytes &b) {
  if (a.buffer == b.buffer)
    return a.last <= b.first || b.last <= a.first;
  auto isFresh = [](Value buffer) {
    return isa_and_present<memref::AllocOp, memref::AllocaOp>(
        buffer.getDefiningOp());
  };
  auto isKnown = [&](Value buffer) {
    auto argument = dyn_cast<BlockArgument>(buffer);
    return isFresh(buffer) ||
           (argument &&
            isa<FunctionOpInterface>(argument.getOwner()->getParentOp()));
  };
  return (isFresh(a.buffer) && isKnown(b.buffer)) ||
         (isFresh(b.buffer) && isKnown(a.buffer));
}

/// What `loop` writes to; nothing if that is not known.
static std::optional<SmallVector<Bytes>> findWritten(scf::ForOp loop) {
  SmallVector<Bytes> written;
  WalkResult result = loop.getBody()->walk([&](Operation *op) {
    if (op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() ||
        isMemoryEffectFree(op))
      return WalkResult::advance();
    auto effects = dyn_cast<MemoryEffectOpInterface>(op);
    if (!effects)
      return WalkResult::interrupt();
    SmallVector<MemoryEffects::EffectInstance> instances;
    effects.getEffects(instances);
    for (const MemoryEffects::EffectInstance &effect : instances) {
      if (isa<MemoryEffects::Read, MemoryEffects::Allocate>(effect.getEffect()))
        continue;
      if (!effect.getValue())
        return WalkResult::interrupt();
      written.push_back(findBytes(effect.getValue()));
    }
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return std::nullopt;
  return written;
}

/// True if the body runs.
static bool runs(scf::ForOp loop) {
  std::optional<int64_t> first = getConstantIntValue(loop.getLowerBound()),
                         last = getConstantIntValue(loop.getUpperBound());
  return first && last && *first < *last;
}

static void hoistLoads(scf::ForOp loop) {
  if (!runs(loop))
    return;
  std::optional<SmallVector<Bytes>> written;
  for (Operation &op : llvm::make_early_inc_range(*loop.getBody())) {
    auto load = dyn_cast<memref::LoadOp>(op);
    if (!load || !llvm::all_of(op.getOperands(), [&](Value operand) {
          return loop.isDefinedOutsideOfLoop(operand);
        }))
      continue;
    if (!written && !(written = findWritten(loop)))
      return;
    Bytes read = findBytes(load.getMemref());
    if (llvm::all_of(*written,
                     [&](const Bytes &bytes) { return areApart(read, bytes); }))
      load->moveBefore(loop);
  }
}

namespace {

struct HoistLoadsPass : lowbit::impl::HoistLoadsPassBase<HoistLoadsPass> {
  void runOnOperation() override {
    // From the inside out: what one loop repeats its parent may repeat, too.
    getOperation()->walk<WalkOrder::PostOrder>(
        [](scf::ForOp loop) { hoistLoads(loop); });
  }
};

} // namespace
