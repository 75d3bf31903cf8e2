//===- ChannelStatistics.cpp - What a layer reads -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelStatistics.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

bool ChannelStatistics::addSample(ArrayRef<float> elements) {
  size_t numChannels = sum.size();
  assert(numChannels > 0 && elements.size() % numChannels == 0 &&
         "expects whole rows of channels");
  if (!llvm::all_of(elements, [](float x) { return std::isfinite(x); }))
    return false;
  if (elements.empty())
    return true;
  if (count == 0) {
    ArrayRef<float> first = elements.take_front(numChannels);
    min.assign(first.begin(), first.end());
    max.assign(first.begin(), first.end());
  }
  for (size_t row = 0; row < elements.size(); row += numChannels)
    for (size_t channel = 0; channel < numChannels; ++channel) {
      float x = elements[row + channel];
      min[channel] = std::min(min[channel], x);
      max[channel] = std::max(max[channel], x);
      sum[channel] += x;
    }
  count += elements.size() / numChannels;
  return true;
}

ChannelsAttr ChannelStatistics::get(MLIRContext *context) const {
  assert(!isEmpty() && "there are no statistics of nothing");
  SmallVector<float> mean;
  for (double total : sum)
    mean.push_back(static_cast<float>(total / count));
  auto list = [&](ArrayRef<float> values) {
    return DenseF32ArrayAttr::get(context, values);
  };
  return ChannelsAttr::get(context, list(min), list(max), list(mean));
}
