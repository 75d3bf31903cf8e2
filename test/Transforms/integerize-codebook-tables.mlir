// RUN: lowbit-opt %s -lowbit-integerize=require-integer | FileCheck %s

// Steps of product and residual codebooks keep the tables that they come from.
// CHECK-LABEL: func.func @residual(
// CHECK: lowbit.constant dense<{{.*}}[-1, 3]{{.*}}> : tensor<2x1x1x2xi8>
// CHECK-SAME: lowbit.tables = dense<{{\[\[\[\[}}1, 2], [-2, 1]], {{\[\[}}0, 1], [1, 2]]]]> : tensor<1x2x2x2xi16>
// CHECK: lowbit.contract
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.codebook<u1, stages = 2, dim = 2, axis = 3>
!y = !quant.uniform<i8:f32, 0.25>
func.func @residual(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x2x!x> to tensor<1x2x2x2xf32>
  %wq = lowbit.constant dense<[[[[0]]], [[[3]]]]> : tensor<2x1x1x1xi8> as tensor<2x1x1x1x!w>
  %book = arith.constant dense<[[[[0.5, 1.0], [-1.0, 0.5]], [[0.0, 0.5], [0.5, 1.0]]]]> : tensor<1x2x2x2xf32>
  %w = lowbit.decode %wq with %book : tensor<1x2x2x2xf32> : tensor<2x1x1x1x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %c : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}
