// RUN: lowbit-opt %s -lowbit-equalize -split-input-file > %t.once
// RUN: FileCheck %s < %t.once
// A second run finds nothing to even out.
// RUN: lowbit-opt %t.once -lowbit-equalize -split-input-file | diff %t.once -
// RUN: lowbit-opt %s -lowbit-equalize=recipe=%S/Inputs/equalize.yaml -split-input-file \
// RUN:   | FileCheck %s --check-prefix=RECIPE

!x = tensor<1x2x2x1xf32>
!y = tensor<1x2x2x2xf32>
!p = tensor<1x4x4x2xf32>
!z = tensor<1xf32>
!b = tensor<2xf32>

// Nothing is observed: the weights tell. The second channel is 16 times as small
// as the first one; a depthwise layer takes all of that.
// CHECK-LABEL: func.func @depthwise
// CHECK-SAME: %[[X:.*]]: tensor<1x2x2x1xf32>
// RECIPE-LABEL: func.func @depthwise
func.func @depthwise(%x: !x) -> !y {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w1 = "tosa.const"() <{values = dense<[[[[8.0]]], [[[-0.5]]]]> : tensor<2x1x1x1xf32>}>
      : () -> tensor<2x1x1x1xf32>
  %b1 = "tosa.const"() <{values = dense<[1.0, 0.25]> : !b}> : () -> !b
  %w2 = "tosa.const"() <{values = dense<[[[[3.0], [4.0]]]]> : tensor<1x1x2x1xf32>}>
      : () -> tensor<1x1x2x1xf32>
  %b2 = "tosa.const"() <{values = dense<[5.0, 6.0]> : !b}> : () -> !b
  // CHECK: %[[W1:.*]] = "tosa.const"() <{values = dense<{{\[\[\[}}[8.000000e+00]]], {{\[\[}}[-8.000000e+00]]]]>
  // CHECK: %[[B1:.*]] = "tosa.const"() <{values = dense<[1.000000e+00, 4.000000e+00]>
  // CHECK: %[[C:.*]] = tosa.conv2d %[[X]], %[[W1]], %[[B1]]
  // CHECK: %[[R:.*]] = tosa.clamp %[[C]]
  // CHECK: %[[W2:.*]] = "tosa.const"() <{values = dense<{{\[\[\[}}[3.000000e+00], [2.500000e-01]]]]>
  // CHECK: %[[B2:.*]] = "tosa.const"() <{values = dense<[5.000000e+00, 6.000000e+00]>
  // CHECK: tosa.depthwise_conv2d %[[R]], %[[W2]], %[[B2]]
  // RECIPE-NOT: dense<[1.000000e+00, 4.000000e+00]>
  // RECIPE: return
  %c = tosa.conv2d %x, %w1, %b1, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, tensor<2x1x1x1xf32>, !b, !z, !z) -> !y
  %r = tosa.clamp %c {min_val = 0.0 : f32, max_val = 3.40282347E+38 : f32} : (!y) -> !y
  %d = tosa.depthwise_conv2d %r, %w2, %b2, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!y, tensor<1x1x2x1xf32>, !b, !z, !z) -> !y
  return %d : !y
}

// -----

!x = tensor<1x2x2x1xf32>
!y = tensor<1x2x2x2xf32>
!z = tensor<1xf32>
!b = tensor<2xf32>

// A layer that sums over its inputs: the factor is the root of 16 where the
// small channel's weights are the largest, and 1 where they are 16 times as
// small, as those of the second layer. max_pool2d, padding and the flattening
// into a fully connected layer keep channels: 18 inputs, 9 of each.
// CHECK-LABEL: func.func @sum
// CHECK: dense<{{\[\[\[}}[8.000000e+00]]], {{\[\[}}[2.000000e+00]]]]> : tensor<2x1x1x1xf32>
// CHECK: [1.000000e+00, 2.500000e-01, {{.*}}, 1.000000e+00, 2.500000e-01]]]]> : tensor<1x1x1x18xf32>
// CHECK: return
func.func @sum(%x: !x) -> tensor<1x1x1x1xf32> {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w1 = "tosa.const"() <{values = dense<[[[[8.0]]], [[[0.5]]]]> : tensor<2x1x1x1xf32>}>
      : () -> tensor<2x1x1x1xf32>
  %b1 = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w2 = "tosa.const"() <{values = dense<1.0> : tensor<1x1x1x18xf32>}> : () -> tensor<1x1x1x18xf32>
  %c = tosa.conv2d %x, %w1, %b1, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, tensor<2x1x1x1xf32>, !z, !z, !z) -> !y
  %r = tosa.clamp %c {min_val = 0.0 : f32, max_val = 3.40282347E+38 : f32} : (!y) -> !y
  %low = tosa.const_shape {values = dense<[0, 0, 1, 1, 1, 1, 0, 0]> : tensor<8xindex>} : () -> !tosa.shape<8>
  %p = tosa.pad %r, %low, %zero : (!y, !tosa.shape<8>, !z) -> tensor<1x4x4x2xf32>
  %m = tosa.max_pool2d %p {kernel = array<i64: 2, 2>, stride = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x2xf32>) -> tensor<1x3x3x2xf32>
  %shape = tosa.const_shape {values = dense<[1, 1, 1, 18]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %f = tosa.reshape %m, %shape : (tensor<1x3x3x2xf32>, !tosa.shape<4>) -> tensor<1x1x1x18xf32>
  %d = tosa.conv2d %f, %w2, %b1, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (tensor<1x1x1x18xf32>, tensor<1x1x1x18xf32>, !z, !z, !z) -> tensor<1x1x1x1xf32>
  return %d : tensor<1x1x1x1xf32>
}

