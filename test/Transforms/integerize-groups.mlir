// RUN: lowbit-opt %s -lowbit-integerize=require-integer -split-input-file | FileCheck %s

// Groups of 2 and a shorter one of 1, filled up with zeros. Corrections of the input's zero
// point 1: -(1 + 2), -(3 + 4), 1, and -(5 - 1) with the zero point 1 of that group. Factors:
// 0.5 times the scale of each group.
// CHECK-DAG: #[[LHS:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d1, d3)>
// CHECK-LABEL: func.func @groups
// CHECK-DAG: %[[B:.*]] = arith.constant dense<{{\[}}[-3, -7], [1, -4]]> : tensor<2x2xi32>
// CHECK-DAG: %[[F:.*]] = arith.constant dense<{{\[}}[5.000000e-01, 1.000000e+00], [2.500000e-01, 2.000000e+00]]>
// CHECK-DAG: %[[W:.*]] = lowbit.constant dense<{{\[}}{{\[}}[1, 2], [-1, 0]], {{\[}}[3, 4], [4, 0]]]>
// CHECK-DAG: lowbit.pad {{.*}} {high = array<i64: 0, 1>, low = array<i64: 0, 0>}
// CHECK: %[[S:.*]] = lowbit.contract ins(%{{.*}}, %[[W]] : {{.*}} epilogue(%[[B]], %[[F]] : {{.*}} outs(%{{.*}} : tensor<4x2x2xf32>)
// CHECK-SAME: maps [#[[LHS]], #[[RHS]],
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: i32, %[[BIAS:.*]]: i32, %[[FACTOR:.*]]: f32):
// CHECK-NEXT:   %[[SUM:.*]] = arith.addi %[[ACC]], %[[BIAS]] : i32
// CHECK-NEXT:   %[[REAL:.*]] = arith.sitofp %[[SUM]] : i32 to f32
// CHECK-NEXT:   %[[PRODUCT:.*]] = arith.mulf %[[REAL]], %[[FACTOR]] : f32
// CHECK-NEXT:   lowbit.yield %[[PRODUCT]] : f32
// CHECK: tosa.reduce_sum %[[S]] {axis = 1 : i32, lowbit.float_glue = "its weights have scales of groups"}
!x = !quant.uniform<u4:f32, 0.5:1>
!w = !lowbit.affine<i4, axis = 3, group = 2, zero>
func.func @groups(%q: tensor<4x1x1x3x!x>) -> tensor<4x1x1x2xf32> {
  %x = lowbit.decode %q : tensor<4x1x1x3x!x> to tensor<4x1x1x3xf32>
  %wq = lowbit.constant dense<[[[[1, 2, -1]]], [[[3, 4, 5]]]]> : tensor<2x1x1x3xi8> as tensor<2x1x1x3x!w>
  %scales = arith.constant dense<[[[[1.0, 0.5]]], [[[2.0, 4.0]]]]> : tensor<2x1x1x2xf32>
  %zeros = arith.constant dense<[[[[0, 0]]], [[[0, 1]]]]> : tensor<2x1x1x2xi32>
  %w = lowbit.decode %wq with %scales, %zeros : tensor<2x1x1x2xf32>, tensor<2x1x1x2xi32>
    : tensor<2x1x1x3x!w> to tensor<2x1x1x3xf32>
  %b = "tosa.const"() {values = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x3xf32>, tensor<2x1x1x3xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x2xf32>
  return %c : tensor<4x1x1x2xf32>
}

// -----

// Elements are integers: 2^-1 and 2^2 times 0.5 for the input.
// CHECK-LABEL: func.func @blocks
// CHECK-DAG: arith.constant dense<{{\[}}[2.500000e-01], [2.000000e+00]]> : tensor<2x1xf32>
// CHECK-DAG: lowbit.constant dense<{{\[}}{{\[}}[3, -2], [1, 0]]]>
// CHECK: lowbit.contract
!x = !quant.uniform<u4:f32, 0.5>
!w = !lowbit.block<i6, axis = 3, size = 2>
func.func @blocks(%q: tensor<4x1x1x3x!x>) -> tensor<4x1x1x1xf32> {
  %x = lowbit.decode %q : tensor<4x1x1x3x!x> to tensor<4x1x1x3xf32>
  %wq = lowbit.constant dense<[[[[3, -2, 1]]]]> : tensor<1x1x1x3xi8> as tensor<1x1x1x3x!w>
  %exponents = arith.constant dense<[[[[-1, 2]]]]> : tensor<1x1x1x2xi8>
  %w = lowbit.decode %wq with %exponents : tensor<1x1x1x2xi8> : tensor<1x1x1x3x!w> to tensor<1x1x1x3xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x3xf32>, tensor<1x1x1x3xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x1xf32>
  return %c : tensor<4x1x1x1xf32>
}

// -----

// The positions of a window are groups, too, where their scales differ: loop 3 here, and
// loop 4 over groups of channels. Products are summed up over loops 6 and 7.
// CHECK-DAG: #[[LHS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1 * 2 + d3, d2 + d6, d4, d7)>
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d5, d3, d6, d4, d7)>
// CHECK-DAG: #[[FACTOR:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d3, d4, d5)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1, d2, d3, d4, d5)>
// CHECK-LABEL: func.func @convolution
// CHECK-DAG: arith.constant dense<{{\[\[}}[5.000000e-01], [1.000000e+00]], {{\[}}[1.500000e+00], [2.000000e+00]]]> : tensor<2x2x1xf32>
// CHECK: lowbit.pad {{.*}} {high = array<i64: 0, 0, 0, 0>, low = array<i64: 0, 1, 0, 0>}
// CHECK: lowbit.pad {{.*}} {high = array<i64: 0, 0, 0, 1>
// CHECK: tensor.expand_shape {{.*}} into tensor<1x4x2x2x2x!
// CHECK: %[[S:.*]] = lowbit.contract
// CHECK-SAME: maps [#[[LHS]], #[[RHS]], #[[FACTOR]], #[[OUT]]]
// CHECK: -> tensor<1x2x2x2x2x1xf32>
// CHECK: %[[R:.*]] = tosa.reshape %[[S]]{{.*}} -> tensor<4x4x1xf32>
// CHECK: tosa.reduce_sum %[[R]] {axis = 1 : i32
!x = !quant.uniform<u4:f32, 0.5>
!w = !lowbit.affine<i4, axis = 3, group = 2>
func.func @convolution(%q: tensor<1x3x2x3x!x>) -> tensor<1x2x2x1xf32> {
  %x = lowbit.decode %q : tensor<1x3x2x3x!x> to tensor<1x3x2x3xf32>
  %wq = lowbit.constant dense<[[[[1, 2, 3]], [[4, 5, 6]]]]> : tensor<1x2x1x3xi8> as tensor<1x2x1x3x!w>
  %scales = arith.constant dense<[[[[1.0, 2.0]], [[3.0, 4.0]]]]> : tensor<1x2x1x2xf32>
  %w = lowbit.decode %wq with %scales : tensor<1x2x1x2xf32> : tensor<1x2x1x3x!w> to tensor<1x2x1x3xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 1, 0, 0, 0>,
    stride = array<i64: 2, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x3x2x3xf32>, tensor<1x2x1x3xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x1xf32>
  return %c : tensor<1x2x2x1xf32>
}

