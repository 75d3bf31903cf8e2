//===- Sensitivity.cpp - Which layers cost accuracy -----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Errors of layers are small and almost independent, so that their powers add up
// at the outputs. A layer's own error, alone in the network, therefore says what
// is gained by treating it better, and all of them predict a mixture.

#include "lowbit/Transforms/Sensitivity.h"

#include "../Accuracy/RecipeLayers.h"
#include "SwitchedProgram.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Transforms/Assign.h"
#include "lowbit/Transforms/CalibrationSamples.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

double Sensitivity::getSqnr(double noise) const {
  if (noise == 0)
    return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / noise);
}

std::string lowbit::escapeGlob(StringRef name) {
  std::string glob;
  for (char c : name) {
    if (StringRef("*?[]{}\\").contains(c))
      glob += '\\';
    glob += c;
  }
  return glob;
}

namespace {

/// A layer on the way: what belongs to it, and the formats of each variant.
struct Layer {
  LayerSensitivity sensitivity;
  Role role = Role::Activation;
  /// What the recipe says.
  RecipeOptions base;
  /// The observations of its value, its weights and its other constants.
  SmallVector<std::string> members;
  int64_t numWeights = 0;
  std::string weights;
  std::vector<FormatMap> formats;
};

class Measurement {
public:
  Measurement(ModuleOp module, const Recipe &recipe)
      : scratch(module.clone()), recipe(recipe) {}

  LogicalResult findLayers();
  LogicalResult addVariants(const SensitivityOptions &options);
  LogicalResult run(SwitchedProgram &program, CalibrationSamples &samples,
                    bool onlyTogether, CalibrationProgress progress);
  Sensitivity take();

private:
  LogicalResult addVariant(Layer &layer, const RecipeOptions &options);
  FormatMap readFormats(ArrayRef<std::string> names);
  /// The quantizer of the value that `op` observes; nothing with a diagnostic if it
  /// encodes what layers read, rather than the value.
  FailureOr<ActivationQuantizer> findQuantizer(ObserveOp op,
                                               const RecipeLayers &layers);

  /// A copy of the module on which recipes are tried.
  OwningOpRef<ModuleOp> scratch;
  const Recipe &recipe;
  /// The observations by name.
  llvm::StringMap<ObserveOp> observations;
  /// How activations are encoded, by name.
  llvm::StringMap<ActivationQuantizer> quantizers;
  std::vector<Layer> layers;
  FormatMap all;
  Sensitivity result;
};

/// Sums the squares of the outputs, and of their differences, over the valid
/// samples of a batch.
class OutputError {
public:
  OutputError(ArrayRef<int64_t> sizes, int64_t batchSize, int64_t valid)
      : sizes(sizes), batchSize(batchSize), valid(valid) {}

  double sumSquares(ArrayRef<std::vector<float>> outputs) const {
    return sum(outputs, outputs, [](double x, double) { return x * x; });
  }
  double sumErrors(ArrayRef<std::vector<float>> outputs,
                   ArrayRef<std::vector<float>> expected) const {
    return sum(outputs, expected,
               [](double x, double y) { return (x - y) * (x - y); });
  }

private:
  template <typename Function>
  double sum(ArrayRef<std::vector<float>> left,
             ArrayRef<std::vector<float>> right, Function square) const {
    double total = 0;
    for (auto [x, y, size] : llvm::zip_equal(left, right, sizes)) {
      bool hasSamples = size > 0 && size % batchSize == 0;
      size_t count = hasSamples ? x.size() / batchSize * valid : x.size();
      for (size_t i = 0; i < count; ++i)
        total += square(x[i], y[i]);
    }
    return total;
  }

  ArrayRef<int64_t> sizes;
  int64_t batchSize, valid;
};

} // namespace

/// The layer that the observed constant of `op` belongs to, by the observation
/// of its result; null if there is none.
static ObserveOp getLayerOfConstant(ObserveOp op) {
  if (op->use_empty())
    return {};
  for (Operation *user :
       getQuantizationUnit(*op->user_begin()).getResult().getUsers())
    if (auto observe = dyn_cast<ObserveOp>(user))
      return observe;
  return {};
}

