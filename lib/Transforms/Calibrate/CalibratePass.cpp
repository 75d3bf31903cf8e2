//===- CalibratePass.cpp - statistics as a pass -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Calibration.h"
#include "lowbit/Transforms/Passes.h"
#include "lowbit/Transforms/Recipe.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_CALIBRATEPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

struct CalibratePass : lowbit::impl::CalibratePassBase<CalibratePass> {
  using Base::Base;

  void getDependentDialects(DialectRegistry &registry) const override {
    Base::getDependentDialects(registry);
    registerCalibrationDialects(registry);
  }

  void runOnOperation() override {
    if (failed(fill()) ||
        (!save.empty() && failed(saveStatistics(getOperation(), save))))
      signalPassFailure();
  }

private:
  LogicalResult fill() {
    if (data.empty() == statsFile.empty())
      return getOperation().emitError()
             << "-lowbit-calibrate expects 'data' or 'stats-file', but got "
             << (data.empty() ? "neither" : "both");
    if (data.empty())
      return loadStatistics(getOperation(), statsFile);
    CalibrationData inputs;
    for (StringRef entry : data) {
      auto [name, path] = entry.split('=');
      if (path.empty())
        std::swap(name, path);
      CalibrationInput input{name.str(), path.str(), std::nullopt,
                             std::nullopt};
      if (scale.hasValue())
        input.scale = scale;
      if (offset.hasValue())
        input.offset = offset;
      inputs.inputs.push_back(std::move(input));
    }
    if (recipe.empty())
      return calibrate(getOperation(), inputs);
    llvm::Expected<Recipe> loaded = loadRecipe(recipe);
    if (!loaded)
      return getOperation().emitError() << llvm::toString(loaded.takeError());
    return calibrate(getOperation(), inputs, nullptr, &*loaded);
  }
};

} // namespace
