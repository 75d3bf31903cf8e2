//===- Decompose.h - float composites in TOSA -------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The patterns of -lowbit-decompose-composites, by idea, and what they share.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_DECOMPOSE_DECOMPOSE_H
#define LOWBIT_LIB_TRANSFORMS_DECOMPOSE_DECOMPOSE_H

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::lowbit {

/// Builds f32 arithmetic in TOSA. Operands have the rank of `type`; results
/// have the shape of `type` unless said otherwise.
class TosaArithmetic {
public:
  TosaArithmetic(PatternRewriter &rewriter, Location loc, RankedTensorType type)
      : rewriter(rewriter), loc(loc), type(type) {}

  /// The same for results of another shape.
  TosaArithmetic of(RankedTensorType other) const {
    return TosaArithmetic(rewriter, loc, other);
  }

  /// A constant with one element, to be broadcast.
  Value number(double value) const;

  Value add(Value lhs, Value rhs) const { return make<tosa::AddOp>(lhs, rhs); }
  Value sub(Value lhs, Value rhs) const { return make<tosa::SubOp>(lhs, rhs); }
  Value mul(Value lhs, Value rhs) const;
  Value max(Value lhs, Value rhs) const {
    return make<tosa::MaximumOp>(lhs, rhs);
  }
  Value pow(Value base, Value exponent) const {
    return make<tosa::PowOp>(base, exponent);
  }
  Value abs(Value x) const { return make<tosa::AbsOp>(x); }
  Value clamp(Value x, float least, float most) const {
    return make<tosa::ClampOp>(x, rewriter.getF32FloatAttr(least),
                               rewriter.getF32FloatAttr(most));
  }
  Value erf(Value x) const { return make<tosa::ErfOp>(x); }
  Value exp(Value x) const { return make<tosa::ExpOp>(x); }
  Value log(Value x) const { return make<tosa::LogOp>(x); }
  Value negate(Value x) const { return sub(number(0), x); }
  Value reciprocal(Value x) const { return make<tosa::ReciprocalOp>(x); }
  Value rsqrt(Value x) const { return make<tosa::RsqrtOp>(x); }
  Value sigmoid(Value x) const { return make<tosa::SigmoidOp>(x); }
  Value tanh(Value x) const { return make<tosa::TanhOp>(x); }

  /// lhs > rhs ? then : otherwise
  Value selectGreater(Value lhs, Value rhs, Value then, Value otherwise) const;

  /// `x` reduced along `axis` by the TOSA operation `Reduce`, to size 1.
  template <typename Reduce> Value reduce(Value x, int64_t axis) const {
    auto from = cast<RankedTensorType>(x.getType());
    SmallVector<int64_t> shape(from.getShape());
    shape[axis] = 1;
    return Reduce::create(rewriter, loc, from.clone(shape), x,
                          rewriter.getI32IntegerAttr(axis));
  }

private:
  template <typename Op, typename... Operands>
  Value make(Operands... operands) const {
    return Op::create(rewriter, loc, type, operands...);
  }

  PatternRewriter &rewriter;
  Location loc;
  RankedTensorType type;
};

void populateDecomposeActivationPatterns(RewritePatternSet &patterns);
void populateDecomposeConvolutionPatterns(RewritePatternSet &patterns);
void populateDecomposeNormalizationPatterns(RewritePatternSet &patterns);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_DECOMPOSE_DECOMPOSE_H
