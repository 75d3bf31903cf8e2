//===- FormatPasses.td - Formats that a model has already -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_FORMATPASSES_TD
#define LOWBIT_TRANSFORMS_FORMATPASSES_TD

include "mlir/Pass/PassBase.td"

def DetectFormatsPass : Pass<"lowbit-detect-formats", "ModuleOp"> {
  let summary = "Find the codes of weights that lie on a grid";
  let description = [{
    Many quantized networks are released as floats: their weights have two or
    three values, are powers of two, or multiples of a step. This pass finds the
    grid and replaces the weights of a layer by their codes:

    ```mlir
    %w = "tosa.const"() {values = dense<[[0.3, -0.3], ...]> ...}
    // becomes
    %c = lowbit.constant dense<[[1, 0], ...]> : tensor<8x2xi8> as tensor<8x2x!lowbit.planes<sign x 1, [0.3]>>
    %w = lowbit.decode %c : ...
    ```

    The decoded codes are the floats, bit by bit, up to the sign of 0; what is
    nearly on a grid is not on it. It looks for, with one scale for the tensor and
    with one for each output channel,

    * two values `-a`, `a`, or `0`, `a`: one bit plane;
    * three values `-a`, `0`, `a`, or `-n`, `0`, `p`, or any two: two bit planes;
    * multiples of a step, up to 8 bits: `!quant.uniform`, with a zero point where
      that saves a bit; odd multiples only: bit planes of signs;
    * 0 and powers of two times a scale: `!lowbit.pow2`;
    * sums of two to four bases, each with either sign: bit planes of signs;
    * else at most 256 distinct values: `!lowbit.codebook`;

    and takes the one of least bits, and the first of equals. A grid whose codes and
    scales take more than half of the floats' bytes is none.

    A remark at each layer says what was found. `recipe` restricts the pass to
    layers whose `detect-formats` is true. Run before `-lowbit-fold-batch-norm`,
    which multiplies weights by factors of its own.
  }];
  let options = [
    Option<"recipe", "recipe", "std::string", /*default=*/"",
           "Only layers for which this recipe says detect-formats">
  ];
  let dependentDialects = ["arith::ArithDialect", "lowbit::LowbitDialect"];
}

def ChooseStoragePass : Pass<"lowbit-choose-storage", "ModuleOp"> {
  let summary = "Say in how few bytes constants of codes lie on disk";
  let description = [{
    Sets the attribute `lowbit.storage` of each `lowbit.constant`, whatever its
    format, to what `recipe` says in `on-disk` of the layer that reads it, or to
    `storage`, which wins:

    ```mlir
    %w = lowbit.constant dense<...> : tensor<64x9xi8> as tensor<64x9x!quant.uniform<i4:f32, 0.1>>
    // with storage=packed becomes
    %w = lowbit.constant dense<...> : tensor<64x9xi8> {lowbit.storage = #lowbit.storage<packed>}
         as tensor<64x9x!quant.uniform<i4:f32, 0.1>>
    ```

    `automatic` takes the attribute away, and leaves the choice to
    `-lowbit-store-constants`. Run on the encoded network, where layers
    still have their names.
  }];
  let options = [
    Option<"storage", "storage", "std::string", /*default=*/"",
           "automatic, words, packed, sparse, huffman, sparse-huffman or smallest; empty for what the recipe says">,
    Option<"gap", "gap", "unsigned", /*default=*/"0",
           "Bits for the zeros between sparse words; 0 for the fewest bytes">,
    Option<"recipe", "recipe", "std::string", /*default=*/"",
           "Built-in recipe, or a path that ends in .yaml">
  ];
  let dependentDialects = ["lowbit::LowbitDialect"];
}

def EncodeWeightsPass : Pass<"lowbit-encode-weights", "ModuleOp"> {
  let summary = "Encode weights by the methods that a recipe names";
  let description = [{
    Replaces the float weights of a layer by codes, which the encoder of the
    recipe's entry `weights: {encoder: ...}` chooses, with their format:

    ```mlir
    %w = "tosa.const"() {values = dense<[[0.9, -0.2], ...]> ...}
    // becomes, by the encoder twn
    %c = lowbit.constant dense<[[1, 0], ...]> : tensor<8x2xi8> as tensor<8x2x!lowbit.planes<bit x 2, [0.8, -0.8]>>
    %w = lowbit.decode %c : ...
    ```

    Codebooks and the scales of groups are constants beside the codes. A remark at
    each layer says how near they are: the angle between weights and decoded codes,
    the correlation of their products with independent inputs, and the signal over
    the error in dB, each with what normally distributed weights have. Layers that
    the recipe does not quantize, and weights that are not constant, stay as they
    are.

    `lowbit-compile --list-encoders` lists encoders and their options. An encoder
    that needs calibration is an error here.
  }];
  let options = [
    Option<"recipe", "recipe", "std::string", /*default=*/"",
           "The recipe that names encoders">
  ];
  let dependentDialects = ["arith::ArithDialect", "lowbit::LowbitDialect"];
}

#endif // LOWBIT_TRANSFORMS_FORMATPASSES_TD
