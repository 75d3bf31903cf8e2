// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize=require-integer -split-input-file | FileCheck %s

// The factors 1, -2 and 0 of the batch norm are scales of weights: 0.5 and 1 times 0.5 for
// the input. Terms: offset - mean * factor = -0.5, 2 and 1 in the scales of the sums; where
// the factor is 0, the scale is what the term needs.
// CHECK-LABEL: func.func @batch_norm_8_bits
// CHECK-DAG: arith.constant dense<[-2, 4, 536870912]> : tensor<3xi32>
// CHECK-DAG: %[[W:.*]] = lowbit.constant dense<{{\[\[\[\[}}1, -1]]], {{\[\[\[}}-1, -1]]], {{\[\[\[}}0, 0]]]]>
// CHECK-SAME: as tensor<3x1x1x2x!quant.uniform<i8:f32:0, {5.000000e-01,1.000000e+00,
// CHECK: lowbit.contract ins(%{{.*}}, %[[W]] :
// CHECK: lowbit.rescale {{.*}} {max = 127 : i32, min = -128 : i32}
// CHECK-NOT: lowbit.batch_norm
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.planes<sign x 1, [0.5]>
!y = !quant.uniform<i8:f32, 0.25>
func.func @batch_norm_8_bits(%q: tensor<1x1x1x2x!x>) -> tensor<1x1x1x3x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 0]]], [[[1, 1]]], [[[0, 1]]]]> : tensor<3x1x1x2xi8> as tensor<3x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<3x1x1x2x!w> to tensor<3x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<3xf32>} : () -> tensor<3xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<3x1x1x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x3xf32>
  %scale = "tosa.const"() {values = dense<[1.0, -2.0, 0.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %offset = "tosa.const"() {values = dense<[0.0, 1.0, 1.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %mean = "tosa.const"() {values = dense<0.5> : tensor<3xf32>} : () -> tensor<3xf32>
  %variance = "tosa.const"() {values = dense<1.0> : tensor<3xf32>} : () -> tensor<3xf32>
  %n = lowbit.batch_norm %c, %scale, %offset, %mean, %variance {epsilon = 0.0 : f32}
    : tensor<1x1x1x3xf32>, tensor<3xf32>
  %o = lowbit.encode %n : tensor<1x1x1x3xf32> to tensor<1x1x1x3x!y>
  return %o : tensor<1x1x1x3x!y>
}

// -----

// One contraction for each term: the second one's codes of 32 bits are the residual of the
// first.
// CHECK-LABEL: func.func @two_terms
// CHECK-DAG: %[[W0:.*]] = lowbit.constant dense<{{\[\[\[\[}}1, 0]]], {{\[\[\[}}0, 1]]]]> {{.*}} as tensor<2x1x1x2x!quant.uniform<i8<0:1>:f32, 5.000000e-01
// CHECK-DAG: %[[W1:.*]] = lowbit.constant dense<{{\[\[\[\[}}0, -1]]], {{\[\[\[}}-1, 0]]]]> {{.*}} as tensor<2x1x1x2x!quant.uniform<i8<-1:0>:f32, 0.30000001192092896
// CHECK: %[[R:.*]] = lowbit.contract ins(%{{.*}}, %[[W1]] : {{.*}} outs(%{{.*}} : tensor<1x1x1x2x!quant.uniform<i32<-268435456:268435456>:f32,
// CHECK: lowbit.contract ins(%{{.*}}, %[[W0]] : {{.*}} epilogue({{.*}}, %[[R]] :
// CHECK-NOT: tosa.add
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.planes<bit x 2, [0.5, -0.3]>
!y = !quant.uniform<i8:f32, 0.25>
func.func @two_terms(%q: tensor<1x1x1x2x!x>) -> tensor<1x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 2]]], [[[2, 1]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %c : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o : tensor<1x1x1x2x!y>
}

// -----

// All numbers are multiples of 0.25; indices beyond the codebook are its last entry.
// CHECK-LABEL: func.func @codebook
// CHECK: lowbit.constant dense<{{\[\[\[\[}}-3, 1]]], {{\[\[\[}}4, 4]]]]> {{.*}} as tensor<2x1x1x2x!quant.uniform<i8:f32, 2.500000e-01
// CHECK: lowbit.contract
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.codebook<u2>
!y = !quant.uniform<i8:f32, 0.25>
func.func @codebook(%q: tensor<1x1x1x2x!x>) -> tensor<1x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[0, 1]]], [[[2, 3]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %book = arith.constant dense<[[[[-0.75], [0.25], [1.0]]]]> : tensor<1x1x3x1xf32>
  %w = lowbit.decode %wq with %book : tensor<1x1x3x1xf32> : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %c : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o : tensor<1x1x1x2x!y>
}
