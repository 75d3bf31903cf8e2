//===- Formats.td - The types of codes -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_FORMATS_FORMATS_TD
#define LOWBIT_FORMATS_FORMATS_TD

include "lowbit/Formats/Format.td"
include "lowbit/IR/LowbitBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

class Lowbit_FormatType<string name, string mnemonicName, list<string> methods>
    : TypeDef<Lowbit_Dialect, name, [DeclareTypeInterfaceMethods<Lowbit_Format, methods>]> {
  let mnemonic = mnemonicName;
  let genVerifyDecl = 1;
}

def Lowbit_Alphabet : I32EnumAttr<"Alphabet", "what the bits of a plane stand for", [
    I32EnumAttrCase<"Sign", 0, "sign">,
    I32EnumAttrCase<"Bit", 1, "bit">]> {
  let cppNamespace = "::mlir::lowbit";
}

def Lowbit_PlanesType : Lowbit_FormatType<"Planes", "planes",
    ["getScaleAxis", "getNumChannels", "getNumTerms", "getStepRange", "buildStep",
     "hasParameters", "getParameterTypes", "getStorageBytes", "buildDecode"]> {
  let summary = "a sum of scaled bit planes";
  let description = [{
    A code has one bit for each plane, the lowest for plane 0:

    ```
    real = sum over planes p of  b(p) * scales[channel, p]
    b(p) = -1 or +1 for the alphabet `sign`, 0 or 1 for `bit`
    ```

    `scales` holds the planes' scales, one after the other, for the tensor, or
    for each index along `axis`. They are exact in f32.

    Where the scales of every channel are the same integer multiples, below 2^15, of
    the least of them, the format has one term, the sum of the multiples; else it
    has one term for each plane. A negative scale makes negative steps.

    * binary (BNN, XNOR-Net, BWN): `planes<sign x 1, [a]>`
    * ternary (TWN): `planes<bit x 2, [a, -a]>`; with two levels (TTQ): `[p, -n]`
    * k-bit uniform (DoReFa, WRPN, PACT): `planes<bit x 2, [s, 2 s]>`; the odd
      grid: `planes<sign x 2, [s, 2 s]>`
    * multi-base (ABC-Net, Network Sketching): any `scales`
    * multi-base at run time (HORQ): `planes<sign x 2, axis = 0, dynamic>`

    With `dynamic` the scales are a parameter, f32 of `[channels, planes]`, with one
    channel where there is no axis, and there is a term for each plane.

    Constraints: 1 to 16 planes; `dynamic` with the alphabet `sign` only. Scales are normal numbers; those of `sign`
    are positive, those of `bit` have for each plane one sign in all channels. The
    magnitudes of a channel's scales add up to at most 2^127. Their
    number is a multiple of the number of planes, and one such list without an axis.

    Example: `tensor<2x64x!lowbit.planes<sign x 1, axis = 0, [0.5, 0.25]>>`
  }];
  let parameters = (ins EnumParameter<Lowbit_Alphabet>:$alphabet, "unsigned":$planes,
                        OptionalParameter<"std::optional<int64_t>">:$axis,
                        "::mlir::DenseF32ArrayAttr":$scales);
  let assemblyFormat = "`<` $alphabet `x` custom<Count>($planes) `,` custom<PlaneScales>($axis, $scales) `>`";
  let extraClassDeclaration = [{
    /// True if the scales are a parameter.
    bool isDynamic() const { return getScales().empty(); }

    /// The multiples of the least scale that all scales are; empty if there is
    /// a term for each plane.
    ::mlir::SmallVector<int64_t> getMultiples() const;
  }];
}

def Lowbit_Pow2Type : Lowbit_FormatType<"Pow2", "pow2",
    ["getScaleAxis", "getNumChannels", "getStepRange", "buildStep"]> {
  let summary = "powers of two, or sums of them";
  let description = [{
    A code has `fields` fields of `width` bits each, the lowest for field 0, and
    stands for the sum of their numbers times the scale. A field is a magnitude
    `m`, with the sign as its highest bit where the format is signed:

    ```
    field = 0                              m = 0
    field = + or - 2^(low + m - 1 - drop * t)      m >= 1, in field t
    ```

    Magnitudes that lead beyond `high - drop * t` stand for that power; encoding makes
    none of them.

    * INQ, LogNet: `pow2<i5, -7 : 0, [s]>`; activations of LogNet: `pow2<u3, ...>`
    * ShiftCNN: `pow2<i4 x 2 drop 1, -6 : 0, [s]>`

    Constraints: `width` from 1 (2 if signed), all fields in 16 bits; `low <= high`, and
    a field has a magnitude for each exponent from `low` to `high`; the greatest power
    of two is at most 2^29 times the least, over all fields. Scales are positive,
    normal numbers, with which the least power of two is one too and the greatest
    of all fields add up to at most 2^127.

    Example: `tensor<64x!lowbit.pow2<i4, -6 : 0, [0.5]>>`
  }];
  let parameters = (ins "bool":$isSigned, "unsigned":$width, "unsigned":$fields, "unsigned":$drop,
                        "int64_t":$low, "int64_t":$high,
                        OptionalParameter<"std::optional<int64_t>">:$axis,
                        "::mlir::DenseF32ArrayAttr":$scales);
  let assemblyFormat = [{
    `<` custom<Fields>($isSigned, $width, $fields, $drop) `,` $low `:` $high `,`
        custom<Scales>($axis, $scales) `>`
  }];
}

