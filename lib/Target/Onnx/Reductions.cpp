//===- Reductions.cpp - imports reductions ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reduction is up to three steps: a function of each element, a reduction of
// TOSA along each axis, and a function of each result.
//
//===----------------------------------------------------------------------===//

#include "Reductions.h"

#include "Operators.h"
#include "Pooling.h"
#include "TosaBuilding.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// The axes, in ascending order: an attribute before opset `inputSince`, an
/// input from then on. None given means all, or none at all if so said.
static std::optional<SmallVector<int64_t>>
readAxes(NodeContext &node, int64_t rank, int64_t inputSince) {
  std::optional<SmallVector<int64_t>> axes;
  bool isInput = node.getOpset() >= inputSince;
  if (!isInput)
    axes = node.getInts("axes", {});
  else if (node.hasInput(1))
    axes = node.getIntegers(1, "axes");
  else
    axes.emplace();
  bool keepsAll = isInput && node.getInt("noop_with_empty_axes", 0) != 0;
  if (!axes)
    return std::nullopt;
  if (axes->empty() && !keepsAll)
    return llvm::to_vector(llvm::seq<int64_t>(rank));
  SmallVector<int64_t> result;
  for (int64_t axis : *axes) {
    std::optional<int64_t> dim = node.getAxis(axis, rank);
    if (!dim)
      return std::nullopt;
    result.push_back(*dim);
  }
  llvm::sort(result);
  result.erase(llvm::unique(result), result.end());
  return result;
}

/// `input` reduced along each of `axes`, to size 1.
template <typename Op>
static Value buildReduction(NodeContext &node, Value input,
                            ArrayRef<int64_t> axes) {
  for (int64_t axis : axes) {
    if (!input || shapeOf(input)[axis] == 1)
      continue;
    SmallVector<int64_t> shape(shapeOf(input));
    shape[axis] = 1;
    RankedTensorType type = node.getType(shape, elementOf(input));
    if (!type)
      return nullptr;
    input = Op::create(node.builder, type, input,
                       node.builder.getI32IntegerAttr(axis));
  }
  return input;
}

template <typename Op> static Value buildUnary(NodeContext &node, Value input) {
  return input ? Op::create(node.builder, input.getType(), input).getResult()
               : nullptr;
}

/// x^exponent of each element.
static Value buildPower(NodeContext &node, Value input, float exponent) {
  if (!input)
    return nullptr;
  bool isRoot = exponent == 0.5f;
  return ActivationOp::create(node.builder, input.getType(), input,
                              isRoot ? Function::Sqrt : Function::Power,
                              isRoot ? FloatAttr()
                                     : node.builder.getF32FloatAttr(exponent),
                              FloatAttr());
}

Value onnximport::buildNorm(NodeContext &node, Value input, int64_t order,
                            llvm::function_ref<Value(Value)> sum) {
  if (order == 2)
    return buildPower(node, sum(buildMul(node, input, input)), 0.5f);
  Value magnitude = buildUnary<tosa::AbsOp>(node, input);
  if (order == 1)
    return sum(magnitude);
  Value powers = sum(buildPower(node, magnitude, order));
  return buildPower(node, powers, 1.0f / order);
}

static Value buildSum(NodeContext &node, Value input, ArrayRef<int64_t> axes) {
  return buildReduction<tosa::ReduceSumOp>(node, input, axes);
}

/// The mean of each channel of an image is a pool, which has an integer form.
Value onnximport::buildMean(NodeContext &node, Value input,
                            ArrayRef<int64_t> axes) {
  if (!input)
    return nullptr;
  int64_t rank = rankOf(input);
  if ((rank == 3 || rank == 4) &&
      llvm::equal(axes, llvm::seq<int64_t>(2, rank)))
    return buildGlobalAveragePool(node, input);
  int64_t count = 1;
  for (int64_t axis : axes)
    count *= shapeOf(input)[axis];
  Value sum = buildSum(node, input, axes);
  if (count == 1)
    return sum;
  return buildMul(
      node, sum, buildSplat(node, SmallVector<int64_t>(rank, 1), 1.0f / count));
}

static Value buildSumSquare(NodeContext &node, Value input,
                            ArrayRef<int64_t> axes) {
  return buildSum(node, buildMul(node, input, input), axes);
}

template <int64_t Order>
static Value buildNormAlong(NodeContext &node, Value input,
                            ArrayRef<int64_t> axes) {
  return buildNorm(node, input, Order,
                   [&](Value powers) { return buildSum(node, powers, axes); });
}

