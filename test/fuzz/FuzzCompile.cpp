//===- FuzzCompile.cpp - Takes models to the integer graph ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is imported gets the range [-1, 1] everywhere and is quantized. Every
// pass has to succeed or say why not, and to leave a valid module.
//
//===----------------------------------------------------------------------===//

#include "Import.h"

#include "lowbit/IR/Lowbit.h"
#include "lowbit/InitAll.h"
#include "lowbit/Pipelines/Pipelines.h"
#include "lowbit/Transforms/Calibration.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Only small programs: speed is not what is tested.
static bool isSmall(ModuleOp module) {
  int64_t elements = 0;
  module.walk([&](Operation *op) {
    for (Type type : op->getResultTypes())
      if (auto shaped = dyn_cast<ShapedType>(type))
        elements += std::min<int64_t>(shaped.getNumElements(), 1 << 20);
  });
  return elements < 1 << 14;
}

static LogicalResult quantize(ModuleOp module) {
  if (!isSmall(module))
    return success();
  PassManager marks(module.getContext());
  buildModelPipeline(marks);
  marks.addPass(createObservePass());
  if (failed(marks.run(module)))
    return failure();
  SmallVector<StringRef> names;
  module.walk([&](ObserveOp op) { names.push_back(op.getName()); });
  for (StringRef name : names)
    if (failed(setRange(module, name, -1, 1)))
      return failure();
  PassManager pm(module.getContext());
  buildQuantizePipeline(pm, QuantizePipelineOptions());
  return pm.run(module);
}

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerAllDialects(registry);
  return registry;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static FuzzContext context(makeRegistry());
  context.run(data, size, quantize);
  return 0;
}
