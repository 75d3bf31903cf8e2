//===- KernelVectorExpand.cpp - Panels made of vectors from tables --------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Weights that are vectors from tables stay numbers of their entries in memory. Before
// the tiles of rows pass some panels, the weights of these are made on the stack: for
// eight places at a time, whose tables stay in the first cache while all columns look
// their vectors up in them. A load brings the eight numbers of a column, which are shifted
// and masked, and each vector is copied, in pieces that lie together where the primitive
// reads them. Entries of several stages are added up.
//
// The vector at the end of the inputs may be longer than what is left of them. It is
// copied as a whole, and what comes next overwrites it; behind the last one there is room.

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <numeric>

using namespace mlir;
using namespace mlir::lowbit;

KernelBuilder::VectorPanel
KernelBuilder::measureVectorPanel(int64_t vectorCount, int64_t valid) const {
  int64_t products = primitive.products;
  VectorPanel shape{vectorCount * primitive.lanes, valid, 0, 0, 0};
  shape.runStride = shape.width * products;
  shape.outerStride = llvm::divideCeil(run.length, products) * shape.runStride;
  shape.size = shape.outerStride;
  for (unsigned loop : run.outer)
    shape.size *= loops.sizes[loop];
  if (vectors->length % vectors->dim != 0) // the last vector is too long
    shape.size += llvm::divideCeil(vectors->dim, products) * shape.runStride;
  return shape;
}

/// How many panels are made at once: more columns for each time that tables are read.
int64_t KernelBuilder::countPanelsTogether() const {
  int64_t width = tile.vectors * primitive.lanes;
  unsigned bits = primitive.rhsWidth + (expands ? primitive.operandWidth : 0);
  int64_t bytes = measureVectorPanel(tile.vectors, width).size * bits / 8;
  int64_t panels = loops.sizes[loops.lane] / width;
  return std::clamp<int64_t>(mostPanelBytes / bytes, 1, panels);
}

void KernelBuilder::buildVectorPanels(ArrayRef<Index> bases,
                                      const Index &weights, Range panels) {
  int64_t width = tile.vectors * primitive.lanes;
  VectorPanel shape = measureVectorPanel(tile.vectors, width);
  int64_t most = countPanelsTogether();
  auto build = [&](Value first, Value count) {
    auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
    Value stack = LLVM::StackSaveOp::create(builder, loc, pointer);
    std::optional<PackedWeights> whole = packed;
    packed->flat =
        expandVectors(shape, weights.plus(first, width), most, count);
    buildFor({constantIndex(0), count}, [&](Value iv) {
      Panel panel{tile.vectors,
                  width,
                  Index().plus(first, width).plus(iv, width),
                  Index().plus(iv, shape.size),
                  shape.outerStride,
                  shape.runStride};
      buildPanel(bases, panel, nullptr);
    });
    packed = whole;
    LLVM::StackRestoreOp::create(builder, loc, stack);
  };
  if (most == 1)
    return buildFor(panels, [&](Value iv) { build(iv, constantIndex(1)); });
  if (!panelRange && most == loops.sizes[loops.lane] / width)
    return build(panels.first, panels.last);
  Value step = constantIndex(most);
  auto loop = scf::ForOp::create(builder, loc, panels.first, panels.last, step);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(loop.getBody()->getTerminator());
  Value first = loop.getInductionVar();
  Value count = arith::SubIOp::create(builder, loc, panels.last, first);
  build(first, arith::MinUIOp::create(builder, loc, count, step));
}

void KernelBuilder::buildVectorTail(ArrayRef<Index> bases, const Panel &panel) {
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value stack = LLVM::StackSaveOp::create(builder, loc, pointer);
  VectorPanel shape = measureVectorPanel(panel.vectors, panel.valid);
  std::optional<PackedWeights> whole = packed;
  packed->flat = expandVectors(shape, panel.weights, 1, constantIndex(1));
  Panel made = panel;
  made.weights = Index();
  made.outerStride = shape.outerStride;
  made.runStride = shape.runStride;
  buildPanel(bases, made, nullptr);
  packed = whole;
  LLVM::StackRestoreOp::create(builder, loc, stack);
}

