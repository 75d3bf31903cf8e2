//===- Variants.h - Programs that choose among their code -------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_VARIANTS_H
#define LOWBIT_CONVERSION_VARIANTS_H

#include "lowbit/Analysis/ModelInterface.h"

namespace mlir::lowbit {

/// Words in which a processor says which instructions it has.
enum class ProcessorWords {
  /// What CPUID returns: of leaf 1 ecx, of leaf 7 ebx and ecx, of its part 1 eax and
  /// edx, of leaf 0x80000001 ecx; and the registers that the system saves (XCR0).
  X86,
  /// Linux's auxiliary vector: AT_HWCAP and AT_HWCAP2.
  Linux
};

/// The number of words.
unsigned countWords(ProcessorWords words);

/// A function for processors of one kind.
struct VariantProgram {
  std::string name;
  /// A `<prefix>_run` of the module.
  std::string run;
  /// A mask for each word.
  SmallVector<uint32_t> required;
};

/// Adds `<prefix>_run`, which calls the last of `variants` that the processor has,
/// with all that lowbit_variants says, and the model's description.
void emitVariantsInterface(ModuleOp module, const ModelInterface &interface,
                           const ModelIdentity &identity, ProcessorWords words,
                           ArrayRef<VariantProgram> variants);

} // namespace mlir::lowbit

#endif // LOWBIT_CONVERSION_VARIANTS_H
