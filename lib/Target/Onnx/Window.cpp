//===- Window.cpp - sliding windows of convolutions and pools ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Window.h"

#include "TosaBuilding.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// Strides, kernels and paddings above this are refused, so that sums and
/// products of them and of dimensions stay within 64 bits.
static constexpr int64_t maxAttribute = std::numeric_limits<int32_t>::max();

SmallVector<int64_t> Windows::getKernel() const {
  return {height.kernel, width.kernel};
}
SmallVector<int64_t> Windows::getStride() const {
  return {height.stride, width.stride};
}
SmallVector<int64_t> Windows::getDilation() const {
  return {height.dilation, width.dilation};
}
SmallVector<int64_t> Windows::getPad() const {
  return {height.padBegin, height.padEnd, width.padBegin, width.padEnd};
}

/// Refuses the node if `values` are not `count` numbers of at least `least`.
static LogicalResult expectList(NodeContext &node, StringRef name,
                                ArrayRef<int64_t> values, size_t count,
                                int64_t least) {
  if (values.size() == count && llvm::all_of(values, [&](int64_t value) {
        return value >= least && value <= maxAttribute;
      }))
    return success();
  return node.refuse("has " + name + " = " + describeShape(values) +
                     "; expected " + Twine(count) + " numbers of at least " +
                     Twine(least) + " and below 2^31");
}

static int64_t divideUp(int64_t value, int64_t by) {
  return (value + by - 1) / by;
}

/// Counts the windows and makes the padding and the used input fit them.
/// Rounding up adds a window that runs over the end, unless it would begin at
/// `lastBegin` or behind: at the padding after the input.
static LogicalResult fitWindow(NodeContext &node, Window &window, bool roundUp,
                               int64_t lastBegin) {
  int64_t extent = (window.kernel - 1) * window.dilation + 1;
  int64_t slack = window.padBegin + window.input + window.padEnd - extent;
  if (slack < 0)
    return node.refuse("has a window of " + Twine(extent) +
                       " elements over an input of " + Twine(window.input) +
                       " with padding " + Twine(window.padBegin) + " and " +
                       Twine(window.padEnd));
  int64_t steps = slack / window.stride;
  if (roundUp && slack % window.stride != 0 &&
      (steps + 1) * window.stride < lastBegin)
    ++steps;
  window.output = steps + 1;

  int64_t excess = slack - steps * window.stride;
  int64_t fromPad = std::min(excess, window.padEnd);
  window.padEnd -= fromPad;
  window.used = window.input - (excess - fromPad);
  if (window.used < 1)
    return node.refuse("has windows that read only padding");
  return success();
}

namespace {
/// What a node states about its windows, one entry for each dimension, and two
/// of padding.
struct WindowAttributes {
  SmallVector<int64_t> strides, dilations, pads;
  std::string autoPad;

  bool isSame() const {
    return autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER";
  }
};
} // namespace

static std::optional<WindowAttributes>
readAttributes(NodeContext &node, size_t count, ArrayRef<int64_t> kernel) {
  if (count != 1 && count != 2) {
    (void)node.refuse("works on " + Twine(count) +
                      " spatial dimensions; lowbit imports 1 and 2");
    return std::nullopt;
  }
  SmallVector<int64_t> ones(count, 1), zeros(2 * count, 0);
  WindowAttributes stated{
      node.getInts("strides", ones), node.getInts("dilations", ones),
      node.getInts("pads", zeros), node.getString("auto_pad", "NOTSET")};
  if (!stated.isSame() && stated.autoPad != "NOTSET" &&
      stated.autoPad != "VALID") {
    (void)node.refuse("has auto_pad = " + quote(stated.autoPad) +
                      "; expected NOTSET, VALID, SAME_UPPER or SAME_LOWER");
    return std::nullopt;
  }
  if (stated.autoPad != "NOTSET")
    stated.pads = zeros;
  if (failed(expectList(node, "kernel_shape", kernel, count, 1)) ||
      failed(expectList(node, "strides", stated.strides, count, 1)) ||
      failed(expectList(node, "dilations", stated.dilations, count, 1)) ||
      failed(expectList(node, "pads", stated.pads, 2 * count, 0)))
    return std::nullopt;
  return stated;
}

