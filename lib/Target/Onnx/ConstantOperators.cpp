//===- ConstantOperators.cpp - imports ops that make constants ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"
#include "Operators.h"

#include "onnx.pb.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using ::onnx::TensorProto;

//===----------------------------------------------------------------------===//
// Constants and shapes
//===----------------------------------------------------------------------===//

/// A tensor, a number or a list of numbers, in one attribute of several names.
static LogicalResult importConstant(NodeContext &node) {
  std::optional<ConstantTensor> constant;
  if (node.hasAttribute("value")) {
    constant = node.getTensorAttribute("value");
  } else if (node.hasAttribute("value_float")) {
    constant = ConstantTensor::get(
        {}, std::vector<float>{node.getFloat("value_float", 0.0f)});
  } else if (node.hasAttribute("value_int")) {
    constant = ConstantTensor::get(
        {}, std::vector<int64_t>{node.getInt("value_int", 0)});
  } else if (node.hasAttribute("value_floats")) {
    if (auto list = node.getFloats("value_floats"))
      constant =
          ConstantTensor::get({int64_t(list->size())},
                              std::vector<float>(list->begin(), list->end()));
  } else if (node.hasAttribute("value_ints")) {
    SmallVector<int64_t> list = node.getInts("value_ints", {});
    constant = ConstantTensor::get(
        {int64_t(list.size())}, std::vector<int64_t>(list.begin(), list.end()));
  } else {
    return node.refuse("has no value that lowbit reads; expected a dense "
                       "tensor, a number or a list of numbers");
  }
  if (!constant)
    return failure();
  node.setConstant(std::move(*constant));
  return success();
}

/// The shape is the input; all elements are the attribute, or float zeros.
static LogicalResult importConstantOfShape(NodeContext &node) {
  auto shape = node.getIntegers(0, "a shape");
  ConstantTensor value = ConstantTensor::get({1}, std::vector<float>{0.0f});
  if (node.hasAttribute("value")) {
    auto given = node.getTensorAttribute("value");
    if (!given)
      return failure();
    if (given->getNumElements() != 1)
      return node.refuse("fills with a tensor of the shape " +
                         describeShape(given->getShape()) +
                         "; expected one element");
    value = *given;
  }
  if (!shape)
    return failure();
  std::optional<int64_t> count = countFolded(node, *shape);
  if (!count)
    return failure();
  auto fill = [&](auto element) {
    return ConstantTensor::get(*shape,
                               std::vector<decltype(element)>(*count, element));
  };
  ConstantTensor filled = value.isFloat() ? fill(value.getFloats().front())
                                          : fill(value.getIntegers().front());
  node.setConstant(filled.withElementType(value.getElementType()));
  return success();
}

/// The dimensions of the input as a list, [start, end) of them from opset 15.
static LogicalResult importShape(NodeContext &node) {
  auto shape = node.getShape(0);
  if (!shape)
    return failure();
  int64_t rank = shape->size();
  auto clampPosition = [&](int64_t position) {
    return std::clamp<int64_t>(position < 0 ? position + rank : position, 0,
                               rank);
  };
  int64_t start = clampPosition(node.getInt("start", 0));
  int64_t end = clampPosition(node.getInt("end", rank));
  ArrayRef<int64_t> part =
      ArrayRef(*shape).slice(start, std::max<int64_t>(end - start, 0));
  node.setConstant(ConstantTensor::get(
      {int64_t(part.size())}, std::vector<int64_t>(part.begin(), part.end())));
  return success();
}

static LogicalResult importSize(NodeContext &node) {
  auto shape = node.getShape(0);
  if (!shape)
    return failure();
  // Any tensor there is has at most 2^40 elements.
  node.setConstant(
      ConstantTensor::get({}, std::vector<int64_t>{*countElements(*shape)}));
  return success();
}

/// start, start + delta, ... before limit, in the steps of ONNX's definition,
/// which multiplies. Nothing if there are too many.
static std::optional<std::vector<float>> makeRange(float start, float limit,
                                                   float delta) {
  double steps = std::ceil((double(limit) - double(start)) / double(delta));
  if (!(steps <= double(maxFoldedElements)))
    return std::nullopt;
  std::vector<float> elements;
  for (int64_t i = 0; i < steps; ++i)
    elements.push_back(start + static_cast<float>(i) * delta);
  return elements;
}

