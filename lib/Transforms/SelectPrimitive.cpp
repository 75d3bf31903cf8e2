//===- SelectPrimitive.cpp - chooses a primitive for each contraction ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A primitive reads words of a certain width. Where lhs is narrower it is
// widened, by what makes the words where all that reads them reads wide ones. So all
// primitives are chosen first. What adds up the sums of groups becomes part of
// the contraction that makes them.

#include "FuseGroups.h"
#include "ReadPadded.h"
#include "WordWidener.h"

#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Conversion/Primitive.h"
#include "lowbit/IR/WeightTables.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_SELECTPRIMITIVEPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

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
    readPadded(getOperation());
    widenWords(contracts);
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
    if (mayHaveGroups(op))
      refuseExcess(op, candidates);
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
    op.setPrimitive(primitive->name);
    Operation *constant = op.getRhs().getDefiningOp();
    auto *chosen = llvm::find_if(candidates, [&](auto &candidate) {
      return candidate.primitive == primitive;
    });
    if (chosen->takesVectors)
      op->setAttr(kTablesAttr, constant->getAttr(kTablesAttr));
    if (llvm::is_contained(features, "fma") &&
        suitsArchitecture(*primitive, "x86"))
      op->setAttr(kFmaAttr, UnitAttr::get(op.getContext()));
    return success();
  }

  /// True if a sum over results of `op` is all that reads them, perhaps reshaped: it may
  /// become a loop over groups of terms.
  static bool mayHaveGroups(ContractOp op) {
    Operation *reader = op;
    do {
      if (reader->getNumResults() != 1 || !reader->hasOneUse())
        return false;
      reader = *reader->user_begin();
    } while (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(reader));
    return isa<linalg::ReduceOp>(reader);
  }

  /// Groups have no place for what 16 bits do not hold.
  static void refuseExcess(ContractOp op,
                           MutableArrayRef<PrimitiveCandidate> candidates) {
    if (isSignedStorage(op.getFormat(0)))
      return;
    for (PrimitiveCandidate &candidate : candidates)
      if (candidate.refusal.empty() && !candidate.isExactAlone)
        candidate.refusal = "two of its products may exceed 16 bits";
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

  /// Gives each contraction's primitive words of the width that it reads.
  void widenWords(ArrayRef<ContractOp> contracts) {
    WordWidener widener(&getContext());
    for (ContractOp op : contracts) {
      const Primitive *primitive =
          op.getPrimitive() ? lookupPrimitive(*op.getPrimitive(), &getContext())
                            : nullptr;
      if (!primitive || primitive->isFloat ||
          primitive->kind == LaneKind::Channels)
        continue;
      op.getLhsMutable().assign(widener.widen(
          op.getLhs(), IntegerType::get(&getContext(), primitive->lhsWidth),
          isSignedStorage(op.getFormat(0))));
    }
    // Narrow tensors that nothing is written into any more.
    SmallVector<Operation *> blank;
    getOperation()->walk([&](Operation *op) {
      if (isa<linalg::FillOp, tensor::EmptyOp>(op))
        blank.push_back(op);
    });
    for (Operation *op : llvm::reverse(blank))
      if (isOpTriviallyDead(op))
        op->erase();
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
