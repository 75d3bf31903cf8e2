//===- OutputError.cpp - Codebooks for small output errors ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The error correction of Q-CNN. Errors of outputs are a quadratic function of
// those of weights, so each step is solved exactly; g = H e is kept up to date.

#include "OutputError.h"

#include "LeastSquares.h"

#include "llvm/ADT/STLExtras.h"

#include <map>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

class ErrorState {
public:
  ErrorState(VectorCode &code, int64_t channels, ArrayRef<double> moments)
      : code(code), moments(moments) {
    while (numInputs * numInputs < int64_t(moments.size()))
      ++numInputs;
    errors.assign(channels * numInputs, 0);
    gradients.assign(channels * numInputs, 0);
    for (int64_t vector = 0; vector < code.size(); ++vector)
      for (int64_t i = 0; i < code.dim; ++i)
        if (getInput(vector, i) >= 0)
          moveError(vector, i,
                    code.values[vector * code.dim + i] -
                        getCentroid(vector, code.codes[vector])[i]);
  }

  double getCost() const {
    double sum = 0;
    for (auto [error, gradient] : llvm::zip_equal(errors, gradients))
      sum += error * gradient;
    return sum;
  }

  void chooseCodes();
  void moveCentroids();

private:
  int64_t getInput(int64_t vector, int64_t i) const {
    return code.inputs[vector * code.dim + i];
  }
  ArrayRef<double> getCentroid(int64_t vector, int64_t index) const {
    return ArrayRef<double>(code.books[code.tables[vector]])
        .slice(index * code.dim, code.dim);
  }
  double getMoment(int64_t lhs, int64_t rhs) const {
    return moments[lhs * numInputs + rhs];
  }
  double getGradient(int64_t vector, int64_t i) const {
    return gradients[code.channels[vector] * numInputs + getInput(vector, i)];
  }
  /// Adds `change` to the error of a weight.
  void moveError(int64_t vector, int64_t i, double change) {
    if (change == 0)
      return;
    int64_t input = getInput(vector, i);
    int64_t row = code.channels[vector] * numInputs;
    errors[row + input] += change;
    for (int64_t other = 0; other < numInputs; ++other)
      gradients[row + other] += change * getMoment(other, input);
  }

  VectorCode &code;
  ArrayRef<double> moments;
  int64_t numInputs = 0;
  /// For each output channel a row of all inputs.
  std::vector<double> errors, gradients;
};

} // namespace

/// With weights moved by `step`, the cost changes by
/// step^T H step - 2 step^T g.
void ErrorState::chooseCodes() {
  for (int64_t vector = 0; vector < code.size(); ++vector) {
    int64_t count = code.books[code.tables[vector]].size() / code.dim;
    int64_t best = code.codes[vector];
    ArrayRef<double> now = getCentroid(vector, best);
    double least = 0;
    for (int64_t index = 0; index < count; ++index) {
      ArrayRef<double> then = getCentroid(vector, index);
      double change = 0;
      for (int64_t i = 0; i < code.dim; ++i) {
        if (getInput(vector, i) < 0)
          continue;
        double step = then[i] - now[i];
        change -= 2 * step * getGradient(vector, i);
        for (int64_t j = 0; j < code.dim; ++j)
          if (getInput(vector, j) >= 0)
            change += step * (then[j] - now[j]) *
                      getMoment(getInput(vector, i), getInput(vector, j));
      }
      if (change < least) {
        least = change;
        best = index;
      }
    }
    ArrayRef<double> then = getCentroid(vector, best);
    for (int64_t i = 0; i < code.dim; ++i)
      if (getInput(vector, i) >= 0)
        moveError(vector, i, now[i] - then[i]);
    code.codes[vector] = best;
  }
}

void ErrorState::moveCentroids() {
  // The vectors of each centroid, by output channel.
  std::map<std::pair<int64_t, int64_t>, std::map<int64_t, SmallVector<int64_t>>>
      users;
  for (int64_t vector = 0; vector < code.size(); ++vector)
    users[{code.tables[vector], code.codes[vector]}][code.channels[vector]]
        .push_back(vector);
  int64_t dim = code.dim;
  for (const auto &[centroid, byChannel] : users) {
    SmallVector<double> matrix(dim * dim, 0), right(dim, 0);
    for (const auto &[channel, vectors] : byChannel)
      for (int64_t vector : vectors)
        for (int64_t i = 0; i < dim; ++i) {
          if (getInput(vector, i) < 0)
            continue;
          right[i] += getGradient(vector, i);
          for (int64_t other : vectors)
            for (int64_t j = 0; j < dim; ++j)
              if (getInput(other, j) >= 0)
                matrix[i * dim + j] +=
                    getMoment(getInput(vector, i), getInput(other, j));
        }
    SmallVector<double> step = solveSymmetric(matrix, right);
    Table &table = code.books[centroid.first];
    for (int64_t i = 0; i < dim; ++i)
      table[centroid.second * dim + i] += step[i];
    for (const auto &[channel, vectors] : byChannel)
      for (int64_t vector : vectors)
        for (int64_t i = 0; i < dim; ++i)
          if (getInput(vector, i) >= 0)
            moveError(vector, i, -step[i]);
  }
}

void lowbit::reduceOutputError(VectorCode &code, int64_t channels,
                               ArrayRef<double> moments, unsigned rounds,
                               std::vector<double> *costs) {
  ErrorState state(code, channels, moments);
  auto record = [&] {
    if (costs)
      costs->push_back(state.getCost());
  };
  record();
  for (unsigned round = 0; round < rounds; ++round) {
    SmallVector<int64_t, 0> before = code.codes;
    state.moveCentroids();
    record();
    state.chooseCodes();
    record();
    if (code.codes == before)
      break;
  }
}
