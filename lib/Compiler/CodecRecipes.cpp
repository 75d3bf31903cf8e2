//===- CodecRecipes.cpp - The codecs by name ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A codec of the literature is a row: what it is in terms of #lowbit.codec, and which
// of that its users may choose. Everything else is in the operations.

#include "lowbit/Compiler/Codec.h"
#include "lowbit/Support/Suggestion.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// What a codec is made of, before its size is known.
struct Settings {
  CodecKind kind = CodecKind::Levels;
  CodecScale scale = CodecScale::Max;
  CodecGrid grid = CodecGrid::MidTread;
  int64_t bucket = 0, levels = 1, samples = 1, ranks = 1;
  /// For levels of 2^bits - 1; 0 where they are chosen themselves.
  int64_t bits = 0;
  /// WAGE's rate, a power of two that levels follow from; 0 elsewhere.
  int64_t rate = 0;
  bool elias = false, feedback = false, optimal = false;
  double clip = 0, momentum = 0;
  /// Of the largest numbers: how many, or their share of all.
  int64_t count = 0;
  double ratio = 0;
};

struct CodecRecipe {
  StringLiteral name, summary, citation;
  Settings settings;
  /// The keys that may be given, in the order in which they are listed.
  SmallVector<StringRef, 6> keys;
};

} // namespace

static ArrayRef<CodecRecipe> getCodecRecipes() {
  static const CodecRecipe recipes[] = {
      {"onebit",
       "1-bit SGD: signs, the means of both sides, and error feedback",
       "Seide et al., Interspeech 2014",
       {.kind = CodecKind::Signs, .bucket = 1024, .feedback = true},
       {"bucket", "feedback"}},
      {"qsgd",
       "QSGD: levels of the norm of a bucket at random; on request in Elias's "
       "code",
       "Alistarh et al., NIPS 2017",
       {.scale = CodecScale::Norm, .bucket = 512, .levels = 7},
       {"levels", "bucket", "elias", "feedback", "ranks"}},
      {"terngrad",
       "TernGrad: -1, 0 or 1 times the clipped maximum, at random",
       "Wen et al., NIPS 2017",
       {.scale = CodecScale::Clipped, .clip = 2.5},
       {"clip", "bucket", "feedback", "ranks"}},
      {"dorefa",
       "DoReFa-Net's gradients: 2^bits levels from -max to max, at random",
       "Zhou et al., arXiv:1606.06160",
       {.grid = CodecGrid::MidRise, .bits = 4},
       {"bits", "bucket", "feedback", "ranks"}},
      {"zipml",
       "ZipML's double sampling: two independent codes of each number",
       "Zhang et al., ICML 2017",
       {.levels = 7, .samples = 2},
       {"levels", "optimal", "bucket", "ranks"}},
      {"wage",
       "WAGE's gradients: multiples of a power of two, at random",
       "Wu et al., ICLR 2018",
       {.scale = CodecScale::Shift, .rate = 8},
       {"rate", "bucket", "elias", "feedback", "ranks"}},
      {"topk",
       "The largest numbers; the others wait for the next gradient",
       "Aji and Heafield, EMNLP 2017",
       {.kind = CodecKind::Largest, .feedback = true, .ratio = 0.01},
       {"ratio", "count"}},
      {"dgc",
       "Deep gradient compression: the largest numbers, with momentum",
       "Lin et al., ICLR 2018",
       {.kind = CodecKind::Largest,
        .feedback = true,
        .momentum = 0.9,
        .ratio = 0.001},
       {"ratio", "count", "momentum"}},
  };
  return recipes;
}

/// The setting `key` that is on or off, or null.
template <typename SettingsT>
static auto getSwitch(SettingsT &settings, StringRef key) {
  return llvm::StringSwitch<decltype(&settings.elias)>(key)
      .Case("elias", &settings.elias)
      .Case("feedback", &settings.feedback)
      .Case("optimal", &settings.optimal)
      .Default(nullptr);
}

