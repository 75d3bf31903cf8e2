//===- Profile.h - Whose arithmetic changes of scale follow -----*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_PROFILE_H
#define LOWBIT_TRANSFORMS_PROFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace mlir::lowbit {

/// A numerics profile: whose results an integer program has, to the bit.
enum class Profile {
  Tosa,         ///< TOSA 1.0: one rounding of a fixed-point product.
  TfliteSingle, ///< TFLite's reference kernels, built with single rounding.
  TfliteDouble, ///< TFLite's reference kernels as they are by default.
  Onnx,         ///< The ONNX reference evaluator: factors are real numbers.
};

/// "tosa", "tflite-single", ... in the order of the enumeration.
llvm::ArrayRef<llvm::StringRef> getProfileNames();

llvm::StringRef stringifyProfile(Profile profile);

/// The profile called `name`. The error lists the known ones.
llvm::Expected<Profile> parseProfile(llvm::StringRef name);

} // namespace mlir::lowbit

#endif // LOWBIT_TRANSFORMS_PROFILE_H
