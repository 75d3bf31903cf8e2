// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector -split-input-file | FileCheck %s

// Sums of products of codes that share words, in tables of all bytes of lhs.

// Of the first byte, whose codes are all 0, 16 sums for each of two nibbles, 0: the least
// sum, -6, is taken away. Then 1 in the first code, times weights of -1, 0, 1 and 1.
// CHECK: memref.global "private" constant @__lowbit_multiply_packed_table_0_1_2_3_n1_0_1_1 : memref<8192xi8> = dense<"0x
// CHECK-SAME: 0606060606060606060606060606060606060606060606060606060606060606
// CHECK-SAME: 0506070705060707050607070506070706060606060606060606060606060606
#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
memref.global "private" constant @w : memref<9x30xi8> = dense<1>
// CHECK-LABEL: func.func @codes
// CHECK: %[[T:.*]] = memref.get_global @__lowbit_multiply_packed_table_0_1_2_3_n1_0_1_1
// Ten words are counted in bytes, up to 24 each.
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %c3
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %c10
// CHECK: llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
// 6 is in each of 60 nibbles.
// CHECK: arith.constant dense<-360> : vector<32xi32>
func.func @codes(%x: memref<1x30xi8>, %y: memref<1x9xi32>) {
  %w = memref.get_global @w : memref<9x30xi8>
  lowbit.contract ins(%x, %w : memref<1x30xi8>, memref<9x30xi8>) outs(%y : memref<1x9xi32>)
    maps [#lhs, #rhs, #out]
    attributes {formats = [i8, i8, i32], primitive = "avx2.code_table", product = #lowbit.product<multiply_packed>,
                lhs_values = array<i64: 0, 1, 2, 3>, rhs_values = array<i64: -1, 0, 1, 1>} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

// Each byte of a word of 16 bits has its own nibble of signs, and -12 is the least sum. Codes of
// two bits leave side by side: four are moved together, nine are three words.
// CHECK: memref.global "private" constant @__lowbit_multiply_packed_table_0_1_2_3_n1_1 : memref<4096xi8>
#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
memref.global "private" constant @w : memref<9x3xi8> = dense<1>
// CHECK-LABEL: func.func @signs
// CHECK: %[[WORD:.*]] = memref.load %{{.*}} : memref<3xi16
// CHECK: arith.andi %[[WORD]], %c255_i16
// CHECK: arith.shrui %[[WORD]], %c8_i16
// CHECK: arith.constant dense<-72> : vector<32xi32>
// CHECK: arith.shrui %{{.*}} : vector<16xi16>
// CHECK: arith.shrui %{{.*}} : vector<8xi16>
// CHECK: arith.trunci %{{.*}} : vector<8xi16> to vector<8xi8>
// CHECK-COUNT-3: memref.store %{{.*}} : memref<3xi8
// CHECK-NOT: memref.store
func.func @signs(%x: memref<1x3xi16>, %y: memref<1x3xi8>) {
  %w = memref.get_global @w : memref<9x3xi8>
  lowbit.contract ins(%x, %w : memref<1x3xi16>, memref<9x3xi8>) outs(%y : memref<1x3xi8>)
    maps [#lhs, #rhs, #out]
    attributes {formats = [i16, i8, i8], primitive = "avx2.sign_table", product = #lowbit.product<multiply_packed>,
                lhs_values = array<i64: 0, 1, 2, 3>, rhs_values = array<i64: -1, 1>, packs, packed_bits = 2 : i64} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}
