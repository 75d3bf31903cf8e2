//===- ChannelFunction.cpp - What a batch norm and clamps compute ---------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelFunction.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

//===----------------------------------------------------------------------===//
// ChannelFunction
//===----------------------------------------------------------------------===//

APFloat lowbit::makeWide(double value) {
  APFloat wide(value);
  bool losesInfo;
  wide.convert(APFloat::IEEEquad(), APFloat::rmNearestTiesToEven, &losesInfo);
  return wide;
}

void ChannelFunction::multiply(double number) {
  if (number == 0) {
    *this = ChannelFunction();
    factor = makeWide(0);
    return;
  }
  for (APFloat *part : {&factor, &term, &low, &high})
    *part = *part * makeWide(number);
  if (number < 0)
    std::swap(low, high);
}

void ChannelFunction::add(double number) {
  for (APFloat *part : {&term, &low, &high})
    *part = *part + makeWide(number);
}

/// As tosa.clamp: the upper bound wins.
static APFloat confine(const APFloat &value, const APFloat &least,
                       const APFloat &most) {
  const APFloat &raised = value < least ? least : value;
  return most < raised ? most : raised;
}

void ChannelFunction::clamp(double least, double most) {
  low = confine(low, makeWide(least), makeWide(most));
  high = confine(high, makeWide(least), makeWide(most));
}

APFloat ChannelFunction::evaluate(int64_t x) const {
  return confine(factor * makeWide(static_cast<double>(x)) + term, low, high);
}

//===----------------------------------------------------------------------===//
// ChannelChain
//===----------------------------------------------------------------------===//

/// The operand of the pairwise `op` that is no constant, and the one that is: a
/// number, or one for each index of the last dimension.
static std::optional<std::pair<Value, Value>> splitPair(Operation *op) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || type.getRank() == 0)
    return std::nullopt;
  int64_t channels = type.getShape().back();
  for (int index : {1, 0}) {
    Value variable = op->getOperand(1 - index),
          constant = op->getOperand(index);
    auto constantType = dyn_cast<RankedTensorType>(constant.getType());
    if (variable.getType() != type || !constantType ||
        !constantType.hasStaticShape() || !getConstantElements(constant))
      continue;
    int64_t count = constantType.getNumElements();
    if (count == 1 ||
        (count == channels && constantType.getShape().back() == channels))
      return std::pair(variable, constant);
  }
  return std::nullopt;
}

static bool keepsLastDimension(tosa::ReshapeOp op) {
  auto from = dyn_cast<RankedTensorType>(op.getInput1().getType());
  auto to = dyn_cast<RankedTensorType>(op.getType());
  return from && to && from.getRank() > 0 && to.getRank() > 0 &&
         from.hasStaticShape() && to.hasStaticShape() &&
         from.getShape().back() == to.getShape().back();
}

Value lowbit::getChannelVariable(Operation *op) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case<tosa::ClampOp>([](tosa::ClampOp clamp) {
        return isa<FloatAttr>(clamp.getMinValAttr()) ? clamp.getInput()
                                                     : Value();
      })
      .Case<tosa::ReshapeOp>([](tosa::ReshapeOp reshape) {
        return keepsLastDimension(reshape) ? reshape.getInput1() : Value();
      })
      .Case<tosa::AddOp, tosa::SubOp, tosa::MulOp, tosa::MaximumOp,
            tosa::MinimumOp>([](auto pair) {
        auto split = isPairwise(pair) ? splitPair(pair) : std::nullopt;
        return split ? split->first : Value();
      })
      .Case<BatchNormOp>([](BatchNormOp norm) {
        bool isConstant = llvm::all_of(
            ValueRange{norm.getScale(), norm.getOffset(), norm.getMean(),
                       norm.getVariance()},
            [](Value value) { return bool(getConstantElements(value)); });
        return isConstant ? norm.getInput() : Value();
      })
      .Case<tosa::DepthwiseConv2DOp>([](tosa::DepthwiseConv2DOp conv) {
        return isChannelScaling(conv) ? conv.getInput() : Value();
      })
      .Default([](Operation *) { return Value(); });
}

