//===- KernelStream.cpp - Weights that are read once ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A product of one row reads its weights once, and from memory where they exceed the
// caches. Processors fetch ahead what lies behind what they read, but not beyond the end
// of a page, and one stream better than several. So what groups of terms have lies among
// the weights, and a line of each page is asked for two pages ahead: this fetches its
// address, and the processor the rest.

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Whether one row reads bytes of weights from front to back.
bool KernelBuilder::streamsWeights() const {
  return numRows == 1 && outerRows.empty() && packed && !packed->excess &&
         cast<MemRefType>(packed->flat.getType()).getElementType().isInteger(8);
}

/// Asks for what is some way behind `bytes` bytes of weights from `rhs` on, where they are
/// more than many a second cache holds. With what groups have among them, for a line each
/// KB: more take longer than they save. Weights alone come line by line, first into the
/// second cache, which has more lines on their way than the first.
void KernelBuilder::prefetchWeights(const Index &rhs, int64_t bytes) {
  constexpr int64_t least = 512 * 1024;
  if (!streamsWeights() ||
      cast<MemRefType>(packed->flat.getType()).getNumElements() < least)
    return;
  auto ask = [&](int64_t ahead, int64_t apart, int32_t localityHint) {
    for (int64_t at = 0; at + apart / 2 <= bytes; at += apart)
      memref::PrefetchOp::create(builder, loc, packed->flat,
                                 materialize(rhs.plus(ahead + at)),
                                 /*isWrite=*/false, localityHint,
                                 /*isDataCache=*/true);
  };
  constexpr int32_t firstCache = 3, secondCache = 2;
  if (run.numGroups != 0)
    return ask(8192, 1024, firstCache);
  ask(4096, 64, secondCache);
  ask(512, 64, firstCache);
}

/// Where weights are streamed, moves what each panel has for a group of terms behind its
/// weights of the group.
void KernelBuilder::joinGroupOperands() {
  if (!streamsWeights() || run.numGroups != 1 || run.outer.size() != 1 ||
      !loops.batch.empty())
    return;
  unsigned loop = run.outer.front();
  int64_t groups = loops.sizes[loop], width = tile.vectors * primitive.lanes;
  int64_t panels = loops.sizes[loops.lane] / width;
  bool isSplat = false;
  auto getBytes = [&](Value flat) {
    memref::GlobalOp global = getConstantGlobal(op, flat, 0);
    return global && !getStorage(global) ? getGlobalBytes(global, isSplat)
                                         : ArrayRef<char>();
  };
  // The weights, and behind them the operands that lie in panels.
  struct Part {
    ArrayRef<char> bytes;
    int64_t size;
    LinearOperand *operand;
  };
  SmallVector<Part> parts = {
      {getBytes(packed->flat), packed->outerStride, nullptr}};
  int64_t chunk = packed->outerStride;
  for (unsigned i = 2; i < 2 + getNumAdded(); ++i)
    if (LinearOperand &operand = operands[i]; operand.panelStride) {
      int64_t size = width * operand.elementType.getIntOrFloatBitWidth() / 8;
      parts.push_back({getBytes(operand.flat), size, &operand});
      chunk += size;
    }
  auto isWhole = [&](const Part &part) {
    // In a panel, lanes are equally far apart for indices to be found.
    int64_t element = part.operand ? part.size / width : 1;
    return static_cast<int64_t>(part.bytes.size()) ==
               panels * groups * part.size &&
           chunk % element == 0 && chunk * groups % part.size == 0;
  };
  if (parts.size() < 2 || isSplat || !llvm::all_of(parts, isWhole))
    return;

  SmallVector<char> joined;
  joined.reserve(panels * groups * chunk);
  for (int64_t at = 0; at < panels * groups; ++at)
    for (const Part &part : parts)
      llvm::append_range(joined, part.bytes.slice(at * part.size, part.size));
  memref::GlobalOp global =
      createPackedGlobal(builder, getConstantGlobal(op, packed->flat, 0),
                         "_stream", joined, builder.getI8Type());
  keepWords(global);
  packed->flat = memref::GetGlobalOp::create(builder, loc, global.getType(),
                                             global.getSymName());
  packed->outerStride = chunk;
  packed->panelStride = packed->vectorSize = chunk * groups;
  packed->tailOffset = packed->batchStride = joined.size();
  packed->joinedBytes = panels * groups * (chunk - parts.front().size);
  int64_t shift = parts.front().size;
  for (const Part &part : ArrayRef(parts).drop_front()) {
    LinearOperand &operand = *part.operand;
    int64_t element = part.size / width;
    int64_t count = (static_cast<int64_t>(joined.size()) - shift) / element;
    operand.flat = memref::ViewOp::create(
        builder, loc, MemRefType::get({count}, operand.elementType),
        packed->flat, constantIndex(shift), ValueRange());
    operand.strides[loop] = chunk / element;
    operand.panelStride = chunk * groups / part.size;
    shift += part.size;
  }
}
