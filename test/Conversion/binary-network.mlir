// RUN: lowbit-opt %s -lowbit-to-bitwise=word=8 -lowbit-fuse-bits \
// RUN:   | FileCheck %s --implicit-check-not="tensor<1x4x4x16x" --implicit-check-not="tensor<1x2x2x16x" --implicit-check-not="tensor<1x64x"

// Between the layers of a binary network lie words of bits alone, also where a window of
// largest sums stands in front of batch norm's thresholds, and where an image becomes a row.

#lhs = affine_map<(b, y, x, n, u, v, k) -> (b, y + u, x + v, k)>
#rhs = affine_map<(b, y, x, n, u, v, k) -> (n, u, v, k)>
#out = affine_map<(b, y, x, n, u, v, k) -> (b, y, x, n)>
#row = affine_map<(m, n, k) -> (m, k)>
#col = affine_map<(m, n, k) -> (n, k)>
#mat = affine_map<(m, n, k) -> (m, n)>
!bit = !lowbit.planes<sign x 1, [1.0]>
!step = !quant.uniform<i8<-1:1>:f32, 1.0>
!w = !quant.uniform<i8<-1:1>:f32, 1.0>
!sum = !quant.uniform<i32:f32, 1.0>

// CHECK-LABEL: func.func @network
// CHECK-SAME: %[[X:.*]]: tensor<1x4x4x12x
func.func @network(%x: tensor<1x4x4x12x!bit>) -> tensor<1x3xi32> {
  // CHECK: lowbit.pack_bits %[[X]] {{.*}} to tensor<1x4x4x2xi8>
  // CHECK: %[[FIRST:.*]] = lowbit.contract {{.*}}packs{{.*}}xor_popcount
  // CHECK: -> tensor<1x4x4x2xi8>
  // CHECK: linalg.generic {{.*}} ins(%[[FIRST]],
  // CHECK: arith.ori
  // CHECK: linalg.generic
  // CHECK: arith.xori
  // CHECK: %[[SECOND:.*]] = lowbit.contract {{.*}}packs{{.*}}xor_popcount
  // CHECK: -> tensor<1x2x2x2xi8>
  // CHECK: %[[ROW:.*]] = tensor.collapse_shape %[[SECOND]] {{.*}} into tensor<1x8xi8>
  // CHECK: lowbit.contract ins(%[[ROW]],
  // CHECK: -> tensor<1x3xi32>
  %s = lowbit.steps %x : tensor<1x4x4x12x!bit> to tensor<1x4x4x12x!step>
  %p = lowbit.pad %s {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 1, 1, 0>} : tensor<1x4x4x12x!step> to tensor<1x6x6x12x!step>
  %w0 = lowbit.constant dense<-1> : tensor<16x3x3x12xi8> as tensor<16x3x3x12x!w>
  %i0 = tensor.empty() : tensor<1x4x4x16x!sum>
  %y0 = lowbit.contract ins(%p, %w0 : tensor<1x6x6x12x!step>, tensor<16x3x3x12x!w>) outs(%i0 : tensor<1x4x4x16x!sum>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<1x4x4x16x!sum>
  %m = lowbit.max_pool2d %y0 {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>} : tensor<1x4x4x16x!sum> to tensor<1x2x2x16x!sum>
  %v = lowbit.reinterpret %m : tensor<1x2x2x16x!sum> to tensor<1x2x2x16xi32>
  %t0 = arith.constant dense<[[1], [2], [3], [4], [5], [6], [7], [8], [1], [2], [3], [4], [5], [6], [7], [8]]> : tensor<16x1xi32>
  %q0 = lowbit.threshold %v, %t0 {axis = 3 : i64, falling = array<i1: true, false, false, false, false, false, false, false, false, false, false, false, false, false, false, true>}
        : tensor<1x2x2x16xi32>, tensor<16x1xi32> to tensor<1x2x2x16x!bit>
  %s1 = lowbit.steps %q0 : tensor<1x2x2x16x!bit> to tensor<1x2x2x16x!step>
  %w1 = lowbit.constant dense<1> : tensor<16x1x1x16xi8> as tensor<16x1x1x16x!w>
  %i1 = tensor.empty() : tensor<1x2x2x16xi32>
  %y1 = lowbit.contract ins(%s1, %w1 : tensor<1x2x2x16x!step>, tensor<16x1x1x16x!w>) outs(%i1 : tensor<1x2x2x16xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<1x2x2x16xi32>
  %q1 = lowbit.threshold %y1, %t0 {axis = 3 : i64} : tensor<1x2x2x16xi32>, tensor<16x1xi32> to tensor<1x2x2x16x!bit>
  %f = tensor.collapse_shape %q1 [[0], [1, 2, 3]] : tensor<1x2x2x16x!bit> into tensor<1x64x!bit>
  %s2 = lowbit.steps %f : tensor<1x64x!bit> to tensor<1x64x!step>
  %w2 = lowbit.constant dense<-1> : tensor<3x64xi8> as tensor<3x64x!w>
  %i2 = tensor.empty() : tensor<1x3xi32>
  %y2 = lowbit.contract ins(%s2, %w2 : tensor<1x64x!step>, tensor<3x64x!w>) outs(%i2 : tensor<1x3xi32>) maps [#row, #col, #mat] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<1x3xi32>
  return %y2 : tensor<1x3xi32>
}

// A pixel of 12 channels does not fill its words: bits are packed when it is flat.
// CHECK-LABEL: func.func @rest
func.func @rest(%x: tensor<1x2x3xi8>, %w: tensor<12x3xi8>) -> tensor<1x3xi8> {
  // CHECK: lowbit.contract
  // CHECK: tensor.collapse_shape {{.*}} into tensor<1x24x
  // CHECK: lowbit.pack_bits {{.*}} to tensor<1x3xi8>
  %t = arith.constant dense<[[1]]> : tensor<1x1xi32>
  %i = tensor.empty() : tensor<1x2x12xi32>
  %y = lowbit.contract ins(%x, %w : tensor<1x2x3xi8>, tensor<12x3xi8>) outs(%i : tensor<1x2x12xi32>)
       maps [affine_map<(b, x, n, k) -> (b, x, k)>, affine_map<(b, x, n, k) -> (n, k)>, affine_map<(b, x, n, k) -> (b, x, n)>]
       attributes {product = #lowbit.product<xor_popcount>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<1x2x12xi32>
  %q = lowbit.threshold %y, %t {axis = 2 : i64} : tensor<1x2x12xi32>, tensor<1x1xi32> to tensor<1x2x12x!bit>
  %f = tensor.collapse_shape %q [[0], [1, 2]] : tensor<1x2x12x!bit> into tensor<1x24x!bit>
  %p = lowbit.pack_bits %f {plane = 0 : i64} : tensor<1x24x!bit> to tensor<1x3xi8>
  return %p : tensor<1x3xi8>
}
