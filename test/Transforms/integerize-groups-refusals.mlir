// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s

// Weights with scales of groups that stay in float. In a depthwise convolution a sum has one
// product for each position of the window.
// CHECK-LABEL: func.func @products
// CHECK: tosa.depthwise_conv2d {{.*}} {{{.*}}lowbit.reason = "its weights have a scale for each of their products"
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !lowbit.block<i4, axis = 2, size = 2>
func.func @products(%q: tensor<1x4x4x2x!x>) -> tensor<1x3x4x2xf32> {
  %x = lowbit.decode %q : tensor<1x4x4x2x!x> to tensor<1x4x4x2xf32>
  %wq = lowbit.constant dense<1> : tensor<2x1x2x1xi8> as tensor<2x1x2x1x!w>
  %p = arith.constant dense<[[[[0]]], [[[1]]]]> : tensor<2x1x1x1xi8>
  %w = lowbit.decode %wq with %p : tensor<2x1x1x1xi8> : tensor<2x1x2x1x!w> to tensor<2x1x2x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x4x4x2xf32>, tensor<2x1x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x3x4x2xf32>
  return %c : tensor<1x3x4x2xf32>
}

// -----

// A group of rows of a window would read rows from elsewhere where it is filled up.
// CHECK-LABEL: func.func @window
// CHECK: tosa.conv2d {{.*}} {{{.*}}lowbit.reason = "groups of its weights lie along a window"
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !lowbit.affine<i4, axis = 1, group = 2>
func.func @window(%q: tensor<1x4x4x2x!x>) -> tensor<1x2x4x1xf32> {
  %x = lowbit.decode %q : tensor<1x4x4x2x!x> to tensor<1x4x4x2xf32>
  %wq = lowbit.constant dense<1> : tensor<1x3x1x2xi8> as tensor<1x3x1x2x!w>
  %p = arith.constant dense<[[[[1.0, 2.0]], [[3.0, 4.0]]]]> : tensor<1x2x1x2xf32>
  %w = lowbit.decode %wq with %p : tensor<1x2x1x2xf32> : tensor<1x3x1x2x!w> to tensor<1x3x1x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x4x4x2xf32>, tensor<1x3x1x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x4x1xf32>
  return %c : tensor<1x2x4x1xf32>
}

// -----

// Elements of E5M2 reach from 2^-16 to 57344: 2^31 steps and more.
// CHECK-LABEL: func.func @sums
// CHECK: tosa.matmul {{.*}} {lowbit.reason = "its sums may leave 32 bits"}
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !lowbit.block<f8E5M2, axis = 1, size = 2>
func.func @sums(%q: tensor<1x4x4x!x>) -> tensor<1x4x1xf32> {
  %x = lowbit.decode %q : tensor<1x4x4x!x> to tensor<1x4x4xf32>
  %wq = lowbit.constant dense<[[[1], [123], [0], [0]]]> : tensor<1x4x1xi8> as tensor<1x4x1x!w>
  %p = arith.constant dense<[[[0], [1]]]> : tensor<1x2x1xi8>
  %w = lowbit.decode %wq with %p : tensor<1x2x1xi8> : tensor<1x4x1x!w> to tensor<1x4x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x4xf32>, tensor<1x4x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x1xf32>
  return %c : tensor<1x4x1xf32>
}

// -----

// 0x7C is infinity.
// CHECK-LABEL: func.func @no_number
// CHECK: tosa.matmul {{.*}} {lowbit.reason = "its weights hold codes that are no numbers"}
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !lowbit.block<f8E5M2, axis = 1, size = 2>
func.func @no_number(%q: tensor<1x4x4x!x>) -> tensor<1x4x1xf32> {
  %x = lowbit.decode %q : tensor<1x4x4x!x> to tensor<1x4x4xf32>
  %wq = lowbit.constant dense<[[[1], [124], [0], [0]]]> : tensor<1x4x1xi8> as tensor<1x4x1x!w>
  %p = arith.constant dense<[[[0], [1]]]> : tensor<1x2x1xi8>
  %w = lowbit.decode %wq with %p : tensor<1x2x1xi8> : tensor<1x4x1x!w> to tensor<1x4x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x4xf32>, tensor<1x4x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x1xf32>
  return %c : tensor<1x4x1xf32>
}

