// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: not lowbit-opt %s -lowbit-integerize=require-integer -split-input-file -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ERROR

// Sums that stay in float.

// 252 * 2^24.
// CHECK-LABEL: func.func @sums_of_32_bits(
// CHECK-NOT: lowbit.sum
// CHECK: tosa.reduce_sum
// ERROR: error: 'tosa.reduce_sum' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its sums may leave 32 bits
!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @sums_of_32_bits(%q: tensor<3x16777216x!x>) -> tensor<3x1x!y> {
  %x = lowbit.decode %q : tensor<3x16777216x!x> to tensor<3x16777216xf32>
  %f = "tosa.const"() {values = dense<0.25> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %t = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<3x16777216xf32>) -> tensor<3x1xf32>
  %m = tosa.mul %s, %f, %t : (tensor<3x1xf32>, tensor<1x1xf32>, tensor<1xi8>) -> tensor<3x1xf32>
  %o = lowbit.encode %m : tensor<3x1xf32> to tensor<3x1x!y>
  return %o : tensor<3x1x!y>
}

// -----

// An input per axis.
// CHECK-LABEL: func.func @sum_per_axis(
// CHECK-NOT: lowbit.sum
// CHECK: tosa.reduce_sum
// ERROR: error: 'tosa.reduce_sum' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the input of its sum is not the decode of a per-tensor format
!x = !quant.uniform<u8:f32:0, {0.5, 0.5, 0.5}>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @sum_per_axis(%q: tensor<3x5x!x>) -> tensor<3x1x!y> {
  %x = lowbit.decode %q : tensor<3x5x!x> to tensor<3x5xf32>
  %f = "tosa.const"() {values = dense<0.25> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %t = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<3x5xf32>) -> tensor<3x1xf32>
  %m = tosa.mul %s, %f, %t : (tensor<3x1xf32>, tensor<1x1xf32>, tensor<1xi8>) -> tensor<3x1xf32>
  %o = lowbit.encode %m : tensor<3x1xf32> to tensor<3x1x!y>
  return %o : tensor<3x1x!y>
}

// -----

// A result per axis.
// CHECK-LABEL: func.func @sum_to_axis(
// CHECK-NOT: lowbit.sum
// CHECK: tosa.reduce_sum
// ERROR: error: 'tosa.reduce_sum' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its format is not per tensor
!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32:0, {0.5, 0.5, 0.5}>
func.func @sum_to_axis(%q: tensor<3x5x!x>) -> tensor<3x1x!y> {
  %x = lowbit.decode %q : tensor<3x5x!x> to tensor<3x5xf32>
  %f = "tosa.const"() {values = dense<0.25> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %t = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<3x5xf32>) -> tensor<3x1xf32>
  %m = tosa.mul %s, %f, %t : (tensor<3x1xf32>, tensor<1x1xf32>, tensor<1xi8>) -> tensor<3x1xf32>
  %o = lowbit.encode %m : tensor<3x1xf32> to tensor<3x1x!y>
  return %o : tensor<3x1x!y>
}

// -----

// A factor that turns the sum round.
// CHECK-LABEL: func.func @negative_factor(
// CHECK-NOT: lowbit.sum
// CHECK: tosa.reduce_sum
// ERROR: error: 'tosa.reduce_sum' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the scale of its sums exceeds the result's by more than 2^29, or is negative
!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @negative_factor(%q: tensor<3x5x!x>) -> tensor<3x1x!y> {
  %x = lowbit.decode %q : tensor<3x5x!x> to tensor<3x5xf32>
  %f = "tosa.const"() {values = dense<-1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %t = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<3x5xf32>) -> tensor<3x1xf32>
  %m = tosa.mul %s, %f, %t : (tensor<3x1xf32>, tensor<1x1xf32>, tensor<1xi8>) -> tensor<3x1xf32>
  %o = lowbit.encode %m : tensor<3x1xf32> to tensor<3x1x!y>
  return %o : tensor<3x1x!y>
}

// -----

// It is not known how many are summed.
// CHECK-LABEL: func.func @dynamic_sum(
// CHECK-NOT: lowbit.sum
// CHECK: tosa.reduce_sum
// ERROR: error: 'tosa.reduce_sum' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the shape of its sum is dynamic
!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @dynamic_sum(%q: tensor<3x?x!x>) -> tensor<3x1x!y> {
  %x = lowbit.decode %q : tensor<3x?x!x> to tensor<3x?xf32>
  %f = "tosa.const"() {values = dense<0.25> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %t = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<3x?xf32>) -> tensor<3x1xf32>
  %m = tosa.mul %s, %f, %t : (tensor<3x1xf32>, tensor<1x1xf32>, tensor<1xi8>) -> tensor<3x1xf32>
  %o = lowbit.encode %m : tensor<3x1xf32> to tensor<3x1x!y>
  return %o : tensor<3x1x!y>
}
