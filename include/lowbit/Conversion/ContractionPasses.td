//===- ContractionPasses.td - From codes and contractions to vectors and loops -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_CONTRACTIONPASSES_TD
#define LOWBIT_CONVERSION_CONTRACTIONPASSES_TD

include "mlir/Pass/PassBase.td"

def MaterializeCodesPass : Pass<"lowbit-materialize-codes", "ModuleOp"> {
  let summary = "Turn tensors of codes into tensors of words";
  let description = [{
    Formats end before buffers: memref, vector and LLVM know none. Each tensor
    of codes, in signatures, calls and control flow too, becomes a tensor of
    signless words of 8, 16 or 32 bits (`getWordType`), and each operation on
    codes becomes linalg, tensor and arith on words. Scalar code reads a word
    extended by its format's signedness, and truncates what it writes:

    ```mlir
    %y = lowbit.rescale %x, %m, %s {output_zero_point = 3 : i32, min = 0 : i32, max = 255 : i32}
         : tensor<4xi32>, tensor<1xi32> to tensor<4x!quant.uniform<u8:f32, 0.5:3>>
    // becomes
    %y = linalg.generic {...} ins(%x, %m, %s : tensor<4xi32>, tensor<1xi32>, tensor<1xi32>)
                              outs(%empty : tensor<4xi8>) {
    ^bb0(%v: i32, %multiplier: i32, %shift: i32, %out: i8):
      %0 = lowbit.rescale %v, %multiplier, %shift {output_zero_point = 3 : i32, ...} : i32, i32 to i32
      %1 = arith.trunci %0 : i32 to i8
      linalg.yield %1 : i8
    } -> tensor<4xi8>
    ```

    `lowbit.contract` stays, on words, and keeps the storage ranges of its
    operands in `formats`. `lowbit.constant` becomes `arith.constant` with the
    same data; blobs are not touched. Padding is a `tensor.insert_slice` into a
    filled tensor, so that `-eliminate-empty-tensors` lets the producer write
    there in place. `quant.scast` between codes and words of one width
    disappears.

    Refused are operations on codes that neither lowbit nor tensor define, zero
    points that are no i32 (or no code, where they pad), and fixed-point
    arithmetic on unsigned codes of 32 bits.
  }];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect", "linalg::LinalgDialect",
                           "math::MathDialect", "scf::SCFDialect", "tensor::TensorDialect",
                           "vector::VectorDialect"];
}

def LowerQuantCastsPass : Pass<"lowbit-lower-quant-casts", "ModuleOp"> {
  let summary = "Lower upstream's quant casts to arith, saturating and rounded to nearest";
  let description = [{
    A lowering of `quant.qcast`, `quant.dcast` and `quant.scast` for any
    pipeline; it needs nothing else of Lowbit. Upstream's `-lower-quant-ops`
    truncates instead of rounding, and neither saturates nor defines values out
    of range. Here, with `r = f32(1 / scale)`, zero point `z`, storage range
    `[lo, hi]`:

    ```
    qcast(x) = clamp(roundeven(x * r) + z, lo, hi);  z where x is NaN
    dcast(q) = f32(q - z) * f32(scale)               with an exact difference
    scast(x) = x
    ```

    ```mlir
    %q = quant.qcast %x : f32 to !quant.uniform<u8:f32, 0.5:3>
    // becomes
    %0 = arith.mulf %x, %two : f32
    %1 = math.roundeven %0 : f32
    %2 = arith.cmpf uno, %1, %1 : f32
    %3 = arith.select %2, %zero, %1 : f32
    %4 = arith.maximumf %3, %low : f32         // 0 - 3
    %5 = arith.minimumf %4, %high : f32        // 255 - 3
    %6 = arith.fptosi %5 : f32 to i32
    %7 = arith.addi %6, %c3 : i32
    %q = arith.trunci %7 : i32 to i8
    ```

    On ranked tensors, static or dynamic, the same is the body of one
    `linalg.generic`; scales and zero points per axis and per block are constant
    operands of it. f16 and bf16 are extended to f32 before, and truncated
    after.

    Every quantized value becomes its stored integer: signatures, calls,
    branches, `scf` and `tensor` operations are converted along, so no
    `quant.scast` is left. Any other operation on quantized types is an error:
    lower it first. Errors are also unranked tensors, `f64`, `!quant.any`, and
    scales whose reciprocal is not finite in f32.

    **Run it before `-canonicalize`, `-cse` and any greedy rewrite**: upstream
    folds `quant.dcast(quant.qcast %x)` to `%x`, which drops the rounding that
    the pair stands for.
  }];
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect", "math::MathDialect",
                           "tensor::TensorDialect"];
}

