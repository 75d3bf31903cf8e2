//===- QuantizePasses.td - From the float model to the integer graph -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_QUANTIZEPASSES_TD
#define LOWBIT_TRANSFORMS_QUANTIZEPASSES_TD

include "mlir/Pass/PassBase.td"

def ObservePass : Pass<"lowbit-observe", "ModuleOp"> {
  let summary = "Mark the values that get a format";
  let description = [{
    Inserts `lowbit.observe` where a recipe chooses a format: at the f32
    arguments of each function, at the last value of each quantization unit (a
    convolution or matmul, with a residual addition and a clamp where each is
    the only use of the value before; `tosa.add`, `sub`, `mul`, `maximum` or
    `minimum`, or sums along dimensions with a constant factor, with a clamp
    likewise), at every other f32 result except that of
    data movement, and at constants that are weights or that such arithmetic
    and `tosa.concat` join with activations. Biases get no format of their own.

    ```mlir
    %y = tosa.conv2d %x, %w, %b, ... loc("conv1")
    %z = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32}
    // becomes
    %wo = lowbit.observe %w {name = "conv1.weight", role = #lowbit.role<weight>}
    %y = tosa.conv2d %xo, %wo, %b, ... loc("conv1")
    %z = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32}
    %zo = lowbit.observe %z {name = "conv1", role = #lowbit.role<activation>}
    ```

    A unit is called like its first operation's location, else like that
    operation; an argument like its attribute `lowbit.name`, else `arg0`,
    `arg1`, .... A name that is taken gets the suffix `_1`, `_2`, .... The role
    is `head` for results of softmax that no multiply-accumulate reads, for
    values that lead only to softmax and to results of the function, and for
    constant operands of arithmetic.

    Operations inside regions are left alone, and so is what is observed
    already. Batch norms and constants should be folded before.
  }];
  let dependentDialects = ["lowbit::LowbitDialect"];
}

def CalibratePass : Pass<"lowbit-calibrate", "ModuleOp"> {
  let summary = "Fill in the statistics of observed values";
  let description = [{
    Compiles the float program for this machine, runs it on the samples of
    `data`, and sets `stats` on each `lowbit.observe`. Statistics of constants
    come from the constants.

    ```mlir
    %y = lowbit.observe %x {name = "conv1", role = #lowbit.role<activation>} : tensor<1x8xf32>
    // becomes
    %y = lowbit.observe %x {name = "conv1", role = #lowbit.role<activation>,
         stats = #lowbit.stats<count = 800, min = -1.5 : f64, max = 3.0 : f64, ...>} : tensor<1x8xf32>
    ```

    Each entry of `data` is `<input>=<file>`, or just a file for a program with
    one input. A file is a .npy array [samples, ...]; an f32 input is
    `x * scale + offset`, and without both options the array must hold float32.
    Inputs of i1, i32 and i64 take arrays of bool, int32 and int64 as they are.
    The last batch is filled up by repeating its
    last sample, which is not counted again.

    With a `recipe` whose range is `mixed` somewhere, the program also runs on
    up to 8 batches with each such value replaced by its codes, under min-max,
    percentile, mse and kl. What its readers lose, squared and relative, is left
    as `lowbit.range_errors`, four numbers in this order.

    `save` writes the statistics to a JSON file, and `stats-file` reads them
    instead of running anything. Refuses data of another shape, empty data, and
    NaN or infinity in data, constants or observed values. Run
    `-lowbit-observe` before.
  }];
  let options = [
    ListOption<"data", "data", "std::string", "Samples: <input>=<file.npy>, ...">,
    Option<"scale", "scale", "double", /*default=*/"1.0",
           "Factor from numbers in the files to inputs">,
    Option<"offset", "offset", "double", /*default=*/"0.0",
           "What is added after the factor">,
    Option<"statsFile", "stats-file", "std::string", /*default=*/"",
           "Read saved statistics from this file">,
    Option<"save", "save", "std::string", /*default=*/"",
           "Write the statistics to this file">,
    Option<"recipe", "recipe", "std::string", /*default=*/"",
           "Measure what this recipe's ranges 'mixed' need">
  ];
  let dependentDialects = ["lowbit::LowbitDialect"];
}

