//===- ParallelizeLoops.cpp - Divides large loops for threads -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Conversion/Passes.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_PARALLELIZELOOPSPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// The iterations of each loop of `op`; nothing unless all run from 0 by 1 to a
/// constant.
static std::optional<SmallVector<int64_t>> getTrips(scf::ParallelOp op) {
  SmallVector<int64_t> trips;
  for (auto [lower, upper, step] :
       llvm::zip(op.getLowerBound(), op.getUpperBound(), op.getStep())) {
    std::optional<int64_t> last = getConstantIntValue(upper);
    if (getConstantIntValue(lower) != 0 || getConstantIntValue(step) != 1 ||
        !last || *last < 1)
      return std::nullopt;
    trips.push_back(*last);
  }
  return trips;
}

/// How often the operations of `block` run, all together; loops whose length is
/// not known count once.
static double countOperations(Block &block) {
  double sum = 0;
  for (Operation &op : block) {
    double times = 1, inside = 0;
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      std::optional<int64_t> lower = getConstantIntValue(loop.getLowerBound());
      std::optional<int64_t> upper = getConstantIntValue(loop.getUpperBound());
      std::optional<int64_t> step = getConstantIntValue(loop.getStep());
      if (lower && upper && step && *step > 0)
        times = std::max<int64_t>(llvm::divideCeil(*upper - *lower, *step), 0);
    } else if (auto loop = dyn_cast<scf::ParallelOp>(op)) {
      if (auto trips = getTrips(loop))
        for (int64_t count : *trips)
          times *= count;
    }
    for (Region &region : op.getRegions())
      for (Block &inner : region)
        inside += countOperations(inner);
    sum += inside == 0 ? 1 : times * inside;
  }
  return sum;
}

/// Which loop threads divide: the first that is long enough, or the longest.
static unsigned chooseLoop(ArrayRef<int64_t> trips) {
  constexpr int64_t longEnough = 16;
  const int64_t *first =
      llvm::find_if(trips, [](int64_t count) { return count >= longEnough; });
  return (first != trips.end() ? first : llvm::max_element(trips)) -
         trips.begin();
}

static void divide(scf::ParallelOp op, ArrayRef<int64_t> trips) {
  unsigned divided = chooseLoop(trips);
  OpBuilder builder(op);
  auto build = [&](OpBuilder &builder, Location loc, Value first, Value last) {
    auto index = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(builder, loc, value);
    };
    SmallVector<Value> variables(trips.size());
    auto nest = [&](unsigned loop, Value from, Value to) {
      auto inner = scf::ForOp::create(builder, loc, from, to, index(1));
      variables[loop] = inner.getInductionVar();
      builder.setInsertionPoint(inner.getBody()->getTerminator());
    };
    nest(divided, first, last);
    for (unsigned loop = 0; loop < trips.size(); ++loop)
      if (loop != divided)
        nest(loop, index(0), index(trips[loop]));
    Block *body = op.getBody();
    body->getTerminator()->erase();
    Block *target = builder.getInsertionBlock();
    target->getTerminator()->moveBefore(body, body->end());
    for (auto [argument, variable] : llvm::zip(body->getArguments(), variables))
      argument.replaceAllUsesWith(variable);
    target->getOperations().splice(target->end(), body->getOperations());
  };
  ParallelOp::create(builder, op.getLoc(), trips[divided], build);
  op.erase();
}

namespace {

struct ParallelizeLoopsPass
    : lowbit::impl::ParallelizeLoopsPassBase<ParallelizeLoopsPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<ParallelOp>(op))
        return WalkResult::skip();
      auto loop = dyn_cast<scf::ParallelOp>(op);
      if (!loop)
        return WalkResult::advance();
      loops.push_back(loop);
      return WalkResult::skip();
    });
    for (scf::ParallelOp loop : loops) {
      std::optional<SmallVector<int64_t>> trips = getTrips(loop);
      if (!trips || loop.getNumReductions() != 0)
        continue;
      double operations = countOperations(*loop.getBody());
      for (int64_t count : *trips)
        operations *= count;
      if (operations >= double(minOperations) &&
          llvm::any_of(*trips, [](int64_t count) { return count > 1; }))
        divide(loop, *trips);
    }
  }
};

} // namespace
