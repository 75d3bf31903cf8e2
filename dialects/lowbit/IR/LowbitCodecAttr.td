//===- LowbitCodecAttr.td - What a gradient codec does -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CODEC_ATTR_TD
#define LOWBIT_CODEC_ATTR_TD

include "lowbit/IR/LowbitBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

class Lowbit_CodecEnum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::mlir::lowbit";
  let genSpecializedAttr = 0;
}

def Lowbit_CodecKind : Lowbit_CodecEnum<"CodecKind", "what is sent of a gradient", [
    I32EnumAttrCase<"Signs", 0, "signs">,
    I32EnumAttrCase<"Levels", 1, "levels">,
    I32EnumAttrCase<"Largest", 2, "largest">]>;

def Lowbit_CodecScale : Lowbit_CodecEnum<"CodecScale", "which number the largest level stands for", [
    I32EnumAttrCase<"Max", 0, "max">,
    I32EnumAttrCase<"Norm", 1, "norm">,
    I32EnumAttrCase<"Clipped", 2, "clipped">,
    I32EnumAttrCase<"Shift", 3, "shift">]>;

def Lowbit_CodecGrid : Lowbit_CodecEnum<"CodecGrid", "where the levels are", [
    I32EnumAttrCase<"MidTread", 0, "mid_tread">,
    I32EnumAttrCase<"MidRise", 1, "mid_rise">,
    I32EnumAttrCase<"Optimal", 2, "optimal">]>;

def Lowbit_CodecCoding : Lowbit_CodecEnum<"CodecCoding", "how levels become bits", [
    I32EnumAttrCase<"Fields", 0, "fields">,
    I32EnumAttrCase<"EliasGamma", 1, "elias_gamma">]>;

