//===- GroupedLayer.h - A layer with a scale for each group -----*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_GROUPEDLAYER_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_GROUPEDLAYER_H

#include "GroupedConstant.h"

#include "lowbit/Analysis/LinearLayer.h"
#include "lowbit/Transforms/Integerize.h"

namespace mlir::lowbit {

/// A layer on its way to a contraction that has the groups of its weights as loops.
class GroupedLayer {
public:
  GroupedLayer(Operation *op, const GroupedConstant &weights)
      : op(op), weights(weights) {}

  /// Why the groups are no loops of it; empty if they are.
  StringRef findLoops();
  /// Why sums of products with `input` are no integers of 32 bits; empty if they
  /// are, whatever its zero points, if they are known at run time only.
  StringRef addUp(const CodedValue &input, bool hasRuntimeZeros = false);
  /// Why dimension `dim` of the input is no loop over rows; empty if it is.
  StringRef findRow(int64_t dim);
  /// The sums, times their factors: [rows, groups, channels]. `zeroPoints`, which
  /// may be null, has one for all, or one for each index of the dimension that findRow
  /// found.
  Value buildSums(PatternRewriter &rewriter, const CodedValue &input,
                  Value zeroPoints = {}) const;

  /// True if it has no groups, and scales as an affine format has them.
  bool isAffine() const { return numGroups == 0 && weights.getAffine(); }
  bool hasPadding() const { return layer.hasPadding(); }
  int64_t getNumRows() const { return countElements(0, numRows); }

private:
  int64_t countElements(size_t first, size_t count) const {
    int64_t elements = 1;
    for (AffineExpr expr : result.getResults().slice(first, count))
      elements *= getSize(expr);
    return elements;
  }
  int64_t getSize(AffineExpr expr) const {
    return sizes[cast<AffineDimExpr>(expr).getPosition()];
  }
  StringRef splitAxis(SmallVectorImpl<AffineExpr> &lhsExprs,
                      SmallVectorImpl<AffineExpr> &rhsExprs);
  /// Calls `visit` with each weight's position, and its place among the factors and
  /// among the weights that the contraction has.
  void forEachWeight(function_ref<void(int64_t, int64_t, int64_t)> visit) const;
  SmallVector<int64_t> getShape(AffineMap map) const;
  Value shapeInput(PatternRewriter &rewriter, const CodedValue &input) const;
  Value createContract(PatternRewriter &rewriter, Value codes,
                       Value zeroPoints) const;

  Operation *op;
  const GroupedConstant &weights;
  LinearLayer layer;
  bool isRows = false;
  /// The weights' dimension of `layer` that groups lie along, or -1.
  int64_t axis = -1;
  /// Set if there is a loop over the groups along the axis: its number in `layer`
  /// is one more than the last, and `inner` is the one inside a group.
  AffineExpr outer, inner;
  /// The dimension of the input that is split.
  int64_t inputDim = 0;
  size_t numRows = 0, numGroups = 0;
  /// The loops of the contraction.
  SmallVector<int64_t> sizes;
  AffineMap lhs, rhs, factor, result;
  /// That of rows with a zero point each, if findRow has found it.
  AffineExpr row;
  SmallVector<int64_t> steps;
  /// Those of all weights of a group and channel, times a zero point that is known.
  SmallVector<int32_t> corrections, weightSums;
  SmallVector<float> factors;
};

/// Marks what is computed in f32 after sums of groups.
Value markGlue(Operation *op);

/// `value` in `shape`, as glue.
Value reshapeGlue(PatternRewriter &rewriter, Location loc, Value value,
                  ArrayRef<int64_t> shape);

/// True if the layer `op` has weights with a scale for each group of inputs, and a
/// contraction can add up each group.
bool sumsByGroups(Operation *op);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_GROUPEDLAYER_H