FailureOr<ActivationQuantizer>
Measurement::findQuantizer(ObserveOp op, const RecipeLayers &layers) {
  ActivationOptions options =
      recipe.getOptions(layers.describe(op)).activations;
  restrictToLayers(op, options);
  if (options.quantizer->isDynamic() ||
      options.quantizer->kind == ActivationQuantizer::Kind::ScaledSign)
    return op.emitError()
           << "errors are measured of values, but the quantizer '"
           << options.quantizer->text << "' of '" << op.getName()
           << "' encodes what each layer reads";
  return *options.quantizer;
}

FormatMap Measurement::readFormats(ArrayRef<std::string> names) {
  FormatMap formats;
  for (StringRef name : names) {
    ObserveOp op = observations.lookup(name);
    std::optional<Type> format = op.getFormat();
    if (!format)
      continue;
    CountedCodes counted;
    if (auto quantizer = quantizers.find(name);
        quantizer != quantizers.end() && op.getRole() == Role::Activation)
      counted = getCountedCodes(quantizer->second, *format);
    formats[name] = {*format, std::move(counted)};
  }
  return formats;
}

LogicalResult Measurement::findLayers() {
  RecipeLayers recipeLayers(*scratch);
  WalkResult known = scratch->walk([&](ObserveOp op) {
    if (isConstant(op.getInput()))
      return WalkResult::advance();
    FailureOr<ActivationQuantizer> quantizer = findQuantizer(op, recipeLayers);
    if (failed(quantizer))
      return WalkResult::interrupt();
    quantizers[op.getName()] = std::move(*quantizer);
    return WalkResult::advance();
  });
  if (known.wasInterrupted() || failed(assignFormats(*scratch, recipe)))
    return failure();
  llvm::StringMap<size_t> numbers;
  SmallVector<ObserveOp> constants;
  SmallVector<std::string> names;
  scratch->walk([&](ObserveOp op) {
    observations[op.getName()] = op;
    names.push_back(op.getName().str());
    if (isConstant(op.getInput())) {
      constants.push_back(op);
      return;
    }
    numbers[op.getName()] = layers.size();
    Layer &layer = layers.emplace_back();
    layer.sensitivity.name = op.getName().str();
    RecipeLayer described = recipeLayers.describe(op);
    layer.sensitivity.kind = described.op.str();
    layer.base = recipe.getOptions(described);
    layer.role = op.getRole();
    layer.members.push_back(op.getName().str());
  });
  for (ObserveOp op : constants) {
    ObserveOp owner = getLayerOfConstant(op);
    if (!owner)
      continue;
    Layer &layer = layers[numbers.lookup(owner.getName())];
    layer.members.push_back(op.getName().str());
    if (op.getRole() != Role::Weight)
      continue;
    layer.weights = op.getName().str();
    layer.numWeights = cast<ShapedType>(op.getType()).getNumElements();
  }
  all = readFormats(names);
  llvm::erase_if(layers, [&](const Layer &layer) {
    return llvm::none_of(layer.members, [&](const std::string &name) {
      return all.contains(name);
    });
  });
  if (layers.empty())
    return emitError(scratch->getLoc())
           << "recipe '" << recipe.name
           << "' quantizes nothing whose error could be measured";
  for (Layer &layer : layers)
    if (failed(addVariant(layer, RecipeOptions())))
      return failure();
  return success();
}

