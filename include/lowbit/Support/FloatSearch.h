//===- FloatSearch.h - Where a property of floats begins ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_SUPPORT_FLOATSEARCH_H
#define LOWBIT_SUPPORT_FLOATSEARCH_H

#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir::lowbit {

/// The least float, infinities included, for which `holds`. It must hold for all
/// floats above one for which it does; if it never does, the result is infinity.
/// The two zeros are one number.
float findLeastFloat(llvm::function_ref<bool(float)> holds);

} // namespace mlir::lowbit

#endif // LOWBIT_SUPPORT_FLOATSEARCH_H
