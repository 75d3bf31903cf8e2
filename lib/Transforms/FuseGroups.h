//===- FuseGroups.h - sums over groups in contractions --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_FUSEGROUPS_H
#define LOWBIT_LIB_TRANSFORMS_FUSEGROUPS_H

#include "mlir/IR/Operation.h"

namespace mlir::lowbit {

/// Moves sums along the groups of contractions into these, below `root`: of those with
/// a primitive, or of all.
void fuseGroups(Operation *root, bool needsPrimitive);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_FUSEGROUPS_H
