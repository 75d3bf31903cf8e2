//===- Binary.cpp - Encoders for signs ------------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Families.h"
#include "PlanesFormat.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The signs of weights. The scale of least cost is the mean magnitude.
static llvm::Expected<EncodedWeights>
encodeSigns(const FunctionEncoder &encoder, MLIRContext *context,
            const Weights &weights, const EncoderOptions &options) {
  Slices slices(weights, options);
  SmallVector<float> scales;
  auto codes = slices.encode([&](int64_t, const Slice &slice) {
    scales.push_back(toUsableScale(slice.sumMagnitudes() / slice.sumCosts()));
    SmallVector<int64_t, 0> codes;
    for (double value : slice.values)
      codes.push_back(value >= 0);
    return codes;
  });
  return makePlanes(context, weights, slices, Alphabet::Sign, /*planes=*/1,
                    scales, std::move(codes));
}

void lowbit::addBinaryEncoders(EncoderList &encoders) {
  encoders.push_back(std::make_unique<FunctionEncoder>(
      encodeSigns, EncoderInfo{"bwn",
                               "signs times the mean magnitude",
                               "Rastegari 2016",
                               EncoderNeeds::Weights,
                               {perOption()}}));
  encoders.push_back(std::make_unique<FunctionEncoder>(
      encodeSigns,
      EncoderInfo{"lab",
                  "signs times the mean magnitude, weighted by curvature",
                  "Hou 2017",
                  EncoderNeeds::Curvature,
                  {perOption(/*channelFirst=*/false)}}));
}
