//===- Codec.h - Gradient codecs as programs --------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `lowbit-compile --codec` makes: a module with the functions of one codec for
// gradients of one size, and the C header that describes them.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_COMPILER_CODEC_H
#define LOWBIT_COMPILER_CODEC_H

#include "lowbit/IR/Lowbit.h"

#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace mlir::lowbit {

/// A codec for gradients of `size` numbers.
struct CodecProgram {
  CodecAttr codec;
  int64_t size = 0;
  /// What was not sent is kept for the next gradient.
  bool hasState = false;
  /// As it was asked for, and where it is published.
  std::string text, citation;
  /// Start of the exported names; the processor.
  std::string prefix, target;

  int64_t getStateSize() const {
    return hasState ? codec.getStateSize(size) : 0;
  }
  int64_t getWireBytes() const { return 4 * codec.getWireWords(size); }
  int64_t getWorkspaceBytes() const {
    return 4 * (getStateSize() + codec.getScratchWords(size, hasState));
  }
};

/// Reads `name[:key=value,...]`. One error for what is not known or does not fit.
llvm::Expected<CodecProgram> parseCodec(MLIRContext &context,
                                        llvm::StringRef text, int64_t size);

/// Prints the codecs: name, arguments with their defaults, what it is.
void printCodecs(llvm::raw_ostream &os);

/// The functions that the header declares, on buffers, with the operations of
/// the codec in them.
OwningOpRef<ModuleOp> buildCodecModule(MLIRContext &context,
                                       const CodecProgram &program);

/// Lowers such a module to the LLVM dialect, or, with `kernels`, to loops. With
/// `reference` through scalar loops only.
LogicalResult lowerCodecModule(ModuleOp module, const CodecProgram &program,
                               bool reference, bool kernels);

/// Writes the C and C++ header. It needs no other file of Lowbit.
void emitCodecHeader(const CodecProgram &program, llvm::raw_ostream &os);

} // namespace mlir::lowbit

#endif // LOWBIT_COMPILER_CODEC_H
