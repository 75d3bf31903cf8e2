//===- ExpandRescale.cpp - changes of scale in arith ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The one place that knows rescaling's arithmetic in terms of machine numbers.
//
// lowbit.rescale in integers: |u| <= 2^31, 0 <= m < 2^31 and the rounding term is at most 2^61 +
// 2^30, so every intermediate fits 64 bits.
//
// Where all shifts are known to be 33 or more, and rounding is single, the rounding term is a
// multiple of 2^32: only the higher half of the product matters,
//
//   (u m + 2^(s-1)) >> s  =  ((u m >> 32) + 2^(s-33)) >> (s - 32),
//
// whose magnitude is at most 2^30 + 2^29 before the shift.
//
// lowbit.requantize in f64: each operation is one of IEEE, and the number is
// clamped before it is converted, so nothing is poison.

#include "lowbit/Conversion/Passes.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_EXPANDRESCALEPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Builds arith operations of one shape: constants are splats of it.
struct ShapedBuilder {
  OpBuilder &builder;
  Location loc;
  Type like;

  Type type(unsigned width) const {
    Type integer = builder.getIntegerType(width);
    auto vector = dyn_cast<VectorType>(like);
    return vector ? Type(vector.clone(integer)) : integer;
  }
  Value constant(int64_t value, unsigned width) const {
    Type result = type(width);
    Attribute scalar =
        builder.getIntegerAttr(builder.getIntegerType(width), value);
    if (auto vector = dyn_cast<VectorType>(result))
      scalar = DenseElementsAttr::get(vector, scalar);
    return arith::ConstantOp::create(builder, loc, cast<TypedAttr>(scalar));
  }
  Value constant(double value) const {
    Attribute scalar = builder.getF64FloatAttr(value);
    if (auto vector = dyn_cast<VectorType>(like))
      scalar = DenseElementsAttr::get(vector.clone(builder.getF64Type()),
                                      cast<FloatAttr>(scalar).getValue());
    return arith::ConstantOp::create(builder, loc, cast<TypedAttr>(scalar));
  }
  Type f64() const {
    Type real = builder.getF64Type();
    auto vector = dyn_cast<VectorType>(like);
    return vector ? Type(vector.clone(real)) : real;
  }
  Value wide(Value value) const {
    return arith::ExtSIOp::create(builder, loc, type(64), value);
  }
};

/// The least element of the constant that `memref` is or views.
static std::optional<int64_t> findLeastElement(Value memref) {
  Operation *source = memref.getDefiningOp();
  while (isa_and_present<ViewLikeOpInterface>(source))
    source = cast<ViewLikeOpInterface>(source).getViewSource().getDefiningOp();
  auto getGlobal = dyn_cast_if_present<memref::GetGlobalOp>(source);
  if (!getGlobal)
    return std::nullopt;
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      getGlobal, getGlobal.getNameAttr());
  if (!global || !global.getConstant())
    return std::nullopt;
  auto elements =
      dyn_cast_if_present<ElementsAttr>(global.getInitialValueAttr());
  auto values = elements ? readElements<int32_t>(elements) : std::nullopt;
  if (!values || values->empty())
    return std::nullopt;
  return *llvm::min_element(*values);
}

/// The least that `shift` can be: a constant, or what is loaded from one. Lanes
/// that a kernel fills up are zero and do not count.
static std::optional<int64_t> findLeastShift(Value shift) {
  if (auto argument = dyn_cast<BlockArgument>(shift)) {
    auto generic =
        dyn_cast<linalg::GenericOp>(argument.getOwner()->getParentOp());
    if (!generic)
      return std::nullopt;
    return findLeastElement(generic->getOperand(argument.getArgNumber()));
  }
  Attribute constant;
  if (matchPattern(shift, m_Constant(&constant))) {
    if (auto scalar = dyn_cast<IntegerAttr>(constant))
      return scalar.getInt();
    auto values = readElements<int32_t>(cast<ElementsAttr>(constant));
    if (!values || values->empty())
      return std::nullopt;
    return *llvm::min_element(*values);
  }
  Operation *source = shift.getDefiningOp();
  if (auto broadcast = dyn_cast<vector::BroadcastOp>(source))
    return findLeastShift(broadcast.getSource());
  if (auto load = dyn_cast<memref::LoadOp>(source))
    return findLeastElement(load.getMemRef());
  if (auto load = dyn_cast<vector::LoadOp>(source))
    return findLeastElement(load.getBase());
  auto lanes = dyn_cast<vector::FromElementsOp>(source);
  if (!lanes)
    return std::nullopt;
  std::optional<int64_t> least;
  for (Value lane : lanes.getElements()) {
    if (matchPattern(lane, m_Zero()))
      continue;
    std::optional<int64_t> value = findLeastShift(lane);
    if (!value)
      return std::nullopt;
    least = std::min(least.value_or(*value), *value);
  }
  return least;
}

