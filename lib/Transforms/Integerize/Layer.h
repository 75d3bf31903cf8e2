//===- Layer.h - A linear layer on codes ------------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_LAYER_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_LAYER_H

#include "ConstantSteps.h"

#include "lowbit/Analysis/LinearLayer.h"
#include "lowbit/Transforms/Integerize.h"

namespace mlir::lowbit {

/// A linear layer on codes, on its way to a lowbit.contract.
struct Layer : LinearLayer {
  Operation *op = nullptr;
  CodedValue input;
  /// The weights' codes, and what they stand for.
  ConstantOp weights;
  ConstantSteps weightSteps;
  /// The real bias, one value for each channel, or one for all, or none.
  SmallVector<float> bias;
  /// The same, where the bias is a constant of codes.
  std::optional<ConstantSteps> biasSteps;

  /// The real bias of output channel `index`.
  double getBias(size_t index) const;
};

/// What each output channel adds up to.
struct Channel {
  int64_t weightSum = 0; // sum of codes less their zero points
  int64_t low = 0;       // least and greatest possible sum of products
  int64_t high = 0;
  double weightScale = 0;
  double scale = 0; // of the accumulator: sx sw
  int32_t bias = 0;
};

/// The dimension of the weights of `op` that its output channels are, if it is one.
std::optional<int64_t> getChannelAxis(Operation *op);

/// Describes `op` in `layer` if it is a linear layer on codes with constant
/// weights; gives the reason to `rewriter` otherwise.
LogicalResult describeLayer(Operation *op, Layer &layer,
                            PatternRewriter &rewriter);

/// Adds the weights up, channel by channel.
LogicalResult sumWeights(Layer &layer, SmallVectorImpl<Channel> &channels,
                         PatternRewriter &rewriter);

/// Gives sums binary places below their unit, where the real bias would be rounded
/// by more than an eighth of `step` without: their number.
unsigned refineSums(const Layer &layer, MutableArrayRef<Channel> channels,
                    double step);

/// Gives sums the binary places that make their scales those of `scales`, one for
/// all or one for each channel: their number, or 0 if there is none.
unsigned refineSumsTo(ArrayRef<double> scales,
                      MutableArrayRef<Channel> channels);

/// The i32 bias of each channel, with the proof that no sum leaves 32 bits.
LogicalResult computeBias(const Layer &layer, MutableArrayRef<Channel> channels,
                          PatternRewriter &rewriter);

/// The weights, with zero point 0 and with the dimensions that the maps name:
/// those of a depthwise convolution lose their multiplier of 1, those of groups
/// are split.
Value shapeWeights(PatternRewriter &rewriter, Layer &layer);

/// Makes the code of a sum, the first of `arguments`, in an epilogue whose
/// operands are the others.
using EpilogueBuilder =
    function_ref<Value(OpBuilder &builder, Location loc, ValueRange arguments)>;

/// `codes`, an input of the layer, with its padding around them.
Value padInput(OpBuilder &builder, const Layer &layer, Value codes);

/// The contraction of the layer's codes to `element`, in the layer's own shape.
/// `maps` are those of `operands`.
Value createContract(PatternRewriter &rewriter, Layer &layer,
                     ArrayRef<Value> operands, ArrayRef<AffineMap> maps,
                     Type element, EpilogueBuilder epilogue);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_LAYER_H
