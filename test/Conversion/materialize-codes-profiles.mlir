// RUN: lowbit-opt %s -lowbit-materialize-codes | FileCheck %s

// What the profiles beside tosa need, on words.

!i8 = !quant.uniform<i8:f32, 0.5:3>
!u8 = !quant.uniform<u8:f32, 0.5:3>

// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d0)>
// CHECK-DAG: #[[COUNT:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d2)>

// CHECK-LABEL: func.func @requantize
// CHECK: linalg.generic {indexing_maps = [{{.*}}, #[[ROW]], {{.*}}
// CHECK: %[[CODE:.*]] = arith.extsi %{{.*}} : i8 to i32
// CHECK: %[[CHANGED:.*]] = lowbit.requantize %[[CODE]], %{{.*}} {input_zero_point = 3 : i32,
// CHECK-SAME: max = 255 : i32, min = 0 : i32, output_zero_point = 3 : i32} : i32, f32 to i32
// CHECK: arith.trunci %[[CHANGED]] : i32 to i8
func.func @requantize(%x: tensor<4x2x!i8>, %s: tensor<4xf32>) -> tensor<4x2x!u8> {
  %y = lowbit.requantize %x, %s {input_zero_point = 3 : i32, output_zero_point = 3 : i32,
    min = 0 : i32, max = 255 : i32, axis = 0 : i64} : tensor<4x2x!i8>, tensor<4xf32> to tensor<4x2x!u8>
  return %y : tensor<4x2x!u8>
}

// Windows at the border hold two positions, those in a corner one.
// CHECK-LABEL: func.func @mean_pool2d
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel",
// CHECK-SAME: "reduction", "reduction", "parallel"]
// CHECK: arith.addi
// CHECK: arith.constant dense<{{\[}}[1, 2], [2, 4]]> : tensor<2x2xi32>
// CHECK: linalg.generic {indexing_maps = [{{.*}}, #[[COUNT]], {{.*}}
// CHECK: %[[HALF:.*]] = arith.shrui
// CHECK: arith.cmpi sgt
// CHECK-DAG: arith.addi %{{.*}}, %[[HALF]]
// CHECK-DAG: arith.subi %{{.*}}, %[[HALF]]
// CHECK: arith.divsi
func.func @mean_pool2d(%x: tensor<1x3x3x2x!i8>) -> tensor<1x2x2x2x!i8> {
  %y = lowbit.mean_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 1, 0, 1, 0>}
       : tensor<1x3x3x2x!i8> to tensor<1x2x2x2x!i8>
  return %y : tensor<1x2x2x2x!i8>
}

// CHECK-LABEL: func.func @add
// CHECK: %[[STEPS:.*]] = arith.subi
// CHECK: %[[TWENTY:.*]] = arith.constant 20 : i32
// CHECK: %[[SHIFTED:.*]] = arith.shli %[[STEPS]], %[[TWENTY]] : i32
// CHECK: lowbit.rescale %[[SHIFTED]]
func.func @add(%x: tensor<4x!i8>) -> tensor<4x!i8> {
  %y = lowbit.add %x, %x {multipliers = array<i32: 1073741824, 1073741824, 1073741824>,
    shifts = array<i32: 31, 31, 49>, left_shift = 20 : i32, min = -128 : i32, max = 127 : i32}
    : tensor<4x!i8>, tensor<4x!i8> to tensor<4x!i8>
  return %y : tensor<4x!i8>
}
