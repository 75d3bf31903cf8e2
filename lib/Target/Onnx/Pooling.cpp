//===- Pooling.cpp - imports pooling ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pooling.h"

#include "Operators.h"
#include "Reductions.h"
#include "TosaBuilding.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

namespace {
enum class Pool { Average, Max };
} // namespace

/// Pools `input` [N, C, (H,) W] over `windows`; null after a refusal.
static Value buildPool(NodeContext &node, Pool pool, Value input,
                       const Windows &windows) {
  for (const Window &window : {windows.height, windows.width}) {
    if (window.dilation != 1)
      return buildSlidingPool(
          node, pool == Pool::Max ? SlidingPool::Max : SlidingPool::Average,
          input, windows);
    if (window.padBegin >= window.kernel || window.padEnd >= window.kernel) {
      (void)node.refuse(
          "pads by " + Twine(window.padBegin) + " and " + Twine(window.padEnd) +
          "; expected less than the kernel's " + Twine(window.kernel));
      return nullptr;
    }
  }
  int64_t rank = rankOf(input);
  Value source = buildWindowInput(node, input, windows);
  if (!source)
    return nullptr;
  RankedTensorType type =
      node.getType({shapeOf(source)[0], windows.height.output,
                    windows.width.output, shapeOf(source)[3]});
  if (!type)
    return nullptr;
  ImplicitLocOpBuilder &builder = node.builder;
  auto kernel = builder.getDenseI64ArrayAttr(windows.getKernel());
  auto stride = builder.getDenseI64ArrayAttr(windows.getStride());
  auto pad = builder.getDenseI64ArrayAttr(windows.getPad());
  Value result;
  if (pool == Pool::Max)
    result =
        tosa::MaxPool2dOp::create(builder, type, source, kernel, stride, pad);
  else
    result =
        tosa::AvgPool2dOp::create(builder, type, source, kernel, stride, pad,
                                  TypeAttr::get(builder.getF32Type()));
  return buildWindowResult(node, result, rank);
}

/// Sets `value` as the result; fails if it is null.
static LogicalResult finish(NodeContext &node, Value value) {
  if (!value)
    return failure();
  node.setResult(value);
  return success();
}

/// The input [N, C, spatial...]; null after a refusal.
static Value getImage(NodeContext &node) {
  Value input = node.getTensor(0);
  if (input && rankOf(input) < 3) {
    (void)node.refuse("pools an input of the shape " +
                      describeShape(shapeOf(input)) +
                      "; expected [N, C, W] or [N, C, H, W]");
    return nullptr;
  }
  return input;
}

/// The windows that the node states over `image`; nothing after a refusal.
static std::optional<Windows>
readPoolWindows(NodeContext &node, Value image,
                SmallVectorImpl<int64_t> *explicitPad = nullptr) {
  return readWindows(node, shapeOf(image).drop_front(2),
                     node.getInts("kernel_shape", {}), CeilMode::Attribute,
                     explicitPad);
}

static LogicalResult importMaxPool(NodeContext &node) {
  Value input = getImage(node);
  if (!input)
    return failure();
  // The order concerns the second output, the indices.
  node.ignore("storage_order");
  std::optional<Windows> windows = readPoolWindows(node, input);
  if (!windows)
    return failure();
  return finish(node, buildPool(node, Pool::Max, input, *windows));
}

/// TOSA never counts padding: where ONNX does, it becomes part of the input.
static LogicalResult importAveragePool(NodeContext &node) {
  Value input = getImage(node);
  if (!input)
    return failure();
  bool countPad = node.getInt("count_include_pad", 0) != 0;
  SmallVector<int64_t> pad;
  std::optional<Windows> windows =
      readPoolWindows(node, input, countPad ? &pad : nullptr);
  if (!windows)
    return failure();
  if (countPad) {
    // Padding that no window reaches would only be cut off again.
    pad[1] -= std::min(pad[1], windows->height.input - windows->height.used);
    pad[3] -= std::min(pad[3], windows->width.input - windows->width.used);
    SmallVector<int64_t> before = {0, 0, pad[0], pad[2]};
    SmallVector<int64_t> after = {0, 0, pad[1], pad[3]};
    if (rankOf(input) == 3) {
      before.erase(before.begin() + 2);
      after.erase(after.begin() + 2);
    }
    input = buildPad(node, input, before, after, 0.0f);
    if (!input)
      return failure();
  }
  return finish(node, buildPool(node, Pool::Average, input, *windows));
}

/// (sum |x|^p)^(1/p) over each window.
static LogicalResult importLpPool(NodeContext &node) {
  Value input = getImage(node);
  if (!input)
    return failure();
  int64_t order = node.getInt("p", 2);
  if (order < 1)
    return node.refuse("has p = " + Twine(order) + "; expected at least 1");
  std::optional<Windows> windows = readPoolWindows(node, input);
  if (!windows)
    return failure();
  return finish(node, buildNorm(node, input, order, [&](Value powers) {
                  return buildSlidingPool(node, SlidingPool::Sum, powers,
                                          *windows);
                }));
}

/// One window over the whole of `input`; nothing after a refusal.
static std::optional<Windows> getGlobalWindows(NodeContext &node, Value input) {
  ArrayRef<int64_t> spatial = shapeOf(input).drop_front(2);
  if (spatial.size() > 2) {
    (void)node.refuse("works on " + Twine(spatial.size()) +
                      " spatial dimensions; lowbit imports 1 and 2");
    return std::nullopt;
  }
  Windows windows;
  windows.width.kernel = windows.width.used = spatial.back();
  if (spatial.size() == 2)
    windows.height.kernel = windows.height.used = spatial.front();
  return windows;
}

static Value buildGlobalPool(NodeContext &node, Pool pool, Value input) {
  std::optional<Windows> windows = getGlobalWindows(node, input);
  return windows ? buildPool(node, pool, input, *windows) : nullptr;
}

Value onnximport::buildGlobalAveragePool(NodeContext &node, Value input) {
  return buildGlobalPool(node, Pool::Average, input);
}

static OperatorImporter importGlobalPool(Pool pool) {
  return [=](NodeContext &node) -> LogicalResult {
    Value input = getImage(node);
    if (!input)
      return failure();
    return finish(node, buildGlobalPool(node, pool, input));
  };
}

void onnximport::addPoolingOperators(OperatorTable &table) {
  table.add("AveragePool", {1, 1}, importAveragePool);
  table.add("GlobalAveragePool", {1, 1}, importGlobalPool(Pool::Average));
  table.add("GlobalMaxPool", {1, 1}, importGlobalPool(Pool::Max));
  table.add("LpPool", {1, 1}, importLpPool);
  table.add("MaxPool", {1, 1}, importMaxPool);
}