def Lowbit_CodecAttr : AttrDef<Lowbit_Dialect, "Codec"> {
  let mnemonic = "codec";
  let summary = "how a gradient becomes words";
  let description = [{
    A gradient of `n` numbers is cut into buckets of `bucket` numbers, the last one
    shorter; 0 makes one bucket of all. Each bucket has parameters in f32 of its own.

    * `signs`: for each number whether it is at least 0. Parameters are the means of the
      negative numbers and of the others, 0 where there are none.
    * `levels`: for each number one of the two levels around it, at random, so that the
      mean over all random words is the number. The parameter is the step `s`, which is
      `scale / levels`, rounded so that `s * levels >= scale`; numbers are divided by 1
      where it is 0:

      ```
      mid_tread   a = min(|x| / s, levels);          k = floor(a) + (u < a - floor(a) ? 1 : 0)
                  code = levels + (x < 0 ? -k : k),  real = (code - levels) * s
      mid_rise    a = min(max(x / s * 0.5 + levels * 0.5, 0), levels)
                  code = floor(a) + (u < a - floor(a) ? 1 : 0)
                  real = (2 * code - levels) * s
      ```

      `scale` is the largest magnitude of the bucket (`max`), the square root of the sum
      of squares (`norm`, at most the largest f32), or the largest magnitude, but at most
      `clip` times the standard deviation where that is not 0 (`clipped`). With `shift`
      `s` is a power of two: `2^round(log2(max)) / h`, where `h` is the largest power of two
      that is at most `levels / sqrt(2)`, so that no number is clipped; at least the
      least f32 where it is not 0, and at most what `levels` has a finite multiple of.
      Each operation is one in f32; `u` is that of `lowbit.encode`, with the counter
      `(index / 4, step, sample)`, whose first part has two words.

      With the grid `optimal` the parameters are the real numbers of `2 * levels + 1`
      codes, those for which the sum of all variances is least among the multiples of
      `t` from `-128 t` to `128 t`, which are the first and the last one. `t` is the step of
      `max` with 128 levels. They are found by dynamic programming on integers: a number
      counts as `y = trunc(x / t * 64)`, and of choices that cost the same the one whose
      points are less, from the last on, is taken. Then

      ```
      a = x / t,   code = k + (u * (m[k + 1] - m[k]) < a - m[k] ? 1 : 0),   real = m[code] * t
      ```

      where `m[k] * t` are the points, and `k` is the largest with `m[k] <= a`, but not that of
      the last point.
    * `largest`: the `count` numbers of the largest magnitude, with their places; the one
      that comes first where magnitudes are the same.

    Sums are made in f64, in 16 chains: chain `c` adds up the bucket's elements whose
    number in it is `c` modulo 16, in ascending order; then chain `c` takes up chain
    `c + 8`, then `c + 4`, `c + 2` and `c + 1`. Means are divided in f64 and rounded once.

    `samples` is 2 for two codes of each number that are independent of each other. With
    `ranks` above 1 fields hold the sum of so many codes, so that gradients of one step
    size are added up as words.

    A codec's wire is a list of 32-bit words:

    ```
    signs     2 parameters for each bucket, codes
    levels    the parameters of each bucket, the number of gradients in it if ranks > 1,
              codes of sample 0, of sample 1
    levels, elias_gamma     1 parameter for each bucket, bits of the stream, codes in it
              that are not 0, stream
    largest   the places, ascending; the numbers
    ```

    Codes of each bucket begin with a word of their own. A code takes a field of `b` bits:
    1 for signs, else the least of 2, 4, 8, 16 that holds it. A *block* is `8 F` codes, with
    `F = 32 / b`: its code `e` is in bits `b * (e / 8)` and up of its word `e mod 8`. So a
    bucket of `m` codes takes `8 * (m / (8 F)) + min(8, m mod (8 F))` words.

    `elias_gamma` writes for each level that is not 0, in ascending order: the distance to
    the one before (for the first: to -1), a bit that is set if it is negative, the
    level's magnitude. Both numbers are in Elias's gamma code: `n = floor(log2 v)` zeros, a
    one, and the `n` lower bits of `v`. Bits fill words, and are taken from numbers, from
    the lowest on.

    Constraints: parameters that the kind does not use have their default. `bucket` is not
    negative. `levels` is from 1 to 32767, odd for `mid_rise`, at most 15 for `optimal`, at
    least 2 for `shift`. All codes fit 16 bits. `samples` is 1 or 2; `ranks` from 1 to 65535.
    `elias_gamma` is for `mid_tread`, one sample and one rank; `optimal` for `max`, and one
    rank. `clip` is there, positive and finite, for `clipped` only;
    `momentum`, in [0, 1), and `count`, at least 1, for `largest`.

    Examples: `#lowbit.codec<kind = signs, bucket = 1024>`,
    `#lowbit.codec<kind = levels, scale = clipped, clip = 2.5>` (TernGrad),
    `#lowbit.codec<kind = levels, levels = 7, grid = optimal, samples = 2>` (ZipML),
    `#lowbit.codec<kind = largest, count = 100>`
  }];
  let parameters = (ins "::mlir::lowbit::CodecKind":$kind,
                        DefaultValuedParameter<"int64_t", "0">:$bucket,
                        DefaultValuedParameter<"::mlir::lowbit::CodecScale", "::mlir::lowbit::CodecScale::Max">:$scale,
                        DefaultValuedParameter<"int64_t", "1">:$levels,
                        DefaultValuedParameter<"::mlir::lowbit::CodecGrid", "::mlir::lowbit::CodecGrid::MidTread">:$grid,
                        DefaultValuedParameter<"int64_t", "1">:$samples,
                        DefaultValuedParameter<"::mlir::lowbit::CodecCoding", "::mlir::lowbit::CodecCoding::Fields">:$coding,
                        DefaultValuedParameter<"int64_t", "1">:$ranks,
                        OptionalParameter<"::mlir::FloatAttr">:$clip,
                        OptionalParameter<"::mlir::FloatAttr">:$momentum,
                        DefaultValuedParameter<"int64_t", "0">:$count);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Numbers in a bucket of a gradient of `size`, but for the last one.
    int64_t getBucketSize(int64_t size) const;
    int64_t getNumBuckets(int64_t size) const;
    /// Parameters of one bucket.
    int64_t getParametersPerBucket() const;
    /// Bits of a code in the wire, and codes in one word.
    int64_t getFieldBits() const;
    int64_t getFieldsPerWord() const { return 32 / getFieldBits(); }
    /// Words for the codes of a bucket of `numbers`.
    int64_t getBucketWords(int64_t numbers) const;
    /// Words for the codes of one sample of a gradient of `size`.
    int64_t getSampleWords(int64_t size) const;
    /// Where the codes begin in the wire, or their stream.
    int64_t getCodeOffset(int64_t size) const;
    /// The most words of a wire.
    int64_t getWireWords(int64_t size) const;
    /// True if a gradient's wire is always as long.
    bool hasFixedWire() const { return getCoding() == CodecCoding::Fields; }
    /// Numbers that are kept between steps, if any are.
    int64_t getStateSize(int64_t size) const;
    /// Words that encoding needs besides, which mean nothing afterwards.
    int64_t getScratchWords(int64_t size, bool hasState) const;
    /// The most bits that a number takes in a stream, on average.
    int64_t getStreamBits() const;
  }];
}

#endif // LOWBIT_CODEC_ATTR_TD