def ToBitwisePass : Pass<"lowbit-to-bitwise", "ModuleOp"> {
  let summary = "Count bits where both factors are bits";
  let description = [{
    Contractions of bit planes, or of codes of at most 4 bits, with constant
    weights become counts of the set bits of words of `word` bits:

    ```mlir
    %s = lowbit.steps %x : tensor<1x100x!lowbit.planes<sign x 1, [0.5]>> to tensor<1x100x!quant.uniform<i8<-1:1>:f32, 0.5>>
    %y = lowbit.contract ins(%s, %w : ...) ... {^bb0(%acc: i32): ...}                    weights -1 and 1
    // becomes
    %b = lowbit.pack_bits %x {plane = 0 : i64} : ... to tensor<1x2xi64>
    %y = lowbit.contract ins(%b, %wb : tensor<1x2xi64>, tensor<10x2xi64>) ...
           attributes {product = #lowbit.product<xor_popcount>} {...}                    acc = n - 2 * count
    ```

    Signs as weights take one count for each bit of the other factor; other weights
    take one for each pair of bits, with `and`: a ternary weight has two. Sums are the same integers, so that
    the epilogue stays as it is. A product that takes more than `max-counts` counts
    stays as it is, and so does one that is not summed along the last dimension of
    both operands. Padding stands for 0, which signs have not: it is padded as the
    bits of -1, and a small contraction of the padding alone says what that adds too much
    at each position. By default only one count is
    allowed. The pipeline for CPUs takes up to three from 512 terms on where AVX2 counts, and two
    where AVX-512 does: more are slower than multiplying bytes.

    With `pack`, codes of two bits and weights of at most four values, as those that are ternary, share
    words of 8 bits, four to each; where weights have two values, words of 16 bits meet those of
    8. One contraction then stands for all pairs of bits. Signs take up to four bits of codes so, two after
    two, where sums have the least terms of several counts.

    ```mlir
    %b = lowbit.pack_bits %x {plane = 0 : i64, width = 2 : i64} : tensor<1x100x!quant.uniform<i2<-1:1>:f32, 0.5>> to tensor<1x25xi8>
    %y = lowbit.contract ins(%b, %wb : tensor<1x25xi8>, tensor<10x25xi8>) ...
           attributes {product = #lowbit.product<multiply_packed>, lhs_values = array<i64: 0, 1, -2, -1>, ...} {...}
    ```

    Products of fewer than 17 columns are not worth it, or 9 of signed codes, nor are those whose sums 16 bits do not
    hold.
    The pipeline for CPUs does so where AVX2 looks up such products, and nothing multiplies bytes
    faster. Run on the integer graph, before `-lowbit-materialize-codes`.
  }];
  let options = [
    Option<"maxCounts", "max-counts", "unsigned", /*default=*/"1",
           "Most counts of bits that one contraction may take">,
    Option<"leastTerms", "least-terms", "int64_t", /*default=*/"0",
           "Terms that a sum must have for more than one count">,
    Option<"word", "word", "unsigned", /*default=*/"64",
           "Bits of a word, 8 or 64; kernels for CPUs take 8">,
    Option<"pack", "pack", "bool", /*default=*/"false",
           "Multiply codes of 2 bits that share words of 8 bits by tables, where several counts would be needed">
  ];
  let dependentDialects = ["arith::ArithDialect", "lowbit::LowbitDialect", "tensor::TensorDialect"];
}

