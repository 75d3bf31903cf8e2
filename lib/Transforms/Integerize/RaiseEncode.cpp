//===- RaiseEncode.cpp - encode moves above data movement ---------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A quantized model may encode the result of a layer only after it was moved:
// transposed, flattened, pooled. Encoding is monotonic and looks at one element
// at a time, so it may as well come first, where it meets the layer. What is
// moved then are codes.

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Transforms/Integerize.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The format of the codes that `value` is the decode of; null for others.
static Type getDecodedFormat(Value value) {
  auto decode = value.getDefiningOp<DecodeOp>();
  return decode ? cast<ShapedType>(decode.getInput().getType()).getElementType()
                : Type();
}

/// True if neither scale and reciprocal nor any number of `format` leave the normal
/// range of f32, and its zero point is a code.
static bool hasModerateParameters(quant::UniformQuantizedType format) {
  return format.getScale() >= 0x1p-100 && format.getScale() <= 0x1p100 &&
         format.getStorageTypeIntegralWidth() <= 16 &&
         format.getZeroPoint() >= format.getStorageTypeMin() &&
         format.getZeroPoint() <= format.getStorageTypeMax();
}

/// True if the nearest encoding finds the codes of `op` again in their numbers, and
/// greater numbers have codes of greater numbers.
static bool findsCodesAgain(EncodeOp op) {
  if (!op.getThresholds())
    return op.countsThresholds() || recoversCodes(op);
  Type type = op.getType().getElementType();
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(type);
      uniform && !hasModerateParameters(uniform))
    return false;
  // A subsequence of the codes in the order of their numbers.
  SmallVector<int64_t> ordered = cast<Format>(type).getOrderedCodes(0);
  if (!op.getCodes())
    return true;
  auto next = ordered.begin();
  return llvm::all_of(*op.getCodes(), [&](int64_t code) {
    next = std::find(next, ordered.end(), code);
    return next != ordered.end();
  });
}

namespace {

/// encode(clamp(move(x))) -> encode(move(decode(encode(clamp(x)))))
struct RaiseEncode : OpRewritePattern<EncodeOp> {
  RaiseEncode(MLIRContext *context, Profile profile)
      : OpRewritePattern(context), profile(profile) {}

  LogicalResult matchAndRewrite(EncodeOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<tosa::ClampOp> clamps; // from the result to the input
    Value source = op.getInput();
    while (auto clamp = source.getDefiningOp<tosa::ClampOp>()) {
      if (!clamp->hasOneUse())
        return failure();
      clamps.push_back(clamp);
      source = clamp.getInput();
    }
    Operation *move = source.getDefiningOp();
    bool isConcat = isa_and_present<tosa::ConcatOp>(move);
    if (!move || (!isConcat && !isDataMovement(move)))
      return failure();
    auto format = cast<Format>(op.getType().getElementType());
    auto isUnencoded = [&](Value value) {
      return needsEncode(value, format, isConcat);
    };
    OperandRange moved =
        isConcat ? move->getOperands() : move->getOperands().take_front(1);
    if (format.getScaleAxis() || !llvm::any_of(moved, isUnencoded))
      return failure();
    if (!findsCodesAgain(op) && isSum(op) && clamps.empty() && !isConcat &&
        !isa<tosa::PadOp>(move) && source.hasOneUse())
      return moveSums(op, move, rewriter);
    if (!findsCodesAgain(op))
      return rewriter.notifyMatchFailure(
          op, "its format does not find the codes of moved numbers again");
    if (isa<tosa::PadOp>(move) && !clamps.empty())
      return rewriter.notifyMatchFailure(op,
                                         "its clamp applies to padding, too");
    if (isa<tosa::PadOp>(move) && op.getThresholds())
      return rewriter.notifyMatchFailure(
          op, "its thresholds apply to padding, too");
    if (!source.hasOneUse())
      return rewriter.notifyMatchFailure(
          op, "its real numbers are moved for another use, too");

    rewriter.setInsertionPoint(move);
    Operation *onCodes = rewriter.clone(*move);
    rewriter.setInsertionPoint(onCodes);
    for (OpOperand &operand :
         onCodes->getOpOperands().take_front(moved.size())) {
      Value value = operand.get();
      // What is encoded already may have another range than the clamps.
      if (!isUnencoded(value) && clamps.empty())
        continue;
      auto type = cast<RankedTensorType>(value.getType());
      for (tosa::ClampOp clamp : llvm::reverse(clamps)) {
        IRMapping mapping;
        mapping.map(clamp.getInput(), value);
        Operation *inner = rewriter.clone(*clamp, mapping);
        inner->getResult(0).setType(type);
        value = inner->getResult(0);
      }
      auto codes = EncodeOp::create(rewriter, op.getLoc(), type.clone(format),
                                    value, op.getRounding(), op.getSaturation(),
                                    op.getScaling(), op.getThresholdsAttr(),
                                    op.getCodesAttr(), /*seed=*/nullptr,
                                    /*tensor_id=*/nullptr);
      codes->setDiscardableAttrs(op->getDiscardableAttrDictionary());
      operand.set(DecodeOp::create(rewriter, op.getLoc(), type, codes));
    }
    // Thresholds have been counted; what is left is to find the codes again.
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(onCodes->getResult(0));
      op.removeThresholdsAttr();
      op.removeCodesAttr();
    });
    return success();
  }

private:
  /// True for codes of 32 bits, which f32 does not hold: sums of products.
  static bool isSum(EncodeOp op) {
    auto format =
        dyn_cast<quant::UniformQuantizedType>(op.getType().getElementType());
    return format && format.getStorageTypeIntegralWidth() == 32 &&
           op.getRounding() != Rounding::Stochastic && !op.getThresholds();
  }

  /// encode(move(x)) -> move(encode(x)) on the words: they need not be found again.
  static LogicalResult moveSums(EncodeOp op, Operation *move,
                                PatternRewriter &rewriter) {
    Type word = rewriter.getI32Type();
    Location loc = op.getLoc();
    rewriter.setInsertionPoint(op);
    Value real = move->getOperand(0);
    auto type = cast<RankedTensorType>(real.getType());
    auto codes = cast<EncodeOp>(rewriter.clone(*op));
    codes.getInputMutable().assign(real);
    codes.getResult().setType(type.clone(op.getType().getElementType()));
    Value words = ReinterpretOp::create(rewriter, loc, type.clone(word), codes);
    Operation *moved = rewriter.clone(*move);
    moved->setOperand(0, words);
    moved->getResult(0).setType(
        cast<RankedTensorType>(move->getResult(0).getType()).clone(word));
    rewriter.replaceOpWithNewOp<ReinterpretOp>(op, op.getType(),
                                               moved->getResult(0));
    return success();
  }

  /// True for real numbers that have no codes yet. Concat rescales codes of
  /// another format, but for ONNX's arithmetic each operand does by itself.
  bool needsEncode(Value value, Type format, bool isConcat) const {
    Type from = getDecodedFormat(value);
    if (!from)
      return value.getDefiningOp() && !isConstant(value);
    return isConcat && profile == Profile::Onnx && from != format;
  }

  Profile profile;
};

} // namespace

void lowbit::populateRaiseEncodePatterns(RewritePatternSet &patterns,
                                         Profile profile) {
  patterns.add<RaiseEncode>(patterns.getContext(), profile);
}
