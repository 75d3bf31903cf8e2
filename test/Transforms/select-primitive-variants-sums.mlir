// Sums that are looked up by numbers of two values share their weights with no other row.

// RUN: lowbit-opt %s "-lowbit-select-primitive=features=avx2 variants=none,avx2 explain" 2>&1 | FileCheck %s
// RUN: lowbit-opt %s "-lowbit-select-primitive=features=avx2" | FileCheck %s --check-prefix=ALONE

// CHECK: avx2.sum_table (other variants share no weights with it)
// CHECK: lowbit.sharing = ["generic.dot2", "avx2.pmaddwd"]
// ALONE: primitive = "avx2.sum_table"

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!i8 = !quant.any<i8:f32>
func.func @signs(%x: tensor<3x3xi8>) -> tensor<3x64xi32> {
  %w = arith.constant dense<[[-1, -1, 1], [-1, 1, 1], [1, 1, -1], [-1, 1, -1], [1, 1, -1],
    [1, 1, -1], [-1, 1, -1], [-1, -1, -1], [1, -1, 1], [-1, -1, 1], [1, -1, 1], [-1, -1, 1],
    [1, -1, 1], [-1, -1, 1], [-1, 1, 1], [-1, 1, 1], [1, 1, -1], [1, -1, 1], [1, -1, 1],
    [1, -1, 1], [-1, -1, 1], [1, 1, -1], [1, -1, 1], [1, -1, -1], [-1, -1, -1], [-1, 1, 1],
    [1, 1, 1], [-1, 1, -1], [-1, 1, -1], [1, 1, -1], [1, 1, 1], [1, 1, -1], [1, 1, -1],
    [-1, -1, -1], [-1, 1, -1], [-1, -1, -1], [1, -1, 1], [-1, 1, -1], [-1, 1, 1], [-1, -1, -1],
    [1, -1, 1], [1, 1, 1], [1, 1, -1], [-1, 1, 1], [1, 1, -1], [1, -1, 1], [-1, 1, -1],
    [-1, -1, 1], [-1, -1, -1], [1, 1, -1], [1, -1, -1], [1, 1, 1], [-1, 1, -1], [-1, -1, 1],
    [-1, -1, 1], [1, -1, 1], [1, -1, -1], [-1, -1, 1], [-1, -1, 1], [-1, 1, -1], [-1, 1, -1],
    [1, -1, 1], [1, 1, -1], [1, 1, 1]]> : tensor<64x3xi8>
  %e = tensor.empty() : tensor<3x64xi32>
  %0 = lowbit.contract ins(%x, %w : tensor<3x3xi8>, tensor<64x3xi8>) outs(%e : tensor<3x64xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!i8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<3x64xi32>
  return %0 : tensor<3x64xi32>
}
