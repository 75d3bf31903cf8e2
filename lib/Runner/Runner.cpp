//===- Runner.cpp - Runs a compiled model on arrays -----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Everything that can be wrong with the files is found before the model runs,
// and everything is computed before anything is written.

#include "lowbit/Runner/Runner.h"

#include "Comparison.h"
#include "Description.h"
#include "LayerComparison.h"
#include "Session.h"

#include "lowbit/Support/FileRoles.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mlir::lowbit;

namespace {

/// One run; its parts in the order in which they happen.
class Run {
public:
  Run(const lowbit_model &model, const RunOptions &options, raw_ostream &os)
      : model(model), options(options), os(os), session(model) {}

  Expected<bool> perform();

private:
  Error readInputs();
  Error readExpected();
  Error readLabels();
  Error checkOutputFiles();
  Expected<NpyArray> readInput(const lowbit_tensor &tensor, StringRef file);
  Error writeOutputs();
  void reportComparison(const lowbit_tensor &tensor,
                        const Comparison &comparison, ArrayRef<int64_t> shape);
  Error compareLayers();
  void reportCorrect(int64_t correct);
  void reportLatency(const Latency &latency);

  bool wantsOutputs() const {
    return !options.outputs.empty() || !options.expected.empty() ||
           !options.labels.empty() || options.reference;
  }

  const lowbit_model &model;
  const RunOptions &options;
  raw_ostream &os;
  Session session;
  int64_t samples = 0;
  std::vector<NpyArray> inputs, outputs;
  std::vector<std::string> outputFiles;
  FileRoles files;
  std::vector<std::optional<NpyArray>> expected;
  std::optional<NpyArray> labels;
  bool isEqual = true;
  json::Object summary;
  json::Array comparisons;
};

} // namespace

Expected<NpyArray> Run::readInput(const lowbit_tensor &tensor, StringRef file) {
  Expected<NpyArray> array = readNpy(file);
  if (!array)
    return array;
  if (Expected<int64_t> count =
          checkShape(*array, tensor, getBatchSize(model), file);
      !count)
    return count.takeError();
  else if (samples == 0)
    samples = *count;
  else if (*count != samples)
    return makeRunError("'" + file + "' holds " + Twine(*count) +
                        " samples, but the inputs before it hold " +
                        Twine(samples));
  NpyType type = getNpyType(tensor);
  bool converts = (options.scale || options.offset) && type == NpyType::F32;
  if (array->getType() != type && !converts)
    return makeRunError(
        "'" + file + "' holds " + stringifyNpyType(array->getType()) +
        ", but '" + tensor.name + "' takes " + stringifyNpyType(type) +
        (type == NpyType::F32 ? "; --scale and --offset convert" : ""));
  return array;
}

Error Run::readInputs() {
  Expected<std::vector<std::string>> assigned =
      assignFiles(options.inputs, getInputs(model), "input");
  if (!assigned)
    return assigned.takeError();
  // Time does not depend on data: a benchmark needs no files.
  if (options.inputs.empty() && !wantsOutputs() && model.input_count > 0)
    return Error::success();
  for (auto [tensor, file] : zip(getInputs(model), *assigned)) {
    if (file.empty())
      return makeRunError("input '" + Twine(tensor.name) +
                          "' is missing; give it as --input=" + tensor.name +
                          ":FILE.npy");
    files.addRead(file, "--input");
    Expected<NpyArray> array = readInput(tensor, file);
    if (!array)
      return array.takeError();
    inputs.push_back(std::move(*array));
  }
  if (samples == 0)
    samples = std::max<int64_t>(getBatchSize(model), 1);
  return Error::success();
}

