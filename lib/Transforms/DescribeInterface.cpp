//===- DescribeInterface.cpp - Inputs and outputs as an attribute ---------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/ModelInterface.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_DESCRIBEINTERFACEPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

struct DescribeInterfacePass
    : lowbit::impl::DescribeInterfacePassBase<DescribeInterfacePass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto main = module.lookupSymbol<func::FuncOp>("main");
    if (!main || main.isExternal()) {
      module.emitError("expects a function @main with a body");
      return signalPassFailure();
    }

    SmallVector<Attribute> inputs, outputs;
    for (auto [i, type] : llvm::enumerate(main.getArgumentTypes()))
      inputs.push_back(
          describe(main.getArgAttrOfType<StringAttr>(i, "lowbit.name"),
                   "arg" + Twine(i), type));
    for (auto [i, type] : llvm::enumerate(main.getResultTypes()))
      outputs.push_back(
          describe(main.getResultAttrOfType<StringAttr>(i, "lowbit.name"),
                   "result" + Twine(i), type));
    Builder builder(&getContext());
    module->setAttr(kInterfaceAttr, builder.getDictionaryAttr(
                                        {{builder.getStringAttr("inputs"),
                                          builder.getArrayAttr(inputs)},
                                         {builder.getStringAttr("outputs"),
                                          builder.getArrayAttr(outputs)}}));

    // Reading checks what was written, names and types.
    if (failed(readModelInterface(module)))
      return signalPassFailure();
    for (unsigned i = 0, e = main.getNumArguments(); i < e; ++i)
      main.setArgAttr(i, bufferization::BufferizationDialect::kWritableAttrName,
                      builder.getBoolAttr(false));
  }

private:
  Attribute describe(StringAttr name, const Twine &fallback, Type type) {
    Builder builder(&getContext());
    if (!name)
      name = builder.getStringAttr(fallback);
    return builder.getDictionaryAttr(
        {{builder.getStringAttr("name"), name},
         {builder.getStringAttr("type"), TypeAttr::get(type)}});
  }
};

} // namespace
