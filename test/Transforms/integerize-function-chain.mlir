// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s --check-prefixes=CHECK,TOSA
// RUN: lowbit-opt %s -lowbit-integerize=profile=onnx -split-input-file \
// RUN:   | FileCheck %s --check-prefixes=CHECK,ONNX

// Arithmetic with one number is a function of one variable: (1 - 2 * x) of 0, 0.5, 1, 1.5,
// and the negative of the maximum of that and -1.

!a = !quant.uniform<u2:f32, 0.5>
!b = !quant.uniform<i8:f32, 0.5>

// CHECK-LABEL: func.func @chain
// CHECK: arith.constant dense<[-2, 0, 2, 2]> : tensor<4xi8>
// CHECK: lowbit.table
// CHECK-NOT: tosa.
func.func @chain(%p: tensor<4x!a>) -> tensor<4x!b> {
  %x = lowbit.decode %p : tensor<4x!a> to tensor<4xf32>
  %zero = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %two = "tosa.const"() {values = dense<2.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %one = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %least = "tosa.const"() {values = dense<-1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %m = tosa.mul %x, %two, %zero : (tensor<4xf32>, tensor<1xf32>, tensor<1xi8>) -> tensor<4xf32>
  %s = tosa.sub %one, %m : (tensor<1xf32>, tensor<4xf32>) -> tensor<4xf32>
  %t = tosa.maximum %s, %least : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %n = tosa.negate %t, %z, %z : (tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<4xf32>
  %o = lowbit.encode %n : tensor<4xf32> to tensor<4x!b>
  return %o : tensor<4x!b>
}

// -----

// Each number is an f32 in profile onnx: f32(0.1) * 10 is 1 there, half a step; as a
// double, it is more.

!a = !quant.uniform<u2:f32, 0.100000001490116>
!b = !quant.uniform<i8:f32, 2.0>

// CHECK-LABEL: func.func @rounded
// TOSA: arith.constant dense<[0, 1, 1, 2]> : tensor<4xi8>
// ONNX: arith.constant dense<[0, 0, 1, 2]> : tensor<4xi8>
func.func @rounded(%p: tensor<4x!a>) -> tensor<4x!b> {
  %x = lowbit.decode %p : tensor<4x!a> to tensor<4xf32>
  %zero = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %ten = "tosa.const"() {values = dense<10.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %m = tosa.mul %x, %ten, %zero : (tensor<4xf32>, tensor<1xf32>, tensor<1xi8>) -> tensor<4xf32>
  %o = lowbit.encode %m : tensor<4xf32> to tensor<4x!b>
  return %o : tensor<4x!b>
}

// -----

// A decoded constant is a number, too, where products are no integer products.

!a = !quant.uniform<u2:f32, 0.5>
!c = !quant.uniform<u8:f32, 0.25:2>
!b = !quant.uniform<i8:f32, 0.5>

// CHECK-LABEL: func.func @decoded
// TOSA: lowbit.mul
// ONNX: arith.constant dense<[0, 2, 4, 6]> : tensor<4xi8>
// ONNX: lowbit.table
func.func @decoded(%p: tensor<4x!a>) -> tensor<4x!b> {
  %x = lowbit.decode %p : tensor<4x!a> to tensor<4xf32>
  %cq = lowbit.constant dense<10> : tensor<1xi8> as tensor<1x!c>
  %c = lowbit.decode %cq : tensor<1x!c> to tensor<1xf32>
  %zero = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %m = tosa.mul %x, %c, %zero : (tensor<4xf32>, tensor<1xf32>, tensor<1xi8>) -> tensor<4xf32>
  %o = lowbit.encode %m : tensor<4xf32> to tensor<4x!b>
  return %o : tensor<4x!b>
}

// -----

// The number makes a larger tensor: no function of each element.

!a = !quant.uniform<u2:f32, 0.5>

// CHECK-LABEL: func.func @broadcast
// CHECK-NOT: lowbit.table
// CHECK: tosa.add
func.func @broadcast(%p: tensor<1x!a>) -> tensor<4x!a> {
  %x = lowbit.decode %p : tensor<1x!a> to tensor<1xf32>
  %c = "tosa.const"() {values = dense<2.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %m = tosa.add %x, %c : (tensor<1xf32>, tensor<4xf32>) -> tensor<4xf32>
  %o = lowbit.encode %m : tensor<4xf32> to tensor<4x!a>
  return %o : tensor<4x!a>
}