def FuseBitsPass : Pass<"lowbit-fuse-bits", "ModuleOp"> {
  let summary = "Make codes of few bits, and their words, in epilogues";
  let description = [{
    A `lowbit.threshold` whose values a contraction alone makes becomes part of
    that contraction's epilogue: thresholds are compared with the sum where it is, and
    no i32 tensor is written. If the codes have one bit or two, and only
    `lowbit.pack_bits` reads them all, the contraction stores the packed words:

    ```mlir
    %y = lowbit.contract ... {^bb0(%acc: i32): ...} -> tensor<4x100xi32>
    %q = lowbit.threshold %y, %t {axis = 1 : i64} : tensor<4x100xi32>, tensor<100x1xi32> to tensor<4x100x!lowbit.planes<sign x 1, [1.0]>>
    %b = lowbit.pack_bits %q {plane = 0 : i64} : ... to tensor<4x13xi8>
    // becomes
    %b = lowbit.contract ... epilogue(..., %t0 : tensor<100xi32>) ... attributes {packs}
         {^bb0(%acc: i32, ..., %t0: i32): ... arith.cmpi sge ...} -> tensor<4x13xi8>
    ```

    The largest bits of windows are the words of each window, or-ed: `lowbit.max_pool2d`
    of codes of one bit moves behind `lowbit.pack_bits`, as a loop nest on words.
    Thresholds of the largest sums of windows move in front of these, so that no sum is stored: of
    codes that rise in all channels, and of bits in any, whose complements are or-ed where they fall.

    A falling channel compares complements: `v <= t` as `~v >= ~t`. Thresholds stay
    where they are computed, where there are more than 15 for a value, and where
    reshapes in between change the last dimension. An encode whose bits are packed moves
    next to `lowbit.pack_bits`, over reshapes: both become one loop. Run on the integer graph, after
    `-lowbit-to-bitwise`.
  }];
  let dependentDialects = ["arith::ArithDialect", "lowbit::LowbitDialect", "tensor::TensorDialect"];
}

def ExpandRescalePass : Pass<"lowbit-expand-rescale"> {
  let summary = "Express changes of scale on scalars and vectors in arith";
  let description = [{
    Writes out the 64-bit fixed-point arithmetic of `lowbit.rescale`, and the
    f64 arithmetic of `lowbit.requantize`, in epilogues, in bodies of `linalg.generic` and in kernels:

    ```mlir
    %y = lowbit.rescale %x, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    // becomes
    %wide = arith.extsi %x : i32 to i64
    %product = arith.muli %wide, %m64 : i64
    ...
    ```

    Both ways down use this one expansion. Refuses both on tensors: run
    `-lowbit-materialize-codes` first.
  }];
  let dependentDialects = ["arith::ArithDialect", "vector::VectorDialect"];
}

