//===- RangeMeasurement.h - The best range, by what it causes ---*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a range costs is not seen on the value itself: an outlier may matter to
// the layers that read it, or not at all. So the float program is run with one
// value's codes in place of its numbers, under each candidate of getMixedRanges,
// and what its readers compute is compared with what they computed before.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TRANSFORMS_CALIBRATE_RANGEMEASUREMENT_H
#define LOWBIT_LIB_TRANSFORMS_CALIBRATE_RANGEMEASUREMENT_H

#include "lowbit/Transforms/FloatProgram.h"
#include "lowbit/Transforms/Recipe.h"

namespace mlir::lowbit {

/// Measures all values of one function whose range a recipe leaves open.
///
/// Many values are measured in one run: each probe compares what arrives with
/// the numbers of an undisturbed run, and puts those, or the codes of those, in
/// its place, so that no error travels beyond the next observation. Values that
/// one operation reads are measured in different runs, so that each error has
/// one source. A batch takes `1 + candidates * groups` runs; two or three groups
/// are usual, and memory holds one batch of all observed values.
class RangeMeasurement {
public:
  /// `observations` are those of `function`, in the order of a walk, with their
  /// statistics.
  RangeMeasurement(ArrayRef<ObserveOp> observations, const Recipe &recipe);

  /// True if no range is open.
  bool isEmpty() const { return numGroups == 0; }

  /// Measures on one batch. `program` has probes that may change values.
  LogicalResult add(FloatProgram &program,
                    MutableArrayRef<std::vector<char>> batch);

  /// Leaves the errors on the observations.
  void record() const;

private:
  /// An observed value.
  struct Value {
    ObserveOp op;
    /// The formats of the candidates; none where the range is not open.
    SmallVector<quant::UniformQuantizedType, 4> formats;
    SmallVector<double, 4> errors;
    /// The open values that it is computed from, and its own group.
    SmallVector<unsigned, 2> sources;
    unsigned group = 0;
    bool hasReaders = false;
    std::vector<float> reference;
  };

  void findSources(Value &value,
                   const DenseMap<Operation *, unsigned> &numbers);
  void chooseGroups();
  void compare(unsigned number, unsigned group, unsigned candidate,
               ArrayRef<float> elements);

  SmallVector<Value> values;
  unsigned numGroups = 0;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_TRANSFORMS_CALIBRATE_RANGEMEASUREMENT_H
