//===- Families.h - The encoders of each family -----------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each family of encoders is one file, which adds them to the registry
// through a function here. Options that families share are here too.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_ENCODERS_FAMILIES_H
#define LOWBIT_LIB_ENCODERS_FAMILIES_H

#include "lowbit/Encoders/Encoder.h"

#include <memory>

namespace mlir::lowbit {

using EncoderList = std::vector<std::unique_ptr<WeightEncoder>>;

/// An encoder that is a function.
class FunctionEncoder final : public WeightEncoder {
public:
  using Encode = llvm::Expected<EncodedWeights> (*)(
      const FunctionEncoder &encoder, MLIRContext *context,
      const Weights &weights, const EncoderOptions &options);

  FunctionEncoder(Encode encode, EncoderInfo info)
      : WeightEncoder(std::move(info)), function(encode) {}

  using WeightEncoder::makeError;

private:
  llvm::Expected<EncodedWeights>
  encodeChecked(MLIRContext *context, const Weights &weights,
                const EncoderOptions &options) const override {
    return function(*this, context, weights, options);
  }

  Encode function;
};

void addUniformEncoders(EncoderList &encoders);
void addBinaryEncoders(EncoderList &encoders);
void addTernaryEncoders(EncoderList &encoders);
void addPow2Encoders(EncoderList &encoders);
void addBasesEncoders(EncoderList &encoders);
void addBalancedEncoders(EncoderList &encoders);
void addProjectionEncoders(EncoderList &encoders);
void addKMeansEncoders(EncoderList &encoders);
void addProductEncoders(EncoderList &encoders);
void addWeightedEntropyEncoders(EncoderList &encoders);

/// Options that are a whole number, a number, or one of several words. The first
/// of `choices` is the default.
EncoderOption integerOption(StringRef name, StringRef fallback, double least,
                            double most, StringRef description);
EncoderOption numberOption(StringRef name, StringRef fallback, double least,
                           double most, StringRef description);
EncoderOption choiceOption(StringRef name, std::vector<StringRef> choices,
                           StringRef description);

/// `per`: whether a channel or the tensor shares parameters; which is the default.
EncoderOption perOption(bool channelFirst = true);
/// `group`: weights of a channel that share a scale.
EncoderOption groupOption();

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_ENCODERS_FAMILIES_H
