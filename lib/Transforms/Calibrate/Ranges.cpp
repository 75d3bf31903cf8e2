//===- Ranges.cpp - Ranges that the caller knows --------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Calibration.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

LogicalResult lowbit::setRange(ModuleOp module, StringRef name, double least,
                               double most) {
  if (!std::isfinite(least) || !std::isfinite(most) || least > most)
    return module.emitError() << "expects the range of '" << name
                              << "' to be finite numbers in order, but got "
                              << least << " to " << most;
  ObserveOp found;
  module.walk([&](ObserveOp op) {
    if (op.getName() == name)
      found = op;
  });
  if (!found)
    return module.emitError()
           << "no value is observed as '" << name << "'; use -lowbit-observe";
  // The two ends, with no histogram: of what lies between, nothing is known.
  found.setStatsAttr(StatsAttr::get(module.getContext(), /*count=*/2, least,
                                    most, least, most, /*binWidth=*/0,
                                    /*firstBin=*/0, /*histogram=*/{}));
  return success();
}
