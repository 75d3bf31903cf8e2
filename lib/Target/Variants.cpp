//===- Variants.cpp - Several processors in one program -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What a variant asks of a processor is all that its code may use, not only what our
// kernels do: LLVM is free to use the rest.

#include "lowbit/Target/Variants.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {
struct KnownVariant {
  llvm::Triple::ArchType arch;
  StringLiteral name, cpu, features;
};

/// A feature and the bit that shows it.
struct FeatureBit {
  StringLiteral name;
  unsigned word, bit;
};
} // namespace

static constexpr auto x86 = llvm::Triple::x86_64;
static constexpr auto arm = llvm::Triple::aarch64;
static constexpr auto riscv = llvm::Triple::riscv64;

/// In the order in which they are preferred, the last one most.
static constexpr KnownVariant knownVariants[] = {
    {x86, "v1", "x86-64", ""},
    {x86, "v2", "x86-64-v2", ""},
    {x86, "v3", "x86-64-v3", ""},
    {x86, "avxvnni", "x86-64-v3", "+avxvnni"},
    {x86, "vnniint8", "x86-64-v3", "+avxvnni,+avxvnniint8"},
    {x86, "v4", "x86-64-v4", ""},
    {x86, "vnni", "x86-64-v4", "+avx512vnni"},
    {arm, "neon", "generic", ""},
    {arm, "dotprod", "generic", "+dotprod"},
    {arm, "i8mm", "generic", "+dotprod,+i8mm"},
    {riscv, "base", "generic-rv64", "+m,+a,+f,+d,+c"},
    {riscv, "v", "generic-rv64", "+m,+a,+f,+d,+c,+v"},
};

/// The order of words is that of ProcessorWords::X86.
static constexpr FeatureBit x86Bits[] = {
    {"sse3", 0, 0},
    {"ssse3", 0, 9},
    {"fma", 0, 12},
    {"cx16", 0, 13},
    {"sse4.1", 0, 19},
    {"sse4.2", 0, 20},
    {"movbe", 0, 22},
    {"popcnt", 0, 23},
    {"xsave", 0, 26},
    {"avx", 0, 28},
    {"f16c", 0, 29},
    {"bmi", 1, 3},
    {"avx2", 1, 5},
    {"bmi2", 1, 8},
    {"avx512f", 1, 16},
    {"avx512dq", 1, 17},
    {"avx512cd", 1, 28},
    {"avx512bw", 1, 30},
    {"avx512vl", 1, 31},
    {"avx512vnni", 2, 11},
    {"avxvnni", 3, 4},
    {"avxvnniint8", 4, 4},
    {"sahf", 5, 0},
    {"lzcnt", 5, 5},
    // The system saves registers of 128, 256 and 512 bits.
    {"avx", 6, 1},
    {"avx", 6, 2},
    {"avx512f", 6, 5},
    {"avx512f", 6, 6},
    {"avx512f", 6, 7},
};
static constexpr FeatureBit armBits[] = {
    {"neon", 0, 1}, {"dotprod", 0, 20}, {"i8mm", 1, 13}};
static constexpr FeatureBit riscvBits[] = {
    {"m", 0, 'm' - 'a'}, {"a", 0, 0},         {"f", 0, 'f' - 'a'},
    {"d", 0, 'd' - 'a'}, {"c", 0, 'c' - 'a'}, {"v", 0, 'v' - 'a'}};

static ArrayRef<FeatureBit> getBits(llvm::Triple::ArchType arch) {
  if (arch == x86)
    return x86Bits;
  return arch == arm ? ArrayRef(armBits) : ArrayRef(riscvBits);
}

static Variant makeVariant(StringRef triple, const KnownVariant &known) {
  Variant variant;
  variant.name = known.name.str();
  variant.target.triple = triple.str();
  variant.target.cpu = known.cpu.str();
  variant.target.features = known.features.str();
  ArrayRef<FeatureBit> bits = getBits(known.arch);
  SmallVector<StringRef> names;
  for (const FeatureBit &bit : bits)
    if (!llvm::is_contained(names, bit.name))
      names.push_back(bit.name);
  SmallVector<StringRef> present = getVectorFeatures(variant.target, names);
  for (const FeatureBit &bit : bits) {
    variant.required.resize(
        std::max<size_t>(variant.required.size(), bit.word + 1), 0);
    if (llvm::is_contained(present, bit.name))
      variant.required[bit.word] |= uint32_t(1) << bit.bit;
  }
  return variant;
}

llvm::Expected<SmallVector<Variant>>
lowbit::parseVariants(StringRef triple, ArrayRef<std::string> names) {
  auto fail = [&](const Twine &message) {
    return llvm::createStringError(message);
  };
  // "aarch64-linux-gnu" leaves out the vendor.
  llvm::Triple parsed(llvm::Triple::normalize(triple));
  SmallVector<StringRef> known;
  for (const KnownVariant &variant : knownVariants)
    if (variant.arch == parsed.getArch() &&
        (variant.arch == x86 || parsed.isOSLinux()))
      known.push_back(variant.name);
  if (known.empty())
    return fail(
        "there are no variants for '" + triple +
        "': they are for x86-64, and for AArch64 and RISC-V with Linux, "
        "which says what the processor has");
  for (auto [i, name] : llvm::enumerate(names)) {
    if (!llvm::is_contained(known, name))
      return fail("'" + name + "' is no variant for '" + triple +
                  "'; there are " + llvm::join(known, ", "));
    if (llvm::is_contained(names.take_front(i), name))
      return fail("the variant '" + name + "' is given twice");
  }
  SmallVector<Variant> variants;
  for (const KnownVariant &variant : knownVariants)
    if (variant.arch == parsed.getArch() &&
        llvm::is_contained(names, variant.name))
      variants.push_back(makeVariant(triple, variant));
  return variants;
}

TargetOptions lowbit::getCommonTarget(StringRef triple) {
  for (const KnownVariant &known : knownVariants)
    if (known.arch == llvm::Triple(triple).getArch())
      return makeVariant(triple, known).target;
  return {};
}
