// RUN: lowbit-opt %s -verify-roundtrip | FileCheck %s

#lhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh + kh, ow + kw, ic)>
#rhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc, kh, kw, ic)>
#channel = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc)>
#out = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh, ow, oc)>
!x = tensor<1x10x10x16x!quant.uniform<u8:f32, 0.5:3>>
!w = tensor<32x3x3x16x!quant.uniform<i8<-127:127>:f32, 0.25>>
!z = tensor<1x8x8x32x!quant.uniform<u8:f32, 0.75>>

// CHECK-LABEL: func.func @conv
func.func @conv(%x: !x, %w: !w, %bias: tensor<32xi32>, %m: tensor<32xi32>, %s: tensor<32xi32>)
    -> !z {
  %init = tensor.empty() : !z
  // CHECK: lowbit.contract ins(%{{.*}}, %{{.*}} : tensor<1x10x10x16x
  // CHECK-SAME: epilogue(%{{[^:]*}} : tensor<32xi32>, tensor<32xi32>, tensor<32xi32>) outs(
  // CHECK: ^bb0(%[[ACC:.*]]: i32, %[[B:.*]]: i32, %{{.*}}: i32, %{{.*}}: i32):
  // CHECK: arith.addi %[[ACC]], %[[B]] : i32
  %z = lowbit.contract ins(%x, %w : !x, !w)
         epilogue(%bias, %m, %s : tensor<32xi32>, tensor<32xi32>, tensor<32xi32>)
         outs(%init : !z) maps [#lhs, #rhs, #channel, #channel, #channel, #out] {
    ^bb0(%acc: i32, %b: i32, %multiplier: i32, %shift: i32):
      %0 = arith.addi %acc, %b : i32
      %1 = lowbit.rescale %0, %multiplier, %shift {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
      lowbit.yield %1 : i32
  } -> !z
  return %z : !z
}

#row = affine_map<(m, n, k) -> (m, k)>
#column = affine_map<(m, n, k) -> (n, k)>
#result = affine_map<(m, n, k) -> (m, n)>

// Words say in `formats` what they mean.
// CHECK-LABEL: func.func @words
// CHECK: lowbit.contract {{.*}} attributes {formats = [!quant.any<u8:f32>, i8, !quant.any<i8:f32>]
// CHECK-SAME: primitive = "avx2.pmaddwd"}
func.func @words(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi8>) -> tensor<4x5xi8> {
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>) outs(%init : tensor<4x5xi8>)
         maps [#row, #column, #result]
         attributes {formats = [!quant.any<u8:f32>, i8, !quant.any<i8:f32>],
                     primitive = "avx2.pmaddwd"} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi8>
  return %z : tensor<4x5xi8>
}

// On memrefs there is no result.
// CHECK-LABEL: func.func @floats
// CHECK: lowbit.contract ins(%{{.*}}) outs(%{{.*}} : memref<4x5xf32>)
// CHECK: ^bb0(%[[ACC:.*]]: f32):
func.func @floats(%x: memref<4x8xf32>, %w: memref<5x8xf32>, %z: memref<4x5xf32>) {
  lowbit.contract ins(%x, %w : memref<4x8xf32>, memref<5x8xf32>) outs(%z : memref<4x5xf32>)
      maps [#row, #column, #result] {
    ^bb0(%acc: f32):
      lowbit.yield %acc : f32
  }
  return
}
