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

#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "mlir/Pass/PassManager.h"

#include <cstdlib>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// In place of the pass manager's own verifier, whose errors look like a pass's
/// own.
class ValidAfterPasses : public PassInstrumentation {
  void runAfterPass(Pass *pass, Operation *op) override {
    if (succeeded(verify(op)))
      return;
    llvm::errs() << "an invalid module after " << pass->getName() << ":\n"
                 << *op << '\n';
    std::abort();
  }
};

} // namespace

static LogicalResult run(PassManager &pm, ModuleOp module) {
  pm.enableVerifier(false);
  pm.addInstrumentation(std::make_unique<ValidAfterPasses>());
  return pm.run(module);
}

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
  if (failed(run(marks, module)))
    return failure();
  SmallVector<StringRef> names;
  module.walk([&](ObserveOp op) { names.push_back(op.getName()); });
  for (StringRef name : names)
    if (failed(setRange(module, name, -1, 1)))
      return failure();
  PassManager pm(module.getContext());
  buildQuantizePipeline(pm, QuantizePipelineOptions());
  return run(pm, module);
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
