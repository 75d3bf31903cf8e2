// RUN: lowbit-opt %s -lowbit-raise-to-contract | FileCheck %s

// CHECK-DAG: #[[LHS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 * 2 + d4, d2 + d5, d6)>
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d3, d4, d5, d6)>
// CHECK-DAG: #[[CHANNEL:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d3)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>

// Padding, one bias for all channels, and the clamp in the epilogue.
// CHECK-LABEL: func.func @conv(
// CHECK-SAME:    %[[X:.*]]: tensor<1x6x8x3xf32>)
// CHECK-DAG:     %[[W:.*]] = arith.constant dense<2.000000e+00> : tensor<4x2x3x3xf32>
// CHECK-DAG:     %[[B:.*]] = arith.constant dense<5.000000e-01> : tensor<4xf32>
// CHECK:         %[[ZEROS:.*]] = linalg.fill {{.*}} -> tensor<1x6x10x3xf32>
// CHECK:         %[[PADDED:.*]] = tensor.insert_slice %[[X]] into %[[ZEROS]][0, 0, 1, 0] [1, 6, 8, 3]
// CHECK:         %[[Y:.*]] = lowbit.contract ins(%[[PADDED]], %[[W]] : {{.*}}) epilogue(%[[B]] : tensor<4xf32>)
// CHECK-SAME:      maps [#[[LHS]], #[[RHS]], #[[CHANNEL]], #[[OUT]]]
// CHECK:         ^bb0(%[[ACC:.*]]: f32, %[[BIAS:.*]]: f32):
// CHECK:           %[[SUM:.*]] = arith.addf %[[ACC]], %[[BIAS]] : f32
// CHECK:           %[[LOW:.*]] = arith.maximumf %[[SUM]], %{{.*}} : f32
// CHECK:           %[[HIGH:.*]] = arith.minimumf %[[LOW]], %{{.*}} : f32
// CHECK:           lowbit.yield %[[HIGH]] : f32
// CHECK-NOT:     tosa.clamp
// CHECK:         return %[[Y]]
func.func @conv(%x: tensor<1x6x8x3xf32>) -> tensor<1x3x8x4xf32> {
  %w = "tosa.const"() {values = dense<2.0> : tensor<4x2x3x3xf32>} : () -> tensor<4x2x3x3xf32>
  %b = "tosa.const"() {values = dense<0.5> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 1, 1>,
    stride = array<i64: 2, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x6x8x3xf32>, tensor<4x2x3x3xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x3x8x4xf32>
  %r = tosa.clamp %c {min_val = 0.0 : f32, max_val = 6.0 : f32}
    : (tensor<1x3x8x4xf32>) -> tensor<1x3x8x4xf32>
  return %r : tensor<1x3x8x4xf32>
}

// A clamp beside another reader stays where it is.
// CHECK-LABEL: func.func @two_readers(
// CHECK:         %[[Y:.*]] = lowbit.contract
// CHECK-NOT:     arith.maximumf
// CHECK:         tosa.clamp %[[Y]]
// The multiplier of a depthwise convolution is a loop of its own.
// CHECK-LABEL: func.func @depthwise(
// CHECK:         lowbit.contract {{.*}} outs(%{{.*}} : tensor<1x2x2x3x2xf32>)
// CHECK:         tensor.collapse_shape %{{.*}} {{\[\[}}0], [1], [2], [3, 4]]
func.func @two_readers(%x: tensor<1x1x1x2xf32>) -> (tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>) {
  %w = "tosa.const"() {values = dense<2.0> : tensor<2x1x1x2xf32>} : () -> tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<[0.5, 1.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %r = tosa.clamp %c {min_val = 0.0 : f32, max_val = 6.0 : f32}
    : (tensor<1x1x1x2xf32>) -> tensor<1x1x1x2xf32>
  return %c, %r : tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>
}

func.func @depthwise(%x: tensor<1x2x2x3xf32>) -> tensor<1x2x2x6xf32> {
  %w = "tosa.const"() {values = dense<2.0> : tensor<1x1x3x2xf32>} : () -> tensor<1x1x3x2xf32>
  %b = "tosa.const"() {values = dense<0.5> : tensor<6xf32>} : () -> tensor<6xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x3xf32>, tensor<1x1x3x2xf32>, tensor<6xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x6xf32>
  return %c : tensor<1x2x2x6xf32>
}

// Refused: weights that are an argument.
// CHECK-LABEL: func.func @weights_not_constant(
// CHECK-NOT:     lowbit.contract
// CHECK:         tosa.matmul
func.func @weights_not_constant(%x: tensor<1x2x3xf32>, %w: tensor<1x3x4xf32>)
    -> tensor<1x2x4xf32> {
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.matmul %x, %w, %z, %z
    : (tensor<1x2x3xf32>, tensor<1x3x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// Refused: a bias that is an argument.
// CHECK-LABEL: func.func @bias_not_constant(
// CHECK-NOT:     lowbit.contract
// CHECK:         tosa.conv2d
func.func @bias_not_constant(%x: tensor<1x1x1x2xf32>, %b: tensor<2xf32>) -> tensor<1x1x1x2xf32> {
  %w = "tosa.const"() {values = dense<2.0> : tensor<2x1x1x2xf32>} : () -> tensor<2x1x1x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  return %c : tensor<1x1x1x2xf32>
}

// Refused: a dynamic batch.
// CHECK-LABEL: func.func @dynamic(
// CHECK-NOT:     lowbit.contract
// CHECK:         tosa.conv2d
func.func @dynamic(%x: tensor<?x1x1x2xf32>) -> tensor<?x1x1x2xf32> {
  %w = "tosa.const"() {values = dense<2.0> : tensor<2x1x1x2xf32>} : () -> tensor<2x1x1x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %z, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<?x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<?x1x1x2xf32>
  return %c : tensor<?x1x1x2xf32>
}
