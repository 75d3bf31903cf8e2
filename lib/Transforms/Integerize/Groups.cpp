//===- Groups.cpp - Weights with a scale for each group -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where a fully connected layer's weights have a scale for each group of inputs,
// as in affine formats with groups and in blocks, a sum over all inputs is no
// integer, but each group's is:
//
//   sum x w = sum over groups g of  (sx s[o, g]) * sum over k in g of qx qw
//
// The contraction has a loop over the groups, and multiplies each of its sums by
// one f32 in the epilogue. These are added up in f32, in ascending order. A last
// group that is shorter is filled up with zeros.

#include "SinkDecode.h"

#include "ConstantSteps.h"

#include "lowbit/Analysis/CodeData.h"
#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Weights [output][input] as steps, with a scale for each group of inputs.
struct GroupedWeights {
  int64_t outputs = 0, inputs = 0, size = 0;
  SmallVector<int64_t> steps;
  SmallVector<float> scales; // [output][group]
  StorageAttr storage;

  int64_t getNumGroups() const { return llvm::divideCeil(inputs, size); }
};

} // namespace

/// The constant weights of `op`; nothing if their format has no groups along the
/// inputs.
static std::optional<GroupedWeights> readWeights(tosa::Conv2DOp op) {
  auto decode = op.getWeight().getDefiningOp<DecodeOp>();
  auto constant =
      decode ? decode.getInput().getDefiningOp<ConstantOp>() : ConstantOp();
  if (!constant || decode.getParameters().empty())
    return std::nullopt;
  RankedTensorType type = constant.getType();
  GroupedWeights weights;
  auto affine = dyn_cast<AffineType>(type.getElementType());
  auto block = dyn_cast<BlockType>(type.getElementType());
  if (affine && affine.getAxis() == 3 && affine.getGroup() > 0)
    weights.size = affine.getGroup();
  else if (block && block.getAxis() == 3 &&
           isa<IntegerType>(block.getElement()))
    weights.size = block.getSize();
  else
    return std::nullopt;
  std::optional<SmallVector<int64_t>> codes = readCodes(constant);
  if (!codes)
    return std::nullopt;
  weights.steps = std::move(*codes);
  weights.storage = constant->getAttrOfType<StorageAttr>(kStorageAttr);
  weights.outputs = type.getDimSize(0);
  weights.inputs = type.getDimSize(3);

  auto format = cast<Format>(type.getElementType());
  SmallVector<int32_t> zeroPoints;
  if (affine) {
    auto scales = readConstant<float>(decode.getParameters()[0]);
    if (!scales)
      return std::nullopt;
    weights.scales = std::move(*scales);
    if (affine.getZero()) {
      auto zeros = readConstant<int32_t>(decode.getParameters()[1]);
      if (!zeros)
        return std::nullopt;
      zeroPoints = std::move(*zeros);
    }
  } else {
    auto exponents = readConstant<int8_t>(decode.getParameters()[0]);
    if (!exponents)
      return std::nullopt;
    for (int8_t exponent : *exponents)
      weights.scales.push_back(static_cast<float>(
          std::ldexp(format.getScale(/*term=*/0, /*channel=*/0), exponent)));
  }
  for (auto [i, step] : llvm::enumerate(weights.steps)) {
    int64_t group = i / weights.inputs * weights.getNumGroups() +
                    i % weights.inputs / weights.size;
    step = block ? format.getStep(step, /*term=*/0)
                 : step - (zeroPoints.empty() ? 0 : zeroPoints[group]);
  }
  return weights;
}

/// True for a convolution of one position, which a fully connected layer is.
static bool isFullyConnected(tosa::Conv2DOp op) {
  auto is = [](ArrayRef<int64_t> values, int64_t expected) {
    return llvm::all_of(values, [&](int64_t x) { return x == expected; });
  };
  auto kernel = cast<ShapedType>(op.getWeight().getType()).getShape();
  return kernel[1] == 1 && kernel[2] == 1 && is(op.getPad(), 0) &&
         is(op.getStride(), 1);
}

