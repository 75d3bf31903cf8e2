//===- RescaleForms.cpp - Short forms of changes of scale -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where all shifts are known to be 33 or more, and rounding is single, the rounding term is a
// multiple of 2^32: only the higher half of the product matters,
//
//   (u m + 2^(s-1)) >> s  =  ((u m >> 32) + 2^(s-33)) >> (s - 32),
//
// whose magnitude is at most 2^30 + 2^29 before the shift. Words of few bits need no 64 bits,
// and results that are clamped to 30 bits none but those of the product.

#include "RescaleForms.h"

#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The least and the greatest of some numbers.
using Bounds = std::pair<int64_t, int64_t>;

static std::optional<Bounds>
getBounds(const std::optional<SmallVector<int32_t>> &values) {
  if (!values || values->empty())
    return std::nullopt;
  auto [least, greatest] = std::minmax_element(values->begin(), values->end());
  return Bounds{*least, *greatest};
}

/// Of the elements of the constant that `memref` is or views.
static std::optional<Bounds> findElementBounds(Value memref) {
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
  return elements ? getBounds(readElements<int32_t>(elements)) : std::nullopt;
}

/// What `shift` can be: a constant, or what is loaded from one. Lanes that a kernel
/// fills up are zero and do not count.
static std::optional<Bounds> findShifts(Value shift) {
  if (auto argument = dyn_cast<BlockArgument>(shift)) {
    auto generic =
        dyn_cast<linalg::GenericOp>(argument.getOwner()->getParentOp());
    if (!generic)
      return std::nullopt;
    return findElementBounds(generic->getOperand(argument.getArgNumber()));
  }
  Attribute constant;
  if (matchPattern(shift, m_Constant(&constant))) {
    if (auto scalar = dyn_cast<IntegerAttr>(constant))
      return Bounds{scalar.getInt(), scalar.getInt()};
    return getBounds(readElements<int32_t>(cast<ElementsAttr>(constant)));
  }
  Operation *source = shift.getDefiningOp();
  if (auto broadcast = dyn_cast<vector::BroadcastOp>(source))
    return findShifts(broadcast.getSource());
  if (auto load = dyn_cast<memref::LoadOp>(source))
    return findElementBounds(load.getMemRef());
  if (auto load = dyn_cast<vector::LoadOp>(source))
    return findElementBounds(load.getBase());
  if (auto shuffle = dyn_cast<vector::ShuffleOp>(source))
    return shuffle.getV1() == shuffle.getV2() ? findShifts(shuffle.getV1())
                                              : std::nullopt;
  auto lanes = dyn_cast<vector::FromElementsOp>(source);
  if (!lanes)
    return std::nullopt;
  std::optional<Bounds> all;
  for (Value lane : lanes.getElements()) {
    if (matchPattern(lane, m_Zero()))
      continue;
    std::optional<Bounds> own = findShifts(lane);
    if (!own)
      return std::nullopt;
    all = all ? Bounds{std::min(all->first, own->first),
                       std::max(all->second, own->second)}
              : *own;
  }
  return all;
}

/// The number that all lanes of `value` are.
static std::optional<int64_t> getNumber(Value value) {
  if (auto broadcast = value.getDefiningOp<vector::BroadcastOp>())
    return getNumber(broadcast.getSource());
  APInt number;
  if (!matchPattern(value, m_ConstantInt(&number)))
    return std::nullopt;
  return number.getSExtValue();
}

/// Whether `op` is compiled for x86-64, and not for a device beside it, as the
/// module says that knows it.
static bool isForX86(Operation *op) {
  auto module = op->getParentOfType<ModuleOp>();
  auto target = module ? module->getAttrOfType<StringAttr>("lowbit.target")
                       : StringAttr();
  return target && target.getValue().starts_with("x86_64") &&
         !target.getValue().contains(':');
}

namespace {
/// Every other of the lanes of a vector, and of those between them, as 64 bits.
struct Pairs {
  Value even, odd;
};
} // namespace

static bool hasPairs(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector && vector.getRank() == 1 && !vector.isScalable() &&
         vector.getNumElements() % 2 == 0;
}

