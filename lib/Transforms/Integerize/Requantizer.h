//===- Requantizer.h - Changes of scale in a profile ------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place of -lowbit-integerize that knows the arithmetic of profiles. A
// pattern has real factors between scales; a Requantizer turns them into what
// the profile computes with, and makes the operations that do.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_INTEGERIZE_REQUANTIZER_H
#define LOWBIT_LIB_TRANSFORMS_INTEGERIZE_REQUANTIZER_H

#include "lowbit/Transforms/Integerize.h"
#include "lowbit/Transforms/Profile.h"

namespace mlir::lowbit {

/// Real factors as a profile computes with them: one, or one for each channel.
struct ScaleFactors {
  /// Of lowbit.rescale; empty in profile onnx.
  SmallVector<int32_t> multipliers, shifts;
  /// Of lowbit.requantize; empty in the other profiles.
  SmallVector<float> scales;

  size_t size() const { return std::max(multipliers.size(), scales.size()); }
  /// True if all channels have the same factor.
  bool isUniform() const {
    return llvm::all_equal(multipliers) && llvm::all_equal(shifts) &&
           llvm::all_equal(scales);
  }
  /// Leaves the first `count`.
  void resize(size_t count);
};

/// What surrounds the product in a change of scale: `value - inputZero` is
/// multiplied, `outputZero` added, and the result confined to [min, max].
struct ScaleBounds {
  int64_t inputZero = 0, outputZero = 0;
  int64_t min = std::numeric_limits<int32_t>::min();
  int64_t max = std::numeric_limits<int32_t>::max();
};

/// The factors of lowbit.add: both operands to a common grid, and their sum to
/// the result's format.
struct SumFactors {
  SmallVector<int32_t> multipliers, shifts;
  int32_t leftShift = 0;
};

class Requantizer {
public:
  explicit Requantizer(Profile profile) : profile(profile) {}

  Profile getProfile() const { return profile; }
  bool isTflite() const {
    return profile == Profile::TfliteSingle || profile == Profile::TfliteDouble;
  }
  /// False where factors are real numbers: sums and averages of codes have no
  /// integer form then.
  bool isFixedPoint() const { return profile != Profile::Onnx; }

  /// How lowbit.rescale rounds, for operations that have it as an attribute.
  RescaleMode getRounding() const {
    return profile == Profile::TfliteDouble ? RescaleMode::DoubleRound
                                            : RescaleMode::SingleRound;
  }

  /// The factor from sums of products to a result: `product`, the exact one of
  /// two scales, over `result`, rounded as the profile does for a linear layer.
  /// TFLite has a rule of its own for fully connected ones with one scale.
  double getLayerRatio(double product, double result,
                       bool isFullyConnectedPerTensor) const;

  /// The same for an elementwise product.
  double getProductRatio(double product, double result) const;

  /// What the profile computes with for `real`; nothing where it cannot hold
  /// one of the factors: none may be 2^29 or more.
  std::optional<ScaleFactors> getFactors(ArrayRef<double> real) const;

  /// The factor of a sum of `count` codes to their mean, where `ratio` is the
  /// one between the scales.
  std::optional<ScaleFactors> getMeanFactors(double ratio, int64_t count) const;

  /// The factors of a sum of codes of `lhs` and `rhs` in `format`; nothing
  /// where scales differ by more than 2^29.
  std::optional<SumFactors>
  getSumFactors(const CodedValue &lhs, const CodedValue &rhs,
                quant::UniformQuantizedType format) const;

  /// The code of `real` in `format`, as lowbit.encode computes it with the
  /// attributes of setCrossing.
  int32_t encode(double real, quant::UniformQuantizedType format) const;

  /// Lets an encode that stays round as the profile does where its numbers come
  /// from outside. One that rounds in a way of its own keeps it.
  void setCrossing(EncodeOp op) const;

  /// The interval of codes that `[min, max]` of real numbers saturates to in
  /// `format`, as the profile encodes clamps.
  std::pair<int32_t, int32_t>
  getCodeInterval(double min, double max,
                  quant::UniformQuantizedType format) const;

  /// `factors` as tensors of `shape`: the operands that an epilogue, or an
  /// operation with factors as operands, takes.
  SmallVector<Value> createTensors(OpBuilder &builder, Location loc,
                                   const ScaleFactors &factors,
                                   ArrayRef<int64_t> shape) const;

  /// The one factor of `factors` as scalars, for use inside an epilogue.
  SmallVector<Value> createScalars(OpBuilder &builder, Location loc,
                                   const ScaleFactors &factors) const;

  /// Changes the scale of the i32 `value` in an epilogue. `operands` are of
  /// createScalars, or what the epilogue got for those of createTensors.
  Value createOnScalar(OpBuilder &builder, Location loc, Value value,
                       ValueRange operands, const ScaleBounds &bounds) const;

  /// Changes the format of all codes of `input` to `format`, confined to
  /// `interval`. `factors` holds one factor, or one for each index of `axis`.
  Value createOnTensor(OpBuilder &builder, Location loc,
                       const CodedValue &input,
                       quant::UniformQuantizedType format,
                       const ScaleFactors &factors,
                       std::pair<int32_t, int32_t> interval,
                       std::optional<int64_t> axis = std::nullopt) const;

private:
  Profile profile;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_INTEGERIZE_REQUANTIZER_H