def ConvertContractToVectorPass : Pass<"convert-lowbit-contract-to-vector", "ModuleOp"> {
  let summary = "Build vector kernels for contractions on buffers";
  let description = [{
    Replaces every `lowbit.contract` by loops around the primitive that its
    attribute names: tiles of rows by vectors of columns (or channels), sums in
    registers, the epilogue on vectors, one store. Constant weights are packed
    into panels, as new globals; the unpacked ones are erased.

    ```mlir
    lowbit.contract ins(%x, %w : memref<1x10x10x16xi16>, memref<32x3x3x16xi8>) epilogue(...)
      outs(%y : memref<1x8x8x32xi8>) maps [...] attributes {primitive = "avx2.pmaddwd", ...} {...}
    // becomes
    scf.for %panel = ... {
      scf.for %tile = ... {
        %sums:12 = scf.for %kh ... scf.for %k ... {
          %w0 = vector.load ... : vector<16xi8>
          %d = llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%x0, %w0s) ...
        }
        ... lowbit.rescale ... : vector<8xi32>
        vector.store ... : vector<8xi8>
      }
    }
    ```

    Refuses contractions on tensors, without a primitive
    (`-lowbit-select-primitive` chooses one), with layouts that are not static,
    and products whose weights are not constant.

    With `parallel`, the rows or the panels of a kernel that takes long enough are
    the iterations of a `lowbit.parallel`: rows, so that a thread reads its part of
    lhs, or panels, so that it reads its part of the weights, whichever can be
    divided more evenly.

    Contractions with the attribute `lowbit.fma`, whose epilogue adds a bias to the sum and changes
    its scale to codes of at most 8 bits, do so by one multiply-add of f32 where it makes the
    same codes of all sums. That is proven for each channel, from its weights and the range
    of lhs: both never fall as the sum rises, so that they are compared where codes begin. A
    single sum of a channel that comes out one too low is corrected:

    ```mlir
    %real = arith.sitofp %sum : vector<8xi32> to vector<8xf32>
    %scaled = math.fma %real, %factor, %offset : vector<8xf32>
    %code = llvm.call_intrinsic "llvm.lrint"(%scaled) : (vector<8xf32>) -> vector<8xi32>
    ```

    With `lowbit.zero_codes` as well, which says that its zero points are codes of lhs, so does an
    epilogue of groups that takes a row's zero point times a sum of weights from the sum, and
    makes f32 of that.

    A remark says of contractions with the attribute `lowbit.explain` how many bytes
    their weights take, in how many bits each, how much of it is padding, and what makes
    numbers of few bits values.
  }];
  let options = [
    Option<"parallel", "parallel", "bool", /*default=*/"false",
           "Divide large kernels for threads">,
    Option<"fewestCycles", "fewest-cycles", "int64_t", /*default=*/"30000",
           "Predicted cycles from which on a kernel is divided">
  ];
  let dependentDialects = ["arith::ArithDialect", "LLVM::LLVMDialect", "math::MathDialect",
                           "memref::MemRefDialect", "scf::SCFDialect", "vector::VectorDialect"];
}

def ConvertLowbitContractToLinalgPass : Pass<"convert-lowbit-contract-to-linalg"> {
  let summary = "Expand lowbit.contract into two loop nests";
  let description = [{
    The reference: obviously right and slow. Products are added to a tensor of
    zeros, then the epilogue is applied to each sum:

    ```mlir
    %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<8x2xi8>) outs(%init : tensor<4x2xi8>) ...
    // becomes
    %zeros = linalg.fill ins(%c0 : i32) outs(%empty : tensor<4x2xi32>) -> tensor<4x2xi32>
    %acc = linalg.generic {iterator_types = ["parallel", "parallel", "reduction"], ...}
           ins(%x, %w : tensor<4x8xi8>, tensor<8x2xi8>) outs(%zeros : tensor<4x2xi32>) {...}
    %z = linalg.generic {iterator_types = ["parallel", "parallel"], ...}
           ins(%acc : tensor<4x2xi32>) outs(%init : tensor<4x2xi8>) {...}
    ```

    The order of the loops is kept, so that sums of f32, which are chains of
    `math.fma`, have the order that `lowbit.contract` states.

    Contractions with a `primitive` are left for
    `-convert-lowbit-contract-to-vector`.

    Refused are contractions of codes (use `-lowbit-materialize-codes` first),
    on buffers (use this pass before bufferization), of words wider than 32
    bits, and with an epilogue operand along a loop that is summed over.
  }];
  let dependentDialects = ["arith::ArithDialect", "linalg::LinalgDialect", "math::MathDialect",
                           "tensor::TensorDialect"];
}

#endif // LOWBIT_CONVERSION_CONTRACTIONPASSES_TD
