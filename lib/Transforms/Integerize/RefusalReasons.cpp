//===- RefusalReasons.cpp - Why patterns refused --------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A rewrite tries a pattern again whenever the operation's surroundings have
// changed, so what it said before no longer holds. The last word counts.

#include "RefusalReasons.h"

#include "lowbit/IR/Lowbit.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::lowbit;

void RefusalReasons::notifyPatternBegin(const Pattern &pattern, Operation *op) {
  current = &pattern;
  root = op;
  auto found = refusals.find(op);
  if (found != refusals.end())
    llvm::erase_if(found->second, [&](const Refusal &refusal) {
      return refusal.pattern == &pattern;
    });
}

void RefusalReasons::notifyMatchFailure(
    Location loc, function_ref<void(Diagnostic &)> reasonCallback) {
  if (!root) // Upstream's folders and canonicalizations have no pattern.
    return;
  Diagnostic diagnostic(loc, DiagnosticSeverity::Remark);
  reasonCallback(diagnostic);
  refusals[root].push_back({current, diagnostic.str()});
}

void RefusalReasons::collect(Operation *op,
                             llvm::SmallDenseSet<Operation *> &visited,
                             SmallVectorImpl<StringRef> &texts) const {
  if (!visited.insert(op).second)
    return;
  auto found = refusals.find(op);
  if (found != refusals.end())
    for (const Refusal &refusal : found->second)
      if (!llvm::is_contained(texts, StringRef(refusal.text)))
        texts.push_back(refusal.text);
  if (!texts.empty() || isa<EncodeOp>(op))
    return;
  for (Operation *user : op->getUsers())
    collect(user, visited, texts);
}

std::string RefusalReasons::explain(Operation *op) const {
  llvm::SmallDenseSet<Operation *> visited;
  SmallVector<StringRef> texts;
  collect(op, visited, texts);
  return llvm::join(texts, "; ");
}
