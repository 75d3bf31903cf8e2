//===- SwitchedProgram.cpp - Formats that are switched on -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SwitchedProgram.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include <cstring>

using namespace mlir;
using namespace mlir::lowbit;

/// Observes the f32 results of `function`, so that the host sees them. Returns
/// the observations.
static SmallVector<ObserveOp> observeResults(func::FuncOp function) {
  SmallVector<ObserveOp> results;
  Operation *terminator = function.front().getTerminator();
  OpBuilder builder(terminator);
  for (OpOperand &operand : terminator->getOpOperands()) {
    if (!isF32Tensor(operand.get().getType()))
      continue;
    results.push_back(ObserveOp::create(builder, operand.get().getLoc(),
                                        operand.get(), "", Role::Activation,
                                        StatsAttr(), TypeAttr(), StringAttr(),
                                        ChannelsAttr(), /*balanced=*/false,
                                        /*seed=*/IntegerAttr()));
    operand.set(results.back().getResult());
  }
  return results;
}

/// Makes `op`, the observation of a constant, an argument of its function.
static FailureOr<std::vector<char>> moveToArgument(ObserveOp op,
                                                   func::FuncOp function) {
  auto elements = readConstant<float>(op.getInput());
  if (!elements)
    return op.emitError() << "the constant '" << op.getName()
                          << "' cannot be read: its data is missing";
  std::vector<char> bytes(elements->size() * sizeof(float));
  std::memcpy(bytes.data(), elements->data(), bytes.size());
  unsigned number = function.getNumArguments();
  if (failed(function.insertArgument(number, op.getType(), {}, op.getLoc())))
    return failure();
  op.replaceAllUsesWith(function.getArgument(number));
  op.erase();
  return bytes;
}

FailureOr<SwitchedProgram> SwitchedProgram::compile(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
  auto function = *copy->getOps<func::FuncOp>().begin();
  SmallVector<ObserveOp> results = observeResults(function);

  SmallVector<ObserveOp> observations;
  function.walk([&](ObserveOp op) { observations.push_back(op); });
  std::vector<Value> values;
  std::vector<Weights> weights;
  SmallVector<int64_t> resultSizes;
  for (ObserveOp op : observations) {
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<int64_t> shape(type.getShape());
    std::string name = op.getName().str();
    bool isResult = llvm::is_contained(results, op);
    if (!isConstant(op.getInput())) {
      values.push_back({name, shape, isResult});
      if (isResult)
        resultSizes.push_back(shape.empty() ? 0 : shape.front());
      continue;
    }
    if (isResult) { // It has no error.
      op.replaceAllUsesWith(op.getInput());
      op.erase();
      continue;
    }
    FailureOr<std::vector<char>> elements = moveToArgument(op, function);
    if (failed(elements))
      return failure();
    weights.push_back({name, shape, std::move(*elements)});
  }
  FailureOr<FloatProgram> program =
      FloatProgram::compile(function, FloatProgram::Probes::Change);
  if (failed(program))
    return failure();
  SwitchedProgram switched(std::move(*program));
  switched.values = std::move(values);
  switched.weights = std::move(weights);
  switched.resultSizes = std::move(resultSizes);
  return switched;
}

FailureOr<std::vector<std::vector<float>>>
SwitchedProgram::run(ArrayRef<std::vector<char>> batch,
                     const FormatMap &formats) {
  // Copies: what is observed of an argument is rounded in its place.
  std::vector<std::vector<char>> arguments(batch.begin(), batch.end());
  for (Weights &weight : weights) {
    auto format = formats.find(weight.name);
    if (format == formats.end()) {
      arguments.push_back(std::move(weight.elements));
      continue;
    }
    arguments.push_back(weight.elements);
    std::vector<char> &bytes = arguments.back();
    roundToCodes(
        {reinterpret_cast<float *>(bytes.data()), bytes.size() / sizeof(float)},
        format->second, weight.shape);
  }
  std::vector<std::vector<float>> results;
  auto probe = [&](int64_t number, MutableArrayRef<float> elements) {
    const Value &value = values[number];
    if (value.isResult)
      results.emplace_back(elements.begin(), elements.end());
    else if (auto format = formats.find(value.name); format != formats.end())
      roundToCodes(elements, format->second, value.shape);
  };
  LogicalResult status = program.run(arguments, probe);
  for (auto [i, weight] : llvm::enumerate(weights))
    if (!formats.contains(weight.name))
      weight.elements = std::move(arguments[batch.size() + i]);
  if (failed(status))
    return failure();
  return results;
}
