//===- KernelRescale.cpp - Changes of scale in f32 ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Products of 32 by 32 bits take two multiplications of every other lane and what
// brings the lanes apart and together. Where one multiply-add of f32 makes the same
// codes of all sums that these weights can make, which is proven for each channel
// (FloatFactor.h), it takes the place of the bias and of the change of scale.

#include "EpilogueChannels.h"
#include "KernelBuilder.h"

#include "lowbit/Support/FloatFactor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// What an epilogue that only adds a bias and changes the scale computes of the sums of
/// one channel.
struct ChannelRescale {
  int64_t leftShift = 0, bias = 0, inputZeroPoint = 0, outputZeroPoint = 0,
          least = 0, most = 0;
  /// Of lowbit.rescale, or of lowbit.requantize where `scale` is not 0.
  int64_t multiplier = 0, shift = 0;
  bool roundsTwice = false;
  std::optional<float> scale;

  /// How much results rise from one sum to the next.
  double getSlope() const {
    return scale ? std::ldexp(*scale, leftShift)
                 : std::ldexp(multiplier, leftShift - shift);
  }

  /// What the scale of `sum` is changed of.
  int64_t getValue(int64_t sum) const {
    return sum * (int64_t(1) << leftShift) + bias - inputZeroPoint;
  }

  /// The arithmetic that -lowbit-expand-rescale writes out.
  int64_t getCode(int64_t sum) const {
    int64_t value = getValue(sum);
    if (scale) {
      double real = static_cast<double>(value) * static_cast<double>(*scale) +
                    static_cast<double>(outputZeroPoint);
      real = std::clamp(real, static_cast<double>(least),
                        static_cast<double>(most));
      return std::llrint(real);
    }
    int64_t product = value * multiplier + (int64_t(1) << (shift - 1));
    if (roundsTwice && shift > 31)
      product += value < 0 ? -(int64_t(1) << 30) : int64_t(1) << 30;
    return std::clamp((product >> shift) + outputZeroPoint, least, most);
  }
};

/// An epilogue that shifts sums to the left, adds a bias, and changes the scale; or
/// leaves out one of the first two.
struct PlainEpilogue {
  RescaleOp rescale;
  RequantizeOp requantize;
  Value bias;
  int64_t leftShift = 0;

  static std::optional<PlainEpilogue> match(ContractOp op) {
    Block &body = op.getEpilogue().front();
    PlainEpilogue epilogue;
    Value last = cast<YieldOp>(body.getTerminator()).getValue();
    epilogue.rescale = last.getDefiningOp<RescaleOp>();
    epilogue.requantize = last.getDefiningOp<RequantizeOp>();
    Value sum = body.getArgument(0), value;
    if (epilogue.rescale) {
      value = epilogue.rescale.getValue();
      if (epilogue.rescale.getSaturation() != Saturation::Saturate)
        return std::nullopt;
    } else if (epilogue.requantize) {
      value = epilogue.requantize.getValue();
    } else {
      return std::nullopt;
    }
    auto isSum = [&](Value candidate) {
      auto shift = candidate.getDefiningOp<arith::ShLIOp>();
      APInt bits;
      if (!shift || shift.getLhs() != sum ||
          !matchPattern(shift.getRhs(), m_ConstantInt(&bits)) || bits.uge(32))
        return candidate == sum;
      epilogue.leftShift = bits.getZExtValue();
      return true;
    };
    if (isSum(value))
      return epilogue;
    auto add = value.getDefiningOp<arith::AddIOp>();
    if (!add)
      return std::nullopt;
    bool isFirst = isSum(add.getLhs());
    if (!isFirst && !isSum(add.getRhs()))
      return std::nullopt;
    epilogue.bias = isFirst ? add.getRhs() : add.getLhs();
    return epilogue;
  }

  /// All but the factors, which are the channel's.
  ChannelRescale getCommon() {
    ChannelRescale common;
    common.leftShift = leftShift;
    auto read = [&](auto op) {
      common.inputZeroPoint = static_cast<int32_t>(op.getInputZeroPoint());
      common.outputZeroPoint = static_cast<int32_t>(op.getOutputZeroPoint());
      common.least = static_cast<int32_t>(op.getMin());
      common.most = static_cast<int32_t>(op.getMax());
    };
    if (requantize) {
      read(requantize);
      return common;
    }
    read(rescale);
    common.roundsTwice = rescale.getRounding() == RescaleMode::DoubleRound;
    return common;
  }
};

} // namespace

/// Puts f32 in place of the integers of the epilogue, where it makes the same codes.
void KernelBuilder::planRescale() {
  memref::GlobalOp weights = getConstantGlobal(op, operands[1]);
  Type result = operands.back().elementType;
  if (!op->hasAttr(kFmaAttr) || primitive.isFloat ||
      primitive.product != Product::Multiply || !loops.groups.empty() ||
      op.getPacks() || !weights ||
      !(result.isInteger(8) || result.isInteger(16)))
    return;
  std::optional<SmallVector<SumRange>> ranges =
      findSumRanges(op, loops, operands[1], weights);
  if (ranges && !planFloatRescale(weights, *ranges))
    planEstimate(weights, *ranges);
}

