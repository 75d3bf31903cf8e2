// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: not lowbit-opt %s -lowbit-integerize=require-integer -split-input-file -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ERROR

// Layers whose input has scales at run time that stay in float, and why.

// Groups of scales need a sum for each.
// CHECK-LABEL: func.func @groups(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.matmul
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its input's scales are not those of the tensor or of rows
!x = !lowbit.affine<i8, axis = 2, group = 1>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
func.func @groups(%q: tensor<1x2x2x!x>, %s: tensor<1x2x2xf32>) -> tensor<1x2x1xf32> {
  %x = lowbit.decode %q with %s : tensor<1x2x2xf32> : tensor<1x2x2x!x> to tensor<1x2x2xf32>
  %wq = lowbit.constant dense<127> : tensor<1x2x1xi8> as tensor<1x2x1x!w>
  %w = lowbit.decode %wq : tensor<1x2x1x!w> to tensor<1x2x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.matmul %x, %w, %z, %z
    : (tensor<1x2x2xf32>, tensor<1x2x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x1xf32>
  return %y : tensor<1x2x1xf32>
}

// -----

// Scales along what is summed over.
// CHECK-LABEL: func.func @summed_over(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.matmul
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the scales of its input are not those of its result's rows
!x = !lowbit.affine<i8, axis = 2>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
func.func @summed_over(%q: tensor<1x2x2x!x>, %s: tensor<2xf32>) -> tensor<1x2x1xf32> {
  %x = lowbit.decode %q with %s : tensor<2xf32> : tensor<1x2x2x!x> to tensor<1x2x2xf32>
  %wq = lowbit.constant dense<127> : tensor<1x2x1xi8> as tensor<1x2x1x!w>
  %w = lowbit.decode %wq : tensor<1x2x1x!w> to tensor<1x2x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.matmul %x, %w, %z, %z
    : (tensor<1x2x2xf32>, tensor<1x2x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x1xf32>
  return %y : tensor<1x2x1xf32>
}

// -----

// Padding is the zero point.
// CHECK-LABEL: func.func @padding(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: it pads with a zero point that is known only at run time
!x = !lowbit.affine<u8, zero>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
func.func @padding(%q: tensor<1x1x1x1x!x>, %s: tensor<1xf32>, %zp: tensor<1xi32>) -> tensor<1x3x1x1xf32> {
  %x = lowbit.decode %q with %s, %zp : tensor<1xf32>, tensor<1xi32> : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<127> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %z, %z, %z {acc_type = f32, pad = array<i64: 1, 1, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x3x1x1xf32>
  return %y : tensor<1x3x1x1xf32>
}

// -----

// No code is 0.
// CHECK-LABEL: func.func @padding_without_code(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its padding has no code
!x = !lowbit.affine<i8<1:9>>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
func.func @padding_without_code(%q: tensor<1x1x1x1x!x>, %s: tensor<1xf32>) -> tensor<1x3x1x1xf32> {
  %x = lowbit.decode %q with %s : tensor<1xf32> : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<127> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %z, %z, %z {acc_type = f32, pad = array<i64: 1, 1, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x3x1x1xf32>
  return %y : tensor<1x3x1x1xf32>
}

// -----

// Weights that are an argument.
// CHECK-LABEL: func.func @weights(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.matmul
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its weights are not constant codes
!x = !lowbit.affine<i8>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
func.func @weights(%q: tensor<1x2x2x!x>, %s: tensor<1xf32>, %wq: tensor<1x2x1x!w>) -> tensor<1x2x1xf32> {
  %x = lowbit.decode %q with %s : tensor<1xf32> : tensor<1x2x2x!x> to tensor<1x2x2xf32>
  %w = lowbit.decode %wq : tensor<1x2x1x!w> to tensor<1x2x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.matmul %x, %w, %z, %z
    : (tensor<1x2x2xf32>, tensor<1x2x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x1xf32>
  return %y : tensor<1x2x1xf32>
}

// -----

// A bias that is an argument.
// CHECK-LABEL: func.func @bias(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its bias is not constant
!x = !lowbit.affine<i8>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
func.func @bias(%q: tensor<1x1x1x1x!x>, %s: tensor<1xf32>, %b: tensor<1xf32>) -> tensor<1x1x1x1xf32> {
  %x = lowbit.decode %q with %s : tensor<1xf32> : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<127> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  return %y : tensor<1x1x1x1xf32>
}

// -----

// Scales of weights along what is summed over.
// CHECK-LABEL: func.func @weight_scales(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.matmul
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the scales of its weights are not per output channel
!x = !lowbit.affine<i8>
!w = !quant.uniform<i8<-127:127>:f32:1, {0.25, 0.5}>
func.func @weight_scales(%q: tensor<1x2x2x!x>, %s: tensor<1xf32>) -> tensor<1x2x1xf32> {
  %x = lowbit.decode %q with %s : tensor<1xf32> : tensor<1x2x2x!x> to tensor<1x2x2xf32>
  %wq = lowbit.constant dense<127> : tensor<1x2x1xi8> as tensor<1x2x1x!w>
  %w = lowbit.decode %wq : tensor<1x2x1x!w> to tensor<1x2x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.matmul %x, %w, %z, %z
    : (tensor<1x2x2xf32>, tensor<1x2x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x1xf32>
  return %y : tensor<1x2x1xf32>
}

// -----

// 516 products of 32768 and 127 are less than 2^31; 517 are not.
// CHECK-LABEL: func.func @overflow(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.matmul
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its sums may leave 32 bits
!x = !lowbit.affine<i16>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
func.func @overflow(%q: tensor<1x2x517x!x>, %s: tensor<1xf32>) -> tensor<1x2x1xf32> {
  %x = lowbit.decode %q with %s : tensor<1xf32> : tensor<1x2x517x!x> to tensor<1x2x517xf32>
  %wq = lowbit.constant dense<127> : tensor<1x517x1xi8> as tensor<1x517x1x!w>
  %w = lowbit.decode %wq : tensor<1x517x1x!w> to tensor<1x517x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.matmul %x, %w, %z, %z
    : (tensor<1x2x517xf32>, tensor<1x517x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x1xf32>
  return %y : tensor<1x2x1xf32>
}

// -----

// Codes less a zero point are twice as far apart.
// CHECK-LABEL: func.func @overflow_less_zero_point(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.matmul
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its sums may leave 32 bits
!x = !lowbit.affine<i16, zero>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
func.func @overflow_less_zero_point(%q: tensor<1x2x300x!x>, %s: tensor<1xf32>, %zp: tensor<1xi32>) -> tensor<1x2x1xf32> {
  %x = lowbit.decode %q with %s, %zp : tensor<1xf32>, tensor<1xi32> : tensor<1x2x300x!x> to tensor<1x2x300xf32>
  %wq = lowbit.constant dense<127> : tensor<1x300x1xi8> as tensor<1x300x1x!w>
  %w = lowbit.decode %wq : tensor<1x300x1x!w> to tensor<1x300x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.matmul %x, %w, %z, %z
    : (tensor<1x2x300xf32>, tensor<1x300x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x1xf32>
  return %y : tensor<1x2x1xf32>
}