/// The same for integers, exactly and without leaving their range.
static std::optional<std::vector<int64_t>>
makeRange(int64_t start, int64_t limit, int64_t delta) {
  if (delta == 0)
    return std::nullopt;
  std::vector<int64_t> elements;
  for (int64_t next = start; delta > 0 ? next < limit : next > limit;) {
    if (int64_t(elements.size()) == maxFoldedElements)
      return std::nullopt;
    elements.push_back(next);
    if (__builtin_add_overflow(next, delta, &next))
      break;
  }
  return elements;
}

template <typename Number>
static LogicalResult setRange(NodeContext &node, Number start, Number limit,
                              Number delta, int32_t elementType) {
  auto elements = makeRange(start, limit, delta);
  if (!elements)
    return node.refuse("makes a range without end, or with more than 2^24 "
                       "elements");
  int64_t count = elements->size();
  node.setConstant(ConstantTensor::get({count}, std::move(*elements))
                       .withElementType(elementType));
  return success();
}

static LogicalResult importRange(NodeContext &node) {
  std::optional<ConstantTensor> first = node.getConstant(0, "a start");
  if (!first)
    return failure();
  if (first->isFloat()) {
    auto start = node.getFloat(0, "a start");
    auto limit = node.getFloat(1, "a limit");
    auto delta = node.getFloat(2, "a step");
    if (!start || !limit || !delta)
      return failure();
    return setRange<float>(node, *start, *limit, *delta,
                           first->getElementType());
  }
  auto start = node.getInteger(0, "a start");
  auto limit = node.getInteger(1, "a limit");
  auto delta = node.getInteger(2, "a step");
  if (!start || !limit || !delta)
    return failure();
  return setRange<int64_t>(node, *start, *limit, *delta,
                           first->getElementType());
}

//===----------------------------------------------------------------------===//
// Arithmetic that is only done at import, or done there as well
//===----------------------------------------------------------------------===//

static OperatorImporter fold(Arithmetic arithmetic) {
  return [=](NodeContext &node) { return foldArithmetic(node, arithmetic); };
}

static LogicalResult foldMod(NodeContext &node) {
  return foldArithmetic(node, node.getInt("fmod", 0) != 0 ? Arithmetic::FMod
                                                          : Arithmetic::Mod);
}

/// `function` of each element; integers convert there and back where that is
/// exact, which is so for all but the largest.
static OperatorImporter foldUnary(double (*function)(double)) {
  return [=](NodeContext &node) -> LogicalResult {
    std::optional<ConstantTensor> data = node.getConstant(0, "an operand");
    if (!data || !countFolded(node, data->getShape()))
      return failure();
    auto apply = [&](auto source) {
      using Element = typename decltype(source)::value_type;
      std::vector<Element> elements;
      for (Element element : source)
        elements.push_back(static_cast<Element>(function(element)));
      return ConstantTensor::get(data->getShape(), std::move(elements));
    };
    constexpr int64_t exact = int64_t(1) << 53;
    if (!data->isFloat()) {
      for (int64_t element : data->getIntegers()) {
        if (element < -exact || element > exact)
          return node.refuse("computes with " + Twine(element) +
                             ", which is beyond 2^53");
        if (std::isnan(function(element)))
          return node.refuse("has no value for " + Twine(element));
      }
    }
    node.setConstant((data->isFloat() ? apply(data->getFloats())
                                      : apply(data->getIntegers()))
                         .withElementType(data->getElementType()));
    return success();
  };
}

/// The axes to reduce, as a mask: an attribute or an input, all if there are
/// none. Nothing after a refusal.
static std::optional<SmallVector<bool>> getReducedAxes(NodeContext &node,
                                                       int64_t rank) {
  std::optional<SmallVector<int64_t>> given = node.getInts("axes", {});
  if (node.hasInput(1))
    given = node.getIntegers(1, "axes");
  bool keepsAll = node.getInt("noop_with_empty_axes", 0) != 0;
  if (!given)
    return std::nullopt;
  SmallVector<bool> reduced(rank, given->empty() && !keepsAll);
  for (int64_t axis : *given) {
    std::optional<int64_t> dim = node.getAxis(axis, rank);
    if (!dim)
      return std::nullopt;
    reduced[*dim] = true;
  }
  return reduced;
}

