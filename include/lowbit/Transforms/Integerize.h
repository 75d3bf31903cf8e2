//===- Integerize.h - Patterns that absorb encode and decode ------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// An encoded network computes on real numbers between `lowbit.decode` and
// `lowbit.encode`. Each pattern here replaces one computation with its encodes
// and decodes by the integer operation that has the same meaning.
//
// A pattern that came close and refuses says why through notifyMatchFailure, in
// a phrase about the operation that `--explain` shows to users as it is. What is
// not its kind of computation it leaves alone with a plain failure().
//
// Patterns that change scales do so in the arithmetic of a numerics profile.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_INTEGERIZE_H
#define LOWBIT_TRANSFORMS_INTEGERIZE_H

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Profile.h"

#include "mlir/IR/PatternMatch.h"

namespace mlir::lowbit {

/// Codes of formats that are not affine become affine codes: lowbit.steps.
void populateStepsPatterns(RewritePatternSet &patterns);

/// Constant indices into codebooks of integers become affine codes.
void populateCodebookPatterns(RewritePatternSet &patterns);

/// Fully connected layers whose weights have a scale for each group of inputs.
void populateGroupsPatterns(RewritePatternSet &patterns);

/// Layers on formats of several terms become sums of layers.
void populateSplitTermsPatterns(RewritePatternSet &patterns);

/// Layers with a factor for each channel behind them, and sums of layers: on the way
/// to a lowbit.contract.
void populateSumOfLayersPatterns(RewritePatternSet &patterns);

/// decode(x) moves down through operations that only move or select elements:
/// reshape, transpose, slice, pad with zero, max_pool2d, gather, reverse, tile,
/// reduce_max.
void populateSinkDecodePatterns(RewritePatternSet &patterns);

/// encode moves up through the same operations, and through concat, to the
/// layer whose result they move.
void populateRaiseEncodePatterns(RewritePatternSet &patterns, Profile profile);

/// Sums and products with numbers between an argument and its encode go into
/// thresholds of the encode.
void populateEncodeEntryPatterns(RewritePatternSet &patterns, Profile profile);

/// Convolutions, depthwise convolutions and matrix products with constant
/// weights, with the residual add and the clamp that follow: lowbit.contract.
void populateIntegerizeContractionPatterns(RewritePatternSet &patterns,
                                           Profile profile);

/// Batch norm, clamps and a quantizer of few codes, after a layer or codes:
/// lowbit.threshold.
void populateIntegerizeThresholdPatterns(RewritePatternSet &patterns,
                                         Profile profile);

/// Factors and terms for each channel that have no codes: the weights of a layer.
void populateIntegerizeBatchNormPatterns(RewritePatternSet &patterns,
                                         Profile profile);

/// Layers whose real numbers leave the program, and averages that a scale map
/// reads: decoded sums of codes.
void populateIntegerizeOpenLayerPatterns(RewritePatternSet &patterns,
                                         Profile profile);

/// Products of two computed matrices: lowbit.contract.
void populateIntegerizeMatMulPatterns(RewritePatternSet &patterns,
                                      Profile profile);

/// Linear layers with constant weights whose input has scales as parameters:
/// lowbit.contract to real numbers.
void populateIntegerizeRuntimeScalesPatterns(RewritePatternSet &patterns);

/// Sums along dimensions, means, and the position of the largest number.
void populateIntegerizeReductionPatterns(RewritePatternSet &patterns,
                                         Profile profile);

/// Sums, differences, products, maxima and minima of two operands.
void populateIntegerizeElementwisePatterns(RewritePatternSet &patterns,
                                           Profile profile);

/// Format changes, clamp, concat, average pooling: rescaling.
void populateIntegerizeRescalingPatterns(RewritePatternSet &patterns,
                                         Profile profile);

/// Functions of one variable, and softmax: tables.
void populateIntegerizeTablePatterns(RewritePatternSet &patterns,
                                     Profile profile);

/// In profile onnx: encodes that are marked as those of an operator of ONNX
/// Runtime's own, with that runtime's arithmetic in f32.
void populateOnnxRuntimePatterns(RewritePatternSet &patterns, Profile profile);

//===----------------------------------------------------------------------===//
// What the patterns share
//===----------------------------------------------------------------------===//

/// A real value as codes of a per-tensor affine format.
struct CodedValue {
  Value codes;
  quant::UniformQuantizedType format;

  /// Largest |code - zero point|.
  double getLargestCode() const { return lowbit::getLargestCode(format); }
  /// The same times the scale.
  double getMagnitude() const { return getLargestCode() * format.getScale(); }
};

/// The codes behind `real`, if it is the decode of a per-tensor format that
/// holds zero and whose codes are within 32 bits of it.
std::optional<CodedValue> getCodedValue(Value real);

/// The result format of an encode, where integer rescaling can produce it: per
/// tensor, holding zero, rounded to nearest, saturated. Null, with the reason given to
/// `rewriter`, where it cannot.
quant::UniformQuantizedType getRescaledFormat(EncodeOp op,
                                              PatternRewriter &rewriter);

/// The real interval that a chain of tosa.clamp above `value` confines it to;
/// `value` becomes the first operand that is no clamp. Clamps with several
/// uses end the chain.
std::pair<double, double> peelClamps(Value &value);

/// The format of i32 sums in steps of `scale`.
quant::UniformQuantizedType getSumsFormat(MLIRContext *context,
                                          double scale = 1.0);

/// The exact sums of `input` along `dimensions`, which keep size 1.
CodedValue createSum(OpBuilder &builder, Location loc, const CodedValue &input,
                     ArrayRef<int64_t> dimensions);

/// True if no sum of `count` elements of `input` leaves 32 bits.
bool fitsSum(const CodedValue &input, double count);

/// A tensor constant of i32.
Value createI32Tensor(OpBuilder &builder, Location loc,
                      ArrayRef<int32_t> values, ArrayRef<int64_t> shape);

} // namespace mlir::lowbit

#endif // LOWBIT_TRANSFORMS_INTEGERIZE_H
