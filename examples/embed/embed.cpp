//===- embed.cpp - A network that is built, quantized and run in memory ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a compiler with a frontend of its own does: it has a network in TOSA, and
// knows the range of each value, so that nothing needs to be calibrated. The
// program checks the result and, given a path, writes the object there.
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/Compiler.h"
#include "lowbit/InitAll.h"
#include "lowbit/Pipelines/Pipelines.h"
#include "lowbit/Target/Artefact.h"
#include "lowbit/Target/LoadedModel.h"
#include "lowbit/Transforms/Calibration.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace mlir;

/// relu(x * weights), as a convolution with 1x1 kernels: 4 inputs, 2 outputs.
static constexpr float weights[2][4] = {{0.5, -0.25, 1, 0}, {-1, 0.75, 0, 0.5}};

static OwningOpRef<ModuleOp> buildNetwork(MLIRContext &context) {
  OpBuilder builder(&context);
  Location loc = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  builder.setInsertionPointToEnd(module->getBody());
  Type f32 = builder.getF32Type();
  auto inputType = RankedTensorType::get({1, 1, 1, 4}, f32);
  auto weightType = RankedTensorType::get({2, 1, 1, 4}, f32);
  auto outputType = RankedTensorType::get({1, 1, 1, 2}, f32);
  auto biasType = RankedTensorType::get({2}, f32);

  auto function = func::FuncOp::create(
      builder, loc, "main", builder.getFunctionType(inputType, outputType));
  builder.setInsertionPointToEnd(function.addEntryBlock());
  Value kernel = tosa::ConstOp::create(
      builder, loc, weightType,
      DenseElementsAttr::get(weightType, ArrayRef(&weights[0][0], 8)));
  Value bias = tosa::ConstOp::create(builder, loc, biasType,
                                     DenseElementsAttr::get(biasType, 0.0f));
  // Locations that are names are the names of values.
  Location layer = NameLoc::get(builder.getStringAttr("dense"));
  Value sum = tosa::Conv2DOp::create(
      builder, layer, outputType, function.getArgument(0), kernel, bias,
      /*pad=*/builder.getDenseI64ArrayAttr({0, 0, 0, 0}),
      /*stride=*/builder.getDenseI64ArrayAttr({1, 1}),
      /*dilation=*/builder.getDenseI64ArrayAttr({1, 1}), TypeAttr::get(f32));
  Value relu = tosa::ClampOp::create(
      builder, layer, outputType, sum, builder.getF32FloatAttr(0),
      builder.getF32FloatAttr(std::numeric_limits<float>::max()),
      tosa::NanPropagationModeAttr::get(&context,
                                        tosa::NanPropagationMode::PROPAGATE));
  func::ReturnOp::create(builder, loc, relu);
  return module;
}

/// Marks the values, says what their ranges are, and makes codes of them.
static LogicalResult quantize(ModuleOp module) {
  PassManager marks(module.getContext());
  marks.addPass(lowbit::createObservePass());
  if (failed(marks.run(module)) ||
      failed(lowbit::setRange(module, "arg0", -1, 1)) ||
      failed(lowbit::setRange(module, "dense", 0, 2.25)))
    return failure();

  PassManager pm(module.getContext());
  lowbit::QuantizePipelineOptions options;
  options.recipe = "int8";
  options.requireInteger = true;
  lowbit::buildQuantizePipeline(pm, options);
  pm.addPass(lowbit::createDescribeInterfacePass());
  return pm.run(module);
}

int main(int argc, char **argv) {
  DialectRegistry registry;
  lowbit::registerAllDialects(registry);
  MLIRContext context(registry);
  context.loadDialect<func::FuncDialect, tosa::TosaDialect>();
  OwningOpRef<ModuleOp> module = buildNetwork(context);
  if (failed(quantize(*module)))
    return 1;

  // From the integer graph on, the compiler knows the way.
  lowbit::setStage(*module, lowbit::Stage::Integer);
  lowbit::CompileOptions options;
  options.recipe = "int8";
  options.symbolPrefix = "network";
  lowbit::Compiler compiler(context, options);
  FailureOr<lowbit::ObjectFile> object = compiler.compile(*module);
  if (failed(object))
    return 1;
  if (argc > 1)
    if (llvm::Error error = lowbit::writeObject(*object, argv[1]))
      llvm::report_fatal_error(std::move(error));

  llvm::Expected<lowbit::LoadedModel> model =
      lowbit::LoadedModel::loadInMemory(*object, "network");
  if (!model)
    llvm::report_fatal_error(model.takeError());
  alignas(64) float x[4] = {1, 0.5, 0.25, -1}, y[2];
  const void *inputs[] = {x};
  void *outputs[] = {y};
  std::vector<char> workspace(model->get().workspace_size + 64);
  size_t space = workspace.size();
  void *aligned = workspace.data();
  std::align(64, space - 64, aligned, space);
  if (model->get().run(inputs, outputs, aligned) != 0)
    return 1;

  bool isRight = true;
  for (int i = 0; i < 2; ++i) {
    float sum = 0;
    for (int k = 0; k < 4; ++k)
      sum += weights[i][k] * x[k];
    float expected = std::max(0.0f, sum);
    std::printf("output %d: %.3f, in float %.3f\n", i, y[i], expected);
    isRight &= std::abs(y[i] - expected) <= 0.02f;
  }
  return isRight ? 0 : 1;
}
