//===- SelectPrimitive.cpp - chooses a primitive for each contraction ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A primitive reads words of a certain width. Where lhs is narrower it is
// widened, and the widening moves up to where the words are made: into the
// padded buffer, into the contraction before. A word may be wider than its
// code; it then holds the code's value. What adds up the sums of groups becomes part of
// the contraction that makes them.

#include "FuseGroups.h"

#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Conversion/Primitive.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_SELECTPRIMITIVEPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Widens words to a primitive's width.
struct WordWidener {
  OpBuilder &builder;
  Type word;
  bool isSigned;

  RankedTensorType widened(Value value) const {
    return cast<RankedTensorType>(value.getType()).clone(word);
  }

  /// `value` in wide words, made where it is made if nothing else reads it.
  Value widen(Value value) const {
    Operation *producer = value.getDefiningOp();
    if (producer) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPoint(producer);
      if (Value wide = widenProducer(producer)) {
        value.replaceUsesWithIf(
            wide, [](OpOperand &use) { return isa<PortOp>(use.getOwner()); });
        return wide;
      }
    }
    return extend(value);
  }

private:
  /// True if `value` has one reader, ports not counted: they read any width.
  static bool hasOneReader(Value value) {
    return llvm::count_if(value.getUsers(), [](Operation *user) {
             return !isa<PortOp>(user);
           }) == 1;
  }

  /// Contractions read lhs and epilogue operands of any width, but for lhs of a
  /// primitive that reads bytes.
  static bool readsAnyWidth(OpOperand &use) {
    if (isa<PortOp>(use.getOwner()))
      return true;
    auto contract = dyn_cast<ContractOp>(use.getOwner());
    if (contract && &use == &contract.getLhsMutable() &&
        contract.getPrimitive()) {
      const Primitive *primitive =
          lookupPrimitive(*contract.getPrimitive(), contract.getContext());
      return primitive &&
             (primitive->kind == LaneKind::Channels || primitive->lhsWidth > 8);
    }
    return contract && &use != &contract.getRhsMutable() &&
           &use != &contract.getInitMutable();
  }

  Value widenProducer(Operation *producer) const {
    Value value = producer->getResult(0);
    Location loc = producer->getLoc();
    if (auto contract = dyn_cast<ContractOp>(producer)) {
      // The word must extend the code as its readers do.
      unsigned result = contract.getIndexingMaps().size() - 1;
      if (isSignedStorage(contract.getFormat(result)) != isSigned)
        return {};
      if (!hasOneReader(value) && !llvm::all_of(value.getUses(), readsAnyWidth))
        return {};
      auto type = widened(value);
      contract.getInitMutable().assign(tensor::EmptyOp::create(
          builder, loc, type.getShape(), type.getElementType()));
      value.setType(type);
      return value;
    }
    if (!hasOneReader(value))
      return {};
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(producer)) {
      Value dest = widenFill(insert.getDest());
      if (!dest)
        return {};
      return tensor::InsertSliceOp::create(
          builder, loc, widen(insert.getSource()), dest,
          insert.getMixedOffsets(), insert.getMixedSizes(),
          insert.getMixedStrides());
    }
    if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(producer))
      return tensor::CollapseShapeOp::create(
          builder, loc, widened(value), widen(collapse.getSrc()),
          collapse.getReassociationIndices());
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(producer))
      return tensor::ExpandShapeOp::create(builder, loc, widened(value),
                                           widen(expand.getSrc()),
                                           expand.getReassociationIndices());
    return {};
  }

  /// A constant fill in wide words; null if `value` is no such fill.
  Value widenFill(Value value) const {
    auto fill = value.getDefiningOp<linalg::FillOp>();
    APInt constant;
    if (!fill || !matchPattern(fill.getInputs()[0], m_ConstantInt(&constant)))
      return {};
    Location loc = fill.getLoc();
    unsigned width = word.getIntOrFloatBitWidth();
    APInt wide = isSigned ? constant.sext(width) : constant.zext(width);
    auto type = widened(value);
    Value empty = tensor::EmptyOp::create(builder, loc, type.getShape(), word);
    Value scalar = arith::ConstantOp::create(
        builder, loc, builder.getIntegerAttr(word, wide));
    return linalg::FillOp::create(builder, loc, scalar, empty).getResult(0);
  }

  /// Widens `value` by a loop of its own.
  Value extend(Value value) const {
    Location loc = value.getLoc();
    auto type = widened(value);
    if (value.getDefiningOp())
      emitRemark(loc) << "is widened to " << type.getElementTypeBitWidth()
                      << " bits by a loop of its own, " << type.getNumElements()
                      << " elements: "
                      << (hasOneReader(value)
                              ? "what makes it cannot make wide words"
                              : "it has other readers");
    Value empty = tensor::EmptyOp::create(builder, loc, type.getShape(), word);
    AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
    SmallVector<utils::IteratorType> loops(type.getRank(),
                                           utils::IteratorType::parallel);
    auto generic = linalg::GenericOp::create(
        builder, loc, TypeRange(type), ValueRange(value), ValueRange(empty),
        ArrayRef<AffineMap>{identity, identity}, loops,
        [&](OpBuilder &inner, Location loc, ValueRange arguments) {
          Value wide;
          if (isSigned)
            wide = arith::ExtSIOp::create(inner, loc, word, arguments[0]);
          else
            wide = arith::ExtUIOp::create(inner, loc, word, arguments[0]);
          linalg::YieldOp::create(inner, loc, wide);
        });
    return generic.getResult(0);
  }
};

