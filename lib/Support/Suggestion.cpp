//===- Suggestion.cpp - What the user may have meant ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/Suggestion.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using llvm::ArrayRef;
using llvm::StringRef;

std::string lowbit::suggest(StringRef word, ArrayRef<StringRef> known) {
  // One edit in three characters still looks alike; in a short word, one, or
  // two neighbours that changed places.
  unsigned best =
      (word.size() < 4 ? 1 : std::max<size_t>(2, word.size() / 3)) + 1;
  StringRef nearest;
  for (StringRef candidate : known) {
    unsigned distance = word.edit_distance_insensitive(candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? "" : ("; did you mean '" + nearest + "'?").str();
}

std::string lowbit::listQuoted(ArrayRef<StringRef> words) {
  constexpr size_t most = 8;
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(words.take_front(most), stream, [&](StringRef word) {
    stream << '\'' << word << '\'';
  });
  if (words.size() > most)
    stream << " and " << words.size() - most << " more";
  return text;
}