// -----

// A matmul has no bias. Steps of floats count the least one, 2^-1 for E2M1: 0.5, 1, 6 and
// -0.5 are 1, 2, 12 and -1; divided by the 2 and the 1 that they share, with factors of
// 0.5 * 2^-1 * 2^3 * 2 and 0.5 * 2^-1 * 2^-2.
// CHECK-LABEL: func.func @matmul
// CHECK-DAG: arith.constant dense<{{\[\[}}[4.000000e+00], [6.250000e-02]]]> : tensor<1x2x1xf32>
// CHECK-DAG: lowbit.constant dense<{{\[\[\[}}[1], [6]], {{\[}}[1], [-1]]]]> : tensor<1x2x2x1xi8>
// CHECK: lowbit.contract
// CHECK: -> tensor<1x4x2x1xf32>
// CHECK-NOT: tosa.add
// CHECK: return
!x = !quant.uniform<u4:f32, 0.5>
!w = !lowbit.block<f4E2M1FN, axis = 1, size = 2>
func.func @matmul(%q: tensor<1x4x4x!x>) -> tensor<1x4x1xf32> {
  %x = lowbit.decode %q : tensor<1x4x4x!x> to tensor<1x4x4xf32>
  %wq = lowbit.constant dense<[[[2], [7], [1], [9]]]> : tensor<1x4x1xi8> as tensor<1x4x1x!w>
  %exponents = arith.constant dense<[[[3], [-2]]]> : tensor<1x2x1xi8>
  %w = lowbit.decode %wq with %exponents : tensor<1x2x1xi8> : tensor<1x4x1x!w> to tensor<1x4x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x4xf32>, tensor<1x4x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x1xf32>
  return %c : tensor<1x4x1xf32>
}

// -----