/// The weights of `count` panels, at most `most`, from `column` on, one panel behind the
/// other.
Value KernelBuilder::expandVectors(const VectorPanel &shape,
                                   const Index &column, int64_t most,
                                   Value count) {
  Value room = allocate(most * shape.size, primitive.rhsWidth);
  int64_t size = WeightVectors::blockPlaces;
  int64_t full = vectors->countPlaces() / size;
  Index first = Index().plus(materialize(column), 1);
  if (full != 0)
    buildFor({constantIndex(0), constantIndex(full)}, [&](Value iv) {
      expandVectorBlock(shape, first, count, iv, size, room);
    });
  if (int64_t rest = vectors->countPlaces() % size)
    expandVectorBlock(shape, first, count, constantIndex(full), rest, room);
  clearPadding(shape, count, room);
  if (!expands)
    return room;
  // As wide as the primitive reads them.
  Value wide = allocate(most * shape.size, primitive.operandWidth);
  int64_t step = primitive.lanes * primitive.products;
  auto type = VectorType::get({step}, operands[1].elementType);
  Value steps = arith::MulIOp::create(builder, loc, count,
                                      constantIndex(shape.size / step));
  buildFor({constantIndex(0), steps}, [&](Value iv) {
    Value at = materialize(Index().plus(iv, step));
    Value words = vector::LoadOp::create(builder, loc, type, room, at);
    words = extend(words, operands[1].format, primitive.operandWidth);
    vector::StoreOp::create(builder, loc, words, wide, at);
  });
  return wide;
}

/// Copies the vectors of the `places` places of block `block`, for `count` panels.
void KernelBuilder::expandVectorBlock(const VectorPanel &shape,
                                      const Index &column, Value count,
                                      Value block, int64_t places, Value room) {
  constexpr int64_t blockPlaces = WeightVectors::blockPlaces;
  const WeightVectors &source = *vectors;
  int64_t dim = source.dim, products = primitive.products;
  int64_t piece = std::gcd(dim, products);
  if (source.windows != 1)
    piece = std::gcd(piece, source.length);
  int64_t tableSize = source.entries * dim;
  int64_t placeSize = source.stages * tableSize;
  auto divide = [&](Value value, int64_t by) -> Value {
    return arith::DivUIOp::create(builder, loc, value, constantIndex(by));
  };
  auto getRest = [&](Value value, int64_t by) -> Value {
    return arith::RemUIOp::create(builder, loc, value, constantIndex(by));
  };
  // Where term `term` of a column is, the runs filled up; a piece does not go over two
  // steps.
  auto place = [&](int64_t term) {
    return term / products * shape.runStride + term % products;
  };
  bool isEven = source.length % dim == 0 && blockPlaces * dim % products == 0 &&
                (run.outer.empty() || run.length % products == 0);
  bool sharesPlaces = source.isShared || source.windows == 1;
  // Of each place, the tables, and where the pieces of its vector go.
  SmallVector<Index> from, to;
  for (int64_t i = 0; i < places; ++i) {
    Value number = materialize(Index().plus(i).plus(block, blockPlaces));
    if (source.isShared)
      from.push_back(Index());
    else if (sharesPlaces)
      from.push_back(
          Index().plus(i * placeSize).plus(block, blockPlaces * placeSize));
    else
      from.push_back(Index().plus(
          materialize(Index().plus(getRest(number, source.places), placeSize)),
          1));
    Value start;
    if (!isEven) {
      Value term =
          materialize(Index()
                          .plus(divide(number, source.places), source.length)
                          .plus(getRest(number, source.places), dim));
      start = materialize(Index()
                              .plus(divide(term, run.length),
                                    llvm::alignTo(run.length, products))
                              .plus(getRest(term, run.length), 1));
    }
    for (int64_t d = 0; d < dim; d += piece) {
      if (isEven) {
        to.push_back(Index()
                         .plus(place(i * dim + d))
                         .plus(block, place(blockPlaces * dim)));
        continue;
      }
      Value at = materialize(Index().plus(start, 1).plus(d));
      to.push_back(Index().plus(
          materialize(Index()
                          .plus(divide(at, products), shape.runStride)
                          .plus(getRest(at, products), 1)),
          1));
    }
  }

  Type element = cast<MemRefType>(tables.getType()).getElementType();
  Type word = operands[1].elementType;
  int64_t blockBytes = source.countBlockBytes(places);
  // Blocks in front of this one are whole.
  Index numbers = Index().plus(block, source.stages * source.columns *
                                          source.countBlockBytes(blockPlaces));
  for (auto [value, factor] : column.terms)
    numbers = numbers.plus(value, factor * blockBytes);
  // `piece` numbers of a table as weights.
  auto loadPiece = [&](const Index &at) -> Value {
    Value index = materialize(at);
    Value loaded;
    Type type = word;
    if (piece == 1) {
      loaded = memref::LoadOp::create(builder, loc, tables, index);
    } else {
      type = VectorType::get({piece}, word);
      loaded = vector::LoadOp::create(
          builder, loc, VectorType::get({piece}, element), tables, index);
    }
    unsigned width = word.getIntOrFloatBitWidth();
    if (element.getIntOrFloatBitWidth() < width)
      return arith::ExtSIOp::create(builder, loc, type, loaded);
    if (element.getIntOrFloatBitWidth() > width) // sums do not depend on more
      return arith::TruncIOp::create(builder, loc, type, loaded);
    return loaded;
  };
  auto copy = [&](Value panel, Value lane) {
    SmallVector<SmallVector<Index>> entries(places);
    for (int64_t stage = 0; stage < source.stages; ++stage) {
      Index at = numbers.plus(stage * source.columns * blockBytes)
                     .plus(panel, shape.width * blockBytes)
                     .plus(lane, blockBytes);
      for (auto [i, entry] : llvm::enumerate(loadNumbers(at, places)))
        entries[i].push_back(from[i].plus(stage * tableSize).plus(entry, dim));
    }
    int64_t pieces = dim / piece;
    for (int64_t i = 0; i < places * pieces; ++i) {
      Value sum;
      for (const Index &entry : entries[i / pieces]) {
        Value part = loadPiece(entry.plus(i % pieces * piece));
        sum = sum ? arith::AddIOp::create(builder, loc, sum, part) : part;
      }
      Value at =
          materialize(to[i].plus(panel, shape.size).plus(lane, products));
      if (piece == 1)
        memref::StoreOp::create(builder, loc, sum, room, at);
      else
        vector::StoreOp::create(builder, loc, sum, room, at);
    }
  };
  buildFor({constantIndex(0), count}, [&](Value panel) {
    buildFor({constantIndex(0), constantIndex(shape.valid)},
             [&](Value lane) { copy(panel, lane); });
  });
}