static Pairs splitPairs(const ShapedBuilder &build, Value value) {
  OpBuilder &builder = build.builder;
  Location loc = build.loc;
  int64_t lanes = cast<VectorType>(value.getType()).getNumElements();
  auto pairs = VectorType::get({lanes / 2}, builder.getI64Type());
  Value width = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(pairs, builder.getI64IntegerAttr(32)));
  SmallVector<int64_t> odd;
  for (int64_t lane = 0; lane < lanes; lane += 2)
    odd.append({lane + 1, lane + 1});
  auto extendEven = [&](Value lanes) -> Value {
    lanes = vector::BitCastOp::create(builder, loc, pairs, lanes);
    lanes = arith::ShLIOp::create(builder, loc, lanes, width);
    return arith::ShRSIOp::create(builder, loc, lanes, width);
  };
  Value moved = vector::ShuffleOp::create(builder, loc, value, value, odd);
  return {extendEven(value), extendEven(moved)};
}

/// The halves number `half` of all pairs.
static Value joinPairs(const ShapedBuilder &build, Pairs pairs, int64_t half) {
  OpBuilder &builder = build.builder;
  auto type = cast<VectorType>(build.type(32));
  int64_t lanes = type.getNumElements();
  SmallVector<int64_t> places;
  for (int64_t lane = 0; lane < lanes; lane += 2)
    places.append({lane + half, lanes + lane + half});
  return vector::ShuffleOp::create(
      builder, build.loc,
      vector::BitCastOp::create(builder, build.loc, type, pairs.even),
      vector::BitCastOp::create(builder, build.loc, type, pairs.odd), places);
}

static Pairs multiplyPairs(const ShapedBuilder &build, Value lhs, Value rhs) {
  Pairs left = splitPairs(build, lhs), right = splitPairs(build, rhs);
  return {
      arith::MulIOp::create(build.builder, build.loc, left.even, right.even),
      arith::MulIOp::create(build.builder, build.loc, left.odd, right.odd)};
}

/// The higher halves of the products. x86 multiplies every other lane to 64 bits:
/// the odd lanes, moved, and the even ones where they are.
static Value multiplyHigh(const ShapedBuilder &build, Value lhs, Value rhs,
                          bool byTwos) {
  if (!byTwos || !hasPairs(build.type(32)))
    return arith::MulSIExtendedOp::create(build.builder, build.loc, lhs, rhs)
        .getHigh();
  return joinPairs(build, multiplyPairs(build, lhs, rhs), /*half=*/1);
}

/// The largest magnitude of what `op` rescales, if that is a word of few bits.
static std::optional<int64_t> findMagnitude(RescaleOp op) {
  Operation *source = op.getValue().getDefiningOp();
  if (!isa_and_present<arith::ExtUIOp, arith::ExtSIOp>(source))
    return std::nullopt;
  unsigned width = getElementTypeOrSelf(source->getOperand(0).getType())
                       .getIntOrFloatBitWidth();
  if (width > 16)
    return std::nullopt;
  int64_t zeroPoint = static_cast<int32_t>(op.getInputZeroPoint());
  return (int64_t(1) << width) + std::abs(zeroPoint);
}

/// Whether 32 bits hold all that rescaleNarrow computes.
static bool isNarrow(RescaleOp op) {
  std::optional<int64_t> magnitude = findMagnitude(op);
  std::optional<int64_t> multiplier = getNumber(op.getMultiplier());
  std::optional<int64_t> shift = getNumber(op.getShift());
  if (!magnitude || !multiplier || !shift || *shift > 20 ||
      op.getOutputZeroPoint() != 0)
    return false;
  // The whole result is the largest.
  return *magnitude * ((*multiplier >> *shift) + 1) < (int64_t(1) << 30) &&
         *magnitude << *shift < (int64_t(1) << 30);
}

static Value clamp(const ShapedBuilder &build, Value value, RescaleOp op) {
  if (op.getSaturation() != Saturation::Saturate)
    return value;
  auto bound = [&](uint32_t limit) {
    return build.constant(static_cast<int32_t>(limit), 32);
  };
  value = arith::MaxSIOp::create(build.builder, build.loc, value,
                                 bound(op.getMin()));
  return arith::MinSIOp::create(build.builder, build.loc, value,
                                bound(op.getMax()));
}

