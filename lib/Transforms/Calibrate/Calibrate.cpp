//===- Calibrate.cpp - runs the float program on samples ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FloatProgram.h"
#include "RangeMeasurement.h"
#include "RunningStatistics.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Pipelines/Pipelines.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Support/Npy.h"
#include "lowbit/Transforms/Calibration.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

void lowbit::registerCalibrationDialects(DialectRegistry &registry) {
  OpPassManager passes(ModuleOp::getOperationName());
  buildFloatPipeline(passes);
  passes.getDependentDialects(registry);
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

namespace {

/// The samples of one argument.
struct Samples {
  std::string name;
  std::string path;
  NpyArray array;
  /// What the argument takes.
  NpyType type;
  double scale, offset;

  /// The number of bytes of one sample as the argument takes it.
  int64_t getSize() const {
    return getNpyTypeSize(type) *
           llvm::product_of(array.getShape().drop_front(), int64_t(1));
  }
  /// Puts sample `number` there; false if it holds NaN or infinity.
  bool read(int64_t number, MutableArrayRef<char> bytes) const;
};

/// Everything that one run needs and finds out.
struct Calibration {
  func::FuncOp function;
  SmallVector<ObserveOp> observations;
  SmallVector<Samples> inputs;
  /// The size of a batch, which is that of each argument's first dimension.
  int64_t batchSize = 0;
  int64_t numSamples = 0;
  SmallVector<RunningStatistics> statistics;

  LogicalResult findFunction(ModuleOp module);
  LogicalResult checkArguments();
  LogicalResult openData(const CalibrationData &data);
  LogicalResult readConstants();
  LogicalResult readBatch(int64_t first,
                          MutableArrayRef<std::vector<char>> batch);
  bool addBatch(int64_t observation, ArrayRef<float> elements, int64_t valid);
  LogicalResult run(CalibrationProgress progress);
  LogicalResult measureRanges(const Recipe &recipe);
};

} // namespace

bool Samples::read(int64_t number, MutableArrayRef<char> bytes) const {
  int64_t count = bytes.size() / getNpyTypeSize(type);
  if (type != NpyType::F32) {
    llvm::copy(array.bytes().slice(number * bytes.size(), bytes.size()),
               bytes.begin());
    return true;
  }
  MutableArrayRef floats(reinterpret_cast<float *>(bytes.data()), count);
  convertToF32(array, number * count, floats, scale, offset);
  return llvm::all_of(floats, [](float x) { return std::isfinite(x); });
}

/// The type of samples for an argument with elements of `type`.
static std::optional<NpyType> getSampleType(Type type) {
  if (type.isF32())
    return NpyType::F32;
  if (type.isSignlessInteger(1))
    return NpyType::Bool;
  if (type.isSignlessInteger(32))
    return NpyType::I32;
  if (type.isSignlessInteger(64))
    return NpyType::I64;
  return std::nullopt;
}

/// The name of argument `number`.
static std::string getArgumentName(func::FuncOp function, unsigned number) {
  auto name = function.getArgAttrOfType<StringAttr>(number, "lowbit.name");
  return name ? name.str() : "arg" + std::to_string(number);
}

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
  return success();
}

LogicalResult Calibration::checkArguments() {
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !getSampleType(tensor.getElementType()) ||
        !tensor.hasStaticShape() || tensor.getRank() == 0 ||
        tensor.getNumElements() == 0)
      return function.emitError()
             << "calibration expects inputs of static shape with a batch "
                "dimension and f32, i1, i32 or i64 elements, but input '"
             << getArgumentName(function, i) << "' has type " << type;
    if (i > 0 && tensor.getDimSize(0) != batchSize)
      return function.emitError()
             << "calibration expects the same first dimension of all inputs, "
                "but input '"
             << getArgumentName(function, 0) << "' has " << batchSize
             << " and input '" << getArgumentName(function, i) << "' has "
             << tensor.getDimSize(0);
    batchSize = tensor.getDimSize(0);
  }
  return success();
}

