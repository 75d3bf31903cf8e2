//===- KMeans.cpp - Clusters of numbers and vectors -----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KMeans.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

using namespace mlir;
using namespace mlir::lowbit;

static double getDistance(const Points &points, int64_t point,
                          const Clusters &clusters, int64_t centroid) {
  double sum = 0;
  for (int64_t i = 0, dim = points.dim; i < dim; ++i) {
    double error =
        points.values[point * dim + i] - clusters.centroids[centroid * dim + i];
    sum += points.costs[point * dim + i] * error * error;
  }
  return sum;
}

double lowbit::getCost(const Points &points, const Clusters &clusters) {
  double sum = 0;
  for (auto [point, centroid] : llvm::enumerate(clusters.assignment))
    sum += getDistance(points, point, clusters, centroid);
  return sum;
}

static ArrayRef<double> getPoint(const Points &points, int64_t index) {
  return ArrayRef<double>(points.values).slice(index * points.dim, points.dim);
}

static bool isLess(ArrayRef<double> lhs, ArrayRef<double> rhs) {
  return std::lexicographical_compare(lhs.begin(), lhs.end(), rhs.begin(),
                                      rhs.end());
}

/// The points in ascending order.
static SmallVector<int64_t, 0> sortPoints(const Points &points) {
  SmallVector<int64_t, 0> order(points.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int64_t lhs, int64_t rhs) {
    ArrayRef<double> left = getPoint(points, lhs);
    ArrayRef<double> right = getPoint(points, rhs);
    return isLess(left, right) || (left == right && lhs < rhs);
  });
  return order;
}

/// Points, each after the first with a probability as its distance to those
/// before (k-means++).
static void spread(const Points &points, Clusters &clusters, int64_t count,
                   uint64_t seed) {
  std::mt19937_64 generator(seed);
  auto uniform = [&] { return std::ldexp(double(generator() >> 11), -53); };
  SmallVector<double, 0> distances(points.size(),
                                   std::numeric_limits<double>::infinity());
  auto next = static_cast<int64_t>(uniform() * double(points.size()));
  while (true) {
    llvm::append_range(clusters.centroids, getPoint(points, next));
    if (clusters.size() >= count)
      return;
    double sum = 0;
    for (auto [point, distance] : llvm::enumerate(distances)) {
      distance = std::min(
          distance, getDistance(points, point, clusters, clusters.size() - 1));
      sum += distance;
    }
    if (sum == 0)
      return;
    double left = uniform() * sum;
    for (auto [point, distance] : llvm::enumerate(distances)) {
      if (distance == 0)
        continue;
      next = point; // The last one, if rounding leaves something.
      if ((left -= distance) < 0)
        break;
    }
  }
}

static void place(const Points &points, ArrayRef<int64_t> sorted,
                  const ClusterOptions &options, Clusters &clusters) {
  int64_t count = options.centroids, size = points.size();
  if (options.init == ClusterInit::Spread)
    return spread(points, clusters, count, options.seed);
  double low = points.values[sorted.front()];
  double high = points.values[sorted.back()];
  for (int64_t i = 0; i < count; ++i) {
    double part = count == 1 ? 0.5 : double(i) / double(count - 1);
    if (options.init == ClusterInit::Quantile)
      clusters.centroids.push_back(
          points.values[sorted[(2 * i + 1) * size / (2 * count)]]);
    else
      clusters.centroids.push_back(low + part * (high - low));
  }
}

/// Assigns each point to the centroid of least cost, the first of equals.
static void assign(const Points &points, ArrayRef<double> codeCosts,
                   Clusters &clusters) {
  int64_t count = clusters.size();
  bool isPlain = points.dim == 1 &&
                 llvm::all_of(codeCosts, [](double cost) { return cost == 0; });
  if (isPlain) {
    // Numbers: the nearest of those in order.
    SmallVector<int64_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    auto at = [&](int64_t i) { return clusters.centroids[i]; };
    llvm::sort(order, [&](int64_t lhs, int64_t rhs) {
      return std::pair(at(lhs), lhs) < std::pair(at(rhs), rhs);
    });
    SmallVector<double> middles;
    for (int64_t i = 1; i < count; ++i)
      middles.push_back((at(order[i - 1]) + at(order[i])) / 2);
    for (auto [value, index] :
         llvm::zip_equal(points.values, clusters.assignment))
      index = order[llvm::lower_bound(middles, value) - middles.begin()];
    return;
  }
  for (auto [point, index] : llvm::enumerate(clusters.assignment)) {
    double least = std::numeric_limits<double>::infinity();
    for (int64_t centroid = 0; centroid < count; ++centroid) {
      double cost =
          getDistance(points, point, clusters, centroid) + codeCosts[centroid];
      if (cost < least) {
        least = cost;
        index = centroid;
      }
    }
  }
}

