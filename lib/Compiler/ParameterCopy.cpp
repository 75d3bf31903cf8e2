//===- ParameterCopy.cpp - The network that is quantized ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ParameterCopy.h"

#include "lowbit/Pipelines/Pipelines.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::lowbit;

OwningOpRef<ModuleOp>
lowbit::copyWithParameters(ModuleOp module, StringRef recipe, ModuleOp &copy) {
  OwningOpRef<ModuleOp> outer = ModuleOp::create(module.getLoc());
  copy = module.clone();
  outer->push_back(copy);
  PassManager passes(module.getContext());
  buildParametersPipeline(passes, recipe);
  if (failed(passes.run(copy)))
    return nullptr;
  return outer;
}
