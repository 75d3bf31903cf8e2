//===- LaunchKernels.cpp - A launch for each operation on buffers ---------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The way of every operation for which no kernel is made by hand. A thread makes
// one element of the result and runs through what is summed over, in the order
// of the loops, so that its bits are those of the loops on a processor.

#include "LaunchBuilder.h"

#include "../ContractScalars.h"

#include "lowbit/Analysis/ContractionLoops.h"
#include "lowbit/Conversion/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_LAUNCHKERNELSPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// True if `op` computes nothing: it may stay around launches.
static bool isHostOperation(Operation *op) {
  return op->hasTrait<OpTrait::ConstantLike>() ||
         op->hasTrait<OpTrait::IsTerminator>() ||
         isa<ViewLikeOpInterface, memref::GetGlobalOp, memref::DimOp,
             gpu::LaunchOp>(op);
}

/// A function of floats in `op` that every implementation rounds differently;
/// null if there is none.
static Operation *findInexactFunction(Operation *op) {
  Operation *found = nullptr;
  op->walk([&](Operation *nested) {
    bool isMath = isa_and_nonnull<math::MathDialect>(nested->getDialect());
    bool isExact =
        isa<math::AbsFOp, math::AbsIOp, math::CeilOp, math::CopySignOp,
            math::CountLeadingZerosOp, math::CountTrailingZerosOp,
            math::CtPopOp, math::FloorOp, math::FmaOp, math::IsFiniteOp,
            math::IsInfOp, math::IsNaNOp, math::IsNormalOp, math::RoundEvenOp,
            math::RoundOp, math::SqrtOp, math::TruncOp>(nested);
    if (isMath && !isExact)
      found = nested;
  });
  return found;
}

/// The next operation behind `op` that computes; null if there is none.
static Operation *findNextComputation(Operation *op) {
  for (op = op->getNextNode(); op; op = op->getNextNode())
    if (!isHostOperation(op) || isa<gpu::LaunchOp>(op))
      return op;
  return nullptr;
}

/// The index of an operand's element at the loops' `indices`.
static SmallVector<Value> applyMap(ImplicitLocOpBuilder &builder, AffineMap map,
                                   ValueRange indices) {
  std::optional<SmallVector<Value, 8>> results =
      affine::expandAffineMap(builder, builder.getLoc(), map, indices);
  return llvm::to_vector_of<Value>(*results); // static maps always expand
}

/// The element of `operand`, which may be a scalar itself.
static Value load(ImplicitLocOpBuilder &builder, Value operand, AffineMap map,
                  ValueRange indices) {
  if (!isa<MemRefType>(operand.getType()))
    return operand;
  return memref::LoadOp::create(builder, operand,
                                applyMap(builder, map, indices));
}

namespace {

/// What the loops around an operation are.
struct Loops {
  SmallVector<int64_t> sizes;
  SmallVector<unsigned> parallel;