// -----

!x = tensor<1x1x1x4xf32>
!z = tensor<1xf32>
!b = tensor<4xf32>

// With statistics. The channels reach 6, 6 is the clamp's bound, 3, 1.5 and 0:
// one that reached the bound stays, a dead one as well. The statistics follow,
// without their histogram; a weight's are its own elements.
// CHECK-LABEL: func.func @bounded
func.func @bounded(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<[[[[1.0], [1.0], [1.0], [1.0]]]]> : tensor<1x1x4x1xf32>}>
      : () -> tensor<1x1x4x1xf32>
  %b = "tosa.const"() <{values = dense<[1.0, 1.0, 1.0, 1.0]> : !b}> : () -> !b
  // CHECK: %[[W1:.*]] = "tosa.const"() <{values = dense<{{\[\[\[}}[1.000000e+00], [2.000000e+00], [4.000000e+00], [1.000000e+00]
  // CHECK: lowbit.observe %[[W1]] {name = "a.weight", role = #lowbit.role<weight>,
  // CHECK-SAME: stats = #lowbit.stats<count = 4, min = 1.000000e+00 : f64, max = 4.000000e+00 : f64,
  %w1o = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>, stats = #lowbit.stats<
      count = 4, min = 1.0 : f64, max = 1.0 : f64, average_min = 1.0 : f64, average_max = 1.0 : f64,
      bin_width = 1.0 : f64, first_bin = 1, histogram = [4]>} : tensor<1x1x4x1xf32>
  %c = tosa.depthwise_conv2d %x, %w1o, %b, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, tensor<1x1x4x1xf32>, !b, !z, !z) -> !x
  %r = tosa.clamp %c {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!x) -> !x
  // CHECK: lowbit.observe %{{.*}} {name = "a", role = #lowbit.role<activation>,
  // CHECK-SAME: stats = #lowbit.stats<count = 8, min = 0.000000e+00 : f64, max = 6.000000e+00 : f64,
  // CHECK-SAME: average_min = 0.000000e+00 : f64, average_max = 6.000000e+00 : f64,
  // CHECK-SAME: bin_width = 0.000000e+00 : f64, first_bin = 0, histogram = []>}
  %ro = lowbit.observe %r {name = "a", role = #lowbit.role<activation>, stats = #lowbit.stats<
      count = 8, min = 0.0 : f64, max = 6.0 : f64, average_min = 0.0 : f64, average_max = 5.0 : f64,
      bin_width = 8.0 : f64, first_bin = 0, histogram = [8]>} : !x
  // CHECK: %[[W2:.*]] = "tosa.const"() <{values = dense<{{\[\[\[}}[1.000000e+00], [5.000000e-01], [2.500000e-01], [1.000000e+00]
  // CHECK: lowbit.observe %[[W2]] {channels = #lowbit.channels<min = [0.000000e+00, 2.000000e+00, 0.000000e+00, 0.000000e+00],
  // CHECK-SAME: max = [6.000000e+00, 6.000000e+00, 6.000000e+00, 0.000000e+00],
  // CHECK-SAME: mean = [3.000000e+00, 4.000000e+00, 2.000000e+00, 0.000000e+00]>, name = "b.weight"
  %w2o = lowbit.observe %w {name = "b.weight", role = #lowbit.role<weight>,
      channels = #lowbit.channels<min = [0.0, 1.0, 0.0, 0.0], max = [6.0, 3.0, 1.5, 0.0],
                                  mean = [3.0, 2.0, 0.5, 0.0]>} : tensor<1x1x4x1xf32>
  %d = tosa.depthwise_conv2d %ro, %w2o, %b, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, tensor<1x1x4x1xf32>, !b, !z, !z) -> !x
  return %d : !x
}

// -----

!x = tensor<1x1x2xf32>
!w = tensor<1x2x2xf32>

// Matrix products have no bias. Without a clamp, negative extremes count too.
// CHECK-LABEL: func.func @product
// CHECK: dense<{{\[\[}}[8.000000e+00, 8.000000e+00], [0.000000e+00, 4.000000e+00]]]>
// CHECK: dense<{{\[\[}}[1.000000e+00, 1.000000e+00], [2.500000e-01, 2.500000e-01]]]>
// CHECK: return
func.func @product(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %w1 = "tosa.const"() <{values = dense<[[[8.0, 2.0], [0.0, 1.0]]]> : !w}> : () -> !w
  %w2 = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  %c = tosa.matmul %x, %w1, %zero, %zero : (!x, !w, tensor<1xf32>, tensor<1xf32>) -> !x
  %w2o = lowbit.observe %w2 {name = "b.weight", role = #lowbit.role<weight>,
      channels = #lowbit.channels<min = [-16.0, -1.0], max = [1.0, 0.5], mean = [0.0, 0.0]>} : !w
  %d = tosa.matmul %c, %w2o, %zero, %zero : (!x, !w, tensor<1xf32>, tensor<1xf32>) -> !x
  return %d : !x
}
