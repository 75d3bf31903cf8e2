//===- Profile.cpp - Whose arithmetic changes of scale follow -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Transforms/Profile.h"

#include "lowbit/Support/Suggestion.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::lowbit;
using llvm::StringRef;

llvm::ArrayRef<StringRef> lowbit::getProfileNames() {
  static constexpr StringRef names[] = {"tosa", "tflite-single",
                                        "tflite-double", "onnx"};
  return names;
}

StringRef lowbit::stringifyProfile(Profile profile) {
  return getProfileNames()[static_cast<int>(profile)];
}

llvm::Expected<Profile> lowbit::parseProfile(StringRef name) {
  llvm::ArrayRef<StringRef> names = getProfileNames();
  const StringRef *found = llvm::find(names, name);
  if (found != names.end())
    return static_cast<Profile>(found - names.begin());
  return llvm::createStringError("there is no profile '" + name + "'" +
                                 suggest(name, names) +
                                 " (known: " + listQuoted(names) + ")");
}
