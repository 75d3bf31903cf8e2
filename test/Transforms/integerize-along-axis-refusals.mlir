// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: not lowbit-opt %s -lowbit-integerize=require-integer -split-input-file -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ERROR

// What cannot choose codes along a dimension stays in float.

// A format per axis.
// CHECK-LABEL: func.func @reverse_per_axis(
// CHECK: tosa.reverse
// ERROR: error: 'tosa.reverse' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its input is not the decode of a per-tensor format
!x = !quant.uniform<u8:f32:0, {0.5, 0.25}>
func.func @reverse_per_axis(%q: tensor<2x3x!x>) -> tensor<2x3xf32> {
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %y = tosa.reverse %x {axis = 1 : i32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// It is not known where the end is.
// CHECK-LABEL: func.func @reverse_dynamic(
// CHECK: tosa.reverse
// ERROR: error: 'tosa.reverse' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its shape is dynamic
!x = !quant.uniform<u8:f32, 0.5:3>
func.func @reverse_dynamic(%q: tensor<?x3x!x>) -> tensor<?x3xf32> {
  %x = lowbit.decode %q : tensor<?x3x!x> to tensor<?x3xf32>
  %y = tosa.reverse %x {axis = 1 : i32} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// Indices of 64 bits.
// CHECK-LABEL: func.func @gather_i64(
// CHECK: tosa.gather
// ERROR: error: 'tosa.gather' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its indices are not i32
!x = !quant.uniform<u8:f32, 0.5:3>
func.func @gather_i64(%q: tensor<1x3x2x!x>, %i: tensor<1x4xi64>) -> tensor<1x4x2xf32> {
  %x = lowbit.decode %q : tensor<1x3x2x!x> to tensor<1x3x2xf32>
  %y = tosa.gather %x, %i : (tensor<1x3x2xf32>, tensor<1x4xi64>) -> tensor<1x4x2xf32>
  return %y : tensor<1x4x2xf32>
}

// -----

// A format per axis.
// CHECK-LABEL: func.func @arg_max_per_axis(
// CHECK: tosa.argmax
// ERROR: error: 'tosa.argmax' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its input is not the decode of a per-tensor format
!x = !quant.uniform<u8:f32:0, {0.5, 0.25}>
func.func @arg_max_per_axis(%q: tensor<2x3x!x>) -> tensor<2xi32> {
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %y = tosa.argmax %x {axis = 1 : i32} : (tensor<2x3xf32>) -> tensor<2xi32>
  return %y : tensor<2xi32>
}

// -----

// It is not known how many there are.
// CHECK-LABEL: func.func @arg_max_dynamic(
// CHECK: tosa.argmax
// ERROR: error: 'tosa.argmax' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its shape is dynamic
!x = !quant.uniform<u8:f32, 0.5:3>
func.func @arg_max_dynamic(%q: tensor<2x?x!x>) -> tensor<2xi32> {
  %x = lowbit.decode %q : tensor<2x?x!x> to tensor<2x?xf32>
  %y = tosa.argmax %x {axis = 1 : i32} : (tensor<2x?xf32>) -> tensor<2xi32>
  return %y : tensor<2xi32>
}

// -----

// Positions of 64 bits.
// CHECK-LABEL: func.func @arg_max_of_64_bits(
// CHECK: tosa.argmax
// ERROR: error: 'tosa.argmax' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its positions are no i32
!x = !quant.uniform<u8:f32, 0.5:3>
func.func @arg_max_of_64_bits(%q: tensor<2x3x!x>) -> tensor<2xi64> {
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %y = tosa.argmax %x {axis = 1 : i32} : (tensor<2x3xf32>) -> tensor<2xi64>
  return %y : tensor<2xi64>
}
