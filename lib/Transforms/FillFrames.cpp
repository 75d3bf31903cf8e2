//===- FillFrames.cpp - padding without its inner part --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A padded tensor is a filled one with another inserted. Of the fill only the frame is
// seen: a slab before and one behind the inner part along each dimension that is
// padded.

#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_FILLFRAMESPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// A slab of a frame, or what it is around.
struct Slab {
  SmallVector<int64_t> offsets, sizes;

  /// The number of pieces that lie apart in memory in a tensor of `shape`.
  int64_t countPieces(ArrayRef<int64_t> shape) const {
    unsigned whole = shape.size();
    while (whole > 0 && sizes[whole - 1] == shape[whole - 1])
      --whole;
    int64_t pieces = 1;
    for (int64_t size : ArrayRef(sizes).take_front(whole ? whole - 1 : 0))
      pieces *= size;
    return pieces;
  }

  /// Adds `other` if it lies beside this along one dimension; false if not.
  bool join(const Slab &other) {
    std::optional<unsigned> beside;
    for (unsigned dim = 0; dim < sizes.size(); ++dim) {
      if (offsets[dim] == other.offsets[dim] && sizes[dim] == other.sizes[dim])
        continue;
      if (beside || offsets[dim] + sizes[dim] != other.offsets[dim])
        return false;
      beside = dim;
    }
    if (beside)
      sizes[*beside] += other.sizes[*beside];
    return true;
  }

  int64_t count() const { return ShapedType::getNumElements(sizes); }
};

/// True if `op` inserts at a place that is known, without steps.
bool isStatic(tensor::InsertSliceOp op) {
  return op.getType().hasStaticShape() && op.hasUnitStride() &&
         op.getOffsets().empty() && op.getSizes().empty();
}

/// What `op` inserts, and others right after it, side by side.
Slab getInner(tensor::InsertSliceOp op) {
  Slab inner;
  for (bool isFirst = true; isStatic(op); isFirst = false) {
    Slab part{SmallVector<int64_t>(op.getStaticOffsets()),
              SmallVector<int64_t>(op.getStaticSizes())};
    if (isFirst)
      inner = part;
    else if (!inner.join(part))
      break;
    auto next = op->hasOneUse()
                    ? dyn_cast<tensor::InsertSliceOp>(*op->user_begin())
                    : nullptr;
    if (!next || next.getDest() != op.getResult())
      break;
    op = next;
  }
  return inner;
}

/// insert_slice(x, fill(c, empty)) -> insert_slice(x, fills of slabs of empty)
struct FillFrame : OpRewritePattern<tensor::InsertSliceOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tensor::InsertSliceOp op,
                                PatternRewriter &rewriter) const override {
    auto fill = op.getDest().getDefiningOp<linalg::FillOp>();
    if (!fill || !fill->hasOneUse() ||
        !fill.getOutputs()[0].getDefiningOp<tensor::EmptyOp>())
      return rewriter.notifyMatchFailure(op, "is not inserted into padding");
    if (!isStatic(op))
      return rewriter.notifyMatchFailure(op, "has no static place");
    if (!op.getType().getElementType().isIntOrFloat())
      return rewriter.notifyMatchFailure(op, "is not of numbers");
    Slab inner = getInner(op);
    SmallVector<Slab> slabs = getSlabs(op, inner);
    if (!pays(op, inner, slabs))
      return rewriter.notifyMatchFailure(op, "to fill all of it is faster");

    rewriter.setInsertionPoint(fill);
    Value padded = fill.getOutputs()[0];
    SmallVector<int64_t> steps(op.getType().getRank(), 1);
    auto attributes = [&](ArrayRef<int64_t> numbers) {
      return getAsIndexOpFoldResult(rewriter.getContext(), numbers);
    };
    for (const Slab &slab : slabs) {
      Value part = tensor::ExtractSliceOp::create(
          rewriter, fill.getLoc(), padded, attributes(slab.offsets),
          attributes(slab.sizes), attributes(steps));
      Value filled = linalg::FillOp::create(rewriter, fill.getLoc(),
                                            fill.getInputs()[0], part)
                         .getResult(0);
      padded = tensor::InsertSliceOp::create(
          rewriter, fill.getLoc(), filled, padded, attributes(slab.offsets),
          attributes(slab.sizes), attributes(steps));
    }
    rewriter.replaceOp(fill, padded);
    return success();
  }

private:
  static SmallVector<Slab> getSlabs(tensor::InsertSliceOp op,
                                    const Slab &inner) {
    ArrayRef<int64_t> shape = op.getType().getShape();
    SmallVector<Slab> slabs;
    Slab rest{SmallVector<int64_t>(shape.size(), 0),
              SmallVector<int64_t>(shape)};
    for (auto [dim, offset, size] :
         llvm::enumerate(inner.offsets, inner.sizes)) {
      int64_t end = offset + size;
      for (auto [from, to] : {std::pair(int64_t(0), offset), {end, shape[dim]}})
        if (from < to) {
          slabs.push_back(rest);
          slabs.back().offsets[dim] = from;
          slabs.back().sizes[dim] = to - from;
        }
      rest.offsets[dim] = offset;
      rest.sizes[dim] = size;
    }
    return slabs;
  }

  /// A piece is worth some 512 bytes that need not be filled.
  static bool pays(tensor::InsertSliceOp op, const Slab &inner,
                   ArrayRef<Slab> slabs) {
    int64_t spared = inner.count() * op.getType().getElementTypeBitWidth() / 8;
    for (const Slab &slab : slabs)
      spared -= 512 * slab.countPieces(op.getType().getShape());
    return spared > 0;
  }
};

struct FillFramesPass : lowbit::impl::FillFramesPassBase<FillFramesPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    set.add<FillFrame>(context);
    patterns = std::move(set);
    return success();
  }
  void runOnOperation() override {
    // Destinations that look alike are different buffers.
    GreedyRewriteConfig config;
    config.enableFolding(false)
        .enableConstantCSE(false)
        .setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(applyPatternsGreedily(getOperation(), patterns, config)))
      signalPassFailure();
  }

private:
  FrozenRewritePatternSet patterns;
};

} // namespace
