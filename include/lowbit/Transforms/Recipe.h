//===- Recipe.h - Which values get which format -----------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A quantization method is a recipe, a YAML file:
//
//   name: int8                    # required
//   description: what it is for
//   citation: Li 2016             # whose method it is
//   argument: weights.encoder.bits  # what 5 sets in --recipe=name:5
//   profile: tosa                 # or tflite-single, tflite-double, onnx
//   formats: calibrated           # or imported: only those that the model has
//   seed: 0                       # of rounding: stochastic; below 2^32
//   activations:
//     storage: u8                 # u2 to u8, i2 to i8
//     range: min-max              # or percentile, moving-average, mse, kl,
//                                 # mixed
//     percentile: 99.99           # of range percentile
//     quantizer: affine           # or another of ActivationQuantizer.h
//   weights:
//     storage: i8                 # i2 to i8
//     narrow-range: true          # -127 to 127
//     per-channel: true
//     rounding: nearest           # or balanced: errors cancel in each kernel,
//                                 # or stochastic: right on average
//     on-disk: automatic          # or words, packed, sparse, huffman,
//                                 # sparse-huffman, smallest
//     encoder: none               # or a name, or {name: twn, factor: 0.6}
//   heads: {storage: i16}         # i8, i16
//   softmax: {storage: u16}       # u8, u16
//   detect-formats: false         # weights that lie on a grid keep its codes
//   absorb-high-bias: false       # move constant parts into the next layer
//   equalize: false               # even out the channels between layers
//   correct-bias: false           # take the mean error of weights out of it
//   rules:                        # the last that matches and says it, wins
//     - layer: "stem*"            # a glob of layer names; all without it
//       op: conv2d                # a kind of operation; all without it
//       position: first           # or last: of the layers with weights
//       shape: "*x3x3x*"          # a glob of the weights' dimensions
//       quantize: false           # or anything from activations on
//
// Where recipes are named, an argument and other overrides of entries may follow:
// "inq:4", "inq:activations.storage=u4,weights.encoder.bits=4".
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_RECIPE_H
#define LOWBIT_TRANSFORMS_RECIPE_H

#include "lowbit/Encoders/Encoder.h"
#include "lowbit/Transforms/ActivationQuantizer.h"
#include "lowbit/Transforms/Profile.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mlir::lowbit {

/// An integer type of codes.
struct CodeStorage {
  bool isSigned;
  unsigned width;
};

/// How the range of an activation follows from its statistics.
enum class RangeMethod {
  MinMax,        ///< The extremes.
  Percentile,    ///< What is left when outliers are cut off on both sides.
  MovingAverage, ///< The moving averages of each sample's extremes.
  LeastSquares,  ///< "mse": the least squared error over the histogram.
  Divergence,    ///< "kl": the least divergence of the coded distribution.
  Mixed,         ///< Of getMixedRanges, what calibration measured as the best.
};

/// The candidates of RangeMethod::Mixed, in the order of measured errors.
llvm::ArrayRef<RangeMethod> getMixedRanges();

/// "min-max", "percentile", ... in the order of the enumeration.
llvm::ArrayRef<llvm::StringRef> getRangeMethodNames();

struct ActivationOptions {
  std::optional<CodeStorage> storage;
  std::optional<RangeMethod> range;
  std::optional<double> percentile;
  std::optional<ActivationQuantizer> quantizer;
};

/// How weights become codes.
enum class WeightRounding {
  Nearest,    ///< Each becomes its nearest code.
  Balanced,   ///< So that the errors cancel: see -lowbit-encode.
  Stochastic, ///< Each becomes one of its neighbours, by random words.
};

/// "nearest", "balanced", "stochastic" in the order of the enumeration.
llvm::ArrayRef<llvm::StringRef> getWeightRoundingNames();

/// How codes lie on disk; see StorageAttr.
enum class OnDisk {
  Automatic, ///< Packed where words of many weights take more bits than numbers.
  Words,     ///< As they are in memory.
  Packed,
  Sparse,
  Huffman,
  SparseHuffman,
  Smallest,
};

/// "automatic", "words", "packed", ... in the order of the enumeration.
llvm::ArrayRef<llvm::StringRef> getOnDiskNames();

/// What rules ask about a layer.
struct RecipeLayer {
  llvm::StringRef name;
  /// One of getRecipeOpKinds(), if rules can name it.
  llvm::StringRef op;
  /// Whether it is the first, or last, of all layers with constant weights.
  bool isFirst = false, isLast = false;
  /// The dimensions of its weights, "16x3x3x1"; empty without weights.
  std::string shape = "";
};

