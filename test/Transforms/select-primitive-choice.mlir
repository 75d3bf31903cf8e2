// RUN: split-file %s %t
// RUN: lowbit-opt %t/in.mlir "-lowbit-select-primitive=features=avx2 explain" -o %t/out 2>&1 \
// RUN:   | FileCheck %s --check-prefix=EXPLAIN
// RUN: lowbit-opt %t/in.mlir \
// RUN:   "-lowbit-select-primitive=features=avx2 explain force=generic.mul,generic.dot2" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=FORCE
// RUN: not lowbit-opt %t/in.mlir \
// RUN:   "-lowbit-select-primitive=features=avx2 force=avx2.pmaddubsw,avx512.vpdpbusd,generic.mul" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=REFUSE
// RUN: not lowbit-opt %t/in.mlir -lowbit-select-primitive=force=sse2.pmul 2>&1 \
// RUN:   | FileCheck %s --check-prefix=UNKNOWN

// Four rows of 32 lanes, 8 terms: 1024 products. All weights are large.
// EXPLAIN: remark: is computed by primitive avx2.pmaddwd 46 cycles, the fewest; others: avx2.psignb 59, avx2.pmaddwd.bytes 51, generic.dot2 204, generic.dot4 256, generic.mla 256; cannot:
// EXPLAIN-SAME: avxvnni.vpdpbusd (it needs avxvnni), avxvnniint8.vpdpbssd (it needs avxvnniint8), avx512.vpdpbusd (it needs avx512vnni),
// EXPLAIN-SAME: avx2.pmaddubsw (two of its products may exceed 16 bits), avx512.pmaddwd (it needs avx512bw), avx512.pmaddwd.bytes (it needs avx512bw),
// EXPLAIN-SAME: avx2.pmaddwd.words (its rhs has words of 8 bits, not 16)
// Only pairs count: here the large weights are apart, so that bytes do.
// EXPLAIN: remark: is computed by primitive avx2.pmaddubsw 8 cycles, the fewest; others: avx2.psignb 14, avx2.pmaddwd 11, avx2.pmaddwd.bytes 12, generic.dot2 51
// Signed codes on the left.
// EXPLAIN: remark: is computed by primitive avx2.pmaddwd 11 cycles, the fewest; others: avx2.psignb 14,
// EXPLAIN-SAME: avx2.pmaddubsw (it multiplies unsigned bytes by signed ones only, and its weights are no small numbers)
// With a weight that has no negative.
// EXPLAIN: remark: is computed by primitive avx2.pmaddwd 11 cycles, the fewest; others: avx2.pmaddwd.bytes
// EXPLAIN-SAME: avx2.psignb (its weights may be -128, which has no negative)
// EXPLAIN-SAME: neon.sdot (it needs dotprod)
// One pair in eight steps is too large: it takes a step of its own.
// EXPLAIN: remark: is computed by primitive avx2.pmaddubsw 28 cycles (with 12.5 % more steps for large weights), the fewest; others: avx2.psignb

// But not of weights that a file keeps in few bits: with other values it would need more.
// EXPLAIN: remark: is computed by primitive avx2.pmaddwd 46 cycles, the fewest;
// EXPLAIN-SAME: avx2.pmaddubsw (two of its products may exceed 16 bits)

// What other architectures have is not worth a word where the architecture is known.
// RUN: lowbit-opt %t/in.mlir "-lowbit-select-primitive=features=avx2,x86 explain" -o %t/out 2>&1 \
// RUN:   | FileCheck %s --check-prefix=X86 --implicit-check-not=neon --implicit-check-not=rvv
// X86: avx512.vpdpbusd (it needs avx512vnni)
// RUN: lowbit-opt %t/in.mlir "-lowbit-select-primitive=features=neon,aarch64 explain" -o %t/out \
// RUN:   2>&1 | FileCheck %s --check-prefix=ARM --implicit-check-not=avx --implicit-check-not=rvv
// ARM: neon.sdot (it needs dotprod)

// FORCE: is computed by primitive generic.dot2 204 cycles, as it is forced to; others: avx2.psignb 59, avx2.pmaddwd 46
// FORCE: is computed by primitive generic.dot2 {{.*}}; others: avx2.pmaddubsw 8,
// FORCE: primitive = "generic.dot2"
// FORCE: primitive = "generic.dot2"

// REFUSE: error: 'lowbit.contract' op cannot be computed by 'avx2.pmaddubsw' (two of its products may exceed 16 bits), 'avx512.vpdpbusd' (it needs avx512vnni), 'generic.mul' (it is for other lanes or numbers); can be computed by avx2.psignb, avx2.pmaddwd, avx2.pmaddwd.bytes, generic.dot2, generic.dot4, generic.mla{{$}}
// UNKNOWN: error: there is no primitive 'sse2.pmul'; there are avxvnni.vpdpbusd, {{.*}}, generic.fma

//--- in.mlir
#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
func.func @columns(%u: tensor<4x8xi8>, %v: tensor<4x32xi8>)
    -> (tensor<4x32xi32>, tensor<4x2xi32>, tensor<4x2xi32>, tensor<4x2xi32>, tensor<4x1xi32>, tensor<4x1xi32>) {
  %w = arith.constant dense<100> : tensor<32x8xi8>
  %apart = arith.constant dense<[[127, 1, 127, 1, 127, 1, 127, 1],
                                 [-127, -1, 1, -127, 0, 1, 2, -126]]> : tensor<2x8xi8>
  %e = tensor.empty() : tensor<4x32xi32>
  %0 = lowbit.contract ins(%u, %w : tensor<4x8xi8>, tensor<32x8xi8>) outs(%e : tensor<4x32xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x32xi32>
  %f = tensor.empty() : tensor<4x2xi32>
  %1 = lowbit.contract ins(%u, %apart : tensor<4x8xi8>, tensor<2x8xi8>) outs(%f : tensor<4x2xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x2xi32>
  %g = tensor.empty() : tensor<4x2xi32>
  %2 = lowbit.contract ins(%u, %apart : tensor<4x8xi8>, tensor<2x8xi8>) outs(%g : tensor<4x2xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!i8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x2xi32>
  %least = arith.constant dense<-128> : tensor<2x8xi8>
  %3 = lowbit.contract ins(%u, %least : tensor<4x8xi8>, tensor<2x8xi8>) outs(%g : tensor<4x2xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!i8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x2xi32>
  %many = arith.constant dense<[[100, 101, 1, -2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
                                 -1, -2, -3, -4, -5, -6, -7, -8, -9, 0, 0, 0, 0, 0, 0, 0]]>
    : tensor<1x32xi8>
  %h = tensor.empty() : tensor<4x1xi32>
  %4 = lowbit.contract ins(%v, %many : tensor<4x32xi8>, tensor<1x32xi8>) outs(%h : tensor<4x1xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x1xi32>
  %stored = arith.constant {lowbit.storage = #lowbit.storage<huffman>}
    dense<[[100, 101, 1, -2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
            -1, -2, -3, -4, -5, -6, -7, -8, -9, 0, 0, 0, 0, 0, 0, 0]]> : tensor<1x32xi8>
  %5 = lowbit.contract ins(%v, %stored : tensor<4x32xi8>, tensor<1x32xi8>) outs(%h : tensor<4x1xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x1xi32>
  return %0, %1, %2, %3, %4, %5
    : tensor<4x32xi32>, tensor<4x2xi32>, tensor<4x2xi32>, tensor<4x2xi32>, tensor<4x1xi32>,
      tensor<4x1xi32>
}
