//===- Json.cpp - JSON of bounded depth -----------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/Json.h"

#include "llvm/ADT/Twine.h"

using namespace mlir;

/// True if brackets outside of strings are open more than `mostDepth` times at once.
static bool isDeeper(llvm::StringRef text, unsigned mostDepth) {
  unsigned depth = 0;
  bool isInString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"')
      isInString = !isInString;
    else if (isInString && c == '\\')
      ++i; // What follows does not end the string.
    else if (!isInString && (c == '[' || c == '{') && ++depth > mostDepth)
      return true;
    else if (!isInString && (c == ']' || c == '}') && depth > 0)
      --depth;
  }
  return false;
}

llvm::Expected<llvm::json::Value> lowbit::parseJson(llvm::StringRef text,
                                                    unsigned mostDepth) {
  if (isDeeper(text, mostDepth))
    return llvm::createStringError("arrays and objects lie more than " +
                                   llvm::Twine(mostDepth) +
                                   " deep in each other");
  return llvm::json::parse(text);
}
