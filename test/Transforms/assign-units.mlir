// RUN: lowbit-opt %s -lowbit-assign=recipe=%S/Inputs/min-max.yaml | FileCheck %s

#s = #lowbit.stats<count = 1, min = 0.0 : f64, max = 255.0 : f64, average_min = 0.0 : f64,
    average_max = 255.0 : f64, bin_width = 256.0 : f64, first_bin = 0, histogram = [1]>
!x = tensor<1x2x2xf32>

// Probabilities that a product reads have 8 bits, from 0 to 1.
// CHECK-LABEL: func.func @attention
// CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 3.906250e-03>, name = "softmax"
// CHECK: tosa.matmul %{{.*}} : (
// CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 1.000000e+00>, name = "product"
// CHECK: tosa.matmul {{.*}} {lowbit.reason = "it reads codes of 16 bits, those of 'wide'"}
func.func @attention(%x: !x) -> (!x, !x) {
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #s} : !x
  %s = lowbit.softmax %xo {axis = 2 : i64} : !x
  %so = lowbit.observe %s {name = "softmax", role = #lowbit.role<activation>, stats = #s} : !x
  %m = tosa.matmul %so, %xo, %z, %z : (!x, !x, tensor<1xf32>, tensor<1xf32>) -> !x
  %mo = lowbit.observe %m {name = "product", role = #lowbit.role<activation>, stats = #s} : !x
  %w = lowbit.softmax %mo {axis = 2 : i64} : !x
  %wo = lowbit.observe %w {name = "wide", role = #lowbit.role<head>, stats = #s} : !x
  %n = tosa.matmul %mo, %wo, %z, %z : (!x, !x, tensor<1xf32>, tensor<1xf32>) -> !x
  %no = lowbit.observe %n {name = "last", role = #lowbit.role<head>, stats = #s} : !x
  return %no, %wo : !x, !x
}

// Weights of groups have their output channels first.
// CHECK-LABEL: func.func @grouped
// CHECK: {format = !quant.uniform<i8<-127:127>:f32:0, {1.000000e+00,2.000000e+00}>, name = "g.weight"
// CHECK-NOT: lowbit.reason
func.func @grouped(%x: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %w = "tosa.const"() {values = dense<[[[[127.0]]], [[[-254.0]]]]> : tensor<2x1x1x1xf32>}
    : () -> tensor<2x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #s}
    : tensor<1x2x2x2xf32>
  %wo = lowbit.observe %w {name = "g.weight", role = #lowbit.role<weight>} : tensor<2x1x1x1xf32>
  %g = lowbit.grouped_conv2d %xo, %wo, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
    pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : tensor<1x2x2x2xf32>, tensor<2x1x1x1xf32>, tensor<2xf32> to tensor<1x2x2x2xf32>
  %go = lowbit.observe %g {name = "g", role = #lowbit.role<head>, stats = #s} : tensor<1x2x2x2xf32>
  return %go : tensor<1x2x2x2xf32>
}

// A convolution has no form with computed weights.
// CHECK-LABEL: func.func @computed_weights
// CHECK: tosa.conv2d {{.*}} lowbit.reason = "its weights are not constant"
func.func @computed_weights(%x: tensor<1x2x2x1xf32>, %w: tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32> {
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #s}
    : tensor<1x2x2x1xf32>
  %c = tosa.conv2d %xo, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x1xf32>
  %co = lowbit.observe %c {name = "c", role = #lowbit.role<head>, stats = #s} : tensor<1x2x2x1xf32>
  return %co : tensor<1x2x2x1xf32>
}
