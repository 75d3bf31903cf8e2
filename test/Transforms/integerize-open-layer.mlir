// RUN: lowbit-opt %s -lowbit-integerize=require-integer -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize="profile=onnx require-integer" -split-input-file \
// RUN:   | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize="profile=tflite-double require-integer" -split-input-file \
// RUN:   | FileCheck %s

// A layer whose result leaves the program in float is the decode of its sums. The bias of
// 1.0 is 6.67 steps of 0.5 * 0.3; the zero point takes 3 * (1 + 3) and 3 * (2 + 4) away.

!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.3>

// CHECK-LABEL: func.func @per_tensor
// CHECK-DAG: arith.constant dense<[{{\[?}}-2, -8]
// CHECK: lowbit.contract
// CHECK: -> tensor<4x1x1x2x!quant.uniform<i32:f32, 0.15{{[0-9]*}}>>
// CHECK: %[[D:.*]] = lowbit.decode
// CHECK: return %[[D]]
func.func @per_tensor(%q: tensor<4x1x1x2x!x>) -> tensor<4x1x1x2xf32> {
  %x = lowbit.decode %q : tensor<4x1x1x2x!x> to tensor<4x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 2]]], [[[1, 4]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x2xf32>
  return %c : tensor<4x1x1x2xf32>
}

// -----

// Sums have a scale for each channel where the weights have.

!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32:2, {0.25, 0.5}>

// CHECK-LABEL: func.func @per_channel
// CHECK: %[[S:.*]] = lowbit.contract
// CHECK: -> tensor<1x4x2x!quant.uniform<i32:f32, 1.000000e+00>>
// CHECK: %[[R:.*]] = lowbit.reinterpret %[[S]] : {{.*}} to tensor<1x4x2x!quant.uniform<i32:f32:2, {1.250000e-01,2.500000e-01}>>
// CHECK: %[[D:.*]] = lowbit.decode %[[R]]
// CHECK: return %[[D]]
func.func @per_channel(%q: tensor<1x4x3x!x>) -> tensor<1x4x2xf32> {
  %x = lowbit.decode %q : tensor<1x4x3x!x> to tensor<1x4x3xf32>
  %wq = lowbit.constant dense<1> : tensor<1x3x2xi8> as tensor<1x3x2x!w>
  %w = lowbit.decode %wq : tensor<1x3x2x!w> to tensor<1x3x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x3xf32>, tensor<1x3x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x2xf32>
  return %c : tensor<1x4x2xf32>
}

// -----

// What moves the result moves the sums, and the axis of their scales.

!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32:2, {0.25, 0.5}>

// CHECK-LABEL: func.func @moved
// CHECK: %[[S:.*]] = lowbit.contract
// CHECK: %[[C:.*]] = tensor.collapse_shape %{{.*}} {{.*}} into tensor<4x2x!quant.uniform<i32:f32, 1.000000e+00>>
// CHECK: %[[T:.*]] = lowbit.transpose
// CHECK: %[[R:.*]] = lowbit.reinterpret %[[T]] : {{.*}} to tensor<2x4x!quant.uniform<i32:f32:0, {1.250000e-01,2.500000e-01}>>
// CHECK: %[[D:.*]] = lowbit.decode %[[R]]
// CHECK: return %[[D]]
func.func @moved(%q: tensor<1x4x3x!x>) -> tensor<2x4xf32> {
  %x = lowbit.decode %q : tensor<1x4x3x!x> to tensor<1x4x3xf32>
  %wq = lowbit.constant dense<1> : tensor<1x3x2xi8> as tensor<1x3x2x!w>
  %w = lowbit.decode %wq : tensor<1x3x2x!w> to tensor<1x3x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x3xf32>, tensor<1x3x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x2xf32>
  %shape = tosa.const_shape {values = dense<[4, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r = tosa.reshape %c, %shape : (tensor<1x4x2xf32>, !tosa.shape<2>) -> tensor<4x2xf32>
  %t = tosa.transpose %r {perms = array<i32: 1, 0>} : (tensor<4x2xf32>) -> tensor<2x4xf32>
  return %t : tensor<2x4xf32>
}
