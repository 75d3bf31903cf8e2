//===- posit.cpp - A number format in one file ----------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// !posit.p5<scale>: posits of 5 bits with one bit of exponent, times a scale. Codes
// are the bits as a signed integer, which has the order of the numbers:
//
//   code     0    1    2    3    4     5     6     7    8    9   10  11  12  13  14  15
//   number   0  1/64 1/16  1/8  1/4   3/8   1/2   3/4   1   3/2   2   3   4   8  16  64
//
// and -c stands for the negative of what c stands for. The remaining pattern, -16,
// is "not a real" and no code here. In units of 1/64 all of them are integers.
//
//===----------------------------------------------------------------------===//

#include "lowbit/Formats/Format.h"

#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "llvm/Support/Compiler.h"

using namespace mlir;

namespace posit {

/// What makes two of the types the same: the scale.
struct P5Storage : TypeStorage {
  using KeyTy = FloatAttr;
  explicit P5Storage(FloatAttr scale) : scale(scale) {}
  bool operator==(const KeyTy &key) const { return key == scale; }
  static P5Storage *construct(TypeStorageAllocator &allocator,
                              const KeyTy &key) {
    return new (allocator.allocate<P5Storage>()) P5Storage(key);
  }
  FloatAttr scale;
};

class P5Type
    : public Type::TypeBase<P5Type, Type, P5Storage, lowbit::Format::Trait> {
public:
  using Base::Base;
  static constexpr StringLiteral name = "posit.p5";

  // What Lowbit asks of every format.
  unsigned getStorageWidth() const { return 5; }
  bool hasSignedStorage() const { return true; }
  std::pair<int64_t, int64_t> getCodeRange() const { return {-15, 15}; }
  int64_t getStep(int64_t code, unsigned) const {
    return code < 0 ? -getMagnitude(-code) : getMagnitude(code);
  }
  double getScale(unsigned, int64_t) const {
    return getScaleAttr().getValueAsDouble() / 64;
  }

  FloatAttr getScaleAttr() const { return getImpl()->scale; }

private:
  /// The number of a code from 0 on, in units of 1/64.
  static int64_t getMagnitude(int64_t code) {
    if (code == 0)
      return 0;
    // Below the sign, a run of equal bits: n ones for 4^(n-1), n zeros for 4^-n.
    // What ends it is no part of the number.
    bool ones = code & 8;
    int run = 1;
    while (run < 4 && bool(code >> (3 - run) & 1) == ones)
      ++run;
    int left = std::max(3 - run, 0); // bits of exponent and fraction
    int64_t rest = code & ((1 << left) - 1);
    // The first of them doubles the number, the next adds a half.
    int exponent = 2 * (ones ? run - 1 : -run);
    int64_t fraction = 0;
    if (left > 0)
      exponent += rest >> (left - 1);
    if (left > 1)
      fraction = rest & 1;
    int64_t power = int64_t(1) << (6 + exponent);
    return power + fraction * power / 2;
  }
};

class PositDialect : public Dialect {
public:
  explicit PositDialect(MLIRContext *context)
      : Dialect(getDialectNamespace(), context, TypeID::get<PositDialect>()) {
    addTypes<P5Type>();
  }
  static constexpr StringLiteral getDialectNamespace() { return "posit"; }

  Type parseType(DialectAsmParser &parser) const override {
    StringRef keyword;
    double scale;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&keyword))
      return Type();
    if (keyword != "p5") {
      parser.emitError(loc, "expected the type 'p5'");
      return Type();
    }
    if (parser.parseLess() || parser.parseFloat(scale) || parser.parseGreater())
      return Type();
    // Every number is a normal one then.
    if (!(scale >= 0x1p-119 && scale <= 0x1p119)) {
      parser.emitError(loc, "expected a scale from 2^-119 to 2^119");
      return Type();
    }
    return P5Type::get(getContext(),
                       Builder(getContext()).getF32FloatAttr(scale));
  }

  void printType(Type type, DialectAsmPrinter &printer) const override {
    printer << "p5<";
    printer.printFloat(cast<P5Type>(type).getScaleAttr().getValue());
    printer << '>';
  }
};

} // namespace posit

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "posit", "1.0",
          [](DialectRegistry *registry) {
            registry->insert<posit::PositDialect>();
          }};
}
