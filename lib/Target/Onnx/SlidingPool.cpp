//===- SlidingPool.cpp - pools by combining shifted slices ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"
#include "Pooling.h"
#include "TosaBuilding.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// More positions of a window in one direction than are written out.
static constexpr int64_t maxPositions = 64;

/// The positions of `window` over dimension `dim` of `input`, combined for
/// windows that begin at each element, whatever the stride.
static Value combinePositions(NodeContext &node, SlidingPool pool, Value input,
                              int64_t dim, const Window &window) {
  int64_t count = (window.output - 1) * window.stride + 1;
  Value result = buildSlice(node, input, dim, 0, count);
  for (int64_t position = 1; result && position < window.kernel; ++position) {
    Value slice =
        buildSlice(node, input, dim, position * window.dilation, count);
    result = pool == SlidingPool::Max
                 ? buildBinary<tosa::MaximumOp>(node, result, slice)
                 : buildAdd(node, result, slice);
  }
  return result;
}

/// How many positions of each window lie in the input.
static SmallVector<int64_t> countPositions(const Window &window) {
  SmallVector<int64_t> counts;
  for (int64_t output = 0; output < window.output; ++output) {
    int64_t count = 0;
    for (int64_t position = 0; position < window.kernel; ++position) {
      int64_t index =
          output * window.stride + position * window.dilation - window.padBegin;
      count += index >= 0 && index < window.input;
    }
    counts.push_back(count);
  }
  return counts;
}

/// `sums` [N, H, W, C] divided by the positions that each window has.
static Value buildMean(NodeContext &node, Value sums, const Windows &windows) {
  SmallVector<int64_t> shape = {1, windows.height.output, windows.width.output,
                                1};
  if (!countFolded(node, shape))
    return nullptr;
  SmallVector<int64_t> rows = countPositions(windows.height);
  SmallVector<int64_t> columns = countPositions(windows.width);
  std::vector<float> factors;
  for (int64_t row : rows)
    for (int64_t column : columns) {
      if (row == 0 || column == 0) {
        (void)node.refuse("has windows that read only padding");
        return nullptr;
      }
      factors.push_back(1.0f / static_cast<float>(row * column));
    }
  return buildMul(
      node, sums,
      buildConstant(node, ConstantTensor::get(shape, std::move(factors))));
}

Value onnximport::buildSlidingPool(NodeContext &node, SlidingPool pool,
                                   Value input, const Windows &windows) {
  for (const Window &window : {windows.height, windows.width})
    if (window.kernel > maxPositions) {
      (void)node.refuse("has a kernel of " + Twine(window.kernel) +
                        " elements; lowbit imports at most " +
                        Twine(maxPositions) + " for this pool");
      return nullptr;
    }
  int64_t rank = rankOf(input);
  float filling =
      pool == SlidingPool::Max ? -std::numeric_limits<float>::max() : 0.0f;
  Value result =
      buildPad(node, buildWindowInput(node, input, windows),
               {0, windows.height.padBegin, windows.width.padBegin, 0},
               {0, windows.height.padEnd, windows.width.padEnd, 0}, filling);
  result = combinePositions(node, pool, result, 1, windows.height);
  result = combinePositions(node, pool, result, 2, windows.width);
  if (!result)
    return nullptr;
  SmallVector<int64_t> stride = windows.getStride();
  if (stride != ArrayRef<int64_t>({1, 1})) {
    // A pool with a kernel of one element takes every n-th of them.
    ImplicitLocOpBuilder &builder = node.builder;
    RankedTensorType type =
        node.getType({shapeOf(result)[0], windows.height.output,
                      windows.width.output, shapeOf(result)[3]});
    result = tosa::MaxPool2dOp::create(
        builder, type, result, builder.getDenseI64ArrayAttr({1, 1}),
        builder.getDenseI64ArrayAttr(stride),
        builder.getDenseI64ArrayAttr({0, 0, 0, 0}));
  }
  if (pool == SlidingPool::Average)
    result = buildMean(node, result, windows);
  return buildWindowResult(node, result, rank);
}
