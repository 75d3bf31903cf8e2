//===- LayerComparison.cpp - Codes against the float program --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The model runs first. Its ports stay in the workspace while the float program
// computes the same batch, so that each value is compared as it comes by and
// none is kept.

#include "LayerComparison.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace llvm;
using namespace mlir::lowbit;

void LayerError::add(double expected, double got) {
  double error = std::abs(got - expected);
  ++elements;
  signal += expected * expected;
  noise += error * error;
  maxError = std::max(maxError, error);
  maxValue = std::max(maxValue, std::abs(expected));
}

double LayerError::getSqnr() const {
  if (noise == 0)
    return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / noise);
}

template <typename T> static int64_t load(const char *word) {
  T value;
  std::memcpy(&value, word, sizeof value);
  return value;
}

static int64_t loadCode(const char *word, uint32_t elementType) {
  switch (elementType) {
  case LOWBIT_I8:
    return load<int8_t>(word);
  case LOWBIT_U8:
    return load<uint8_t>(word);
  case LOWBIT_I16:
    return load<int16_t>(word);
  case LOWBIT_U16:
    return load<uint16_t>(word);
  default:
    return load<int32_t>(word);
  }
}

/// Adds the first `count` elements, in C order, of what `port` left in
/// `workspace`.
static void addPort(const lowbit_port &port, const char *workspace,
                    ArrayRef<float> expected, int64_t count,
                    LayerError &layer) {
  const lowbit_tensor &tensor = port.tensor;
  ArrayRef<int64_t> dims = getDims(tensor);
  size_t wordSize = getNpyTypeSize(getNpyType(tensor));
  SmallVector<int64_t> index(dims.size(), 0);
  int64_t position = 0;
  for (float value : expected.take_front(count)) {
    int64_t code = loadCode(workspace + port.offset + position * wordSize,
                            tensor.element_type);
    layer.add(value, tensor.scale * static_cast<double>(
                                        code - int64_t(tensor.zero_point)));
    for (size_t dim = dims.size(); dim-- > 0;) {
      position += port.strides[dim];
      if (++index[dim] < dims[dim])
        break;
      position -= port.strides[dim] * dims[dim];
      index[dim] = 0;
    }
  }
}

Expected<std::vector<LayerError>>
mlir::lowbit::compareLayers(Session &session, const lowbit_model &model,
                            ArrayRef<NpyArray> inputs, int64_t samples,
                            const RunOptions &options) {
  ArrayRef<lowbit_port> ports = getPorts(model);
  if (ports.empty())
    return makeRunError("there is nothing to compare: no layer of '" +
                        Twine(model.name) + "' computes on codes");
  std::vector<LayerError> layers(ports.size());
  StringMap<size_t> numbers;
  for (auto [i, port] : enumerate(ports)) {
    layers[i].name = port.tensor.name;
    numbers[port.tensor.name] = i;
  }
  SmallVector<ArrayRef<char>> bytes;
  for (const AlignedBuffer &buffer : session.getInputBuffers())
    bytes.emplace_back(buffer.data(), buffer.size());
  int64_t batch = session.getBatch();
  for (int64_t first = 0; first < samples; first += batch) {
    int64_t valid = std::min(batch, samples - first);
    if (Error error = session.runBatch(inputs, first, valid, options))
      return std::move(error);
    auto visit = [&](StringRef name, ArrayRef<float> expected) {
      auto found = numbers.find(name);
      if (found == numbers.end())
        return;
      const lowbit_port &port = ports[found->second];
      int64_t count = getNumElements(port.tensor);
      if (count != static_cast<int64_t>(expected.size()))
        return; // A layer of another program.
      // What fills up the last batch does not count.
      bool hasSamples =
          port.tensor.rank > 0 && port.tensor.dims[0] % batch == 0;
      addPort(port, session.getWorkspace(), expected,
              hasSamples ? count / batch * valid : count,
              layers[found->second]);
    };
    if (Error error = options.reference->run(bytes, visit))
      return std::move(error);
  }
  llvm::erase_if(layers,
                 [](const LayerError &layer) { return layer.elements == 0; });
  // Of equals, the first in the program comes first.
  auto order = llvm::to_vector(llvm::seq(layers.size()));
  llvm::sort(order, [&](size_t a, size_t b) {
    return std::pair(layers[a].getSqnr(), a) <
           std::pair(layers[b].getSqnr(), b);
  });
  std::vector<LayerError> sorted;
  for (size_t i : order)
    sorted.push_back(std::move(layers[i]));
  return sorted;
}

void mlir::lowbit::printLayerErrors(ArrayRef<LayerError> layers,
                                    raw_ostream &os) {
  size_t width = 5;
  for (const LayerError &layer : layers)
    width = std::max(width, layer.name.size());
  os << left_justify("layer", width)
     << "  SQNR dB  largest error  largest value\n";
  for (const LayerError &layer : layers) {
    os << left_justify(layer.name, width);
    if (layer.noise == 0)
      os << right_justify("exact", 9);
    else
      os << formatv("{0,9:f2}", layer.getSqnr());
    os << format("%15.4g%15.4g\n", layer.maxError, layer.maxValue);
  }
}

json::Array mlir::lowbit::describeAsJson(ArrayRef<LayerError> layers) {
  json::Array result;
  for (const LayerError &layer : layers) {
    json::Object object{{"name", json::fixUTF8(layer.name)},
                        {"elements", layer.elements},
                        {"max_abs_error", layer.maxError},
                        {"max_abs_value", layer.maxValue}};
    object["sqnr_db"] = layer.noise == 0 || layer.signal == 0
                            ? json::Value(nullptr)
                            : json::Value(layer.getSqnr());
    result.push_back(std::move(object));
  }
  return result;
}