static Value buildLogSum(NodeContext &node, Value input,
                         ArrayRef<int64_t> axes) {
  return buildUnary<tosa::LogOp>(node, buildSum(node, input, axes));
}

/// log(sum(exp(x))) as max(x) + log(sum(exp(x - max(x)))).
static Value buildLogSumExp(NodeContext &node, Value input,
                            ArrayRef<int64_t> axes) {
  Value max = buildReduction<tosa::ReduceMaxOp>(node, input, axes);
  Value exponential = buildUnary<tosa::ExpOp>(node, buildSub(node, input, max));
  return buildAdd(node, max, buildLogSum(node, exponential, axes));
}

using ReductionBuilder = Value (*)(NodeContext &, Value, ArrayRef<int64_t>);

enum class Elements { Floats, Numbers };

/// An op that reduces; the axes of most become an input in opset 18.
static OperatorImporter importReduction(ReductionBuilder build,
                                        Elements elements,
                                        int64_t inputSince = 18) {
  return [=](NodeContext &node) -> LogicalResult {
    bool keepsDims = node.getInt("keepdims", 1) != 0;
    Value input =
        elements == Elements::Floats ? node.getTensor(0) : getNumbers(node, 0);
    if (!input)
      return failure();
    auto axes = readAxes(node, rankOf(input), inputSince);
    if (!axes)
      return failure();
    Value result = build(node, input, *axes);
    if (!result)
      return failure();
    if (!keepsDims) {
      SmallVector<int64_t> shape;
      for (auto [dim, size] : llvm::enumerate(shapeOf(result)))
        if (!llvm::is_contained(*axes, int64_t(dim)))
          shape.push_back(size);
      result = buildReshape(node, result, shape);
      if (!result)
        return failure();
    }
    node.setResult(result);
    return success();
  };
}

/// x / norm(x), with one of the two norms that ONNX has.
static LogicalResult importLpNormalization(NodeContext &node) {
  int64_t order = node.getInt("p", 2);
  if (order != 1 && order != 2)
    return node.refuse("has p = " + Twine(order) + "; expected 1 or 2");
  Value input = node.getTensor(0);
  if (!input)
    return failure();
  auto axis = node.getAxis(node.getInt("axis", -1), rankOf(input));
  if (!axis)
    return failure();
  Value norm = order == 1 ? buildNormAlong<1>(node, input, *axis)
                          : buildNormAlong<2>(node, input, *axis);
  Value result =
      buildMul(node, input, buildUnary<tosa::ReciprocalOp>(node, norm));
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

/// The norm of each channel of an image.
static LogicalResult importGlobalLpPool(NodeContext &node) {
  int64_t order = node.getInt("p", 2);
  if (order < 1)
    return node.refuse("has p = " + Twine(order) + "; expected at least 1");
  Value input = node.getTensor(0);
  if (!input)
    return failure();
  auto axes = llvm::to_vector(
      llvm::seq<int64_t>(2, std::max<int64_t>(rankOf(input), 2)));
  Value result = buildNorm(node, input, order, [&](Value powers) {
    return buildSum(node, powers, axes);
  });
  if (!result)
    return failure();
  node.setResult(result);
  return success();
}

void onnximport::addReductionOperators(OperatorTable &table) {
  auto add = [&](StringRef name, OperatorImporter import) {
    table.add(name, {1, 2}, std::move(import));
  };
  table.add("GlobalLpPool", {1, 1}, importGlobalLpPool);
  table.add("LpNormalization", {1, 1}, importLpNormalization);
  add("ReduceL1", importReduction(buildNormAlong<1>, Elements::Numbers));
  add("ReduceL2", importReduction(buildNormAlong<2>, Elements::Floats));
  add("ReduceLogSum", importReduction(buildLogSum, Elements::Floats));
  add("ReduceLogSumExp", importReduction(buildLogSumExp, Elements::Floats));
  add("ReduceMax",
      importReduction(buildReduction<tosa::ReduceMaxOp>, Elements::Numbers));
  add("ReduceMean", importReduction(buildMean, Elements::Floats));
  add("ReduceMin",
      importReduction(buildReduction<tosa::ReduceMinOp>, Elements::Numbers));
  add("ReduceProd", importReduction(buildReduction<tosa::ReduceProductOp>,
                                    Elements::Numbers));
  add("ReduceSum",
      importReduction(buildSum, Elements::Numbers, /*inputSince=*/13));
  add("ReduceSumSquare", importReduction(buildSumSquare, Elements::Numbers));
}
