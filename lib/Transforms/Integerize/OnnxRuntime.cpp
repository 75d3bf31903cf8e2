//===- OnnxRuntime.cpp - ONNX Runtime's own operators -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The operators of com.microsoft on codes have no definition but what ONNX
// Runtime computes, which is not what their parts would: it merges scales
// before it multiplies. In profile onnx the importer's mark on an encode asks for
// these numbers, found by comparing bits. All is f32, one operation after the
// other, rounded to nearest even.
//
//   QLinearAdd   b * f(sb / sy) + (a * f(sa / sy) + c),
//                c = zy - (f(sa / sy) * za + f(sb / sy) * zb)
//   QLinearMul   (a - za) * (b - zb) * f(f(sa * sb) / sy) + zy
//   QLinearGlobalAveragePool
//                round(sum(x - zx) * f(sx / f(sy * n))) + zy
//   QGemm        round(f(sum((a - za) * (b - zb)) + c) * f(f(sa * sb) / sy)) + zy

#include "ConstantSteps.h"

#include "lowbit/Transforms/Integerize.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Makes f32 operations that say why they are there.
class RealBuilder {
public:
  RealBuilder(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  /// `value - zero` of the codes of `input`, as real numbers.
  Value decode(const CodedValue &input, int64_t zero) {
    auto type = cast<RankedTensorType>(input.codes.getType());
    Value codes = ReinterpretOp::create(
        builder, loc, type.clone(withScale(input.format, 1.0, zero)),
        input.codes);
    return DecodeOp::create(builder, loc, type.clone(builder.getF32Type()),
                            codes);
  }

  /// The codes of `type` whose steps `real` holds, less `zero`.
  Value encode(Value real, RankedTensorType type, int64_t zero) {
    auto format = cast<quant::UniformQuantizedType>(type.getElementType());
    Value codes = EncodeOp::create(
        builder, loc, type.clone(withScale(format, 1.0, zero)), real,
        Rounding::NearestEven, Saturation::Saturate, Scaling::Divide);
    return ReinterpretOp::create(builder, loc, type, codes);
  }

  /// The real constant behind `decode`, as codes that stand for themselves.
  Value decodePlainly(DecodeOp decode) {
    auto constant = decode.getInput().getDefiningOp<ConstantOp>();
    RankedTensorType type = constant.getType();
    Type format = type.getElementType();
    if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(format))
      format = quant::UniformQuantizedPerAxisType::get(
          perAxis.getFlags(), perAxis.getStorageType(),
          perAxis.getExpressedType(),
          SmallVector<double>(perAxis.getScales().size(), 1.0),
          perAxis.getZeroPoints(), perAxis.getQuantizedDimension(),
          perAxis.getStorageTypeMin(), perAxis.getStorageTypeMax());
    else
      format = withScale(cast<quant::UniformQuantizedType>(format), 1.0,
                         getZeroPoint(format));
    auto plain = ConstantOp::create(builder, constant.getLoc(),
                                    type.clone(format), constant.getValue());
    copyStorage(constant, plain);
    return DecodeOp::create(builder, loc, type.clone(builder.getF32Type()),
                            plain);
  }

  /// The whole numbers `real` as f32: those beyond 2^24 rounded once.
  Value roundSums(Value real) {
    auto type = cast<RankedTensorType>(real.getType());
    auto format = getSumsFormat(builder.getContext());
    Value sums = EncodeOp::create(builder, loc, type.clone(format), real,
                                  Rounding::NearestEven, Saturation::Saturate,
                                  Scaling::Divide);
    return DecodeOp::create(builder, loc, type, sums);
  }