Error Run::readExpected() {
  expected.resize(model.output_count);
  Expected<std::vector<std::string>> assigned =
      assignFiles(options.expected, getOutputs(model), "output");
  if (!assigned)
    return assigned.takeError();
  for (auto [tensor, file, array] :
       zip(getOutputs(model), *assigned, expected)) {
    if (file.empty())
      continue;
    files.addRead(file, "--expect");
    Expected<NpyArray> read = readNpy(file);
    if (!read)
      return read.takeError();
    if (read->getType() != getNpyType(tensor))
      return makeRunError("'" + file + "' holds " +
                          stringifyNpyType(read->getType()) + ", but '" +
                          tensor.name + "' gives " +
                          stringifyNpyType(getNpyType(tensor)));
    Expected<int64_t> count =
        checkShape(*read, tensor, getBatchSize(model), file);
    if (!count)
      return count.takeError();
    if (*count != samples)
      return makeRunError("'" + file + "' holds " + Twine(*count) +
                          " samples, but the inputs hold " + Twine(samples));
    array = std::move(*read);
  }
  return Error::success();
}

Error Run::readLabels() {
  if (options.labels.empty())
    return Error::success();
  if (model.output_count == 0)
    return makeRunError("the model has no output to compare with labels");
  Expected<NpyArray> read = readNpy(options.labels);
  if (!read)
    return read.takeError();
  labels = std::move(*read);
  files.addRead(options.labels, "--labels");
  return Error::success();
}

Error Run::checkOutputFiles() {
  files.addRead(options.source, "the model");
  for (StringRef file : outputFiles)
    if (Error error = files.addWritten(file, "--output"))
      return error;
  return Error::success();
}

Error Run::writeOutputs() {
  for (auto [array, file] : zip(outputs, outputFiles))
    if (!file.empty())
      if (Error error = writeNpy(file, array))
        return error;
  return Error::success();
}

/// Element `index` in C order as "[i, j]".
static std::string formatIndex(int64_t index, ArrayRef<int64_t> shape) {
  SmallVector<int64_t> parts;
  for (int64_t dim : reverse(shape)) {
    parts.push_back(index % dim);
    index /= dim;
  }
  std::string text;
  raw_string_ostream stream(text);
  interleaveComma(reverse(parts), stream << "[");
  stream << "]";
  return text;
}

void Run::reportComparison(const lowbit_tensor &tensor,
                           const Comparison &comparison,
                           ArrayRef<int64_t> shape) {
  isEqual &= comparison.numDiffering == 0;
  json::Object object{{"output", json::fixUTF8(tensor.name)},
                      {"elements", comparison.numElements},
                      {"differing", comparison.numDiffering},
                      {"max_abs_error", comparison.maxAbsError}};
  if (options.json) {
    if (comparison.numDiffering > 0)
      object["first"] = formatIndex(comparison.first, shape);
    comparisons.push_back(std::move(object));
    return;
  }
  if (comparison.numDiffering == 0)
    os << formatv("expect '{0}': all {1} elements agree, max abs error {2}\n",
                  tensor.name, comparison.numElements,
                  json::Value(comparison.maxAbsError));
  else
    os << formatv("expect '{0}': {1} of {2} elements differ, first at {3}: "
                  "expected {4}, got {5}; max abs error {6}\n",
                  tensor.name, comparison.numDiffering, comparison.numElements,
                  formatIndex(comparison.first, shape),
                  json::Value(comparison.firstExpected),
                  json::Value(comparison.firstGot),
                  json::Value(comparison.maxAbsError));
}

Error Run::compareLayers() {
  int64_t count = options.compareSamples > 0
                      ? std::min(options.compareSamples, samples)
                      : samples;
  Expected<std::vector<LayerError>> layers =
      mlir::lowbit::compareLayers(session, model, inputs, count, options);
  if (!layers)
    return layers.takeError();
  if (options.json)
    summary["layers"] = describeAsJson(*layers);
  else
    printLayerErrors(*layers, os);
  return Error::success();
}