/// A multiply-add of f32 where it makes the same codes of all sums.
bool KernelBuilder::planFloatRescale(memref::GlobalOp weights,
                                     ArrayRef<SumRange> ranges) {
  std::optional<PlainEpilogue> epilogue = PlainEpilogue::match(op);
  if (!epilogue)
    return false;
  ChannelRescale common = epilogue->getCommon();
  if (common.most - common.least > 255)
    return false;
  int64_t lanes = loops.sizes[loops.lane];
  auto read = [&](Value value) {
    return readChannels<int32_t>(value, op, loops, operands);
  };
  std::optional<SmallVector<int32_t>> biases, multipliers, shifts;
  std::optional<SmallVector<float>> scales;
  biases =
      epilogue->bias ? read(epilogue->bias) : SmallVector<int32_t>(lanes, 0);
  if (epilogue->requantize) {
    scales = readChannels<float>(epilogue->requantize.getScale(), op, loops,
                                 operands);
  } else {
    multipliers = read(epilogue->rescale.getMultiplier());
    shifts = read(epilogue->rescale.getShift());
  }
  if (!biases || !(scales || (multipliers && shifts)))
    return false;

  SmallVector<CodeSteps> steps;
  SmallVector<double> slopes;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    ChannelRescale channel = common;
    channel.bias = (*biases)[lane];
    if (scales)
      channel.scale = (*scales)[lane];
    else {
      channel.multiplier = (*multipliers)[lane];
      channel.shift = (*shifts)[lane];
    }
    // 32 bits hold the sum with its bias, too, and before a zero point is taken away:
    // nothing wraps around.
    SumRange sum = ranges[lane];
    SumRange moved = {channel.getValue(sum.low), channel.getValue(sum.high)};
    SumRange added = {moved.low + channel.inputZeroPoint,
                      moved.high + channel.inputZeroPoint};
    slopes.push_back(channel.getSlope());
    auto found =
        CodeSteps::find([&](int64_t value) { return channel.getCode(value); },
                        sum.low, sum.high, slopes.back());
    if (!moved.fits(32) || !added.fits(32) || !found)
      return false;
    steps.push_back(std::move(*found));
  }
  // Results around 0 are the most precise, those that are codes take no addition.
  int64_t middle = (common.least + common.most + 1) / 2;
  for (bool takesException : {false, true})
    for (int64_t center : {int64_t(0), middle}) {
      SmallVector<float> factors, offsets;
      SmallVector<int32_t> exceptions;
      bool hasExceptions = false;
      for (auto [channel, slope] : llvm::zip(steps, slopes)) {
        auto found = FloatFactor::fit(channel, slope, center, common.least,
                                      common.most, takesException);
        if (!found)
          break;
        factors.push_back(found->factor);
        offsets.push_back(found->offset);
        hasExceptions |= found->exception.has_value();
        // One that does not occur where there is none.
        int64_t none = channel.low > std::numeric_limits<int32_t>::min()
                           ? channel.low - 1
                           : channel.high + 1;
        exceptions.push_back(found->exception.value_or(none));
      }
      if (static_cast<int64_t>(factors.size()) != lanes)
        continue;
      SmallVector<LinearOperand> added = {
          createChannels<float>(builder, op, loops, weights, "_factors",
                                factors),
          createChannels<float>(builder, op, loops, weights, "_offsets",
                                offsets)};
      if (hasExceptions)
        added.push_back(createChannels<int32_t>(builder, op, loops, weights,
                                                "_exceptions", exceptions));
      auto first = operands.begin() + 2;
      auto last = first + op.getEpilogueOperands().size();
      for (auto operand = first; operand != last; ++operand)
        operand->flat.getDefiningOp()->erase(); // views of what is not read
      operands.erase(first, last);
      operands.insert(operands.begin() + 2, added.begin(), added.end());
      floatRescale = {center, common.least, common.most};
      return true;
    }
  return false;
}

/// The codes of sums, not clamped and lower by the center, by a factor and an offset for
/// each channel and, where there are any, sums whose codes come out one too low.
Value KernelBuilder::scaleInFloat(ArrayRef<Value> arguments) {
  auto integers = cast<VectorType>(arguments[0].getType());
  Value real = arith::SIToFPOp::create(builder, loc, arguments[1].getType(),
                                       arguments[0]);
  real = math::FmaOp::create(builder, loc, real, arguments[1], arguments[2]);
  Value code = LLVM::CallIntrinsicOp::create(
                   builder, loc, integers, builder.getStringAttr("llvm.lrint"),
                   ValueRange{real})
                   .getResult(0);
  if (arguments.size() > 3) {
    Value isLow = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                        arguments[0], arguments[3]);
    code = arith::SubIOp::create(
        builder, loc, code,
        arith::ExtSIOp::create(builder, loc, integers, isLow));
  }
  return code;
}

/// The codes of sums.
Value KernelBuilder::runFloatRescale(ArrayRef<Value> arguments) {
  auto integers = cast<VectorType>(arguments[0].getType());
  Value code = scaleInFloat(arguments);
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(integers, builder.getI32IntegerAttr(value)));
  };
  int64_t center = floatRescale->center;
  code = arith::MaxSIOp::create(builder, loc, code,
                                constant(floatRescale->least - center));
  code = arith::MinSIOp::create(builder, loc, code,
                                constant(floatRescale->most - center));
  if (center != 0)
    code = arith::AddIOp::create(builder, loc, code, constant(center));
  return code;
}