struct SelectPrimitivePass
    : lowbit::impl::SelectPrimitivePassBase<SelectPrimitivePass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<ContractOp> contracts;
    getOperation()->walk([&](ContractOp op) { contracts.push_back(op); });
    for (const std::string &name : force)
      if (!lookupPrimitive(name, &getContext())) {
        emitError(getOperation()->getLoc())
            << "there is no primitive '" << name << "'; there are "
            << listNames(getPrimitives(&getContext()));
        return signalPassFailure();
      }
    for (ContractOp op : contracts)
      if (failed(select(op)))
        return signalPassFailure();
    fuseGroups(getOperation(), /*needsPrimitive=*/true);
  }

private:
  static std::string listNames(ArrayRef<const Primitive *> primitives) {
    return llvm::join(
        llvm::map_range(primitives, [](auto *row) { return row->name; }), ", ");
  }

  LogicalResult select(ContractOp op) {
    if (op.getPrimitive())
      return success();
    std::string reason;
    SmallVector<PrimitiveCandidate> candidates = list(op, features, reason);
    if (!variants.empty() && !candidates.empty())
      share(op, candidates);
    const Primitive *primitive = selectPrimitive(candidates);
    if (!primitive) {
      if (reason.empty())
        reason = op.getProduct() == Product::Multiply
                     ? "no primitive computes its formats"
                 : op.getProduct() == Product::MultiplyPacked
                     ? "no primitive multiplies the codes in its words"
                     : "no primitive counts bits in its words";
      op.emitRemark() << "is computed by plain loops: " << reason << " ("
                      << countMacs(op) << " multiply-accumulates)";
      return success();
    }
    if (!force.empty() && !(primitive = findForced(op, candidates)))
      return failure();
    if (explain) {
      op.emitRemark() << describeChoice(primitive, !force.empty(), candidates);
      op->setAttr(kExplainAttr, UnitAttr::get(op.getContext()));
    }
    use(op, primitive);
    if (llvm::is_contained(features, "fma") &&
        suitsArchitecture(*primitive, "x86"))
      op->setAttr(kFmaAttr, UnitAttr::get(op.getContext()));
    return success();
  }

  /// Leaves only candidates that share packed weights with those of the other
  /// programs, and says so in `op`; all where there are no such rows.
  void share(ContractOp op, MutableArrayRef<PrimitiveCandidate> candidates) {
    SmallVector<SmallVector<PrimitiveCandidate>> programs;
    std::string reason;
    for (StringRef variant : variants) {
      SmallVector<StringRef> names;
      variant.split(names, ':');
      programs.push_back(list(
          op, std::vector<std::string>(names.begin(), names.end()), reason));
    }
    SmallVector<const Primitive *> rows = selectSharing(programs);
    if (rows.empty())
      return;
    keepSharing(candidates, *rows.front());
    SmallVector<StringRef> names;
    for (const Primitive *row : rows)
      if (!llvm::is_contained(names, row->name))
        names.push_back(row->name);
    op->setAttr(kSharingAttr, Builder(op).getStrArrayAttr(names));
  }

  /// The first of the forced rows that computes `op`; null after an error.
  const Primitive *findForced(ContractOp op,
                              ArrayRef<PrimitiveCandidate> candidates) {
    SmallVector<const Primitive *> possible;
    for (const PrimitiveCandidate &candidate : candidates)
      if (candidate.refusal.empty())
        possible.push_back(candidate.primitive);
    std::string reasons;
    for (const std::string &name : force) {
      const Primitive *row = lookupPrimitive(name, &getContext());
      if (llvm::is_contained(possible, row))
        return row;
      auto *refused = llvm::find_if(candidates, [&](auto &candidate) {
        return candidate.primitive == row;
      });
      reasons += reasons.empty() ? "" : ", ";
      reasons +=
          "'" + name + "' (" +
          (refused != candidates.end() ? refused->refusal
                                       : "it is for other lanes or numbers") +
          ")";
    }
    op.emitOpError() << "cannot be computed by " << reasons
                     << "; can be computed by " << listNames(possible);
    return nullptr;
  }

  /// Builds `op` around `primitive`.
  static void use(ContractOp op, const Primitive *primitive) {
    op.setPrimitive(primitive->name);
    auto lhs = cast<RankedTensorType>(op.getLhs().getType());
    if (primitive->isFloat || primitive->kind == LaneKind::Channels ||
        lhs.getElementTypeBitWidth() == primitive->lhsWidth)
      return;
    OpBuilder builder(op);
    WordWidener widener{builder, builder.getIntegerType(primitive->lhsWidth),
                        isSignedStorage(op.getFormat(0))};
    Value narrow = op.getLhs();
    op.getLhsMutable().assign(widener.widen(narrow));
    eraseIfDead(narrow.getDefiningOp());
  }

  /// Erases what made narrow words and has no reader left. It would not verify:
  /// the contraction at its start makes wide ones now.
  static void eraseIfDead(Operation *narrow) {
    llvm::SmallSetVector<Operation *, 4> candidates;
    candidates.insert(narrow);
    while (!candidates.empty()) {
      Operation *op = candidates.pop_back_val();
      if (!op || !isOpTriviallyDead(op))
        continue;
      for (Value operand : op->getOperands())
        candidates.insert(operand.getDefiningOp());
      op->erase();
    }
  }

  /// The rows to choose from with the CPU features `available`; none, with `reason`
  /// set, where no kernel can be built.
  SmallVector<PrimitiveCandidate>
  list(ContractOp op, ArrayRef<std::string> available, std::string &reason) {
    if (!op.hasPureTensorSemantics()) {
      reason = "it is not on tensors";
      return {};
    }
    std::optional<ContractionLoops> loops = analyzeLoops(op, reason);
    if (!loops)
      return {};
    if (loops->kind == LaneKind::Columns &&
        !op.getRhs().getDefiningOp<arith::ConstantOp>()) {
      reason = "its weights are not constant";
      return {};
    }
    SmallVector<StringRef> names(available.begin(), available.end());
    return listCandidates(op, *loops, names);
  }
};

} // namespace
