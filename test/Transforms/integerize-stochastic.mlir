// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: not lowbit-opt %s -lowbit-integerize=require-integer -split-input-file -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ERROR

// What rounds at random is no integer operation, and its random words go by
// position: it stays where it is.

// Few codes, which thresholds would find after another rounding; the factors become
// those of the weights.
// CHECK-LABEL: func.func @few_codes(
// CHECK: %[[C:.*]] = tosa.conv2d
// CHECK: lowbit.encode %[[C]] {rounding = #lowbit.rounding<stochastic>
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: integer rescaling rounds to nearest and saturates only
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.planes<sign x 1, [0.5]>
!y = !quant.uniform<u2:f32, 0.5>
func.func @few_codes(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x2x!x> to tensor<1x2x2x2xf32>
  %wq = lowbit.constant dense<1> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %s = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %f = "tosa.const"() {values = dense<[[[[1.0, 0.75]]]]> : tensor<1x1x1x2xf32>} : () -> tensor<1x1x1x2xf32>
  %m = tosa.mul %c, %f, %s
    : (tensor<1x2x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1xi8>) -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %m {rounding = #lowbit.rounding<stochastic>, seed = 1 : i64, tensor_id = 2 : i64}
    : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}

// -----

// A layer of 8 bits.
// CHECK-LABEL: func.func @layer(
// CHECK: %[[C:.*]] = tosa.conv2d
// CHECK: lowbit.encode %[[C]] {rounding = #lowbit.rounding<stochastic>
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: integer rescaling rounds to nearest and saturates only
!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>
func.func @layer(%q: tensor<1x2x3x2x!x>) -> tensor<1x2x3x2x!x> {
  %x = lowbit.decode %q : tensor<1x2x3x2x!x> to tensor<1x2x3x2xf32>
  %wq = lowbit.constant dense<1> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x3x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x3x2xf32>
  %o = lowbit.encode %c {rounding = #lowbit.rounding<stochastic>, seed = 1 : i64, tensor_id = 2 : i64}
    : tensor<1x2x3x2xf32> to tensor<1x2x3x2x!x>
  return %o : tensor<1x2x3x2x!x>
}

// -----

// Not above a transpose.
// CHECK-LABEL: func.func @behind_transpose(
// CHECK: %[[C:.*]] = tosa.conv2d
// CHECK: %[[T:.*]] = tosa.transpose %[[C]]
// CHECK: lowbit.encode %[[T]] {rounding = #lowbit.rounding<stochastic>
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>
func.func @behind_transpose(%q: tensor<1x2x3x2x!x>) -> tensor<1x2x2x3x!x> {
  %x = lowbit.decode %q : tensor<1x2x3x2x!x> to tensor<1x2x3x2xf32>
  %wq = lowbit.constant dense<1> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x3x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x3x2xf32>
  %t = tosa.transpose %c {perms = array<i32: 0, 3, 1, 2>} : (tensor<1x2x3x2xf32>) -> tensor<1x2x2x3xf32>
  %o = lowbit.encode %t {rounding = #lowbit.rounding<stochastic>, seed = 1 : i64, tensor_id = 2 : i64}
    : tensor<1x2x2x3xf32> to tensor<1x2x2x3x!x>
  return %o : tensor<1x2x2x3x!x>
}
