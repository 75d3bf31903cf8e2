//===- WeightCodes.cpp - How constants are rounded ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Neighbouring inputs of a layer are alike, and after a ReLU none is negative.
// So what the errors of a kernel's weights do to its sum depends first on their
// own sum. Rounding each weight to its nearest code leaves a sum that grows with
// the root of their number. Balanced rounding moves those codes that were
// farthest from their weight to the other side, as many as the sum has whole
// steps: first in each kernel, the weights between one input and one output
// channel, then in each output channel. No weight is a whole step off.
//
// Stochastic rounding needs no such care: each error is 0 on average, and what
// they add up to grows with the root of their number, whatever they are.

#include "WeightCodes.h"

#include "LayerParameters.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Support/Philox.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// Rounds each element to one of its codes: clamp(rounded(x / s) + z).
void WeightCodes::round(
    ArrayRef<float> elements,
    llvm::function_ref<double(double steps, size_t index)> rounded) {
  codes.clear();
  for (auto [i, element] : llvm::enumerate(elements)) {
    size_t channel = getChannel(i);
    double code = rounded(element / scales[channel], i) +
                  static_cast<double>(zeroPoints[channel]);
    code = std::max<double>(code, format.getStorageTypeMin());
    code = std::min<double>(code, format.getStorageTypeMax());
    codes.push_back(static_cast<int64_t>(code));
  }
}

/// Moves codes of the elements `group` until their errors add up to at most
/// half a step. Elements of different scales are left alone.
void WeightCodes::balance(ArrayRef<float> elements, ArrayRef<size_t> group) {
  SmallVector<double> errors;
  double sum = 0;
  for (size_t i : group) {
    size_t channel = getChannel(i);
    if (scales[channel] != scales[getChannel(group.front())])
      return;
    errors.push_back(codes[i] - zeroPoints[channel] -
                     elements[i] / scales[channel]);
    sum += errors.back();
  }
  if (!std::isfinite(sum))
    return;
  double steps = std::nearbyint(sum);
  int64_t direction = steps > 0 ? -1 : 1;
  SmallVector<size_t> movable;
  for (auto [k, i] : llvm::enumerate(group)) {
    int64_t moved = codes[i] + direction;
    if (errors[k] * direction < 0 && moved >= format.getStorageTypeMin() &&
        moved <= format.getStorageTypeMax())
      movable.push_back(k);
  }
  size_t count = std::min<double>(std::abs(steps), movable.size());
  std::partial_sort(movable.begin(), movable.begin() + count, movable.end(),
                    [&](size_t a, size_t b) {
                      return std::pair(-std::abs(errors[a]), a) <
                             std::pair(-std::abs(errors[b]), b);
                    });
  for (size_t k : ArrayRef(movable).take_front(count))
    codes[group[k]] += direction;
}

std::optional<WeightCodes> WeightCodes::get(ObserveOp observe,
                                            quant::QuantizedType format) {
  WeightCodes result(format);
  ArrayRef<int64_t> shape = cast<ShapedType>(observe.getType()).getShape();
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(format)) {
    result.scales = {uniform.getScale()};
    result.zeroPoints = {uniform.getZeroPoint()};
  } else if (auto perAxis =
                 dyn_cast<quant::UniformQuantizedPerAxisType>(format)) {
    llvm::append_range(result.scales, perAxis.getScales());
    llvm::append_range(result.zeroPoints, perAxis.getZeroPoints());
    size_t axis = perAxis.getQuantizedDimension();
    if (axis >= shape.size() ||
        shape[axis] != static_cast<int64_t>(result.scales.size()))
      return std::nullopt;
    for (int64_t size : shape.drop_front(axis + 1))
      result.inner *= size;
  } else {
    return std::nullopt;
  }
  std::optional<SmallVector<float>> elements =
      readConstant<float>(observe.getInput());
  if (!elements ||
      llvm::any_of(*elements, [](float x) { return std::isnan(x); }))
    return std::nullopt;
  if (std::optional<uint64_t> seed = observe.getSeed()) {
    RandomWords words{static_cast<uint32_t>(*seed),
                      numberTensor(observe.getName())};
    result.round(*elements, [&](double steps, size_t index) {
      double floor = std::floor(steps);
      double u = (words.get(index) >> 8) * 0x1p-24;
      return u < steps - floor ? floor + 1 : floor;
    });
    return result;
  }
  result.round(*elements,
               [](double steps, size_t) { return std::nearbyint(steps); });

  Operation *layer = getLayerOfWeights(observe);
  std::string reason;
  std::optional<LayerParameters> parameters;
  if (observe.getBalanced() && layer)
    parameters = LayerParameters::read(layer, reason);
  if (!parameters)
    return result;
  // Elements by output channel, with the input channel of each.
  using Element = std::pair<int64_t, size_t>;
  SmallVector<SmallVector<Element>> outputs(parameters->getNumOutputs());
  for (size_t i = 0; i < elements->size(); ++i)
    outputs[parameters->getOutput(i)].emplace_back(parameters->getInput(i), i);
  SmallVector<size_t> group;
  for (SmallVector<Element> &output : outputs) {
    llvm::sort(output);
    // Kernel by kernel: the same input channel.
    for (ArrayRef<Element> rest = output; !rest.empty();) {
      ArrayRef<Element> kernel = rest.take_while([&](const Element &element) {
        return element.first == rest.front().first;
      });
      group.assign(llvm::make_second_range(kernel).begin(),
                   llvm::make_second_range(kernel).end());
      if (group.size() > 1)
        result.balance(*elements, group);
      rest = rest.drop_front(kernel.size());
    }
    group.assign(llvm::make_second_range(output).begin(),
                 llvm::make_second_range(output).end());
    result.balance(*elements, group);
  }
  return result;
}