def AssignPass : Pass<"lowbit-assign", "ModuleOp"> {
  let summary = "Choose a format for each observed value after a recipe";
  let description = [{
    Sets `format` or `reason` on every `lowbit.observe`, and `lowbit.reason` on
    every operation that stays in float.

    ```mlir
    %xo = lowbit.observe %x {name = "image", role = #lowbit.role<activation>, stats = ...}
    %wo = lowbit.observe %w {name = "conv1.weight", role = #lowbit.role<weight>}
    // becomes
    %xo = lowbit.observe %x {format = !quant.uniform<u8:f32, 0.0235:3>, ...}
    %wo = lowbit.observe %w {format = !quant.uniform<i8<-127:127>:f32:0, {0.01, 0.02}>, ...}
    ```

    * Activations are affine over the range that the recipe names, widened to
      hold 0; constants among them over the range of their elements. Ranges are
      min-max, moving-average, percentile, mse (least squared error over the
      histogram), kl (least divergence), or mixed, the one of these that
      calibration measured as the best (`lowbit.range_errors`). Results of
      sigmoid and tanh have the fixed steps 1/256 and 1/128 (of 8 bits) unless a
      rule of the recipe names a range for them.
    * What only a concat reads, unless a rule names a range for it, gets the format of the
      concat's result, so that it is rounded once.
    * The recipe's `quantizer`, where that is not `affine`, gives activations that are
      no results another format: bits for signs, powers of two, equal steps over a
      given range, or scales that are known only at run time
      (`-lowbit-place-quantizers`). With such scales results stay real numbers.
    * Weights are symmetric, per output channel. A scale is raised where the
      layer's bias would not fit 30 bits otherwise; a channel of zeros gets the
      largest scale of its layer.
    * Heads are symmetric with 16 bits; results of softmax are multiples of
      2^-16.
    * Scales are f32 numbers whose reciprocal is finite.

    An operation computes on codes if it has an integer form, its weights and
    bias are constant, and the recipe quantizes it. The result of another one is
    encoded only where something reads its codes.

    `recipe` is the name of a built-in recipe or a path. A rule about a layer
    that does not exist is an error. Statistics come from `-lowbit-calibrate`, or
    from `setRange` where ranges are known without samples.
  }];
  let options = [
    Option<"recipe", "recipe", "std::string", /*default=*/"\"int8\"",
           "Built-in recipe, or a path that ends in .yaml">
  ];
  let dependentDialects = ["lowbit::LowbitDialect", "quant::QuantDialect"];
}

def PlaceQuantizersPass : Pass<"lowbit-place-quantizers", "ModuleOp"> {
  let summary = "Place activation quantizers that are more than a format";
  let description = [{
    `-lowbit-assign` has chosen the formats of a recipe's `quantizer:`. This pass
    replaces the observations of those that a format does not say:

    * `hwgq`, `log2` and `shifted-signs`: `lowbit.encode` with thresholds, and a
      decode. HWGQ gives 0 to 0 and less, and the first level to all other numbers
      up to the middle of the next. `log2` rounds the exponent, so that `2^e` begins
      at `2^(e - 1/2)`. Sign n of `shifted-signs` is +1 from `1/2 - shift` up.
    * `xnor`: behind each convolution and matmul that reads the signs, a product with
      the scale map, the mean of |x| over channels filtered by a box of the kernel's
      size; the layer's bias comes after it. Other layers are refused.
    * `dynamic`, `dynamic-rows`, `residual-signs` and, with two rounds,
      `alternating-signs`: `lowbit.encode_dynamic` before
      each layer with constant weights that computes on codes; everything else reads
      real numbers. Rows are along dimension 1 of a matmul's input, and 0 of others.

    Run after `-lowbit-correct-bias` and before `-lowbit-encode`.
  }];
  let options = [
    Option<"recipe", "recipe", "std::string", /*default=*/"\"int8\"",
           "Built-in recipe, or a path that ends in .yaml">
  ];
  let dependentDialects = ["lowbit::LowbitDialect", "tosa::TosaDialect"];
}

def EncodePass : Pass<"lowbit-encode", "ModuleOp"> {
  let summary = "Turn observed values into codes";
  let description = [{
    Replaces each `lowbit.observe` that has a format by `lowbit.encode` and
    `lowbit.decode`, or, on a constant, by its codes and `lowbit.decode`:

    ```mlir
    %xo = lowbit.observe %x {format = !quant.uniform<u8:f32, 0.5:3>, ...} : tensor<4xf32>
    %wo = lowbit.observe %w {format = !quant.uniform<i8<-127:127>:f32, 0.25>, ...} : tensor<4xf32>
    // becomes
    %xq = lowbit.encode %x : tensor<4xf32> to tensor<4x!quant.uniform<u8:f32, 0.5:3>>
    %xo = lowbit.decode %xq : tensor<4x!quant.uniform<u8:f32, 0.5:3>> to tensor<4xf32>
    %wq = lowbit.constant dense<[1, -2, 3, 4]> : tensor<4xi8> as tensor<4x!quant.uniform<i8<-127:127>:f32, 0.25>>
    %wo = lowbit.decode %wq : ...
    ```

    Constants are rounded to the nearest code, ties to even, in double
    precision; infinities saturate and NaN is refused. One with `balanced` is
    rounded so that the errors of each kernel and output channel cancel. One with
    `seed` is rounded as the rounding `stochastic` of `lowbit.encode` says, with
    `t = x / s` in double precision; its tensor id is the FNV-1a hash, of 32 bits,
    of its name. Their float data is released. An observation with a reason goes away; the reason stays as
    `lowbit.reason` on the operation, or argument, that it is about. Refuses
    observations with neither. Run `-lowbit-assign` before.

    With `ports`, a `lowbit.port` at the end of the function keeps the codes of
    each value, under the name of its observation.
  }];
  let options = [
    Option<"ports", "ports", "bool", "false",
           "Keep the codes of each value for a debugger">
  ];
  let dependentDialects = ["lowbit::LowbitDialect"];
}

