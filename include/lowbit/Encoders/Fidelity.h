//===- Fidelity.h - How near codes are to the weights -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Why networks survive few bits: in many dimensions a vector and its codes point
// in similar directions, so that their products with inputs are almost
// proportional (Anderson 2017). How similar is a number that the method has for
// normally distributed weights, such as 37.07 degrees for signs; a layer that is
// far from it has unusual weights.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ENCODERS_FIDELITY_H
#define LOWBIT_ENCODERS_FIDELITY_H

#include "lowbit/Encoders/Encoder.h"

namespace mlir::lowbit {

/// What becomes of the weights of a layer.
struct Fidelity {
  /// Between weights and decoded codes as vectors, in degrees.
  double angle = 0;
  /// Of the products of both with inputs that do not depend on each other: the
  /// cosine of the angle. Zeros are like everything.
  double correlation = 1;
  /// The squares of the weights over those of the errors, in dB.
  double sqnr = 0;
};

Fidelity measureFidelity(ArrayRef<float> weights, ArrayRef<float> decoded);

/// The same for normally distributed weights in place of a layer's; nothing if
/// the encoder needs more than weights.
std::optional<Fidelity> expectFidelity(MLIRContext *context,
                                       const WeightEncoder &encoder,
                                       const EncoderOptions &options);

} // namespace mlir::lowbit

#endif // LOWBIT_ENCODERS_FIDELITY_H