/// Moves each centroid to the mean of its points.
static void moveToMeans(const Points &points, Clusters &clusters) {
  size_t size = clusters.centroids.size();
  SmallVector<double, 0> sums(size, 0), costs(size, 0);
  for (auto [point, centroid] : llvm::enumerate(clusters.assignment))
    for (int64_t i = 0, dim = points.dim; i < dim; ++i) {
      double cost = points.costs[point * dim + i];
      sums[centroid * dim + i] += cost * points.values[point * dim + i];
      costs[centroid * dim + i] += cost;
    }
  for (size_t i = 0; i < size; ++i)
    if (costs[i] > 0)
      clusters.centroids[i] = sums[i] / costs[i];
}

static SmallVector<int64_t, 0> countPoints(const Clusters &clusters) {
  SmallVector<int64_t, 0> counts(clusters.size(), 0);
  for (int64_t centroid : clusters.assignment)
    ++counts[centroid];
  return counts;
}

/// Leaves out centroids without points, and sorts the others.
static void tidy(Clusters &clusters) {
  SmallVector<int64_t, 0> counts = countPoints(clusters), order;
  for (int64_t i = 0; i < clusters.size(); ++i)
    if (counts[i] > 0)
      order.push_back(i);
  auto centroid = [&](int64_t i) {
    return ArrayRef<double>(clusters.centroids)
        .slice(i * clusters.dim, clusters.dim);
  };
  llvm::sort(order, [&](int64_t lhs, int64_t rhs) {
    return isLess(centroid(lhs), centroid(rhs)) ||
           (centroid(lhs) == centroid(rhs) && lhs < rhs);
  });
  SmallVector<double, 0> kept;
  SmallVector<int64_t, 0> places(clusters.size(), 0);
  for (auto [place, old] : llvm::enumerate(order)) {
    llvm::append_range(kept, centroid(old));
    places[old] = place;
  }
  clusters.centroids = std::move(kept);
  for (int64_t &index : clusters.assignment)
    index = places[index];
}

Clusters lowbit::cluster(const Points &points, const ClusterOptions &options,
                         std::vector<double> *costs) {
  Clusters clusters{points.dim, {}, {}};
  clusters.assignment.assign(points.size(), 0);
  if (points.size() == 0)
    return clusters;
  SmallVector<int64_t, 0> sorted = sortPoints(points);
  SmallVector<int64_t> distinct;
  for (int64_t point : sorted)
    if (distinct.empty() ||
        isLess(getPoint(points, distinct.back()), getPoint(points, point))) {
      distinct.push_back(point);
      if (int64_t(distinct.size()) > options.centroids)
        break;
    }
  bool isExact = int64_t(distinct.size()) <= options.centroids;
  if (isExact)
    for (int64_t point : distinct)
      llvm::append_range(clusters.centroids, getPoint(points, point));
  else
    place(points, sorted, options, clusters);

  SmallVector<double, 0> codeCosts(clusters.size(), 0);
  bool hasEntropy = options.entropyCost > 0;
  auto record = [&] {
    if (!costs)
      return;
    double sum = getCost(points, clusters);
    for (int64_t centroid : clusters.assignment)
      sum += codeCosts[centroid];
    costs->push_back(sum);
  };
  auto measureCodes = [&] {
    for (auto [cost, count] : llvm::zip_equal(codeCosts, countPoints(clusters)))
      cost = -options.entropyCost *
             std::log2(double(count) / double(points.size()));
  };
  assign(points, codeCosts, clusters);
  if (hasEntropy)
    measureCodes();
  record();
  for (unsigned round = 0; round < options.rounds; ++round) {
    SmallVector<int64_t, 0> before = clusters.assignment;
    if (!isExact)
      moveToMeans(points, clusters);
    if (hasEntropy)
      measureCodes();
    record();
    assign(points, codeCosts, clusters);
    record();
    if (clusters.assignment == before)
      break;
  }
  tidy(clusters);
  return clusters;
}

void lowbit::roundCentroids(Clusters &clusters, double step) {
  for (double &coordinate : clusters.centroids)
    coordinate = step > 0 ? std::nearbyint(coordinate / step) * step
                          : static_cast<float>(coordinate);
}

void lowbit::assignToNearest(const Points &points, Clusters &clusters) {
  assign(points, SmallVector<double, 0>(clusters.size(), 0), clusters);
}
