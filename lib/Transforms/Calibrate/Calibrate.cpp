//===- Calibrate.cpp - runs the float program on samples ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelStatistics.h"
#include "RangeMeasurement.h"
#include "RunningStatistics.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Pipelines/Pipelines.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Calibration.h"
#include "lowbit/Transforms/CalibrationSamples.h"
#include "lowbit/Transforms/FloatProgram.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

void lowbit::registerCalibrationDialects(DialectRegistry &registry) {
  OpPassManager passes(ModuleOp::getOperationName());
  FloatProgram::buildPipeline(passes);
  passes.getDependentDialects(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

void lowbit::loadCalibrationDialects(MLIRContext &context) {
  DialectRegistry registry;
  registerCalibrationDialects(registry);
  context.appendDialectRegistry(registry);
  for (StringRef name : registry.getDialectNames())
    context.getOrLoadDialect(name);
}

static Value getProbedValue(ObserveOp op) {
  return FloatProgram::getProbedValue(op, FloatProgram::Probes::WatchLayers);
}

namespace {

/// Everything that one run needs and finds out.
struct Calibration {
  func::FuncOp function;
  SmallVector<ObserveOp> observations;
  CalibrationSamples samples;
  SmallVector<RunningStatistics> statistics;
  /// Of what layers read, at the observations of their weights.
  SmallVector<ChannelStatistics> channels;

  LogicalResult findFunction(ModuleOp module);
  LogicalResult readConstants();
  bool addBatch(int64_t observation, ArrayRef<float> elements, int64_t valid);
  LogicalResult run(CalibrationProgress progress);
  LogicalResult measureRanges(const Recipe &recipe);
};

} // namespace

LogicalResult Calibration::findFunction(ModuleOp module) {
  for (auto candidate : module.getOps<func::FuncOp>()) {
    if (candidate.isExternal())
      continue;
    if (function)
      return candidate.emitError()
             << "calibration expects one function, but found @"
             << function.getName() << " and @" << candidate.getName();
    function = candidate;
  }
  if (!function)
    return module.emitError() << "calibration expects a function";
  if (!function.getBody().hasOneBlock())
    return function.emitError() << "calibration expects a function of one "
                                   "block";
  function.walk([&](ObserveOp op) { observations.push_back(op); });
  if (observations.empty())
    return function.emitError() << "calibration found no lowbit.observe; use "
                                   "-lowbit-observe first";
  statistics.resize(observations.size());
  for (ObserveOp op : observations) {
    Value probed = getProbedValue(op);
    channels.emplace_back(
        probed && getLayerOfWeights(op)
            ? cast<ShapedType>(probed.getType()).getShape().back()
            : 0);
  }
  return success();
}

LogicalResult Calibration::readConstants() {
  for (auto [op, stats] : llvm::zip_equal(observations, statistics)) {
    if (!isConstant(op.getInput()))
      continue;
    auto elements = readConstant<float>(op.getInput());
    if (!elements)
      return op.emitError() << "the constant '" << op.getName()
                            << "' cannot be read: its data is missing";
    if (!stats.addSample(*elements))
      return op.emitError()
             << "the constant '" << op.getName() << "' holds NaN or infinity";
  }
  return success();
}

/// Adds the elements of a batch with `valid` samples. Where the first dimension
/// is one of samples, that is, a multiple of the batch's size, each is added by
/// itself, and those that only fill up are left out. A value that mixes samples
/// is added as a whole: what fills up repeats, so it moves no extreme.
bool Calibration::addBatch(int64_t observation, ArrayRef<float> elements,
                           int64_t valid) {
  ObserveOp op = observations[observation];
  auto add = [&](ArrayRef<float> sample) {
    return getLayerOfWeights(op) ? channels[observation].addSample(sample)
                                 : statistics[observation].addSample(sample);
  };
  auto type = cast<RankedTensorType>(getProbedValue(op).getType());
  int64_t batchSize = samples.getBatchSize();
  if (type.getRank() == 0 || type.getDimSize(0) % batchSize != 0)
    return add(elements);
  int64_t size = elements.size() / batchSize;
  for (int64_t i = 0; i < valid; ++i)
    if (!add(elements.slice(i * size, size)))
      return false;
  return true;
}

LogicalResult Calibration::run(CalibrationProgress progress) {
  FailureOr<FloatProgram> program =
      FloatProgram::compile(function, FloatProgram::Probes::WatchLayers);
  if (failed(program))
    return failure();
  std::vector<std::vector<char>> batch;
  int64_t numSamples = samples.size();
  for (int64_t first = 0; first < numSamples; first += samples.getBatchSize()) {
    if (failed(samples.read(first, batch)))
      return failure();
    int64_t valid = std::min(samples.getBatchSize(), numSamples - first);
    std::optional<int64_t> bad; // The first one that is not finite.
    auto probe = [&](int64_t observation, ArrayRef<float> elements) {
      if (!bad && !addBatch(observation, elements, valid))
        bad = observation;
    };
    if (failed(program->run(batch, probe)))
      return failure();
    if (bad) {
      InFlightDiagnostic diagnostic =
          observations[*bad].emitError()
          << "the value '" << observations[*bad].getName()
          << "' is NaN or infinite in the float program, for sample";
      if (valid == 1)
        return diagnostic << " " << first;
      return diagnostic << "s " << first << " to " << first + valid - 1;
    }
    if (progress)
      progress(first + valid, numSamples);
  }
  return success();
}

/// Measures open ranges on a few batches, evenly over all samples.
LogicalResult Calibration::measureRanges(const Recipe &recipe) {
  RangeMeasurement measurement(observations, recipe);
  if (measurement.isEmpty())
    return success();
  FailureOr<FloatProgram> program =
      FloatProgram::compile(function, FloatProgram::Probes::Change);
  if (failed(program))
    return failure();
  constexpr int64_t mostBatches = 8;
  int64_t batchSize = samples.getBatchSize();
  int64_t numBatches = llvm::divideCeil(samples.size(), batchSize);
  int64_t count = std::min(numBatches, mostBatches);
  std::vector<std::vector<char>> batch;
  for (int64_t i = 0; i < count; ++i)
    if (failed(samples.read(i * numBatches / count * batchSize, batch)) ||
        failed(measurement.add(*program, batch)))
      return failure();
  measurement.record();
  return success();
}

LogicalResult lowbit::calibrate(ModuleOp module, const CalibrationData &data,
                                CalibrationProgress progress,
                                const Recipe *recipe) {
  Calibration calibration;
  if (failed(calibration.findFunction(module)) ||
      failed(calibration.samples.open(calibration.function, data)) ||
      failed(calibration.readConstants()) || failed(calibration.run(progress)))
    return failure();
  for (auto [op, stats] :
       llvm::zip_equal(calibration.observations, calibration.statistics))
    if (stats.isEmpty())
      return op.emitError()
             << "the value '" << op.getName() << "' has no elements";
  MLIRContext *context = module.getContext();
  for (auto [op, stats, channels] :
       llvm::zip_equal(calibration.observations, calibration.statistics,
                       calibration.channels)) {
    op.setStatsAttr(stats.get(context));
    if (channels.isEmpty())
      op.removeChannelsAttr();
    else
      op.setChannelsAttr(channels.get(context));
  }
  return recipe ? calibration.measureRanges(*recipe) : success();
}
