// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize=require-integer -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize -split-input-file > %t.once
// RUN: lowbit-opt %t.once -lowbit-integerize -split-input-file | diff %t.once -

// The grid's step is 126 / 2^28, from u8's 252 * 0.5; clamps of clamps confine each other.
// CHECK-LABEL: func.func @add
// CHECK-SAME: (%[[X:.*]]: {{.*}}, %[[R:.*]]: {{.*}})
// CHECK: lowbit.add %[[X]], %[[R]] {max = 14 : i32, min = 12 : i32,
// CHECK-SAME: multipliers = array<i32: 1090785345, 1090785345, 2113929216>,
// CHECK-SAME: shifts = array<i32: 10, 11, 52>}
!x = !quant.uniform<u8:f32, 0.5:3>
!r = !quant.uniform<i8:f32, 0.25:-3>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @add(%q: tensor<4x!x>, %rq: tensor<4x!r>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %r = lowbit.decode %rq : tensor<4x!r> to tensor<4xf32>
  %a = tosa.add %x, %r : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %l = tosa.clamp %a {min_val = -1.0 : f32, max_val = 4.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %m = tosa.clamp %l {min_val = 2.0 : f32, max_val = 9.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %o = lowbit.encode %m : tensor<4xf32> to tensor<4x!y>
  return %o : tensor<4x!y>
}

// -----

// The gate has one number for each channel: 0.5 * 2^-8 / 0.25 = 2^-7. The clamp is in the range.
// CHECK-LABEL: func.func @gate
// CHECK-SAME: (%[[X:.*]]: {{.*}}, %[[G:.*]]: {{.*}})
// CHECK-NEXT: %[[Y:.*]] = lowbit.mul %[[X]], %[[G]] {max = 34 : i32, min = 10 : i32,
// CHECK-SAME: multiplier = 1073741824 : i32, shift = 37 : i32}
// CHECK-SAME: tensor<2x3x3x4x!{{.*}}>, tensor<2x1x1x4x!{{.*}}> to tensor<2x3x3x4x!
// CHECK-NEXT: return %[[Y]]
!x = !quant.uniform<u8:f32, 0.5:3>
!g = !quant.uniform<u8:f32, 0.00390625>
!y = !quant.uniform<u8:f32, 0.25:10>
func.func @gate(%q: tensor<2x3x3x4x!x>, %gq: tensor<2x1x1x4x!g>) -> tensor<2x3x3x4x!y> {
  %s = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %x = lowbit.decode %q : tensor<2x3x3x4x!x> to tensor<2x3x3x4xf32>
  %g = lowbit.decode %gq : tensor<2x1x1x4x!g> to tensor<2x1x1x4xf32>
  %m = tosa.mul %x, %g, %s
    : (tensor<2x3x3x4xf32>, tensor<2x1x1x4xf32>, tensor<1xi8>) -> tensor<2x3x3x4xf32>
  %l = tosa.clamp %m {min_val = 0.0 : f32, max_val = 6.0 : f32}
    : (tensor<2x3x3x4xf32>) -> tensor<2x3x3x4xf32>
  %o = lowbit.encode %l : tensor<2x3x3x4xf32> to tensor<2x3x3x4x!y>
  return %o : tensor<2x3x3x4x!y>
}

// -----

// A constant that is subtracted has wide codes. Both operands repeat.
// CHECK-LABEL: func.func @subtract
// CHECK-SAME: (%[[X:.*]]: {{.*}})
// CHECK: %[[C:.*]] = lowbit.constant
// CHECK: lowbit.add %[[C]], %[[X]] {max = 255 : i32, min = 0 : i32, {{.*}}, subtract}
// CHECK-SAME: tensor<1x3x!{{.*}}>, tensor<2x1x!{{.*}}> to tensor<2x3x!
!x = !quant.uniform<u8:f32, 0.5:3>
!c = !quant.uniform<i16:f32, 0.001>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @subtract(%q: tensor<2x1x!x>) -> tensor<2x3x!y> {
  %x = lowbit.decode %q : tensor<2x1x!x> to tensor<2x1xf32>
  %cq = lowbit.constant dense<[[1, -32768, 32767]]> : tensor<1x3xi16> as tensor<1x3x!c>
  %c = lowbit.decode %cq : tensor<1x3x!c> to tensor<1x3xf32>
  %d = tosa.sub %c, %x : (tensor<1x3xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>
  %o = lowbit.encode %d : tensor<2x3xf32> to tensor<2x3x!y>
  return %o : tensor<2x3x!y>
}

// -----

// Codes of the result's format are compared as they are; others are rescaled.
// CHECK-LABEL: func.func @extrema
// CHECK-SAME: (%[[X:.*]]: {{.*}}, %[[R:.*]]: {{.*}})
// CHECK: %[[RX:.*]] = lowbit.rescale %[[R]], {{.*}} {input_zero_point = -3 : i32, max = 255 : i32,
// CHECK-SAME: min = 0 : i32, output_zero_point = 3 : i32}
// CHECK: %[[M:.*]] = lowbit.maximum %[[X]], %[[RX]]
// CHECK-SAME: tensor<2x3x!{{.*}}>, tensor<1x3x!{{.*}}> to tensor<2x3x!
// CHECK: %[[C:.*]] = lowbit.rescale %[[X]], {{.*}} {input_zero_point = 3 : i32, max = 7 : i32,
// CHECK-SAME: min = 1 : i32, output_zero_point = 3 : i32}
// CHECK: %[[D:.*]] = lowbit.rescale %[[X]], {{.*}} {input_zero_point = 3 : i32, max = 7 : i32,
// CHECK: %[[N:.*]] = lowbit.minimum %[[C]], %[[D]]
// CHECK: return %[[M]], %[[N]]
!x = !quant.uniform<u8:f32, 0.5:3>
!r = !quant.uniform<i8:f32, 0.25:-3>
func.func @extrema(%q: tensor<2x3x!x>, %rq: tensor<1x3x!r>) -> (tensor<2x3x!x>, tensor<2x3x!x>) {
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %r = lowbit.decode %rq : tensor<1x3x!r> to tensor<1x3xf32>
  %m = tosa.maximum %x, %r : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  %o = lowbit.encode %m : tensor<2x3xf32> to tensor<2x3x!x>
  %n = tosa.minimum %x, %x : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %l = tosa.clamp %n {min_val = -1.0 : f32, max_val = 2.0 : f32}
    : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %p = lowbit.encode %l : tensor<2x3xf32> to tensor<2x3x!x>
  return %o, %p : tensor<2x3x!x>, tensor<2x3x!x>
}
