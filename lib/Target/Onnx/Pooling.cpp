//===- Pooling.cpp - imports pooling ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "TosaBuilding.h"
#include "Window.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

namespace {
enum class Pool { Average, Max };
} // namespace

/// Pools `input` [N, C, (H,) W] over `windows` and sets the result.
static LogicalResult buildPool(NodeContext &node, Pool pool, Value input,
                               const Windows &windows) {
  for (const Window &window : {windows.height, windows.width}) {
    if (window.dilation != 1)
      return node.refuse("pools with dilations; lowbit imports only 1");
    if (window.padBegin >= window.kernel || window.padEnd >= window.kernel)
      return node.refuse(
          "pads by " + Twine(window.padBegin) + " and " + Twine(window.padEnd) +
          "; expected less than the kernel's " + Twine(window.kernel));
  }
  int64_t rank = rankOf(input);
  Value source = buildWindowInput(node, input, windows);
  if (!source)
    return failure();
  RankedTensorType type =
      node.getType({shapeOf(source)[0], windows.height.output,
                    windows.width.output, shapeOf(source)[3]});
  if (!type)
    return failure();
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
  node.setResult(buildWindowResult(node, result, rank));
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

static LogicalResult importMaxPool(NodeContext &node) {
  Value input = getImage(node);
  if (!input)
    return failure();
  // The order concerns the second output, the indices.
  node.ignore("storage_order");
  std::optional<Windows> windows =
      readWindows(node, shapeOf(input).drop_front(2),
                  node.getInts("kernel_shape", {}), CeilMode::Attribute);
  if (!windows)
    return failure();
  return buildPool(node, Pool::Max, input, *windows);
}

/// TOSA never counts padding: where ONNX does, it becomes part of the input.
static LogicalResult importAveragePool(NodeContext &node) {
  Value input = getImage(node);
  if (!input)
    return failure();
  bool countPad = node.getInt("count_include_pad", 0) != 0;
  SmallVector<int64_t> pad;
  std::optional<Windows> windows = readWindows(
      node, shapeOf(input).drop_front(2), node.getInts("kernel_shape", {}),
      CeilMode::Attribute, countPad ? &pad : nullptr);
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
  return buildPool(node, Pool::Average, input, *windows);
}

static OperatorImporter importGlobalPool(Pool pool) {
  return [=](NodeContext &node) -> LogicalResult {
    Value input = getImage(node);
    if (!input)
      return failure();
    ArrayRef<int64_t> spatial = shapeOf(input).drop_front(2);
    if (spatial.size() > 2)
      return node.refuse("works on " + Twine(spatial.size()) +
                         " spatial dimensions; lowbit imports 1 and 2");
    Windows windows;
    windows.width.kernel = windows.width.used = spatial.back();
    if (spatial.size() == 2)
      windows.height.kernel = windows.height.used = spatial.front();
    return buildPool(node, pool, input, windows);
  };
}

void onnximport::addPoolingOperators(OperatorTable &table) {
  table.add("AveragePool", {1, 1}, importAveragePool);
  table.add("GlobalAveragePool", {1, 1}, importGlobalPool(Pool::Average));
  table.add("GlobalMaxPool", {1, 1}, importGlobalPool(Pool::Max));
  table.add("MaxPool", {1, 1}, importMaxPool);
}
