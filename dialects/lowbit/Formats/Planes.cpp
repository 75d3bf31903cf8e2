//===- Planes.cpp - sums of scaled bit planes -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Formats/Format.h"

#include "FormatVerify.h"
#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

LogicalResult PlanesType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 Alphabet alphabet, unsigned planes,
                                 std::optional<int64_t> axis,
                                 DenseF32ArrayAttr scales) {
  if (planes < 1 || planes > 16)
    return emitError() << "expects 1 to 16 planes, but got " << planes;
  if (scales.empty()) {
    if (alphabet != Alphabet::Sign)
      return emitError() << "expects the alphabet 'sign' with 'dynamic' scales";
    return success();
  }
  if (scales.size() % planes != 0 ||
      (!axis && scales.size() != static_cast<int64_t>(planes)))
    return emitError() << "expects " << planes << " scales"
                       << (axis ? " for each index along the axis" : "")
                       << ", but got " << scales.size();
  for (auto [i, scale] : llvm::enumerate(scales.asArrayRef())) {
    if (!isUsableScale(std::abs(scale)))
      return emitError() << "expects scales that are normal numbers, but got "
                         << scale;
    if (alphabet == Alphabet::Sign && scale < 0)
      return emitError() << "expects positive scales of the alphabet 'sign', "
                            "but got "
                         << scale;
    if ((scale < 0) != (scales[i % planes] < 0))
      return emitError() << "expects one sign of the scales of plane "
                         << i % planes << " in all channels";
  }
  for (size_t first = 0; first < scales.asArrayRef().size(); first += planes) {
    double sum = 0;
    for (float scale : scales.asArrayRef().slice(first, planes))
      sum += std::abs(scale);
    if (sum > 0x1p127)
      return emitError() << "expects scales that add up to at most 2^127, but "
                            "got "
                         << sum;
  }
  return success();
}

SmallVector<int64_t> PlanesType::getMultiples() const {
  ArrayRef<float> scales = getScales();
  unsigned planes = getPlanes();
  SmallVector<int64_t> multiples;
  for (size_t first = 0; first < scales.size(); first += planes) {
    ArrayRef<float> channel = scales.slice(first, planes);
    float unit = std::numeric_limits<float>::infinity();
    for (float scale : channel)
      unit = std::min(unit, std::abs(scale));
    for (auto [plane, scale] : llvm::enumerate(channel)) {
      // Exact in double: the quotient of two floats is an integer only if it
      // is one here, and the product tells.
      double ratio = std::nearbyint(double(scale) / double(unit));
      if (std::abs(ratio) >= 1 << 15 || ratio * double(unit) != double(scale))
        return {};
      if (first == 0)
        multiples.push_back(static_cast<int64_t>(ratio));
      else if (multiples[plane] != static_cast<int64_t>(ratio))
        return {};
    }
  }
  return multiples;
}

unsigned PlanesType::getStorageWidth() const { return getPlanes(); }
bool PlanesType::hasSignedStorage() const { return false; }
std::optional<int64_t> PlanesType::getScaleAxis() const { return getAxis(); }
int64_t PlanesType::getNumChannels() const {
  return isDynamic() ? 1 : getScales().size() / getPlanes();
}
bool PlanesType::hasParameters() const { return isDynamic(); }

SmallVector<RankedTensorType>
PlanesType::getParameterTypes(ArrayRef<int64_t> shape) const {
  if (!isDynamic())
    return {};
  return {
      RankedTensorType::get({getAxis() ? shape[*getAxis()] : 1, getPlanes()},
                            Float32Type::get(getContext()))};
}

int64_t PlanesType::getStorageBytes(ArrayRef<int64_t> shape) const {
  int64_t bytes = lowbit::detail::countStorageBytes(*this, shape);
  for (RankedTensorType type : getParameterTypes(shape))
    bytes += 4 * type.getNumElements();
  return bytes;
}

unsigned PlanesType::getNumTerms() const {
  return getMultiples().empty() ? getPlanes() : 1;
}

/// The sign of a plane's scales.
static bool isNegative(PlanesType type, unsigned plane) {
  return !type.isDynamic() && type.getScales()[plane] < 0;
}

/// What the bit of a plane stands for, with the sign of the plane's scale.
static int64_t bitStep(PlanesType type, int64_t code, unsigned plane) {
  bool bit = (code >> plane) & 1;
  int64_t value = type.getAlphabet() == Alphabet::Bit ? bit : bit ? 1 : -1;
  return isNegative(type, plane) ? -value : value;
}

