//===- FuseSums.cpp - Sums that stay in registers -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Average pooling is two loop nests: one adds codes up, the other changes the scale of the
// sums. Together they need no buffer between them: neighbouring sums, those of some
// channels, are the lanes of one vector, and what reads them follows the loops that add.

#include "VectorBody.h"

#include "lowbit/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_FUSESUMSPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// The most sums side by side: four registers of 256 bits.
static constexpr int64_t kMostLanes = 32;

namespace {

/// Sums and their only reader.
class FusedSums {
public:
  /// Finds what belongs to `sum`; fails where it cannot be fused.
  static FailureOr<FusedSums> match(linalg::GenericOp sum);

  void build();

private:
  LogicalResult findUsers();
  LogicalResult matchLoops();
  bool isApart();
  Value buildSums(ImplicitLocOpBuilder &builder, ArrayRef<Value> place);
  void buildBlock(ImplicitLocOpBuilder &builder, ArrayRef<Value> place);

  linalg::GenericOp sum, reader;
  linalg::FillOp fill;
  memref::ExpandShapeOp expand;
  memref::AllocOp buffer;
  MemRefType type;
  /// The operand of the reader that is the sums.
  OpOperand *read = nullptr;
  /// The loops of the sum and of its reader along each dimension of the buffer.
  SmallVector<unsigned> sumLoops, readerLoops;
  int64_t lanes = 1;
};

} // namespace

LogicalResult FusedSums::findUsers() {
  for (Operation *user : buffer->getUsers()) {
    if (user == sum)
      continue;
    if (auto op = dyn_cast<linalg::FillOp>(user); op && !fill)
      fill = op;
    else if (auto op = dyn_cast<memref::ExpandShapeOp>(user); op && !expand)
      expand = op;
    else if (auto op = dyn_cast<linalg::GenericOp>(user); op && !reader)
      reader = op;
    else
      return failure();
  }
  if (!fill || fill.getOutputs()[0] != buffer.getResult() ||
      llvm::is_contained(sum.getInputs(), buffer.getResult()))
    return failure();
  if (expand) {
    if (reader || !expand->hasOneUse())
      return failure();
    reader = dyn_cast<linalg::GenericOp>(*expand->user_begin());
  }
  if (!reader || fill->getBlock() != sum->getBlock() ||
      reader->getBlock() != sum->getBlock() || !fill->isBeforeInBlock(sum) ||
      !sum->isBeforeInBlock(reader))
    return failure();
  Value view = expand ? expand.getResult() : buffer.getResult();
  for (OpOperand *input : reader.getDpsInputOperands()) {
    if (input->get() != view)
      continue;
    if (read)
      return failure();
    read = input;
  }
  return success(read && !llvm::is_contained(reader.getDpsInits(), view));
}

LogicalResult FusedSums::matchLoops() {
  AffineMap map = sum.getMatchingIndexingMap(sum.getDpsInitOperand(0));
  if (!map.isProjectedPermutation() ||
      map.getNumResults() != sum.getNumParallelLoops())
    return failure();
  for (AffineExpr expr : map.getResults())
    sumLoops.push_back(cast<AffineDimExpr>(expr).getPosition());
  if (reader.getNumParallelLoops() != reader.getNumLoops() ||
      reader.getNumDpsInits() != 1 ||
      reader.payloadUsesValueFromOperand(reader.getDpsInitOperand(0)) ||
      !reader.getMatchingIndexingMap(read).isIdentity())
    return failure();
  if (!expand) {
    llvm::append_range(readerLoops, llvm::seq<unsigned>(type.getRank()));
  } else {
    ArrayRef<int64_t> shape = expand.getResultType().getShape();
    for (const ReassociationIndices &group : expand.getReassociationIndices()) {
      auto wide = llvm::make_filter_range(
          group, [&](int64_t dim) { return shape[dim] != 1; });
      if (llvm::range_size(wide) > 1)
        return failure();
      readerLoops.push_back(wide.empty() ? group.back() : *wide.begin());
    }
  }
  // The result is written in vectors.
  return success(isVectorizable(sum, sumLoops.back()) &&
                 isVectorizable(reader, readerLoops.back()) &&
                 reader.getMatchingIndexingMap(reader.getDpsInitOperand(0))
                     .isFunctionOfDim(readerLoops.back()));
}

/// What `view` shows a part of; null unless that has a memory of its own.
static Value getRoot(Value view) {
  while (auto op = view.getDefiningOp<ViewLikeOpInterface>())
    view = op.getViewSource();
  auto argument = dyn_cast<BlockArgument>(view);
  bool isKnown =
      argument
          ? isa<FunctionOpInterface>(argument.getOwner()->getParentOp())
          : isa<memref::AllocOp, memref::GetGlobalOp>(view.getDefiningOp());
  return isKnown ? view : Value();
}

/// True if the sum may be taken where it is read: nothing writes to its inputs before or
/// there.
bool FusedSums::isApart() {
  DenseSet<Value> inputs;
  for (Value input : sum.getInputs())
    inputs.insert(getRoot(input));
  for (Operation *op = sum->getNextNode(); op != reader;
       op = op->getNextNode()) {
    std::optional<SmallVector<MemoryEffects::EffectInstance>> effects =
        getEffectsRecursively(op);
    if (!effects)
      return false;
    for (const MemoryEffects::EffectInstance &effect : *effects) {
      if (isa<MemoryEffects::Read, MemoryEffects::Allocate>(effect.getEffect()))
        continue;
      Value root = effect.getValue() ? getRoot(effect.getValue()) : Value();
      if (!root || inputs.contains(root))
        return false;
    }
  }
  for (OpOperand *input : reader.getDpsInputOperands())
    inputs.insert(getRoot(input->get()));
  Value written = getRoot(reader.getDpsInits()[0]);
  return written && written.getDefiningOp<memref::AllocOp>() &&
         !inputs.contains(written) && !inputs.contains(Value());
}