// The input's channels are split twice: into those of each group of the convolution, and
// these into those with a scale.
// CHECK-LABEL: func.func @grouped
// CHECK: tensor.expand_shape {{.*}} into tensor<1x2x2x2x4x!
// CHECK: tensor.expand_shape {{.*}} into tensor<1x2x2x2x2x2x!
// CHECK: lowbit.contract
// CHECK: -> tensor<1x2x2x2x2x1xf32>
// CHECK: tosa.reshape {{.*}} -> tensor<4x2x2xf32>
!x = !quant.uniform<u4:f32, 0.5>
!w = !lowbit.affine<i4, axis = 3, group = 2>
func.func @grouped(%q: tensor<1x2x2x8x!x>) -> tensor<1x2x2x2xf32> {
  %x = lowbit.decode %q : tensor<1x2x2x8x!x> to tensor<1x2x2x8xf32>
  %wq = lowbit.constant dense<1> : tensor<2x1x1x4xi8> as tensor<2x1x1x4x!w>
  %scales = arith.constant dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]> : tensor<2x1x1x2xf32>
  %w = lowbit.decode %wq with %scales : tensor<2x1x1x2xf32> : tensor<2x1x1x4x!w> to tensor<2x1x1x4xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %c = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
    pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : tensor<1x2x2x8xf32>, tensor<2x1x1x4xf32>, tensor<2xf32> to tensor<1x2x2x2xf32>
  return %c : tensor<1x2x2x2xf32>
}

// -----

// Scales for each channel that stand beside the codes are those of an affine format.
// CHECK-LABEL: func.func @channels
// CHECK-NOT: lowbit.float_glue
// CHECK: lowbit.constant dense<{{\[\[}}[2, 3], [1, 4]]]> : tensor<1x2x2xi8> as tensor<1x2x2x!quant.uniform<i8:f32:2, {5.000000e-01,2.500000e-01}>>
// CHECK: lowbit.contract
// CHECK-NOT: lowbit.float_glue
// CHECK: return
!x = !quant.uniform<u4:f32, 0.5>
!w = !lowbit.affine<i4, axis = 2, zero>
func.func @channels(%q: tensor<1x4x2x!x>) -> tensor<1x4x2xf32> {
  %x = lowbit.decode %q : tensor<1x4x2x!x> to tensor<1x4x2xf32>
  %wq = lowbit.constant dense<[[[3, 3], [2, 4]]]> : tensor<1x2x2xi8> as tensor<1x2x2x!w>
  %scales = arith.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %zeros = arith.constant dense<[1, 0]> : tensor<2xi32>
  %w = lowbit.decode %wq with %scales, %zeros : tensor<2xf32>, tensor<2xi32> : tensor<1x2x2x!w> to tensor<1x2x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x2xf32>, tensor<1x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x2xf32>
  return %c : tensor<1x4x2xf32>
}

// -----

// An input of two terms makes two contractions, and one more sum in f32.
// CHECK-LABEL: func.func @terms
// CHECK-COUNT-2: lowbit.contract
// CHECK: tosa.add {{.*}} {lowbit.float_glue = "its weights have scales of groups"} : (tensor<1x4x1xf32>
!x = !lowbit.planes<sign x 2, [0.3, 0.71]>
!w = !lowbit.affine<i4, axis = 1, group = 2>
func.func @terms(%q: tensor<1x4x4x!x>) -> tensor<1x4x1xf32> {
  %x = lowbit.decode %q : tensor<1x4x4x!x> to tensor<1x4x4xf32>
  %wq = lowbit.constant dense<1> : tensor<1x4x1xi8> as tensor<1x4x1x!w>
  %scales = arith.constant dense<[[[1.0], [2.0]]]> : tensor<1x2x1xf32>
  %w = lowbit.decode %wq with %scales : tensor<1x2x1xf32> : tensor<1x4x1x!w> to tensor<1x4x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x4xf32>, tensor<1x4x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x1xf32>
  return %c : tensor<1x4x1xf32>
}

// -----

// Scales of an affine format are positive.
// CHECK-LABEL: func.func @negative
// CHECK-DAG: arith.constant dense<-5.000000e-01> : tensor<1x1xf32>
// CHECK: lowbit.contract {{.*}}lowbit.float_glue
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !lowbit.affine<i4, axis = 2>
func.func @negative(%q: tensor<1x4x4x!x>) -> tensor<1x4x1xf32> {
  %x = lowbit.decode %q : tensor<1x4x4x!x> to tensor<1x4x4xf32>
  %wq = lowbit.constant dense<[[[1], [2], [3], [4]]]> : tensor<1x4x1xi8> as tensor<1x4x1x!w>
  %p = arith.constant dense<-1.0> : tensor<1xf32>
  %w = lowbit.decode %wq with %p : tensor<1xf32> : tensor<1x4x1x!w> to tensor<1x4x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x4xf32>, tensor<1x4x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x1xf32>
  return %c : tensor<1x4x1xf32>
}
