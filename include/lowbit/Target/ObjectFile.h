//===- ObjectFile.h - From the LLVM dialect to object code ------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TARGET_OBJECTFILE_H
#define LOWBIT_TARGET_OBJECTFILE_H

#include "mlir/IR/BuiltinOps.h"

#include "llvm/ADT/SmallVector.h"

#include <string>

namespace mlir::lowbit {

/// For which processor, and how hard to optimise.
struct TargetOptions {
  /// Empty for the host's.
  std::string triple;
  /// Empty for a portable default: x86-64-v3 (AVX2, FMA) on x86-64, LLVM's
  /// generic processor elsewhere. "native" for the host's.
  std::string cpu;
  /// As LLVM spells them: "+avx512f,-fma". Added to the processor's.
  std::string features;
  /// Off for kernels that are vector code already: large straight-line code
  /// can keep the vectorizer busy for minutes.
  bool loopVectorize = true;

  /// Replaces what is empty or "native" by what it stands for.
  void resolve();
  /// "<triple> <cpu> [<features>]", as recorded in the artefact.
  std::string describe() const;
};

/// Those of the features `known`, such as "avx2", that the processor has.
SmallVector<StringRef> getVectorFeatures(TargetOptions options,
                                         ArrayRef<StringRef> known);

/// A relocatable object in memory.
struct ObjectFile {
  llvm::SmallVector<char, 0> bytes;
  /// The triple that it is made for.
  std::string triple;
  /// Sorted names of the functions of C's math library that it calls. Empty
  /// for integer programs.
  llvm::SmallVector<std::string, 0> mathFunctions;
  /// It calls OpenMP's runtime.
  bool needsOpenMP = false;

  llvm::StringRef getBuffer() const { return {bytes.data(), bytes.size()}; }
};

/// Emits an error and fails if there is no code for what `options` name.
LogicalResult checkTarget(Location loc, TargetOptions options);

/// Makes an object from a module in the LLVM dialect that
/// -lowbit-emit-interface has finished. The same module and options give the
/// same bytes. Floating-point operations are neither reordered nor contracted.
///
/// Emits an error and fails if the processor is not known, or if the object
/// would call anything but memcpy, memmove, memset, the math library, and OpenMP's
/// runtime.
FailureOr<ObjectFile> emitObject(ModuleOp module, TargetOptions options);

} // namespace mlir::lowbit

#endif // LOWBIT_TARGET_OBJECTFILE_H