  Value add(Value lhs, Value rhs, RankedTensorType type) {
    return explain(tosa::AddOp::create(builder, loc, real(type), lhs, rhs));
  }
  Value add(Value lhs, float rhs) {
    auto type = cast<RankedTensorType>(lhs.getType());
    return add(lhs, splat(type, rhs), type);
  }
  Value mul(Value lhs, Value rhs, RankedTensorType type) {
    auto shift = RankedTensorType::get({1}, builder.getI8Type());
    Value zero = tosa::ConstOp::create(
        builder, loc, shift,
        DenseElementsAttr::get(shift, builder.getI8IntegerAttr(0)));
    return explain(
        tosa::MulOp::create(builder, loc, real(type), lhs, rhs, zero));
  }
  Value mul(Value lhs, float rhs) {
    auto type = cast<RankedTensorType>(lhs.getType());
    return mul(lhs, splat(type, rhs), type);
  }
  /// A number for each index of the last dimension.
  Value mul(Value lhs, ArrayRef<float> rhs) {
    auto type = cast<RankedTensorType>(lhs.getType());
    SmallVector<int64_t> shape(type.getRank(), 1);
    shape.back() = rhs.size();
    auto constant = RankedTensorType::get(shape, builder.getF32Type());
    return mul(lhs,
               tosa::ConstOp::create(builder, loc, constant,
                                     DenseElementsAttr::get(constant, rhs)),
               type);
  }
  Value sum(Value value, int64_t axis) {
    auto type = cast<RankedTensorType>(value.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape[axis] = 1;
    return explain(tosa::ReduceSumOp::create(
        builder, loc, type.clone(shape), value, static_cast<uint32_t>(axis)));
  }

private:
  static quant::UniformQuantizedType
  withScale(quant::UniformQuantizedType format, double scale, int64_t zero) {
    return quant::UniformQuantizedType::get(
        format.getFlags(), format.getStorageType(), format.getExpressedType(),
        scale, zero, format.getStorageTypeMin(), format.getStorageTypeMax());
  }
  RankedTensorType real(RankedTensorType type) {
    return type.clone(builder.getF32Type());
  }
  Value splat(RankedTensorType like, float value) {
    SmallVector<int64_t> ones(like.getRank(), 1);
    auto type = RankedTensorType::get(ones, builder.getF32Type());
    return tosa::ConstOp::create(builder, loc, type,
                                 DenseElementsAttr::get(type, value));
  }
  Value explain(Operation *op) {
    op->setAttr("lowbit.reason",
                builder.getStringAttr("profile onnx computes it in f32, as "
                                      "ONNX Runtime does"));
    return op->getResult(0);
  }

  OpBuilder &builder;
  Location loc;
};

/// A pattern on the encodes that the importer has marked.
struct OnnxRuntimePattern : OpRewritePattern<EncodeOp> {
  OnnxRuntimePattern(MLIRContext *context)
      : OpRewritePattern(context, /*benefit=*/2) {}

  virtual LogicalResult rewrite(EncodeOp op, quant::UniformQuantizedType format,
                                PatternRewriter &rewriter) const = 0;

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    if (!op->hasAttr(kOnnxRuntimeAttr))
      return failure();
    quant::UniformQuantizedType format = getRescaledFormat(op, rewriter);
    return format ? rewrite(op, format, rewriter) : failure();
  }

  static float getScale(quant::UniformQuantizedType format) {
    return static_cast<float>(format.getScale());
  }
  static float getZero(quant::UniformQuantizedType format) {
    return static_cast<float>(format.getZeroPoint());
  }

  /// The codes of 8 bits behind both operands of `op`.
  static std::optional<std::pair<CodedValue, CodedValue>>
  getOperands(Operation *op) {
    auto lhs = getCodedValue(op->getOperand(0));
    auto rhs = getCodedValue(op->getOperand(1));
    if (!lhs || !rhs || lhs->format.getStorageTypeIntegralWidth() > 8 ||
        rhs->format.getStorageTypeIntegralWidth() > 8)
      return std::nullopt;
    return std::pair(*lhs, *rhs);
  }
};

struct OnnxRuntimeAdd : OnnxRuntimePattern {
  using OnnxRuntimePattern::OnnxRuntimePattern;
  LogicalResult rewrite(EncodeOp op, quant::UniformQuantizedType format,
                        PatternRewriter &rewriter) const override {
    auto add = op.getInput().getDefiningOp<tosa::AddOp>();
    auto operands = add ? getOperands(add) : std::nullopt;
    if (!operands)
      return failure();
    auto &[lhs, rhs] = *operands;
    float left = getScale(lhs.format) / getScale(format);
    float right = getScale(rhs.format) / getScale(format);
    float leftZero = left * getZero(lhs.format);
    float rightZero = right * getZero(rhs.format);
    float zeros = leftZero + rightZero;
    RealBuilder real(rewriter, op.getLoc());
    Value first =
        real.add(real.mul(real.decode(lhs, 0), left), getZero(format) - zeros);
    Value second = real.mul(real.decode(rhs, 0), right);
    rewriter.replaceOp(
        op, real.encode(
                real.add(second, first, cast<RankedTensorType>(add.getType())),
                op.getType(),
                /*zero=*/0));
    return success();
  }
};

struct OnnxRuntimeMul : OnnxRuntimePattern {
  using OnnxRuntimePattern::OnnxRuntimePattern;
  LogicalResult rewrite(EncodeOp op, quant::UniformQuantizedType format,
                        PatternRewriter &rewriter) const override {
    auto mul = op.getInput().getDefiningOp<tosa::MulOp>();
    auto operands = mul ? getOperands(mul) : std::nullopt;
    if (!operands)
      return failure();
    auto &[lhs, rhs] = *operands;
    float scale = getScale(lhs.format) * getScale(rhs.format);
    RealBuilder real(rewriter, op.getLoc());
    Value product = real.mul(real.decode(lhs, lhs.format.getZeroPoint()),
                             real.decode(rhs, rhs.format.getZeroPoint()),
                             cast<RankedTensorType>(mul.getType()));
    product =
        real.add(real.mul(product, scale / getScale(format)), getZero(format));
    rewriter.replaceOp(op, real.encode(product, op.getType(), /*zero=*/0));
    return success();
  }
};