struct ExpandRescale : OpRewritePattern<RescaleOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(RescaleOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<TensorType>(op.getValue().getType()))
      return rewriter.notifyMatchFailure(
          op, "rescales a tensor; use -lowbit-materialize-codes first");
    Location loc = op.getLoc();
    ShapedBuilder build{rewriter, loc, op.getValue().getType()};

    Value value = op.getValue();
    if (int32_t zeroPoint = op.getInputZeroPoint())
      value = arith::SubIOp::create(rewriter, loc, value,
                                    build.constant(zeroPoint, 32));
    if (op.getRounding() == RescaleMode::SingleRound &&
        findLeastShift(op.getShift()).value_or(0) >= 33) {
      rewriter.replaceOp(op, rescaleHighHalf(build, value, op));
      return success();
    }
    Value wide = build.wide(value), shift = build.wide(op.getShift());
    Value product = arith::MulIOp::create(rewriter, loc, wide,
                                          build.wide(op.getMultiplier()));
    Value one = build.constant(1, 64);
    Value half = arith::ShLIOp::create(
        rewriter, loc, one, arith::SubIOp::create(rewriter, loc, shift, one));
    product = arith::AddIOp::create(rewriter, loc, product, half);
    if (op.getRounding() == RescaleMode::DoubleRound)
      product = addSecondRounding(build, product, wide, shift);
    Value result = arith::ShRSIOp::create(rewriter, loc, product, shift);
    if (int32_t zeroPoint = op.getOutputZeroPoint())
      result = arith::AddIOp::create(rewriter, loc, result,
                                     build.constant(zeroPoint, 64));
    if (op.getSaturation() == Saturation::Saturate) {
      result = arith::MaxSIOp::create(
          rewriter, loc, result,
          build.constant(static_cast<int32_t>(op.getMin()), 64));
      result = arith::MinSIOp::create(
          rewriter, loc, result,
          build.constant(static_cast<int32_t>(op.getMax()), 64));
    }
    rewriter.replaceOpWithNewOp<arith::TruncIOp>(op, build.type(32), result);
    return success();
  }

private:
  /// Whether `op` is compiled for x86-64, and not for a device beside it, as the
  /// module says that knows it.
  static bool isForX86(Operation *op) {
    auto module = op->getParentOfType<ModuleOp>();
    auto target = module ? module->getAttrOfType<StringAttr>("lowbit.target")
                         : StringAttr();
    return target && target.getValue().starts_with("x86_64") &&
           !target.getValue().contains(':');
  }

  /// The higher halves of the products. x86 multiplies every other lane to 64 bits:
  /// the odd lanes, moved, and the even ones where they are.
  static Value multiplyHigh(const ShapedBuilder &build, Value lhs, Value rhs,
                            bool byTwos) {
    OpBuilder &builder = build.builder;
    Location loc = build.loc;
    auto type = dyn_cast<VectorType>(build.type(32));
    if (!byTwos || !type || type.getRank() != 1 || type.isScalable() ||
        type.getNumElements() % 2 != 0)
      return arith::MulSIExtendedOp::create(builder, loc, lhs, rhs).getHigh();
    int64_t lanes = type.getNumElements();
    auto pairs = VectorType::get({lanes / 2}, builder.getI64Type());
    Value width = arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(pairs, builder.getI64IntegerAttr(32)));
    SmallVector<int64_t> odd, high;
    for (int64_t lane = 0; lane < lanes; lane += 2) {
      odd.append({lane + 1, lane + 1});
      high.append({lane + 1, lanes + lane + 1});
    }
    auto extendEven = [&](Value value) -> Value {
      value = vector::BitCastOp::create(builder, loc, pairs, value);
      value = arith::ShLIOp::create(builder, loc, value, width);
      return arith::ShRSIOp::create(builder, loc, value, width);
    };
    auto moveOdd = [&](Value value) -> Value {
      return vector::ShuffleOp::create(builder, loc, value, value, odd);
    };
    auto multiply = [&](Value left, Value right) -> Value {
      Value first = extendEven(left), second = extendEven(right);
      Value product = arith::MulIOp::create(builder, loc, first, second);
      return vector::BitCastOp::create(builder, loc, type, product);
    };
    Value even = multiply(lhs, rhs);
    Value oddLhs = moveOdd(lhs), oddRhs = moveOdd(rhs);
    return vector::ShuffleOp::create(builder, loc, even,
                                     multiply(oddLhs, oddRhs), high);
  }

  static Value rescaleHighHalf(const ShapedBuilder &build, Value value,
                               RescaleOp op) {
    OpBuilder &builder = build.builder;
    Location loc = build.loc;
    Value shift = op.getShift();
    Value high = multiplyHigh(build, value, op.getMultiplier(), isForX86(op));
    Value half = arith::ShLIOp::create(
        builder, loc, build.constant(1, 32),
        arith::SubIOp::create(builder, loc, shift, build.constant(33, 32)));
    Value result = arith::ShRSIOp::create(
        builder, loc, arith::AddIOp::create(builder, loc, high, half),
        arith::SubIOp::create(builder, loc, shift, build.constant(32, 32)));
    int64_t zeroPoint = static_cast<int32_t>(op.getOutputZeroPoint());
    if (op.getSaturation() == Saturation::Saturate) {
      // Before the zero point is added, so that nothing overflows.
      auto bound = [&](uint32_t limit) {
        int64_t moved = static_cast<int32_t>(limit) - zeroPoint;
        return build.constant(std::clamp<int64_t>(moved, INT32_MIN, INT32_MAX),
                              32);
      };
      result = arith::MaxSIOp::create(builder, loc, result, bound(op.getMin()));
      result = arith::MinSIOp::create(builder, loc, result, bound(op.getMax()));
    }
    if (zeroPoint != 0)
      result = arith::AddIOp::create(builder, loc, result,
                                     build.constant(zeroPoint, 32));
    return result;
  }

  /// product + (shift > 31 ? (value >= 0 ? 2^30 : -2^30) : 0)
  static Value addSecondRounding(const ShapedBuilder &build, Value product,
                                 Value value, Value shift) {
    OpBuilder &builder = build.builder;
    Location loc = build.loc;
    Value zero = build.constant(0, 64);
    Value negative = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::slt, value, zero);
    Value away = arith::SelectOp::create(
        builder, loc, negative, build.constant(-(int64_t(1) << 30), 64),
        build.constant(int64_t(1) << 30, 64));
    Value large = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sgt,
                                        shift, build.constant(31, 64));
    Value term = arith::SelectOp::create(builder, loc, large, away, zero);
    return arith::AddIOp::create(builder, loc, product, term);
  }
};

