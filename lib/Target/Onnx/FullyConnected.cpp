//===- FullyConnected.cpp - imports matrix products ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product with constant weights is a convolution with a 1x1 kernel on an
// image of one pixel per row, so that the passes behind know one form of
// layers with weights. A product of two computed matrices is tosa.matmul.
//
//===----------------------------------------------------------------------===//

#include "Operators.h"
#include "TosaBuilding.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// input [..., K] times weights [N, 1, 1, K], plus bias [N], in the shape
/// `shape` of as many elements.
static Value buildFullyConnected(NodeContext &node, Value input, Value weights,
                                 Value bias, ArrayRef<int64_t> shape) {
  if (!input || !weights || !bias)
    return nullptr;
  int64_t depth = shapeOf(weights)[3], width = shapeOf(weights)[0];
  auto inputType = cast<RankedTensorType>(input.getType());
  int64_t rows = inputType.getNumElements() / depth;
  Value pixels = buildReshape(node, input, {rows, 1, 1, depth});
  RankedTensorType type = node.getType({rows, 1, 1, width});
  if (!pixels || !type)
    return nullptr;
  ImplicitLocOpBuilder &builder = node.builder;
  auto ones = builder.getDenseI64ArrayAttr({1, 1});
  Value product =
      tosa::Conv2DOp::create(builder, type, pixels, weights, bias,
                             builder.getDenseI64ArrayAttr({0, 0, 0, 0}), ones,
                             ones, TypeAttr::get(builder.getF32Type()));
  return buildReshape(node, product, shape);
}

/// lhs [B, M, K] times rhs [B, K, N].
static Value buildMatMul(NodeContext &node, Value lhs, Value rhs) {
  if (!lhs || !rhs)
    return nullptr;
  RankedTensorType type =
      node.getType({shapeOf(lhs)[0], shapeOf(lhs)[1], shapeOf(rhs)[2]});
  if (!type)
    return nullptr;
  return tosa::MatMulOp::create(node.builder, type, lhs, rhs);
}

static LogicalResult refuseShapes(NodeContext &node, ArrayRef<int64_t> lhs,
                                  ArrayRef<int64_t> rhs) {
  return node.refuse("cannot multiply matrices of the shapes " +
                     describeShape(lhs) + " and " + describeShape(rhs));
}

/// `value` times `factor`.
static Value buildScaled(NodeContext &node, Value value, float factor) {
  if (!value || factor == 1.0f)
    return value;
  return buildMul(node, value,
                  buildConstant(node, ConstantTensor::get(
                                          {1}, std::vector<float>{factor})));
}

/// Input 2, the addend, times `beta`.
static Value buildAddend(NodeContext &node, float beta) {
  if (!node.isConstant(2))
    return buildScaled(node, node.getTensor(2), beta);
  std::optional<ConstantTensor> addend = node.getFloats(2, "an addend");
  if (!addend)
    return nullptr;
  return buildTransposedConstant(node, *addend,
                                 llvm::to_vector(llvm::seq(addend->getRank())),
                                 addend->getShape(), beta);
}

/// The addend beta * C of a Gemm as a bias [width], if C is constant and the
/// same for every row; null without refusal if it is not.
static Value buildGemmBias(NodeContext &node, float beta, int64_t width) {
  if (!node.hasInput(2) || beta == 0.0f)
    return buildSplat(node, {width}, 0.0f);
  if (!node.isConstant(2))
    return nullptr;
  std::optional<ConstantTensor> addend = node.getFloats(2, "an addend");
  if (!addend)
    return nullptr;
  SmallVector<int64_t> shape = padRank(addend->getShape(), 2);
  bool isRow = shape.size() == 2 && shape[0] == 1 &&
               (shape[1] == 1 || shape[1] == width);
  if (!isRow)
    return nullptr;
  if (beta == 1.0f && shape[1] == width)
    return buildConstant(node, addend->reshaped({width}));
  std::vector<float> bias(width);
  for (auto [index, value] : llvm::enumerate(bias))
    value = beta * addend->getFloats()[shape[1] == 1 ? 0 : index];
  ConstantTensor constant = ConstantTensor::get({width}, std::move(bias));
  constant.setName(addend->getName());
  return buildConstant(node, constant);
}

