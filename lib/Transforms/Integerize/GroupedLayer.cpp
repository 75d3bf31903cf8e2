//===- GroupedLayer.cpp - A layer with a scale for each group -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GroupedLayer.h"

#include "ConstantSteps.h"
#include "SinkDecode.h"

#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Conversion/Primitive.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

/// A fully connected layer, which is a convolution of one position, has rows.
/// Nothing for other convolutions.
static std::optional<LinearLayer> describeRows(tosa::Conv2DOp op) {
  auto is = [](ArrayRef<int64_t> values, int64_t expected) {
    return llvm::all_of(values, [&](int64_t x) { return x == expected; });
  };
  auto type = cast<RankedTensorType>(op.getType());
  auto kernel = cast<ShapedType>(op.getWeight().getType()).getShape();
  if (kernel[1] != 1 || kernel[2] != 1 || !is(op.getPad(), 0) ||
      !is(op.getStride(), 1) || !type.hasStaticShape() ||
      !cast<ShapedType>(op.getInput().getType()).hasStaticShape())
    return std::nullopt;
  AffineExpr m, o, k;
  bindDims(op.getContext(), m, o, k);
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(3, 0, results, op.getContext());
  };
  LinearLayer layer;
  layer.weightShape = {kernel[0], kernel[3]};
  layer.channelDims = {0};
  layer.resultShape = {type.getNumElements() / kernel[0], kernel[0]};
  layer.lhs = map({m, k});
  layer.rhs = map({o, k});
  layer.channel = map({o});
  layer.result = map({m, o});
  return layer;
}

/// Splits the loop along the axis of groups in two.
StringRef GroupedLayer::splitAxis(SmallVectorImpl<AffineExpr> &lhsExprs,
                                  SmallVectorImpl<AffineExpr> &rhsExprs) {
  unsigned position = cast<AffineDimExpr>(inner).getPosition();
  auto found = llvm::find_if(lhsExprs, [&](AffineExpr expr) {
    return expr.isFunctionOfDim(position);
  });
  inputDim = found - lhsExprs.begin();
  outer = getAffineDimExpr(layer.result.getNumDims(), op->getContext());
  if (*found == inner) {
    lhsExprs.insert(found, outer);
  } else if (auto grouped = dyn_cast<GroupedConv2dOp>(op)) {
    // g * channels + i
    *found = inner;
    lhsExprs.insert(found, {layer.rhs.getResult(0), outer});
  } else {
    return "groups of its weights lie along a window";
  }
  rhsExprs.insert(rhsExprs.begin() + axis, outer);
  return "";
}

