//===- ModelInterface.h - What a program takes and gives --------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ANALYSIS_MODELINTERFACE_H
#define LOWBIT_ANALYSIS_MODELINTERFACE_H

#include "lowbit/Runtime/lowbit_model.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace mlir::lowbit {

/// Module attribute: `{inputs = [{name, type}, ...], outputs = [...]}`, where
/// `type` is the tensor type, formats included.
constexpr llvm::StringLiteral kInterfaceAttr = "lowbit.interface";
/// Module attribute: bytes of the arena that @main takes as last argument.
constexpr llvm::StringLiteral kWorkspaceSizeAttr = "lowbit.workspace_size";
/// Module attribute: `{prefix, name, profile, recipe, target}`, strings.
constexpr llvm::StringLiteral kIdentityAttr = "lowbit.identity";
/// Module attribute of programs with code for several processors: `{names = [...],
/// own_bytes = [...], shared_bytes}`.
constexpr llvm::StringLiteral kVariantsAttr = "lowbit.variants";
/// Alignment of the workspace and of everything in it.
constexpr int64_t kWorkspaceAlignment = 64;

struct TensorDescription {
  std::string name;
  /// One of the enumerators of lowbit_model.h.
  uint32_t elementType = 0;
  SmallVector<int64_t> dims;
  double scale = 1;
  int32_t zeroPoint = 0;
  bool isQuantized = false;

  int64_t getNumElements() const;
  /// Bytes of the dense array.
  int64_t getNumBytes() const;
};

struct ModelInterface {
  SmallVector<TensorDescription> inputs, outputs;
  int64_t workspaceSize = 0;
};

/// What the artefact says about itself beside its tensors.
struct ModelIdentity {
  std::string prefix, name, profile, recipe, target;
  /// "none", "openmp" or how many.
  std::string threads = "none";
};

/// What a program has code for, from the plainest to what is preferred most.
struct ModelVariants {
  SmallVector<std::string> names;
  /// Bytes of constants that only the code of each reads, and of those that several
  /// read.
  SmallVector<int64_t> ownBytes;
  int64_t sharedBytes = 0;

  int64_t getNumBytes() const;
};

/// "f32", "u8", ...; "unknown" for other values.
StringRef stringifyElementType(uint32_t elementType);

/// Describes one tensor of the interface; emits an error at `loc` where the C
/// interface has no words for its type.
FailureOr<TensorDescription> describeTensor(Location loc, StringRef name,
                                            Type type);

/// Reads kInterfaceAttr and, where present, kWorkspaceSizeAttr. Emits an error
/// and fails where the attribute is missing or malformed.
FailureOr<ModelInterface> readModelInterface(ModuleOp module);

/// Reads kIdentityAttr; emits an error where it is missing or malformed.
FailureOr<ModelIdentity> readModelIdentity(ModuleOp module);

/// Records `identity` in kIdentityAttr.
void setModelIdentity(ModuleOp module, const ModelIdentity &identity);

/// Reads kVariantsAttr; nothing for programs for one processor.
std::optional<ModelVariants> readModelVariants(ModuleOp module);

/// Records `variants` in kVariantsAttr.
void setModelVariants(ModuleOp module, const ModelVariants &variants);

/// Emits an error and fails unless `prefix` can start the names of symbols.
LogicalResult verifySymbolPrefix(ModuleOp module, StringRef prefix);

/// True if `name` followed by "_run" is an identifier of C.
bool isCIdentifier(StringRef name);

/// An identifier as like `name` as possible: "my-net" becomes "my_net".
std::string sanitizeToCIdentifier(StringRef name);

} // namespace mlir::lowbit

#endif // LOWBIT_ANALYSIS_MODELINTERFACE_H
