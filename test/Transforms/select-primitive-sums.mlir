// RUN: lowbit-opt %s "-lowbit-select-primitive=features=avx2 explain" -o /dev/null 2>&1 | FileCheck %s

// A table of sums of activations, for weights of two values and many columns.

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// 2 * 4 terms in 256 columns by 58 in a cycle, and a table of 2 rows.
// CHECK: remark: is computed by primitive avx2.sum_table 47 cycles, the fewest; others: avx2.pmaddubsw 68,
func.func @two(%x: tensor<2x4xi8>) -> tensor<2x256xi32> {
  %w = arith.constant dense<"0xFF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01FF01"> : tensor<256x4xi8>
  %e = tensor.empty() : tensor<2x256xi32>
  %0 = lowbit.contract ins(%x, %w : tensor<2x4xi8>, tensor<256x4xi8>) outs(%e : tensor<2x256xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<2x256xi32>
  return %0 : tensor<2x256xi32>
}

// One value.
// CHECK: cannot: {{.*}}avx2.sum_table (its weights have not two values)
// More terms than a table is made for.
// CHECK: cannot: {{.*}}avx2.sum_table (its sums have more than 16384 terms)
// A window.
// CHECK: cannot: {{.*}}avx2.sum_table (its sums are not of one row)
// Weights that a file keeps in another way.
// CHECK: cannot: {{.*}}avx2.sum_table (its weights are not constant, or stored in another way)
// Terms that do not lie side by side.
// CHECK: cannot: {{.*}}avx2.sum_table (its sums do not go along the rows of lhs)
func.func @not(%x: tensor<2x4xi8>, %long: tensor<1x16385xi8>, %image: tensor<1x6x4xi8>, %t: tensor<4x2xi8>)
    -> (tensor<2x4xi32>, tensor<1x4xi32>, tensor<1x4x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>) {
  %w = arith.constant dense<1> : tensor<4x4xi8>
  %e = tensor.empty() : tensor<2x4xi32>
  %0 = lowbit.contract ins(%x, %w : tensor<2x4xi8>, tensor<4x4xi8>) outs(%e : tensor<2x4xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<2x4xi32>
  %wl = arith.constant dense<1> : tensor<4x16385xi8>
  %f = tensor.empty() : tensor<1x4xi32>
  %1 = lowbit.contract ins(%long, %wl : tensor<1x16385xi8>, tensor<4x16385xi8>) outs(%f : tensor<1x4xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<1x4xi32>
  %wi = arith.constant dense<1> : tensor<4x3x4xi8>
  %g = tensor.empty() : tensor<1x4x4xi32>
  %2 = lowbit.contract ins(%image, %wi : tensor<1x6x4xi8>, tensor<4x3x4xi8>) outs(%g : tensor<1x4x4xi32>)
    maps [affine_map<(b, x, o, v, c) -> (b, x + v, c)>, affine_map<(b, x, o, v, c) -> (o, v, c)>,
          affine_map<(b, x, o, v, c) -> (b, x, o)>] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<1x4x4xi32>
  %ws = arith.constant {lowbit.storage = #lowbit.storage<huffman>} dense<[[1, -1, 1, -1], [1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]> : tensor<4x4xi8>
  %3 = lowbit.contract ins(%x, %ws : tensor<2x4xi8>, tensor<4x4xi8>) outs(%e : tensor<2x4xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<2x4xi32>
  %4 = lowbit.contract ins(%t, %w : tensor<4x2xi8>, tensor<4x4xi8>) outs(%e : tensor<2x4xi32>)
    maps [affine_map<(m, n, k) -> (k, m)>, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<2x4xi32>
  return %0, %1, %2, %3, %4 : tensor<2x4xi32>, tensor<1x4xi32>, tensor<1x4x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>
}