namespace {

/// conv2d(decode(x), decode(w, scales)) -> reduce_sum(contract(x, w))
struct IntegerizeGroups : OpRewritePattern<tosa::Conv2DOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(tosa::Conv2DOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<GroupedWeights> weights = readWeights(op);
    if (!weights || op->hasAttr("lowbit.reason"))
      return failure();
    std::optional<CodedValue> input = getCodedValue(op.getInput());
    auto type = cast<RankedTensorType>(op.getType());
    if (!input)
      return rewriter.notifyMatchFailure(
          op, "its input is not the decode of a per-tensor format");
    if (!isFullyConnected(op) || !type.hasStaticShape() ||
        !cast<ShapedType>(op.getInput().getType()).hasStaticShape())
      return rewriter.notifyMatchFailure(
          op, "its weights have scales of groups, and it is no fully connected "
              "layer of static shape");
    int64_t zero = input->format.getZeroPoint();
    auto [low, high] = getStorageRange(input->format);
    int64_t groups = weights->getNumGroups();
    SmallVector<int32_t> corrections(groups * weights->outputs);
    SmallVector<float> factors(corrections.size());
    auto inputScale = static_cast<float>(input->format.getScale());
    for (int64_t output = 0; output < weights->outputs; ++output)
      for (int64_t group = 0; group < groups; ++group) {
        int64_t sum = 0, magnitude = 0;
        int64_t first = output * weights->inputs + group * weights->size;
        int64_t size =
            std::min(weights->size, weights->inputs - group * weights->size);
        for (int64_t step : ArrayRef(weights->steps).slice(first, size)) {
          sum += step;
          magnitude += std::abs(step) * std::max(std::abs(low), high);
        }
        constexpr int64_t limit = std::numeric_limits<int32_t>::max();
        if (magnitude + std::abs(zero * sum) > limit)
          return rewriter.notifyMatchFailure(op, "its sums may leave 32 bits");
        int64_t at = group * weights->outputs + output;
        corrections[at] = static_cast<int32_t>(-zero * sum);
        factors[at] = inputScale * weights->scales[output * groups + group];
      }

    Location loc = op.getLoc();
    int64_t rows = type.getNumElements() / weights->outputs;
    Value sums =
        createSums(rewriter, loc, *input, *weights, corrections, factors, rows);
    auto glue = [&](Operation *made) -> Value {
      made->setAttr(kFloatGlueAttr, rewriter.getStringAttr(
                                        "its weights have scales of groups"));
      return made->getResult(0);
    };
    Value sum = glue(tosa::ReduceSumOp::create(
        rewriter, loc,
        RankedTensorType::get({rows, 1, weights->outputs},
                              rewriter.getF32Type()),
        sums, /*axis=*/1));
    auto reshape = [&](Value value, ArrayRef<int64_t> shape) {
      return glue(tosa::ReshapeOp::create(
          rewriter, loc, type.clone(shape), value,
          tosa::getTosaConstShape(rewriter, loc, shape)));
    };
    auto bias = cast<ShapedType>(op.getBias().getType());
    rewriter.replaceOp(
        op, glue(tosa::AddOp::create(
                rewriter, loc, type, reshape(sum, type.getShape()),
                reshape(op.getBias(), {1, 1, 1, bias.getNumElements()}))));
    return success();
  }

private:
  /// [row, group, output] in f32.
  static Value createSums(PatternRewriter &rewriter, Location loc,
                          const CodedValue &input,
                          const GroupedWeights &weights,
                          ArrayRef<int32_t> corrections,
                          ArrayRef<float> factors, int64_t rows) {
    int64_t groups = weights.getNumGroups(), size = weights.size;
    int64_t missing = groups * size - weights.inputs;
    Value codes =
        reshapeCodes(rewriter, loc, input.codes, {rows, weights.inputs});
    if (missing > 0)
      codes = PadOp::create(
          rewriter, loc,
          cast<RankedTensorType>(codes.getType()).clone({rows, groups * size}),
          codes, ArrayRef<int64_t>{0, 0}, ArrayRef<int64_t>{0, missing});
    codes = reshapeCodes(rewriter, loc, codes, {rows, groups, size});

    ConstantSteps steps;
    steps.scales = {1.0};
    steps.storage = weights.storage;
    for (int64_t output = 0; output < weights.outputs; ++output) {
      llvm::append_range(steps.steps,
                         ArrayRef(weights.steps)
                             .slice(output * weights.inputs, weights.inputs));
      steps.steps.append(missing, 0);
    }
    Value words = createSteps(rewriter, loc, steps,
                              {weights.outputs, groups, size}, "weights");
    auto f32 = rewriter.getF32Type();
    auto factorType = RankedTensorType::get({groups, weights.outputs}, f32);
    SmallVector<Value> operands = {
        createI32Tensor(rewriter, loc, corrections, factorType.getShape()),
        arith::ConstantOp::create(rewriter, loc,
                                  DenseElementsAttr::get(factorType, factors))};

    // Loops: row, group, output, input of the group.
    AffineExpr m, g, o, k;
    bindDims(rewriter.getContext(), m, g, o, k);
    auto map = [&](ArrayRef<AffineExpr> results) {
      return AffineMap::get(4, 0, results, rewriter.getContext());
    };
    SmallVector<AffineMap> maps = {map({m, g, k}), map({o, g, k}), map({g, o}),
                                   map({g, o}), map({m, g, o})};
    auto type = RankedTensorType::get({rows, groups, weights.outputs}, f32);
    Value init = tensor::EmptyOp::create(rewriter, loc, type.getShape(), f32);
    auto contract = ContractOp::create(
        rewriter, loc, type, codes, words, operands, init,
        rewriter.getAffineMapArrayAttr(maps), ArrayAttr(), StringAttr());
    contract->setAttr(kFloatGlueAttr, rewriter.getStringAttr(
                                          "its weights have scales of groups"));
    OpBuilder::InsertionGuard guard(rewriter);
    Type i32 = rewriter.getI32Type();
    Block *body = rewriter.createBlock(&contract.getEpilogue(), {},
                                       {i32, i32, f32}, {loc, loc, loc});
    Value sum = arith::AddIOp::create(rewriter, loc, body->getArgument(0),
                                      body->getArgument(1));
    Value real = arith::SIToFPOp::create(rewriter, loc, f32, sum);
    YieldOp::create(
        rewriter, loc,
        arith::MulFOp::create(rewriter, loc, real, body->getArgument(2)));
    return contract.getResult();
  }
};

} // namespace

void lowbit::populateGroupsPatterns(RewritePatternSet &patterns) {
  patterns.add<IntegerizeGroups>(patterns.getContext());
}