/// An encoder of weights, with its options as texts; no name for none.
struct EncoderChoice {
  std::string name;
  EncoderArguments arguments;

  /// The method, with all of its options.
  struct Method {
    const WeightEncoder *encoder;
    EncoderOptions options;
  };
  llvm::Expected<Method> resolve() const;
};

struct WeightOptions {
  std::optional<CodeStorage> storage;
  std::optional<bool> narrowRange;
  std::optional<bool> perChannel;
  std::optional<WeightRounding> rounding;
  std::optional<OnDisk> onDisk;
  /// Instead of all else, where there is one.
  std::optional<EncoderChoice> encoder;
};

/// Everything that can be said about a layer. What is empty is not said.
struct RecipeOptions {
  std::optional<bool> quantize;
  ActivationOptions activations;
  WeightOptions weights;
  std::optional<CodeStorage> heads;
  std::optional<CodeStorage> softmax;
  /// Weights that lie on a grid become its codes, before all else.
  std::optional<bool> detectFormats;
  /// What changes parameters before, or after, formats are chosen.
  std::optional<bool> absorbHighBias, equalize, correctBias;

  /// Takes over whatever `other` says.
  void overrideBy(const RecipeOptions &other);
};

enum class LayerPosition { First, Last };

/// "first", "last" in the order of the enumeration.
llvm::ArrayRef<llvm::StringRef> getLayerPositionNames();

struct RecipeRule {
  /// A glob of layer names; all layers without it.
  std::optional<std::string> layer;
  std::optional<std::string> op;
  std::optional<LayerPosition> position;
  /// A glob of RecipeLayer::shape.
  std::optional<std::string> shape;
  RecipeOptions options;
  /// "file:line:column", for diagnostics.
  std::string location;

  bool matchesLayer(llvm::StringRef name) const;
  bool matches(const RecipeLayer &other) const;
  /// True if it is for all layers.
  bool isGeneral() const { return !layer && !op && !position && !shape; }
};

struct Recipe {
  /// With the overrides after a colon, if it was loaded with some.
  std::string name;
  std::string description;
  /// The authors and the year of the publication; empty for none.
  std::string citation;
  /// The dotted path of the entry that an argument sets; empty for none.
  std::string argument;
  /// Whose results the program has.
  Profile profile = Profile::Tosa;
  /// No value gets a format: those of the model are all there are.
  bool importsFormats = false;
  /// Of the random words of WeightRounding::Stochastic.
  uint32_t seed = 0;
  /// Says everything.
  RecipeOptions defaults;
  std::vector<RecipeRule> rules;

  /// What the rules say about `layer`.
  RecipeOptions getRuleOptions(const RecipeLayer &layer) const;

  /// The defaults, overridden by getRuleOptions. Says everything.
  RecipeOptions getOptions(const RecipeLayer &layer) const;

  /// True if some range is RangeMethod::Mixed.
  bool hasMixedRanges() const;

  /// True if some format follows from what calibration finds: that of results does,
  /// but where all scales are found at run time.
  bool needsRanges() const;

  /// The first quantizer that is not affine; null if all are.
  const ActivationQuantizer *findQuantizer() const;

  /// True if some layer's weights may keep the grid that they lie on.
  bool detectsFormats() const;

  /// True if some layer's weights have an encoder.
  bool hasEncoders() const;

  /// True if no layer is quantized, whatever its name and kind.
  bool isFloat() const;
};

/// Reads the recipe `text`. Errors start with "file:line:column: ".
llvm::Expected<Recipe> parseRecipe(llvm::StringRef text, llvm::StringRef file);

/// Writes `recipe` as a file that parseRecipe reads.
void writeRecipe(const Recipe &recipe, llvm::raw_ostream &os);

/// Sets entries of `recipe`: "entry=value" with dotted entries, apart by commas.
/// The first may be a value alone, for the entry that the recipe's argument is.
llvm::Error overrideRecipe(Recipe &recipe, llvm::StringRef overrides);

/// Reads a built-in recipe by its name, or, if that has a '/' or ends in .yaml
/// or .yml, the file. Overrides may follow a colon.
llvm::Expected<Recipe> loadRecipe(llvm::StringRef text);

/// The names of the built-in recipes, sorted.
std::vector<llvm::StringRef> getRecipeNames();

/// Writes a list of the built-in recipes for people.
llvm::Error printRecipes(llvm::raw_ostream &os);

/// The kinds of operations that rules can name: TOSA's and our composites'
/// mnemonics, and "input" for arguments.
llvm::ArrayRef<llvm::StringRef> getRecipeOpKinds();

} // namespace mlir::lowbit

#endif // LOWBIT_TRANSFORMS_RECIPE_H