/// The setting `key` as text.
static std::string printSetting(const Settings &settings, StringRef key) {
  auto real = [](double value) {
    std::string text;
    llvm::raw_string_ostream(text) << llvm::format("%g", value);
    return text;
  };
  if (key == "bucket")
    return std::to_string(settings.bucket);
  if (key == "levels")
    return std::to_string(settings.levels);
  if (key == "bits")
    return std::to_string(settings.bits);
  if (key == "ranks")
    return std::to_string(settings.ranks);
  if (key == "count")
    return settings.count ? std::to_string(settings.count) : "by ratio";
  if (key == "rate")
    return std::to_string(settings.rate);
  if (const bool *target = getSwitch(settings, key))
    return *target ? "on" : "off";
  if (key == "clip")
    return real(settings.clip);
  if (key == "momentum")
    return real(settings.momentum);
  return real(settings.ratio);
}

void lowbit::printCodecs(llvm::raw_ostream &os) {
  for (const CodecRecipe &recipe : getCodecRecipes()) {
    os << llvm::formatv("{0,-10}{1} ({2})\n", recipe.name, recipe.summary,
                        recipe.citation);
    os.indent(10);
    llvm::interleave(
        recipe.keys, os,
        [&](StringRef key) {
          os << key << "=" << printSetting(recipe.settings, key);
        },
        ", ");
    os << "\n";
  }
}

static llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// Sets `key` of the codec `name`.
static llvm::Error set(Settings &settings, StringRef name, StringRef key,
                       StringRef value) {
  auto fail = [&](StringRef expected) {
    return makeError("codec '" + name + "' expects '" + key + "' to be " +
                     expected + ", but got '" + value + "'");
  };
  auto setInteger = [&](int64_t &target, int64_t low, int64_t high,
                        StringRef expected) -> llvm::Error {
    if (value.getAsInteger(10, target) || target < low || target > high)
      return fail(expected);
    return llvm::Error::success();
  };
  auto setReal = [&](double &target, auto isValid,
                     StringRef expected) -> llvm::Error {
    if (value.getAsDouble(target) || !std::isfinite(target) || !isValid(target))
      return fail(expected);
    return llvm::Error::success();
  };
  if (bool *target = getSwitch(settings, key)) {
    if (value != "on" && value != "off")
      return fail("on or off");
    *target = value == "on";
    return llvm::Error::success();
  }
  if (key == "bucket")
    return setInteger(settings.bucket, 0, INT32_MAX,
                      "from 1 to 2147483647, or 0 for one bucket");
  if (key == "rate") {
    if (value.getAsInteger(10, settings.rate) || settings.rate > 16384 ||
        !llvm::isPowerOf2_64(settings.rate))
      return fail("a power of two from 1 to 16384");
    return llvm::Error::success();
  }
  if (key == "levels")
    return setInteger(settings.levels, 1, 32767, "from 1 to 32767");
  if (key == "bits")
    return setInteger(settings.bits, 1, 14, "from 1 to 14");
  if (key == "ranks")
    return setInteger(settings.ranks, 1, 65535, "from 1 to 65535");
  if (key == "count") {
    settings.ratio = 0;
    return setInteger(settings.count, 1, INT32_MAX, "from 1 to 2147483647");
  }
  if (key == "clip")
    return setReal(settings.clip, [](double x) { return x > 0; }, "above 0");
  if (key == "momentum")
    return setReal(
        settings.momentum, [](double x) { return x >= 0 && x < 1; },
        "from 0 to below 1");
  settings.count = 0;
  return setReal(
      settings.ratio, [](double x) { return x > 0 && x <= 1; },
      "above 0 and at most 1");
}

/// Reads `key=value,...`.
static llvm::Error parseArguments(StringRef arguments,
                                  const CodecRecipe &recipe,
                                  Settings &settings) {
  SmallVector<StringRef> given, parts;
  arguments.split(parts, ',');
  for (StringRef part : parts) {
    auto [key, value] = part.split('=');
    if (!llvm::is_contained(recipe.keys, key))
      return makeError("codec '" + recipe.name + "' has no argument '" + key +
                       "'" + suggest(key, recipe.keys) +
                       "; it has key=value of " + listQuoted(recipe.keys));
    if (llvm::is_contained(given, key))
      return makeError("codec '" + recipe.name + "' got '" + key + "' twice");
    given.push_back(key);
    if (llvm::Error error = set(settings, recipe.name, key, value))
      return error;
  }
  if (llvm::is_contained(given, "ratio") && llvm::is_contained(given, "count"))
    return makeError("codec '" + recipe.name +
                     "' expects 'ratio' or 'count', but got both");
  return llvm::Error::success();
}

