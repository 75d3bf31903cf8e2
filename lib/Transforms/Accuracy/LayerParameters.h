//===- LayerParameters.h - Weights and bias by channel ----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The constants of one layer, read once, changed as numbers, and written back.
// Whatever the kind of layer, a weight belongs to one channel of the layer's
// input and one of its output.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_ACCURACY_LAYERPARAMETERS_H
#define LOWBIT_LIB_TRANSFORMS_ACCURACY_LAYERPARAMETERS_H

#include "lowbit/IR/Lowbit.h"

#include <optional>
#include <string>

namespace mlir::lowbit {

class LayerParameters {
public:
  /// Those of the multiply-accumulate `op`. Nothing, with the reason in
  /// `reason`, if they are not constant f32 or its channels do not agree.
  static std::optional<LayerParameters> read(Operation *op,
                                             std::string &reason);

  Operation *getLayer() const { return layer; }
  int64_t getNumInputs() const { return numInputs; }
  int64_t getNumOutputs() const { return numOutputs; }

  /// All weights, in the order of the constant.
  MutableArrayRef<float> getWeights() { return weights; }
  ArrayRef<float> getWeights() const { return weights; }
  /// The input and output channel of the weight number `element`.
  int64_t getInput(int64_t element) const;
  int64_t getOutput(int64_t element) const;
  /// The position in the window of the weight number `element`: a row and a
  /// column, 0 and 0 in a matrix product.
  std::pair<int64_t, int64_t> getPosition(int64_t element) const;
  /// True if each output channel reads one input channel only.
  bool isDepthwise() const { return kind == Kind::Depthwise; }

  /// One for each output channel; empty in a matrix product.
  MutableArrayRef<float> getBias() { return bias; }
  ArrayRef<float> getBias() const { return bias; }

  /// Multiplies weights and bias of each output channel by its factor, and
  /// divides the weights of input channel `c` by `divisors[c mod n]`, with `n`
  /// divisors. Either may be empty, for none. Each number is rounded once.
  void scale(ArrayRef<double> factors, ArrayRef<double> divisors);

  /// True if all numbers are finite.
  bool isFinite() const;

  /// Makes the numbers the constants of the layer: all, or those of the bias.
  void write() const;
  void writeBias() const;

private:
  enum class Kind { Convolution, Depthwise, Product };

  Operation *layer = nullptr;
  Kind kind = Kind::Convolution;
  SmallVector<int64_t> shape; ///< Of the weights.
  int64_t numInputs = 0, numOutputs = 0;
  SmallVector<float> weights, bias;
};

/// A name for `op` in remarks: that of its observed weights, or its own.
std::string getLayerName(Operation *op);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_ACCURACY_LAYERPARAMETERS_H
