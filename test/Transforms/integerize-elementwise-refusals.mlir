// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: not lowbit-opt %s -lowbit-integerize=require-integer -split-input-file -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ERROR

// Arithmetic on pairs that is refused stays in float, and is valid.

// 65535 * 65535.
// CHECK-LABEL: func.func @products_of_32_bits(
// CHECK: tosa.mul
// ERROR: error: 'tosa.mul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the products of its codes may leave 32 bits
!x = !quant.uniform<u16:f32, 0.5>
!r = !quant.uniform<u16:f32, 0.5>
!y = !quant.uniform<u8:f32, 0.5:3>
func.func @products_of_32_bits(%q: tensor<2x3x!x>, %rq: tensor<2x3x!r>) -> tensor<2x3x!y> {
  %s = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %r = lowbit.decode %rq : tensor<2x3x!r> to tensor<2x3xf32>
  %m = tosa.mul %x, %r, %s : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<1xi8>) -> tensor<2x3xf32>
  %o = lowbit.encode %m : tensor<2x3xf32> to tensor<2x3x!y>
  return %o : tensor<2x3x!y>
}

// -----

// 2^30 * 0.5 / 0.5.
// CHECK-LABEL: func.func @scale_of_products(
// CHECK: tosa.mul
// ERROR: error: 'tosa.mul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the scale of its products exceeds the result's by more than 2^29
!x = !quant.uniform<u8:f32, 1073741824.0:3>
!r = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 0.5:3>
func.func @scale_of_products(%q: tensor<2x3x!x>, %rq: tensor<2x3x!r>) -> tensor<2x3x!y> {
  %s = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %r = lowbit.decode %rq : tensor<2x3x!r> to tensor<2x3xf32>
  %m = tosa.mul %x, %r, %s : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<1xi8>) -> tensor<2x3xf32>
  %o = lowbit.encode %m : tensor<2x3xf32> to tensor<2x3x!y>
  return %o : tensor<2x3x!y>
}

// -----

// A format in which the other operand is nothing.
// CHECK-LABEL: func.func @scales_of_difference(
// CHECK: tosa.sub
// ERROR: error: 'tosa.sub' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the scales of its sub differ by a factor of more than 2^29
!x = !quant.uniform<u8:f32, 1073741824.0:3>
!r = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 1.0e-8>
func.func @scales_of_difference(%q: tensor<2x3x!x>, %rq: tensor<2x3x!r>) -> tensor<2x3x!y> {
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %r = lowbit.decode %rq : tensor<2x3x!r> to tensor<2x3xf32>
  %m = tosa.sub %x, %r : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %o = lowbit.encode %m : tensor<2x3xf32> to tensor<2x3x!y>
  return %o : tensor<2x3x!y>
}

// -----

// An operand that is far above the result.
// CHECK-LABEL: func.func @scale_of_extremum(
// CHECK: tosa.maximum
// ERROR: error: 'tosa.maximum' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the scale of an operand exceeds the result's by more than 2^29
!x = !quant.uniform<u8:f32, 1073741824.0:3>
!r = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 0.5:3>
func.func @scale_of_extremum(%q: tensor<2x3x!x>, %rq: tensor<2x3x!r>) -> tensor<2x3x!y> {
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %r = lowbit.decode %rq : tensor<2x3x!r> to tensor<2x3xf32>
  %m = tosa.maximum %x, %r : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %o = lowbit.encode %m : tensor<2x3xf32> to tensor<2x3x!y>
  return %o : tensor<2x3x!y>
}

// -----

// The same for the other operand.
// CHECK-LABEL: func.func @scale_of_other_extremum(
// CHECK: tosa.minimum
// ERROR: error: 'tosa.minimum' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the scale of an operand exceeds the result's by more than 2^29
!x = !quant.uniform<u8:f32, 0.5:3>
!r = !quant.uniform<u8:f32, 1073741824.0:3>
!y = !quant.uniform<u8:f32, 0.5:3>
func.func @scale_of_other_extremum(%q: tensor<2x3x!x>, %rq: tensor<2x3x!r>) -> tensor<2x3x!y> {
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %r = lowbit.decode %rq : tensor<2x3x!r> to tensor<2x3xf32>
  %m = tosa.minimum %x, %r : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %o = lowbit.encode %m : tensor<2x3xf32> to tensor<2x3x!y>
  return %o : tensor<2x3x!y>
}

// -----

// It is not known which operand repeats.
// CHECK-LABEL: func.func @dynamic_shape(
// CHECK: tosa.mul
// ERROR: error: 'tosa.mul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the shape of its mul is dynamic
!x = !quant.uniform<u8:f32, 0.5:3>
!r = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 0.5:3>
func.func @dynamic_shape(%q: tensor<?x3x!x>, %rq: tensor<?x3x!r>) -> tensor<?x3x!y> {
  %s = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %x = lowbit.decode %q : tensor<?x3x!x> to tensor<?x3xf32>
  %r = lowbit.decode %rq : tensor<?x3x!r> to tensor<?x3xf32>
  %m = tosa.mul %x, %r, %s : (tensor<?x3xf32>, tensor<?x3xf32>, tensor<1xi8>) -> tensor<?x3xf32>
  %o = lowbit.encode %m : tensor<?x3xf32> to tensor<?x3x!y>
  return %o : tensor<?x3x!y>
}

// -----

// A format per axis.
// CHECK-LABEL: func.func @operand_per_axis(
// CHECK: tosa.mul
// ERROR: error: 'tosa.mul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: an operand of its mul is not the decode of a per-tensor format
!x = !quant.uniform<u8:f32:1, {0.5, 0.25, 0.5}>
!r = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 0.5:3>
func.func @operand_per_axis(%q: tensor<2x3x!x>, %rq: tensor<2x3x!r>) -> tensor<2x3x!y> {
  %s = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %r = lowbit.decode %rq : tensor<2x3x!r> to tensor<2x3xf32>
  %m = tosa.mul %x, %r, %s : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<1xi8>) -> tensor<2x3xf32>
  %o = lowbit.encode %m : tensor<2x3xf32> to tensor<2x3x!y>
  return %o : tensor<2x3x!y>
}

// -----

// The same in the result.
// CHECK-LABEL: func.func @result_per_axis(
// CHECK: tosa.mul
// ERROR: error: 'tosa.mul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its format is not per tensor
!x = !quant.uniform<u8:f32, 0.5:3>
!r = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32:1, {0.5, 0.25, 0.5}>
func.func @result_per_axis(%q: tensor<2x3x!x>, %rq: tensor<2x3x!r>) -> tensor<2x3x!y> {
  %s = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %r = lowbit.decode %rq : tensor<2x3x!r> to tensor<2x3xf32>
  %m = tosa.mul %x, %r, %s : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<1xi8>) -> tensor<2x3xf32>
  %o = lowbit.encode %m : tensor<2x3xf32> to tensor<2x3x!y>
  return %o : tensor<2x3x!y>
}