/// alpha * A' * B' + beta * C, with A' and B' the transposes if so said.
static LogicalResult importGemm(NodeContext &node) {
  float alpha = node.getFloat("alpha", 1.0f);
  float beta = node.getFloat("beta", 1.0f);
  bool transposeA = node.getInt("transA", 0) != 0;
  bool transposeB = node.getInt("transB", 0) != 0;
  Value lhs = node.getTensor(0);
  auto rhsShape = node.getShape(1);
  if (!lhs || !rhsShape)
    return failure();
  if (rankOf(lhs) != 2 || rhsShape->size() != 2)
    return refuseShapes(node, shapeOf(lhs), *rhsShape);
  if (transposeA)
    lhs = buildTranspose(node, lhs, {1, 0});
  int64_t rows = shapeOf(lhs)[0], depth = shapeOf(lhs)[1];
  if (depth != (*rhsShape)[transposeB ? 1 : 0])
    return refuseShapes(node, shapeOf(lhs), *rhsShape);
  int64_t width = (*rhsShape)[transposeB ? 0 : 1];

  Value product, bias;
  if (node.isConstant(1)) {
    std::optional<ConstantTensor> weights = node.getFloats(1, "weights");
    if (!weights)
      return failure();
    SmallVector<int64_t> order = {1, 0};
    if (transposeB)
      order = {0, 1};
    Value kernel = buildTransposedConstant(node, *weights, order,
                                           {width, 1, 1, depth}, alpha);
    bias = buildGemmBias(node, beta, width);
    product = buildFullyConnected(node, lhs, kernel,
                                  bias ? bias : buildSplat(node, {width}, 0.0f),
                                  {rows, width});
  } else {
    Value rhs = node.getTensor(1);
    if (transposeB)
      rhs = buildTranspose(node, rhs, {1, 0});
    product = buildMatMul(node, buildReshape(node, lhs, {1, rows, depth}),
                          buildReshape(node, rhs, {1, depth, width}));
    product = buildReshape(node, product, {rows, width});
    product = buildScaled(node, product, alpha);
  }
  if (!bias && node.hasInput(2) && beta != 0.0f)
    product = buildAdd(node, product, buildAddend(node, beta));
  if (!product)
    return failure();
  if (shapeOf(product) != ArrayRef<int64_t>({rows, width}))
    return node.refuse("has an addend that does not broadcast to " +
                       describeShape({rows, width}));
  node.setResult(product);
  return success();
}

/// A product of stacks of matrices: lhs [batch..., M, K], rhs [batch..., K, N],
/// where the batch dimensions of one are repeated to fit those of the other.
static Value buildBatchedProduct(NodeContext &node, Value lhs, Value rhs,
                                 ArrayRef<int64_t> batch) {
  auto stack = [&](Value value) {
    SmallVector<int64_t> shape = padRank(shapeOf(value), batch.size() + 2);
    value = buildReshape(node, value, shape);
    SmallVector<int64_t> full(batch);
    full.append({shape[batch.size()], shape[batch.size() + 1]});
    value = buildBroadcast(node, value, full);
    return buildReshape(
        node, value,
        {*countElements(batch), shape[batch.size()], shape[batch.size() + 1]});
  };
  Value left = stack(lhs);
  Value right = stack(rhs);
  return buildMatMul(node, left, right);
}

/// numpy.matmul.
static LogicalResult importMatMul(NodeContext &node) {
  Value lhs = node.getTensor(0);
  auto rhsShape = node.getShape(1);
  if (!lhs || !rhsShape)
    return failure();
  ArrayRef<int64_t> lhsShape = shapeOf(lhs);
  if (lhsShape.empty() || rhsShape->empty())
    return refuseShapes(node, lhsShape, *rhsShape);
  // A vector is a matrix of one row or one column, which the result lacks.
  bool isRow = lhsShape.size() == 1, isColumn = rhsShape->size() == 1;
  SmallVector<int64_t> left = padRank(lhsShape, 2), right(*rhsShape);
  if (isColumn)
    right.push_back(1);
  auto batch = broadcastShapes(node, ArrayRef(left).drop_back(2),
                               ArrayRef(right).drop_back(2));
  if (!batch || left.back() != right[right.size() - 2])
    return refuseShapes(node, lhsShape, *rhsShape);
  SmallVector<int64_t> shape(*batch);
  if (!isRow)
    shape.push_back(left[left.size() - 2]);
  if (!isColumn)
    shape.push_back(right.back());
  if (!node.getType(left) || !node.getType(right) || !node.getType(shape))
    return failure();

  Value product;
  bool isOneMatrix =
      *countElements(right) == right.back() * right[right.size() - 2];
  if (node.isConstant(1) && isOneMatrix) {
    std::optional<ConstantTensor> weights = node.getFloats(1, "weights");
    if (!weights)
      return failure();
    int64_t depth = left.back(), width = right.back();
    Value kernel = buildTransposedConstant(
        node, weights->reshaped({depth, width}), {1, 0}, {width, 1, 1, depth});
    product = buildFullyConnected(node, lhs, kernel,
                                  buildSplat(node, {width}, 0.0f), shape);
  } else {
    Value matrix = buildReshape(node, node.getTensor(1), right);
    if (!matrix)
      return failure();
    product = buildBatchedProduct(node, buildReshape(node, lhs, left), matrix,
                                  *batch);
    product = buildReshape(node, product, shape);
  }
  if (!product)
    return failure();
  node.setResult(product);
  return success();
}

void onnximport::addFullyConnectedOperators(OperatorTable &table) {
  table.add("Gemm", {2, 3}, importGemm);
  table.add("MatMul", {2, 2}, importMatMul);
}
