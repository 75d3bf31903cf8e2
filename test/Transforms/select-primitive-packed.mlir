// RUN: lowbit-opt %s "-lowbit-select-primitive=features=avx2 explain" -o /dev/null 2>&1 | FileCheck %s

// Codes that share words have tables with AVX2, one for words of 8 bits on both sides, one for
// 16 and 8; where there is none, plain loops.

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

// CHECK: remark: is computed by primitive avx2.code_table 18 cycles, the fewest; cannot: avx2.sign_table (its lhs has not twice the bits of rhs)
func.func @codes(%x: tensor<5x2xi8>) -> tensor<5x9xi32> {
  %w = arith.constant dense<1> : tensor<9x2xi8>
  %e = tensor.empty() : tensor<5x9xi32>
  %0 = lowbit.contract ins(%x, %w : tensor<5x2xi8>, tensor<9x2xi8>) outs(%e : tensor<5x9xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [i8, i8, i32], product = #lowbit.product<multiply_packed>,
                                        lhs_values = array<i64: 0, 1, 2, 3>, rhs_values = array<i64: -1, 0, 1, 1>} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<5x9xi32>
  return %0 : tensor<5x9xi32>
}

// CHECK: remark: is computed by primitive avx2.sign_table 21 cycles, the fewest; cannot: avx2.code_table (its bits are not in bytes)
func.func @signs(%x: tensor<5x2xi16>) -> tensor<5x9xi32> {
  %w = arith.constant dense<1> : tensor<9x2xi8>
  %e = tensor.empty() : tensor<5x9xi32>
  %0 = lowbit.contract ins(%x, %w : tensor<5x2xi16>, tensor<9x2xi8>) outs(%e : tensor<5x9xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [i16, i8, i32], product = #lowbit.product<multiply_packed>,
                                        lhs_values = array<i64: 0, 1, 2, 3>, rhs_values = array<i64: -1, 1>} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<5x9xi32>
  return %0 : tensor<5x9xi32>
}

// Products of up to 9, two of which a nibble adds up, from 0 to 18: 4000 words of two nibbles
// exceed 16 bits.
// CHECK: remark: is computed by plain loops: no primitive multiplies the codes in its words
func.func @long(%x: tensor<5x4000xi8>) -> tensor<5x9xi32> {
  %w = arith.constant dense<1> : tensor<9x4000xi8>
  %e = tensor.empty() : tensor<5x9xi32>
  %0 = lowbit.contract ins(%x, %w : tensor<5x4000xi8>, tensor<9x4000xi8>) outs(%e : tensor<5x9xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [i8, i8, i32], product = #lowbit.product<multiply_packed>,
                                        lhs_values = array<i64: 0, 1, 2, 3>, rhs_values = array<i64: 0, 1, 2, 3>} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<5x9xi32>
  return %0 : tensor<5x9xi32>
}
