// RUN: lowbit-opt %s -verify-roundtrip | FileCheck %s

#lhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh + kh, ow + kw, ic)>
#rhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc, kh, kw, ic)>
#channel = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc)>
#out = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh, ow, oc)>
!x = tensor<1x10x10x16x!quant.uniform<u8:f32, 0.5:3>>
!w = tensor<32x3x3x16x!quant.uniform<i8<-127:127>:f32, 0.25>>
!z = tensor<1x8x8x32x!quant.uniform<u8:f32, 0.75>>

// CHECK-LABEL: func.func @conv
func.func @conv(%x: !x, %w: !w, %bias: tensor<32xi32>, %m: tensor<32xi32>, %s: tensor<32xi32>) -> !z {
  %init = tensor.empty() : !z
  // CHECK: lowbit.contract ins(%{{.*}}, %{{.*}} : {{.*}}) epilogue(%{{.*}}, %{{.*}}, %{{.*}} : tensor<32xi32>, tensor<32xi32>, tensor<32xi32>) outs(
  // CHECK: ^bb0(%[[ACC:.*]]: i32, %[[B:.*]]: i32, %{{.*}}: i32, %{{.*}}: i32):
  // CHECK: arith.addi %[[ACC]], %[[B]] : i32
  %z = lowbit.contract ins(%x, %w : !x, !w) epilogue(%bias, %m, %s : tensor<32xi32>, tensor<32xi32>, tensor<32xi32>)
         outs(%init : !z) maps [#lhs, #rhs, #channel, #channel, #channel, #out] {
    ^bb0(%acc: i32, %b: i32, %multiplier: i32, %shift: i32):
      %0 = arith.addi %acc, %b : i32
      %1 = lowbit.rescale %0, %multiplier, %shift {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
      lowbit.yield %1 : i32
  } -> !z
  return %z : !z
}
