//===- SpirvPatterns.h - What MLIR's way to SPIR-V lacks --------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_SPIRVPATTERNS_H
#define LOWBIT_CONVERSION_SPIRVPATTERNS_H

namespace mlir {
class RewritePatternSet;
class SPIRVTypeConverter;
} // namespace mlir

namespace mlir::lowbit {

/// Patterns that go before MLIR's: counts of bits of other widths than 32, which
/// Vulkan does not have.
void populateExactSpirvPatterns(const SPIRVTypeConverter &converter,
                                RewritePatternSet &patterns);

/// Patterns that write out the division of f32 on integers, to the last bit.
void populateExactDivisionPatterns(RewritePatternSet &patterns);

/// Patterns that compare numbers of 64 bits by halves.
void populateWideComparisonPatterns(RewritePatternSet &patterns);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_SPIRVPATTERNS_H
