//===- FuseGroups.cpp - sums over groups in kernels -----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where weights have a scale for each group of inputs, a contraction makes one f32 for
// each group, and a linalg.reduce adds them up in ascending order. In the contraction
// that takes its place the groups are loops that the result does not have, but operands of
// the epilogue do: the same additions, in registers.

#include "FuseGroups.h"

#include "lowbit/Analysis/ContractionLoops.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

#include <numeric>

namespace mlir::lowbit {
#define GEN_PASS_DEF_FUSEGROUPSPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// True if `op` adds up f32 along one dimension, starting from 0.
static bool isSum(linalg::ReduceOp op) {
  if (op.getInputs().size() != 1 || op.getDimensions().size() != 1 ||
      !op.hasPureTensorSemantics())
    return false;
  auto fill = op.getInits()[0].getDefiningOp<linalg::FillOp>();
  if (!fill || !matchPattern(fill.getInputs()[0], m_PosZeroFloat()))
    return false;
  Block &body = op.getCombiner().front();
  auto add = dyn_cast<arith::AddFOp>(body.front());
  Operation *yield = body.getTerminator();
  return add && add.getType().isF32() && yield->getPrevNode() == add &&
         yield->getOperand(0) == add.getResult() &&
         add.getLhs() != add.getRhs() &&
         llvm::all_of(add->getOperands(), [&](Value operand) {
           return llvm::is_contained(body.getArguments(), operand);
         });
}

/// The contraction that makes `value`, perhaps by way of reshapes, for nothing else;
/// the reshapes and itself are `made`.
static ContractOp findContract(Value value,
                               SmallVectorImpl<Operation *> &made) {
  while (Operation *op = value.getDefiningOp()) {
    if (!value.hasOneUse())
      return {};
    made.push_back(op);
    if (auto contract = dyn_cast<ContractOp>(op))
      return contract;
    if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op))
      return {};
    value = op->getOperand(0);
  }
  return {};
}

/// The dimensions of `shape` that dimension `dim` of `reshaped`, which has the same
/// elements, is made of: from the first to before the second.
static std::optional<std::pair<size_t, size_t>>
findDimensions(ArrayRef<int64_t> shape, ArrayRef<int64_t> reshaped,
               int64_t dim) {
  size_t position = 0;
  auto take = [&](int64_t size) {
    int64_t product = 1;
    while (product < size && position < shape.size())
      product *= shape[position++];
    return product == size;
  };
  if (!take(ShapedType::getNumElements(reshaped.take_front(dim))))
    return std::nullopt;
  // A dimension of one element may be that of rows, and stays.
  while (position < shape.size() && shape[position] == 1)
    ++position;
  size_t first = position;
  if (!take(reshaped[dim]) || first == position || position == shape.size())
    return std::nullopt;
  return std::pair(first, position);
}

/// `value` with the static shape of `type`.
static Value reshape(OpBuilder &builder, Location loc, Value value,
                     RankedTensorType type) {
  auto source = cast<RankedTensorType>(value.getType());
  if (source == type)
    return value;
  auto all = [](int64_t rank) {
    SmallVector<ReassociationIndices> groups(1);
    groups[0].resize(rank);
    std::iota(groups[0].begin(), groups[0].end(), 0);
    return groups;
  };
  if (source.getRank() != 1)
    value = tensor::CollapseShapeOp::create(
        builder, loc,
        RankedTensorType::get({source.getNumElements()},
                              source.getElementType()),
        value, all(source.getRank()));
  if (type.getRank() != 1)
    value = tensor::ExpandShapeOp::create(builder, loc, type, value,
                                          all(type.getRank()));
  return value;
}

namespace {

/// reduce(contract) -> contract that adds up what its epilogue makes of groups
struct FuseGroups : OpRewritePattern<linalg::ReduceOp> {
  FuseGroups(MLIRContext *context, bool needsPrimitive,
             SmallVectorImpl<Operation *> &replaced)
      : OpRewritePattern(context), needsPrimitive(needsPrimitive),
        replaced(replaced) {}

