//===- ActivationQuantizer.cpp - Text of activation quantizers ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Transforms/ActivationQuantizer.h"

#include "lowbit/Support/Suggestion.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;
using llvm::ArrayRef;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;
using Kind = ActivationQuantizer::Kind;

/// In the order of the enumeration.
static constexpr StringRef names[] = {
    "affine",  "fixed-point",  "sign",           "xnor",
    "clip",    "hwgq",         "log2",           "shifted-signs",
    "dynamic", "dynamic-rows", "residual-signs", "alternating-signs"};

static llvm::Error fail(const Twine &message) {
  return llvm::createStringError(message);
}

/// A number that f32 holds, of at least `least`.
static bool parseNumber(StringRef text, double least, double &number) {
  constexpr double most = std::numeric_limits<float>::max();
  return !text.getAsDouble(number) && number >= least && number <= most;
}

Expected<ActivationQuantizer> lowbit::parseActivationQuantizer(StringRef text) {
  llvm::SmallVector<StringRef> words;
  text.split(words, ' ', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  StringRef name = words.empty() ? "" : words.front();
  const StringRef *known = llvm::find(names, name);
  if (known == std::end(names))
    return fail("there is no quantizer '" + name + "'" + suggest(name, names) +
                " (known: " + listQuoted(names) + ")");
  ArrayRef<StringRef> numbers = ArrayRef(words).drop_front();
  constexpr double leastScale = std::numeric_limits<float>::min();
  ActivationQuantizer quantizer;
  quantizer.kind = static_cast<Kind>(known - names);
  quantizer.text = llvm::join(words, " ");
  switch (quantizer.kind) {
  case Kind::Clip:
    if (numbers.size() > 1 ||
        (numbers.size() == 1 &&
         !parseNumber(numbers[0], leastScale, quantizer.bound)))
      return fail("expected one positive number at most after 'clip', but "
                  "found '" +
                  text + "'");
    return quantizer;
  case Kind::ShiftedSigns:
    for (StringRef word : numbers) {
      auto [shift, scale] = word.split('/');
      auto &[shiftNumber, scaleNumber] = quantizer.signs.emplace_back();
      constexpr double lowest = std::numeric_limits<float>::lowest();
      if (!parseNumber(shift, lowest, shiftNumber) ||
          !parseNumber(scale, leastScale, scaleNumber))
        return fail("expected a shift and a positive scale, as '0.5/1', but "
                    "found '" +
                    word + "'");
    }
    if (quantizer.signs.empty() || quantizer.signs.size() > 8)
      return fail("expected 1 to 8 pairs, as '0.5/1', after 'shifted-signs', "
                  "but found " +
                  Twine(quantizer.signs.size()));
    return quantizer;
  default:
    if (!numbers.empty())
      return fail("the quantizer '" + name + "' takes no numbers, but found '" +
                  text + "'");
    return quantizer;
  }
}