  SmallVector<int64_t> getParallelSizes() const {
    SmallVector<int64_t> result;
    for (unsigned d : parallel)
      result.push_back(sizes[d]);
    return result;
  }
  /// One index for each loop; null for those that are summed over.
  SmallVector<Value> spread(ValueRange points) const {
    SmallVector<Value> indices(sizes.size());
    for (auto [d, point] : llvm::zip_equal(parallel, points))
      indices[d] = point;
    return indices;
  }
};

struct LaunchKernelsPass
    : lowbit::impl::LaunchKernelsPassBase<LaunchKernelsPass> {
  using Base::Base;

  void runOnOperation() override {
    if (threads < 1 || threads > 1024 || maxBlocks < 1) {
      getOperation().emitError()
          << "expects from 1 to 1024 threads in a block, and at least one "
             "block, but got threads="
          << threads.getValue() << " max-blocks=" << maxBlocks.getValue();
      return signalPassFailure();
    }
    firstValues.clear();
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (failed(convertFunction(function)))
        return signalPassFailure();
  }

private:
  LaunchBuilder getBuilder() const { return LaunchBuilder(threads, maxBlocks); }

  LogicalResult convertFunction(func::FuncOp function) {
    if (function.isExternal())
      return success();
    if (!function.getBody().hasOneBlock() && !allowHost)
      return function.emitError("cannot run on a device: expects a function of "
                                "one block");
    for (Block &block : function.getBody())
      for (Operation &op : llvm::make_early_inc_range(block))
        if (!isHostOperation(&op) && failed(convert(&op)))
          return failure();
    return success();
  }

  LogicalResult convert(Operation *op) {
    if (Operation *inexact = findInexactFunction(op); inexact && !allowHost)
      return inexact->emitError()
             << "cannot run on a device: '" << inexact->getName()
             << "' is computed by C's math library, whose bits no device has; "
                "quantize what computes it: codes of integers fit";
    if (auto copy = dyn_cast<memref::CopyOp>(op))
      return convertCopy(copy);
    if (auto contract = dyn_cast<ContractOp>(op))
      return convertContract(contract);
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
      return convertLinalg(linalgOp);
    if (allowHost)
      return success();
    return op->emitError()
           << "cannot run on a device: '" << op->getName()
           << "' is no loop nest of known size, and nothing runs on the host";
  }

  LogicalResult verifyStatic(Operation *op) {
    for (Value operand : op->getOperands()) {
      auto type = dyn_cast<ShapedType>(operand.getType());
      if (type && (!isa<MemRefType>(type) || !type.hasStaticShape()))
        return op->emitError() << "cannot run on a device: expects buffers of "
                                  "static shape, but got "
                               << type;
    }
    return success();
  }

  LogicalResult convertCopy(memref::CopyOp op) {
    if (failed(verifyStatic(op)))
      return failure();
    getBuilder().buildLaunch(
        op, cast<MemRefType>(op.getTarget().getType()).getShape(),
        [&](ImplicitLocOpBuilder &builder, ValueRange indices) {
          Value element =
              memref::LoadOp::create(builder, op.getSource(), indices);
          memref::StoreOp::create(builder, element, op.getTarget(), indices);
        });
    op.erase();
    return success();
  }

  /// The epilogue's value of the sum at `indices`, which are null for loops of the sum.
  static Value computeElement(ImplicitLocOpBuilder &builder, ContractOp op,
                              const Loops &loops, SmallVector<Value> indices) {
    Value zero = arith::ConstantOp::create(
        builder, builder.getZeroAttr(op.getAccumulatorType()));
    SmallVector<Value> scalars =
        buildSteps(builder, loops.sizes, indices, zero,
                   [&](ImplicitLocOpBuilder &inner, ValueRange all,
                       ValueRange values) -> SmallVector<Value> {
                     Value lhs = load(inner, op.getLhs(), op.getLhsMap(), all);
                     Value rhs = load(inner, op.getRhs(), op.getRhsMap(), all);
                     return {addProduct(inner, op, lhs, rhs, values[0])};
                   });
    for (Value &index : indices)
      if (!index)
        index = arith::ConstantIndexOp::create(builder, 0);
    for (auto [i, operand] : llvm::enumerate(op.getEpilogueOperands()))
      scalars.push_back(load(builder, operand, op.getEpilogueMap(i), indices));
    return inlineEpilogue(builder, op, scalars);
  }

  /// The same, added up in f32 over the loops of `groups`, if there are any.
  static Value addGroups(ImplicitLocOpBuilder &builder, ContractOp op,
                         const Loops &loops, ArrayRef<unsigned> groups,
                         ArrayRef<Value> indices) {
    if (groups.empty())
      return computeElement(builder, op, loops, llvm::to_vector(indices));
    Value first = arith::ConstantIndexOp::create(builder, 0);
    Value zero = arith::ConstantOp::create(builder, builder.getF32FloatAttr(0));
    SmallVector<Value> outer(indices);
    for (auto [loop, index] : llvm::enumerate(outer))
      if (!index && !llvm::is_contained(groups, loop))
        index = first;
    return buildSteps(
        builder, loops.sizes, outer, zero,
        [&](ImplicitLocOpBuilder &inner, ValueRange all,
            ValueRange values) -> SmallVector<Value> {
          SmallVector<Value> here(indices);
          for (unsigned loop : groups)
            here[loop] = all[loop];
          Value element = computeElement(inner, op, loops, std::move(here));
          return {arith::AddFOp::create(inner, values[0], element)};
        })[0];
  }

  LogicalResult convertContract(ContractOp op) {
    if (failed(verifyStatic(op)))
      return failure();
    if (op.getPacks())
      return op.emitOpError() << "packs bits of several sums in a word, which "
                                 "threads of their own cannot do";
    SmallVector<unsigned> groups;
    if (hasSummedEpilogueOperand(op)) {
      std::string reason;
      auto parts = analyzeLoops(op, reason, /*takesGroups=*/true);
      if (!parts)
        return op.emitOpError()
               << "has an epilogue operand along a loop that is summed over";
      groups = parts->groups;
    }
    Loops loops;
    loops.sizes = op.getStaticLoopSizes();
    for (unsigned d = 0; d < op.getNumLoops(); ++d)
      if (!op.isReduction(d))
        loops.parallel.push_back(d);
    getBuilder().buildLaunch(
        op, loops.getParallelSizes(),
        [&](ImplicitLocOpBuilder &builder, ValueRange points) {
          SmallVector<Value> indices = loops.spread(points);
          Value value = addGroups(builder, op, loops, groups, indices);
          // The result does not depend on the loops that are summed over.
          for (Value &index : indices)
            if (!index)
              index = arith::ConstantIndexOp::create(builder, 0);
          memref::StoreOp::create(
              builder, value, op.getInit(),
              applyMap(builder, op.getResultMap(), indices));
        });
    op.erase();
    return success();
  }

  /// A fill goes along with the sum that it starts.
  static linalg::LinalgOp findSumOf(linalg::FillOp fill) {
    auto next =
        dyn_cast_if_present<linalg::LinalgOp>(findNextComputation(fill));
    Value buffer = fill.getOutputs()[0];
    if (!next || next.getNumReductionLoops() == 0 ||
        next.getNumDpsInits() != 1 || next.getDpsInits()[0] != buffer ||
        llvm::is_contained(next.getDpsInputs(), buffer) ||
        fill.getInputs()[0].getType() != getElementTypeOrSelf(buffer))
      return nullptr;
    AffineMap map =
        next.getMatchingIndexingMap(&*next.getDpsInitsMutable().begin());
    return map.isProjectedPermutation() ? next : nullptr;
  }

  LogicalResult convertLinalg(linalg::LinalgOp op) {
    if (failed(verifyStatic(op)))
      return failure();
    if (auto fill = dyn_cast<linalg::FillOp>(op.getOperation()))
      if (linalg::LinalgOp sum = findSumOf(fill)) {
        firstValues[sum] = fill.getInputs()[0];
        op->erase();
        return success();
      }
    Loops loops;
    loops.sizes = op.getStaticLoopRanges();
    for (auto [d, kind] : llvm::enumerate(op.getIteratorTypesArray()))
      if (kind == utils::IteratorType::parallel)
        loops.parallel.push_back(d);
    for (OpOperand &init : op.getDpsInitsMutable()) {
      AffineMap map = op.getMatchingIndexingMap(&init);
      for (unsigned d = 0; d < loops.sizes.size(); ++d)
        if (map.isFunctionOfDim(d) != llvm::is_contained(loops.parallel, d))
          return op->emitError()
                 << "cannot run on a device: expects results along all of its "
                    "parallel loops and no other, but got "
                 << AffineMapAttr::get(map);
    }
    getBuilder().buildLaunch(
        op, loops.getParallelSizes(),
        [&](ImplicitLocOpBuilder &builder, ValueRange points) {
          buildElement(builder, op, loops, points);
        });
    op->erase();
    return success();
  }

  /// One element of each result of `op`.
  void buildElement(ImplicitLocOpBuilder &builder, linalg::LinalgOp op,
                    const Loops &loops, ValueRange points) {
    SmallVector<Value> indices = loops.spread(points);
    SmallVector<Value> anywhere = indices;
    for (Value &index : anywhere)
      if (!index)
        index = arith::ConstantIndexOp::create(builder, 0);
    bool isSum = op.getNumReductionLoops() > 0;
    SmallVector<Value> values;
    for (OpOperand &init : op.getDpsInitsMutable()) {
      bool isRead = isSum || op.payloadUsesValueFromOperand(&init);
      Value first = firstValues.lookup(op);
      if (!isRead) // a value of the type that nothing reads
        first = arith::ConstantOp::create(
            builder, builder.getZeroAttr(getElementTypeOrSelf(init.get())));
      else if (!first)
        first = load(builder, init.get(), op.getMatchingIndexingMap(&init),
                     anywhere);
      values.push_back(first);
    }
    values = buildSteps(
        builder, loops.sizes, indices, values,
        [&](ImplicitLocOpBuilder &inner, ValueRange all, ValueRange before) {
          return inlineBody(inner, op, all, before);
        });
    for (auto [init, value] : llvm::zip_equal(op.getDpsInitsMutable(), values))
      memref::StoreOp::create(
          builder, value, init.get(),
          applyMap(builder, op.getMatchingIndexingMap(&init), anywhere));
  }

  static SmallVector<Value> inlineBody(ImplicitLocOpBuilder &builder,
                                       linalg::LinalgOp op, ValueRange indices,
                                       ValueRange before) {
    IRMapping mapping;
    for (OpOperand *input : op.getDpsInputOperands())
      if (op.payloadUsesValueFromOperand(input))
        mapping.map(op.getMatchingBlockArgument(input),
                    load(builder, input->get(),
                         op.getMatchingIndexingMap(input), indices));
    for (auto [init, value] : llvm::zip_equal(op.getDpsInitsMutable(), before))
      mapping.map(op.getMatchingBlockArgument(&init), value);
    Block *body = op.getBlock();
    for (Operation &operation : body->without_terminator()) {
      if (auto index = dyn_cast<linalg::IndexOp>(operation))
        mapping.map(index.getResult(), indices[index.getDim()]);
      else
        builder.clone(operation, mapping);
    }
    SmallVector<Value> results;
    for (Value yielded : body->getTerminator()->getOperands())
      results.push_back(mapping.lookupOrDefault(yielded));
    return results;
  }

  /// What a sum starts from, in place of its buffer's contents.
  DenseMap<Operation *, Value> firstValues;
};

} // namespace
