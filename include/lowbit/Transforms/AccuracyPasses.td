//===- AccuracyPasses.td - Other parameters, the same function -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_ACCURACYPASSES_TD
#define LOWBIT_TRANSFORMS_ACCURACYPASSES_TD

include "mlir/Pass/PassBase.td"

def EqualizePass : Pass<"lowbit-equalize", "ModuleOp"> {
  let summary = "Even out the ranges of the channels between two layers";
  let description = [{
    A value has one scale, so a channel that is small beside the others has few
    codes. Where one layer alone reads what another one computes, a factor on
    each channel moves between them: `relu(f * x) = f * relu(x)` for `f > 0`.

    ```mlir
    %x = tosa.conv2d %in, %w1, %b1, ...                  channels of size 6 and 0.06
    %y = tosa.clamp %x {min_val = 0.0 : f32, max_val = 3.40282347E+38 : f32}
    %z = tosa.depthwise_conv2d %y, %w2, %b2, ...
    // becomes
    %x = tosa.conv2d %in, %w1_f, %b1_f, ...              w1_f = w1 * f for each output channel
    %y = tosa.clamp %x ...                               with f = [1, 100]
    %z = tosa.depthwise_conv2d %y, %w2_f, %b2, ...       w2_f = w2 / f for each input channel
    ```

    Let `up` be the size of the largest channel over that of this one. A layer
    that reads each channel with weights of their own (depthwise) gets `f = up`:
    its weights lose nothing. Others share a step between the weights of all
    input channels, so that the factor is the one that leaves both sides alike,
    `f = sqrt(up * share)`, but at least 1 and at most `up`. `share` is the
    channel's largest weight over the layer's largest one. This is repeated, over
    all layers, until no factor exceeds 1.01.

    The size of a channel is the largest magnitude that calibration saw, from
    `channels`; the statistics between the layers are brought up to date, at the
    cost of their histogram. Where nothing is observed, the size of a channel is
    that of its weights. Weights and biases are computed in f64 and rounded to
    f32 once: up to that, the program computes the same function.

    Clamps may have bounds other than 0, if there are statistics: no factor
    takes a channel beyond a bound, and one that reached it gets none. Other
    values of such a channel are clamped a little above what calibration saw,
    rather than at the old bound. `max_pool2d`, padding with zero, and reshapes
    that keep channels together may stand between.

    Leaves a pair alone if the value between has other uses or is a result, if a
    residual is added, if channels are moved (transpose, slice), if a weight or
    bias is not constant, if the value has statistics and the layer that reads
    it has no `channels`, and if its weights would not be finite. `explain` says
    so in a remark. `recipe` restricts the pass to layers whose `equalize` is
    true. Run after `-lowbit-calibrate`, before `-lowbit-assign`.
  }];
  let options = [
    Option<"recipe", "recipe", "std::string", /*default=*/"",
           "Only layers that this recipe equalizes">,
    Option<"explain", "explain", "bool", /*default=*/"false",
           "Say in a remark why a layer is left alone">
  ];
  let dependentDialects = ["lowbit::LowbitDialect", "tosa::TosaDialect"];
}

def AbsorbHighBiasPass : Pass<"lowbit-absorb-high-bias", "ModuleOp"> {
  let summary = "Move a constant part of a channel into the layer that reads it";
  let description = [{
    A channel that is never near 0 wastes the codes between 0 and its least
    value. That value `c` moves on: it is subtracted from the bias of the layer
    that computes the channel, and what it contributed is added to the bias of
    the layer that reads it.

    ```mlir
    %x = tosa.conv2d %in, %w1, %b1, ...                  a channel in [3, 5]
    %y = tosa.clamp %x {min_val = 0.0 : f32, max_val = 3.40282347E+38 : f32}
    %z = tosa.conv2d %y, %w2, %b2, ...
    // becomes
    %x = tosa.conv2d %in, %w1, %b1_c, ...                b1_c = b1 - c, the channel in [0, 2]
    %y = tosa.clamp %x ...
    %z = tosa.conv2d %y, %w2, %b2_c, ...                 b2_c = b2 + sum w2 * c
    ```

    `c` is the least value of the channel over all calibration samples, where
    that is above the clamp's lower bound and 0; without a clamp, also its
    largest one where that is below 0. With a clamp, the result is the same
    where the channel is at least `c`, and elsewhere what it would be at `c`.

    Leaves alone what `-lowbit-equalize` leaves alone, layers that pad what they
    read (their padding would have to be `-c`), max_pool2d and padding between
    the layers, and channels that reached the clamp's upper bound. Needs
    `channels`, from `-lowbit-calibrate`, and brings the statistics up to date.
    Run before `-lowbit-equalize`, which then finds smaller channels.
  }];
  let options = [
    Option<"recipe", "recipe", "std::string", /*default=*/"",
           "Only layers for which this recipe says absorb-high-bias">,
    Option<"explain", "explain", "bool", /*default=*/"false",
           "Say in a remark why a layer is left alone">
  ];
  let dependentDialects = ["lowbit::LowbitDialect", "tosa::TosaDialect"];
}

def CorrectBiasPass : Pass<"lowbit-correct-bias", "ModuleOp"> {
  let summary = "Take the mean error of rounded weights out of the bias";
  let description = [{
    Rounding weights moves the mean of each output channel. With the mean of
    what the layer reads, which calibration knows, the move is known too:

    ```
    bias[o] -= sum over (position, i) of (rounded[o, position, i] - weight[o, position, i])
                                         * mean[i] * inside[position]
    ```

    `inside` is the share of outputs for which that position of the window lies
    in the input and not in the layer's padding. The weights stay as they are:
    they are rounded as `-lowbit-encode` will round them.

    ```mlir
    %wo = lowbit.observe %w {channels = #lowbit.channels<...>, format = !quant.uniform<i8<-127:127>:f32:0, {...}>, ...}
    %y = tosa.conv2d %x, %wo, %b, ...
    // becomes
    %y = tosa.conv2d %x, %wo, %b_c, ...                  b_c as above
    ```

    Leaves alone layers that stay in float, those whose weights have no
    `channels`, and matrix products, which have no bias; `explain` says so in a
    remark. A second run would correct again, so that a corrected layer loses
    its `channels`. `recipe` restricts the pass to layers whose `correct-bias` is
    true. Run after `-lowbit-assign`, before `-lowbit-encode`.
  }];
  let options = [
    Option<"recipe", "recipe", "std::string", /*default=*/"",
           "Only layers that this recipe corrects">,
    Option<"explain", "explain", "bool", /*default=*/"false",
           "Say in a remark why a layer is left alone">
  ];
  let dependentDialects = ["lowbit::LowbitDialect", "tosa::TosaDialect"];
}

#endif // LOWBIT_TRANSFORMS_ACCURACYPASSES_TD
