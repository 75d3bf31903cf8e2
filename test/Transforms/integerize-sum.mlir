// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize=require-integer -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize -split-input-file > %t.once
// RUN: lowbit-opt %t.once -lowbit-integerize -split-input-file | diff %t.once -

// Two sums and a factor are one mean: 0.5 / 8 / 1.0 = 2^-4. The clamp is in the range.
// CHECK-LABEL: func.func @mean
// CHECK-SAME: (%[[X:.*]]: {{.*}})
// CHECK-DAG: %[[M:.*]] = arith.constant dense<1073741824> : tensor<1xi32>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<34> : tensor<1xi32>
// CHECK: %[[SUM:.*]] = lowbit.sum %[[X]] {dimensions = array<i64: 0, 2>}
// CHECK-SAME: to tensor<1x3x1x!quant.uniform<i32:f32, 5.000000e-01>>
// CHECK: %[[Y:.*]] = lowbit.rescale %[[SUM]], %[[M]], %[[S]] {max = 16 : i32, min = 10 : i32,
// CHECK-SAME: output_zero_point = 10 : i32}
// CHECK: return %[[Y]]
!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @mean(%q: tensor<2x3x4x!x>) -> tensor<1x3x1x!y> {
  %x = lowbit.decode %q : tensor<2x3x4x!x> to tensor<2x3x4xf32>
  %f = "tosa.const"() {values = dense<0.125> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %t = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %a = tosa.reduce_sum %x {axis = 2 : i32} : (tensor<2x3x4xf32>) -> tensor<2x3x1xf32>
  %b = tosa.reduce_sum %a {axis = 0 : i32} : (tensor<2x3x1xf32>) -> tensor<1x3x1xf32>
  %m = tosa.mul %f, %b, %t
    : (tensor<1x1x1xf32>, tensor<1x3x1xf32>, tensor<1xi8>) -> tensor<1x3x1xf32>
  %l = tosa.clamp %m {min_val = 0.0 : f32, max_val = 6.0 : f32}
    : (tensor<1x3x1xf32>) -> tensor<1x3x1xf32>
  %o = lowbit.encode %l : tensor<1x3x1xf32> to tensor<1x3x1x!y>
  return %o : tensor<1x3x1x!y>
}

// -----

// No factor, and 16-bit codes.
// CHECK-LABEL: func.func @sum
// CHECK-SAME: (%[[X:.*]]: {{.*}})
// CHECK: %[[S:.*]] = lowbit.sum %[[X]] {dimensions = array<i64: 1>}
// CHECK: lowbit.rescale %[[S]]
!x = !quant.uniform<i8:f32, 0.5:3>
!y = !quant.uniform<i16:f32, 1.0>
func.func @sum(%q: tensor<2x3x!x>) -> tensor<2x1x!y> {
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %a = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  %o = lowbit.encode %a : tensor<2x1xf32> to tensor<2x1x!y>
  return %o : tensor<2x1x!y>
}
