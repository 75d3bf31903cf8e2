// RUN: lowbit-opt %s -lowbit-absorb-high-bias -split-input-file > %t.once
// RUN: FileCheck %s < %t.once
// A second run finds nothing to absorb.
// RUN: lowbit-opt %t.once -lowbit-absorb-high-bias -split-input-file | diff %t.once -
// RUN: lowbit-opt %s -lowbit-absorb-high-bias=recipe=int8 -split-input-file \
// RUN:   | FileCheck %s --check-prefix=RECIPE

!x = tensor<1x1x1x4xf32>
!w = tensor<1x1x4x1xf32>
!v = tensor<1x1x1x4xf32>
!y = tensor<1x1x1x1xf32>
!z = tensor<1xf32>
!b = tensor<4xf32>

// The first channel is at least 3; the second one reaches 0, the third one the
// clamp's bound, and the fourth one is at least 0.5: 10 - 3 and 13 - 0.5 remain,
// and 2 * 3 + 8 * 0.5 go into the next bias.
// CHECK-LABEL: func.func @relu6
// CHECK: %[[B1:.*]] = "tosa.const"() <{values = dense<[7.000000e+00, 1.100000e+01, 1.200000e+01, 1.250000e+01]>
// CHECK: tosa.depthwise_conv2d %{{[^,]*}}, %{{[^,]*}}, %[[B1]],
// CHECK: lowbit.observe %{{.*}} {name = "a", role = #lowbit.role<activation>,
// CHECK-SAME: stats = #lowbit.stats<count = 8, min = 0.000000e+00 : f64, max = 6.000000e+00 : f64,
// CHECK-SAME: histogram = []>}
// CHECK: lowbit.observe %{{.*}} {channels = #lowbit.channels<min = [0.000000e+00, 0.000000e+00, 1.000000e+00, 0.000000e+00],
// CHECK-SAME: max = [2.000000e+00, 4.000000e+00, 6.000000e+00, 5.000000e-01],
// CHECK-SAME: mean = [1.000000e+00, 1.000000e+00, 2.000000e+00, 2.500000e-01]>, name = "b.weight"
// CHECK: %[[B2:.*]] = "tosa.const"() <{values = dense<1.100000e+01>
// CHECK: tosa.conv2d %{{[^,]*}}, %{{[^,]*}}, %[[B2]],
// RECIPE-LABEL: func.func @relu6
// RECIPE: dense<[1.000000e+01, 1.100000e+01, 1.200000e+01, 1.300000e+01]>
func.func @relu6(%x: !x) -> !y {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w1 = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  %b1 = "tosa.const"() <{values = dense<[10.0, 11.0, 12.0, 13.0]> : !b}> : () -> !b
  %w2 = "tosa.const"() <{values = dense<[[[[2.0, 4.0, 6.0, 8.0]]]]> : !v}> : () -> !v
  %b2 = "tosa.const"() <{values = dense<1.0> : !z}> : () -> !z
  %c = tosa.depthwise_conv2d %x, %w1, %b1, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !b, !z, !z) -> !x
  %r = tosa.clamp %c {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!x) -> !x
  %ro = lowbit.observe %r {name = "a", role = #lowbit.role<activation>, stats = #lowbit.stats<
      count = 8, min = 0.0 : f64, max = 6.0 : f64, average_min = 0.0 : f64, average_max = 5.0 : f64,
      bin_width = 8.0 : f64, first_bin = 0, histogram = [8]>} : !x
  %w2o = lowbit.observe %w2 {name = "b.weight", role = #lowbit.role<weight>,
      channels = #lowbit.channels<min = [3.0, 0.0, 1.0, 0.5], max = [5.0, 4.0, 6.0, 1.0],
                                  mean = [4.0, 1.0, 2.0, 0.75]>} : !v
  %d = tosa.conv2d %ro, %w2o, %b2, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !v, !z, !z, !z) -> !y
  return %d : !y
}

// -----

!x = tensor<1x1x1x2xf32>
!w = tensor<1x1x2x1xf32>
!v = tensor<1x1x1x2xf32>
!y = tensor<1x1x1x1xf32>
!z = tensor<1xf32>
!b = tensor<2xf32>

// Without a clamp, a channel far below 0 is moved as well. A bias that serves all
// channels becomes one for each.
// CHECK-LABEL: func.func @linear
// CHECK: dense<[-1.000000e+00, 5.000000e+00]>
// CHECK: channels = #lowbit.channels<min = [0.000000e+00, -1.000000e+00], max = [4.000000e+00, 0.000000e+00],
// CHECK-SAME: mean = [2.000000e+00, -5.000000e-01]>
// CHECK: dense<-6.000000e+00>
func.func @linear(%x: !x) -> !y {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w1 = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  %w2 = "tosa.const"() <{values = dense<[[[[1.0, 2.0]]]]> : !v}> : () -> !v
  %b1 = "tosa.const"() <{values = dense<1.0> : !z}> : () -> !z
  %c = tosa.depthwise_conv2d %x, %w1, %b1, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %w2o = lowbit.observe %w2 {name = "b.weight", role = #lowbit.role<weight>,
      channels = #lowbit.channels<min = [2.0, -5.0], max = [6.0, -4.0], mean = [4.0, -4.5]>} : !v
  %d = tosa.conv2d %c, %w2o, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !v, !z, !z, !z) -> !y
  return %d : !y
}