  LogicalResult matchAndRewrite(linalg::ReduceOp op,
                                PatternRewriter &rewriter) const override {
    if (!isSum(op))
      return rewriter.notifyMatchFailure(op, "it is no sum of f32");
    SmallVector<Operation *> made;
    ContractOp contract = findContract(op.getInputs()[0], made);
    if (!contract || (needsPrimitive && !contract.getPrimitive()) ||
        !contract.hasPureTensorSemantics())
      return rewriter.notifyMatchFailure(
          op, "no contraction with a primitive makes its input for it alone");
    auto source = cast<RankedTensorType>(contract.getInit().getType());
    auto type = cast<RankedTensorType>(op.getInits()[0].getType());
    auto reduced = cast<RankedTensorType>(op.getInputs()[0].getType());
    if (!source.hasStaticShape() || !reduced.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "its shape is dynamic");
    auto dims = findDimensions(source.getShape(), reduced.getShape(),
                               op.getDimensions()[0]);
    if (!dims)
      return rewriter.notifyMatchFailure(op,
                                         "it does not sum up whole dimensions");

    // Without the dimensions of groups; they are loops all the same.
    SmallVector<int64_t> shape(source.getShape());
    SmallVector<AffineExpr> exprs(contract.getResultMap().getResults());
    shape.erase(shape.begin() + dims->first, shape.begin() + dims->second);
    exprs.erase(exprs.begin() + dims->first, exprs.begin() + dims->second);
    unsigned last = contract.getIndexingMaps().size() - 1;
    SmallVector<AffineMap> maps;
    for (unsigned i = 0; i < last; ++i)
      maps.push_back(contract.getMap(i));
    maps.push_back(AffineMap::get(contract.getNumLoops(), 0, exprs,
                                  rewriter.getContext()));
    rewriter.setInsertionPoint(contract);
    Location loc = contract.getLoc();
    auto init =
        tensor::EmptyOp::create(rewriter, loc, shape, source.getElementType());
    IRMapping mapping;
    mapping.map(contract.getInit(), init.getResult());
    auto fused = cast<ContractOp>(rewriter.clone(*contract, mapping));
    fused.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
    fused->getResult(0).setType(init.getType());
    std::string reason;
    std::optional<ContractionLoops> loops =
        analyzeLoops(fused, reason, /*takesGroups=*/true);
    // Every loop of more than one trip must be one of groups.
    size_t expected = 0, found = 0;
    for (size_t dim = dims->first; dim < dims->second; ++dim)
      expected += source.getDimSize(dim) != 1;
    if (loops)
      found = llvm::count_if(loops->groups, [&](unsigned loop) {
        return loops->sizes[loop] != 1;
      });
    if (found != expected) {
      rewriter.eraseOp(fused);
      rewriter.eraseOp(init);
      return rewriter.notifyMatchFailure(
          op, "its contraction has no operands for each group");
    }
    rewriter.setInsertionPoint(op);
    rewriter.replaceOp(op, reshape(rewriter, loc, fused->getResult(0), type));
    llvm::append_range(replaced, made);
    return success();
  }

private:
  bool needsPrimitive;
  /// What nothing reads any more, readers first.
  SmallVectorImpl<Operation *> &replaced;
};

struct FuseGroupsPass : lowbit::impl::FuseGroupsPassBase<FuseGroupsPass> {
  void runOnOperation() override {
    fuseGroups(getOperation(), /*needsPrimitive=*/false);
  }
};

} // namespace

void lowbit::fuseGroups(Operation *root, bool needsPrimitive) {
  SmallVector<Operation *> replaced;
  RewritePatternSet patterns(root->getContext());
  patterns.add<FuseGroups>(root->getContext(), needsPrimitive, replaced);
  walkAndApplyPatterns(root, std::move(patterns));
  for (Operation *op : replaced)
    op->erase();
}
