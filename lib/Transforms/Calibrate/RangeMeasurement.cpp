//===- RangeMeasurement.cpp - The best range, by what it causes -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RangeMeasurement.h"

#include "../Accuracy/RecipeLayers.h"
#include "../Assign/Formats.h"
#include "../Assign/RangeErrors.h"

#include "lowbit/Analysis/QuantizationUnit.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// The formats of all candidates for `op`; none if its range is not open.
static SmallVector<quant::UniformQuantizedType, 4>
getCandidates(ObserveOp op, const RecipeLayers &layers, const Recipe &recipe) {
  SmallVector<quant::UniformQuantizedType, 4> formats;
  RecipeOptions options = recipe.getOptions(layers.describe(op));
  if (isConstant(op.getInput()) || op.getRole() != Role::Activation ||
      options.activations.range != RangeMethod::Mixed)
    return formats;
  CodeStorage storage = *options.activations.storage;
  for (RangeMethod method : getMixedRanges()) {
    auto [low, high] = getRange(op.getStatsAttr(), method,
                                *options.activations.percentile, storage.width);
    formats.push_back(cast<quant::UniformQuantizedType>(
        getAffineFormat(op.getContext(), storage, low, high)));
  }
  return formats;
}

RangeMeasurement::RangeMeasurement(ArrayRef<ObserveOp> observations,
                                   const Recipe &recipe) {
  DenseMap<Operation *, unsigned> numbers;
  std::optional<RecipeLayers> layers;
  if (!observations.empty())
    layers.emplace(observations.front()->getParentOfType<ModuleOp>());
  for (ObserveOp op : observations) {
    numbers[op] = values.size();
    Value &value = values.emplace_back();
    value.op = op;
    value.formats = getCandidates(op, *layers, recipe);
    value.errors.assign(value.formats.size(), 0.0);
  }
  for (Value &value : values)
    findSources(value, numbers);
  chooseGroups();
}

void RangeMeasurement::findSources(
    Value &value, const DenseMap<Operation *, unsigned> &numbers) {
  Operation *producer = getCodesSource(value.op.getInput()).getDefiningOp();
  if (!producer || isConstant(value.op.getInput()))
    return;
  QuantizationUnit unit = getQuantizationUnit(producer);
  for (Operation *op : {unit.root, unit.add}) {
    if (!op)
      continue;
    for (mlir::Value operand : op->getOperands()) {
      ObserveOp source = getObservation(operand);
      if (!source || values[numbers.at(source)].formats.empty())
        continue;
      unsigned number = numbers.at(source);
      if (!llvm::is_contained(value.sources, number))
        value.sources.push_back(number);
      values[number].hasReaders = true;
    }
  }
}

/// The first group that no other source of one of its readers has.
void RangeMeasurement::chooseGroups() {
  for (auto [number, value] : llvm::enumerate(values)) {
    if (value.formats.empty())
      continue;
    SmallVector<unsigned> taken;
    for (const Value &reader : values)
      if (llvm::is_contained(reader.sources, number))
        for (unsigned other : reader.sources)
          if (other < number)
            taken.push_back(values[other].group);
    while (llvm::is_contained(taken, value.group))
      ++value.group;
    numGroups = std::max(numGroups, value.group + 1);
  }
}

/// The numbers that the codes of `elements` stand for.
static void replaceByCodes(MutableArrayRef<float> elements,
                           quant::UniformQuantizedType format) {
  auto scale = static_cast<float>(format.getScale());
  float reciprocal = 1.0f / scale;
  auto zeroPoint = static_cast<float>(format.getZeroPoint());
  float low = format.getStorageTypeMin() - zeroPoint;
  float high = format.getStorageTypeMax() - zeroPoint;
  for (float &element : elements)
    element =
        std::min(std::max(std::nearbyint(element * reciprocal), low), high) *
        scale;
}

/// The squared distance of `elements` from `reference`, over its own square.
static double getRelativeError(ArrayRef<float> elements,
                               ArrayRef<float> reference) {
  double distance = 0, square = 0;
  for (auto [element, expected] : llvm::zip_equal(elements, reference)) {
    double difference = double(element) - expected;
    distance += difference * difference;
    square += double(expected) * expected;
  }
  return square > 0 && std::isfinite(distance) ? distance / square : 0;
}

void RangeMeasurement::compare(unsigned number, unsigned group,
                               unsigned candidate, ArrayRef<float> elements) {
  const Value &value = values[number];
  for (unsigned source : value.sources)
    if (values[source].group == group)
      values[source].errors[candidate] +=
          getRelativeError(elements, value.reference);
}

LogicalResult RangeMeasurement::add(FloatProgram &program,
                                    MutableArrayRef<std::vector<char>> batch) {
  auto keep = [&](int64_t number, MutableArrayRef<float> elements) {
    values[number].reference.assign(elements.begin(), elements.end());
  };
  if (failed(program.run(batch, keep)))
    return failure();
  for (unsigned group = 0; group < numGroups; ++group)
    for (unsigned candidate = 0; candidate < getMixedRanges().size();
         ++candidate) {
      auto replace = [&](int64_t number, MutableArrayRef<float> elements) {
        Value &value = values[number];
        compare(number, group, candidate, elements);
        llvm::copy(value.reference, elements.begin());
        if (value.formats.empty() || value.group != group)
          return;
        replaceByCodes(elements, value.formats[candidate]);
        if (!value.hasReaders) // What nothing reads is compared itself.
          value.errors[candidate] +=
              getRelativeError(elements, value.reference);
      };
      if (failed(program.run(batch, replace)))
        return failure();
    }
  return success();
}

void RangeMeasurement::record() const {
  for (const Value &value : values)
    if (!value.formats.empty())
      setRangeErrors(value.op, value.errors);
}
