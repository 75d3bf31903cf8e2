//===- KernelLayout.cpp - Operands of a kernel in linear memory ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Conversion/KernelLayout.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Adds the coefficients of `expr`, a sum of loops times constants, to
/// `strides`.
static void addCoefficients(AffineExpr expr, int64_t factor,
                            MutableArrayRef<int64_t> strides) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    strides[dim.getPosition()] += factor;
    return;
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  if (binary.getKind() == AffineExprKind::Add) {
    addCoefficients(binary.getLHS(), factor, strides);
    addCoefficients(binary.getRHS(), factor, strides);
    return;
  }
  int64_t constant = cast<AffineConstantExpr>(binary.getRHS()).getValue();
  addCoefficients(binary.getLHS(), factor * constant, strides);
}

std::optional<LinearOperand> lowbit::measureOperand(ContractOp op, unsigned i,
                                                    int64_t &extent) {
  Value operand = op.getMappedOperands()[i];
  auto type = dyn_cast<MemRefType>(operand.getType());
  SmallVector<int64_t> strides;
  LinearOperand linear;
  if (!type || !type.hasStaticShape() ||
      failed(type.getStridesAndOffset(strides, linear.offset)) ||
      ShapedType::isDynamic(linear.offset) ||
      llvm::any_of(strides, [](int64_t stride) {
        return ShapedType::isDynamic(stride) || stride < 0;
      }))
    return std::nullopt;
  linear.flat = operand;
  linear.elementType = type.getElementType();
  linear.format = op.getFormat(i);
  linear.strides.assign(op.getNumLoops(), 0);
  extent = linear.offset + 1;
  for (auto [expr, stride, size] :
       llvm::zip(op.getMap(i).getResults(), strides, type.getShape())) {
    addCoefficients(expr, stride, linear.strides);
    extent += stride * (size - 1);
  }
  return linear;
}

std::optional<LinearOperand> lowbit::linearize(OpBuilder &builder,
                                               ContractOp op, unsigned i) {
  int64_t extent = 0;
  std::optional<LinearOperand> linear = measureOperand(op, i, extent);
  if (!linear)
    return std::nullopt;
  auto type = cast<MemRefType>(linear->flat.getType());
  auto flat =
      MemRefType::get({extent}, type.getElementType(),
                      MemRefLayoutAttrInterface(), type.getMemorySpace());
  linear->flat = memref::ReinterpretCastOp::create(
      builder, op.getLoc(), flat, linear->flat, /*offset=*/0,
      ArrayRef<int64_t>{extent}, ArrayRef<int64_t>{1});
  return linear;
}

/// The loops of `outer` that have more than one trip.
static void keepLoops(const ContractionLoops &loops, ArrayRef<unsigned> outer,
                      ReductionRun &run) {
  llvm::copy_if(outer, std::back_inserter(run.outer),
                [&](unsigned loop) { return loops.sizes[loop] != 1; });
}

ReductionRun lowbit::findRun(const ContractionLoops &loops,
                             const LinearOperand &lhs) {
  ReductionRun run;
  keepLoops(loops, loops.groups, run);
  run.numGroups = run.outer.size();
  SmallVector<unsigned> outer = loops.reduction;
  while (!outer.empty()) {
    unsigned loop = outer.back();
    // Loops of one trip do not matter wherever they lie.
    if (loops.sizes[loop] != 1 && lhs.strides[loop] != run.length)
      break;
    run.length *= loops.sizes[loop];
    outer.pop_back();
  }
  keepLoops(loops, outer, run);
  return run;
}

ReductionRun lowbit::findTaps(const ContractionLoops &loops,
                              const LinearOperand &lhs, int64_t products) {
  constexpr int64_t mostTaps = 32;
  ReductionRun run;
  SmallVector<unsigned> outer = loops.reduction;
  llvm::erase_if(outer, [&](unsigned loop) { return loops.sizes[loop] == 1; });
  int64_t taps = 1;
  for (unsigned loop : outer)
    taps *= loops.sizes[loop];
  if (products > 1 && outer.size() > 1 && taps <= mostTaps) {
    // Along a row of the image a step is shortest.
    run.outer = {*llvm::min_element(outer, [&](unsigned a, unsigned b) {
      return lhs.strides[a] < lhs.strides[b];
    })};
    run.length = taps / loops.sizes[run.outer[0]];
    run.writesOutLast = true;
    return run;
  }
  while (!outer.empty() && run.length * loops.sizes[outer.back()] <= mostTaps)
    run.length *= loops.sizes[outer.pop_back_val()];
  keepLoops(loops, outer, run);
  return run;
}

void lowbit::walkLoops(const ContractionLoops &loops, ArrayRef<unsigned> walked,
                       ArrayRef<int64_t> strides, int64_t offset,
                       function_ref<void(int64_t)> body) {
  if (walked.empty())
    return body(offset);
  for (int64_t i = 0; i < loops.sizes[walked[0]]; ++i)
    walkLoops(loops, walked.drop_front(), strides,
              offset + i * strides[walked[0]], body);
}

SmallVector<int64_t> lowbit::getRunOffsets(const ContractionLoops &loops,
                                           const ReductionRun &run,
                                           ArrayRef<int64_t> strides) {
  SmallVector<unsigned> inner;
  llvm::copy_if(loops.reduction, std::back_inserter(inner), [&](unsigned loop) {
    return !llvm::is_contained(run.outer, loop);
  });
  SmallVector<int64_t> offsets;
  walkLoops(loops, inner, strides, 0,
            [&](int64_t offset) { offsets.push_back(offset); });
  return offsets;
}

ArrayRef<char> lowbit::getGlobalBytes(memref::GlobalOp global, bool &splat) {
  splat = false;
  auto value = dyn_cast_if_present<ElementsAttr>(global.getInitialValueAttr());
  if (auto dense = dyn_cast_if_present<DenseElementsAttr>(value)) {
    splat = dense.isSplat();
    return dense.getRawData();
  }
  if (auto resource = dyn_cast_if_present<DenseResourceElementsAttr>(value))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      return blob->getData();
  return {};
}
