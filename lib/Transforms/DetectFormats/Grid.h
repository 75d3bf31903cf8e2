//===- Grid.h - Numbers that lie on a grid ----------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A quantized network that was released as floats has few distinct weights, and
// these lie on a grid. Here the grid is found again, with the code of each
// number, exactly: decoding gives every float back, up to the sign of 0.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_DETECTFORMATS_GRID_H
#define LOWBIT_LIB_TRANSFORMS_DETECTFORMATS_GRID_H

#include "lowbit/IR/Lowbit.h"

#include <optional>
#include <string>

namespace mlir::lowbit {

/// Numbers of a tensor, channel by channel: a list for each index along an
/// axis, or one list for all.
class ChannelValues {
public:
  /// `axis` is a dimension of `shape`, or nothing for one list.
  ChannelValues(ArrayRef<float> values, ArrayRef<int64_t> shape,
                std::optional<int64_t> axis);

  std::optional<int64_t> getAxis() const { return axis; }
  int64_t getNumChannels() const { return distinct.size(); }
  int64_t getChannel(int64_t element) const {
    return axis ? element / inner % getNumChannels() : 0;
  }
  ArrayRef<float> getValues() const { return values; }
  /// The distinct numbers of a channel, ascending; -0 is 0.
  ArrayRef<float> getDistinct(int64_t channel) const {
    return distinct[channel];
  }
  /// True if some channel has more distinct numbers than 8 bits tell apart.
  bool hasTooMany() const { return tooMany; }

private:
  ArrayRef<float> values;
  std::optional<int64_t> axis;
  int64_t inner = 1;
  bool tooMany = false;
  SmallVector<SmallVector<float>> distinct;
};

/// A format, and the code of each number.
struct Grid {
  /// "binary", "ternary", ... for people.
  std::string name;
  Type format;
  SmallVector<int64_t> codes;
  /// The entries, where the format is a codebook.
  SmallVector<float> book;
};

/// The grid of least bits on which the numbers lie; nothing if there is none of
/// at most 8 bits, or if codes and scales together take more than half of the
/// bytes that the floats take.
std::optional<Grid> findGrid(MLIRContext *context, ArrayRef<float> values,
                             ArrayRef<int64_t> shape,
                             std::optional<int64_t> axis);

//===----------------------------------------------------------------------===//
// The kinds of grids
//===----------------------------------------------------------------------===//

/// Each finds the scales of one kind of grid, channel by channel, and the codes.
/// In the order in which they are preferred among grids of equally many bits.
std::optional<Grid> findSigns(MLIRContext *, const ChannelValues &);
std::optional<Grid> findTernary(MLIRContext *, const ChannelValues &);
std::optional<Grid> findUniform(MLIRContext *, const ChannelValues &);
std::optional<Grid> findOddMultiples(MLIRContext *, const ChannelValues &);
std::optional<Grid> findPowersOfTwo(MLIRContext *, const ChannelValues &);
std::optional<Grid> findBases(MLIRContext *, const ChannelValues &);
std::optional<Grid> findCodebook(MLIRContext *, const ChannelValues &);

/// The step of which all `values` are multiples below 2^7, each an f32 product
/// of the step and an integer; nothing if there is none.
std::optional<float> findStep(ArrayRef<float> values);

/// The bases, descending, of whose sums with all signs `values` are some: up to
/// four. Sums are f32, in the order of the bases.
std::optional<SmallVector<float>> findBasesOf(ArrayRef<float> values);

/// The codes of all numbers in `format`, if it has one for each.
std::optional<SmallVector<int64_t>> encodeExactly(Format format,
                                                  const ChannelValues &values);

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_DETECTFORMATS_GRID_H