LogicalResult Measurement::addVariant(Layer &layer,
                                      const RecipeOptions &options) {
  Recipe variant = recipe;
  RecipeRule rule;
  rule.layer = escapeGlob(layer.sensitivity.name);
  rule.options = options;
  rule.location = "sensitivity";
  variant.rules.push_back(std::move(rule));
  if (failed(assignFormats(*scratch, variant)))
    return failure();
  FormatMap formats = readFormats(layer.members);
  int64_t bits = 32;
  if (auto found = formats.find(layer.weights); found != formats.end())
    bits = cast<Format>(found->second.format).getStorageWidth();
  int64_t bytes = (layer.numWeights * bits + 7) / 8;
  layer.sensitivity.variants.push_back({options, 0, bytes});
  layer.formats.push_back(std::move(formats));
  return success();
}

LogicalResult Measurement::addVariants(const SensitivityOptions &options) {
  for (Layer &layer : layers) {
    const RecipeOptions &base = layer.base;
    if (options.precise) {
      RecipeOptions heads, real;
      heads.heads = CodeStorage{true, 16};
      real.quantize = false;
      if (layer.role == Role::Head && base.heads->width < 16 &&
          failed(addVariant(layer, heads)))
        return failure();
      if (failed(addVariant(layer, real)))
        return failure();
    }
    if (!all.contains(layer.weights))
      continue;
    for (unsigned bits : options.weightBits) {
      RecipeOptions narrow;
      narrow.weights.storage = CodeStorage{true, bits};
      if (bits != base.weights.storage->width &&
          failed(addVariant(layer, narrow)))
        return failure();
    }
  }
  return success();
}

LogicalResult Measurement::run(SwitchedProgram &program,
                               CalibrationSamples &samples, bool onlyTogether,
                               CalibrationProgress progress) {
  std::vector<std::vector<char>> batch;
  int64_t batchSize = samples.getBatchSize();
  for (int64_t first = 0; first < samples.size(); first += batchSize) {
    if (failed(samples.read(first, batch)))
      return failure();
    int64_t valid = std::min(batchSize, samples.size() - first);
    OutputError error(program.getResultSizes(), batchSize, valid);
    auto expected = program.run(batch, {});
    if (failed(expected))
      return failure();
    result.signal += error.sumSquares(*expected);
    auto measure = [&](const FormatMap &formats, double &noise) {
      auto outputs = program.run(batch, formats);
      if (succeeded(outputs))
        noise += error.sumErrors(*outputs, *expected);
      return success(succeeded(outputs));
    };
    if (failed(measure(all, result.noiseOfAll)))
      return failure();
    for (Layer &layer : layers)
      for (auto [variant, formats] :
           llvm::zip_equal(layer.sensitivity.variants, layer.formats))
        if (!onlyTogether && failed(measure(formats, variant.noise)))
          return failure();
    if (progress)
      progress(first + valid, samples.size());
  }
  return success();
}

Sensitivity Measurement::take() {
  // Of equals, the first in the network comes first.
  auto order = llvm::to_vector(llvm::seq(layers.size()));
  llvm::sort(order, [&](size_t a, size_t b) {
    double left = layers[a].sensitivity.getNoise();
    double right = layers[b].sensitivity.getNoise();
    return left != right ? left > right : a < b;
  });
  for (size_t i : order)
    result.layers.push_back(std::move(layers[i].sensitivity));
  return std::move(result);
}

FailureOr<Sensitivity> lowbit::measureSensitivity(
    ModuleOp module, const Recipe &recipe, const CalibrationData &data,
    const SensitivityOptions &options, CalibrationProgress progress) {
  auto functions = module.getOps<func::FuncOp>();
  if (!llvm::hasSingleElement(functions) || (*functions.begin()).isExternal() ||
      !(*functions.begin()).getBody().hasOneBlock())
    return module.emitError()
           << "sensitivity expects one function of one block";
  Measurement measurement(module, recipe);
  CalibrationSamples samples;
  if (failed(measurement.findLayers()) ||
      failed(measurement.addVariants(options)) ||
      failed(samples.open(*functions.begin(), data)))
    return failure();
  FailureOr<SwitchedProgram> program = SwitchedProgram::compile(module);
  if (failed(program) ||
      failed(
          measurement.run(*program, samples, options.onlyTogether, progress)))
    return failure();
  return measurement.take();
}
