// RUN: lowbit-opt %s | lowbit-opt | FileCheck %s
// RUN: lowbit-opt %s -mlir-print-op-generic | lowbit-opt | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:3>
!i8 = !quant.uniform<i8:f32, 0.25:-7>
!u16 = !quant.uniform<u16:f32, 1.52587890625e-05>
!i16 = !quant.uniform<i16:f32, 0.001>

// CHECK-LABEL: func.func @subtract_repeated
// CHECK: lowbit.add {{.*}} {max = 255 : i32, min = 0 : i32, multipliers = array<i32: 3, 5, 7>,
// CHECK-SAME: shifts = array<i32: 12, 12, 49>, subtract}
func.func @subtract_repeated(%a: tensor<4x1x5x!u8>, %b: tensor<4x3x1x!i8>) -> tensor<4x3x5x!u8> {
  %y = lowbit.add %a, %b {multipliers = array<i32: 3, 5, 7>, shifts = array<i32: 12, 12, 49>,
                          min = 0 : i32, max = 255 : i32, subtract}
    : tensor<4x1x5x!u8>, tensor<4x3x1x!i8> to tensor<4x3x5x!u8>
  return %y : tensor<4x3x5x!u8>
}

// CHECK-LABEL: func.func @add_scalars
// CHECK: lowbit.add {{.*}} : tensor<!quant{{.*}}>, tensor<!quant{{.*}}> to tensor<!quant
func.func @add_scalars(%a: tensor<!u8>, %b: tensor<!i8>) -> tensor<!u8> {
  %y = lowbit.add %a, %b {multipliers = array<i32: 3, 5, 7>, shifts = array<i32: 12, 12, 49>,
                          min = 0 : i32, max = 255 : i32}
    : tensor<!u8>, tensor<!i8> to tensor<!u8>
  return %y : tensor<!u8>
}

// CHECK-LABEL: func.func @mul
// CHECK: lowbit.mul {{.*}} {max = 255 : i32, min = 3 : i32, multiplier = 1431655766 : i32,
// CHECK-SAME: shift = 38 : i32} : tensor<?x8x8x4x
func.func @mul(%a: tensor<?x8x8x4x!u8>, %b: tensor<?x1x1x4x!i8>) -> tensor<?x8x8x4x!u8> {
  %y = lowbit.mul %a, %b {multiplier = 1431655766 : i32, shift = 38 : i32, min = 3 : i32,
                          max = 255 : i32}
    : tensor<?x8x8x4x!u8>, tensor<?x1x1x4x!i8> to tensor<?x8x8x4x!u8>
  return %y : tensor<?x8x8x4x!u8>
}

// The widest products that fit: 65535 * 32768.
// CHECK-LABEL: func.func @mul_wide
// CHECK: lowbit.mul {{.*}}, rounding = #lowbit.rescale_mode<double_round>
func.func @mul_wide(%a: tensor<4x!u16>, %b: tensor<1x!i16>) -> tensor<4x!i16> {
  %y = lowbit.mul %a, %b {multiplier = 7 : i32, shift = 38 : i32, min = -32768 : i32,
                          max = 32767 : i32, rounding = #lowbit.rescale_mode<double_round>}
    : tensor<4x!u16>, tensor<1x!i16> to tensor<4x!i16>
  return %y : tensor<4x!i16>
}

// CHECK-LABEL: func.func @extrema
// CHECK: lowbit.maximum {{.*}} : tensor<4x3x
// CHECK: lowbit.minimum {{.*}} : tensor<4x3x
func.func @extrema(%a: tensor<4x3x!u8>, %b: tensor<1x3x!u8>) -> tensor<4x3x!u8> {
  %0 = lowbit.maximum %a, %b : tensor<4x3x!u8>, tensor<1x3x!u8> to tensor<4x3x!u8>
  %1 = lowbit.minimum %0, %b : tensor<4x3x!u8>, tensor<1x3x!u8> to tensor<4x3x!u8>
  return %1 : tensor<4x3x!u8>
}
