//===- LowbitAttrs.td - Attributes and their enumerations -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_ATTRS_TD
#define LOWBIT_ATTRS_TD

include "lowbit/IR/LowbitBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

class Lowbit_EnumAttr<EnumAttrInfo info, string mnemonic>
    : EnumAttr<Lowbit_Dialect, info, mnemonic> {
  let assemblyFormat = "`<` $value `>`";
}

def Lowbit_Rounding : I32EnumAttr<"Rounding", "how a real number becomes an integer", [
    I32EnumAttrCase<"NearestEven", 0, "nearest_even">,
    I32EnumAttrCase<"NearestAway", 1, "nearest_away">,
    I32EnumAttrCase<"Floor", 2, "floor">,
    I32EnumAttrCase<"Ceil", 3, "ceil">,
    I32EnumAttrCase<"TowardZero", 4, "toward_zero">,
    I32EnumAttrCase<"AwayFromZero", 5, "away_from_zero">,
    I32EnumAttrCase<"NearestTowardZero", 6, "nearest_toward_zero">,
    I32EnumAttrCase<"Stochastic", 7, "stochastic">]> {
  let cppNamespace = "::mlir::lowbit";
  let genSpecializedAttr = 0;
}
def Lowbit_RoundingAttr : Lowbit_EnumAttr<Lowbit_Rounding, "rounding"> {
  let description = [{
    The three that round to nearest differ at ties only: 2.5 becomes 2 by
    `nearest_even` and `nearest_toward_zero`, and 3 by `nearest_away`; 3.5
    becomes 4, 3 and 4. `away_from_zero` makes 3 of 2.1 and -3 of -2.1.
    `stochastic` goes up as often as the fraction says: 2.25 becomes 3 for one in
    four elements, by random bits that are the same in every run.
  }];
}

def Lowbit_Scaling : I32EnumAttr<"Scaling", "how a real number is brought to steps of a scale", [
    I32EnumAttrCase<"Multiply", 0, "multiply">,
    I32EnumAttrCase<"Divide", 1, "divide">,
    I32EnumAttrCase<"DivideShift", 2, "divide_shift">]> {
  let cppNamespace = "::mlir::lowbit";
  let genSpecializedAttr = 0;
}
def Lowbit_ScalingAttr : Lowbit_EnumAttr<Lowbit_Scaling, "scaling"> {
  let description = [{
    `multiply` multiplies by the reciprocal of the scale, rounded once; `divide`
    divides by the scale, as ONNX's QuantizeLinear does. They differ in the last
    bit of the quotient, and so at ties. `divide_shift` divides, too, and adds the
    zero point before it rounds, as QONNX's IntQuant does: it rounds codes, the
    others steps of the scale.
  }];
}

def Lowbit_RescaleMode : I32EnumAttr<"RescaleMode", "how a fixed-point product is shifted down", [
    I32EnumAttrCase<"SingleRound", 0, "single_round">,
    I32EnumAttrCase<"DoubleRound", 1, "double_round">]> {
  let cppNamespace = "::mlir::lowbit";
  let genSpecializedAttr = 0;
}
def Lowbit_RescaleModeAttr : Lowbit_EnumAttr<Lowbit_RescaleMode, "rescale_mode"> {
  let description = [{
    The two modes of the TOSA 1.0 specification (RESCALE, `apply_scale_32`), and
    of TFLite's reference kernels; see `lowbit.rescale` for their formulas.
  }];
}

def Lowbit_Saturation : I32EnumAttr<"Saturation", "what happens outside the range", [
    I32EnumAttrCase<"Saturate", 0, "saturate">,
    I32EnumAttrCase<"Wrap", 1, "wrap">]> {
  let cppNamespace = "::mlir::lowbit";
  let genSpecializedAttr = 0;
}
def Lowbit_SaturationAttr : Lowbit_EnumAttr<Lowbit_Saturation, "saturation"> {
  let description = [{
    `saturate` takes the nearest value of the range. `wrap` keeps the low bits;
    it is for values that are proven to be inside.
  }];
}

