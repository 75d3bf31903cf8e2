//===- KMeans.h - Clusters of numbers and vectors ---------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_ENCODERS_KMEANS_H
#define LOWBIT_LIB_ENCODERS_KMEANS_H

#include "lowbit/Encoders/Encoder.h"

namespace mlir::lowbit {

/// Points of `dim` coordinates in a row, and how much a squared error of each
/// coordinate costs.
struct Points {
  int64_t dim;
  SmallVector<double, 0> values, costs;

  int64_t size() const { return int64_t(values.size()) / dim; }
};

/// Centroids, coordinates in a row, and the centroid of each point.
struct Clusters {
  int64_t dim;
  SmallVector<double, 0> centroids;
  SmallVector<int64_t, 0> assignment;

  int64_t size() const { return int64_t(centroids.size()) / dim; }
};

/// Where centroids are at first. The first two are for numbers.
enum class ClusterInit {
  Linear,   ///< In equal steps from the least to the greatest.
  Quantile, ///< With as many points around each.
  Spread,   ///< At points, by chance more often at those far from the others.
};

struct ClusterOptions {
  int64_t centroids;
  ClusterInit init;
  uint64_t seed;
  unsigned rounds;
  /// What a bit of the entropy of codes costs, for each point.
  double entropyCost = 0;
};

/// Clusters points so that squared errors, and entropy, cost little: to the
/// centroid of least cost, and to the mean, in turn (Lloyd). Centroids that no
/// point has are left out, and the others ascend. If there are no more distinct
/// points than centroids, each is one. `costs`, if there, takes the cost after
/// each step.
Clusters cluster(const Points &points, const ClusterOptions &options,
                 std::vector<double> *costs = nullptr);

/// Rounds centroids to multiples of `step`, or to f32 if that is 0.
void roundCentroids(Clusters &clusters, double step);

/// Assigns each point to the nearest centroid.
void assignToNearest(const Points &points, Clusters &clusters);

/// The sum of costs times squared errors.
double getCost(const Points &points, const Clusters &clusters);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_ENCODERS_KMEANS_H
