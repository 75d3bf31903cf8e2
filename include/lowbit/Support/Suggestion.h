//===- Suggestion.h - What the user may have meant --------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_SUPPORT_SUGGESTION_H
#define LOWBIT_SUPPORT_SUGGESTION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace mlir::lowbit {

/// "; did you mean 'x'?" with the known word that is nearest to `word`, or
/// nothing if none is near.
std::string suggest(llvm::StringRef word,
                    llvm::ArrayRef<llvm::StringRef> known);

/// "'x', 'y', 'z'", with "and 3 more" at the end of a long list.
std::string listQuoted(llvm::ArrayRef<llvm::StringRef> words);

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_SUGGESTION_H
