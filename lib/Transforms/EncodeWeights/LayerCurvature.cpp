//===- LayerCurvature.cpp - The curvature of weights, from files ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Accuracy/FloatWeights.h"
#include "../Accuracy/LayerParameters.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/Npy.h"
#include "lowbit/Support/Suggestion.h"
#include "lowbit/Transforms/EncodeWeights.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// How the weights of a layer lie in an array with output channels first.
struct ChannelsFirst {
  /// Of the array; without positions of the kernel where there is only one.
  SmallVector<int64_t> shape, brief;
  /// For each dimension of the weights, what a step along it is in the array.
  SmallVector<int64_t> strides;
};

} // namespace

/// None if several matrices are multiplied.
static std::optional<ChannelsFirst> describeArray(Operation *layer,
                                                  ArrayRef<int64_t> shape) {
  ChannelsFirst array;
  if (isa<tosa::MatMulOp>(layer)) { // [1, inputs, outputs]
    if (shape[0] != 1)
      return std::nullopt;
    array.shape = {shape[2], shape[1]};
    array.strides = {0, 1, shape[1]};
  } else if (isa<tosa::DepthwiseConv2DOp>(layer)) { // [h, w, c, m]
    int64_t area = shape[0] * shape[1];
    array.shape = {shape[2] * shape[3], 1, shape[0], shape[1]};
    array.strides = {shape[1], 1, shape[3] * area, area};
  } else { // [outputs, h, w, inputs]
    int64_t area = shape[1] * shape[2];
    array.shape = {shape[0], shape[3], shape[1], shape[2]};
    array.strides = {shape[3] * area, shape[2], 1, area};
  }
  array.brief = array.shape;
  if (array.shape.size() == 4 && array.shape[2] == 1 && array.shape[3] == 1)
    array.brief.truncate(2);
  return array;
}

/// The elements of `array` in the order of weights of `shape`.
static std::vector<double> permute(ArrayRef<float> array,
                                   ArrayRef<int64_t> shape,
                                   ArrayRef<int64_t> strides) {
  std::vector<double> values;
  SmallVector<int64_t> index(shape.size(), 0);
  for (size_t i = 0; i < array.size(); ++i) {
    int64_t place = 0;
    for (auto [at, stride] : llvm::zip_equal(index, strides))
      place += at * stride;
    values.push_back(array[place]);
    for (int64_t dim = int64_t(shape.size()) - 1; dim >= 0; --dim) {
      if (++index[dim] < shape[dim])
        break;
      index[dim] = 0;
    }
  }
  return values;
}

/// The curvature of the weights of `layer`, from the file `path`.
static FailureOr<std::vector<double>>
readFile(Operation *layer, const FloatWeights &weights, StringRef path) {
  auto fail = [&](const Twine &message) {
    return layer->emitError() << message;
  };
  llvm::Expected<NpyArray> array = readNpy(path);
  if (!array)
    return fail(llvm::toString(array.takeError()));
  ArrayRef<int64_t> shape = weights.type.getShape();
  std::optional<ChannelsFirst> order = describeArray(layer, shape);
  if (!order)
    return fail(
        "has several matrices of weights, whose curvature no file holds");
  if (array->getShape() != ArrayRef<int64_t>(order->shape) &&
      array->getShape() != ArrayRef<int64_t>(order->brief))
    return fail("'" + path + "' is " + formatShape(array->getShape()) +
                ", but the weights of '" + getLayerName(layer) + "' are " +
                formatShape(order->brief) + ", output channels first");
  std::vector<float> elements(array->getNumElements());
  convertToF32(*array, /*first=*/0, elements);
  for (auto [i, element] : llvm::enumerate(elements))
    if (!(element >= 0) || std::isinf(element))
      return fail("element " + Twine(i) + " of '" + path +
                  "' is no curvature: expected finite numbers from 0 on");
  return permute(elements, shape, order->strides);
}

FailureOr<LayerCurvature>
lowbit::readLayerCurvature(ModuleOp module, ArrayRef<std::string> files) {
  llvm::StringMap<FloatWeights> layers;
  SmallVector<std::string> names;
  module.walk([&](Operation *op) {
    if (!isMultiplyAccumulate(op))
      return;
    if (std::optional<FloatWeights> weights = FloatWeights::read(op)) {
      names.push_back(getLayerName(op));
      layers.try_emplace(names.back(), std::move(*weights));
    }
  });
  LayerCurvature curvature;
  for (StringRef text : files) {
    // A path may have colons, names of layers do not end in .npy.
    auto [name, path] = text.split(':');
    auto found = layers.find(name);
    if (path.empty())
      return module.emitError() << "expected a layer and a file, as "
                                   "conv1:curvature.npy, but found '"
                                << text << "'";
    if (found == layers.end()) {
      SmallVector<StringRef> known(names.begin(), names.end());
      return module.emitError()
             << "there is no layer '" << name << "' with constant weights"
             << suggest(name, known) << " (known: " << listQuoted(known) << ")";
    }
    auto values = readFile(found->second.layer, found->second, path);
    if (failed(values))
      return failure();
    if (!curvature.try_emplace(found->second.layer, std::move(*values)).second)
      return module.emitError()
             << "the curvature of layer '" << name << "' is given twice";
  }
  return curvature;
}
