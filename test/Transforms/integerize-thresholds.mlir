// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize=require-integer -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize=profile=onnx -split-input-file | FileCheck %s

// One unit of the sums is 0.25, and they lie in [0, 6]:
//   (0.25 s - 0.5) * 1 >= 0             s >= 2
//   (0.25 s - 0.5) * -2 + 1 >= 0        s <= 4
//   (0.25 s - 0.5) * 0 - 1 >= 0         never: 7
//   (0.25 s - 0.5) * 0 + 0 >= 0         always: 0
// CHECK-LABEL: func.func @batch_norm_sign
// CHECK-DAG: %[[T:.*]] = arith.constant dense<{{\[}}[2], [4], [7], [0]]> : tensor<4x1xi32>
// CHECK-DAG: %[[W:.*]] = lowbit.constant dense<1> : tensor<4x1x1x2xi8>
// CHECK: %[[S:.*]] = lowbit.contract ins(%{{.*}}, %[[W]] : {{.*}}) outs(%{{.*}} : tensor<1x1x1x4xi32>)
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: i32):
// CHECK-NEXT:   lowbit.yield %[[ACC]] : i32
// CHECK: %[[C:.*]] = tensor.collapse_shape %[[S]]
// CHECK: %[[Y:.*]] = lowbit.threshold %[[C]], %[[T]] {axis = 1 : i64, falling = array<i1: false, true, false, false>}
// CHECK: return %[[Y]]
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.planes<sign x 1, [0.5]>
!y = !lowbit.planes<sign x 1, [1.0]>
func.func @batch_norm_sign(%q: tensor<1x1x1x2x!x>) -> tensor<1x4x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<1> : tensor<4x1x1x2xi8> as tensor<4x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<4x1x1x2x!w> to tensor<4x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<4x1x1x2xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x4xf32>
  %shape = tosa.const_shape {values = dense<[1, 4]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r = tosa.reshape %c, %shape : (tensor<1x1x1x4xf32>, !tosa.shape<2>) -> tensor<1x4xf32>
  %scale = "tosa.const"() {values = dense<[1.0, -2.0, 0.0, 0.0]> : tensor<4xf32>} : () -> tensor<4xf32>
  %offset = "tosa.const"() {values = dense<[0.0, 1.0, -1.0, 0.0]> : tensor<4xf32>} : () -> tensor<4xf32>
  %mean = "tosa.const"() {values = dense<0.5> : tensor<4xf32>} : () -> tensor<4xf32>
  %variance = "tosa.const"() {values = dense<1.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %n = lowbit.batch_norm %r, %scale, %offset, %mean, %variance {epsilon = 0.0 : f32}
    : tensor<1x4xf32>, tensor<4xf32>
  %o = lowbit.encode %n : tensor<1x4xf32> to tensor<1x4x!y>
  return %o : tensor<1x4x!y>
}

// -----

// Ties go to the even step. The sum s stands for t = (s - 2) / 2, and codes begin at t > 0.5,
// t >= 1.5 and t > 2.5: s >= 4, 5, 8. With the factor -1 they begin at s <= 0 and below; s
// is never less than 0.
// CHECK-LABEL: func.func @half_even
// CHECK-DAG: arith.constant dense<{{\[}}[4, 5, 8], [0, -1, -1]]> : tensor<2x3xi32>
// CHECK: lowbit.threshold {{.*}} {axis = 3 : i64, falling = array<i1: false, true>}
// CHECK-SAME: to tensor<1x1x1x2x!quant.uniform<u2:f32, 1.0
!x = !quant.uniform<u4:f32, 1.0:1>
!w = !quant.uniform<i8:f32, 0.5>
!y = !quant.uniform<u2:f32, 1.0>
func.func @half_even(%q: tensor<1x1x1x2x!x>) -> tensor<1x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<1> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %f = "tosa.const"() {values = dense<[[[[1.0, -1.0]]]]> : tensor<1x1x1x2xf32>} : () -> tensor<1x1x1x2xf32>
  %s = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %m = tosa.mul %c, %f, %s
    : (tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>, tensor<1xi8>) -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %m : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o : tensor<1x1x1x2x!y>
}