std::optional<Windows>
onnximport::readWindows(NodeContext &node, ArrayRef<int64_t> spatial,
                        ArrayRef<int64_t> kernel, CeilMode ceilMode,
                        SmallVectorImpl<int64_t> *explicitPad) {
  size_t count = spatial.size();
  bool roundUp =
      ceilMode == CeilMode::Attribute && node.getInt("ceil_mode", 0) != 0;
  std::optional<WindowAttributes> stated = readAttributes(node, count, kernel);
  if (!stated)
    return std::nullopt;
  // ONNX's formula for VALID rounds down whatever ceil_mode says, its runtimes
  // do not: take neither.
  if (roundUp && stated->autoPad == "VALID") {
    (void)node.refuse("has ceil_mode = 1 with auto_pad = 'VALID', on which "
                      "runtimes disagree; use explicit pads");
    return std::nullopt;
  }

  Windows windows;
  if (explicitPad)
    explicitPad->assign(4, 0);
  for (size_t dim = 0; dim < count; ++dim) {
    bool isHeight = dim + 2 == count;
    Window &window = isHeight ? windows.height : windows.width;
    window.input = spatial[dim];
    window.kernel = kernel[dim];
    window.stride = stated->strides[dim];
    window.dilation = stated->dilations[dim];
    window.padBegin = stated->pads[dim];
    window.padEnd = stated->pads[dim + count];
    if (stated->isSame()) {
      int64_t extent = (window.kernel - 1) * window.dilation + 1;
      int64_t steps = divideUp(window.input, window.stride) - 1;
      int64_t total =
          std::max<int64_t>(steps * window.stride + extent - window.input, 0);
      int64_t less = total / 2, more = total - less;
      window.padBegin = stated->autoPad == "SAME_UPPER" ? less : more;
      window.padEnd = total - window.padBegin;
    }
    int64_t lastBegin = window.padBegin + window.input;
    if (explicitPad) {
      (*explicitPad)[isHeight ? 0 : 2] = window.padBegin;
      (*explicitPad)[isHeight ? 1 : 3] = window.padEnd;
      window.input += window.padBegin + window.padEnd;
      window.padBegin = window.padEnd = 0;
    }
    if (failed(fitWindow(node, window, roundUp, lastBegin)))
      return std::nullopt;
  }
  return windows;
}

/// The padding of a transposed convolution is what the output lacks. An output
/// larger than the windows reach has negative padding, at the end.
std::optional<TransposedWindows>
onnximport::readTransposedWindows(NodeContext &node, ArrayRef<int64_t> spatial,
                                  ArrayRef<int64_t> kernel) {
  size_t count = spatial.size();
  std::optional<WindowAttributes> stated = readAttributes(node, count, kernel);
  if (!stated)
    return std::nullopt;
  SmallVector<int64_t> more =
      node.getInts("output_padding", SmallVector<int64_t>(count, 0));
  SmallVector<int64_t> outputs = node.getInts("output_shape", {});
  if (failed(expectList(node, "output_padding", more, count, 0)))
    return std::nullopt;
  if (!outputs.empty() &&
      failed(expectList(node, "output_shape", outputs, count, 1)))
    return std::nullopt;
  for (size_t dim = 0; dim < count; ++dim) {
    int64_t reach = (kernel[dim] - 1) * stated->dilations[dim];
    int64_t stride = stated->strides[dim];
    if (reach <= maxAttribute && countElements({spatial[dim], stride}))
      continue;
    (void)node.refuse("spreads " + Twine(spatial[dim]) + " elements by " +
                      Twine(stride) + " under a window of " + Twine(reach + 1) +
                      ", which is too large");
    return std::nullopt;
  }
  if (outputs.empty() && stated->isSame())
    for (auto [size, stride] : llvm::zip_equal(spatial, stated->strides))
      outputs.push_back(size * stride);

  TransposedWindows windows;
  windows.spacing = {1, 1};
  for (size_t dim = 0; dim < count; ++dim) {
    bool isHeight = dim + 2 == count;
    Window &window = isHeight ? windows.height : windows.width;
    int64_t stride = stated->strides[dim];
    windows.spacing[isHeight ? 0 : 1] = stride;
    window.kernel = kernel[dim];
    window.dilation = stated->dilations[dim];
    int64_t reach = (window.kernel - 1) * window.dilation;
    window.used = spatial[dim];
    window.input = (spatial[dim] - 1) * stride + 1;
    int64_t begin = stated->pads[dim], end = stated->pads[dim + count];
    if (!outputs.empty()) {
      int64_t total = window.input + more[dim] + reach - outputs[dim];
      int64_t half = total >> 1; // Rounded down.
      begin = stated->autoPad == "SAME_UPPER" ? half : total - half;
      end = total - begin;
    }
    window.padBegin = reach - begin;
    window.padEnd = reach - end + more[dim];
    window.output = window.input + window.padBegin + window.padEnd - reach;
    if (window.output < 1) {
      (void)node.refuse("pads by " + Twine(begin) + " and " + Twine(end) +
                        ", which leaves nothing of the output");
      return std::nullopt;
    }
  }
  return windows;
}

Value onnximport::buildWindowInput(NodeContext &node, Value input,
                                   const Windows &windows) {
  if (input && rankOf(input) == 3) {
    ArrayRef<int64_t> shape = shapeOf(input);
    input = buildReshape(node, input, {shape[0], shape[1], 1, shape[2]});
  }
  Value image = buildChannelsLast(node, input);
  if (!image)
    return nullptr;
  ArrayRef<int64_t> shape = shapeOf(image);
  return buildLeadingSlice(
      node, image,
      {shape[0], windows.height.used, windows.width.used, shape[3]});
}

Value onnximport::buildWindowResult(NodeContext &node, Value result,
                                    int64_t rank) {
  Value channelsFirst = buildChannelsFirst(node, result);
  if (!channelsFirst || rank != 3)
    return channelsFirst;
  ArrayRef<int64_t> shape = shapeOf(channelsFirst);
  return buildReshape(node, channelsFirst, {shape[0], shape[1], shape[3]});
}
