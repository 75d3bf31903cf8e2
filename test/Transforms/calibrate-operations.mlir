// What calibration computes, operation by operation: min and max of one sample.
// RUN: %python %inputs/npy.py write %t.npy '<f4' 1x4x4x2 -3 -2 -1 0 1 2 3
// RUN: lowbit-opt %s -lowbit-observe -lowbit-calibrate=data=%t.npy | FileCheck %s

!x = tensor<1x4x4x2xf32>
!m = tensor<1x32xf32>

// CHECK-LABEL: func.func @main
func.func @main(%x: !x) -> (!x, tensor<1x2x2x2xf32>, !m, !x, tensor<1x8x4x2xf32>) {
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %b = "tosa.const"() <{values = dense<[1.0, -1.0]> : tensor<2xf32>}> : () -> tensor<2xf32>

  // Sums of the up to nine numbers around each, plus the bias.
  %w = "tosa.const"() <{values = dense<1.0> : tensor<3x3x2x1xf32>}> : () -> tensor<3x3x2x1xf32>
  %d = tosa.depthwise_conv2d %x, %w, %b, %zero, %zero {pad = array<i64: 1, 1, 1, 1>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, tensor<3x3x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> !x loc("dw")
  // CHECK: name = "dw", {{.*}}count = 32, min = -7.000000e+00 : f64, max = 5.000000e+00 : f64

  // A constant of 5 is added to each: everything moves by 5.
  %five = "tosa.const"() <{values = dense<5.0> : !x}> : () -> !x
  %a = tosa.add %x, %five : (!x, !x) -> !x loc("add")
  // CHECK: name = "add.constant", {{.*}}count = 32, min = 5.000000e+00 : f64, max = 5.000000e+00 : f64
  // CHECK-SAME: histogram = [32]>
  // CHECK: name = "add", {{.*}}count = 32, min = 2.000000e+00 : f64, max = 8.000000e+00 : f64

  %p = tosa.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
      pad = array<i64: 0, 0, 0, 0>} : (!x) -> tensor<1x2x2x2xf32>
  %n = tosa.abs %p : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> loc("abs")
  // CHECK: name = "abs", {{.*}}count = 8, min = 0.000000e+00 : f64, max = 3.000000e+00 : f64

  %shape = tosa.const_shape {values = dense<[1, 32]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r = tosa.reshape %x, %shape : (!x, !tosa.shape<2>) -> !m
  %s = lowbit.softmax %r {axis = 1 : i64} : !m
  // Of the 32 numbers, five are -3, -2, -1, 0 each and four are 1, 2, 3 each: the
  // extremes are e^-3 / sum = 3.873380e-4 and e^3 / sum = 0.1562633.
  // CHECK: name = "softmax", {{.*}}count = 32, min = 3.87338{{[0-9]+}}E-4 : f64, max = 0.156263{{[0-9]+}} : f64

  %c = tosa.concat %x, %a {axis = 1 : i32} : (!x, !x) -> tensor<1x8x4x2xf32>
  // CHECK: name = "concat", {{.*}}count = 64, min = -3.000000e+00 : f64, max = 8.000000e+00 : f64
  return %d, %n, %s, %a, %c : !x, tensor<1x2x2x2xf32>, !m, !x, tensor<1x8x4x2xf32>
}