LogicalResult Calibration::openData(const CalibrationData &data) {
  Location loc = function.getLoc();
  unsigned numArguments = function.getNumArguments();
  SmallVector<const CalibrationInput *> given(numArguments, nullptr);
  for (const CalibrationInput &input : data.inputs) {
    unsigned number = 0;
    if (!input.name.empty() || numArguments != 1)
      while (number < numArguments &&
             getArgumentName(function, number) != input.name)
        ++number;
    if (number == numArguments) {
      InFlightDiagnostic diagnostic = emitError(loc);
      if (input.name.empty())
        diagnostic << "calibration data '" << input.path
                   << "' names no input; write <input>=" << input.path;
      else
        diagnostic << "calibration data names '" << input.name
                   << "', which is not an input";
      diagnostic << "; the inputs are ";
      llvm::interleaveComma(
          llvm::seq(numArguments), diagnostic, [&](unsigned i) {
            diagnostic << "'" << getArgumentName(function, i) << "'";
          });
      return diagnostic;
    }
    if (given[number])
      return emitError(loc)
             << "calibration data for input '"
             << getArgumentName(function, number) << "' is given twice";
    given[number] = &input;
  }

  for (auto [i, input] : llvm::enumerate(given)) {
    std::string name = getArgumentName(function, i);
    if (!input)
      return emitError(loc)
             << "there is no calibration data for input '" << name << "'";
    llvm::Expected<NpyArray> array = readNpy(input->path);
    if (!array)
      return emitError(loc)
             << "calibration data: " << llvm::toString(array.takeError());
    auto type = cast<RankedTensorType>(function.getArgumentTypes()[i]);
    ArrayRef<int64_t> shape = array->getShape();
    if (shape.empty() || shape.drop_front() != type.getShape().drop_front())
      return emitError(loc)
             << "calibration data '" << input->path << "' has shape "
             << formatShape(shape) << ", but input '" << name
             << "' expects any number of samples of shape "
             << formatShape(type.getShape().drop_front());
    if (shape[0] == 0)
      return emitError(loc)
             << "calibration data '" << input->path << "' holds no samples";
    if (i > 0 && shape[0] != numSamples)
      return emitError(loc)
             << "calibration data '" << input->path << "' holds " << shape[0]
             << " samples, but '" << inputs[0].path << "' holds " << numSamples;
    NpyType wanted = *getSampleType(type.getElementType());
    bool isScaled = wanted == NpyType::F32 && (input->scale || input->offset);
    if (array->getType() != wanted && !isScaled) {
      InFlightDiagnostic diagnostic =
          emitError(loc) << "calibration data '" << input->path << "' holds "
                         << stringifyNpyType(array->getType())
                         << ", but input '" << name << "' takes "
                         << stringifyNpyType(wanted);
      if (wanted == NpyType::F32)
        diagnostic << "; a scale and an offset convert";
      return diagnostic;
    }
    numSamples = shape[0];
    inputs.push_back({name, input->path, std::move(*array), wanted,
                      input->scale.value_or(1.0), input->offset.value_or(0.0)});
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

LogicalResult Calibration::readBatch(int64_t first,
                                     MutableArrayRef<std::vector<char>> batch) {
  for (auto [input, values] : llvm::zip_equal(inputs, batch)) {
    int64_t size = input.getSize();
    values.resize(batchSize * size);
    for (int64_t i = 0; i < batchSize; ++i) {
      int64_t sample = std::min(first + i, numSamples - 1);
      if (!input.read(sample, MutableArrayRef(values).slice(i * size, size)))
        return emitError(function.getLoc())
               << "calibration data '" << input.path
               << "' holds NaN or infinity in sample " << sample;
    }
  }
  return success();
}

/// Adds the elements of a batch with `valid` samples. Where the first dimension
/// is one of samples, that is, a multiple of the batch's size, each is added by
/// itself, and those that only fill up are left out. A value that mixes samples
/// is added as a whole: what fills up repeats, so it moves no extreme.
bool Calibration::addBatch(int64_t observation, ArrayRef<float> elements,
                           int64_t valid) {
  auto type = cast<RankedTensorType>(observations[observation].getType());
  RunningStatistics &stats = statistics[observation];
  if (type.getRank() == 0 || type.getDimSize(0) % batchSize != 0)
    return stats.addSample(elements);
  int64_t size = elements.size() / batchSize;
  for (int64_t i = 0; i < valid; ++i)
    if (!stats.addSample(elements.slice(i * size, size)))
      return false;
  return true;
}

LogicalResult Calibration::run(CalibrationProgress progress) {
  FailureOr<FloatProgram> program = FloatProgram::compile(function);
  if (failed(program))
    return failure();
  SmallVector<std::vector<char>> batch(inputs.size());
  for (int64_t first = 0; first < numSamples; first += batchSize) {
    if (failed(readBatch(first, batch)))
      return failure();
    int64_t valid = std::min(batchSize, numSamples - first);
    std::optional<int64_t> bad; // The first one that is not finite.
    auto probe = [&](int64_t observation, ArrayRef<float> elements) {
      if (!bad && !addBatch(observation, elements, valid))
        bad = observation;
    };
    if (failed(program->run(batch, probe)))
      return failure();
    if (bad)
      return observations[*bad].emitError()
             << "the value '" << observations[*bad].getName()
             << "' is NaN or infinite in the float program, for samples "
             << first << " to " << first + valid - 1;
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
  int64_t numBatches = llvm::divideCeil(numSamples, batchSize);
  int64_t count = std::min(numBatches, mostBatches);
  SmallVector<std::vector<char>> batch(inputs.size());
  for (int64_t i = 0; i < count; ++i)
    if (failed(readBatch(i * numBatches / count * batchSize, batch)) ||
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
      failed(calibration.checkArguments()) ||
      failed(calibration.openData(data)) ||
      failed(calibration.readConstants()) || failed(calibration.run(progress)))
    return failure();
  for (auto [op, stats] :
       llvm::zip_equal(calibration.observations, calibration.statistics))
    if (stats.isEmpty())
      return op.emitError()
             << "the value '" << op.getName() << "' has no elements";
  for (auto [op, stats] :
       llvm::zip_equal(calibration.observations, calibration.statistics))
    op.setStatsAttr(stats.get(module.getContext()));
  return recipe ? calibration.measureRanges(*recipe) : success();
}