def IntegerizePass : Pass<"lowbit-integerize"> {
  let summary = "Replace computations between decode and encode by integer ones";
  let description = [{
    Takes an encoded network to the integer graph: every computation whose
    operands are `lowbit.decode` and whose result is `lowbit.encode` becomes the
    integer operation of the same meaning.

    ```mlir
    %x = lowbit.decode %xq : tensor<1x8x8x4x!u8> to tensor<1x8x8x4xf32>
    %w = lowbit.decode %wq : tensor<16x3x3x4x!i8> to tensor<16x3x3x4xf32>
    %y = tosa.conv2d %x, %w, %b, ...
    %z = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32} ...
    %zq = lowbit.encode %z : tensor<1x8x8x16xf32> to tensor<1x8x8x16x!u8>
    // becomes
    %xp = lowbit.pad %xq {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 1, 1, 0>} ...
    %zq = lowbit.contract ins(%xp, %wq) epilogue(%bias, %multiplier, %shift) ... {
      ^bb0(%acc: i32, %b: i32, %m: i32, %s: i32):
        %0 = arith.addi %acc, %b : i32
        %1 = lowbit.rescale %0, %m, %s {min = 0 : i32, max = 250 : i32} : i32, i32 to i32
        lowbit.yield %1 : i32
    }
    ```

    Linear layers with constant weights (conv2d, depthwise_conv2d,
    grouped_conv2d, matmul) take a residual add and clamps behind them into
    their epilogue; so does the product of two computed matrices with clamps.
    A layer with real numbers that nothing encodes gives its sums in 32 bits, decoded.
    Sums along dimensions, with a constant factor, add, sub, mul,
    maximum and minimum, which may repeat an operand, concat, avg_pool2d and
    changes of format are rescaled; functions of one 8-bit variable, arithmetic
    with one number among them, and softmax become tables; reshape, transpose, slice, reverse, tile, gather, max_pool2d,
    reduce_max and padding with zero let the codes pass.

    Changes of scale follow the numerics `profile`: `tosa` (31-bit multipliers
    with a shift, `single_round`), `tflite-single`, `tflite-double` or `onnx`.
    The weights' sums prove that no accumulator leaves 32 bits; a layer for
    which that fails is refused.

    Whatever no pattern takes stays in float between its decodes and encodes,
    and is correct there; `lowbit.reason` on it says why, where a pattern came
    close. With `require-integer` each such operation is an error. Profile `onnx`
    defines what is between codes by operations on real numbers: those, but for
    sums of products, are marked with `lowbit.float_glue`, which holds the
    reason, and are no errors. Run `-lowbit-encode` before.
  }];
  let options = [
    Option<"requireInteger", "require-integer", "bool", "false",
           "Make every operation that stays in float an error">,
    Option<"profile", "profile", "std::string", "\"tosa\"",
           "Whose arithmetic changes of scale follow: tosa, tflite-single, tflite-double or onnx">
  ];
  let dependentDialects = ["arith::ArithDialect", "lowbit::LowbitDialect", "tensor::TensorDialect"];
}

def QuantizeInterfacePass : Pass<"lowbit-quantize-interface", "ModuleOp"> {
  let summary = "Let @main take and return codes";
  let description = [{
    Moves the encodes of arguments and the decodes of results out of @main, into
    the caller's hands: the arguments and results become codes, with their
    formats in the signature.

    ```mlir
    func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
      %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!u8>
      ...
      %y = lowbit.decode %r : tensor<4x!u8> to tensor<4xf32>
      return %y : tensor<4xf32>
    }
    // becomes
    func.func @main(%q: tensor<4x!u8>) -> tensor<4x!u8> {
      ...
      return %r : tensor<4x!u8>
    }
    ```

    An argument that is used in another way than by one kind of encode, and a
    result that is no decode, are errors: they have no codes. What is not f32,
    such as the indices of a table, stays as it is.
    So are a @main of several blocks, and one that the module itself uses.
    Run `-lowbit-integerize` before.
  }];
}

#endif // LOWBIT_TRANSFORMS_QUANTIZEPASSES_TD
