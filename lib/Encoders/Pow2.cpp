//===- Pow2.cpp - Encoders for powers of two ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The greatest power of two is the scale, so that exponents go up to 0 in every
// channel.

#include "Families.h"
#include "PlanesFormat.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// The exponent of the power of two that is nearest to `magnitude`, not 0: as a
/// number, from 1.5 on, or as a logarithm, from the root of 2 on.
static int getNearestExponent(double magnitude, bool isLogarithmic) {
  int exponent;
  double mantissa = 2 * std::frexp(magnitude, &exponent);
  return exponent - 1 + (mantissa >= (isLogarithmic ? M_SQRT2 : 1.5));
}

/// The field of `number` over a scale: 0 or a power of two from 2^low to 1, times
/// 2^-drop. Below half the least, or nearer to 0 as a logarithm, it is 0.
static int64_t encodeField(double number, unsigned width, int low, int drop,
                           bool isLogarithmic) {
  double magnitude = std::ldexp(std::abs(number), drop);
  if (magnitude == 0 || !(magnitude >= std::ldexp(1.0, low - 1)))
    return 0;
  int exponent = getNearestExponent(magnitude, isLogarithmic);
  // Between half the least and it, a number is nearer to it than to 0.
  if (isLogarithmic && exponent < low)
    return 0;
  exponent = std::min(std::max(exponent, low), 0);
  int64_t sign = number < 0 ? int64_t(1) << (width - 1) : 0;
  return sign | (exponent - low + 1);
}

namespace {

enum class Pow2Method { Inq, Log, Shift };

class Pow2Encoder final : public WeightEncoder {
public:
  Pow2Encoder(EncoderInfo info, Pow2Method method)
      : WeightEncoder(std::move(info)), method(method) {}

private:
  /// The number that exponent 0 stands for.
  double findScale(double most, bool isLogarithmic) const {
    if (most == 0)
      return 1;
    switch (method) {
    case Pow2Method::Inq:
      return std::ldexp(1.0, getNearestExponent(most, false));
    case Pow2Method::Log:
      return std::ldexp(1.0, getNearestExponent(most, isLogarithmic));
    case Pow2Method::Shift:
      return most;
    }
    llvm_unreachable("not a method");
  }

  llvm::Expected<EncodedWeights>
  encodeChecked(MLIRContext *context, const Weights &weights,
                const EncoderOptions &options) const override {
    auto bits = static_cast<unsigned>(options.getInteger("bits"));
    bool isShift = method == Pow2Method::Shift;
    unsigned fields =
        isShift ? static_cast<unsigned>(options.getInteger("terms")) : 1;
    unsigned drop = isShift ? 1 : 0;
    // INQ's set is half as large as the bits allow.
    int exponents =
        method == Pow2Method::Inq ? 1 << (bits - 2) : (1 << (bits - 1)) - 1;
    int low = 1 - exponents;
    // What the format holds: the greatest power is 2^29 times the least.
    if (-low + int(drop * (fields - 1)) > 29 || bits * fields > 16)
      return makeError(llvm::Twine(fields) + " fields of " + llvm::Twine(bits) +
                       " bits are more than powers of two fill; use fewer");
    bool isLogarithmic =
        method == Pow2Method::Log && options.getChoice("midpoint") == "log";
    int least = low - int(drop * (fields - 1));
    Slices slices(weights, options);
    SmallVector<float> scales;
    auto codes = slices.encode([&](int64_t, const Slice &slice) {
      float scale =
          toUsableScale(findScale(slice.getMost(), isLogarithmic), least);
      scales.push_back(scale);
      SmallVector<int64_t, 0> codes;
      for (double value : slice.values) {
        double rest = value / double(scale);
        int64_t code = 0;
        for (unsigned field = 0; field < fields; ++field) {
          int64_t bitsOfField =
              encodeField(rest, bits, low, int(drop * field), isLogarithmic);
          code |= bitsOfField << (field * bits);
          rest -= decodeField(bitsOfField, bits, low, int(drop * field));
        }
        codes.push_back(code);
      }
      return codes;
    });
    return makePow2(context, weights, slices, bits, fields, drop, low, scales,
                    std::move(codes));
  }

  static double decodeField(int64_t field, unsigned width, int low, int drop) {
    int64_t sign = int64_t(1) << (width - 1), magnitude = field & (sign - 1);
    if (magnitude == 0)
      return 0;
    double power = std::ldexp(1.0, low + int(magnitude) - 1 - drop);
    return field & sign ? -power : power;
  }

  Pow2Method method;
};

} // namespace

void lowbit::addPow2Encoders(EncoderList &encoders) {
  auto add = [&](StringRef name, StringRef description, StringRef citation,
                 Pow2Method method, std::vector<EncoderOption> options) {
    encoders.push_back(std::make_unique<Pow2Encoder>(
        EncoderInfo{name, description, citation, EncoderNeeds::Weights,
                    std::move(options)},
        method));
  };
  EncoderOption ofTensor = perOption(/*channelFirst=*/false);
  add("inq", "0 and the nearest power of two", "Zhou 2017", Pow2Method::Inq,
      {integerOption("bits", "5", 2, 6, "bits of a code"), ofTensor});
  add("log", "0 and the power of two of nearest logarithm", "Miyashita 2016",
      Pow2Method::Log,
      {integerOption("bits", "4", 2, 5, "bits of a code"), ofTensor,
       choiceOption("midpoint", {"log", "linear"},
                    "where the next power of two begins")});
  add("shiftcnn", "sums of powers of two, one after the other",
      "Gudovskiy 2017", Pow2Method::Shift,
      {integerOption("bits", "4", 2, 5, "bits of a term"),
       integerOption("terms", "2", 1, 4, "powers of two that are added"),
       ofTensor});
}
