//===- RangeErrors.cpp - What each way to a range costs -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RangeErrors.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

static constexpr StringLiteral attributeName = "lowbit.range_errors";

void lowbit::setRangeErrors(ObserveOp op, ArrayRef<double> errors) {
  op->setAttr(attributeName, DenseF64ArrayAttr::get(op.getContext(), errors));
}

FailureOr<ArrayRef<double>> lowbit::getRangeErrors(ObserveOp op) {
  Attribute attribute = op->getAttr(attributeName);
  if (!attribute)
    return ArrayRef<double>();
  auto errors = dyn_cast<DenseF64ArrayAttr>(attribute);
  size_t count = getMixedRanges().size();
  if (!errors || static_cast<size_t>(errors.size()) != count ||
      !llvm::all_of(errors.asArrayRef(), [](double error) {
        return std::isfinite(error) && error >= 0;
      }))
    return op.emitError() << "expects '" << attributeName << "' to be " << count
                          << " finite numbers of at least 0, but got "
                          << attribute;
  return errors.asArrayRef();
}

FailureOr<RangeMethod> lowbit::getLeastRangeError(ObserveOp op) {
  FailureOr<ArrayRef<double>> errors = getRangeErrors(op);
  if (failed(errors))
    return failure();
  if (errors->empty())
    return op.emitError()
           << "'" << op.getName()
           << "' has no measured errors, which a recipe with range 'mixed' "
              "needs; calibrate on samples with this recipe";
  return getMixedRanges()[llvm::min_element(*errors) - errors->begin()];
}