/// Completes `settings` for gradients of `size`; fails where they do not go
/// together.
static llvm::Error complete(Settings &settings, StringRef name, int64_t size) {
  if (settings.elias && settings.ranks > 1)
    return makeError("codec '" + name +
                     "' cannot add up gradients of several 'ranks' in Elias's "
                     "code; leave out 'elias'");
  if (settings.feedback && settings.ranks > 1)
    return makeError("codec '" + name +
                     "' cannot keep what it does not send with a step that "
                     "'ranks' share; leave out 'feedback'");
  if (settings.optimal && settings.ranks > 1)
    return makeError("codec '" + name +
                     "' cannot add up codes of points that each gradient has "
                     "of its own; leave out 'optimal' or 'ranks'");
  if (settings.optimal && settings.levels > 15)
    return makeError(
        "codec '" + name +
        "' finds optimal points for at most 15 'levels', but got " +
        llvm::Twine(settings.levels));
  if (settings.optimal)
    settings.grid = CodecGrid::Optimal;
  // The largest number may be sqrt(2) times the scale.
  if (settings.rate)
    settings.levels = static_cast<int64_t>(
        std::ceil(std::sqrt(2.0) * static_cast<double>(settings.rate)));
  if (settings.bits)
    settings.levels = (int64_t(1) << settings.bits) - 1;
  int64_t sum = (settings.grid == CodecGrid::MidRise ? 1 : 2) *
                settings.levels * settings.ranks;
  if (settings.kind == CodecKind::Levels && sum > 65535)
    return makeError("codec '" + name + "' adds up codes to " +
                     llvm::Twine(sum) +
                     ", but fields hold 65535; take fewer levels or ranks");
  if (settings.ratio > 0)
    settings.count =
        std::max<int64_t>(1, static_cast<int64_t>(std::ceil(
                                 settings.ratio * static_cast<double>(size))));
  if (settings.count > size)
    return makeError("codec '" + name + "' sends " +
                     llvm::Twine(settings.count) +
                     " numbers, but the gradient has " + llvm::Twine(size));
  return llvm::Error::success();
}

llvm::Expected<CodecProgram> lowbit::parseCodec(MLIRContext &context,
                                                StringRef text, int64_t size) {
  StringRef name, arguments;
  std::tie(name, arguments) = text.split(':');
  ArrayRef<CodecRecipe> recipes = getCodecRecipes();
  const CodecRecipe *recipe = llvm::find_if(
      recipes, [&](const CodecRecipe &known) { return known.name == name; });
  if (recipe == recipes.end()) {
    SmallVector<StringRef> known;
    for (const CodecRecipe &recipe : recipes)
      known.push_back(recipe.name);
    return makeError("there is no codec '" + name + "'" + suggest(name, known) +
                     "; there are " + listQuoted(known));
  }
  if (size < 1 || size > INT32_MAX)
    return makeError("--codec needs --size=N, the numbers of a gradient: 1 to "
                     "2147483647");
  Settings settings = recipe->settings;
  if (text.contains(':'))
    if (llvm::Error error = parseArguments(arguments, *recipe, settings))
      return error;
  if (llvm::Error error = complete(settings, name, size))
    return error;

  context.loadDialect<LowbitDialect>();
  auto real = [&](double value) {
    return value > 0 ? FloatAttr::get(Float64Type::get(&context), value)
                     : FloatAttr();
  };
  CodecProgram program;
  program.codec = CodecAttr::get(
      &context, settings.kind, settings.bucket, settings.scale, settings.levels,
      settings.grid, settings.samples,
      settings.elias ? CodecCoding::EliasGamma : CodecCoding::Fields,
      settings.ranks, real(settings.clip), real(settings.momentum),
      settings.count);
  if (settings.elias && !llvm::isUInt<32>(size * program.codec.getStreamBits()))
    return makeError("codec '" + name +
                     "' may take 2^32 bits or more for so many numbers in "
                     "Elias's code; leave out 'elias', or send them in parts");
  program.size = size;
  program.hasState = settings.feedback;
  program.text = text;
  program.citation = recipe->citation;
  return program;
}