StringRef GroupedLayer::findLoops() {
  std::string reason;
  std::optional<LinearLayer> loops;
  if (auto conv = dyn_cast<tosa::Conv2DOp>(op))
    loops = describeRows(conv);
  isRows = loops.has_value();
  if (!isRows)
    loops = describeLinearLayer(op, reason);
  if (!loops)
    return "its shape is dynamic, or its channels do not agree";
  layer = std::move(*loops);
  // Other dimensions are split, merged or left out in front; of a depthwise
  // convolution, behind.
  int64_t rank = weights.shape.size(), loopRank = layer.weightShape.size();
  int64_t moved = isa<tosa::DepthwiseConv2DOp>(op) ? 0 : loopRank - rank;
  if (weights.axis && *weights.axis + moved < loopRank)
    axis = *weights.axis + moved;

  SmallVector<AffineExpr> lhsExprs(layer.lhs.getResults()),
      rhsExprs(layer.rhs.getResults()), groups, rest;
  for (int64_t dim = 0; dim < loopRank; ++dim) {
    AffineExpr expr = layer.rhs.getResult(dim);
    if (layer.result.isFunctionOfDim(cast<AffineDimExpr>(expr).getPosition()))
      continue;
    bool isGroup = dim - moved >= 0 && weights.dependsOn(dim - moved);
    if (isGroup && dim == axis && weights.size > 0) {
      inner = expr;
      if (StringRef reason = splitAxis(lhsExprs, rhsExprs); !reason.empty())
        return reason;
      expr = outer;
      rest.push_back(inner);
    }
    (isGroup ? groups : rest).push_back(expr);
  }
  auto isWhole = [&](AffineExpr expr) {
    for (auto [own, size] :
         llvm::zip(layer.rhs.getResults(), layer.weightShape))
      if (own == expr)
        return size > 1;
    return false;
  };
  if (!groups.empty() && !outer && llvm::none_of(rest, isWhole))
    return "its weights have a scale for each of their products";

  // Rows, groups, channels, and what is summed up.
  size_t channels =
      isRows ? 1
             : layer.resultShape.size() + 1 -
                   cast<ShapedType>(op->getResult(0).getType()).getRank();
  numRows = layer.resultShape.size() - channels;
  numGroups = groups.size();
  SmallVector<AffineExpr> resultExprs(layer.result.getResults()), factorExprs;
  resultExprs.insert(resultExprs.begin() + numRows, groups.begin(),
                     groups.end());
  for (AffineExpr expr : resultExprs)
    if (llvm::is_contained(groups, expr) ||
        llvm::is_contained(layer.channel.getResults(), expr))
      factorExprs.push_back(expr);

  unsigned count = layer.result.getNumDims() + (outer ? 1 : 0);
  SmallVector<AffineExpr> order(resultExprs), moves(count);
  llvm::append_range(order, rest);
  for (auto [i, expr] : llvm::enumerate(order))
    moves[cast<AffineDimExpr>(expr).getPosition()] =
        getAffineDimExpr(i, op->getContext());
  sizes.assign(count, 1);
  auto setSizes = [&](AffineMap map, ArrayRef<int64_t> shape) {
    for (auto [expr, size] : llvm::zip(map.getResults(), shape))
      sizes[cast<AffineDimExpr>(expr.replaceDims(moves)).getPosition()] = size;
  };
  setSizes(layer.result, layer.resultShape);
  setSizes(layer.rhs, layer.weightShape);
  if (outer) {
    int64_t all = layer.weightShape[axis];
    outer = outer.replaceDims(moves);
    inner = inner.replaceDims(moves);
    sizes[cast<AffineDimExpr>(inner).getPosition()] = weights.size;
    sizes[cast<AffineDimExpr>(outer).getPosition()] =
        llvm::divideCeil(all, weights.size);
  }
  auto map = [&](ArrayRef<AffineExpr> exprs) {
    SmallVector<AffineExpr> results;
    for (AffineExpr expr : exprs)
      results.push_back(expr.replaceDims(moves));
    return AffineMap::get(count, 0, results, op->getContext());
  };
  lhs = map(lhsExprs);
  rhs = map(rhsExprs);
  factor = map(factorExprs);
  result = map(resultExprs);
  return "";
}

SmallVector<int64_t> GroupedLayer::getShape(AffineMap map) const {
  SmallVector<int64_t> shape;
  for (AffineExpr expr : map.getResults())
    shape.push_back(getSize(expr));
  return shape;
}

void GroupedLayer::forEachWeight(
    function_ref<void(int64_t, int64_t, int64_t)> visit) const {
  SmallVector<int64_t> values(sizes.size(), 0);
  auto place = [&](AffineMap map) {
    int64_t at = 0;
    for (AffineExpr expr : map.getResults())
      at = at * getSize(expr) + values[cast<AffineDimExpr>(expr).getPosition()];
    return at;
  };
  forEachIndex(layer.weightShape, [&](int64_t i, ArrayRef<int64_t> index) {
    SmallVector<int64_t> split(index);
    if (outer) {
      split[axis] = index[axis] % weights.size;
      split.insert(split.begin() + axis, index[axis] / weights.size);
    }
    for (auto [expr, value] : llvm::zip(rhs.getResults(), split))
      values[cast<AffineDimExpr>(expr).getPosition()] = value;
    visit(i, place(factor), place(rhs));
  });
}

StringRef GroupedLayer::findRow(int64_t dim) {
  auto shape = cast<ShapedType>(op->getOperand(0).getType()).getShape();
  AffineExpr found;
  if (isRows && shape[dim] == getNumRows())
    found = lhs.getResult(0);
  else if (!isRows && (!outer || dim < inputDim))
    found = lhs.getResult(dim);
  auto loop = dyn_cast_if_present<AffineDimExpr>(found);
  if (!loop ||
      !llvm::is_contained(result.getResults().take_front(numRows), loop))
    return "the scales of its input are not those of its result's rows";
  row = loop;
  return "";
}

