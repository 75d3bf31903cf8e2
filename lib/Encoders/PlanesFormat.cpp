//===- PlanesFormat.cpp - Bit planes of encoded weights -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PlanesFormat.h"

using namespace mlir;
using namespace mlir::lowbit;

static EncodedWeights makeEncoded(const Weights &weights, Type format,
                                  SmallVector<int64_t> codes) {
  EncodedWeights result;
  result.format = format;
  result.codeShape.assign(weights.shape.begin(), weights.shape.end());
  result.codes = std::move(codes);
  return result;
}

EncodedWeights lowbit::makePlanes(MLIRContext *context, const Weights &weights,
                                  const Slices &slices, Alphabet alphabet,
                                  unsigned planes, ArrayRef<float> scales,
                                  SmallVector<int64_t> codes) {
  Type format = PlanesType::get(context, alphabet, planes, slices.getAxis(),
                                DenseF32ArrayAttr::get(context, scales));
  return makeEncoded(weights, format, std::move(codes));
}

EncodedWeights lowbit::makePow2(MLIRContext *context, const Weights &weights,
                                const Slices &slices, unsigned width,
                                unsigned fields, unsigned drop, int64_t low,
                                ArrayRef<float> scales,
                                SmallVector<int64_t> codes) {
  Type format = Pow2Type::get(context, /*isSigned=*/true, width, fields, drop,
                              low, /*high=*/0, slices.getAxis(),
                              DenseF32ArrayAttr::get(context, scales));
  return makeEncoded(weights, format, std::move(codes));
}