def Lowbit_Role : I32EnumAttr<"Role", "what an observed value is used for", [
    I32EnumAttrCase<"Activation", 0, "activation">,
    I32EnumAttrCase<"Weight", 1, "weight">,
    I32EnumAttrCase<"Head", 2, "head">]> {
  let cppNamespace = "::mlir::lowbit";
  let genSpecializedAttr = 0;
}
def Lowbit_RoleAttr : Lowbit_EnumAttr<Lowbit_Role, "role"> {
  let description = [{
    A `weight` is a constant operand of a multiply-accumulate. A `head` is an
    activation that feeds no multiply-accumulate: it leads to softmax or to a
    result of the program, or it is a constant operand of arithmetic on pairs,
    so more than 8 bits cost nothing there.
  }];
}

def Lowbit_Function : I32EnumAttr<"Function", "a function of one variable that TOSA lacks", [
    I32EnumAttrCase<"LeakyRelu", 0, "leaky_relu">,
    I32EnumAttrCase<"ThresholdedRelu", 1, "thresholded_relu">,
    I32EnumAttrCase<"Shrink", 2, "shrink">,
    I32EnumAttrCase<"Elu", 3, "elu">,
    I32EnumAttrCase<"Selu", 4, "selu">,
    I32EnumAttrCase<"Celu", 5, "celu">,
    I32EnumAttrCase<"HardSigmoid", 6, "hard_sigmoid">,
    I32EnumAttrCase<"HardSwish", 7, "hard_swish">,
    I32EnumAttrCase<"Silu", 8, "silu">,
    I32EnumAttrCase<"Softplus", 9, "softplus">,
    I32EnumAttrCase<"Softsign", 10, "softsign">,
    I32EnumAttrCase<"Mish", 11, "mish">,
    I32EnumAttrCase<"Gelu", 12, "gelu">,
    I32EnumAttrCase<"GeluTanh", 13, "gelu_tanh">,
    I32EnumAttrCase<"Power", 14, "power">,
    I32EnumAttrCase<"Sqrt", 15, "sqrt">,
    I32EnumAttrCase<"Round", 16, "round">,
    I32EnumAttrCase<"Sign", 17, "sign">]> {
  let cppNamespace = "::mlir::lowbit";
  let genSpecializedAttr = 0;
}
def Lowbit_FunctionAttr : Lowbit_EnumAttr<Lowbit_Function, "function"> {
  let description = [{
    What `lowbit.activation` computes; the formulas are in its description.
  }];
}

def Lowbit_Product : I32EnumAttr<"Product", "what a contraction makes of two words", [
    I32EnumAttrCase<"Multiply", 0, "multiply">,
    I32EnumAttrCase<"XorPopcount", 1, "xor_popcount">,
    I32EnumAttrCase<"AndPopcount", 2, "and_popcount">,
    I32EnumAttrCase<"MultiplyPacked", 3, "multiply_packed">]> {
  let cppNamespace = "::mlir::lowbit";
  let genSpecializedAttr = 0;
}
def Lowbit_ProductAttr : Lowbit_EnumAttr<Lowbit_Product, "product"> {
  let description = [{
    `multiply` multiplies two codes, `multiply_packed` all that share a word. The others
    count bits of two words: those that differ, and those that are set in both.
  }];
}

def Lowbit_StatsAttr : AttrDef<Lowbit_Dialect, "Stats"> {
  let mnemonic = "stats";
  let summary = "what calibration saw of one value";
  let description = [{
    Statistics of one observed tensor over all calibration samples.

    * `count`: how many elements were seen;
    * `min`, `max`: the extremes;
    * `average_min`, `average_max`: exponential moving averages of the extremes
      of each sample (weight of the past 0.9, the first sample starts them);
    * `bin_width`, `first_bin`, `histogram`: bin `i` counts the elements `x`
      with `floor(x / bin_width) = first_bin + i`. `bin_width` is a power of
      two, so that bins merge exactly when the range grows.

    All numbers are finite, `min <= max`, and the histogram adds up to `count`
    or is empty (`bin_width` may be 0 then).
  }];
  let parameters = (ins "int64_t":$count, "FloatAttr":$min, "FloatAttr":$max,
                        "FloatAttr":$average_min, "FloatAttr":$average_max,
                        "FloatAttr":$bin_width, "int64_t":$first_bin,
                        "DenseI64ArrayAttr":$histogram);
  let builders = [AttrBuilder<(ins "int64_t":$count, "double":$min, "double":$max,
                                   "double":$averageMin, "double":$averageMax,
                                   "double":$binWidth, "int64_t":$firstBin,
                                   "ArrayRef<int64_t>":$histogram), [{
    Type f64 = Float64Type::get($_ctxt);
    return $_get($_ctxt, count, FloatAttr::get(f64, min), FloatAttr::get(f64, max),
                 FloatAttr::get(f64, averageMin), FloatAttr::get(f64, averageMax),
                 FloatAttr::get(f64, binWidth), firstBin,
                 DenseI64ArrayAttr::get($_ctxt, histogram));
  }]>];
  let assemblyFormat = [{
    `<` `count` `=` $count `,` `min` `=` $min `,` `max` `=` $max `,`
        `average_min` `=` $average_min `,` `average_max` `=` $average_max `,`
        `bin_width` `=` $bin_width `,` `first_bin` `=` $first_bin `,`
        `histogram` `=` $histogram `>`
  }];
  let genVerifyDecl = 1;
}

