// RUN: lowbit-opt %s -lowbit-integerize=profile=onnx -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s --check-prefix=TOSA

// Operators of ONNX Runtime's own are computed in its steps; the mark is of no
// account in other profiles.

!a = !quant.uniform<u8:f32, 0.5:3>
!b = !quant.uniform<u8:f32, 0.25:4>
!y = !quant.uniform<u8:f32, 1.0:10>

// 10 - (0.5 * 3 + 0.25 * 4) = 7.5
// CHECK-LABEL: func.func @add
// CHECK-DAG: %[[RA:.*]] = "tosa.const"() <{values = dense<5.000000e-01> : tensor<1xf32>}>
// CHECK-DAG: %[[RB:.*]] = "tosa.const"() <{values = dense<2.500000e-01> : tensor<1xf32>}>
// CHECK-DAG: %[[C:.*]] = "tosa.const"() <{values = dense<7.500000e+00> : tensor<1xf32>}>
// CHECK-DAG: %[[PA:.*]] = tosa.mul %{{.*}}, %[[RA]],
// CHECK-DAG: %[[SA:.*]] = tosa.add %[[PA]], %[[C]]
// CHECK-DAG: %[[PB:.*]] = tosa.mul %{{.*}}, %[[RB]],
// CHECK: %[[S:.*]] = tosa.add %[[PB]], %[[SA]] {lowbit.float_glue = "profile onnx computes it in f32,
// CHECK: %[[E:.*]] = lowbit.encode %[[S]] {scaling = #lowbit.scaling<divide>} : {{.*}}u8:f32, 1.000000e+00>
// CHECK: lowbit.reinterpret %[[E]] : {{.*}} to tensor<4x!quant.uniform<u8:f32, 1.000000e+00:10>>
// TOSA: lowbit.add
func.func @add(%p: tensor<4x!a>, %q: tensor<4x!b>) -> tensor<4x!y> {
  %a = lowbit.decode %p : tensor<4x!a> to tensor<4xf32>
  %b = lowbit.decode %q : tensor<4x!b> to tensor<4xf32>
  %s = tosa.add %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %y = lowbit.encode %s {lowbit.onnxruntime} : tensor<4xf32> to tensor<4x!y>
  return %y : tensor<4x!y>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 1.0:10>

// CHECK-LABEL: func.func @mul
// CHECK: %[[D:.*]] = lowbit.decode {{.*}}u8:f32, 1.000000e+00:3>
// CHECK: %[[P:.*]] = tosa.mul
// CHECK: %[[K:.*]] = tosa.mul %[[P]],
// CHECK: tosa.add %[[K]],
func.func @mul(%p: tensor<4x!a>) -> tensor<4x!y> {
  %a = lowbit.decode %p : tensor<4x!a> to tensor<4xf32>
  %zero = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.mul %a, %a, %zero : (tensor<4xf32>, tensor<4xf32>, tensor<1xi8>) -> tensor<4xf32>
  %y = lowbit.encode %s {lowbit.onnxruntime} : tensor<4xf32> to tensor<4x!y>
  return %y : tensor<4x!y>
}

// -----

// The zero point is added after the rounding. Windows that are not all of the image
// are averaged as ever.

!a = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 1.0:10>

// CHECK-LABEL: func.func @global_average
// CHECK: tosa.reduce_sum {{.*}} {axis = 1 : i32
// CHECK: tosa.reduce_sum {{.*}} {axis = 2 : i32
// CHECK: %[[K:.*]] = tosa.mul
// CHECK: lowbit.encode %[[K]] {{.*}}u8:f32, 1.000000e+00:10>
// CHECK-LABEL: func.func @average
// CHECK-NOT: tosa.reduce_sum
func.func @global_average(%p: tensor<1x2x3x4x!a>) -> tensor<1x1x1x4x!y> {
  %a = lowbit.decode %p : tensor<1x2x3x4x!a> to tensor<1x2x3x4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %s = tosa.avg_pool2d %a, %z, %z {kernel = array<i64: 2, 3>, stride = array<i64: 1, 1>,
    pad = array<i64: 0, 0, 0, 0>, acc_type = f32}
    : (tensor<1x2x3x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x4xf32>
  %y = lowbit.encode %s {lowbit.onnxruntime} : tensor<1x1x1x4xf32> to tensor<1x1x1x4x!y>
  return %y : tensor<1x1x1x4x!y>
}
func.func @average(%p: tensor<1x2x3x4x!a>) -> tensor<1x1x2x4x!y> {
  %a = lowbit.decode %p : tensor<1x2x3x4x!a> to tensor<1x2x3x4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %s = tosa.avg_pool2d %a, %z, %z {kernel = array<i64: 2, 2>, stride = array<i64: 1, 1>,
    pad = array<i64: 0, 0, 0, 0>, acc_type = f32}
    : (tensor<1x2x3x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x2x4xf32>
  %y = lowbit.encode %s {lowbit.onnxruntime} : tensor<1x1x2x4xf32> to tensor<1x1x2x4x!y>
  return %y : tensor<1x1x2x4x!y>
}

// -----

// Sums count steps; the factors are 0.5 * 0.3 / 0.7 and 0.5 * 0.6 / 0.7. A bias in another
// scale, or other weights, leave the product to the pattern for layers.

!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32:0, {0.3, 0.6}>
!b = !quant.uniform<i32:f32:0, {0.15, 0.3}>
!c = !quant.uniform<i32:f32, 0.25>
!y = !quant.uniform<u8:f32, 0.7:10>

// CHECK-LABEL: func.func @gemm
// CHECK-DAG: %[[F:.*]] = "tosa.const"() <{values = dense<{{\[+}}0.214285731, 0.428571463]]]]> : tensor<1x1x1x2xf32>}>
// CHECK-DAG: arith.constant dense<[94, -25]> : tensor<2xi32>
// CHECK: %[[S:.*]] = lowbit.contract
// CHECK: %[[B:.*]] = arith.addi
// CHECK-NEXT: lowbit.yield %[[B]]
// CHECK: -> tensor<4x1x1x2x!quant.uniform<i32:f32, 1.000000e+00>>
// CHECK: %[[R:.*]] = lowbit.decode %[[S]]
// CHECK: %[[P:.*]] = tosa.mul %[[R]], %[[F]], {{.*}} {lowbit.float_glue
// CHECK: lowbit.encode %[[P]] {{.*}} to tensor<4x1x1x2x!quant.uniform<u8:f32, 1.000000e+00:10>>
// TOSA-LABEL: func.func @gemm
// TOSA: lowbit.rescale
func.func @gemm(%q: tensor<4x1x1x2x!x>) -> tensor<4x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<4x1x1x2x!x> to tensor<4x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 1]]], [[[3, 2]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %bq = lowbit.constant dense<[100, -10]> : tensor<2xi32> as tensor<2x!b>
  %b = lowbit.decode %bq : tensor<2x!b> to tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x2xf32>
  %o = lowbit.encode %c {lowbit.onnxruntime} : tensor<4x1x1x2xf32> to tensor<4x1x1x2x!y>
  return %o : tensor<4x1x1x2x!y>
}

// CHECK-LABEL: func.func @gemm_bias
// CHECK: lowbit.contract
// CHECK-NOT: lowbit.decode
func.func @gemm_bias(%q: tensor<4x1x1x2x!x>) -> tensor<4x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<4x1x1x2x!x> to tensor<4x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 1]]], [[[3, 2]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %bq = lowbit.constant dense<[100, -10]> : tensor<2xi32> as tensor<2x!c>
  %b = lowbit.decode %bq : tensor<2x!c> to tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x2xf32>
  %o = lowbit.encode %c {lowbit.onnxruntime} : tensor<4x1x1x2xf32> to tensor<4x1x1x2x!y>
  return %o : tensor<4x1x1x2x!y>
}
