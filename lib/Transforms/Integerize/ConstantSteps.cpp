//===- ConstantSteps.cpp - Decoded constants ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantSteps.h"

#include "lowbit/IR/WeightTables.h"

#include "lowbit/Analysis/CodeData.h"

using namespace mlir;
using namespace mlir::lowbit;

std::optional<ConstantSteps> lowbit::readConstantSteps(Value real) {
  auto decode = real.getDefiningOp<DecodeOp>();
  auto constant =
      decode ? decode.getInput().getDefiningOp<ConstantOp>() : ConstantOp();
  if (!constant)
    return std::nullopt;
  RankedTensorType type = constant.getType();
  Type format = type.getElementType();
  std::optional<SmallVector<int64_t>> codes = readCodes(constant);
  if (!codes)
    return std::nullopt;
  ConstantSteps result;
  SmallVector<int64_t> zeroPoints;
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(format)) {
    result.scales = {uniform.getScale()};
    zeroPoints = {uniform.getZeroPoint()};
  } else if (auto perAxis =
                 dyn_cast<quant::UniformQuantizedPerAxisType>(format)) {
    result.axis = perAxis.getQuantizedDimension();
    llvm::append_range(result.scales, perAxis.getScales());
    llvm::append_range(zeroPoints, perAxis.getZeroPoints());
    for (int64_t size : type.getShape().drop_front(*result.axis + 1))
      result.inner *= size;
  } else {
    return std::nullopt;
  }
  result.isShifted =
      llvm::any_of(zeroPoints, [](int64_t zero) { return zero != 0; });
  for (auto [i, code] : llvm::enumerate(*codes))
    code -= zeroPoints[i / result.inner % zeroPoints.size()];
  result.steps = std::move(*codes);
  result.storage = constant->getAttrOfType<StorageAttr>(kStorageAttr);
  return result;
}

ConstantOp lowbit::createSteps(OpBuilder &builder, Location loc,
                               const ConstantSteps &steps,
                               ArrayRef<int64_t> shape, StringRef name) {
  auto fit = [&](unsigned width) {
    return llvm::all_of(
        steps.steps, [&](int64_t step) { return llvm::isIntN(width, step); });
  };
  unsigned width = fit(8) ? 8 : fit(16) ? 16 : 32;
  Type storage = builder.getIntegerType(width);
  Type real = builder.getF32Type();
  unsigned flags = quant::QuantizationFlags::Signed;
  int64_t low = llvm::minIntN(width), high = llvm::maxIntN(width);
  Type format;
  if (steps.axis)
    format = quant::UniformQuantizedPerAxisType::get(
        flags, storage, real, steps.scales,
        SmallVector<int64_t>(steps.scales.size(), 0), *steps.axis, low, high);
  else
    format = quant::UniformQuantizedType::get(
        flags, storage, real, steps.scales[0], /*zeroPoint=*/0, low, high);
  auto type = RankedTensorType::get(shape, format);
  auto constant = ConstantOp::create(builder, loc, type,
                                     makeCodes(type, steps.steps, name));
  if (steps.storage)
    constant->setAttr(kStorageAttr, steps.storage);
  if (steps.tables)
    constant->setAttr(kTablesAttr, steps.tables);
  return constant;
}
