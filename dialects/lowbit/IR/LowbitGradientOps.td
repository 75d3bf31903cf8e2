//===- LowbitGradientOps.td - Gradient codecs -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_GRADIENT_OPS_TD
#define LOWBIT_GRADIENT_OPS_TD

include "lowbit/IR/LowbitBase.td"
include "lowbit/IR/LowbitAttrs.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Lowbit_Numbers<list<MemoryEffect> effects>
    : Arg<MemRefRankOf<[F32], [1]>, "", effects>;
class Lowbit_Words<list<MemoryEffect> effects>
    : Arg<MemRefRankOf<[I32], [1]>, "", effects>;

def Lowbit_EncodeGradientOp : Lowbit_Op<"encode_gradient", [AttrSizedOperandSegments]> {
  let summary = "a gradient to the words that are sent";
  let description = [{
    Writes the wire of `gradient` as `codec` says, and returns 0; or returns 3, and
    writes neither wire nor state, if a number of the gradient is NaN or infinite.

    `state` is what was not sent before. For `signs` and `levels` it is one number `r` for
    each of the gradient, and all of this is done with `x = g + r` instead of `g`, where
    sums beyond the largest f32 become that; then `r = x - real`. For `largest` it holds

    ```
    without momentum    v = v + g
    with momentum       u = momentum * u + g,    v = v + u      v first, then all u
    ```

    limited in the same way. Numbers of `v` are sent, and with their `u` become 0.

    `steps` are the parameters of `levels` from elsewhere, the same for all gradients
    that are to be added up; without them, they are the gradient's.

    Random words have the key `(seed, tensor)`, and `step` in their counter; all three are
    i32. `scratch` means nothing, before and after.

    Constraints: (C1) buffers are static and contiguous, with 1 to 2^31 - 1 numbers in the
    gradient. (C2) `wire` has the words that the codec takes at most. (C3) `state`, where it
    is present, has the codec's size; it is for one sample only, and `largest` needs
    it. (C4) `scratch` has the codec's size. (C5) `steps`, one for each bucket, are for
    `levels`, but not for the grid `optimal`. (C6) the codec's `count` is at most the size of the gradient.

    Example:
    ```mlir
    %status = lowbit.encode_gradient #lowbit.codec<kind = signs> %g state(%r : memref<100xf32>) to %w
      scratch(%s) seed(%seed, %tensor, %step) : memref<100xf32>, memref<10xi32>, memref<0xi32>
    ```
  }];
  let arguments = (ins Lowbit_CodecAttr:$codec, Lowbit_Numbers<[MemRead]>:$gradient,
                       Arg<Optional<MemRefRankOf<[F32], [1]>>, "", [MemRead, MemWrite]>:$state,
                       Arg<Optional<MemRefRankOf<[F32], [1]>>, "", [MemRead]>:$steps,
                       Lowbit_Words<[MemWrite]>:$wire,
                       Lowbit_Words<[MemRead, MemWrite]>:$scratch,
                       I32:$seed, I32:$tensor, I32:$step);
  let results = (outs I32:$status);
  let assemblyFormat = [{
    $codec $gradient (`state` `(` $state^ `:` type($state) `)`)?
      (`steps` `(` $steps^ `:` type($steps) `)`)? `to` $wire `scratch` `(` $scratch `)`
      `seed` `(` $seed `,` $tensor `,` $step `)` attr-dict
      `:` type($gradient) `,` type($wire) `,` type($scratch)
  }];
  let hasVerifier = 1;
}

def Lowbit_DecodeGradientOp : Lowbit_Op<"decode_gradient"> {
  let summary = "the words that were sent to a gradient";
  let description = [{
    Writes the real numbers of a wire, or with `accumulate` adds each to `numbers`, one
    addition in f32. With two samples, those of the second follow the first's. With
    `ranks` above 1 the real number of a sum of `c` codes is `(code - c * levels) * s`, or
    `(2 * code - c * levels) * s`.

    Returns 0, or 4 if the words are not those of the codec, which can be told of streams and
    places only; nothing beyond the buffers is read or written then, and `numbers` mean
    nothing.

    Constraints: (C1) buffers are static and contiguous. (C2) `wire` has the words that
    the codec takes at most. (C3) there are as many `numbers` as in the samples.

    Example:
    ```mlir
    %status = lowbit.decode_gradient #lowbit.codec<kind = signs> %w to %g : memref<10xi32>, memref<100xf32>
    ```
  }];
  let arguments = (ins Lowbit_CodecAttr:$codec, Lowbit_Words<[MemRead]>:$wire,
                       Lowbit_Numbers<[MemRead, MemWrite]>:$numbers, UnitAttr:$accumulate);
  let results = (outs I32:$status);
  let assemblyFormat = [{
    $codec $wire `to` $numbers attr-dict `:` type($wire) `,` type($numbers)
  }];
  let hasVerifier = 1;
}

def Lowbit_MeasureGradientOp : Lowbit_Op<"measure_gradient"> {
  let summary = "the step size of each bucket of a gradient";
  let description = [{
    Writes the parameters that `lowbit.encode_gradient` would send, and returns 0; or
    returns 3 and writes nothing, if a number is NaN or infinite. The largest of
    several gradients' steps is one that all of them can be encoded with.

    Constraints: (C1) buffers are static and contiguous. (C2) the codec is of the kind
    `levels`, and its grid is not `optimal`. (C3) `steps` has one number for each bucket.

    Example:
    ```mlir
    %status = lowbit.measure_gradient #lowbit.codec<kind = levels> %g to %s : memref<100xf32>, memref<1xf32>
    ```
  }];
  let arguments = (ins Lowbit_CodecAttr:$codec, Lowbit_Numbers<[MemRead]>:$gradient,
                       Lowbit_Numbers<[MemWrite]>:$steps);
  let results = (outs I32:$status);
  let assemblyFormat = [{
    $codec $gradient `to` $steps attr-dict `:` type($gradient) `,` type($steps)
  }];
  let hasVerifier = 1;
}

def Lowbit_MergeGradientsOp : Lowbit_Op<"merge_gradients"> {
  let summary = "adds up gradients as they are sent";
  let description = [{
    `into = into + wire` for the words behind the parameters: the number of gradients,
    and codes, which have room in their fields. The parameters must be the same. It is
    what an all-reduce of these words as integers does.

    Constraints: (C1) buffers are static and contiguous, of one type. (C2) the codec has
    `ranks` above 1. (C3) the wire has the words of a gradient of `size` numbers.

    Example:
    ```mlir
    lowbit.merge_gradients #lowbit.codec<kind = levels, ranks = 4> %a into %b {size = 100 : i64} : memref<18xi32>
    ```
  }];
  let arguments = (ins Lowbit_CodecAttr:$codec, Lowbit_Words<[MemRead]>:$wire,
                       Lowbit_Words<[MemRead, MemWrite]>:$into, I64Attr:$size);
  let assemblyFormat = "$codec $wire `into` $into attr-dict `:` custom<SameType>(type($wire), type($into))";
  let hasVerifier = 1;
}

#endif // LOWBIT_GRADIENT_OPS_TD