FailureOr<FusedSums> FusedSums::match(linalg::GenericOp sum) {
  if (!sum.hasPureBufferSemantics() || sum.getNumDpsInits() != 1)
    return failure();
  FusedSums fused;
  fused.sum = sum;
  fused.buffer = sum.getDpsInits()[0].getDefiningOp<memref::AllocOp>();
  if (!fused.buffer)
    return failure();
  fused.type = fused.buffer.getType();
  if (!fused.type.hasStaticShape() || fused.type.getNumElements() == 0 ||
      fused.type.getRank() == 0 || !fused.type.getElementType().isInteger() ||
      failed(fused.findUsers()) || failed(fused.matchLoops()) ||
      llvm::is_contained(sum.getStaticLoopRanges(), ShapedType::kDynamic) ||
      !fused.isApart())
    return failure();
  fused.lanes = std::min<int64_t>(
      kMostLanes, llvm::bit_floor<uint64_t>(fused.type.getShape().back()));
  return fused;
}

Value FusedSums::buildSums(ImplicitLocOpBuilder &builder,
                           ArrayRef<Value> place) {
  SmallVector<int64_t> ranges = sum.getStaticLoopRanges();
  SmallVector<Value> loops(ranges.size());
  for (auto [loop, index] : llvm::zip(sumLoops, place))
    loops[loop] = index;
  VectorBody body(builder, sum, loops, sumLoops.back(), lanes);
  Value sums = body.broadcast(fill.getInputs()[0]);
  Value zero = arith::ConstantIndexOp::create(builder, 0);
  Value one = arith::ConstantIndexOp::create(builder, 1);
  OpBuilder::InsertionGuard guard(builder);
  scf::ForOp outermost;
  for (auto [loop, range] : llvm::enumerate(ranges)) {
    if (loops[loop])
      continue;
    Value end = arith::ConstantIndexOp::create(builder, range);
    auto inner = scf::ForOp::create(builder, zero, end, one, sums);
    if (outermost)
      scf::YieldOp::create(builder, inner.getResults());
    else
      outermost = inner;
    loops[loop] = inner.getInductionVar();
    sums = inner.getRegionIterArgs()[0];
    builder.setInsertionPointToStart(inner.getBody());
  }
  BlockArgument soFar = sum.getMatchingBlockArgument(sum.getDpsInitOperand(0));
  scf::YieldOp::create(builder, body.compute(soFar, sums));
  return outermost.getResult(0);
}

void FusedSums::buildBlock(ImplicitLocOpBuilder &builder,
                           ArrayRef<Value> place) {
  Value sums = buildSums(builder, place);
  SmallVector<Value> loops(reader.getNumLoops());
  for (auto [loop, index] : llvm::zip(readerLoops, place))
    loops[loop] = index;
  for (Value &loop : loops)
    if (!loop)
      loop = arith::ConstantIndexOp::create(builder, 0);
  VectorBody body(builder, reader, loops, readerLoops.back(), lanes);
  body.store(body.compute(reader.getMatchingBlockArgument(read), sums));
}

void FusedSums::build() {
  ImplicitLocOpBuilder builder(reader.getLoc(), reader);
  auto index = [](ImplicitLocOpBuilder &at, int64_t value) -> Value {
    return arith::ConstantIndexOp::create(at, value);
  };
  SmallVector<Value> ends;
  for (int64_t size : type.getShape().drop_back())
    ends.push_back(index(builder, size));
  // The last block ends with the last sum and may take some again, for which no two threads
  // are allowed.
  int64_t count = type.getShape().back();
  bool overlaps = count % lanes != 0;
  Value zero = index(builder, 0), one = index(builder, 1);
  Value blocks = index(builder, llvm::divideCeil(count, lanes));
  if (!overlaps)
    ends.push_back(blocks);
  auto inside = [&](OpBuilder &nested, Location loc, ValueRange indices) {
    ImplicitLocOpBuilder inner(loc, nested);
    SmallVector<Value> place(indices);
    if (overlaps) {
      auto loop = scf::ForOp::create(inner, zero, blocks, one);
      inner.setInsertionPointToStart(loop.getBody());
      place.push_back(loop.getInductionVar());
    }
    Value first =
        arith::MulIOp::create(inner, place.back(), index(inner, lanes));
    if (overlaps)
      first = arith::MinSIOp::create(inner, first, index(inner, count - lanes));
    place.back() = first;
    buildBlock(inner, place);
  };
  if (ends.empty())
    inside(builder, builder.getLoc(), {});
  else
    scf::ParallelOp::create(builder, SmallVector<Value>(ends.size(), zero),
                            ends, SmallVector<Value>(ends.size(), one), inside);
  reader.erase();
  if (expand)
    expand.erase();
  sum.erase();
  fill.erase();
  buffer.erase();
}

namespace {

struct FuseSumsPass : lowbit::impl::FuseSumsPassBase<FuseSumsPass> {
  void runOnOperation() override {
    // What reads a sum, and goes with it, is none.
    SmallVector<linalg::GenericOp> sums;
    getOperation()->walk([&](linalg::GenericOp op) {
      if (op.getNumReductionLoops() != 0)
        sums.push_back(op);
    });
    for (linalg::GenericOp sum : sums)
      if (FailureOr<FusedSums> fused = FusedSums::match(sum); succeeded(fused))
        fused->build();
  }
};

} // namespace
