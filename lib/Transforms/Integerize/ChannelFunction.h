//===- ChannelFunction.h - What a batch norm and clamps compute -*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Factors, terms and clamps for each channel, one after the other, are one
// monotonic function of one variable:
//
//   f(x) = min(max(factor * x + term, low), high)
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_CHANNELFUNCTION_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_CHANNELFUNCTION_H

#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/APFloat.h"

namespace mlir::lowbit {

/// A number of 113 bits: products and sums of a few f32 numbers are exact, or
/// off by less than any f32 can show.
APFloat makeWide(double value);

struct ChannelFunction {
  APFloat factor = makeWide(1), term = makeWide(0);
  APFloat low = APFloat::getInf(APFloat::IEEEquad(), /*Negative=*/true);
  APFloat high = APFloat::getInf(APFloat::IEEEquad());

  /// What is computed on the function's result; all numbers are finite, but for
  /// the bounds of a clamp.
  void multiply(double number);
  void add(double number);
  void clamp(double least, double most);

  APFloat evaluate(int64_t x) const;
};

/// Operations of which each but the last has no use but the next one, from the
/// last to the first; `source` is what the first one reads.
struct ChannelChain {
  SmallVector<Operation *> ops;
  Value source;

  /// True if something else than clamps and reshapes is among them.
  bool hasFactors() const;
  /// What the chain computes on the results of `functions`, one for each channel.
  /// Gives the reason on `root` to `rewriter` if a parameter is not finite.
  LogicalResult compose(MutableArrayRef<ChannelFunction> functions,
                        Operation *root, RewriterBase &rewriter) const;
};

/// What `op` reads, if it may be part of a chain; null otherwise.
Value getChannelVariable(Operation *op);

/// The longest chain that ends in `result`: batch norms, sums, differences,
/// products, maxima and minima with constants for each index of the last
/// dimension or with one number, depthwise convolutions of one position with
/// constant weights, clamps, and reshapes that keep the last dimension.
ChannelChain getChannelChain(Value result);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_CHANNELFUNCTION_H
