// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: not lowbit-opt %s -lowbit-integerize=require-integer -split-input-file -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ERROR

// What is refused stays in float, and is valid.

// Weights that are an argument.
// CHECK-LABEL: func.func @weights_not_constant(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its weights are not constant codes
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @weights_not_constant(%q: tensor<1x1x1x1x!x>, %wq: tensor<1x1x1x1x!w>)
    -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %c : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// Weights that are not encoded.
// CHECK-LABEL: func.func @weights_in_float(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its weights are not constant codes
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @weights_in_float(%q: tensor<1x1x1x1x!x>) -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %w = "tosa.const"() {values = dense<1.0> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %c : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// Scales along the input channels.
// CHECK-LABEL: func.func @scales_not_per_output_channel(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the scales of its weights are not per output channel
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32:3, {0.25, 0.5}>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @scales_not_per_output_channel(%q: tensor<1x1x1x2x!x>) -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x2xi8> as tensor<1x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x2x!w> to tensor<1x1x1x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %c : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// 2^31 steps of 0.125.
// CHECK-LABEL: func.func @bias_does_not_fit(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its bias does not fit 32 bits in the scale of its sums
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @bias_does_not_fit(%q: tensor<1x1x1x1x!x>) -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<0x4D800000> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %c : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// 2^31 - 128 steps fit, but not with the sum, which reaches 255.
// CHECK-LABEL: func.func @sum_does_not_fit(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its sums may leave 32 bits
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @sum_does_not_fit(%q: tensor<1x1x1x1x!x>) -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<0x4D7FFFFF> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %c : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// A bias that is an argument.
// CHECK-LABEL: func.func @bias_not_constant(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its bias is not constant
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @bias_not_constant(%q: tensor<1x1x1x1x!x>, %b: tensor<1xf32>) -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %c : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// An input with a scale for each channel.
// CHECK-LABEL: func.func @activation_per_axis(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its input is not the decode of a per-tensor format
!x = !quant.uniform<u8:f32:3, {0.5:3, 0.25:3}>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @activation_per_axis(%q: tensor<1x1x1x2x!x>) -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x2xi8> as tensor<1x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x2x!w> to tensor<1x1x1x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %c : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// A result with a scale for each channel.
// CHECK-LABEL: func.func @result_per_axis(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its format is not per tensor
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32:3, {0.5:3, 0.25:3}>
func.func @result_per_axis(%q: tensor<1x1x1x1x!x>) -> (tensor<1x1x1x2x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<2x1x1x1xi8> as tensor<2x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x1x!w> to tensor<2x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<2x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %c : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o : tensor<1x1x1x2x!y>
}

// -----

// Rescaling rounds to nearest.
// CHECK-LABEL: func.func @rounding_floor(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: integer rescaling rounds to nearest and saturates only
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @rounding_floor(%q: tensor<1x1x1x1x!x>) -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %c {rounding = #lowbit.rounding<floor>}
    : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// Rescaling counts no thresholds.
// CHECK-LABEL: func.func @counting(
// CHECK-NOT: lowbit.rescale
// CHECK: lowbit.encode {{.*}}thresholds
// CHECK-NOT: lowbit.rescale
// ERROR: error: 'tosa.exp' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its codes count thresholds
!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u2:f32, 1.0>
func.func @counting(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %e = tosa.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %o = lowbit.encode %e {thresholds = array<f32: 0.0, 1.0, 3.0>} : tensor<4xf32> to tensor<4x!y>
  return %o : tensor<4x!y>
}

// -----

// Rescaling saturates.
// CHECK-LABEL: func.func @wrapping(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: integer rescaling rounds to nearest and saturates only
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @wrapping(%q: tensor<1x1x1x1x!x>) -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %c {saturation = #lowbit.saturation<wrap>}
    : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// Zero is no code of the result.
// CHECK-LABEL: func.func @result_without_zero(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the zero point of its format is not one of its codes
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:300>
func.func @result_without_zero(%q: tensor<1x1x1x1x!x>) -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %c : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// Zero is no code of the input.
// CHECK-LABEL: func.func @input_without_zero(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its input is not the decode of a per-tensor format
!x = !quant.uniform<u8:f32, 0.5:-3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @input_without_zero(%q: tensor<1x1x1x1x!x>) -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %c : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// The factor 0.125 / 2^-32 is 2^29.
// CHECK-LABEL: func.func @factor_too_large(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the scale of its sums exceeds the result's by more than 2^29
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 2.3283064365386963e-10>
func.func @factor_too_large(%q: tensor<1x1x1x1x!x>) -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %c : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// Two groups.
// CHECK-LABEL: func.func @grouped(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the channels of its input, weights and result do not agree
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @grouped(%q: tensor<1x1x1x4x!x>) -> (tensor<1x1x1x2x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x4x!x> to tensor<1x1x1x4xf32>
  %wq = lowbit.constant dense<1> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x4xf32>, tensor<2x1x1x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %c : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o : tensor<1x1x1x2x!y>
}

// -----

// Rows of the result that are known at run time only.
// CHECK-LABEL: func.func @dynamic_result(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its shape is dynamic
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @dynamic_result(%q: tensor<1x1x1x1x!x>) -> (tensor<1x?x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x?x1x1xf32>
  %o = lowbit.encode %c : tensor<1x?x1x1xf32> to tensor<1x?x1x1x!y>
  return %o : tensor<1x?x1x1x!y>
}

// -----

// Images whose number is known at run time only.
// CHECK-LABEL: func.func @dynamic_batch(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its shape is dynamic
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @dynamic_batch(%q: tensor<?x1x1x1x!x>) -> (tensor<?x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<?x1x1x1x!x> to tensor<?x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<?x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<?x1x1x1xf32>
  %o = lowbit.encode %c : tensor<?x1x1x1xf32> to tensor<?x1x1x1x!y>
  return %o : tensor<?x1x1x1x!y>
}

// -----

// The result of the layer has another use.
// CHECK-LABEL: func.func @second_use(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @second_use(%q: tensor<1x1x1x1x!x>) -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %n = tosa.negate %c, %z, %z : (tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %a = tosa.sub %n, %c : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %a : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// The add broadcasts the layer.
// CHECK-LABEL: func.func @broadcast_layer(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: an operand of its add is not the decode of a per-tensor format
// ERROR: error: 'tosa.add' op stays in float; --require-integer does not allow it
// ERROR: note: reason: an operand of its add is not the decode of a per-tensor format
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @broadcast_layer(%q: tensor<1x1x1x1x!x>, %rq: tensor<1x2x2x1x!x>)
    -> (tensor<1x2x2x1x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  %r = lowbit.decode %rq : tensor<1x2x2x1x!x> to tensor<1x2x2x1xf32>
  %a = tosa.add %r, %c : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32>
  %o = lowbit.encode %a : tensor<1x2x2x1xf32> to tensor<1x2x2x1x!y>
  return %o : tensor<1x2x2x1x!y>
}

// -----

// The add broadcasts the residual.
// CHECK-LABEL: func.func @broadcast_residual(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: an operand of its add is not the decode of a per-tensor format
// ERROR: error: 'tosa.add' op stays in float; --require-integer does not allow it
// ERROR: note: reason: an operand of its add is not the decode of a per-tensor format
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @broadcast_residual(%q: tensor<1x2x2x1x!x>, %rq: tensor<1x1x1x1x!x>)
    -> (tensor<1x2x2x1x!y>) {
  %x = lowbit.decode %q : tensor<1x2x2x1x!x> to tensor<1x2x2x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x1xf32>
  %r = lowbit.decode %rq : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %a = tosa.add %c, %r : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x2x1xf32>
  %o = lowbit.encode %a : tensor<1x2x2x1xf32> to tensor<1x2x2x1x!y>
  return %o : tensor<1x2x2x1x!y>
}

// -----

// TOSA's verifier lets a result with channels of its own pass.
// CHECK-LABEL: func.func @depthwise_channels(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.depthwise_conv2d
// ERROR: error: 'tosa.depthwise_conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the channels of its input, weights and result do not agree
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @depthwise_channels(%q: tensor<1x1x1x2x!x>) -> (tensor<1x1x1x3x!y>) {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x2x2xi8> as tensor<1x1x2x2x!w>
  %w = lowbit.decode %wq : tensor<1x1x2x2x!w> to tensor<1x1x2x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<3xf32>} : () -> tensor<3xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<1x1x2x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x3xf32>
  %o = lowbit.encode %c : tensor<1x1x1x3xf32> to tensor<1x1x1x3x!y>
  return %o : tensor<1x1x1x3x!y>
}

// -----

// Weights with a scale for each product.
// CHECK-LABEL: func.func @groups(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.depthwise_conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.depthwise_conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its weights have a scale for each of their products
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !lowbit.affine<i4, axis = 2, group = 2>
func.func @groups(%q: tensor<1x2x2x2x!x>) -> tensor<1x1x2x2x!x> {
  %x = lowbit.decode %q : tensor<1x2x2x2x!x> to tensor<1x2x2x2xf32>
  %wq = lowbit.constant dense<1> : tensor<2x1x2x1xi8> as tensor<2x1x2x1x!w>
  %s = arith.constant dense<[[[[0.5]]], [[[0.25]]]]> : tensor<2x1x1x1xf32>
  %w = lowbit.decode %wq with %s : tensor<2x1x1x1xf32> : tensor<2x1x2x1x!w> to tensor<2x1x2x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<2x1x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x2x2xf32>
  %o = lowbit.encode %c : tensor<1x1x2x2xf32> to tensor<1x1x2x2x!x>
  return %o : tensor<1x1x2x2x!x>
}

// -----

// A table for 16 bits would have 65536 entries.
// CHECK-LABEL: func.func @table_of_16_bits(
// CHECK-NOT: lowbit.table
// CHECK: tosa.sigmoid
// CHECK-NOT: lowbit.table
// ERROR: error: 'tosa.sigmoid' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its variable has over 8 bits
!x = !quant.uniform<i16:f32, 0.001>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @table_of_16_bits(%q: tensor<4x!x>) -> (tensor<4x!y>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %c = tosa.sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
  %o = lowbit.encode %c : tensor<4xf32> to tensor<4x!y>
  return %o : tensor<4x!y>
}

// -----

// Few codes, but in 16 bits.
// CHECK-LABEL: func.func @few_codes_of_16_bits(
// CHECK-NOT: lowbit.table
// CHECK: tosa.sigmoid
// CHECK-NOT: lowbit.table
// ERROR: error: 'tosa.sigmoid' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its variable has over 8 bits
!x = !quant.uniform<i16<0:100>:f32, 0.5>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @few_codes_of_16_bits(%q: tensor<4x!x>) -> (tensor<4x!y>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %c = tosa.sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
  %o = lowbit.encode %c : tensor<4xf32> to tensor<4x!y>
  return %o : tensor<4x!y>
}

// -----

// A variable with scales along an axis.
// CHECK-LABEL: func.func @table_per_axis(
// CHECK-NOT: lowbit.table
// CHECK: tosa.sigmoid
// CHECK-NOT: lowbit.table
// ERROR: error: 'tosa.sigmoid' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its variable is not the decode of a per-tensor format
!x = !quant.uniform<u8:f32:0, {0.5, 0.5, 0.5, 0.25}>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @table_per_axis(%q: tensor<4x!x>) -> (tensor<4x!y>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %c = tosa.sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
  %o = lowbit.encode %c : tensor<4xf32> to tensor<4x!y>
  return %o : tensor<4x!y>
}

// -----

// Not along the last dimension.
// CHECK-LABEL: func.func @softmax_first_dimension(
// CHECK-NOT: lowbit.table_softmax
// CHECK: lowbit.softmax
// CHECK-NOT: lowbit.table_softmax
// ERROR: error: 'lowbit.softmax' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its softmax is not along the last dimension
!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 0.00390625>
func.func @softmax_first_dimension(%q: tensor<4x2x!x>) -> (tensor<4x2x!y>) {
  %x = lowbit.decode %q : tensor<4x2x!x> to tensor<4x2xf32>
  %c = lowbit.softmax %x {axis = 0 : i64} : tensor<4x2xf32>
  %o = lowbit.encode %c : tensor<4x2xf32> to tensor<4x2x!y>
  return %o : tensor<4x2x!y>
}

// -----

// 1 / 0.003 is no whole number.
// CHECK-LABEL: func.func @softmax_scale(
// CHECK-NOT: lowbit.table_softmax
// CHECK: lowbit.softmax
// CHECK-NOT: lowbit.table_softmax
// ERROR: error: 'lowbit.softmax' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the format of its softmax does not divide [0, 1] from the least code up
!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 0.003>
func.func @softmax_scale(%q: tensor<4x!x>) -> (tensor<4x!y>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %c = lowbit.softmax %x {axis = 0 : i64} : tensor<4xf32>
  %o = lowbit.encode %c : tensor<4xf32> to tensor<4x!y>
  return %o : tensor<4x!y>
}

// -----

// Zero is not the least code.
// CHECK-LABEL: func.func @softmax_zero_point(
// CHECK-NOT: lowbit.table_softmax
// CHECK: lowbit.softmax
// CHECK-NOT: lowbit.table_softmax
// ERROR: error: 'lowbit.softmax' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the format of its softmax does not divide [0, 1] from the least code up
!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<i8:f32, 0.00390625>
func.func @softmax_zero_point(%q: tensor<4x!x>) -> (tensor<4x!y>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %c = lowbit.softmax %x {axis = 0 : i64} : tensor<4xf32>
  %o = lowbit.encode %c : tensor<4xf32> to tensor<4x!y>
  return %o : tensor<4x!y>
}

// -----

// Distances of up to 32 bits.
// CHECK-LABEL: func.func @softmax_of_32_bits(
// CHECK-NOT: lowbit.table_softmax
// CHECK: lowbit.softmax
// CHECK-NOT: lowbit.table_softmax
// ERROR: error: 'lowbit.softmax' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its softmax has over 16 bits
!x = !quant.uniform<i32:f32, 0.00390625>
!y = !quant.uniform<u8:f32, 0.00390625>
func.func @softmax_of_32_bits(%q: tensor<4x!x>) -> (tensor<4x!y>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %c = lowbit.softmax %x {axis = 0 : i64} : tensor<4xf32>
  %o = lowbit.encode %c : tensor<4xf32> to tensor<4x!y>
  return %o : tensor<4x!y>
}

// -----

// It might be repeated.
// CHECK-LABEL: func.func @dynamic_add(
// CHECK-NOT: lowbit.add
// CHECK: tosa.add
// CHECK-NOT: lowbit.add
// ERROR: error: 'tosa.add' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the shape of its add is dynamic
!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @dynamic_add(%q: tensor<?x!x>, %rq: tensor<?x!x>) -> (tensor<?x!y>) {
  %x = lowbit.decode %q : tensor<?x!x> to tensor<?xf32>
  %r = lowbit.decode %rq : tensor<?x!x> to tensor<?xf32>
  %c = tosa.add %x, %r : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %o = lowbit.encode %c : tensor<?xf32> to tensor<?x!y>
  return %o : tensor<?x!y>
}

// -----

// An operand is not encoded.
// CHECK-LABEL: func.func @add_of_float(
// CHECK-NOT: lowbit.add
// CHECK: tosa.add
// CHECK-NOT: lowbit.add
// ERROR: error: 'tosa.add' op stays in float; --require-integer does not allow it
// ERROR: note: reason: an operand of its add is not the decode of a per-tensor format
!x = !quant.uniform<u8:f32:0, {0.5, 0.5, 0.5, 0.25}>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @add_of_float(%q: tensor<4x!x>) -> (tensor<4x!y>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %c = tosa.add %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %o = lowbit.encode %c : tensor<4xf32> to tensor<4x!y>
  return %o : tensor<4x!y>
}

// -----

// A factor of 2^29.
// CHECK-LABEL: func.func @format_change(
// CHECK-NOT: lowbit.rescale
// CHECK: lowbit.encode
// ERROR: error: 'lowbit.decode' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the scales differ by a factor of more than 2^29
// ERROR: error: 'lowbit.encode' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the scales differ by a factor of more than 2^29
!x = !quant.uniform<u8:f32, 536870912.0>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @format_change(%q: tensor<4x!x>) -> (tensor<4x!y>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %o = lowbit.encode %x : tensor<4xf32> to tensor<4x!y>
  return %o : tensor<4x!y>
}

// -----

// A difference of code and zero point that is no i32.
// CHECK-LABEL: func.func @wide_difference(
// CHECK-NOT: lowbit.rescale
// CHECK: lowbit.encode
// ERROR: error: 'lowbit.decode' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its input is not the decode of a per-tensor format
// ERROR: error: 'lowbit.encode' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its input is not the decode of a per-tensor format
!x = !quant.uniform<i32:f32, 1.0:5>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @wide_difference(%q: tensor<4x!x>) -> (tensor<4x!y>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %o = lowbit.encode %x : tensor<4xf32> to tensor<4x!y>
  return %o : tensor<4x!y>
}

// -----

// One operand's factor is 2^29.
// CHECK-LABEL: func.func @concat(
// CHECK-NOT: lowbit.concat
// CHECK: tosa.concat
// CHECK-NOT: lowbit.rescale
// ERROR: error: 'tosa.concat' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the scales of its concat differ by a factor of more than 2^29
!x = !quant.uniform<u8:f32, 536870912.0>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @concat(%q: tensor<4x!x>, %rq: tensor<4x!y>) -> (tensor<8x!y>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %r = lowbit.decode %rq : tensor<4x!y> to tensor<4xf32>
  %c = tosa.concat %r, %x {axis = 0 : i32} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %o = lowbit.encode %c : tensor<8xf32> to tensor<8x!y>
  return %o : tensor<8x!y>
}

// -----

// Sums of 2^31 * 4.
// CHECK-LABEL: func.func @avg_pool2d(
// CHECK-NOT: lowbit.avg_pool2d
// CHECK: tosa.avg_pool2d
// ERROR: error: 'tosa.avg_pool2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the sums of its avg_pool2d may leave 32 bits
!x = !quant.uniform<i32:f32, 0.5>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @avg_pool2d(%q: tensor<1x2x2x1x!x>) -> (tensor<1x1x1x1x!y>) {
  %x = lowbit.decode %q : tensor<1x2x2x1x!x> to tensor<1x2x2x1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.avg_pool2d %x, %z, %z {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>, acc_type = f32}
    : (tensor<1x2x2x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x1xf32>
  %o = lowbit.encode %c : tensor<1x1x1x1xf32> to tensor<1x1x1x1x!y>
  return %o : tensor<1x1x1x1x!y>
}

// -----

// Codes move as they are only where shapes are static.
// CHECK-LABEL: func.func @dynamic_reshape(
// CHECK-NOT: tensor.
// CHECK: tosa.reshape
// ERROR: error: 'tosa.reshape' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its shape is dynamic
!x = !quant.uniform<u8:f32, 0.5:3>
func.func @dynamic_reshape(%q: tensor<?x4x!x>) -> (tensor<2x8xf32>) {
  %x = lowbit.decode %q : tensor<?x4x!x> to tensor<?x4xf32>
  %s = tosa.const_shape {values = dense<[2, 8]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %o = tosa.reshape %x, %s : (tensor<?x4xf32>, !tosa.shape<2>) -> tensor<2x8xf32>
  return %o : tensor<2x8xf32>
}

// -----

// 1 need not be a code.
// CHECK-LABEL: func.func @pad_with_one(
// CHECK-NOT: lowbit.pad
// CHECK: tosa.pad
// ERROR: error: 'tosa.pad' op stays in float; --require-integer does not allow it
// ERROR: note: reason: it does not pad with zero
!x = !quant.uniform<u8:f32, 0.5:3>
func.func @pad_with_one(%q: tensor<4x!x>) -> (tensor<6xf32>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %by = tosa.const_shape {values = dense<1> : tensor<2xindex>} : () -> !tosa.shape<2>
  %one = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %o = tosa.pad %x, %by, %one : (tensor<4xf32>, !tosa.shape<2>, tensor<1xf32>) -> tensor<6xf32>
  return %o : tensor<6xf32>
}

// -----

// Scales along an axis do not move.
// CHECK-LABEL: func.func @movement_per_axis(
// CHECK-NOT: lowbit.transpose
// CHECK: tosa.transpose
// ERROR: error: 'tosa.transpose' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its input is not the decode of a per-tensor format
!x = !quant.uniform<u8:f32:0, {0.5, 0.25}>
func.func @movement_per_axis(%q: tensor<2x3x!x>) -> (tensor<3x2xf32>) {
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %o = tosa.transpose %x {perms = array<i32: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %o : tensor<3x2xf32>
}

// -----

// A clamp with another use is computed.
// CHECK-LABEL: func.func @clamp_with_two_uses(
// CHECK-NOT: lowbit.rescale
// CHECK: tosa.clamp
// ERROR: error: 'tosa.clamp' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its real numbers have another use
!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @clamp_with_two_uses(%q: tensor<4x!x>) -> (tensor<4x!y>, tensor<4xf32>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %c = tosa.clamp %x {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %o = lowbit.encode %c : tensor<4xf32> to tensor<4x!y>
  return %o, %c : tensor<4x!y>, tensor<4xf32>
}

// -----

// So is a layer with another use.
// CHECK-LABEL: func.func @layer_with_two_uses(
// CHECK: tosa.matmul
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its real numbers have another use
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.5>
func.func @layer_with_two_uses(%q: tensor<1x2x2x!x>) -> (tensor<1x2x1x!x>, tensor<1x2x1xf32>) {
  %x = lowbit.decode %q : tensor<1x2x2x!x> to tensor<1x2x2xf32>
  %wq = lowbit.constant dense<[[[1], [2]]]> : tensor<1x2x1xi8> as tensor<1x2x1x!w>
  %w = lowbit.decode %wq : tensor<1x2x1x!w> to tensor<1x2x1xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
      : (tensor<1x2x2xf32>, tensor<1x2x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x1xf32>
  %o = lowbit.encode %c : tensor<1x2x1xf32> to tensor<1x2x1x!x>
  return %o, %c : tensor<1x2x1x!x>, tensor<1x2x1xf32>
}

// -----

// The reasons of all patterns that came close are kept, in the order of the patterns.
// CHECK-LABEL: func.func @two_reasons(
// CHECK: tosa.clamp
// CHECK-SAME: lowbit.reason = "its input is not the decode of a per-tensor format; its variable is not the decode of a per-tensor format"
// ERROR: error: 'tosa.clamp' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its input is not the decode of a per-tensor format; its variable is not the decode of a per-tensor format
!x = !quant.uniform<i32:f32, 1.0:5>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @two_reasons(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %c = tosa.clamp %x {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %o = lowbit.encode %c : tensor<4xf32> to tensor<4x!y>
  return %o : tensor<4x!y>
}
