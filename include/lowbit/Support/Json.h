//===- Json.h - JSON of bounded depth ---------------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_SUPPORT_JSON_H
#define LOWBIT_SUPPORT_JSON_H

#include "llvm/Support/JSON.h"

namespace mlir::lowbit {

/// Parses `text`, whose arrays and objects lie at most `mostDepth` deep in each
/// other: LLVM's parser takes some of the stack for each.
llvm::Expected<llvm::json::Value> parseJson(llvm::StringRef text,
                                            unsigned mostDepth);

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_JSON_H
