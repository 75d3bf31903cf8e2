// RUN: lowbit-opt %s -lowbit-integerize=profile=onnx -split-input-file | FileCheck %s --check-prefixes=CHECK,EXACT
// RUN: lowbit-opt %s -lowbit-integerize=profile=tosa -split-input-file | FileCheck %s --check-prefixes=CHECK,EXACT
// RUN: lowbit-opt %s -lowbit-integerize=profile=tflite-single -split-input-file \
// RUN:   | FileCheck %s --check-prefixes=CHECK,TFLITE

// What an argument goes through before it is encoded.

// 2 x - 1 >= 0 from 0.5 on. TFLite rounds entries in its own way.
// CHECK-LABEL: func.func @sign(
// CHECK-SAME: %[[X:.*]]: tensor<1x4xf32>
// EXACT-NEXT: %[[Q:.*]] = lowbit.encode %[[X]] {codes = array<i64: 0, 1>, thresholds = array<f32: 5.000000e-01>}
// EXACT-NEXT: return %[[Q]]
// TFLITE: tosa.mul
// TFLITE: tosa.sub
!b = !lowbit.planes<sign x 1, [1.0]>
func.func @sign(%x: tensor<1x4xf32>) -> tensor<1x4x!b> {
  %two = "tosa.const"() {values = dense<2.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %one = "tosa.const"() {values = dense<1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.mul %x, %two, %shift : (tensor<1x4xf32>, tensor<1x1xf32>, tensor<1xi8>) -> tensor<1x4xf32>
  %z = tosa.sub %y, %one : (tensor<1x4xf32>, tensor<1x1xf32>) -> tensor<1x4xf32>
  %q = lowbit.encode %z : tensor<1x4xf32> to tensor<1x4x!b>
  return %q : tensor<1x4x!b>
}

// -----

// The difference 1 - 2 x turns the order around. Ties are code 0, from where the difference
// is rounded to 0.5 on. The reshape is one of codes.
// CHECK-LABEL: func.func @falling(
// CHECK-SAME: %[[X:.*]]: tensor<4x1xf32>
// EXACT-NEXT: %[[Q:.*]] = lowbit.encode %[[X]] {codes = array<i64: 1, 0, -1>, thresholds = array<f32: 0.249999985, 0.750000059>}
// EXACT-NEXT: %[[R:.*]] = tensor.collapse_shape %[[Q]]
// EXACT-NEXT: return %[[R]]
// TFLITE: tosa.reshape
!t = !quant.uniform<i2<-1:1>:f32, 1.0>
func.func @falling(%x: tensor<4x1xf32>) -> tensor<4x!t> {
  %two = "tosa.const"() {values = dense<-2.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %one = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %shape = tosa.const_shape {values = dense<[4]> : tensor<1xindex>} : () -> !tosa.shape<1>
  %r = tosa.reshape %x, %shape : (tensor<4x1xf32>, !tosa.shape<1>) -> tensor<4xf32>
  %y = tosa.mul %r, %two, %shift : (tensor<4xf32>, tensor<1xf32>, tensor<1xi8>) -> tensor<4xf32>
  %z = tosa.add %y, %one : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %q = lowbit.encode %z {scaling = #lowbit.scaling<divide>} : tensor<4xf32> to tensor<4x!t>
  return %q : tensor<4x!t>
}

// -----

// A reshape alone keeps the encode, whatever its format.
// CHECK-LABEL: func.func @reshape(
// CHECK-SAME: %[[X:.*]]: tensor<4x1xf32>
// EXACT-NEXT: %[[Q:.*]] = lowbit.encode %[[X]] {rounding = #lowbit.rounding<floor>}
// EXACT-SAME: to tensor<4x1x!quant.uniform<u8:f32, 5.000000e-01:3>>
// EXACT-NEXT: tensor.collapse_shape %[[Q]]
// TFLITE: tosa.reshape
!t = !quant.uniform<u8:f32, 0.5:3>
func.func @reshape(%x: tensor<4x1xf32>) -> tensor<4x!t> {
  %shape = tosa.const_shape {values = dense<[4]> : tensor<1xindex>} : () -> !tosa.shape<1>
  %r = tosa.reshape %x, %shape : (tensor<4x1xf32>, !tosa.shape<1>) -> tensor<4xf32>
  %q = lowbit.encode %r {rounding = #lowbit.rounding<floor>} : tensor<4xf32> to tensor<4x!t>
  return %q : tensor<4x!t>
}

// -----

// CHECK-LABEL: func.func @many_codes(
// EXACT: tosa.add {{.*}}lowbit.reason = "its format has more than 16 codes, or codes that wrap;
// TFLITE: tosa.add
!t = !quant.uniform<u8:f32, 0.5>
func.func @many_codes(%x: tensor<4xf32>) -> tensor<4x!t> {
  %one = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = tosa.add %x, %one : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %q = lowbit.encode %z : tensor<4xf32> to tensor<4x!t>
  return %q : tensor<4x!t>
}

// -----

// CHECK-LABEL: func.func @function(
// EXACT: tosa.exp {{.*}}lowbit.reason = "a step from the argument is no sum or product with a number;
// TFLITE: tosa.exp
!t = !quant.uniform<u2:f32, 0.5>
func.func @function(%x: tensor<4xf32>) -> tensor<4x!t> {
  %z = tosa.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %q = lowbit.encode %z : tensor<4xf32> to tensor<4x!t>
  return %q : tensor<4x!t>
}

// -----

// CHECK-LABEL: func.func @axis(
// EXACT: tosa.add {{.*}}lowbit.reason = "its format has scales along an axis, or parameters;
// TFLITE: tosa.add
!t = !lowbit.planes<sign x 1, axis = 0, [1.0, 2.0]>
func.func @axis(%x: tensor<2xf32>) -> tensor<2x!t> {
  %one = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = tosa.add %x, %one : (tensor<2xf32>, tensor<1xf32>) -> tensor<2xf32>
  %q = lowbit.encode %z : tensor<2xf32> to tensor<2x!t>
  return %q : tensor<2x!t>
}

// -----

// min(x, 0.2) has no code above 0.
// CHECK-LABEL: func.func @missing_code(
// EXACT: tosa.minimum {{.*}}lowbit.reason = "no number of the argument has some of its codes;
// TFLITE: tosa.minimum
!t = !quant.uniform<u2:f32, 1.0>
func.func @missing_code(%x: tensor<4xf32>) -> tensor<4x!t> {
  %low = "tosa.const"() {values = dense<0.2> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = tosa.minimum %x, %low : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %q = lowbit.encode %z : tensor<4xf32> to tensor<4x!t>
  return %q : tensor<4x!t>
}

// -----

// CHECK-LABEL: func.func @dynamic(
// EXACT: tosa.add {{.*}}lowbit.reason = "its shape is dynamic or of rank 0;
// TFLITE: tosa.add
!t = !quant.uniform<u2:f32, 1.0>
func.func @dynamic(%x: tensor<?xf32>) -> tensor<?x!t> {
  %low = "tosa.const"() {values = dense<0.2> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = tosa.add %x, %low : (tensor<?xf32>, tensor<1xf32>) -> tensor<?xf32>
  %q = lowbit.encode %z : tensor<?xf32> to tensor<?x!t>
  return %q : tensor<?x!t>
}

// -----

// Between codes a number is not from outside, and what has another use stays.
// CHECK-LABEL: func.func @uses(
// CHECK: tosa.add
// CHECK: lowbit.encode
// CHECK-NOT: thresholds
!t = !quant.uniform<u2:f32, 1.0>
func.func @uses(%x: tensor<4xf32>) -> (tensor<4x!t>, tensor<4xf32>) {
  %low = "tosa.const"() {values = dense<0.2> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = tosa.add %x, %low : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %q = lowbit.encode %z : tensor<4xf32> to tensor<4x!t>
  return %q, %z : tensor<4x!t>, tensor<4xf32>
}

// -----

// What is rounded at random has no thresholds.
// CHECK-LABEL: func.func @random(
// EXACT: tosa.add {{.*}}lowbit.reason = "{{.*}}it rounds at random
// CHECK: lowbit.encode
// CHECK-NOT: thresholds
!t = !quant.uniform<u2:f32, 1.0>
func.func @random(%x: tensor<4xf32>) -> tensor<4x!t> {
  %low = "tosa.const"() {values = dense<0.2> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = tosa.add %x, %low : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %q = lowbit.encode %z {rounding = #lowbit.rounding<stochastic>, seed = 1 : i64, tensor_id = 1 : i64}
    : tensor<4xf32> to tensor<4x!t>
  return %q : tensor<4x!t>
}
