//===- GradientLoops.h - Loops over a gradient -------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the operations of a gradient codec are made of. Each part has a loop over
// vectors, where they are wanted, and one over what these leave.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_GRADIENTSTOLOOPS_GRADIENTLOOPS_H
#define LOWBIT_LIB_CONVERSION_GRADIENTSTOLOOPS_GRADIENTLOOPS_H

#include "Lanes.h"
#include "RandomWords.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::lowbit {

/// A codec, and how loops for it are built.
struct GradientLoops {
  ImplicitLocOpBuilder &builder;
  CodecAttr codec;
  /// Numbers in the gradient.
  int64_t size;
  bool vectorize;

  /// What is encoded: numbers of a gradient, and of its state where that is not
  /// null.
  struct Source {
    Value gradient, state;
    Value load(const Lanes &lanes, Value index) const;
    /// The same, which becomes the state if there is one.
    Value take(const Lanes &lanes, Value index) const;
    /// What `take` has left.
    Source getTaken() const { return state ? Source{state, Value()} : *this; }
  };

  /// `first` and `count` of the numbers of a bucket, and where its codes are
  /// behind the first ones; its number.
  struct Bucket {
    Value number, first, count, words;
  };

  /// `body` of each bucket. It returns an i1; so does this, true if all are.
  Value forBuckets(llvm::function_ref<Value(const Bucket &)> body) const;

  /// `body` of all numbers below `end`, an index: of `width` at once as far as
  /// vectors are wanted and filled, then of one by one.
  void
  forNumbers(int64_t width, Value end,
             llvm::function_ref<void(const Lanes &, Value index)> body) const;

  /// Buffers for sums, made once for all buckets.
  struct Chains {
    SmallVector<Value, 2> buffers;
  };
  Chains makeChains() const;

  /// The parameters of a bucket.
  struct Parameters {
    /// Those of the wire, f32; with the grid `optimal` `t`.
    SmallVector<Value, 2> numbers;
    /// With the grid `optimal`: the points as multiples of `t`, f32, where they
    /// are needed; the wire, and where the points are in it.
    Value multiples, wire, first;
  };

  /// Parameters, and whether all of a bucket's numbers are finite.
  struct Measured {
    Parameters parameters;
    Value isFinite;
  };
  /// Takes all numbers of a bucket from `source`.
  Measured measure(const Source &source, const Bucket &bucket,
                   const Chains &chains) const;

  /// Buffers for the points of the grid `optimal`, made once for all buckets:
  /// counts, sums and sums of squares of numbers between candidates; the least
  /// costs, of two numbers of points; from where they come; the points.
  struct Points {
    Value counts, sums, squares, costs, choices, multiples;
  };
  Points makePoints() const;
  /// Finds the points of a bucket whose numbers are finite.
  void findPoints(const Source &source, const Bucket &bucket, Value distance,
                  const Points &points) const;

  /// Whether all numbers are finite.
  Value checkFinite(Value numbers) const;

  /// Writes codes of a bucket from word `first` on. `code` makes them, i32, of
  /// the elements' indices in the gradient; it gets random words if `random` is
  /// not null.
  void
  writeCodes(const Bucket &bucket, Value words, Value first,
             const RandomSource *random,
             llvm::function_ref<Value(const Lanes &, Value index, Value random)>
                 code) const;
  /// Calls `use` with the codes that writeCodes wrote.
  void
  readCodes(const Bucket &bucket, Value words, Value first,
            llvm::function_ref<void(const Lanes &, Value index, Value code)>
                use) const;
  /// The code of the bucket's element number `element`.
  Value readCode(Value words, Value first, Value element) const;

  /// The code of `x` with parameters `parameters`, scalars; for levels by the
  /// `random` word.
  Value encode(const Lanes &lanes, Value x, const Parameters &parameters,
               Value random) const;
  /// The real number of `code`. `gradients` is an i32: the number of gradients
  /// whose codes were added up, or null for 1.
  Value decode(const Lanes &lanes, Value code, const Parameters &parameters,
               Value gradients) const;

  /// The parameters of a bucket in a wire.
  Parameters loadParameters(Value wire, const Bucket &bucket) const;
  void storeParameters(const Parameters &parameters, Value wire,
                       const Bucket &bucket) const;

  // The operations. Values are those of the operations; status is an i32.
  Value encodeBuckets(EncodeGradientOp op) const;
  Value decodeBuckets(DecodeGradientOp op) const;
  Value encodeLargest(EncodeGradientOp op) const;
  Value decodeLargest(DecodeGradientOp op) const;
  Value measureSteps(MeasureGradientOp op) const;
  void merge(MergeGradientsOp op) const;

  /// Writes the codes in `scratch` as a stream; reads such a stream.
  void writeStream(Value scratch, Value wire) const;
  Value readStream(DecodeGradientOp op) const;

  /// Writes or adds `value` to numbers.
  static void put(const Lanes &lanes, DecodeGradientOp op, Value value,
                  Value index);
  void fillZeros(Value numbers) const;

  Value index(int64_t value) const { return indexConstant(builder, value); }
  bool isOptimal() const {
    return codec.getKind() == CodecKind::Levels &&
           codec.getGrid() == CodecGrid::Optimal;
  }

private:
  Value encodeBetween(const Lanes &lanes, Value a, Value multiples,
                      Value u) const;
};

/// The step for a `scale`, f32, and what the attribute says of it.
Value buildStep(ImplicitLocOpBuilder &builder, Value scale, int64_t levels);
Value buildShiftStep(ImplicitLocOpBuilder &builder, Value scale,
                     int64_t levels);

/// The status: 0 after `then` if all numbers are finite, else 3.
Value buildIfFinite(ImplicitLocOpBuilder &builder, Value isFinite,
                    llvm::function_ref<void()> then);

/// The grid `optimal` chooses among so many candidates, and one more.
constexpr int64_t kCandidates = 256;

/// The magnitudes' bits of f32 numbers, as i32; they are ordered as these are.
Value magnitudeBits(const Lanes &lanes, Value real);
/// The bits of infinity: those of greater magnitudes are of no finite number.
constexpr int64_t kInfinityBits = 0x7F800000;

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_GRADIENTSTOLOOPS_GRADIENTLOOPS_H
