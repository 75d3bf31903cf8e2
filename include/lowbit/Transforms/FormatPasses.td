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

#endif // LOWBIT_TRANSFORMS_FORMATPASSES_TD
