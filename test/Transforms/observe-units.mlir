// RUN: lowbit-opt %s -lowbit-observe -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-observe -split-input-file > %t.once
// RUN: lowbit-opt %t.once -lowbit-observe -split-input-file | diff %t.once -

!x = tensor<2x3x4xf32>

// Arithmetic and the clamp behind it are one unit.
// CHECK-LABEL: func.func @arithmetic
// CHECK: %[[M:.*]] = tosa.mul
// CHECK-NOT: lowbit.observe %[[M]]
// CHECK: %[[C:.*]] = tosa.clamp %[[M]]
// CHECK: lowbit.observe %[[C]] {name = "mul", role = #lowbit.role<head>}
func.func @arithmetic(%x: !x, %y: tensor<2x1x4xf32>) -> !x {
  %t = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %m = tosa.mul %x, %y, %t : (!x, tensor<2x1x4xf32>, tensor<1xi8>) -> !x
  %c = tosa.clamp %m {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!x) -> !x
  return %c : !x
}

// -----

!x = tensor<2x3x4xf32>

// Sums, their factor and a clamp are one unit, and the factor is no codes.
// CHECK-LABEL: func.func @mean
// CHECK: %[[F:.*]] = "tosa.const"() <{values = dense<1.250000e-01>
// CHECK-NOT: lowbit.observe %[[F]]
// CHECK: %[[A:.*]] = tosa.reduce_sum
// CHECK-NEXT: %[[B:.*]] = tosa.reduce_sum %[[A]]
// CHECK-NEXT: %[[M:.*]] = tosa.mul %[[B]], %[[F]]
// CHECK-NEXT: %[[C:.*]] = tosa.clamp %[[M]]
// CHECK-NEXT: lowbit.observe %[[C]] {name = "mean", role = #lowbit.role<head>}
func.func @mean(%x: !x) -> tensor<1x3x1xf32> {
  %f = "tosa.const"() {values = dense<0.125> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %t = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %a = tosa.reduce_sum %x {axis = 2 : i32} : (!x) -> tensor<2x3x1xf32> loc("mean")
  %b = tosa.reduce_sum %a {axis = 0 : i32} : (tensor<2x3x1xf32>) -> tensor<1x3x1xf32>
  %m = tosa.mul %b, %f, %t
    : (tensor<1x3x1xf32>, tensor<1x1x1xf32>, tensor<1xi8>) -> tensor<1x3x1xf32>
  %c = tosa.clamp %m {min_val = 0.0 : f32, max_val = 6.0 : f32}
    : (tensor<1x3x1xf32>) -> tensor<1x3x1xf32>
  return %c : tensor<1x3x1xf32>
}

// -----

!x = tensor<2x3x4xf32>

// A sum that is read twice ends its unit; another number for each channel is no factor.
// CHECK-LABEL: func.func @other_sums
// CHECK: %[[C:.*]] = "tosa.const"() <{values = dense<{{.*}}1.000000e+00
// CHECK: %[[A:.*]] = tosa.reduce_sum
// CHECK-NEXT: %[[AO:.*]] = lowbit.observe %[[A]] {name = "first",
// CHECK: %[[B:.*]] = tosa.reduce_sum %[[AO]]
// CHECK-NEXT: %[[BO:.*]] = lowbit.observe %[[B]] {name = "second",
// CHECK: %[[CO:.*]] = lowbit.observe %[[C]] {name = "mul.constant", role = #lowbit.role<head>}
// CHECK: tosa.mul %[[AO]], %[[CO]]
func.func @other_sums(%x: !x) -> (tensor<1x3x1xf32>, tensor<2x3x1xf32>) {
  %c = "tosa.const"() {values = dense<[[[1.0], [2.0], [3.0]]]> : tensor<1x3x1xf32>}
    : () -> tensor<1x3x1xf32>
  %t = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %a = tosa.reduce_sum %x {axis = 2 : i32} : (!x) -> tensor<2x3x1xf32> loc("first")
  %b = tosa.reduce_sum %a {axis = 0 : i32} : (tensor<2x3x1xf32>) -> tensor<1x3x1xf32> loc("second")
  %m = tosa.mul %a, %c, %t
    : (tensor<2x3x1xf32>, tensor<1x3x1xf32>, tensor<1xi8>) -> tensor<2x3x1xf32>
  return %b, %m : tensor<1x3x1xf32>, tensor<2x3x1xf32>
}

// -----

!x = tensor<2x3x3xf32>

// Probabilities that a matmul reads are an activation; two computed matrices take no residual; a
// constant first operand has codes like any other.
// CHECK-LABEL: func.func @attention
// CHECK: %[[S:.*]] = lowbit.softmax
// CHECK-NEXT: %[[SO:.*]] = lowbit.observe %[[S]] {name = "softmax", role = #lowbit.role<activation>}
// CHECK: %[[M:.*]] = tosa.matmul %[[SO]]
// CHECK-NEXT: %[[MO:.*]] = lowbit.observe %[[M]] {name = "product", role = #lowbit.role<activation>}
// CHECK: %[[A:.*]] = tosa.add %[[MO]]
// CHECK-NEXT: %[[AO:.*]] = lowbit.observe %[[A]] {name = "add", role = #lowbit.role<activation>}
// CHECK: %[[C:.*]] = lowbit.observe %{{.*}} {name = "last.constant", role = #lowbit.role<activation>}
// CHECK: tosa.matmul %[[C]], %[[AO]]
func.func @attention(%x: !x) -> !x {
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = "tosa.const"() {values = dense<1.0> : !x} : () -> !x
  %s = lowbit.softmax %x {axis = 2 : i64} : !x
  %m = tosa.matmul %s, %x, %z, %z : (!x, !x, tensor<1xf32>, tensor<1xf32>) -> !x loc("product")
  %a = tosa.add %m, %x : (!x, !x) -> !x
  %l = tosa.matmul %c, %a, %z, %z : (!x, !x, tensor<1xf32>, tensor<1xf32>) -> !x loc("last")
  return %l : !x
}

// -----

// What is taken from a table is observed, what is taken from an activation has its codes.
// CHECK-LABEL: func.func @gathers
// CHECK: %[[E:.*]] = tosa.gather
// CHECK-NEXT: %[[EO:.*]] = lowbit.observe %[[E]] {name = "embedding",
// CHECK: %[[T:.*]] = tosa.gather %[[EO]]
// CHECK-NOT: lowbit.observe %[[T]]
// CHECK: tosa.abs %[[T]]
func.func @gathers(%i: tensor<1x4xi32>) -> tensor<1x4x2xf32> {
  %t = "tosa.const"() {values = dense<1.0> : tensor<1x9x2xf32>} : () -> tensor<1x9x2xf32>
  %e = tosa.gather %t, %i : (tensor<1x9x2xf32>, tensor<1x4xi32>) -> tensor<1x4x2xf32> loc("embedding")
  %g = tosa.gather %e, %i : (tensor<1x4x2xf32>, tensor<1x4xi32>) -> tensor<1x4x2xf32>
  %a = tosa.abs %g : (tensor<1x4x2xf32>) -> tensor<1x4x2xf32>
  return %a : tensor<1x4x2xf32>
}

// -----

// What argmax alone reads is a head.
// CHECK-LABEL: func.func @arg_max
// CHECK: lowbit.observe %{{.*}} {name = "tanh", role = #lowbit.role<head>}
func.func @arg_max(%x: tensor<2x3xf32>) -> tensor<2xi32> {
  %t = tosa.tanh %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %y = tosa.argmax %t {axis = 1 : i32} : (tensor<2x3xf32>) -> tensor<2xi32>
  return %y : tensor<2xi32>
}

// -----

// The batch norm behind weights that are codes belongs to their layer, with the sum and
// the clamp that follow.
!w = !lowbit.planes<sign x 1, [0.5]>
!x = tensor<1x1x1x2xf32>
// CHECK-LABEL: func.func @norm
// CHECK: %[[X:.*]] = lowbit.observe %arg0
// CHECK: %[[C:.*]] = tosa.conv2d %[[X]]
// CHECK-NEXT: %[[N:.*]] = tosa.depthwise_conv2d %[[C]]
// CHECK-NEXT: %[[S:.*]] = tosa.add %[[N]], %[[X]]
// CHECK-NEXT: %[[R:.*]] = tosa.clamp %[[S]]
// CHECK-NEXT: lowbit.observe %[[R]]
// CHECK-NOT: lowbit.observe
func.func @norm(%x: !x) -> !x {
  %wc = lowbit.constant dense<[[[[1, 0]]], [[[0, 1]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wc : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %f = "tosa.const"() {values = dense<[[[[2.0], [3.0]]]]> : tensor<1x1x2x1xf32>} : () -> tensor<1x1x2x1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (!x, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> !x
  %n = tosa.depthwise_conv2d %c, %f, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (!x, tensor<1x1x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> !x
  %s = tosa.add %n, %x : (!x, !x) -> !x
  %r = tosa.clamp %s {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!x) -> !x
  return %r : !x
}