def Lowbit_ChannelsAttr : AttrDef<Lowbit_Dialect, "Channels"> {
  let mnemonic = "channels";
  let summary = "what calibration saw of the channels of a layer's input";
  let description = [{
    For each channel of what a layer reads, that is, each index along the last
    dimension of its first operand: the extremes and the mean of its elements
    over all calibration samples, in f32. Padding of the layer itself is not
    counted.

    The three lists have the same number of elements, at least one; all are
    finite, and `min <= max` in each channel.
  }];
  let parameters = (ins "DenseF32ArrayAttr":$min, "DenseF32ArrayAttr":$max,
                        "DenseF32ArrayAttr":$mean);
  let assemblyFormat = [{
    `<` `min` `=` custom<FloatList>($min) `,` `max` `=` custom<FloatList>($max) `,`
        `mean` `=` custom<FloatList>($mean) `>`
  }];
  let genVerifyDecl = 1;
}

def Lowbit_StorageKind : I32EnumAttr<"StorageKind", "how the words of a constant lie on disk", [
    I32EnumAttrCase<"Packed", 0, "packed">,
    I32EnumAttrCase<"Sparse", 1, "sparse">,
    I32EnumAttrCase<"Huffman", 2, "huffman">,
    I32EnumAttrCase<"SparseHuffman", 3, "sparse_huffman">,
    I32EnumAttrCase<"Smallest", 4, "smallest">,
    I32EnumAttrCase<"Words", 5, "words">]> {
  let cppNamespace = "::mlir::lowbit";
  let genSpecializedAttr = 0;
}

def Lowbit_StorageAttr : AttrDef<Lowbit_Dialect, "Storage"> {
  let mnemonic = "storage";
  let summary = "in how few bytes a constant lies on disk";
  let description = [{
    How an artefact holds a constant that has this attribute under the name
    `lowbit.storage`. It is decoded once, before the program first runs, so that
    storage changes no result and no later run. Any constant of words of 8 or 16
    bits can have it, whatever its codes stand for:

    * `packed`: each word is the number of its value among those that occur, in as
      few bits as count these; 4 bits for 9 to 16 values;
    * `huffman`: values that occur often have short words, of a canonical Huffman
      code;
    * `sparse`: only words that are not 0 are stored, packed, each with the count
      of zeros before it in `gap` bits, 1 to 8. A gap that these do not hold is
      filled by zeros that are stored;
    * `sparse_huffman`: the same, with Huffman codes for words and gaps;
    * `smallest`: the one of these that takes the fewest bytes;
    * `words`: as in memory.

    Without this attribute, a constant of a million words or more is `packed` where
    that saves more than one percent.

    Without `gap`, it is the one that takes the fewest bytes.

    Example:
    ```mlir
    %w = lowbit.constant dense<[0, 0, 7, 0]> : tensor<4xi8>
         {lowbit.storage = #lowbit.storage<sparse, gap = 5>} as tensor<4x!quant.uniform<i8:f32, 0.25>>
    ```
  }];
  let parameters = (ins "StorageKind":$kind, DefaultValuedParameter<"unsigned", "0">:$gap);
  let assemblyFormat = "`<` $kind (`,` `gap` `=` $gap^)? `>`";
  let genVerifyDecl = 1;
}

include "lowbit/IR/LowbitCodecAttr.td"

#endif // LOWBIT_ATTRS_TD
