// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize=require-integer -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize -split-input-file > %t.once
// RUN: lowbit-opt %t.once -lowbit-integerize -split-input-file | diff %t.once -

// A scale and a zero point for each row. The sums of the weights are 3 and -5. The
// clamp is part of the epilogue.
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1, d2, d3) -> (d1)>
// CHECK-DAG: #[[COLUMN:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2)>
// CHECK-LABEL: func.func @rows
// CHECK: %[[Q:.*]], %[[S:.*]]:2 = lowbit.encode_dynamic
// CHECK: %[[C:.*]] = lowbit.reinterpret %[[Q]] : {{.*}} to tensor<1x3x2x!quant.uniform<u8:f32, 1.000000e+00>>
// CHECK: lowbit.contract ins(%[[C]], %{{.*}} epilogue(%[[S]]#0, %{{.*}}, %[[S]]#1, %{{.*}} : tensor<3xf32>, tensor<1x2xf32>, tensor<3xi32>, tensor<1x2xi32>)
// CHECK-SAME: maps [#{{.*}}, #{{.*}}, #[[ROW]], #[[COLUMN]], #[[ROW]], #[[COLUMN]], #{{.*}}]
// CHECK-SAME: lowbit.float_glue = "its scales are known only at run time"
// CHECK: ^bb0(%[[ACC:.*]]: i32, %[[SX:.*]]: f32, %[[SW:.*]]: f32, %[[Z:.*]]: i32, %[[SUM:.*]]: i32):
// CHECK-NEXT: %[[SHIFT:.*]] = arith.muli %[[Z]], %[[SUM]]
// CHECK-NEXT: %[[STEPS:.*]] = arith.subi %[[ACC]], %[[SHIFT]]
// CHECK-NEXT: %[[F:.*]] = arith.mulf %[[SX]], %[[SW]]
// CHECK-NEXT: %[[R:.*]] = arith.sitofp %[[STEPS]]
// CHECK-NEXT: %[[Y:.*]] = arith.mulf %[[R]], %[[F]]
// CHECK: arith.cmpf olt, %[[Y]]
// CHECK: arith.cmpf ogt
// CHECK-NOT: tosa
!x = !lowbit.affine<u8, axis = 1, zero>
!w = !quant.uniform<i8<-127:127>:f32:2, {0.5, 0.25}>
func.func @rows(%r: tensor<1x3x2xf32>) -> tensor<1x3x2xf32> {
  %q, %s, %zp = lowbit.encode_dynamic %r : tensor<1x3x2xf32> to tensor<1x3x2x!x>, tensor<3xf32>, tensor<3xi32>
  %x = lowbit.decode %q with %s, %zp : tensor<3xf32>, tensor<3xi32> : tensor<1x3x2x!x> to tensor<1x3x2xf32>
  %wq = lowbit.constant dense<[[[1, -2], [2, -3]]]> : tensor<1x2x2xi8> as tensor<1x2x2x!w>
  %w = lowbit.decode %wq : tensor<1x2x2x!w> to tensor<1x2x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.matmul %x, %w, %z, %z
    : (tensor<1x3x2xf32>, tensor<1x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x2xf32>
  %l = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x3x2xf32>) -> tensor<1x3x2xf32>
  return %l : tensor<1x3x2xf32>
}

// -----

// One scale for the tensor is an operand without dimensions. Padding is the code 0.
// CHECK-LABEL: func.func @tensor
// CHECK: %[[Q:.*]], %[[S:.*]] = lowbit.encode_dynamic
// CHECK-DAG: %[[C:.*]] = tensor.collapse_shape %[[S]] [] {lowbit.float_glue = {{.*}}} : tensor<1xf32> into tensor<f32>
// CHECK-DAG: %[[P:.*]] = lowbit.pad
// CHECK: lowbit.contract ins(%[[P]], %{{.*}} epilogue(%[[C]], %{{.*}}, %{{.*}} : tensor<f32>, tensor<2xf32>, tensor<2xf32>)
// CHECK: ^bb0(%{{.*}}: i32, %{{.*}}: f32, %{{.*}}: f32, %[[B:.*]]: f32):
// CHECK: arith.addf %{{.*}}, %[[B]]
!x = !lowbit.affine<i8<-127:127>>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
func.func @tensor(%r: tensor<1x1x1x1xf32>) -> tensor<1x3x1x2xf32> {
  %q, %s = lowbit.encode_dynamic %r : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!x>, tensor<1xf32>
  %x = lowbit.decode %q with %s : tensor<1xf32> : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<2x1x1x1xi8> as tensor<2x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x1x!w> to tensor<2x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 1, 1, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<2x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x3x1x2xf32>
  return %y : tensor<1x3x1x2xf32>
}

// -----

// A contraction for each plane, in ascending order; the second adds to the first.
// CHECK-LABEL: func.func @planes
// CHECK: %[[Q:.*]], %[[S:.*]] = lowbit.encode_dynamic
// CHECK: %[[P0:.*]] = lowbit.steps %[[Q]] :
// CHECK: %[[S0:.*]] = tensor.extract_slice %[[S]][0, 0] [3, 1] [1, 1]
// CHECK: %[[Y0:.*]] = lowbit.contract ins(%[[P0]], %{{.*}} epilogue(%[[S0]], %{{.*}} : tensor<3xf32>, tensor<1x2xf32>)
// CHECK: %[[P1:.*]] = lowbit.steps %[[Q]] {term = 1 : i64}
// CHECK: %[[S1:.*]] = tensor.extract_slice %[[S]][0, 1] [3, 1] [1, 1]
// CHECK: lowbit.contract ins(%[[P1]], %{{.*}} epilogue(%[[S1]], %{{.*}}, %[[Y0]] : tensor<3xf32>, tensor<1x2xf32>, tensor<1x3x2xf32>)
// CHECK-NOT: tosa
!x = !lowbit.planes<sign x 2, axis = 1, dynamic>
!w = !lowbit.planes<sign x 1, axis = 2, [0.5, 0.25]>
func.func @planes(%r: tensor<1x3x2xf32>) -> tensor<1x3x2xf32> {
  %q, %s = lowbit.encode_dynamic %r : tensor<1x3x2xf32> to tensor<1x3x2x!x>, tensor<3x2xf32>
  %x = lowbit.decode %q with %s : tensor<3x2xf32> : tensor<1x3x2x!x> to tensor<1x3x2xf32>
  %wq = lowbit.constant dense<[[[1, 0], [0, 0]]]> : tensor<1x2x2xi8> as tensor<1x2x2x!w>
  %w = lowbit.decode %wq : tensor<1x2x2x!w> to tensor<1x2x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.matmul %x, %w, %z, %z
    : (tensor<1x3x2xf32>, tensor<1x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x2xf32>
  return %y : tensor<1x3x2xf32>
}
