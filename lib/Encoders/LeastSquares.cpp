//===- LeastSquares.cpp - Linear algebra of encoders ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The one file that sees Eigen, which is slow to compile.

#include "LeastSquares.h"

#include <Eigen/Dense>

using namespace mlir;
using namespace mlir::lowbit;

SmallVector<double> lowbit::solveSymmetric(ArrayRef<double> matrix,
                                           ArrayRef<double> right) {
  auto size = static_cast<Eigen::Index>(right.size());
  Eigen::Map<const Eigen::MatrixXd> a(matrix.data(), size, size);
  Eigen::Map<const Eigen::VectorXd> b(right.data(), size);
  Eigen::VectorXd x =
      Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd>(a).solve(b);
  return SmallVector<double>(x.data(), x.data() + size);
}

std::vector<double> lowbit::getSecondMoments(const Weights &weights) {
  if (!weights.secondMoments.empty())
    return {weights.secondMoments.begin(), weights.secondMoments.end()};
  int64_t inputs = weights.getNumInputs();
  int64_t samples = int64_t(weights.activations.size()) / inputs;
  // A column for each sample, in this order of storage.
  Eigen::Map<const Eigen::MatrixXf> rows(weights.activations.data(), inputs,
                                         samples);
  Eigen::MatrixXd x = rows.cast<double>();
  Eigen::MatrixXd moments = x * x.transpose() / double(samples);
  return {moments.data(), moments.data() + moments.size()};
}
