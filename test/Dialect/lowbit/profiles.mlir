// RUN: lowbit-opt %s -verify-roundtrip -split-input-file | FileCheck %s

// What the profiles beside tosa need.

!i8 = !quant.uniform<i8:f32, 0.5:3>

// CHECK-LABEL: func.func @requantize
func.func @requantize(%x: i32, %s: f32, %v: vector<8xi32>, %vs: vector<8xf32>,
                      %t: tensor<4x2xi32>, %one: tensor<1xf32>, %q: tensor<4x2x!i8>) {
  // CHECK: lowbit.requantize %{{.*}}, %{{.*}} {max = 255 : i32, min = 0 : i32,
  // CHECK-SAME: output_zero_point = 3 : i32} : i32, f32 to i32
  %0 = lowbit.requantize %x, %s {output_zero_point = 3 : i32, min = 0 : i32, max = 255 : i32}
       : i32, f32 to i32
  // CHECK: lowbit.requantize %{{.*}}, %{{.*}} : vector<8xi32>, vector<8xf32> to vector<8xi32>
  %1 = lowbit.requantize %v, %vs : vector<8xi32>, vector<8xf32> to vector<8xi32>
  // CHECK: lowbit.requantize {{.*}} : tensor<4x2xi32>, tensor<1xf32> to tensor<4x2x!
  %2 = lowbit.requantize %t, %one {output_zero_point = 3 : i32, min = -128 : i32, max = 127 : i32}
       : tensor<4x2xi32>, tensor<1xf32> to tensor<4x2x!i8>
  %per_row = arith.constant dense<[0.5, 0.25, 0.0, 1.0e+30]> : tensor<4xf32>
  // CHECK: lowbit.requantize {{.*}} {axis = 0 : i64, input_zero_point = 3 : i32}
  %3 = lowbit.requantize %q, %per_row {input_zero_point = 3 : i32, axis = 0 : i64}
       : tensor<4x2x!i8>, tensor<4xf32> to tensor<4x2xi32>
  return
}

// CHECK-LABEL: func.func @mean_pool2d
func.func @mean_pool2d(%x: tensor<1x8x8x16x!i8>) {
  // CHECK: lowbit.mean_pool2d %{{.*}} {kernel = array<i64: 8, 8>, pad = array<i64: 0, 0, 0, 0>,
  // CHECK-SAME: stride = array<i64: 1, 1>}
  %y = lowbit.mean_pool2d %x {kernel = array<i64: 8, 8>, stride = array<i64: 1, 1>,
    pad = array<i64: 0, 0, 0, 0>}
       : tensor<1x8x8x16x!i8> to tensor<1x1x1x16x!i8>
  return
}

// CHECK-LABEL: func.func @add
func.func @add(%x: tensor<4x!i8>) {
  // CHECK: lowbit.add {{.*}}left_shift = 20 : i32
  %y = lowbit.add %x, %x {multipliers = array<i32: 1073741824, 1073741824, 1073741824>,
    shifts = array<i32: 31, 31, 49>, left_shift = 20 : i32, min = -128 : i32, max = 127 : i32}
    : tensor<4x!i8>, tensor<4x!i8> to tensor<4x!i8>
  return
}

// CHECK-LABEL: func.func @epilogue
#row = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>
#out = affine_map<(i, j) -> (i)>
func.func @epilogue(%x: tensor<4x2x!i8>, %w: tensor<2x!i8>, %s: tensor<4xf32>, %init: tensor<4x!i8>)
    -> tensor<4x!i8> {
  %y = lowbit.contract ins(%x, %w : tensor<4x2x!i8>, tensor<2x!i8>) epilogue(%s : tensor<4xf32>)
         outs(%init : tensor<4x!i8>) maps [#row, #column, #out, #out] {
    ^bb0(%acc: i32, %scale: f32):
      // CHECK: lowbit.requantize %{{.*}}, %{{.*}} {max = 127 : i32, min = -128 : i32} : i32,
      // CHECK-SAME: f32 to i32
      %0 = lowbit.requantize %acc, %scale {min = -128 : i32, max = 127 : i32} : i32, f32 to i32
      lowbit.yield %0 : i32
  } -> tensor<4x!i8>
  return %y : tensor<4x!i8>
}
