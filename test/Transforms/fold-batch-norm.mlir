// RUN: lowbit-opt %s -lowbit-fold-batch-norm -split-input-file -verify-diagnostics | FileCheck %s

// factor = scale / sqrt(variance + epsilon) = [2 / 2, 3 / 4] = [1, 0.75];
// bias = ([1, 2] - [1, 0]) * factor + [10, 20] = [10, 21.5].
// CHECK-LABEL: func.func @conv
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x4x2xf32>)
// CHECK-DAG: %[[W:[^ ]+]] = {{.*}}1.000000e+00, 2.000000e+00{{.*}}2.250000e+00, 3.000000e+00
// CHECK-DAG: %[[B:[^ ]+]] = {{.*}}dense<[1.000000e+01, 2.150000e+01]>
// CHECK: %[[Y:.*]] = tosa.conv2d %[[X]], %[[W]], %[[B]],
// CHECK-NOT: lowbit.batch_norm
// CHECK: return %[[Y]]
func.func @conv(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %w = "tosa.const"() {values = dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]> : tensor<2x1x1x2xf32>}
    : () -> tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x4x4x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x4x4x2xf32>
  %scale = arith.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %offset = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %mean = arith.constant dense<[1.0, 0.0]> : tensor<2xf32>
  %variance = arith.constant dense<[3.0, 15.0]> : tensor<2xf32>
  %n = lowbit.batch_norm %y, %scale, %offset, %mean, %variance {epsilon = 1.0 : f32}
    : tensor<1x4x4x2xf32>, tensor<2xf32>
  return %n : tensor<1x4x4x2xf32>
}