ChannelChain lowbit::getChannelChain(Value result) {
  ChannelChain chain{{}, result};
  while (Operation *op = chain.source.getDefiningOp()) {
    Value variable = getChannelVariable(op);
    if (!variable || !op->hasOneUse())
      break;
    chain.ops.push_back(op);
    chain.source = variable;
  }
  return chain;
}

bool ChannelChain::hasFactors() const {
  return !llvm::all_of(ops, llvm::IsaPred<tosa::ClampOp, tosa::ReshapeOp>);
}

/// One number for each channel, or one for all; nothing unless all are finite.
static std::optional<SmallVector<float>> readFinite(Value constant) {
  std::optional<SmallVector<float>> values = readConstant<float>(constant);
  if (!values || values->empty() ||
      !llvm::all_of(*values, [](float x) { return std::isfinite(x); }))
    return std::nullopt;
  return values;
}

/// Adds `op` to the functions. False if a parameter is not finite.
static bool composeStep(Operation *op,
                        MutableArrayRef<ChannelFunction> functions) {
  auto forEach = [&](Value constant, auto apply) {
    std::optional<SmallVector<float>> values = readFinite(constant);
    if (!values)
      return false;
    for (auto [channel, function] : llvm::enumerate(functions))
      apply(function, (*values)[values->size() == 1 ? 0 : channel]);
    return true;
  };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  auto add = [](ChannelFunction &f, double x) { f.add(x); };
  auto multiply = [](ChannelFunction &f, double x) { f.multiply(x); };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<tosa::ReshapeOp>([](auto) { return true; })
      .Case<tosa::ClampOp>([&](tosa::ClampOp clamp) {
        double least =
            cast<FloatAttr>(clamp.getMinValAttr()).getValueAsDouble();
        double most = cast<FloatAttr>(clamp.getMaxValAttr()).getValueAsDouble();
        for (ChannelFunction &function : functions)
          function.clamp(least, most);
        return !std::isnan(least) && !std::isnan(most);
      })
      .Case<tosa::AddOp>(
          [&](auto) { return forEach(splitPair(op)->second, add); })
      .Case<tosa::MulOp>(
          [&](auto) { return forEach(splitPair(op)->second, multiply); })
      .Case<tosa::SubOp>([&](tosa::SubOp sub) {
        Value constant = splitPair(op)->second;
        bool isFirst = constant == sub.getInput1();
        return forEach(constant, [&](ChannelFunction &f, double x) {
          if (isFirst)
            f.multiply(-1);
          f.add(isFirst ? x : -x);
        });
      })
      .Case<tosa::MaximumOp>([&](auto) {
        return forEach(
            splitPair(op)->second,
            [&](ChannelFunction &f, double x) { f.clamp(x, infinity); });
      })
      .Case<tosa::MinimumOp>([&](auto) {
        return forEach(
            splitPair(op)->second,
            [&](ChannelFunction &f, double x) { f.clamp(-infinity, x); });
      })
      .Case<tosa::DepthwiseConv2DOp>([&](tosa::DepthwiseConv2DOp conv) {
        return forEach(conv.getWeight(), multiply) &&
               forEach(conv.getBias(), add);
      })
      .Case<BatchNormOp>([&](BatchNormOp norm) {
        // The factor is one f64, as in -lowbit-fold-batch-norm.
        std::optional<SmallVector<float>> scale = readFinite(norm.getScale());
        std::optional<SmallVector<float>> variance =
            readFinite(norm.getVariance());
        if (!scale || !variance ||
            !forEach(norm.getMean(), [](auto &f, double x) { f.add(-x); }))
          return false;
        double epsilon = norm.getEpsilonAttr().getValueAsDouble();
        for (auto [s, v, function] : llvm::zip(*scale, *variance, functions)) {
          double factor = s / std::sqrt(v + epsilon);
          if (!std::isfinite(factor))
            return false;
          function.multiply(factor);
        }
        return forEach(norm.getOffset(), add);
      });
}

LogicalResult ChannelChain::compose(MutableArrayRef<ChannelFunction> functions,
                                    Operation *root,
                                    RewriterBase &rewriter) const {
  for (Operation *op : llvm::reverse(ops))
    if (!composeStep(op, functions))
      return rewriter.notifyMatchFailure(
          root, "a factor or term between its layer and its codes is not a "
                "finite number");
  return success();
}
