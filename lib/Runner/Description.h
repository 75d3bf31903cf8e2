//===- Description.h - A model's description of itself ----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_RUNNER_DESCRIPTION_H
#define LOWBIT_LIB_RUNNER_DESCRIPTION_H

#include "Arrays.h"

#include "llvm/Support/JSON.h"

namespace mlir::lowbit {

void printDescription(const lowbit_model &model, llvm::raw_ostream &os);
llvm::json::Object describeAsJson(const lowbit_model &model);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_RUNNER_DESCRIPTION_H