/// requantize -> i32(roundeven(clamp(f64(u) * f64(scale) + z, min, max)))
struct ExpandRequantize : OpRewritePattern<RequantizeOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(RequantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<TensorType>(op.getValue().getType()))
      return rewriter.notifyMatchFailure(
          op, "requantizes a tensor; use -lowbit-materialize-codes first");
    Location loc = op.getLoc();
    ShapedBuilder build{rewriter, loc, op.getValue().getType()};

    Value value = op.getValue();
    if (int32_t zeroPoint = op.getInputZeroPoint())
      value = arith::SubIOp::create(rewriter, loc, value,
                                    build.constant(zeroPoint, 32));
    Value real = arith::SIToFPOp::create(rewriter, loc, build.f64(), value);
    Value scale =
        arith::ExtFOp::create(rewriter, loc, build.f64(), op.getScale());
    real = arith::MulFOp::create(rewriter, loc, real, scale);
    if (int32_t zeroPoint = op.getOutputZeroPoint())
      real = arith::AddFOp::create(rewriter, loc, real,
                                   build.constant(double(zeroPoint)));
    auto bound = [&](arith::CmpFPredicate predicate, double limit) {
      Value most = build.constant(limit);
      Value inside =
          arith::CmpFOp::create(rewriter, loc, predicate, real, most);
      real = arith::SelectOp::create(rewriter, loc, inside, real, most);
    };
    // NaN compares with nothing: it becomes the least code.
    bound(arith::CmpFPredicate::OGT, static_cast<int32_t>(op.getMin()));
    bound(arith::CmpFPredicate::OLT, static_cast<int32_t>(op.getMax()));
    // From 2^52 to 2^53 all doubles are integers: the sum is rounded to nearest
    // even, and the difference is exact. |real| <= 2^31 stays in that range.
    Value shifter = build.constant(0x1.8p52);
    real = arith::AddFOp::create(rewriter, loc, real, shifter);
    real = arith::SubFOp::create(rewriter, loc, real, shifter);
    rewriter.replaceOpWithNewOp<arith::FPToSIOp>(op, build.type(32), real);
    return success();
  }
};

struct ExpandRescalePass
    : lowbit::impl::ExpandRescalePassBase<ExpandRescalePass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    set.add<ExpandRescale, ExpandRequantize>(context);
    patterns = std::move(set);
    return success();
  }
  void runOnOperation() override {
    if (failed(applyPatternsGreedily(getOperation(), patterns)))
      return signalPassFailure();
    getOperation()->walk([&](Operation *op) {
      if (!isa<RescaleOp, RequantizeOp>(op))
        return;
      op->emitOpError() << "rescales a tensor and cannot be expanded; use "
                           "-lowbit-materialize-codes first";
      signalPassFailure();
    });
  }

private:
  FrozenRewritePatternSet patterns;
};

} // namespace
