// RUN: lowbit-opt %s -lowbit-detect-formats -split-input-file -verify-diagnostics | FileCheck %s

// A layer with weights [out, in] as a 1x1 convolution.

// Two values are one bit plane.
// CHECK-LABEL: func.func @binary
func.func @binary(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x2xf32> {
  // CHECK: lowbit.constant dense<{{\[\[\[\[}}1, 0, 1, 0, 1, 1, 1, 1]]], {{\[\[\[}}0, 0, 0, 0, 0, 0, 0, 1]]]]> : tensor<2x1x1x8xi8>
  // CHECK-SAME: as tensor<2x1x1x8x!lowbit.planes<sign x 1, [3.000000e-01]>>
  // CHECK: lowbit.decode
  %w = "tosa.const"() {values = dense<[[[[0.3, -0.3, 0.3, -0.3, 0.3, 0.3, 0.3, 0.3]]], [[[-0.3, -0.3, -0.3, -0.3, -0.3, -0.3, -0.3, 0.3]]]]> : tensor<2x1x1x8xf32>} : () -> tensor<2x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @+1 {{its weights are binary, and keep these codes}}
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<2x1x1x8xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x2xf32>
  return %y : tensor<1x1x1x2xf32>
}

// -----

// With a scale for each output channel.
// CHECK-LABEL: func.func @binary_channels
func.func @binary_channels(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x2xf32> {
  // CHECK: !lowbit.planes<sign x 1, axis = 0, [3.000000e-01, 0.699999988]>
  %w = "tosa.const"() {values = dense<[[[[0.3, -0.3, 0.3, -0.3, 0.3, 0.3, 0.3, 0.3]]], [[[-0.7, -0.7, -0.7, -0.7, -0.7, -0.7, -0.7, 0.7]]]]> : tensor<2x1x1x8xf32>} : () -> tensor<2x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @+1 {{its weights are binary, and keep these codes}}
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<2x1x1x8xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x2xf32>
  return %y : tensor<1x1x1x2xf32>
}

// -----

// 0 and one value are one bit.
// CHECK-LABEL: func.func @bits
func.func @bits(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK: !lowbit.planes<bit x 1, [-5.000000e-01]>
  %w = "tosa.const"() {values = dense<[[[[0.0, -0.5, 0.0, 0.0, -0.5, 0.0, 0.0, -0.5]]]]> : tensor<1x1x1x8xf32>} : () -> tensor<1x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @+1 {{its weights are zero or one value, and keep these codes}}
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// Three values, of which one is 0 (and -0 is 0).
// CHECK-LABEL: func.func @ternary
func.func @ternary(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK: dense<{{\[\[\[\[}}1, 0, 2, 0, 1, 0, 0, 0]]]]>
  // CHECK-SAME: !lowbit.planes<bit x 2, [2.500000e-01, -2.500000e-01]>
  %w = "tosa.const"() {values = dense<[[[[0.25, 0.0, -0.25, -0.0, 0.25, 0.0, 0.0, 0.0]]]]> : tensor<1x1x1x8xf32>} : () -> tensor<1x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @+1 {{its weights are ternary, and keep these codes}}
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// Two levels that differ, as trained ternary quantization has.
// CHECK-LABEL: func.func @two_levels
func.func @two_levels(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK: !lowbit.planes<bit x 2, [3.000000e-01, -0.699999988]>
  %w = "tosa.const"() {values = dense<[[[[0.3, 0.0, -0.7, 0.0, 0.3, 0.0, -0.7, 0.0]]]]> : tensor<1x1x1x8xf32>} : () -> tensor<1x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @+1 {{its weights are ternary of two levels, and keep these codes}}
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// Any two values.
// CHECK-LABEL: func.func @pair
func.func @pair(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK: dense<{{\[\[\[\[}}2, 1, 1, 2, 2, 2, 2, 2]]]]>
  // CHECK-SAME: !lowbit.planes<bit x 2, [0.699999988, 3.000000e-01]>
  %w = "tosa.const"() {values = dense<[[[[0.3, 0.7, 0.7, 0.3, 0.3, 0.3, 0.3, 0.3]]]]> : tensor<1x1x1x8xf32>} : () -> tensor<1x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @+1 {{its weights are two values, and keep these codes}}
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// Multiples of a step.
// CHECK-LABEL: func.func @uniform
func.func @uniform(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK: dense<{{\[\[\[\[}}1, -3, 2, 0, 3, 1, -2, 1]]]]>
  // CHECK-SAME: !quant.uniform<i3<-3:3>:f32, 
  %w = "tosa.const"() {values = dense<[[[[0.1, -0.3, 0.2, 0.0, 0.3, 0.1, -0.2, 0.1]]]]> : tensor<1x1x1x8xf32>} : () -> tensor<1x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @+1 {{its weights are 3-bit uniform, and keep these codes}}
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// Multiples on one side of 0 save a bit with a zero point.
// CHECK-LABEL: func.func @uniform_zero_point
func.func @uniform_zero_point(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK: !quant.uniform<u2:f32, 5.000000e-01>
  %w = "tosa.const"() {values = dense<[[[[0.5, 1.0, 1.5, 0.0, 1.5, -0.0, 0.5, 1.0]]]]> : tensor<1x1x1x8xf32>} : () -> tensor<1x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @+1 {{its weights are 2-bit uniform, and keep these codes}}
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// Odd multiples only.
// CHECK-LABEL: func.func @odd
func.func @odd(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK: dense<{{\[\[\[\[}}2, 3, 1, 0, 2, 2, 0, 3]]]]>
  // CHECK-SAME: !lowbit.planes<sign x 2, [5.000000e-01, 1.000000e+00]>
  %w = "tosa.const"() {values = dense<[[[[0.5, 1.5, -0.5, -1.5, 0.5, 0.5, -1.5, 1.5]]]]> : tensor<1x1x1x8xf32>} : () -> tensor<1x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @+1 {{its weights are 2-bit odd multiples, and keep these codes}}
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// Powers of two times a scale.
// CHECK-LABEL: func.func @powers
func.func @powers(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK: !lowbit.pow2<i4, -3 : 0, [0.699999988]>
  %w = "tosa.const"() {values = dense<[[[[0.7, 0.35, -0.0875, 0.0, 0.175, 0.7, 0.7, -0.7]]]]> : tensor<1x1x1x8xf32>} : () -> tensor<1x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @+1 {{its weights are powers of two, and keep these codes}}
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// What is a coincidence in f32 is exact all the same.
// CHECK-LABEL: func.func @coincidence
func.func @coincidence(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK: !lowbit.planes<sign x 6, 
  %w = "tosa.const"() {values = dense<[[[[0.9, 0.3, -0.3, -0.9, 0.9, 0.3, -0.3, -0.9]]]]> : tensor<1x1x1x8xf32>} : () -> tensor<1x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @+1 {{its weights are 6-bit odd multiples, and keep these codes}}
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// Sums of two bases that are no multiples.
// CHECK-LABEL: func.func @bases
func.func @bases(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK: dense<{{\[\[\[\[}}3, 1, 2, 0, 3, 1, 2, 3]]]]>
  // CHECK-SAME: !lowbit.planes<sign x 2, [5.937500e-01, 1.562500e-01]>
  %w = "tosa.const"() {values = dense<[[[[0.75, 0.4375, -0.4375, -0.75, 0.75, 0.4375, -0.4375, 0.75]]]]> : tensor<1x1x1x8xf32>} : () -> tensor<1x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @+1 {{its weights are sums of 2 bases, and keep these codes}}
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// A few numbers without a pattern.
// CHECK-LABEL: func.func @codebook
func.func @codebook(%x: tensor<1x1x1x16xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK: %[[CODES:.*]] = lowbit.constant dense<{{\[\[\[\[}}1, 2, 3, 0, 4, 1{{.*}}!lowbit.codebook<u3>
  // CHECK: %[[BOOK:.*]] = arith.constant dense<{{.*}}-3.100000e-01], [1.000000e-01], [2.300000e-01]
  // CHECK: lowbit.decode %[[CODES]] with %[[BOOK]]
  %w = "tosa.const"() {values = dense<[[[[0.1, 0.23, 0.57, -0.31, 0.91, 0.1, 0.1, 0.1, 0.23, 0.57, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]]]]> : tensor<1x1x1x16xf32>} : () -> tensor<1x1x1x16xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @+1 {{its weights are 5 distinct values, and keep these codes}}
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x16xf32>, tensor<1x1x1x16xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// All different.
// CHECK-LABEL: func.func @none
func.func @none(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK-NOT: lowbit
  %w = "tosa.const"() {values = dense<[[[[0.1, 0.23, 0.57, -0.31, 0.91, 0.77, 0.001, 3.0]]]]> : tensor<1x1x1x8xf32>} : () -> tensor<1x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// Nearly on a grid is not on it.
// CHECK-LABEL: func.func @nearly
func.func @nearly(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x1xf32> {

  %w = "tosa.const"() {values = dense<[[[[0.3, -0.3, 0.3, -0.3000001, 0.3, 0.3, 0.3, 0.3]]]]> : tensor<1x1x1x8xf32>} : () -> tensor<1x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// What is no number is on no grid.
// CHECK-LABEL: func.func @nan
func.func @nan(%x: tensor<1x1x1x8xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK-NOT: lowbit
  %w = "tosa.const"() {values = dense<[[[[0x7FC00000, -0.3, 0.3, -0.3, 0.3, 0.3, 0.3, 0.3]]]]> : tensor<1x1x1x8xf32>} : () -> tensor<1x1x1x8xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// A channel of one number takes as many bytes for its scale as without.
// CHECK-LABEL: func.func @few
func.func @few(%x: tensor<1x1x1x1xf32>) -> tensor<1x1x1x3xf32> {
  // CHECK-NOT: lowbit
  %w = "tosa.const"() {values = dense<[[[[0.3]]], [[[0.7]]], [[[0.9]]]]> : tensor<3x1x1x1xf32>} : () -> tensor<3x1x1x1xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<3xf32>} : () -> tensor<3xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
      : (tensor<1x1x1x1xf32>, tensor<3x1x1x1xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x3xf32>
  return %y : tensor<1x1x1x3xf32>
}
