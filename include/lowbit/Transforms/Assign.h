//===- Assign.h - Formats after a recipe ------------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_ASSIGN_H
#define LOWBIT_TRANSFORMS_ASSIGN_H

#include "lowbit/Transforms/Recipe.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::lowbit {

/// What -lowbit-assign does, with a recipe that is in no file: sets `format` or
/// `reason` on each observation. Emits an error where a rule names no layer, or
/// an observation lacks what its format is made of.
LogicalResult assignFormats(ModuleOp module, const Recipe &recipe);

} // namespace mlir::lowbit

#endif // LOWBIT_TRANSFORMS_ASSIGN_H
