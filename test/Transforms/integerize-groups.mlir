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