void Run::reportCorrect(int64_t correct) {
  int64_t total = outputs[0].getShape().empty() ? 1 : samples;
  double share = static_cast<double>(correct) / static_cast<double>(total);
  if (options.json)
    summary["accuracy"] =
        json::Object{{"top1", share}, {"correct", correct}, {"total", total}};
  else
    os << formatv("accuracy: {0:f2} % ({1} of {2})\n", 100 * share, correct,
                  total);
}

void Run::reportLatency(const Latency &latency) {
  int64_t batch = std::max<int64_t>(getBatchSize(model), 1);
  if (options.json)
    summary["latency"] =
        json::Object{{"best_us", latency.bestMicroseconds},
                     {"median_us", latency.medianMicroseconds},
                     {"batch", batch},
                     {"runs", static_cast<int64_t>(latency.runs)}};
  else
    os << formatv(
        "latency: best {0:f1} us, median {1:f1} us (batch {2}, {3} runs)\n",
        latency.bestMicroseconds, latency.medianMicroseconds, batch,
        latency.runs);
}

/// Makes the model run the variant that was asked for.
static Error selectVariant(const lowbit_model &model, StringRef name) {
  const lowbit_variants *variants = getVariants(model);
  if (!variants)
    return makeRunError("'" + Twine(model.name) +
                        "' has code for one processor only: compile it with "
                        "--multiversion");
  for (uint32_t i = 0; i < variants->count; ++i)
    if (name == variants->names[i])
      return variants->select(i) == LOWBIT_OK
                 ? Error::success()
                 : makeRunError("this processor lacks instructions of the "
                                "variant '" +
                                name + "'");
  return makeRunError("'" + Twine(model.name) + "' has no variant '" + name +
                      "'; it has " + listVariants(*variants));
}

Expected<bool> Run::perform() {
  if (options.inputs.empty() && !wantsOutputs() && !options.info &&
      options.benchSeconds == 0 && model.input_count > 0)
    return makeRunError("nothing to do: give --input, --info or --bench");
  Expected<std::vector<std::string>> assigned =
      assignFiles(options.outputs, getOutputs(model), "output");
  if (!assigned)
    return assigned.takeError();
  outputFiles = std::move(*assigned);
  if (Error error = readInputs())
    return std::move(error);
  if (Error error = readExpected())
    return std::move(error);
  if (Error error = readLabels())
    return std::move(error);
  if (Error error = checkOutputFiles())
    return std::move(error);

  if (!options.variant.empty())
    if (Error error = selectVariant(model, options.variant))
      return std::move(error);
  if (options.info && !options.json)
    printDescription(model, os);
  if (options.info)
    summary["model"] = describeAsJson(model);
  if (samples > 0) {
    Expected<std::vector<NpyArray>> results =
        session.run(inputs, samples, options);
    if (!results)
      return results.takeError();
    outputs = std::move(*results);
    summary["samples"] = samples;
  }
  if (labels) {
    Expected<int64_t> correct =
        countCorrect(outputs[0], *labels, options.labels);
    if (!correct)
      return correct.takeError();
    reportCorrect(*correct);
  }
  if (Error error = writeOutputs())
    return std::move(error);

  for (auto [i, array] : enumerate(expected))
    if (array)
      reportComparison(getOutputs(model)[i],
                       compareArrays(outputs[i], *array, options.tolerance),
                       outputs[i].getShape());
  if (options.reference)
    if (Error error = compareLayers())
      return std::move(error);
  if (!comparisons.empty())
    summary["expect"] = std::move(comparisons);
  if (options.benchSeconds > 0) {
    Expected<Latency> latency = session.measure(options.benchSeconds);
    if (!latency)
      return latency.takeError();
    reportLatency(*latency);
  }
  if (options.json)
    os << formatv("{0:2}\n", json::Value(std::move(summary)));
  return isEqual;
}

Expected<bool> mlir::lowbit::runModel(const lowbit_model &model,
                                      const RunOptions &options,
                                      raw_ostream &os) {
  return Run(model, options, os).perform();
}