// The channel of a depthwise weight [h, w, c, m] is c * M + m. The bias of one
// element holds for all channels.
// CHECK-LABEL: func.func @depthwise
// CHECK-DAG: %[[W:[^ ]+]] = {{.*}}1.000000e+00, 4.000000e+00], [9.000000e+00, 1.600000e+01]
// CHECK-DAG: %[[B:[^ ]+]] = {{.*}}dense<[5.000000e-01, 1.000000e+00, 1.500000e+00, 2.000000e+00]>
// CHECK: %[[Y:.*]] = tosa.depthwise_conv2d %{{.*}}, %[[W]], %[[B]],
// CHECK: return %[[Y]]
func.func @depthwise(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x4xf32> {
  %w = "tosa.const"() {values = dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>}
    : () -> tensor<1x1x2x2xf32>
  %b = "tosa.const"() {values = dense<[0.5]> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x4x4x2xf32>, tensor<1x1x2x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x4x4x4xf32>
  %scale = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %zeros = arith.constant dense<0.0> : tensor<4xf32>
  %ones = arith.constant dense<1.0> : tensor<4xf32>
  %n = lowbit.batch_norm %y, %scale, %zeros, %zeros, %ones {epsilon = 0.0 : f32}
    : tensor<1x4x4x4xf32>, tensor<4xf32>
  return %n : tensor<1x4x4x4xf32>
}

// CHECK-LABEL: func.func @grouped
// CHECK-DAG: %[[W:[^ ]+]] = {{.*}}2.000000e+00]{{.*}}6.000000e+00]{{.*}}tensor<2x1x1x1xf32>
// CHECK-DAG: %[[B:[^ ]+]] = {{.*}}dense<[1.000000e+00, 1.500000e+00]>
// CHECK: %[[Y:.*]] = lowbit.grouped_conv2d %{{.*}}, %[[W]], %[[B]]
// CHECK: return %[[Y]]
func.func @grouped(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %w = "tosa.const"() {values = dense<[[[[1.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32>}
    : () -> tensor<2x1x1x1xf32>
  %b = "tosa.const"() {values = dense<0.5> : tensor<2xf32>} : () -> tensor<2xf32>
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
         pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : tensor<1x4x4x2xf32>, tensor<2x1x1x1xf32>, tensor<2xf32> to tensor<1x4x4x2xf32>
  %scale = arith.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %zeros = arith.constant dense<0.0> : tensor<2xf32>
  %ones = arith.constant dense<1.0> : tensor<2xf32>
  %n = lowbit.batch_norm %y, %scale, %zeros, %zeros, %ones {epsilon = 0.0 : f32}
    : tensor<1x4x4x2xf32>, tensor<2xf32>
  return %n : tensor<1x4x4x2xf32>
}

// ((conv + [1, 1] - [3, 4]) * [2, 4]) : b = (0 + 1 - [3, 4]) * [2, 4]
// CHECK-LABEL: func.func @arithmetic_after_fully_connected
// CHECK-DAG: %[[W:[^ ]+]] = {{.*}}2.000000e+00{{.*}}4.000000e+00{{.*}}tensor<2x1x1x1xf32>
// CHECK-DAG: %[[B:[^ ]+]] = {{.*}}dense<[-4.000000e+00, -1.200000e+01]>
// CHECK: tosa.conv2d %{{.*}}, %[[W]], %[[B]],
// CHECK-NEXT: %[[Y:.*]] = tosa.reshape
// CHECK-NEXT: return %[[Y]]
func.func @arithmetic_after_fully_connected(%x: tensor<3x1x1x1xf32>) -> tensor<3x2xf32> {
  %w = "tosa.const"() {values = dense<1.0> : tensor<2x1x1x1xf32>} : () -> tensor<2x1x1x1xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<3x1x1x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<3x1x1x2xf32>
  %shape = tosa.const_shape {values = dense<[3, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r = tosa.reshape %y, %shape : (tensor<3x1x1x2xf32>, !tosa.shape<2>) -> tensor<3x2xf32>
  %one = "tosa.const"() {values = dense<1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %mean = "tosa.const"() {values = dense<[[3.0, 4.0]]> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  %factor = "tosa.const"() {values = dense<[[2.0, 4.0]]> : tensor<1x2xf32>}
    : () -> tensor<1x2xf32>
  %0 = tosa.add %one, %r : (tensor<1x1xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  %1 = tosa.sub %0, %mean : (tensor<3x2xf32>, tensor<1x2xf32>) -> tensor<3x2xf32>
  %2 = tosa.mul %factor, %1, %shift
    : (tensor<1x2xf32>, tensor<3x2xf32>, tensor<1xi8>) -> tensor<3x2xf32>
  return %2 : tensor<3x2xf32>
}

// The reshape mixes channels and positions.
// CHECK-LABEL: func.func @channels_mixed
// CHECK: tosa.conv2d
// CHECK: tosa.reshape
// CHECK: tosa.add
func.func @channels_mixed(%x: tensor<2x1x1x1xf32>) -> tensor<1x4xf32> {
  %w = "tosa.const"() {values = dense<1.0> : tensor<2x1x1x1xf32>} : () -> tensor<2x1x1x1xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<2x1x1x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<2x1x1x2xf32>
  %s0 = tosa.const_shape {values = dense<[1, 4]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r0 = tosa.reshape %y, %s0 : (tensor<2x1x1x2xf32>, !tosa.shape<2>) -> tensor<1x4xf32>
  %c = "tosa.const"() {values = dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>}
    : () -> tensor<1x4xf32>
  %n = tosa.add %r0, %c : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %n : tensor<1x4xf32>
}

// A constant that varies along another dimension is no map of channels.
// CHECK-LABEL: func.func @not_per_channel
// CHECK: tosa.conv2d
// CHECK: tosa.add
func.func @not_per_channel(%x: tensor<1x2x1x1xf32>) -> tensor<1x2x1x2xf32> {
  %w = "tosa.const"() {values = dense<1.0> : tensor<2x1x1x1xf32>} : () -> tensor<2x1x1x1xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x1x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x1x2xf32>
  %c = "tosa.const"() {values = dense<[[[[1.0]], [[2.0]]]]> : tensor<1x2x1x1xf32>}
    : () -> tensor<1x2x1x1xf32>
  %n = tosa.add %y, %c : (tensor<1x2x1x2xf32>, tensor<1x2x1x1xf32>) -> tensor<1x2x1x2xf32>
  return %n : tensor<1x2x1x2xf32>
}

// CHECK-LABEL: func.func @used_twice
// CHECK: %[[Y:.*]] = tosa.conv2d
// CHECK: %[[N:.*]] = tosa.depthwise_conv2d %[[Y]]
// CHECK: return %[[Y]], %[[N]]
func.func @used_twice(%x: tensor<1x2x2x1xf32>) -> (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) {
  %w = "tosa.const"() {values = dense<1.0> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %b, %b {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x1xf32>
  %c = arith.constant dense<2.0> : tensor<1xf32>
  %n = lowbit.batch_norm %y, %c, %c, %c, %c {epsilon = 0.0 : f32}
    : tensor<1x2x2x1xf32>, tensor<1xf32>
  return %y, %n : tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>
}

// factor = [2 / 2, 8 / 4], bias = offset - mean * factor = [3 - 1, 4 - 4].
// CHECK-LABEL: func.func @alone
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x4x2xf32>)
// CHECK-DAG: %[[W:[^ ]+]] = {{.*}}[1.000000e+00], [2.000000e+00]{{.*}} : tensor<1x1x2x1xf32>
// CHECK-DAG: %[[B:[^ ]+]] = {{.*}}dense<[2.000000e+00, 0.000000e+00]>
// CHECK: %[[Y:.*]] = tosa.depthwise_conv2d %[[X]], %[[W]], %[[B]],
// CHECK-SAME: pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>
// CHECK: return %[[Y]]
func.func @alone(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %scale = arith.constant dense<[2.0, 8.0]> : tensor<2xf32>
  %offset = arith.constant dense<[3.0, 4.0]> : tensor<2xf32>
  %mean = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %variance = arith.constant dense<[4.0, 16.0]> : tensor<2xf32>
  %n = lowbit.batch_norm %x, %scale, %offset, %mean, %variance {epsilon = 0.0 : f32}
    : tensor<1x4x4x2xf32>, tensor<2xf32>
  return %n : tensor<1x4x4x2xf32>
}

// CHECK-LABEL: func.func @rank_2
// CHECK: lowbit.batch_norm
func.func @rank_2(%x: tensor<4x2xf32>) -> tensor<4x2xf32> {
  %c = arith.constant dense<2.0> : tensor<2xf32>
  // expected-remark @+1 {{stays as it is: its input is not of rank 4}}
  %n = lowbit.batch_norm %x, %c, %c, %c, %c {epsilon = 0.0 : f32} : tensor<4x2xf32>, tensor<2xf32>
  return %n : tensor<4x2xf32>
}

// CHECK-LABEL: func.func @parameters_not_constant
// CHECK: lowbit.batch_norm
func.func @parameters_not_constant(%x: tensor<1x4x4x2xf32>, %c: tensor<2xf32>)
    -> tensor<1x4x4x2xf32> {
  // expected-remark @+1 {{stays as it is: its parameters are not constant f32}}
  %n = lowbit.batch_norm %x, %c, %c, %c, %c {epsilon = 0.0 : f32}
    : tensor<1x4x4x2xf32>, tensor<2xf32>
  return %n : tensor<1x4x4x2xf32>
}

// The factor is finite, the folded weight is not: the layer stays of its own.
// CHECK-LABEL: func.func @overflow
// CHECK: tosa.conv2d
// CHECK: tosa.depthwise_conv2d
func.func @overflow(%x: tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32> {
  %w = "tosa.const"() {values = dense<1.0e30> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %b, %b {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x1xf32>
  %scale = arith.constant dense<1.0e30> : tensor<1xf32>
  %zero = arith.constant dense<0.0> : tensor<1xf32>
  %one = arith.constant dense<1.0> : tensor<1xf32>
  %n = lowbit.batch_norm %y, %scale, %zero, %zero, %one {epsilon = 0.0 : f32}
    : tensor<1x2x2x1xf32>, tensor<1xf32>
  return %n : tensor<1x2x2x1xf32>
}

// -----

func.func @negative_variance(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %c = arith.constant dense<1.0> : tensor<2xf32>
  %variance = arith.constant dense<[1.0, -2.0]> : tensor<2xf32>
  // expected-error @+1 {{expects a finite factor and offset, but channel 1 has variance -2}}
  %n = lowbit.batch_norm %x, %c, %c, %c, %variance {epsilon = 1.0 : f32}
    : tensor<1x4x4x2xf32>, tensor<2xf32>
  return %n : tensor<1x4x4x2xf32>
}

// -----

func.func @zero_variance(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %c = arith.constant dense<1.0> : tensor<2xf32>
  %zero = arith.constant dense<0.0> : tensor<2xf32>
  // expected-error @+1 {{channel 0 has variance 0.000000e+00, epsilon 0.000000e+00 and factor}}
  %n = lowbit.batch_norm %x, %c, %c, %c, %zero {epsilon = 0.0 : f32}
    : tensor<1x4x4x2xf32>, tensor<2xf32>
  return %n : tensor<1x4x4x2xf32>
}

// -----

// Codes take no factor: a batch norm between them and the next codes stays.
// CHECK-LABEL: func.func @between_codes
// CHECK: tosa.conv2d
// CHECK: lowbit.batch_norm
// CHECK: lowbit.encode
func.func @between_codes(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2x!lowbit.planes<sign x 1, [1.0]>> {
  %wq = lowbit.constant dense<1> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!lowbit.planes<sign x 1, [0.5]>>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!lowbit.planes<sign x 1, [0.5]>> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x4x4x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x4x4x2xf32>
  %c = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %n = lowbit.batch_norm %y, %c, %c, %c, %c {epsilon = 1.0 : f32} : tensor<1x4x4x2xf32>, tensor<2xf32>
  %l = tosa.clamp %n {min_val = -1.0 : f32, max_val = 1.0 : f32} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %e = lowbit.encode %l : tensor<1x4x4x2xf32> to tensor<1x4x4x2x!lowbit.planes<sign x 1, [1.0]>>
  return %e : tensor<1x4x4x2x!lowbit.planes<sign x 1, [1.0]>>
}
