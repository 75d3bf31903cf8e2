//===- Format.td - What every number format answers -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_FORMATS_FORMAT_TD
#define LOWBIT_FORMATS_FORMAT_TD

include "mlir/IR/OpBase.td"

def Lowbit_Format : TypeInterface<"Format"> {
  let cppNamespace = "::mlir::lowbit";
  let description = [{
    A number format: the element type of a tensor of codes.

    A code is an integer that stands for a real number. Every format is a sum
    of *terms*, each an integer function of the code, its *step*, and a scale:

    ```
    real(code) = sum over terms t of  step(code, t) * scale(t, channel)
    ```

    `channel` is the index along the axis, where scales differ along one.
    A format with *parameters* keeps scales, exponents or a codebook in tensors
    beside the codes; its steps and scales are then asked of the parameters'
    users, and the methods about steps say what holds for all parameters.

    A new format of at most 8 bits without parameters needs five methods:
    `getStorageWidth`, `hasSignedStorage`, `getStep`, `getScale` and what its
    parser and printer need. Everything else has a default in terms of these,
    and every pass that takes formats takes it.
  }];
  let methods = [
    InterfaceMethod<"Bits of a code: 1 to 32.", "unsigned", "getStorageWidth">,
    InterfaceMethod<"True if codes are extended with their sign.", "bool", "hasSignedStorage">,
    InterfaceMethod<[{
        The least and the greatest code. By default all that the storage holds.
      }], "std::pair<int64_t, int64_t>", "getCodeRange", (ins), "", [{
        unsigned width = $_type.getStorageWidth();
        return $_type.hasSignedStorage()
                   ? std::pair<int64_t, int64_t>(llvm::minIntN(width), llvm::maxIntN(width))
                   : std::pair<int64_t, int64_t>(0, llvm::maxUIntN(width));
      }]>,
    InterfaceMethod<[{
        The dimension along which scales differ, if any.
      }], "std::optional<int64_t>", "getScaleAxis", (ins), "", [{
        return std::nullopt;
      }]>,
    InterfaceMethod<[{
        Number of indices along the axis that have scales of their own; 1
        without an axis.
      }], "int64_t", "getNumChannels", (ins), "", [{
        return 1;
      }]>,
    InterfaceMethod<"Number of terms, at least 1.", "unsigned", "getNumTerms", (ins), "", [{
        return 1;
      }]>,
    InterfaceMethod<[{
        The integer that term `term` gives to `code`, which is in the code
        range; its magnitude is below 2^31. Affine formats: code less zero
        point.
      }], "int64_t", "getStep", (ins "int64_t":$code, "unsigned":$term)>,
    InterfaceMethod<[{
        The extremes of getStep over all codes. The default asks for each code;
        formats of more than 16 bits must answer themselves.
      }], "std::pair<int64_t, int64_t>", "getStepRange", (ins "unsigned":$term), "", [{
        return ::mlir::lowbit::detail::findStepRange(::llvm::cast<::mlir::lowbit::Format>(::mlir::Type($_type)), term);
      }]>,
    InterfaceMethod<"The scale of `term` in `channel`: finite, positive, exact in f32.",
      "double", "getScale", (ins "unsigned":$term, "int64_t":$channel)>,
    InterfaceMethod<[{
        The code that stands for exactly 0, if there is one. By default the
        first whose steps are all 0.
      }], "std::optional<int64_t>", "getZeroCode", (ins), "", [{
        return ::mlir::lowbit::detail::findZeroCode(::llvm::cast<::mlir::lowbit::Format>(::mlir::Type($_type)));
      }]>,
    InterfaceMethod<[{
        The step of `code`, an i32, as an i32 that is computed where `builder`
        stands. By default a table of all codes.
      }], "::mlir::Value", "buildStep",
      (ins "::mlir::ImplicitLocOpBuilder &":$builder, "::mlir::Value":$code, "unsigned":$term), "", [{
        return ::mlir::lowbit::detail::buildStepByTable(::llvm::cast<::mlir::lowbit::Format>(::mlir::Type($_type)), builder, code, term);
      }]>,
    InterfaceMethod<[{
        The codes in ascending order of the real numbers that they stand for in
        `channel`, each number once. Encoding chooses one of them.
      }], "::mlir::SmallVector<int64_t>", "getOrderedCodes", (ins "int64_t":$channel), "", [{
        return ::mlir::lowbit::detail::orderCodes(::llvm::cast<::mlir::lowbit::Format>(::mlir::Type($_type)), channel);
      }]>,
    InterfaceMethod<[{
        The numbers, ascending, from which on each of getOrderedCodes but the
        first is chosen. By default the midpoints of neighbours.
      }], "::mlir::SmallVector<float>", "getThresholds", (ins "int64_t":$channel), "", [{
        return ::mlir::lowbit::detail::findMidpoints(::llvm::cast<::mlir::lowbit::Format>(::mlir::Type($_type)), channel);
      }]>,
    InterfaceMethod<"True if there are tensors beside the codes.", "bool", "hasParameters", (ins), "", [{
        return false;
      }]>,
    InterfaceMethod<[{
        The types of the tensors beside codes of `shape`; none by default.
        Sizes that are not known are dynamic.
      }], "::mlir::SmallVector<::mlir::RankedTensorType>", "getParameterTypes",
      (ins "::mlir::ArrayRef<int64_t>":$shape), "", [{
        return {};
      }]>,
    InterfaceMethod<[{
        The real numbers of `words`, codes of this format as words, as a tensor of
        `type`. The default is for formats without parameters; others build
        theirs. Each number is an f32 product of step and scale, and terms are
        added in order.
      }], "::mlir::Value", "buildDecode",
      (ins "::mlir::ImplicitLocOpBuilder &":$builder, "::mlir::Value":$words,
           "::mlir::ValueRange":$parameters, "::mlir::RankedTensorType":$type), "", [{
        return ::mlir::lowbit::detail::buildDecodeByTerms(::llvm::cast<::mlir::lowbit::Format>(::mlir::Type($_type)), builder, words, type);
      }]>,
    InterfaceMethod<[{
        Bytes of a packed tensor of `shape`, with its parameters: the formula of
        the format, without padding.
      }], "int64_t", "getStorageBytes", (ins "::mlir::ArrayRef<int64_t>":$shape), "", [{
        return ::mlir::lowbit::detail::countStorageBytes(::llvm::cast<::mlir::lowbit::Format>(::mlir::Type($_type)), shape);
      }]>,
  ];
  let extraSharedClassDeclaration = [{
    /// The real number of `code` in `channel`, as lowbit.decode computes it: f32
    /// products of step and scale, added up in the order of terms.
    float decode(int64_t code, int64_t channel) {
      return ::mlir::lowbit::detail::decodeCode(::llvm::cast<::mlir::lowbit::Format>(::mlir::Type($_type)), code, channel);
    }
  }];
}

#endif // LOWBIT_FORMATS_FORMAT_TD
