//===- WideComparisons.cpp - 64-bit numbers compared by halves ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Mesa 22.3 computes 2 > 31 as true where the numbers have 64 bits and all threads
// have the same one. Halves of 32 bits are compared correctly, and devices compare
// wide numbers by halves anyway.

#include "SpirvPatterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::lowbit;

using Predicate = arith::CmpIPredicate;

/// The same order, of numbers without a sign.
static Predicate makeUnsigned(Predicate predicate) {
  switch (predicate) {
  case Predicate::slt:
    return Predicate::ult;
  case Predicate::sle:
    return Predicate::ule;
  case Predicate::sgt:
    return Predicate::ugt;
  case Predicate::sge:
    return Predicate::uge;
  default:
    return predicate;
  }
}

namespace {

struct CompareByHalves : OpRewritePattern<arith::CmpIOp> {
  using Base::Base;
  LogicalResult matchAndRewrite(arith::CmpIOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getLhs().getType().isInteger(64))
      return rewriter.notifyMatchFailure(op, "is no number of 64 bits");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Type i32 = builder.getI32Type();
    Value width = arith::ConstantIntOp::create(builder, 32, 64);
    auto getLow = [&](Value value) -> Value {
      return arith::TruncIOp::create(builder, i32, value);
    };
    auto getHigh = [&](Value value) -> Value {
      return getLow(arith::ShRUIOp::create(builder, value, width));
    };
    auto compare = [&](Predicate predicate, Value lhs, Value rhs) -> Value {
      return arith::CmpIOp::create(builder, predicate, lhs, rhs);
    };
    Value low = compare(makeUnsigned(op.getPredicate()), getLow(op.getLhs()),
                        getLow(op.getRhs()));
    Value lhs = getHigh(op.getLhs()), rhs = getHigh(op.getRhs());
    Value high = compare(op.getPredicate(), lhs, rhs);
    if (op.getPredicate() == Predicate::eq) {
      rewriter.replaceOpWithNewOp<arith::AndIOp>(op, high, low);
    } else if (op.getPredicate() == Predicate::ne) {
      rewriter.replaceOpWithNewOp<arith::OrIOp>(op, high, low);
    } else {
      // Low halves decide where the high ones are the same.
      Value same = compare(Predicate::eq, lhs, rhs);
      rewriter.replaceOpWithNewOp<arith::SelectOp>(op, same, low, high);
    }
    return success();
  }
};

} // namespace

void lowbit::populateWideComparisonPatterns(RewritePatternSet &patterns) {
  patterns.add<CompareByHalves>(patterns.getContext());
}
