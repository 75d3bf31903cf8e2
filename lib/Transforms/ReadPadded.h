//===- ReadPadded.h - readers of what is padded, too ------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_READPADDED_H
#define LOWBIT_LIB_TRANSFORMS_READPADDED_H

#include "mlir/IR/Operation.h"

namespace mlir::lowbit {

/// Lets what reads a tensor that is padded, too, read it from the padded one, below
/// `root`. So it is written once: into the padded buffer, part by part where it is joined.
void readPadded(Operation *root);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_READPADDED_H
