// RUN: lowbit-opt %s -lowbit-encode -split-input-file | FileCheck %s

!x = tensor<1x2x2x2xf32>
!w = tensor<2x2x2x2xf32>
!y = tensor<1x1x1x2xf32>
!z = tensor<1xf32>

// Kernels of 2x2 weights, one for each input and output channel; each row below
// is a position, with the two input channels side by side.
//
// First output: 0.4 four times is 1.6 and becomes 1, 1, 0, 0 instead of zeros
// (of equals the first); 0.6, 0.3, 0.2, 1.0 is 2.1 and stays 1, 0, 0, 1. Second
// one: 1.2, 2, 3, 0.25 and 0.8, 1.1, 2.2, 0.2 lose 0.45 and 0.3, but together more
// than half a step, so that the farthest code, 0 for 0.25, goes up.
// CHECK-LABEL: func.func @kernels
// CHECK: lowbit.constant dense<{{\[\[\[}}[1, 1], [1, 0]], {{\[}}[0, 0], [0, 1]]],
// CHECK-SAME: {{\[\[}}[1, 1], [2, 1]], {{\[}}[3, 2], [1, 0]]]]>
func.func @kernels(%x: !x) -> !y {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<[
      [[[0.4, 0.6], [0.4, 0.3]], [[0.4, 0.2], [0.4, 1.0]]],
      [[[1.2, 0.8], [2.0, 1.1]], [[3.0, 2.2], [0.25, 0.2]]]]> : !w}> : () -> !w
  %wo = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>, balanced,
      format = !quant.uniform<i8<-127:127>:f32:0, {1.0, 1.0}>} : !w
  %c = tosa.conv2d %x, %wo, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !y
  return %c : !y
}

// -----

!x = tensor<1x1x4xf32>
!w = tensor<1x4x2xf32>
!y = tensor<1x1x2xf32>
!z = tensor<1xf32>

// A matrix product, in columns. The largest code cannot go up, so that the
// others do. Infinities saturate, and their column stays as it is.
// CHECK-LABEL: func.func @edges
// CHECK: lowbit.constant dense<{{.*}}[127, 1], [127, 0], [1, 1], [1, 127]
func.func @edges(%x: !x) -> !y {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<[[[127.4, 0.6], [127.4, 0.4], [0.5, 0.6], [0.4, 0x7F800000]]]>
      : !w}> : () -> !w
  %wo = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>, balanced,
      format = !quant.uniform<i8<-127:127>:f32, 1.0>} : !w
  %c = tosa.matmul %x, %wo, %zero, %zero : (!x, !w, !z, !z) -> !y
  return %c : !y
}

// -----

!x = tensor<1x1x4xf32>
!w = tensor<1x4x1xf32>
!y = tensor<1x1x1xf32>
!z = tensor<1xf32>

// Steps that differ within an output channel do not add up; and what is no
// layer's weight has no channels. Both are rounded to nearest.
// CHECK-LABEL: func.func @nearest
// CHECK: lowbit.constant dense<0> : tensor<1x4x1xi8>
// CHECK: lowbit.constant dense<0> : tensor<1x4x1xi8>
func.func @nearest(%x: !x) -> (!y, !w) {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<[[[0.4], [0.4], [0.4], [0.3]]]> : !w}> : () -> !w
  %wo = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>, balanced,
      format = !quant.uniform<i8<-127:127>:f32:1, {1.0, 2.0, 1.0, 1.0}>} : !w
  %c = tosa.matmul %x, %wo, %zero, %zero : (!x, !w, !z, !z) -> !y
  %vo = lowbit.observe %w {name = "b", role = #lowbit.role<weight>, balanced,
      format = !quant.uniform<i8<-127:127>:f32, 1.0>} : !w
  return %c, %vo : !y, !w
}
