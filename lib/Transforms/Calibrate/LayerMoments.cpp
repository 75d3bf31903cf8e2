//===- LayerMoments.cpp - The second moments of layers' inputs ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The squared error of a layer's output is e^T H e, where e holds the errors of the
// weights of a channel and H the mean products of its inputs. So H is what methods
// need that keep outputs rather than weights, and its diagonal is the curvature of
// that error. Every output position is a sample of the inputs.

#include "lowbit/Analysis/LinearLayer.h"
#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Transforms/CalibrationSamples.h"
#include "lowbit/Transforms/EncodeWeights.h"
#include "lowbit/Transforms/FloatProgram.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Beyond it, the square takes more than 128 MB.
static constexpr int64_t mostInputs = 4096;

namespace {

/// Where each input of each output position of one layer lies.
class InputWindow {
public:
  /// Nothing for layers whose channels do not read all inputs.
  static std::optional<InputWindow> find(Operation *layer);

  int64_t getNumInputs() const { return numInputs; }

  /// The positions of `valid` samples, of `batchSize` in a run. Where samples are
  /// mixed, all: those that only fill up a batch repeat the last one.
  int64_t countPositions(int64_t valid, int64_t batchSize) const {
    int64_t count = int64_t(places.size()) / numInputs;
    return count % batchSize == 0 ? count / batchSize * valid : count;
  }

  /// Adds the products of the inputs at the first `count` positions to `sums`.
  void add(ArrayRef<float> elements, int64_t count,
           MutableArrayRef<double> sums) const;

private:
  int64_t numInputs = 0;
  /// The element of each input, -1 for padding, position by position.
  std::vector<int64_t> places;
};

} // namespace

/// Calls `visit` with each index of a tensor of `shape`.
static void forEachIndex(ArrayRef<int64_t> shape,
                         function_ref<void(ArrayRef<int64_t>)> visit) {
  SmallVector<int64_t> index(shape.size(), 0);
  for (int64_t i = 0, e = ShapedType::getNumElements(shape); i < e; ++i) {
    visit(index);
    for (int64_t dim = int64_t(shape.size()) - 1; dim >= 0; --dim) {
      if (++index[dim] < shape[dim])
        break;
      index[dim] = 0;
    }
  }
}

std::optional<InputWindow> InputWindow::find(Operation *layer) {
  std::string reason;
  std::optional<LinearLayer> linear = describeLinearLayer(layer, reason);
  if (!linear || !isa<tosa::Conv2DOp, tosa::MatMulOp>(layer))
    return std::nullopt;
  // The loops that choose an output channel stay at 0; a batch of matrices would
  // have weights of its own.
  SmallVector<int64_t> positions = linear->resultShape;
  SmallVector<int64_t> inputs = linear->weightShape;
  if (isa<tosa::MatMulOp>(layer) && inputs.front() != 1)
    return std::nullopt;
  positions.back() = 1;
  for (int64_t dim : linear->channelDims)
    inputs[dim] = 1;
  InputWindow window;
  window.numInputs = ShapedType::getNumElements(inputs);
  if (window.numInputs == 0 || window.numInputs > mostInputs)
    return std::nullopt;

  ArrayRef<int64_t> shape =
      cast<ShapedType>(layer->getOperand(0).getType()).getShape();
  SmallVector<int64_t> loops(linear->lhs.getNumDims(), 0);
  auto setLoops = [&](AffineMap map, ArrayRef<int64_t> index) {
    for (auto [expr, value] : llvm::zip_equal(map.getResults(), index))
      loops[cast<AffineDimExpr>(expr).getPosition()] = value;
  };
  forEachIndex(positions, [&](ArrayRef<int64_t> position) {
    forEachIndex(inputs, [&](ArrayRef<int64_t> input) {
      setLoops(linear->rhs, input);
      setLoops(linear->result, position);
      int64_t place = 0;
      for (auto [dim, at] : llvm::enumerate(linear->lhs.compose(loops))) {
        if (linear->hasPadding())
          at -= linear->padLow[dim];
        if (place < 0 || at < 0 || at >= shape[dim])
          place = -1;
        else
          place = place * shape[dim] + at;
      }
      window.places.push_back(place);
    });
  });
  return window;
}