/// Writes zeros behind runs that are no multiple of a step, and in columns that fill up
/// a vector.
void KernelBuilder::clearPadding(const VectorPanel &shape, Value count,
                                 Value room) {
  int64_t products = primitive.products;
  auto clear = [&](const Index &from, int64_t size) {
    walkPieces(size, [&](int64_t first, int64_t length) {
      auto type = VectorType::get({length}, operands[1].elementType);
      Value zero =
          arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
      vector::StoreOp::create(builder, loc, zero, room,
                              materialize(from.plus(first)));
    });
  };
  int64_t runs = 1;
  for (unsigned loop : run.outer)
    runs *= loops.sizes[loop];
  if (int64_t rest = run.length % products)
    buildFor({constantIndex(0), count}, [&](Value panel) {
      buildFor({constantIndex(0), constantIndex(runs)}, [&](Value outer) {
        buildFor({constantIndex(0), constantIndex(shape.valid)},
                 [&](Value lane) {
                   int64_t last = shape.outerStride - shape.runStride;
                   clear(Index()
                             .plus(last + rest)
                             .plus(panel, shape.size)
                             .plus(outer, shape.outerStride)
                             .plus(lane, products),
                         products - rest);
                 });
      });
    });
  if (int64_t missing = shape.width - shape.valid)
    buildFor(
        {constantIndex(0),
         constantIndex(runs * shape.outerStride / shape.runStride)},
        [&](Value step) {
          clear(
              Index().plus(shape.valid * products).plus(step, shape.runStride),
              missing * products);
        });
}
