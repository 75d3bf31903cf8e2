// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize=require-integer -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize -split-input-file > %t.once
// RUN: lowbit-opt %t.once -lowbit-integerize -split-input-file | diff %t.once -

// Both zero points take part: sums of rows and columns, and 5 * 3 * -7.
// CHECK-DAG: #[[LHS:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3, d2)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1)>
// CHECK-DAG: #[[COLUMN:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-LABEL: func.func @affine
// CHECK-SAME: (%[[A:.*]]: {{.*}}, %[[B:.*]]: {{.*}})
// CHECK: %[[SA:.*]] = lowbit.sum %[[A]] {dimensions = array<i64: 2>}
// CHECK: %[[R:.*]] = tensor.collapse_shape %[[SA]] {{\[}}[0], [1, 2]] : tensor<2x3x1x
// CHECK: %[[SB:.*]] = lowbit.sum %[[B]] {dimensions = array<i64: 1>}
// CHECK: %[[C:.*]] = tensor.collapse_shape %[[SB]] {{\[}}[0], [1, 2]] : tensor<2x1x4x
// CHECK: lowbit.contract ins(%[[A]], %[[B]] : {{.*}}) epilogue(%[[R]], %[[C]] :
// CHECK-SAME: maps [#[[LHS]], #[[RHS]], #[[ROW]], #[[COLUMN]], #[[OUT]]]
// CHECK: ^bb0(%[[ACC:.*]]: i32, %[[ROWS:.*]]: i32, %[[COLUMNS:.*]]: i32):
// CHECK: %[[P:.*]] = arith.muli %[[ROWS]], %c-7_i32
// CHECK: %[[V0:.*]] = arith.subi %[[ACC]], %[[P]]
// CHECK: %[[Q:.*]] = arith.muli %[[COLUMNS]], %c3_i32
// CHECK: %[[V1:.*]] = arith.subi %[[V0]], %[[Q]]
// CHECK: %[[V2:.*]] = arith.subi %[[V1]], %c-105_i32
// CHECK: lowbit.rescale %[[V2]], %{{.*}} {max = 16 : i32, min = 10 : i32, output_zero_point = 10 : i32}
!a = !quant.uniform<u8:f32, 0.5:3>
!b = !quant.uniform<i8:f32, 0.25:-7>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @affine(%aq: tensor<2x3x5x!a>, %bq: tensor<2x5x4x!b>) -> tensor<2x3x4x!y> {
  %a = lowbit.decode %aq : tensor<2x3x5x!a> to tensor<2x3x5xf32>
  %b = lowbit.decode %bq : tensor<2x5x4x!b> to tensor<2x5x4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %a, %b, %z, %z
    : (tensor<2x3x5xf32>, tensor<2x5x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x3x4xf32>
  %l = tosa.clamp %c {min_val = 0.0 : f32, max_val = 6.0 : f32}
    : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %o = lowbit.encode %l : tensor<2x3x4xf32> to tensor<2x3x4x!y>
  return %o : tensor<2x3x4x!y>
}

// -----

// Probabilities have zero point 0: only their own sums are needed.
// CHECK-LABEL: func.func @probabilities
// CHECK-SAME: (%[[A:.*]]: {{.*}}, %[[B:.*]]: {{.*}})
// CHECK: %[[SA:.*]] = lowbit.sum %[[A]] {dimensions = array<i64: 2>}
// CHECK-NOT: lowbit.sum
// CHECK: lowbit.contract
// CHECK: arith.muli
// CHECK: arith.subi
// CHECK-NOT: arith.subi
// CHECK: lowbit.rescale
!a = !quant.uniform<u8:f32, 0.00390625>
!b = !quant.uniform<u8:f32, 0.25:7>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @probabilities(%aq: tensor<1x3x5x!a>, %bq: tensor<1x5x4x!b>) -> tensor<1x3x4x!y> {
  %a = lowbit.decode %aq : tensor<1x3x5x!a> to tensor<1x3x5xf32>
  %b = lowbit.decode %bq : tensor<1x5x4x!b> to tensor<1x5x4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %a, %b, %z, %z
    : (tensor<1x3x5xf32>, tensor<1x5x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x4xf32>
  %o = lowbit.encode %c : tensor<1x3x4xf32> to tensor<1x3x4x!y>
  return %o : tensor<1x3x4x!y>
}

// -----

// A constant first operand is codes like any other.
// CHECK-LABEL: func.func @constant_first
// CHECK: %[[A:.*]] = lowbit.constant
// CHECK: lowbit.contract ins(%[[A]], %{{.*}})
!a = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @constant_first(%bq: tensor<1x2x4x!a>) -> tensor<1x1x4x!y> {
  %aq = lowbit.constant dense<[[[5, 9]]]> : tensor<1x1x2xi8> as tensor<1x1x2x!a>
  %a = lowbit.decode %aq : tensor<1x1x2x!a> to tensor<1x1x2xf32>
  %b = lowbit.decode %bq : tensor<1x2x4x!a> to tensor<1x2x4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %a, %b, %z, %z
    : (tensor<1x1x2xf32>, tensor<1x2x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x4xf32>
  %o = lowbit.encode %c : tensor<1x1x4xf32> to tensor<1x1x4x!y>
  return %o : tensor<1x1x4x!y>
}