// -----

// A scale that is no finite number.
// CHECK-LABEL: func.func @infinite
// CHECK: tosa.matmul {{.*}} {lowbit.reason = "a scale of its weights is not a finite number"}
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !lowbit.affine<i4, axis = 1, group = 2>
func.func @infinite(%q: tensor<1x4x4x!x>) -> tensor<1x4x1xf32> {
  %x = lowbit.decode %q : tensor<1x4x4x!x> to tensor<1x4x4xf32>
  %wq = lowbit.constant dense<[[[1], [2], [3], [4]]]> : tensor<1x4x1xi8> as tensor<1x4x1x!w>
  %p = arith.constant dense<[[[1.0], [0x7F800000]]]> : tensor<1x2x1xf32>
  %w = lowbit.decode %wq with %p : tensor<1x2x1xf32> : tensor<1x4x1x!w> to tensor<1x4x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x4xf32>, tensor<1x4x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x1xf32>
  return %c : tensor<1x4x1xf32>
}

// -----

// A product of scales that is none.
// CHECK-LABEL: func.func @overflow
// CHECK: tosa.matmul {{.*}} {lowbit.reason = "a scale of its weights is not a finite number"}
!x = !quant.uniform<u8:f32, 4.0>
!w = !lowbit.affine<i4, axis = 1, group = 2>
func.func @overflow(%q: tensor<1x4x4x!x>) -> tensor<1x4x1xf32> {
  %x = lowbit.decode %q : tensor<1x4x4x!x> to tensor<1x4x4xf32>
  %wq = lowbit.constant dense<[[[1], [2], [3], [4]]]> : tensor<1x4x1xi8> as tensor<1x4x1x!w>
  %p = arith.constant dense<[[[1.0], [3.0e38]]]> : tensor<1x2x1xf32>
  %w = lowbit.decode %wq with %p : tensor<1x2x1xf32> : tensor<1x4x1x!w> to tensor<1x4x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x4xf32>, tensor<1x4x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x1xf32>
  return %c : tensor<1x4x1xf32>
}

// -----

// Scales that nobody knows yet.
// CHECK-LABEL: func.func @argument
// CHECK: tosa.matmul {{.*}} {lowbit.reason = "the scales of its weights are not constant"}
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !lowbit.affine<i4, axis = 1, group = 2>
func.func @argument(%q: tensor<1x4x4x!x>, %p: tensor<1x2x1xf32>) -> tensor<1x4x1xf32> {
  %x = lowbit.decode %q : tensor<1x4x4x!x> to tensor<1x4x4xf32>
  %wq = lowbit.constant dense<[[[1], [2], [3], [4]]]> : tensor<1x4x1xi8> as tensor<1x4x1x!w>
  %w = lowbit.decode %wq with %p : tensor<1x2x1xf32> : tensor<1x4x1x!w> to tensor<1x4x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x4xf32>, tensor<1x4x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x1xf32>
  return %c : tensor<1x4x1xf32>
}

// -----

// An input with a scale for each channel.
// CHECK-LABEL: func.func @input
// CHECK: tosa.matmul {{.*}} {lowbit.reason = "its input is not the decode of a per-tensor format"}
!x = !quant.uniform<u8:f32:2, {0.5, 0.25, 0.5, 0.5}>
!w = !lowbit.affine<i4, axis = 1, group = 2>
func.func @input(%q: tensor<1x4x4x!x>) -> tensor<1x4x1xf32> {
  %x = lowbit.decode %q : tensor<1x4x4x!x> to tensor<1x4x4xf32>
  %wq = lowbit.constant dense<[[[1], [2], [3], [4]]]> : tensor<1x4x1xi8> as tensor<1x4x1x!w>
  %p = arith.constant dense<[[[1.0], [2.0]]]> : tensor<1x2x1xf32>
  %w = lowbit.decode %wq with %p : tensor<1x2x1xf32> : tensor<1x4x1x!w> to tensor<1x4x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x4xf32>, tensor<1x4x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x1xf32>
  return %c : tensor<1x4x1xf32>
}