StringRef GroupedLayer::addUp(const CodedValue &input, bool hasRuntimeZeros) {
  int64_t zero = input.format.getZeroPoint();
  auto [low, high] = getStorageRange(input.format);
  int64_t most = std::max(std::abs(low), high);
  auto inputScale = static_cast<float>(input.format.getScale());
  int64_t count = ShapedType::getNumElements(getShape(factor));
  SmallVector<int64_t> sums(count, 0);
  SmallVector<double> magnitudes(count, 0);
  // Steps of floats have few bits, though far above the least one.
  SmallVector<int> shifts(count, weights.isFloat ? 63 : 0);
  if (weights.isFloat)
    forEachWeight([&](int64_t i, int64_t place, int64_t) {
      if (int64_t step = weights.steps[i])
        shifts[place] = std::min(
            shifts[place], llvm::countr_zero(static_cast<uint64_t>(step)));
    });
  for (int &shift : shifts)
    shift %= 63; // nothing but zeros
  factors.assign(count, 0);
  steps.assign(ShapedType::getNumElements(getShape(rhs)), 0);
  bool isFinite = true;
  forEachWeight([&](int64_t i, int64_t place, int64_t weight) {
    int64_t step = weights.steps[i] / (int64_t(1) << shifts[place]);
    steps[weight] = step;
    sums[place] += step;
    magnitudes[place] += static_cast<double>(std::abs(step)) * most;
    factors[place] =
        inputScale * std::ldexp(weights.elementScales[i], shifts[place]);
    isFinite &= std::isfinite(factors[place]);
  });
  if (!isFinite)
    return "a scale of its weights is not a finite number";
  for (auto [sum, magnitude] : llvm::zip(sums, magnitudes)) {
    double correction =
        std::abs(static_cast<double>(hasRuntimeZeros ? most : zero) * sum);
    if (magnitude + correction > std::numeric_limits<int32_t>::max())
      return "its sums may leave 32 bits";
    corrections.push_back(static_cast<int32_t>(-zero * sum));
    weightSums.push_back(static_cast<int32_t>(sum));
  }
  return "";
}

/// The input's codes with padding, and with its channels in groups.
Value GroupedLayer::shapeInput(PatternRewriter &rewriter,
                               const CodedValue &input) const {
  Location loc = op->getLoc();
  Value codes = input.codes;
  auto pad = [&](ArrayRef<int64_t> low, ArrayRef<int64_t> high) {
    auto type = cast<RankedTensorType>(codes.getType());
    SmallVector<int64_t> shape(type.getShape());
    for (auto [size, before, after] : llvm::zip(shape, low, high))
      size += before + after;
    codes = PadOp::create(rewriter, loc, type.clone(shape), codes, low, high);
  };
  auto getShape = [&] {
    return SmallVector<int64_t>(
        cast<RankedTensorType>(codes.getType()).getShape());
  };
  if (isRows)
    codes = reshapeCodes(rewriter, loc, codes,
                         {getNumRows(), layer.weightShape[1]});
  if (layer.hasPadding())
    pad(layer.padLow, layer.padHigh);
  if (!outer)
    return codes;
  SmallVector<int64_t> shape = getShape();
  int64_t dim = inputDim, channels = layer.weightShape[axis];
  if (shape[dim] != channels) { // of a grouped convolution
    shape[dim] /= channels;
    shape.insert(shape.begin() + ++dim, channels);
    codes = reshapeCodes(rewriter, loc, codes, shape);
  } else if (isa<GroupedConv2dOp>(op)) {
    shape.insert(shape.begin() + dim++, 1);
    codes = reshapeCodes(rewriter, loc, codes, shape);
  }
  if (int64_t missing = getSize(outer) * weights.size - channels) {
    SmallVector<int64_t> low(shape.size(), 0), high(shape.size(), 0);
    high[dim] = missing;
    pad(low, high);
    shape = getShape();
  }
  shape[dim] = weights.size;
  shape.insert(shape.begin() + dim, getSize(outer));
  return reshapeCodes(rewriter, loc, codes, shape);
}