int64_t PlanesType::getStep(int64_t code, unsigned term) const {
  SmallVector<int64_t> multiples = getMultiples();
  if (multiples.empty())
    return bitStep(*this, code, term);
  int64_t sum = 0;
  for (auto [plane, multiple] : llvm::enumerate(multiples))
    sum += std::abs(multiple) * bitStep(*this, code, plane);
  return sum;
}

std::pair<int64_t, int64_t> PlanesType::getStepRange(unsigned term) const {
  SmallVector<int64_t> multiples = getMultiples();
  int64_t low = 0, high = 0;
  auto add = [&](int64_t factor) { // signed, as the plane's scale
    if (getAlphabet() == Alphabet::Sign) {
      low -= std::abs(factor);
      high += std::abs(factor);
    } else {
      low += std::min<int64_t>(factor, 0);
      high += std::max<int64_t>(factor, 0);
    }
  };
  if (multiples.empty())
    add(isNegative(*this, term) ? -1 : 1);
  for (int64_t multiple : multiples)
    add(multiple);
  return {low, high};
}

double PlanesType::getScale(unsigned term, int64_t channel) const {
  if (isDynamic())
    return 1;
  ArrayRef<float> scales = getScales();
  scales = scales.slice(channel * getPlanes(), getPlanes());
  if (getMultiples().empty())
    return std::abs(scales[term]);
  double unit = std::numeric_limits<double>::infinity();
  for (float scale : scales)
    unit = std::min<double>(unit, std::abs(scale));
  return unit;
}

/// sum of multiple * bit, less the sum of the multiples if bits are signs
Value PlanesType::buildStep(ImplicitLocOpBuilder &builder, Value code,
                            unsigned term) const {
  SmallVector<int64_t> factors = getMultiples();
  if (factors.empty()) {
    factors.assign(getPlanes(), 0);
    factors[term] = isNegative(*this, term) ? -1 : 1;
  }
  bool isSign = getAlphabet() == Alphabet::Sign;
  Value sum;
  int64_t offset = 0;
  for (auto [plane, factor] : llvm::enumerate(factors)) {
    if (factor == 0)
      continue;
    Value shifted =
        arith::ShRUIOp::create(builder, code, constantInt(builder, plane, 32));
    Value bit =
        arith::AndIOp::create(builder, shifted, constantInt(builder, 1, 32));
    Value part = arith::MulIOp::create(
        builder, bit, constantInt(builder, isSign ? 2 * factor : factor, 32));
    offset -= isSign ? factor : 0;
    sum = sum ? arith::AddIOp::create(builder, sum, part).getResult() : part;
  }
  return arith::AddIOp::create(builder, sum, constantInt(builder, offset, 32));
}

/// sum of step * scale, plane by plane; a scale of the parameter where it is one
Value PlanesType::buildDecode(ImplicitLocOpBuilder &builder, Value words,
                              ValueRange parameters,
                              RankedTensorType type) const {
  if (!isDynamic())
    return lowbit::detail::buildDecodeByTerms(*this, builder, words, type);
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  SmallVector<Value> inputs = {words};
  SmallVector<AffineMap> maps = {identity};
  AffineExpr channel = getAxis() ? builder.getAffineDimExpr(*getAxis())
                                 : builder.getAffineConstantExpr(0);
  for (unsigned plane = 0; plane < getPlanes(); ++plane) {
    inputs.push_back(parameters.front());
    maps.push_back(AffineMap::get(
        type.getRank(), 0, {channel, builder.getAffineConstantExpr(plane)},
        builder.getContext()));
  }
  maps.push_back(identity);
  return loopNest(
      builder, inputs, emptyLike(builder, words, builder.getF32Type()), maps,
      [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
        Value code = readCode(inner, scalars[0], *this);
        Value sum;
        for (unsigned plane = 0; plane < getPlanes(); ++plane) {
          Value step = buildStep(inner, code, plane);
          Value real = arith::SIToFPOp::create(inner, inner.getF32Type(), step);
          Value product =
              arith::MulFOp::create(inner, real, scalars[1 + plane]);
          sum = sum ? arith::AddFOp::create(inner, sum, product).getResult()
                    : product;
        }
        return sum;
      });
}
