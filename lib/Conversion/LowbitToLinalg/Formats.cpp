//===- Formats.cpp - number formats of any kind on words ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the interface of formats says, as loops. Nothing here knows a format.

#include "Patterns.h"

#include "lowbit/Formats/Words.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// The decision thresholds and the codes of the ranks, a row for each channel.
struct RankTables {
  explicit RankTables(EncodeOp op) {
    auto format = cast<Format>(op.getType().getElementType());
    bool given = op.getThresholds().has_value();
    if (!given || !op.getCodes())
      channels = format.getNumChannels();
    SmallVector<SmallVector<float>> rows;
    SmallVector<SmallVector<int64_t>> codeRows;
    size_t most = 0;
    for (int64_t channel = 0; channel < channels; ++channel) {
      rows.push_back(given ? SmallVector<float>(*op.getThresholds())
                           : format.getThresholds(channel));
      codeRows.push_back(op.getCodes() ? SmallVector<int64_t>(*op.getCodes())
                                       : format.getOrderedCodes(channel));
      most = std::max(most, rows.back().size());
    }
    while ((size_t(1) << depth) <= most)
      ++depth;
    for (int64_t channel = 0; channel < channels; ++channel) {
      // NaN is reached by nothing; the codes behind it are never taken.
      rows[channel].resize((size_t(1) << depth) - 1,
                           std::numeric_limits<float>::quiet_NaN());
      codeRows[channel].resize(size_t(1) << depth, codeRows[channel].back());
      llvm::append_range(thresholds, rows[channel]);
      llvm::append_range(codes, codeRows[channel]);
    }
  }

  int64_t channels = 1;
  /// A row has 2^depth codes and one threshold fewer.
  unsigned depth = 0;
  SmallVector<float> thresholds;
  SmallVector<int64_t> codes;
};

/// encode(x) -> codes[#{ i : x >= thresholds[i] }], by a binary search
struct MaterializeRankEncode : OpConversionPattern<EncodeOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(EncodeOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!op.countsThresholds())
      return rewriter.notifyMatchFailure(op, "it rounds");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    RankTables tables(op);
    Value thresholds = makeTable(builder, ArrayRef(tables.thresholds),
                                 builder.getF32Type(), tables.channels);
    auto words = llvm::to_vector_of<int32_t>(tables.codes);
    Value codes = makeTable(builder, ArrayRef(words), builder.getI32Type(),
                            tables.channels);
    auto format = cast<Format>(op.getType().getElementType());
    rewriter.replaceOp(
        op, elementwise(builder, adaptor.getInput(), getWordType(format),
                        [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
                          Value channel = buildChannel(inner, op, tables);
                          Value rank = buildRank(inner, scalars[0], channel,
                                                 thresholds, tables.depth);
                          Value code = tensor::ExtractOp::create(
                              inner, codes, ValueRange{channel, rank});
                          return writeCode(inner, code, format);
                        }));
    return success();
  }

private:
  template <typename T>
  static Value makeTable(ImplicitLocOpBuilder &builder, ArrayRef<T> values,
                         Type element, int64_t rows) {
    auto type = RankedTensorType::get(
        {rows, static_cast<int64_t>(values.size()) / rows}, element);
    return arith::ConstantOp::create(builder,
                                     DenseElementsAttr::get(type, values));
  }

  static Value position(ImplicitLocOpBuilder &builder, int64_t value) {
    return arith::ConstantIndexOp::create(builder, value);
  }

  /// The row of the tables.
  static Value buildChannel(ImplicitLocOpBuilder &builder, EncodeOp op,
                            const RankTables &tables) {
    if (tables.channels == 1)
      return position(builder, 0);
    auto format = cast<Format>(op.getType().getElementType());
    return linalg::IndexOp::create(builder, *format.getScaleAxis());
  }

  static Value buildRank(ImplicitLocOpBuilder &builder, Value x, Value channel,
                         Value thresholds, unsigned depth) {
    // NaN is no number above or below: it takes the way of zero.
    Value zero =
        arith::ConstantOp::create(builder, builder.getF32FloatAttr(0.0f));
    Value isNaN =
        arith::CmpFOp::create(builder, arith::CmpFPredicate::UNO, x, x);
    x = arith::SelectOp::create(builder, isNaN, zero, x);
    Value rank = position(builder, 0);
    for (unsigned bit = depth; bit-- > 0;) {
      // All thresholds below `rank` are reached; is the last of the next ones?
      Value step = position(builder, int64_t(1) << bit);
      Value next = arith::AddIOp::create(builder, rank, step);
      Value last = arith::SubIOp::create(builder, next, position(builder, 1));
      Value threshold = tensor::ExtractOp::create(builder, thresholds,
                                                  ValueRange{channel, last});
      Value reached = arith::CmpFOp::create(builder, arith::CmpFPredicate::OGE,
                                            x, threshold);
      rank = arith::SelectOp::create(builder, reached, next, rank);
    }
    return rank;
  }
};

/// decode(q) -> what the format says
struct MaterializeFormatDecode : OpConversionPattern<DecodeOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(DecodeOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Type element =
        cast<RankedTensorType>(op.getInput().getType()).getElementType();
    if (isa<quant::QuantizedType>(element))
      return rewriter.notifyMatchFailure(op, "the format is affine");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    rewriter.replaceOp(op, cast<Format>(element).buildDecode(
                               builder, adaptor.getInput(),
                               adaptor.getParameters(), op.getType()));
    return success();
  }
};

/// steps(q) -> what the format says
struct MaterializeSteps : OpConversionPattern<StepsOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(StepsOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    auto format = cast<Format>(
        cast<RankedTensorType>(op.getInput().getType()).getElementType());
    Type result = op.getType().getElementType();
    rewriter.replaceOp(
        op, elementwise(builder, adaptor.getInput(), getWordType(result),
                        [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
                          Value code = readCode(inner, scalars[0], format);
                          Value step =
                              format.buildStep(inner, code, op.getTerm());
                          return writeCode(inner, step, result);
                        }));
    return success();
  }
};

} // namespace

void lowbit::populateFormatPatterns(const TypeConverter &converter,
                                    RewritePatternSet &patterns) {
  patterns
      .add<MaterializeRankEncode, MaterializeFormatDecode, MaterializeSteps>(
          converter, patterns.getContext());
}