void InputWindow::add(ArrayRef<float> elements, int64_t count,
                      MutableArrayRef<double> sums) const {
  SmallVector<double> inputs(numInputs);
  for (int64_t first = 0; first < count * numInputs; first += numInputs) {
    for (int64_t i = 0; i < numInputs; ++i) {
      int64_t place = places[first + i];
      inputs[i] = place < 0 ? 0 : elements[place];
    }
    // Half of a symmetric matrix; many activations are 0.
    for (int64_t i = 0; i < numInputs; ++i)
      if (inputs[i] != 0)
        for (int64_t j = 0; j <= i; ++j)
          sums[i * numInputs + j] += inputs[i] * inputs[j];
  }
}

namespace {

/// A layer of the copy that runs, and what is measured for the original.
struct MeasuredLayer {
  Operation *original;
  InputWindow window;
  std::vector<double> sums;
  int64_t count = 0;
};

} // namespace

static SmallVector<Operation *> findLayers(ModuleOp module) {
  SmallVector<Operation *> layers;
  module.walk([&](Operation *op) {
    if (isMultiplyAccumulate(op))
      layers.push_back(op);
  });
  return layers;
}

static void finish(MeasuredLayer &layer) {
  int64_t size = layer.window.getNumInputs();
  for (int64_t i = 0; i < size; ++i)
    for (int64_t j = 0; j <= i; ++j) {
      double mean = layer.sums[i * size + j] / double(layer.count);
      layer.sums[i * size + j] = layer.sums[j * size + i] = mean;
    }
}

FailureOr<LayerMoments> lowbit::measureLayerMoments(
    ModuleOp module, const llvm::DenseSet<Operation *> &chosen,
    const CalibrationData &data, CalibrationProgress progress) {
  OwningOpRef<ModuleOp> copy = module.clone();
  PassManager passes(module.getContext());
  passes.addPass(createObservePass());
  if (failed(passes.run(*copy)))
    return failure();
  auto function = copy->lookupSymbol<func::FuncOp>("main");
  if (!function)
    return module.emitError() << "expects a function @main: the program";

  llvm::DenseMap<Operation *, Operation *> originals;
  for (auto [layer, original] :
       llvm::zip_equal(findLayers(*copy), findLayers(module)))
    originals[layer] = original;
  llvm::DenseMap<int64_t, MeasuredLayer> layers;
  int64_t number = 0;
  function.walk([&](ObserveOp observe) {
    int64_t observation = number++;
    Operation *layer = getLayerOfWeights(observe);
    if (!layer || !chosen.contains(originals.lookup(layer)))
      return;
    if (std::optional<InputWindow> window = InputWindow::find(layer)) {
      int64_t size = window->getNumInputs();
      layers.try_emplace(observation,
                         MeasuredLayer{originals.lookup(layer),
                                       std::move(*window),
                                       std::vector<double>(size * size, 0)});
    }
  });

  CalibrationSamples samples;
  if (failed(samples.open(function, data)))
    return failure();
  FailureOr<FloatProgram> program =
      FloatProgram::compile(function, FloatProgram::Probes::WatchLayers);
  if (failed(program))
    return failure();
  int64_t batchSize = samples.getBatchSize(), valid = 0;
  auto probe = [&](int64_t observation, ArrayRef<float> elements) {
    auto found = layers.find(observation);
    if (found == layers.end())
      return;
    MeasuredLayer &layer = found->second;
    int64_t count = layer.window.countPositions(valid, batchSize);
    layer.window.add(elements, count, layer.sums);
    layer.count += count;
  };
  std::vector<std::vector<char>> batch;
  for (int64_t first = 0; first < samples.size(); first += batchSize) {
    valid = std::min(batchSize, samples.size() - first);
    if (failed(samples.read(first, batch)) ||
        failed(program->run(batch, probe)))
      return failure();
    if (progress)
      progress(first + valid, samples.size());
  }

  LayerMoments moments;
  for (auto &[observation, layer] : layers) {
    finish(layer);
    moments[layer.original] = std::move(layer.sums);
  }
  return moments;
}
