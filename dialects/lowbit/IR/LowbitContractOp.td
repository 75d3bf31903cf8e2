//===- LowbitContractOp.td - The one contraction -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONTRACT_OP_TD
#define LOWBIT_CONTRACT_OP_TD

include "lowbit/IR/LowbitCodeOps.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/TilingInterface.td"

def Lowbit_YieldOp : Lowbit_Op<"yield", [Pure, ReturnLike, Terminator, ParentOneOf<["ContractOp"]>]> {
  let summary = "ends an epilogue";
  let description = "Hands the epilogue's value to the operation around it.";
  let arguments = (ins AnyTypeOf<[I32, F32]>:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

def Lowbit_ContractOperand : AnyTypeOf<[AnyRankedTensor, AnyStridedMemRef]>;

def Lowbit_ContractOp : Lowbit_Op<"contract", [
    DestinationStyleOpInterface,
    SingleBlock,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<ConditionallySpeculatable>,
    DeclareOpInterfaceMethods<TilingInterface,
        ["getIterationDomain", "getLoopIteratorTypes", "getTiledImplementation",
         "getResultTilePosition"]>]> {
  let summary = "sums of products, with an epilogue on each sum";
  let description = [{
    The one operation that multiplies and accumulates. Convolution, depthwise
    convolution, matrix product and matrix-vector product differ only in their
    indexing maps. Over loop indices `i`, of which those that occur in the
    result's map are parallel and all others are summed over:

    ```
    acc = sum over the reduction loops of  code(lhs[map_lhs(i)]) * code(rhs[map_rhs(i)])
    result[map_out(i)] = epilogue(acc, epilogue_operands[map(i)]...)
    ```

    `code` is the integer that is stored, extended by its format's signedness:
    zero points take no part, they belong into the epilogue's bias. Sums are
    exact in i32. With f32 operands `acc` is f32 and the sum is a chain of
    fused multiply-adds in the lexicographic order of the reduction loops,
    starting from 0.

    `product` says what stands in place of the product. `xor_popcount` and
    `and_popcount` take words of 8 or 64 bits, from `lowbit.pack_bits`, and count the
    bits that differ, or that both have: sums over as many products of bits at once.
    `multiply_packed` takes words that each hold several codes of 1 or 2 bits, the first
    in the lowest bits, and adds up their products. What the codes stand for is in
    `lhs_values` and `rhs_values`, one integer for each code.

    With `packs`, the result is packed as by `lowbit.pack_bits`: the epilogue yields
    codes, of which the low `packed_bits` bits count, and neighbours along the result's
    last dimension share a word. Bits beyond the last are 0.

    The epilogue is a region on scalars. Its arguments are the accumulator and
    one value for each epilogue operand: codes and i32 arrive as i32, f32 as
    f32. It yields the result's code as i32, within the storage range of its
    format (or an i32, or an f32, for results of these types).

    Operands are tensors of codes in the integer graph, and signless words after
    `-lowbit-materialize-codes`. From then on `formats` says what the words
    mean: one type for lhs, rhs, each epilogue operand and the result, either
    a storage range (`!quant.any`) or the element type itself. `primitive`
    names the row of the primitive table that the kernel is built around.

    `outs` is the destination; its old contents are not read.

    Constraints: (C1) one map for lhs, rhs, each epilogue operand and the
    result, all over the same loops, with as many results as the operand has
    dimensions. (C2) map results are sums of loops times positive constants
    (windows) in lhs, single loops elsewhere, each loop once; every loop stands
    alone in some map. (C3) sizes agree with the maps, and windows stay inside
    lhs. (C4) lhs and rhs are both integers, or both f32. (C5) the region's
    arguments are the accumulator and the epilogue operands, as i32 or f32;
    it yields i32 or f32 as the result needs. Epilogue operands and result are codes,
    integers of at most 32 bits or f32. (C6) `formats`, where present, has one
    entry for each operand, f32 where the operand is, and of at most its width.
    (C7) the epilogue holds operations of `arith`, `lowbit.rescale` and
    `lowbit.requantize` on scalars only.
    (C8) where there is an axis, the scales of rhs differ only along
    dimensions that are not summed over. (C9) bits are counted in words of 8 or 64
    bits, alike on both sides, and words of 64 bits are only counted. (C10) a packed result
    has words of 8 or 16 bits for codes of 1 or 2, and its last dimension is that of the
    loop, divided by the codes in a word, rounded up. (C11) packed codes have 2 or 4 values
    between -128 and 127, in words of 8 bits, or of 16 in lhs, and as many are in a word on both
    sides; other products have no values.

    Example:
    ```mlir
    #lhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh + kh, ow + kw, ic)>
    #rhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc, kh, kw, ic)>
    #channel = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc)>
    #out = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh, ow, oc)>

    %z = lowbit.contract ins(%x, %w : !x, !w) epilogue(%bias, %m, %s : tensor<16xi32>, tensor<16xi32>, tensor<16xi32>)
           outs(%init : !z) maps [#lhs, #rhs, #channel, #channel, #channel, #out] {
      ^bb0(%acc: i32, %b: i32, %multiplier: i32, %shift: i32):
        %0 = arith.addi %acc, %b : i32
        %1 = lowbit.rescale %0, %multiplier, %shift {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
        lowbit.yield %1 : i32
    } -> !z
    ```
  }];
  let arguments = (ins Lowbit_ContractOperand:$lhs, Lowbit_ContractOperand:$rhs,
                       Variadic<Lowbit_ContractOperand>:$epilogue_operands,
                       Lowbit_ContractOperand:$init,
                       AffineMapArrayAttr:$indexing_maps,
                       OptionalAttr<TypeArrayAttr>:$formats,
                       OptionalAttr<StrAttr>:$primitive,
                       DefaultValuedAttr<Lowbit_ProductAttr, "::mlir::lowbit::Product::Multiply">:$product,
                       UnitAttr:$packs,
                       DefaultValuedAttr<I64Attr, "1">:$packed_bits,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$lhs_values,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$rhs_values);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $lhs `,` $rhs `:` type($lhs) `,` type($rhs) `)`
    (`epilogue` `(` $epilogue_operands^ `:` type($epilogue_operands) `)`)?
    `outs` `(` $init `:` type($init) `)` `maps` $indexing_maps
    attr-dict-with-keyword $epilogue (`->` type($result)^)?
  }];
  let extraClassDeclaration = [{
    /// The destination is the one init.
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }

    /// Number of loops.
    unsigned getNumLoops();
    ::mlir::AffineMap getLhsMap() { return getMap(0); }
    ::mlir::AffineMap getRhsMap() { return getMap(1); }
    ::mlir::AffineMap getEpilogueMap(unsigned i) { return getMap(2 + i); }
    ::mlir::AffineMap getResultMap() { return getMap(getIndexingMaps().size() - 1); }
    ::mlir::AffineMap getMap(unsigned i) {
      return ::mlir::cast<::mlir::AffineMapAttr>(getIndexingMaps()[i]).getValue();
    }

    /// The operands in the order of the maps: lhs, rhs, epilogue operands, init.
    ::mlir::SmallVector<::mlir::Value> getMappedOperands();

    /// What an element of mapped operand `i` means: its element type in the
    /// integer graph, its entry in `formats` on words.
    ::mlir::Type getFormat(unsigned i);

    /// True if loop `d` is summed over: it does not occur in the result's map.
    bool isReduction(unsigned d);

    /// True if neighbours along dimension `dim` of mapped operand `i` share a word.
    bool isPacked(unsigned i, unsigned dim);

    /// How many codes of a packed result share a word.
    int64_t getCodesPerWord();

    /// The static trip count of each loop; kDynamic where it is not known.
    ::mlir::SmallVector<int64_t> getStaticLoopSizes();

    /// i32, or f32 for products of f32.
    ::mlir::Type getAccumulatorType();
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

#endif // LOWBIT_CONTRACT_OP_TD