/// With m = h 2^s + l, (u m + 2^(s-1)) >> s = u h + ((u l + 2^(s-1)) >> s).
static Value rescaleNarrow(const ShapedBuilder &build, Value value,
                           RescaleOp op) {
  OpBuilder &builder = build.builder;
  Location loc = build.loc;
  int64_t multiplier = *getNumber(op.getMultiplier());
  int64_t shift = *getNumber(op.getShift());
  auto times = [&](int64_t factor) -> Value {
    return arith::MulIOp::create(builder, loc, value,
                                 build.constant(factor, 32));
  };
  Value low = arith::AddIOp::create(
      builder, loc, times(multiplier & ((int64_t(1) << shift) - 1)),
      build.constant(int64_t(1) << (shift - 1), 32));
  low = arith::ShRSIOp::create(builder, loc, low, build.constant(shift, 32));
  Value result =
      arith::AddIOp::create(builder, loc, times(multiplier >> shift), low);
  return clamp(build, result, op);
}

/// Whether `op`, on x86, clamps to at most 30 bits, so that rescaleBounded computes
/// it.
static bool isBounded(RescaleOp op, Bounds shifts) {
  constexpr int64_t limit = int64_t(1) << 29;
  std::optional<Bounds> multipliers = findShifts(op.getMultiplier());
  return isForX86(op) && hasPairs(op.getValue().getType()) &&
         shifts.first >= 2 && shifts.second <= 31 && multipliers &&
         multipliers->first >= int64_t(1) << 30 &&
         op.getSaturation() == Saturation::Saturate &&
         op.getOutputZeroPoint() == 0 &&
         static_cast<int32_t>(op.getMin()) >= -limit &&
         static_cast<int32_t>(op.getMax()) <= limit;
}

/// Multipliers of 2^30 and more take values of 2^(s-1) to 2^29, where the result is
/// clamped: values are clamped to that before. With 2^30 added results are positive,
/// so that the shift may be a logical one, the only one of 64 bits that AVX2 has.
static Value rescaleBounded(const ShapedBuilder &build, Value value,
                            RescaleOp op) {
  OpBuilder &builder = build.builder;
  Location loc = build.loc;
  Value shift = op.getShift();
  Value bound = arith::ShLIOp::create(
      builder, loc, build.constant(1, 32),
      arith::SubIOp::create(builder, loc, shift, build.constant(1, 32)));
  Value negative =
      arith::SubIOp::create(builder, loc, build.constant(0, 32), bound);
  value = arith::MaxSIOp::create(builder, loc, value, negative);
  value = arith::MinSIOp::create(builder, loc, value, bound);
  Pairs products = multiplyPairs(build, value, op.getMultiplier());
  Pairs shifts = splitPairs(build, shift);
  auto round = [&](Value product, Value bits) -> Value {
    auto type = cast<VectorType>(product.getType());
    auto constant = [&](int64_t number) -> Value {
      return arith::ConstantOp::create(
          builder, loc,
          DenseElementsAttr::get(type, builder.getI64IntegerAttr(number)));
    };
    // 2^(s-1) + 2^(s+30)
    Value added = arith::ShLIOp::create(
        builder, loc, constant((int64_t(1) << 31) + 1),
        arith::SubIOp::create(builder, loc, bits, constant(1)));
    product = arith::AddIOp::create(builder, loc, product, added);
    return arith::ShRUIOp::create(builder, loc, product, bits);
  };
  Value result = joinPairs(
      build,
      {round(products.even, shifts.even), round(products.odd, shifts.odd)},
      /*half=*/0);
  result = arith::SubIOp::create(builder, loc, result,
                                 build.constant(int64_t(1) << 30, 32));
  return clamp(build, result, op);
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

Value lowbit::rescaleShort(const ShapedBuilder &build, Value value,
                           RescaleOp op) {
  if (op.getRounding() != RescaleMode::SingleRound)
    return {};
  std::optional<Bounds> shifts = findShifts(op.getShift());
  if (shifts && shifts->first >= 33)
    return rescaleHighHalf(build, value, op);
  if (isNarrow(op))
    return rescaleNarrow(build, value, op);
  if (shifts && isBounded(op, *shifts))
    return rescaleBounded(build, value, op);
  return {};
}
