// RUN: lowbit-opt %s -lowbit-materialize-codes | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:3>
!i8 = !quant.uniform<i8:f32, 0.25>
!i4 = !quant.uniform<i4:f32, 1.0>

// CHECK-DAG: #[[ALL:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[GATE:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, 0, 0, d3)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (0, d1)>
// CHECK-DAG: #[[COLUMN:.*]] = affine_map<(d0, d1) -> (d0, 0)>
// CHECK-DAG: #[[BOTH:.*]] = affine_map<(d0, d1) -> (d0, d1)>

// Zero points of 0 take no subtraction.
// CHECK-LABEL: func.func @mul
// CHECK-SAME: (%[[A:.*]]: tensor<?x2x3x4xi8>, %[[B:.*]]: tensor<?x1x1x4xi8>)
func.func @mul(%a: tensor<?x2x3x4x!u8>, %b: tensor<?x1x1x4x!i8>) -> tensor<?x2x3x4x!u8> {
  // CHECK: %[[E:.*]] = tensor.empty(%{{.*}}) : tensor<?x2x3x4xi8>
  // CHECK: linalg.generic {indexing_maps = [#[[ALL]], #[[GATE]], #[[ALL]]]
  // CHECK-SAME: ins(%[[A]], %[[B]] : {{.*}}) outs(%[[E]] :
  // CHECK: %[[U:.*]] = arith.extui
  // CHECK: %[[L:.*]] = arith.subi %[[U]], %c3_i32
  // CHECK: %[[R:.*]] = arith.extsi
  // CHECK: %[[P:.*]] = arith.muli %[[L]], %[[R]] : i32
  // CHECK: %[[Y:.*]] = lowbit.rescale %[[P]], %{{.*}} {max = 200 : i32, min = 3 : i32,
  // CHECK-SAME: output_zero_point = 3 : i32, rounding = #lowbit.rescale_mode<double_round>}
  // CHECK: arith.trunci %[[Y]] : i32 to i8
  %y = lowbit.mul %a, %b {multiplier = 1431655766 : i32, shift = 38 : i32, min = 3 : i32,
                          max = 200 : i32, rounding = #lowbit.rescale_mode<double_round>}
    : tensor<?x2x3x4x!u8>, tensor<?x1x1x4x!i8> to tensor<?x2x3x4x!u8>
  return %y : tensor<?x2x3x4x!u8>
}

// Each operand has one of the sizes.
// CHECK-LABEL: func.func @subtract
func.func @subtract(%a: tensor<1x5x!u8>, %b: tensor<4x1x!i8>) -> tensor<4x5x!u8> {
  // CHECK: %[[E:.*]] = tensor.empty() : tensor<4x5xi8>
  // CHECK: linalg.generic {indexing_maps = [#[[ROW]], #[[COLUMN]], #[[BOTH]]]
  // CHECK: %[[A:.*]] = lowbit.rescale %{{.*}} {input_zero_point = 3 : i32, saturation = #lowbit.saturation<wrap>}
  // CHECK: %[[B:.*]] = lowbit.rescale %{{.*}} {saturation = #lowbit.saturation<wrap>}
  // CHECK: %[[D:.*]] = arith.subi %[[A]], %[[B]] : i32
  // CHECK: lowbit.rescale %[[D]]
  %y = lowbit.add %a, %b {multipliers = array<i32: 1073741824, 1610612736, 1431655766>,
                          shifts = array<i32: 12, 12, 49>, min = 0 : i32, max = 255 : i32, subtract}
    : tensor<1x5x!u8>, tensor<4x1x!i8> to tensor<4x5x!u8>
  return %y : tensor<4x5x!u8>
}

// CHECK-LABEL: func.func @extrema
func.func @extrema(%a: tensor<4x5x!u8>, %b: tensor<1x5x!u8>, %c: tensor<4x5x!i4>)
    -> (tensor<4x5x!u8>, tensor<4x5x!u8>, tensor<4x5x!i4>, tensor<4x5x!i4>) {
  // CHECK: linalg.generic {indexing_maps = [#[[BOTH]], #[[ROW]], #[[BOTH]]]
  // CHECK: arith.maxui %{{.*}} : i8
  %0 = lowbit.maximum %a, %b : tensor<4x5x!u8>, tensor<1x5x!u8> to tensor<4x5x!u8>
  // CHECK: arith.minui %{{.*}} : i8
  %1 = lowbit.minimum %a, %b : tensor<4x5x!u8>, tensor<1x5x!u8> to tensor<4x5x!u8>
  // CHECK: arith.maxsi %{{.*}} : i8
  %2 = lowbit.maximum %c, %c : tensor<4x5x!i4>, tensor<4x5x!i4> to tensor<4x5x!i4>
  // CHECK: arith.minsi %{{.*}} : i8
  %3 = lowbit.minimum %c, %c : tensor<4x5x!i4>, tensor<4x5x!i4> to tensor<4x5x!i4>
  return %0, %1, %2, %3 : tensor<4x5x!u8>, tensor<4x5x!u8>, tensor<4x5x!i4>, tensor<4x5x!i4>
}
