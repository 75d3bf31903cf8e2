//===- UniformFormat.cpp - Affine types of encoded weights ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "UniformFormat.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::lowbit;

EncodedWeights lowbit::makeUniform(MLIRContext *context, const Weights &weights,
                                   const Slices &slices,
                                   const UniformStorage &storage,
                                   ArrayRef<float> scales,
                                   ArrayRef<int64_t> zeros,
                                   SmallVector<int64_t> codes) {
  EncodedWeights result;
  result.codes = std::move(codes);
  result.codeShape.assign(weights.shape.begin(), weights.shape.end());
  if (slices.getGroup() > 0) {
    bool hasZero = llvm::any_of(zeros, [](int64_t zero) { return zero != 0; });
    result.format = AffineType::get(
        context, storage.isSigned, storage.bits, storage.min, storage.max,
        slices.getGroupAxis(), slices.getGroup(), hasZero);
    EncodedParameter numbers;
    numbers.shape.assign(slices.getParameterShape().begin(),
                         slices.getParameterShape().end());
    EncodedParameter integers = numbers;
    numbers.numbers.assign(scales.begin(), scales.end());
    integers.integers.assign(zeros.begin(), zeros.end());
    result.parameters.push_back(std::move(numbers));
    if (hasZero)
      result.parameters.push_back(std::move(integers));
    return result;
  }
  Type integer = IntegerType::get(context, storage.bits);
  Type real = Float32Type::get(context);
  unsigned flags = storage.isSigned ? quant::QuantizationFlags::Signed : 0;
  if (std::optional<int64_t> axis = slices.getAxis())
    result.format = quant::UniformQuantizedPerAxisType::get(
        flags, integer, real, SmallVector<double>(scales.begin(), scales.end()),
        zeros, *axis, storage.min, storage.max);
  else
    result.format = quant::UniformQuantizedType::get(
        flags, integer, real, scales[0], zeros[0], storage.min, storage.max);
  return result;
}