def Lowbit_AffineType : Lowbit_FormatType<"Affine", "affine",
    ["getCodeRange", "getStepRange", "hasParameters", "getParameterTypes", "getScaleAxis",
     "getStorageBytes", "buildDecode"]> {
  let summary = "integers with scales beside the codes";
  let description = [{
    What `!quant.uniform` is with scales in the type, this is with scales as a
    tensor, for groups and for scales that are known only at run time:

    ```
    real = (code - z) * s,      s and z those of the tensor, the index or the group
    ```

    The first parameter holds the scales, f32: one element without an axis, one for
    each index along `axis` without `group`; with it, a tensor of the codes' rank
    and shape, but for `axis`, which has one element for `group` codes. The
    last group is shorter where `group` does not divide the size. With `zero`
    the second parameter holds zero points, i32, of the same shape; else they are 0.
    The difference is one of 32 bits, which wraps.

    Constraints: 1 to 16 bits; `group`, at least 1, only with `axis`.

    Example: `tensor<64x100x!lowbit.affine<i4, axis = 1, group = 32>>` with scales in
    `tensor<64x4xf32>`
  }];
  let parameters = (ins "bool":$isSigned, "unsigned":$width, "int64_t":$min, "int64_t":$max,
                        OptionalParameter<"std::optional<int64_t>">:$axis,
                        DefaultValuedParameter<"int64_t", "0">:$group,
                        DefaultValuedParameter<"bool", "false">:$zero);
  let assemblyFormat = "`<` custom<Storage>($isSigned, $width, $min, $max) `` custom<Groups>($axis, $group, $zero) `>`";
}

def Lowbit_CodebookType : Lowbit_FormatType<"Codebook", "codebook",
    ["getScaleAxis", "getStepRange", "hasParameters", "getParameterTypes", "getOrderedCodes",
     "getZeroCode", "buildDecode"]> {
  let summary = "indices into a table of numbers or vectors";
  let description = [{
    A code has `stages` indices of `width` bits each, the lowest for stage 0. It
    stands for `dim` numbers in a row along `axis`, the sum over the stages of
    the centroids that they name:

    ```
    real[..., m * dim + d, ...] = sum over stages s of  book[m, s, index(code[..., m, ...], s), d]
    ```

    The parameter is the codebook, f32: `[M, stages, K, dim]` with `K <= 2^width`
    centroids, and `M` the size along `axis`, or 1 for one codebook for all. Indices
    from `K` on name the last centroid. A size that `dim` does not divide ends with
    a shorter vector: real numbers beyond the result's size are dropped.

    * scalar (k-means, Deep Compression, NF4): `codebook<u4>`
    * product (Gong, Q-CNN): `codebook<u8, dim = 4, axis = 1>`
    * residual: `codebook<u8, stages = 2, dim = 4, axis = 1>`

    Constraints: all indices in 16 bits; `dim` from 1 to 64; `axis` is there where
    `dim` is more than 1.
  }];
  let parameters = (ins "unsigned":$width, DefaultValuedParameter<"unsigned", "1">:$stages,
                        DefaultValuedParameter<"int64_t", "1">:$dim,
                        OptionalParameter<"std::optional<int64_t>">:$axis);
  let assemblyFormat = "`<` custom<Vectors>($width, $stages, $dim, $axis) `>`";
}

def Lowbit_BlockType : Lowbit_FormatType<"Block", "block",
    ["getStepRange", "hasParameters", "getParameterTypes", "getScaleAxis", "getStorageBytes",
     "buildDecode"]> {
  let summary = "blocks of numbers that share an exponent";
  let description = [{
    ```
    real = element(code) * 2^exponent,      exponent that of the block
    ```

    The element is a signed integer (dynamic fixed point, Flexpoint) or a small
    float (MX: E2M1, E2M3, E3M2, E4M3, E5M2). The parameter holds the exponents, i8:
    a tensor of the codes' shape, but for `axis`, which has one element for `size`
    codes; the last block is shorter where `size` does not divide. OCP's MXINT8 has
    elements in steps of 2^-6: that is part of the exponent here.

    Steps are elements in units of the least one.

    Constraints: integers of 2 to 16 bits; `size` at least 1.

    Example: `tensor<64x100x!lowbit.block<f4E2M1FN, axis = 1, size = 32>>` with
    exponents in `tensor<64x4xi8>`
  }];
  let parameters = (ins "::mlir::Type":$element, "int64_t":$axis, "int64_t":$size);
  let assemblyFormat = "`<` $element `,` `axis` `=` $axis `,` `size` `=` $size `>`";
  let extraClassDeclaration = [{
    /// The element of `code`, an i32, as an f32.
    ::mlir::Value buildElement(::mlir::ImplicitLocOpBuilder &builder, ::mlir::Value code) const;
  }];
}

#endif // LOWBIT_FORMATS_FORMATS_TD
