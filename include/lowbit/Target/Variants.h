//===- Variants.h - Several processors in one program -----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TARGET_VARIANTS_H
#define LOWBIT_TARGET_VARIANTS_H

#include "lowbit/Target/ObjectFile.h"

#include "llvm/Support/Error.h"

namespace mlir::lowbit {

/// One of the processors that a program has code for.
struct Variant {
  std::string name;
  TargetOptions target;
  /// Bits that the processor's words must have, one mask for each of them; see
  /// ProcessorWords.
  SmallVector<uint32_t> required;
};

/// The variants called `names`, from the plainest to the one that is preferred most.
/// An error for names that are unknown or given twice.
llvm::Expected<SmallVector<Variant>> parseVariants(StringRef triple,
                                                   ArrayRef<std::string> names);

/// What every processor with variants of this triple has: for the code that chooses
/// among them.
TargetOptions getCommonTarget(StringRef triple);

} // namespace mlir::lowbit

#endif // LOWBIT_TARGET_VARIANTS_H
