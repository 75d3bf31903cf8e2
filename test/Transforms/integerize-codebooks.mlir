// RUN: lowbit-opt %s -lowbit-integerize=require-integer | FileCheck %s

// Numbers that are no multiples of one step have three digits of 8 bits: each
// is a layer, and their sums are added on a common grid.
// CHECK-LABEL: func.func @digits(
// CHECK-NOT: tosa.conv2d
// CHECK-COUNT-3: lowbit.contract
// CHECK-NOT: lowbit.contract
// CHECK-NOT: tosa.conv2d
// CHECK: return
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.codebook<u2>
!y = !quant.uniform<i8:f32, 0.25>
func.func @digits(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x2x!x> to tensor<1x2x2x2xf32>
  %wq = lowbit.constant dense<[[[[0, 1]]], [[[2, 0]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %book = arith.constant dense<[[[[-0.3], [0.1], [1.0]]]]> : tensor<1x1x3x1xf32>
  %w = lowbit.decode %wq with %book : tensor<1x1x3x1xf32> : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %c : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}
