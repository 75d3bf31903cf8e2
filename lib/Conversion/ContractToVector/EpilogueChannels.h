//===- EpilogueChannels.h - What an epilogue has for each channel - C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_CONTRACTTOVECTOR_EPILOGUECHANNELS_H
#define LOWBIT_CONVERSION_CONTRACTTOVECTOR_EPILOGUECHANNELS_H

#include "lowbit/Analysis/AccumulatorRange.h"
#include "lowbit/Conversion/KernelLayout.h"

namespace mlir::lowbit {

/// What `value`, used in the epilogue of `op`, is in each of the channels, in i32 or f32;
/// nothing where it is not constant, or differs between rows.
template <typename T>
std::optional<SmallVector<T>> readChannels(Value value, ContractOp op,
                                           const ContractionLoops &loops,
                                           ArrayRef<LinearOperand> operands);

/// Between which numbers the sums of each channel lie, whatever the codes of lhs are.
std::optional<SmallVector<SumRange>>
findSumRanges(ContractOp op, const ContractionLoops &loops,
              const LinearOperand &rhs, memref::GlobalOp weights);

/// A constant with a value for each channel, i32 or f32, as an operand of the epilogue. Its
/// name is that of `original` and `suffix`.
template <typename T>
LinearOperand
createChannels(OpBuilder &builder, ContractOp op, const ContractionLoops &loops,
               memref::GlobalOp original, StringRef suffix, ArrayRef<T> values);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_CONTRACTTOVECTOR_EPILOGUECHANNELS_H
