//===- TileLoader.cpp - Copies of tiles to shared memory ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Threads stand in rows of chunks: each copies one chunk of every passRows-th row,
// always in the same column. What lies beyond a run's end is filled with zeros.

#include "TilesKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

Value lowbit::swizzledOffset(GpuBuilder &build, int64_t depth, Value row,
                             Value chunk) {
  int64_t chunks = depth / chunkBytes;
  // Eight chunks fill all banks: with fewer in a row, several rows do.
  Value turn =
      build.remainder(build.divide(row, 8 / std::min<int64_t>(chunks, 8)),
                      std::min<int64_t>(chunks, 8));
  Value place = build.exclusiveOr(chunk, turn);
  return build.add(build.multiply(row, depth),
                   build.multiply(place, chunkBytes));
}

TileLoader::TileLoader(GpuBuilder &build, int64_t threads, int64_t depth,
                       int64_t rows, int64_t piece, ChunkRuns runs,
                       Value threadId, Value base,
                       function_ref<Value(Value)> rowOffset)
    : build(build), depth(depth), piece(piece), runs(std::move(runs)) {
  int64_t chunks = depth / chunkBytes;
  passRows = threads / chunks;
  passes = rows / passRows;
  firstChunk = build.remainder(threadId, chunks);
  Value row = build.divide(threadId, chunks);
  sharedOffset = swizzledOffset(build, depth, row, firstChunk);
  for (int64_t pass = 0; pass < passes; ++pass)
    rowPointers.push_back(
        build.advance(base, rowOffset(build.add(row, pass * passRows))));
}

void TileLoader::copy(Value step, Value shared) {
  Value chunk = build.add(build.multiply(step, depth / chunkBytes), firstChunk);
  shared = build.advance(shared, sharedOffset);
  if (piece >= 4)
    copyInBackground(chunk, shared);
  else
    copyInRegisters(chunk, shared);
}

std::pair<Value, Value> TileLoader::locate(Value chunk, int64_t first) {
  bool single = runs.outer == 1;
  Value position = single ? chunk : build.remainder(chunk, runs.runChunks());
  position = build.add(build.multiply(position, chunkBytes), first);
  Value offset = position, inside;
  if (!single) {
    Value run = build.divide(chunk, runs.runChunks());
    offset = build.add(position, runs.runOffset(run));
    if (runs.chunks() * chunkBytes % depth != 0)
      inside = build.less(run, runs.outer);
    if (runs.runBytes != runs.runPitch)
      inside = build.conjunction(inside, build.less(position, runs.runBytes));
  } else if (runs.runBytes % depth != 0) {
    inside = build.less(position, runs.runBytes);
  }
  if (inside)
    offset = build.choose(inside, offset, build.number(0));
  return {offset, inside};
}

void TileLoader::copyInBackground(Value chunk, Value shared) {
  auto cache = piece == chunkBytes ? NVVM::LoadCacheModifierKind::CG
                                   : NVVM::LoadCacheModifierKind::CA;
  for (int64_t first = 0; first < chunkBytes; first += piece) {
    auto [offset, inside] = locate(chunk, first);
    Value size =
        inside ? build.choose(inside, build.number(piece), build.number(0))
               : Value();
    for (auto [pass, pointer] : llvm::enumerate(rowPointers))
      NVVM::CpAsyncOp::create(
          build,
          build.advance(shared, Value(), pass * passRows * depth + first),
          build.advance(pointer, offset), piece, cache, size);
  }
}

void TileLoader::copyInRegisters(Value chunk, Value shared) {
  auto word = build.getIntegerType(piece * 8);
  auto type = VectorType::get({chunkBytes / piece}, word);
  Value zero = arith::ConstantIntOp::create(build, word, 0);
  SmallVector<std::pair<Value, Value>> pieces;
  for (int64_t first = 0; first < chunkBytes; first += piece)
    pieces.push_back(locate(chunk, first));
  for (auto [pass, pointer] : llvm::enumerate(rowPointers)) {
    SmallVector<Value> words;
    for (auto [offset, inside] : pieces) {
      Value loaded =
          build.load(word, build.advance(pointer, offset), piece, false);
      words.push_back(inside ? build.choose(inside, loaded, zero) : loaded);
    }
    build.store(vector::FromElementsOp::create(build, type, words),
                build.advance(shared, Value(), pass * passRows * depth),
                chunkBytes);
  }
}
