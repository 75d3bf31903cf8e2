//===- ExcessWeights.cpp - What 16-bit sums do not hold -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/ExcessWeights.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

using namespace mlir;
using namespace mlir::lowbit;

int64_t lowbit::getWeightLimit(int64_t highest) {
  return std::numeric_limits<int16_t>::max() / std::max<int64_t>(highest, 1);
}

namespace {

/// One 16-bit sum of a chunk: two products, from `position` on, of each step. `need`
/// is what its weights of one sign exceed the limit by.
struct Overflow {
  int64_t position;
  int sign;
  int64_t need;
};

/// One chunk of steps.
struct Chunk {
  MutableArrayRef<int8_t> weights;
  int64_t stepSize;

  int64_t getNumSteps() const { return weights.size() / stepSize; }

  /// The magnitude of the weights of `sign` that a sum takes from `step`.
  int64_t getMagnitude(int64_t step, int64_t position, int sign) const {
    const int8_t *pair = &weights[step * stepSize + position];
    return std::max(sign * pair[0], 0) + std::max(sign * pair[1], 0);
  }

  SmallVector<Overflow> findOverflows(int64_t limit) const {
    SmallVector<Overflow> found;
    int64_t steps = getNumSteps();
    for (int64_t position = 0; position < stepSize; position += 2) {
      int64_t positive = 0, negative = 0;
      for (int64_t step = 0; step < steps; ++step) {
        positive += getMagnitude(step, position, 1);
        negative += getMagnitude(step, position, -1);
      }
      if (positive > limit)
        found.push_back({position, 1, positive - limit});
      if (negative > limit)
        found.push_back({position, -1, negative - limit});
    }
    return found;
  }

  /// The step that can give most of what is needed.
  int64_t findStep(ArrayRef<Overflow> overflows, int64_t limit) const {
    int64_t best = 0, most = -1;
    for (int64_t step = 0; step < getNumSteps(); ++step) {
      int64_t gain = 0;
      for (const Overflow &overflow : overflows) {
        int64_t given =
            std::min({overflow.need, limit,
                      getMagnitude(step, overflow.position, overflow.sign)});
        // Whatever is settled needs no further step.
        gain += given + (given == overflow.need ? limit : 0);
      }
      if (gain > most) {
        most = gain;
        best = step;
      }
    }
    return best;
  }

  /// Moves what `overflows` need from the weights of `step` to `excess`.
  void move(int64_t step, MutableArrayRef<Overflow> overflows, int64_t limit,
            MutableArrayRef<int8_t> excess) const {
    for (Overflow &overflow : overflows) {
      int64_t left = std::min(overflow.need, limit);
      for (int64_t i = overflow.position; i < overflow.position + 2; ++i) {
        int8_t &weight = weights[step * stepSize + i];
        int64_t given =
            std::min<int64_t>(left, std::max(overflow.sign * weight, 0));
        weight -= overflow.sign * given;
        excess[i] += overflow.sign * given;
        left -= given;
        overflow.need -= given;
      }
    }
  }
};

} // namespace

int64_t lowbit::takeExcess(MutableArrayRef<int8_t> weights, StepShape shape,
                           int64_t chunk, int64_t limit,
                           function_ref<void(int64_t, ArrayRef<int8_t>)> use) {
  int64_t size = shape.getStepSize(), count = 0;
  int64_t steps = weights.size() / size;
  for (int64_t first = 0; first < steps; first += chunk) {
    int64_t length = std::min(chunk, steps - first);
    Chunk part{weights.slice(first * size, length * size), size};
    SmallVector<Overflow> overflows = part.findOverflows(limit);
    while (!overflows.empty()) {
      SmallVector<int8_t> excess(size, 0);
      int64_t step = part.findStep(overflows, limit);
      part.move(step, overflows, limit, excess);
      use(first + step, excess);
      ++count;
      llvm::erase_if(overflows, [](const Overflow &overflow) {
        return overflow.need == 0;
      });
    }
  }
  return count;
}

double PartialSums::getCost(double widening) const {
  // A step of excess is one of the dearest, and where it belongs has to be read.
  constexpr double excessCost = 1.2;
  return steps * (1 - widening * (1 - 1.0 / chunk)) + excess * excessCost;
}

PartialSums lowbit::choosePartialSums(
    function_ref<void(function_ref<void(ArrayRef<int8_t>)>)> walk,
    StepShape shape, int64_t limit, double widening, int64_t mostSteps) {
  PartialSums best;
  for (int64_t chunk = 1; chunk <= mostSteps; chunk *= 2) {
    PartialSums sums{chunk};
    walk([&](ArrayRef<int8_t> run) {
      SmallVector<int8_t> weights(run);
      sums.steps += run.size() / shape.getStepSize();
      sums.excess += takeExcess(weights, shape, chunk, limit,
                                [](int64_t, ArrayRef<int8_t>) {});
    });
    // The longer sums are, the more exceed them.
    if (chunk > 1 && sums.getCost(widening) >= best.getCost(widening))
      break;
    best = sums;
  }
  return best;
}
