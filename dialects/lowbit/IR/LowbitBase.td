//===- LowbitBase.td - The dialect and its base classes -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_BASE_TD
#define LOWBIT_BASE_TD

include "mlir/IR/OpBase.td"

def Lowbit_Dialect : Dialect {
  let name = "lowbit";
  let cppNamespace = "::mlir::lowbit";
  let summary = "Quantized networks: codes, formats and integer arithmetic";
  let description = [{
    The dialect in which a floating-point network becomes an integer program.

    A *code* is an integer that stands for a real number; the *format* that
    says how is the element type of the tensor. Affine formats are upstream's
    `!quant.uniform` types: a code `q` of `!quant.uniform<u8:f32, s:z>` stands
    for `s * (q - z)`. What these cannot say are types of this dialect: bit planes,
    powers of two, codebooks, blocks, and integers with group or run-time scales. All
    implement the interface `Format`.

    Three groups of operations follow each other on the way down:

    * the *model*: `activation`, `batch_norm`, `grouped_conv2d`, `layer_norm`,
      `log_softmax` and `softmax` are composites that stand beside TOSA's float
      operations until they are folded, quantized or decomposed;
    * the *encoded* network: `observe` marks the values that get a format,
      `encode` and `decode` cross between real numbers and codes, `constant`
      holds encoded weights, `reinterpret` gives codes another format, `steps`
      the integers that they stand for, `pack_bits` words of their bits;
    * the *integer graph*: `contract` owns every multiply-accumulate,
      `rescale` owns every change of scale (`requantize` where numbers must be
      ONNX's), and `add`, `mul`, `maximum`, `minimum`, `arg_max`, `concat`,
      `gather`, `pad`, `avg_pool2d`, `mean_pool2d`, `max_pool2d`, `sum`, `table`,
      `table_softmax`, `threshold` and `transpose` do the rest. Its results are
      exact: every target and every optimisation level must give these bits.

    `port` keeps codes for a debugger, at any of these stages; `parallel` divides a
    kernel among threads.

    Beside networks stand the *gradient codecs* of data-parallel training, on
    buffers: `measure_gradient`, `encode_gradient`, `decode_gradient` and
    `merge_gradients`. What a codec does is its attribute, `#lowbit.codec`.

    Rounding and saturation are attributes with a name. Nothing is implied.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect", "quant::QuantDialect",
                           "tensor::TensorDialect"];
}

class Lowbit_Op<string mnemonic, list<Trait> traits = []>
    : Op<Lowbit_Dialect, mnemonic, traits>;

#endif // LOWBIT_BASE_TD
