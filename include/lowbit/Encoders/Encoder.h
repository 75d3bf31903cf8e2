//===- Encoder.h - From float weights to codes ------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A weight encoder chooses a number format for the weights of a layer, with its
// scales or its codebook, and a code for each weight. Each published method is a
// class that is registered by name. Results depend on the arguments only.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ENCODERS_ENCODER_H
#define LOWBIT_ENCODERS_ENCODER_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/LLVM.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mlir::lowbit {

//===----------------------------------------------------------------------===//
// What goes in
//===----------------------------------------------------------------------===//

/// The weights of a layer, and what is known of their use.
///
/// The *inputs* of a layer are numbered as the weights of one output channel
/// lie: without the channel axis, the last dimension first to change.
struct Weights {
  ArrayRef<float> values;
  ArrayRef<int64_t> shape;
  /// The dimension of output channels, where there is one.
  std::optional<int64_t> axis = std::nullopt;
  /// How much a squared error of each weight costs: the diagonal of the Hessian,
  /// or what stands for it. Not negative; empty if it is not known.
  ArrayRef<double> curvature = {};
  /// Calibration samples: a row of all inputs for each. Empty if not known.
  ArrayRef<float> activations = {};
  /// The mean product of each two inputs: a square, row by row. Empty if not
  /// known; an encoder that needs it takes it from activations then.
  ArrayRef<double> secondMoments = {};

  /// The number of inputs of an output channel.
  int64_t getNumInputs() const {
    int64_t count = values.size();
    return axis && shape[*axis] > 0 ? count / shape[*axis] : count;
  }
};

/// What an encoder cannot do without.
enum class EncoderNeeds {
  Weights,       ///< Nothing else.
  Curvature,     ///< Weights::curvature.
  Activations,   ///< Weights::activations.
  SecondMoments, ///< Weights::secondMoments, or activations.
};

//===----------------------------------------------------------------------===//
// What comes out
//===----------------------------------------------------------------------===//

/// A tensor beside the codes: f32 numbers, or i32.
struct EncodedParameter {
  SmallVector<int64_t> shape;
  SmallVector<float> numbers;
  SmallVector<int32_t> integers;
};

/// The operands of lowbit.constant and lowbit.decode.
struct EncodedWeights {
  /// A lowbit::Format.
  Type format;
  /// That of the weights, but for vectors of a codebook.
  SmallVector<int64_t> codeShape;
  SmallVector<int64_t> codes;
  SmallVector<EncodedParameter> parameters;
};

/// The weights of `shape` that `encoded` stands for, as lowbit.decode computes
/// them.
std::vector<float> decodeWeights(const EncodedWeights &encoded,
                                 ArrayRef<int64_t> shape);

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

/// An option that an encoder has.
struct EncoderOption {
  enum class Kind { Integer, Number, Choice };
  StringRef name;
  Kind kind;
  StringRef fallback;
  StringRef description;
  /// The least and the most, of numbers.
  double least = 0, most = 0;
  std::vector<StringRef> choices = {};
};

/// What a user says: the texts of options by name.
using EncoderArguments = std::map<std::string, std::string>;

class WeightEncoder;

/// The options of one encoder, each of which has a value.
class EncoderOptions {
public:
  /// An error for an argument that `encoder` has no option for, or that is none
  /// of its values.
  static llvm::Expected<EncoderOptions>
  parse(const WeightEncoder &encoder, const EncoderArguments &arguments);

  bool has(StringRef name) const { return values.count(name.str()); }
  int64_t getInteger(StringRef name) const;
  double getNumber(StringRef name) const;
  StringRef getChoice(StringRef name) const;

private:
  std::map<std::string, std::string> values;
};

//===----------------------------------------------------------------------===//
// Encoders
//===----------------------------------------------------------------------===//

/// What there is to say about an encoder.
struct EncoderInfo {
  StringRef name;
  /// One line.
  StringRef description;
  /// Whose method it is.
  StringRef citation;
  EncoderNeeds needs;
  std::vector<EncoderOption> options;
};

class WeightEncoder {
public:
  explicit WeightEncoder(EncoderInfo info) : info(std::move(info)) {}
  virtual ~WeightEncoder();

  const EncoderInfo &getInfo() const { return info; }

  /// Encodes `weights`. An error if they are not finite, if sizes do not fit, or
  /// if something is missing that the encoder needs. `options` are those of this
  /// encoder.
  llvm::Expected<EncodedWeights> encode(MLIRContext *context,
                                        const Weights &weights,
                                        const EncoderOptions &options) const;

protected:
  /// What encode does once its arguments are known to be good.
  virtual llvm::Expected<EncodedWeights>
  encodeChecked(MLIRContext *context, const Weights &weights,
                const EncoderOptions &options) const = 0;

  llvm::Error makeError(const llvm::Twine &message) const;

private:
  EncoderInfo info;
};

/// All encoders, sorted by name.
ArrayRef<const WeightEncoder *> getWeightEncoders();

/// The encoder `name`, or an error that suggests another.
llvm::Expected<const WeightEncoder *> findWeightEncoder(StringRef name);

/// Writes a list of all encoders for people.
void printWeightEncoders(llvm::raw_ostream &os);

} // namespace mlir::lowbit

#endif // LOWBIT_ENCODERS_ENCODER_H
