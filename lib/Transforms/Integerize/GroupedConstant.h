//===- GroupedConstant.h - Constants with scales beside them ----*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_GROUPEDCONSTANT_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_GROUPEDCONSTANT_H

#include "ConstantSteps.h"

namespace mlir::lowbit {

/// The decode of a constant of affine codes or blocks whose scales are constants,
/// too, opened up: an element is its step times its scale.
struct GroupedConstant {
  ConstantOp constant;
  SmallVector<int64_t> shape, steps;
  SmallVector<float> elementScales;
  /// What scales lie along: `size` elements share one. With size 0, all elements
  /// do that have the same index.
  std::optional<int64_t> axis;
  int64_t size = 0;
  /// True if steps are floats in units of the least one.
  bool isFloat = false;

  /// How the constant lies on disk; null where that is not said.
  StorageAttr getStorage() const {
    ConstantOp op = constant;
    return op->getAttrOfType<StorageAttr>(kStorageAttr);
  }
  /// True if scales differ along dimension `dim`.
  bool dependsOn(int64_t dim) const;
  /// The same in an affine format, if scales are positive and differ along one
  /// dimension at most.
  std::optional<ConstantSteps> getAffine() const;
};

/// Calls `visit` with each position of `shape` and its index, in ascending order.
void forEachIndex(ArrayRef<int64_t> shape,
                  function_ref<void(int64_t, ArrayRef<int64_t>)> visit);

/// Reads the constant behind `real`. Nothing, with `reason` set where its format has
/// scales beside the codes and yet they cannot be taken.
std::optional<GroupedConstant> readGroupedConstant(Value real,
                                                   StringRef &reason);

/// What float glue says of such layers.
inline constexpr StringLiteral kGroupsReason =
    "its weights have scales of groups";

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_GROUPEDCONSTANT_H