// -----

// The codes of -0.5, 0, 0.5 are 2, 0, 1: a table after the ranks.
// CHECK-LABEL: func.func @ternary
// CHECK-SAME: (%[[X:.*]]: tensor<4x1x
// CHECK-DAG: %[[T:.*]] = arith.constant dense<{{\[}}[-1, 1]]> : tensor<1x2xi32>
// CHECK-DAG: %[[C:.*]] = arith.constant dense<[2, 0, 1]> : tensor<3xi8>
// CHECK: %[[I:.*]] = lowbit.rescale %[[X]], {{.*}} to tensor<4x1xi32>
// CHECK: %[[R:.*]] = lowbit.threshold %[[I]], %[[T]] {axis = 1 : i64} : {{.*}} to tensor<4x1x!quant.uniform<u8<0:2>:f32, 1.0
// CHECK: lowbit.table %[[R]], %[[C]]
!x = !quant.uniform<i8:f32, 0.25>
!y = !lowbit.planes<bit x 2, [0.5, -0.5]>
func.func @ternary(%q: tensor<4x1x!x>) -> tensor<4x1x!y> {
  %x = lowbit.decode %q : tensor<4x1x!x> to tensor<4x1xf32>
  %o = lowbit.encode %x : tensor<4x1xf32> to tensor<4x1x!y>
  return %o : tensor<4x1x!y>
}

// -----

// The pooling is of sums; or of bits, where the encode can rise above it.
// CHECK-LABEL: func.func @pool
// CHECK: %[[S:.*]] = lowbit.contract {{.*}} outs(%{{.*}} : tensor<1x2x2x2x!quant.uniform<i32:f32, 1.0
// CHECK: %[[P:.*]] = lowbit.max_pool2d %[[S]]
// CHECK: %[[I:.*]] = lowbit.reinterpret %[[P]]
// CHECK: %[[Y:.*]] = lowbit.threshold %[[I]]
// CHECK: %[[A:.*]] = lowbit.contract {{.*}} outs(%{{.*}} : tensor<1x2x2x2xi32>)
// CHECK: %[[B:.*]] = lowbit.threshold %[[A]], {{.*}} to tensor<1x2x2x2x!lowbit.planes<sign x 1, [1.0
// CHECK: lowbit.max_pool2d %[[B]] {{.*}} to tensor<1x1x1x2x!lowbit.planes<sign x 1, [1.0
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.planes<sign x 1, [0.5]>
!y = !lowbit.planes<sign x 1, [1.0]>
func.func @pool(%q: tensor<1x2x2x2x!x>) -> (tensor<1x1x1x2x!y>, tensor<1x1x1x2x!y>) {
  %x = lowbit.decode %q : tensor<1x2x2x2x!x> to tensor<1x2x2x2xf32>
  %wq = lowbit.constant dense<[[[[1, 0]]], [[[1, 1]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %p = tosa.max_pool2d %c {kernel = array<i64: 2, 2>, stride = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>}
    : (tensor<1x2x2x2xf32>) -> tensor<1x1x1x2xf32>
  %f = "tosa.const"() {values = dense<[[[[1.0, -1.0]]]]> : tensor<1x1x1x2xf32>} : () -> tensor<1x1x1x2xf32>
  %s = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %m = tosa.mul %p, %f, %s
    : (tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>, tensor<1xi8>) -> tensor<1x1x1x2xf32>
  %o0 = lowbit.encode %m : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  %d = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %e = tosa.max_pool2d %d {kernel = array<i64: 2, 2>, stride = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>}
    : (tensor<1x2x2x2xf32>) -> tensor<1x1x1x2xf32>
  %o1 = lowbit.encode %e : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o0, %o1 : tensor<1x1x1x2x!y>, tensor<1x1x1x2x!y>
}
