//===- Uniform.cpp - upstream's affine types as formats ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Formats/Format.h"

#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// The zero point for all channels, or nothing where they differ.
std::optional<int64_t> getOneZeroPoint(quant::UniformQuantizedType type) {
  return type.getZeroPoint();
}
std::optional<int64_t>
getOneZeroPoint(quant::UniformQuantizedPerAxisType type) {
  if (llvm::all_equal(type.getZeroPoints()))
    return type.getZeroPoints().front();
  return std::nullopt;
}

/// What the two types have in common.
template <typename Model, typename QuantType>
struct UniformModel : Format::ExternalModel<Model, QuantType> {
  static QuantType get(Type type) { return cast<QuantType>(type); }

  unsigned getStorageWidth(Type type) const {
    return get(type).getStorageTypeIntegralWidth();
  }
  bool hasSignedStorage(Type type) const { return get(type).isSigned(); }
  std::pair<int64_t, int64_t> getCodeRange(Type type) const {
    return {get(type).getStorageTypeMin(), get(type).getStorageTypeMax()};
  }
  /// Where zero points differ between channels, the code as it is.
  int64_t getStep(Type type, int64_t code, unsigned) const {
    return code - getOneZeroPoint(get(type)).value_or(0);
  }
  std::pair<int64_t, int64_t> getStepRange(Type type, unsigned) const {
    int64_t zero = getOneZeroPoint(get(type)).value_or(0);
    return {get(type).getStorageTypeMin() - zero,
            get(type).getStorageTypeMax() - zero};
  }
  std::optional<int64_t> getZeroCode(Type type) const {
    std::optional<int64_t> zero = getOneZeroPoint(get(type));
    if (zero && *zero >= get(type).getStorageTypeMin() &&
        *zero <= get(type).getStorageTypeMax())
      return zero;
    return std::nullopt;
  }
  Value buildStep(Type type, ImplicitLocOpBuilder &builder, Value code,
                  unsigned) const {
    int64_t zero = getOneZeroPoint(get(type)).value_or(0);
    return arith::SubIOp::create(builder, code, constantInt(builder, zero, 32));
  }
};

struct PerTensor : UniformModel<PerTensor, quant::UniformQuantizedType> {
  double getScale(Type type, unsigned, int64_t) const {
    return get(type).getScale();
  }
};

struct PerAxis : UniformModel<PerAxis, quant::UniformQuantizedPerAxisType> {
  std::optional<int64_t> getScaleAxis(Type type) const {
    return get(type).getQuantizedDimension();
  }
  int64_t getNumChannels(Type type) const {
    return get(type).getScales().size();
  }
  double getScale(Type type, unsigned, int64_t channel) const {
    return get(type).getScales()[channel];
  }
};

} // namespace

void lowbit::attachUniformFormats(MLIRContext &context) {
  quant::UniformQuantizedType::attachInterface<PerTensor>(context);
  quant::UniformQuantizedPerAxisType::attachInterface<PerAxis>(context);
}
