//===- LaunchBuilder.cpp - Launches of one thread for each point ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaunchBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Threads that run in lockstep; a block of fewer wastes the others.
static constexpr int64_t kWarp = 32;

static int64_t countPoints(ArrayRef<int64_t> sizes) {
  int64_t points = 1;
  for (int64_t size : sizes)
    points *= size;
  return points;
}

static Value constant(ImplicitLocOpBuilder &builder, int64_t value) {
  return arith::ConstantIndexOp::create(builder, value);
}

/// The index along each of `sizes` of point number `id` in row-major order.
static SmallVector<Value> delinearize(ImplicitLocOpBuilder &builder, Value id,
                                      ArrayRef<int64_t> sizes) {
  SmallVector<Value> indices(sizes.size());
  int64_t left = countPoints(sizes);
  for (unsigned d = sizes.size(); d-- > 0;) {
    left /= sizes[d];
    if (sizes[d] == 1) {
      indices[d] = constant(builder, 0);
    } else if (left == 1) {
      indices[d] = id; // what is left of it is below sizes[d]
    } else {
      Value size = constant(builder, sizes[d]);
      indices[d] = arith::RemUIOp::create(builder, id, size);
      id = arith::DivUIOp::create(builder, id, size);
    }
  }
  return indices;
}

void LaunchBuilder::buildLaunch(Operation *op, ArrayRef<int64_t> sizes,
                                PointBody body) const {
  int64_t points = countPoints(sizes);
  if (points == 0)
    return;
  int64_t width = std::min<int64_t>(threads, llvm::alignTo(points, kWarp));
  int64_t blocks =
      std::min<int64_t>(maxBlocks, llvm::divideCeil(points, width));

  ImplicitLocOpBuilder builder(op->getLoc(), op);
  Value one = constant(builder, 1);
  auto launch = gpu::LaunchOp::create(builder, constant(builder, blocks), one,
                                      one, constant(builder, width), one, one);
  builder.setInsertionPointToStart(&launch.getBody().front());
  Value start = arith::MulIOp::create(builder, launch.getBlockIds().x,
                                      constant(builder, width));
  Value id = arith::AddIOp::create(builder, start, launch.getThreadIds().x);
  auto doPoint = [&](OpBuilder &nested, Location loc, Value point) {
    ImplicitLocOpBuilder inner(loc, nested);
    body(inner, delinearize(inner, point, sizes));
  };
  Value end = constant(builder, points);
  if (blocks * width == points) {
    doPoint(builder, op->getLoc(), id);
  } else if (blocks * width > points) {
    Value inside =
        arith::CmpIOp::create(builder, arith::CmpIPredicate::ult, id, end);
    scf::IfOp::create(builder, inside, [&](OpBuilder &nested, Location loc) {
      doPoint(nested, loc, id);
      scf::YieldOp::create(nested, loc);
    });
  } else {
    Value step = constant(builder, blocks * width);
    scf::ForOp::create(
        builder, id, end, step, ValueRange(),
        [&](OpBuilder &nested, Location loc, Value point, ValueRange) {
          doPoint(nested, loc, point);
          scf::YieldOp::create(nested, loc);
        });
  }
  builder.setInsertionPointToEnd(&launch.getBody().front());
  gpu::TerminatorOp::create(builder);
}

SmallVector<Value> lowbit::buildSteps(ImplicitLocOpBuilder &builder,
                                      ArrayRef<int64_t> sizes,
                                      ArrayRef<Value> indices,
                                      ValueRange values, StepBody body) {
  auto open = llvm::find(indices, Value());
  if (open == indices.end())
    return body(builder, indices, values);
  unsigned d = open - indices.begin();
  SmallVector<Value> known(indices);
  if (sizes[d] == 1) {
    known[d] = constant(builder, 0);
    return buildSteps(builder, sizes, known, values, body);
  }
  auto loop = scf::ForOp::create(
      builder, constant(builder, 0), constant(builder, sizes[d]),
      constant(builder, 1), values,
      [&](OpBuilder &nested, Location loc, Value index, ValueRange before) {
        ImplicitLocOpBuilder inner(loc, nested);
        known[d] = index;
        scf::YieldOp::create(inner,
                             buildSteps(inner, sizes, known, before, body));
      });
  return llvm::to_vector_of<Value>(loop.getResults());
}
