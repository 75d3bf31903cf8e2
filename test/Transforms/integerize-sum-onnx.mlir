// RUN: lowbit-opt %s -lowbit-integerize=profile=onnx | FileCheck %s

// A factor of each channel inside a sum goes into the scales of weights, and the sum onto a grid.
// In this profile the clamp behind it stays in float: it reads the sum where that is.
// CHECK-LABEL: func.func @clamped
// CHECK: %[[SUM:.*]] = lowbit.contract
// CHECK: %[[REAL:.*]] = lowbit.decode %[[SUM]]
// CHECK: %[[CLAMPED:.*]] = tosa.clamp %[[REAL]]
// CHECK: lowbit.encode %[[CLAMPED]]
!x = !quant.uniform<u4:f32, 0.5>
!y = !quant.uniform<u4:f32, 0.511867344>
func.func @clamped(%q: tensor<1x2x2x2x!x>, %r: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x2x!x> to tensor<1x2x2x2xf32>
  %s = lowbit.decode %r : tensor<1x2x2x2x!x> to tensor<1x2x2x2xf32>
  %wq = lowbit.constant dense<[[[[1, -1]]], [[[0, 1]]]]> : tensor<2x1x1x2xi8>
    as tensor<2x1x1x2x!quant.uniform<i2<-1:1>:f32:0, {0.3, 0.7}>>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!quant.uniform<i2<-1:1>:f32:0, {0.3, 0.7}>> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %f = "tosa.const"() {values = dense<[[[[1.3, -0.7]]]]> : tensor<1x1x1x2xf32>} : () -> tensor<1x1x1x2xf32>
  %t = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>,
    pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x2xf32>
  %m = tosa.mul %c, %f, %t : (tensor<1x2x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1xi8>) -> tensor<1x2x2x2xf32>
  %a = tosa.add %m, %s : (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %l = tosa.clamp %a {min_val = 0.0 : f32, max_val = 3.40282347E+38 : f32} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %l {scaling = #lowbit.scaling<divide>} : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}