Value lowbit::markGlue(Operation *op) {
  op->setAttr(kFloatGlueAttr, StringAttr::get(op->getContext(), kGroupsReason));
  return op->getResult(0);
}

Value GroupedLayer::createContract(PatternRewriter &rewriter, Value codes,
                                   Value zeroPoints) const {
  Location loc = op->getLoc();
  ConstantSteps words;
  words.scales = {1.0};
  words.steps = steps;
  words.storage = weights.getStorage();
  auto f32 = rewriter.getF32Type();
  auto factorType = RankedTensorType::get(getShape(factor), f32);
  SmallVector<Value> operands;
  SmallVector<AffineMap> maps = {lhs, rhs, factor};
  bool isCorrected =
      zeroPoints ||
      llvm::any_of(corrections, [](int32_t number) { return number != 0; });
  if (isCorrected) {
    operands.push_back(createI32Tensor(rewriter, loc,
                                       zeroPoints ? weightSums : corrections,
                                       factorType.getShape()));
    maps.push_back(factor);
  }
  operands.push_back(arith::ConstantOp::create(
      rewriter, loc,
      DenseElementsAttr::get(factorType, ArrayRef<float>(factors))));
  if (zeroPoints) {
    operands.push_back(zeroPoints);
    SmallVector<AffineExpr> exprs;
    if (row)
      exprs.push_back(row);
    maps.push_back(
        AffineMap::get(lhs.getNumDims(), 0, exprs, op->getContext()));
  }
  maps.push_back(result);
  auto type = RankedTensorType::get(getShape(result), f32);
  auto contract = ContractOp::create(
      rewriter, loc, type, codes,
      createSteps(rewriter, loc, words, getShape(rhs), "weights"), operands,
      tensor::EmptyOp::create(rewriter, loc, type.getShape(), f32),
      rewriter.getAffineMapArrayAttr(maps), ArrayAttr(), StringAttr());
  if (zeroPoints)
    contract->setAttr(kZeroCodesAttr, rewriter.getUnitAttr());
  OpBuilder::InsertionGuard guard(rewriter);
  SmallVector<Type> types(operands.size() + 1, rewriter.getI32Type());
  types[isCorrected ? 2 : 1] = f32;
  Block *body = rewriter.createBlock(&contract.getEpilogue(), {}, types,
                                     SmallVector<Location>(types.size(), loc));
  Value sum = body->getArgument(0);
  if (zeroPoints)
    sum = arith::SubIOp::create(rewriter, loc, sum,
                                arith::MulIOp::create(rewriter, loc,
                                                      body->getArgument(3),
                                                      body->getArgument(1)));
  else if (isCorrected)
    sum = arith::AddIOp::create(rewriter, loc, sum, body->getArgument(1));
  Value real = arith::SIToFPOp::create(rewriter, loc, f32, sum);
  YieldOp::create(
      rewriter, loc,
      arith::MulFOp::create(rewriter, loc, real,
                            body->getArgument(isCorrected ? 2 : 1)));
  return markGlue(contract);
}

Value lowbit::reshapeGlue(PatternRewriter &rewriter, Location loc, Value value,
                          ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getShape() == shape)
    return value;
  return markGlue(
      tosa::ReshapeOp::create(rewriter, loc, type.clone(shape), value,
                              tosa::getTosaConstShape(rewriter, loc, shape)));
}

Value GroupedLayer::buildSums(PatternRewriter &rewriter,
                              const CodedValue &input, Value zeroPoints) const {
  Value sums =
      createContract(rewriter, shapeInput(rewriter, input), zeroPoints);
  size_t last = numRows + numGroups;
  return reshapeGlue(rewriter, op->getLoc(), sums,
                     {getNumRows(), countElements(numRows, numGroups),
                      countElements(last, result.getNumResults() - last)});
}

bool lowbit::sumsByGroups(Operation *op) {
  StringRef reason;
  std::optional<GroupedConstant> weights =
      readGroupedConstant(op->getOperand(1), reason);
  if (!weights)
    return false;
  GroupedLayer layer(op, *weights);
  return layer.findLoops().empty() && !layer.isAffine();
}
