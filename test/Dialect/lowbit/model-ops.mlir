// RUN: lowbit-opt %s -verify-roundtrip | FileCheck %s

// The composites of the float model. batch_norm and softmax: ops.mlir.

// CHECK-LABEL: func.func @log_softmax
// CHECK: lowbit.log_softmax %{{.*}} {axis = 1 : i64} : tensor<4x10xf32>
func.func @log_softmax(%x: tensor<4x10xf32>) -> tensor<4x10xf32> {
  %y = lowbit.log_softmax %x {axis = 1 : i64} : tensor<4x10xf32>
  return %y : tensor<4x10xf32>
}

// CHECK-LABEL: func.func @activation
// CHECK: lowbit.activation %{{.*}} {function = #lowbit.function<gelu>} : tensor<?x10xf32>
// CHECK: lowbit.activation %{{.*}} {alpha = 2.500000e-01 : f32,
// CHECK-SAME: function = #lowbit.function<leaky_relu>} : tensor<?x10xf32>
// CHECK: lowbit.activation %{{.*}} {alpha = 1.600000e+00 : f32, beta = 1.000000e+00 : f32,
// CHECK-SAME: function = #lowbit.function<selu>} : tensor<?x10xf32>
func.func @activation(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
  %0 = lowbit.activation %x {function = #lowbit.function<gelu>} : tensor<?x10xf32>
  %1 = lowbit.activation %0 {alpha = 0.25 : f32, function = #lowbit.function<leaky_relu>}
       : tensor<?x10xf32>
  %2 = lowbit.activation %1 {alpha = 1.6 : f32, beta = 1.0 : f32,
                             function = #lowbit.function<selu>} : tensor<?x10xf32>
  return %2 : tensor<?x10xf32>
}

// CHECK-LABEL: func.func @layer_norm
// CHECK: lowbit.layer_norm %{{.*}} {axes = array<i64: 2>, epsilon = 9.99999974E-6 : f32}
// CHECK-SAME: : tensor<1x16x64xf32>, tensor<1x1x64xf32>, tensor<1x1x1xf32>
func.func @layer_norm(%x: tensor<1x16x64xf32>, %scale: tensor<1x1x64xf32>,
                      %offset: tensor<1x1x1xf32>) -> tensor<1x16x64xf32> {
  %y = lowbit.layer_norm %x, %scale, %offset {axes = array<i64: 2>, epsilon = 1.0e-5 : f32}
       : tensor<1x16x64xf32>, tensor<1x1x64xf32>, tensor<1x1x1xf32>
  return %y : tensor<1x16x64xf32>
}

// CHECK-LABEL: func.func @grouped_conv2d
// CHECK: lowbit.grouped_conv2d %{{.*}} {dilation = array<i64: 1, 2>, groups = 2 : i64,
// CHECK-SAME: pad = array<i64: 1, 1, 2, 2>, stride = array<i64: 1, 1>}
// CHECK-SAME: : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<1x8x8x6xf32>
func.func @grouped_conv2d(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>,
                          %b: tensor<6xf32>) -> tensor<1x8x8x6xf32> {
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 2>, groups = 2 : i64,
         pad = array<i64: 1, 1, 2, 2>, stride = array<i64: 1, 1>}
       : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<1x8x8x6xf32>
  return %y : tensor<1x8x8x6xf32>
}
