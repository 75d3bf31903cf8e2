//===- GroupedConstant.cpp - Constants with scales beside them ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GroupedConstant.h"

#include "lowbit/Analysis/CodeData.h"
#include "lowbit/Support/ConstantData.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

void lowbit::forEachIndex(
    ArrayRef<int64_t> shape,
    function_ref<void(int64_t, ArrayRef<int64_t>)> visit) {
  SmallVector<int64_t> index(shape.size(), 0);
  for (int64_t i = 0, e = ShapedType::getNumElements(shape); i < e; ++i) {
    visit(i, index);
    for (int64_t dim = shape.size() - 1; dim >= 0; --dim) {
      if (++index[dim] < shape[dim])
        break;
      index[dim] = 0;
    }
  }
}

bool GroupedConstant::dependsOn(int64_t dim) const {
  int64_t inner =
      ShapedType::getNumElements(ArrayRef(shape).drop_front(dim + 1));
  for (auto [i, scale] : llvm::enumerate(elementScales)) {
    int64_t index = i / inner % shape[dim];
    if (scale != elementScales[i - index * inner])
      return true;
  }
  return false;
}

std::optional<ConstantSteps> GroupedConstant::getAffine() const {
  ConstantSteps affine;
  affine.scales = {elementScales.front()};
  for (int64_t dim = 0, rank = shape.size(); dim < rank; ++dim) {
    if (!dependsOn(dim))
      continue;
    if (affine.axis)
      return std::nullopt;
    affine.axis = dim;
    affine.inner =
        ShapedType::getNumElements(ArrayRef(shape).drop_front(dim + 1));
    affine.scales.clear();
    for (int64_t i = 0; i < shape[dim]; ++i)
      affine.scales.push_back(elementScales[i * affine.inner]);
  }
  auto isNormal = [](double scale) {
    return scale >= std::numeric_limits<float>::min();
  };
  if (!llvm::all_of(affine.scales, isNormal) ||
      !llvm::all_of(steps, llvm::isInt<32>))
    return std::nullopt;
  affine.steps = steps;
  affine.storage = getStorage();
  return affine;
}

namespace {

/// The tensors beside the codes: each element has a place in them.
struct Parameters {
  SmallVector<int64_t> shape;
  SmallVector<float> scales;
  SmallVector<int32_t> zeroPoints;
};

} // namespace

/// Reads the tensors beside the codes of `decode`, if they are constant.
static std::optional<Parameters> readParameters(DecodeOp decode,
                                                BlockType block) {
  Parameters parameters;
  Value first = decode.getParameters()[0];
  llvm::append_range(parameters.shape,
                     cast<ShapedType>(first.getType()).getShape());
  if (!block) {
    auto scales = readConstant<float>(first);
    if (!scales)
      return std::nullopt;
    parameters.scales = std::move(*scales);
    if (decode.getParameters().size() == 1)
      return parameters;
    auto zeros = readConstant<int32_t>(decode.getParameters()[1]);
    if (!zeros)
      return std::nullopt;
    parameters.zeroPoints = std::move(*zeros);
    return parameters;
  }
  auto exponents = readConstant<int8_t>(first);
  if (!exponents)
    return std::nullopt;
  auto format = cast<Format>(block);
  for (int8_t exponent : *exponents)
    parameters.scales.push_back(static_cast<float>(
        std::ldexp(format.getScale(/*term=*/0, /*channel=*/0), exponent)));
  return parameters;
}

/// The place among the parameters of the element at `index`.
static int64_t getPlace(const GroupedConstant &grouped,
                        const Parameters &parameters, ArrayRef<int64_t> index) {
  if (!grouped.axis || grouped.size == 0)
    return grouped.axis ? index[*grouped.axis] : 0;
  int64_t place = 0;
  for (auto [dim, size] : llvm::enumerate(parameters.shape)) {
    bool isAxis = static_cast<int64_t>(dim) == *grouped.axis;
    place = place * size + index[dim] / (isAxis ? grouped.size : 1);
  }
  return place;
}

/// True if `code` is an element of `block` that is no finite number.
static bool isNoNumber(BlockType block, int64_t code) {
  auto type = dyn_cast<FloatType>(block.getElement());
  return type && !APFloat(type.getFloatSemantics(),
                          APInt(type.getWidth(), static_cast<uint64_t>(code),
                                /*isSigned=*/false, /*implicitTrunc=*/true))
                      .isFinite();
}

std::optional<GroupedConstant> lowbit::readGroupedConstant(Value real,
                                                           StringRef &reason) {
  auto decode = real.getDefiningOp<DecodeOp>();
  auto constant =
      decode ? decode.getInput().getDefiningOp<ConstantOp>() : ConstantOp();
  if (!constant || decode.getParameters().empty())
    return std::nullopt;
  RankedTensorType type = constant.getType();
  auto affine = dyn_cast<AffineType>(type.getElementType());
  auto block = dyn_cast<BlockType>(type.getElementType());
  if (!affine && !block)
    return std::nullopt;
  GroupedConstant grouped;
  grouped.constant = constant;
  grouped.axis = affine ? affine.getAxis() : block.getAxis();
  grouped.size = affine ? affine.getGroup() : block.getSize();
  grouped.isFloat = block && isa<FloatType>(block.getElement());
  std::optional<SmallVector<int64_t>> codes = readCodes(constant);
  std::optional<Parameters> parameters = readParameters(decode, block);
  if (!codes || !parameters) {
    reason = "the scales of its weights are not constant";
    return std::nullopt;
  }
  if (!llvm::all_of(parameters->scales,
                    [](float scale) { return std::isfinite(scale); }))
    reason = "a scale of its weights is not a finite number";
  llvm::append_range(grouped.shape, type.getShape());
  forEachIndex(grouped.shape, [&](int64_t i, ArrayRef<int64_t> index) {
    int64_t step = (*codes)[i];
    if (block && isNoNumber(block, step))
      reason = "its weights hold codes that are no numbers";
    int64_t place = getPlace(grouped, *parameters, index);
    if (block)
      step = cast<Format>(block).getStep(step, /*term=*/0);
    else if (!parameters->zeroPoints.empty())
      step -= parameters->zeroPoints[place];
    grouped.steps.push_back(step);
    grouped.elementScales.push_back(parameters->scales[place]);
  });
  if (!reason.empty() || grouped.steps.empty())
    return std::nullopt;
  return grouped;
}