/// The product is a convolution of one position.
struct OnnxRuntimeGemm : OnnxRuntimePattern {
  using OnnxRuntimePattern::OnnxRuntimePattern;
  LogicalResult rewrite(EncodeOp op, quant::UniformQuantizedType format,
                        PatternRewriter &rewriter) const override {
    auto product = op.getInput().getDefiningOp<tosa::Conv2DOp>();
    auto input = product ? getCodedValue(product.getInput()) : std::nullopt;
    auto weights = input ? readConstantSteps(product.getWeight())
                         : std::optional<ConstantSteps>();
    if (!weights || weights->axis.value_or(0) != 0 || !product->hasOneUse() ||
        !hasBiasInSteps(product, input->format.getScale(), *weights))
      return failure();
    SmallVector<float> factors;
    for (double scale : weights->scales)
      factors.push_back(getScale(input->format) * static_cast<float>(scale) /
                        getScale(format));
    RealBuilder real(rewriter, op.getLoc());
    rewriter.setInsertionPoint(product);
    Operation *onSteps = rewriter.clone(*product);
    rewriter.setInsertionPoint(onSteps);
    onSteps->setOperand(0, real.decode(*input, input->format.getZeroPoint()));
    onSteps->setOperand(
        1, real.decodePlainly(product.getWeight().getDefiningOp<DecodeOp>()));
    // The codes of a bias count the steps of the sums.
    if (auto bias = product.getBias().getDefiningOp<DecodeOp>())
      onSteps->setOperand(2, real.decodePlainly(bias));
    rewriter.setInsertionPoint(op);
    Value scaled = real.mul(real.roundSums(onSteps->getResult(0)), factors);
    rewriter.replaceOp(
        op, real.encode(scaled, op.getType(), format.getZeroPoint()));
    return success();
  }

private:
  /// True if the bias is zero, or if its codes count the steps of the sums: it
  /// has their scale, up to the rounding of a product.
  static bool hasBiasInSteps(tosa::Conv2DOp op, double inputScale,
                             const ConstantSteps &weights) {
    if (matchPattern(op.getBias(), m_AnyZeroFloat()))
      return true;
    std::optional<ConstantSteps> bias = readConstantSteps(op.getBias());
    if (!bias || bias->isShifted ||
        bias->scales.size() != weights.scales.size())
      return false;
    return llvm::all_of(
        llvm::zip(bias->scales, weights.scales), [&](auto scales) {
          double steps = inputScale * std::get<1>(scales);
          return std::abs(std::get<0>(scales) / steps - 1) < 0x1p-22;
        });
  }
};

struct OnnxRuntimeGlobalAverage : OnnxRuntimePattern {
  using OnnxRuntimePattern::OnnxRuntimePattern;
  LogicalResult rewrite(EncodeOp op, quant::UniformQuantizedType format,
                        PatternRewriter &rewriter) const override {
    auto pool = op.getInput().getDefiningOp<tosa::AvgPool2dOp>();
    auto input = pool ? getCodedValue(pool.getInput()) : std::nullopt;
    if (!input)
      return failure();
    ArrayRef<int64_t> window = pool.getKernel();
    // f32 holds the sum of these codes.
    constexpr int64_t largest = (int64_t(1) << 24) / 255;
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(pool.getInput().getType()).getShape();
    if (window[0] != shape[1] || window[1] != shape[2] ||
        window[0] * window[1] > largest ||
        input->format.getStorageTypeIntegralWidth() > 8)
      return failure();
    float count = static_cast<float>(window[0] * window[1]);
    float divisor = getScale(format) * count;
    RealBuilder real(rewriter, op.getLoc());
    Value sum = real.decode(*input, input->format.getZeroPoint());
    sum = real.mul(real.sum(real.sum(sum, 1), 2),
                   getScale(input->format) / divisor);
    rewriter.replaceOp(op,
                       real.encode(sum, op.getType(), format.getZeroPoint()));
    return success();
  }
};

} // namespace

void lowbit::populateOnnxRuntimePatterns(RewritePatternSet &patterns,
                                         Profile profile) {
  if (profile == Profile::Onnx)
    patterns.add<OnnxRuntimeAdd, OnnxRuntimeMul, OnnxRuntimeGemm,
                 OnnxRuntimeGlobalAverage>(patterns.getContext());
}
