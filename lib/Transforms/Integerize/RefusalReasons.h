//===- RefusalReasons.h - Why patterns refused ------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_REFUSALREASONS_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_REFUSALREASONS_H

#include "mlir/IR/PatternMatch.h"

#include <string>

namespace mlir::lowbit {

/// Listens to a rewrite and keeps, for each operation, what the patterns that
/// came close to it said when they were tried last, in the order in which they
/// were tried. A pattern for another kind of operation fails without a word.
class RefusalReasons : public RewriterBase::Listener {
public:
  void notifyPatternBegin(const Pattern &pattern, Operation *op) override;
  void
  notifyMatchFailure(Location loc,
                     function_ref<void(Diagnostic &)> reasonCallback) override;
  void notifyOperationErased(Operation *op) override { refusals.erase(op); }

  /// What is known of `op`, or of the encodes that asked for the codes of what
  /// it computes; empty if no pattern came close.
  std::string explain(Operation *op) const;

private:
  struct Refusal {
    const Pattern *pattern;
    std::string text;
  };

  void collect(Operation *op, llvm::SmallDenseSet<Operation *> &visited,
               SmallVectorImpl<StringRef> &texts) const;

  const Pattern *current = nullptr;
  Operation *root = nullptr;
  /// Looked up only.
  llvm::DenseMap<Operation *, SmallVector<Refusal, 1>> refusals;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_REFUSALREASONS_H
