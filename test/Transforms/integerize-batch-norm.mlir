// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize=profile=onnx -split-input-file \
// RUN:   | FileCheck %s --check-prefix=ONNX --implicit-check-not=lowbit.contract

// What a batch norm between quantizers becomes is a layer whose weights have no codes. The
// factors 1.5 and -0.75 become 2^14 steps; the terms 1.0 and -2.0 have as many as
// 1.0 / (0.5 * 1.5 / 2^14) = 21845 and 87381, less the zero point's 3 * 2^14.

!a = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @batch_norm
// CHECK-DAG: arith.constant dense<[-27307, -38229]> : tensor<2xi32>
// CHECK-DAG: lowbit.constant dense<{{.*}}16384, -16384{{.*}}> : tensor<1x1x2xi16> as tensor<1x1x2x!quant.uniform<i16<-16384:16384>:f32:2, {9.155{{[0-9]*}}E-5,4.577{{[0-9]*}}E-5}>>
// CHECK: lowbit.contract
// CHECK-NOT: tosa.depthwise
// ONNX: tosa.depthwise_conv2d
func.func @batch_norm(%p: tensor<1x2x2x2x!a>) -> tensor<1x2x2x2x!a> {
  %x = lowbit.decode %p : tensor<1x2x2x2x!a> to tensor<1x2x2x2xf32>
  %w = "tosa.const"() {values = dense<[[[[1.5], [-0.75]]]]> : tensor<1x1x2x1xf32>} : () -> tensor<1x1x2x1xf32>
  %b = "tosa.const"() {values = dense<[1.0, -2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<1x1x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %r = tosa.clamp %c {min_val = 0.0 : f32, max_val = 6.0 : f32}
    : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %r : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!a>
  return %o : tensor<1x2x2x2x!a>
}

// -----

// A factor that is small beside its term gets fewer steps, or none.

!a = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @small
// CHECK: lowbit.constant dense<{{.*}}0, 268{{.*}}> : tensor<1x1x2xi16>
// CHECK: lowbit.contract
func.func @small(%p: tensor<1x2x2x2x!a>) -> tensor<1x2x2x2x!a> {
  %x = lowbit.decode %p : tensor<1x2x2x2x!a> to tensor<1x2x2x2xf32>
  %w = "tosa.const"() {values = dense<[[[[0.0], [1.0e-6]]]]> : tensor<1x1x2x1xf32>} : () -> tensor<1x1x2x1xf32>
  %b = "tosa.const"() {values = dense<[0.0, 1.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<1x1x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %c : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!a>
  return %o : tensor<1x2x2x2x!a>
}

// -----

// Left alone: a window of more than one position, a use in float, and what the recipe leaves.

!a = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @others
// CHECK-NOT: lowbit.contract
// CHECK-COUNT-3: tosa.depthwise_conv2d
// CHECK-NOT: lowbit.contract
func.func @others(%p: tensor<1x1x2x2x!a>)
    -> (tensor<1x1x1x2x!a>, tensor<1x1x2x2x!a>, tensor<1x1x2x2xf32>, tensor<1x1x2x2x!a>) {
  %x = lowbit.decode %p : tensor<1x1x2x2x!a> to tensor<1x1x2x2xf32>
  %wide = "tosa.const"() {values = dense<1.5> : tensor<1x2x2x1xf32>} : () -> tensor<1x2x2x1xf32>
  %w = "tosa.const"() {values = dense<1.5> : tensor<1x1x2x1xf32>} : () -> tensor<1x1x2x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.depthwise_conv2d %x, %wide, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x2x2xf32>, tensor<1x2x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %c : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!a>
  %d = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x2x2xf32>, tensor<1x1x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x2x2xf32>
  %e = lowbit.encode %d : tensor<1x1x2x2xf32> to tensor<1x1x2x2x!a>
  %f = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, lowbit.reason = "the recipe says so"}
    : (tensor<1x1x2x2xf32>, tensor<1x1x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x2x2xf32>
  %g = lowbit.encode %f : tensor<1x1x2x2xf32> to tensor<1x1x2x2x!a>
  return %o, %e, %d, %g : tensor<1x1x1x2x!a>, tensor<1x1x2x2x!a>, tensor<1x1x2x2xf32>, tensor<1x1x2x2x!a>
}
