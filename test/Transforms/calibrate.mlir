// RUN: %python %inputs/npy.py write %t.npy '<f4' 3x1x1x2 -1 3 0.5 0.25 2 -4
// RUN: lowbit-opt %s -lowbit-calibrate=data=%t.npy | FileCheck %s
// RUN: lowbit-opt %s -lowbit-calibrate=data=image=%t.npy | FileCheck %s

// Three samples in batches of two: the last batch is filled up by the third
// sample, which counts once.

// RUN: %python %inputs/npy.py write %t.u8.npy '|u1' 3x1x1x2 0 8 3 2 6 255
// RUN: lowbit-opt %s -lowbit-calibrate="data=%t.u8.npy scale=0.5 offset=-1" \
// RUN:   | FileCheck %s --check-prefix=SCALED

// The same elements in another order and other batches make the same histogram.
// RUN: %python %inputs/npy.py write %t.order.npy '<f4' 3x1x1x2 2 -4 -1 3 0.5 0.25
// RUN: lowbit-opt %s -lowbit-calibrate=data=%t.order.npy | FileCheck %s --check-prefix=ORDER

!x = tensor<2x1x1x2xf32>
!w = tensor<1x1x1x2xf32>
!y = tensor<2x1x1x1xf32>
!b = tensor<1xf32>

// CHECK-LABEL: func.func @main
func.func @main(%x: !x {lowbit.name = "image"}) -> !y {
  %zero = "tosa.const"() <{values = dense<0.0> : !b}> : () -> !b
  %w = "tosa.const"() <{values = dense<[[[[2.0, -1.0]]]]> : !w}> : () -> !w
  %b = "tosa.const"() <{values = dense<0.5> : !b}> : () -> !b

  // The samples are (-1, 3), (0.5, 0.25), (2, -4). The averages of the least
  // are -1, 0.9 * -1 + 0.1 * 0.25 and 0.9 * that + 0.1 * -4; of the most, 3,
  // 0.9 * 3 + 0.1 * 0.5 and 0.9 * that + 0.1 * 2. The range is 7, so bins
  // of 2^-8 = 0.00390625 are the first of which 2048 suffice.
  // CHECK: lowbit.observe %{{.*}} {name = "image", {{.*}}, stats = #lowbit.stats<count = 6,
  // CHECK-SAME: min = -4.000000e+00 : f64, max = 3.000000e+00 : f64,
  // CHECK-SAME: average_min = -1.187500e+00 : f64, average_max = 2.675{{0+3}} : f64,
  // CHECK-SAME: bin_width = 3.906250e-03 : f64, first_bin = -1024, histogram = [1, 0,
  // CHECK-SAME: , 0, 1]>}
  // SCALED: name = "image", {{.*}}count = 6, min = -1.000000e+00 : f64, max = 1.265000e+02 : f64,
  // SCALED-SAME: bin_width = 6.250000e-02 : f64, first_bin = -16, histogram = [1,
  // ORDER: name = "image", {{.*}}count = 6, min = -4.000000e+00 : f64, max = 3.000000e+00 : f64,
  // ORDER-SAME: average_min = -3.305000e+00 : f64, average_max = 1.94{{(0+[0-9])?}} : f64,
  // ORDER-SAME: bin_width = 3.906250e-03 : f64, first_bin = -1024, histogram = [1, 0,
  %xo = lowbit.observe %x {name = "image", role = #lowbit.role<activation>} : !x

  // What the layer reads, and the weights themselves.
  // CHECK: lowbit.observe %{{.*}} {channels = #lowbit.channels<min = [-1.000000e+00, -4.000000e+00],
  // CHECK-SAME: max = [2.000000e+00, 3.000000e+00], mean = [5.000000e-01, -2.500000e-01]>,
  // CHECK-SAME: name = "conv.weight", {{.*}}count = 2, min = -1.000000e+00 : f64, max = 2.000000e+00
  // CHECK-SAME: bin_width = 0.001953125 : f64, first_bin = -512,
  %wo = lowbit.observe %w {name = "conv.weight", role = #lowbit.role<weight>} : !w
  %y = tosa.conv2d %xo, %wo, %b, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !b, !b, !b) -> !y
  // 2 x0 - x1 + 0.5 is -4.5, 1.25 and 8.5; at least 0 it is 0, 1.25 and 8.5.
  %z = tosa.clamp %y {min_val = 0.0 : f32, max_val = 3.40282347E+38 : f32} : (!y) -> !y
  // CHECK: lowbit.observe %{{.*}} {name = "conv", {{.*}}count = 3, min = 0.000000e+00 : f64, max = 8.500000e+00 : f64,
  // CHECK-SAME: average_min = 0.9625{{0+13}} : f64, average_max = 0.9625{{0+13}} : f64,
  // CHECK-SAME: bin_width = 7.812500e-03 : f64, first_bin = 0, histogram = [1, 0,
  // CHECK-SAME: , 0, 1]>}
  %zo = lowbit.observe %z {name = "conv", role = #lowbit.role<head>} : !y
  return %zo : !y
}
