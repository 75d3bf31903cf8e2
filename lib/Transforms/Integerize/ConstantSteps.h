//===- ConstantSteps.h - Decoded constants ----------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_CONSTANTSTEPS_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_CONSTANTSTEPS_H

#include "lowbit/IR/Lowbit.h"

namespace mlir::lowbit {

/// The decode of a constant, opened up: element `i` is `steps[i]`, the code
/// less its zero point, times `getScale(i)`.
struct ConstantSteps {
  SmallVector<int64_t> steps;
  /// One, or one for each index along `axis`.
  SmallVector<double> scales;
  std::optional<int64_t> axis;
  /// Elements in a row that share a scale.
  int64_t inner = 1;
  /// True if some zero point is not 0: steps are no codes then.
  bool isShifted = false;
  /// How the constant lies on disk; null where that is not said.
  StorageAttr storage;
  /// The tables that steps come from, see kTablesAttr; null for none.
  Attribute tables;

  double getScale(int64_t element) const {
    return scales[element / inner % scales.size()];
  }
};

/// Reads the constant codes behind `real`; nothing if it is anything else than
/// the decode of an affine constant.
std::optional<ConstantSteps> readConstantSteps(Value real);

/// The steps as codes with zero point 0, of as few of 8, 16 and 32 bits as hold
/// them. `shape` is theirs, `name` that of the blob that large ones get.
ConstantOp createSteps(OpBuilder &builder, Location loc,
                       const ConstantSteps &steps, ArrayRef<int64_t> shape,
                       StringRef name);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_CONSTANTSTEPS_H
