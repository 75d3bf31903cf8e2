//===- ExcessCollector.cpp - What is taken from packed weights --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExcessCollector.h"

using namespace mlir;
using namespace mlir::lowbit;

void ExcessCollector::take(MutableArrayRef<char> panel, int64_t width,
                           size_t trip) {
  int64_t size = shape.getStepSize(), vectors = width / shape.lanes;
  current.resize(vectors);
  SmallVector<int8_t> weights(panel.size() / vectors);
  for (int64_t v = 0; v < vectors; ++v) {
    auto copy = [&](auto move) {
      for (int64_t step = 0; step < int64_t(weights.size()) / size; ++step)
        for (int64_t i = 0; i < size; ++i)
          move(weights[step * size + i],
               panel[(step * vectors + v) * size + i]);
    };
    copy([](int8_t &weight, char &packed) { weight = packed; });
    int64_t count =
        takeExcess(weights, shape, partial.chunk, partial.limit,
                   [&](int64_t step, ArrayRef<int8_t> excess) {
                     add(current[v], tripOffsets[trip], step, excess);
                   });
    if (count != 0)
      copy([](int8_t &weight, char &packed) { packed = weight; });
  }
}

void ExcessCollector::closePanel() {
  for (Steps &steps : current) {
    weights.append(steps.weights);
    offsets.append(steps.offsets);
    starts.push_back(offsets.size());
  }
  current.clear();
}

/// A step that reads elements which all belong to the run: the last one of a run
/// begins earlier than the weights' own.
void ExcessCollector::add(Steps &steps, int64_t offset, int64_t step,
                          ArrayRef<int8_t> excess) const {
  int64_t own = step * shape.products;
  int64_t first =
      std::max<int64_t>(std::min(own, runLength - shape.products), 0);
  steps.offsets.push_back(offset + first);
  size_t start = steps.weights.size();
  steps.weights.append(excess.size(), 0);
  for (int64_t i = 0, e = excess.size(); i < e; ++i)
    if (excess[i] != 0) // never of what the run is filled up with
      steps.weights[start + i + own - first] = excess[i];
}

std::optional<PackedExcess>
ExcessCollector::build(OpBuilder &builder, Location loc,
                       memref::GlobalOp original) const {
  if (offsets.empty())
    return std::nullopt;
  auto make = [&](auto &list, StringRef suffix, unsigned width) -> Value {
    ArrayRef<char> bytes(reinterpret_cast<const char *>(list.data()),
                         list.size() * width / 8);
    memref::GlobalOp global = createPackedGlobal(
        builder, original, suffix, bytes, builder.getIntegerType(width));
    return memref::GetGlobalOp::create(builder, loc, global.getType(),
                                       global.getSymName());
  };
  return PackedExcess{make(weights, "_excess", 8),
                      make(offsets, "_excess_offsets", 64),
                      make(starts, "_excess_starts", 32)};
}