/// Combines the elements of each row of `width`; empty if that fails.
template <typename Element>
static std::vector<Element> reduceRows(ArrayRef<Element> elements,
                                       int64_t width, Arithmetic arithmetic) {
  std::vector<Element> results;
  for (; !elements.empty(); elements = elements.drop_front(width)) {
    Element result = elements.front();
    for (Element element : elements.slice(1, width - 1)) {
      std::optional<Element> next = combine(arithmetic, result, element);
      if (!next)
        return {};
      result = *next;
    }
    results.push_back(result);
  }
  return results;
}

static OperatorImporter foldReduction(Arithmetic arithmetic) {
  return [=](NodeContext &node) -> LogicalResult {
    std::optional<ConstantTensor> data = node.getConstant(0, "data");
    auto reduced = data ? getReducedAxes(node, data->getRank()) : std::nullopt;
    bool keeps = node.getInt("keepdims", 1) != 0;
    if (!reduced)
      return failure();
    if (data->getNumElements() == 0)
      return node.refuse("reduces a constant without elements; fold constants "
                         "when exporting the model");
    // The reduced dimensions last: one row for each element of the result.
    SmallVector<int64_t> permutation, last, shape, kept;
    for (auto [dim, isReduced] : llvm::enumerate(*reduced)) {
      int64_t size = data->getShape()[dim];
      (isReduced ? last : permutation).push_back(dim);
      kept.push_back(isReduced ? 1 : size);
      if (!isReduced)
        shape.push_back(size);
    }
    llvm::append_range(permutation, last);
    ConstantTensor rows = data->transposed(permutation);
    int64_t width = data->getNumElements() / *countElements(shape);
    if (keeps)
      shape = kept;
    if (data->isFloat()) {
      node.setConstant(ConstantTensor::get(shape, reduceRows(rows.getFloats(),
                                                             width, arithmetic))
                           .withElementType(data->getElementType()));
      return success();
    }
    auto results = reduceRows(rows.getIntegers(), width, arithmetic);
    if (results.empty())
      return node.refuse("exceeds the range of int64");
    for (int64_t &result : results)
      result = wrap(result, data->getElementType());
    node.setConstant(ConstantTensor::get(shape, std::move(results))
                         .withElementType(data->getElementType()));
    return success();
  };
}

static double negate(double value) { return -value; }
static double absolute(double value) { return std::fabs(value); }
static double roundDown(double value) { return std::floor(value); }
static double roundUp(double value) { return std::ceil(value); }
static double roundToEven(double value) { return std::nearbyint(value); }
static double squareRoot(double value) { return std::sqrt(value); }

void onnximport::addConstantOperators(OperatorTable &table) {
  table.add("Constant", {0, 0}, importConstant);
  table.add("ConstantOfShape", {1, 1}, importConstantOfShape);
  table.add("Range", {3, 3}, importRange);
  table.add("Shape", {1, 1}, importShape);
  table.add("Size", {1, 1}, importSize);
}

void onnximport::addFoldingOperators(OperatorTable &table) {
  table.addForConstants("Abs", {1, 1}, foldUnary(absolute));
  table.addForConstants("Ceil", {1, 1}, foldUnary(roundUp));
  table.addForConstants("Floor", {1, 1}, foldUnary(roundDown));
  table.addForConstants("Max", {1, unlimited}, fold(Arithmetic::Max));
  table.addForConstants("Min", {1, unlimited}, fold(Arithmetic::Min));
  table.addForConstants("Mod", {2, 2}, foldMod);
  table.addForConstants("Neg", {1, 1}, foldUnary(negate));
  table.addForConstants("Pow", {2, 2}, fold(Arithmetic::Pow));
  table.addForConstants("ReduceMax", {1, 2}, foldReduction(Arithmetic::Max));
  table.addForConstants("ReduceMin", {1, 2}, foldReduction(Arithmetic::Min));
  table.addForConstants("ReduceProd", {1, 2}, foldReduction(Arithmetic::Mul));
  table.addForConstants("ReduceSum", {1, 2}, foldReduction(Arithmetic::Add));
  table.addForConstants("Round", {1, 1}, foldUnary(roundToEven));
  table.addForConstants("Sqrt", {1, 1}, foldUnary(squareRoot));
}
