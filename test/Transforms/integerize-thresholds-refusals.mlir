// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: not lowbit-opt %s -lowbit-integerize=require-integer -split-input-file -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ERROR

// Thresholds and factors that are refused: the layer stays in float, and is valid.

// A factor that is NaN.
// CHECK-LABEL: func.func @factor_not_finite(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: a factor or term between its layer and its codes is not a finite number
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.planes<sign x 1, [0.5]>
!y = !lowbit.planes<sign x 1, [1.0]>
func.func @factor_not_finite(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
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
  %f = "tosa.const"() {values = dense<[[[[1.0, 0x7FC00000]]]]> : tensor<1x1x1x2xf32>} : () -> tensor<1x1x1x2xf32>
  %m = tosa.mul %c, %f, %s
    : (tensor<1x2x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1xi8>) -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %m : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}

// -----

// The largest of what falls is not the largest sum.
// CHECK-LABEL: func.func @falling_before_pool(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: a factor below 0 stands before its max_pool2d
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.planes<sign x 1, [0.5]>
!y = !lowbit.planes<sign x 1, [1.0]>
func.func @falling_before_pool(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
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
  %f = "tosa.const"() {values = dense<[[[[1.0, -1.0]]]]> : tensor<1x1x1x2xf32>} : () -> tensor<1x1x1x2xf32>
  %m = tosa.mul %c, %f, %s
    : (tensor<1x2x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1xi8>) -> tensor<1x2x2x2xf32>
  %p = tosa.max_pool2d %m {kernel = array<i64: 1, 1>, stride = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>}
    : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %n = tosa.mul %p, %f, %s
    : (tensor<1x2x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1xi8>) -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %n : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}

// -----

// Codes with scales of another dimension than the channels.
// CHECK-LABEL: func.func @axis(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the axis of its format is not the last dimension
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.planes<sign x 1, [0.5]>
!y = !lowbit.planes<sign x 1, axis = 1, [1.0, 0.5]>
func.func @axis(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
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
  %o = lowbit.encode %c : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}

// -----

// Each channel orders its codes in its own way.
// CHECK-LABEL: func.func @order(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the order of its format's codes differs between channels
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.planes<sign x 1, [0.5]>
!y = !lowbit.planes<sign x 2, axis = 3, [1.0, 0.3, 0.3, 1.0]>
func.func @order(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
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
  %o = lowbit.encode %c : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}

// -----

// 8 bits: a clamp before factors is one clamp no more.
// CHECK-LABEL: func.func @clamp_before_factors(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: a clamp stands before the factors of its channels
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.planes<sign x 1, [0.5]>
!y = !quant.uniform<i8:f32, 0.25>
func.func @clamp_before_factors(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
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
  %l = tosa.clamp %c {min_val = 0.0 : f32, max_val = 1.0 : f32} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %f = "tosa.const"() {values = dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32>} : () -> tensor<1x1x1x2xf32>
  %m = tosa.mul %l, %f, %s
    : (tensor<1x2x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1xi8>) -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %m : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}

// -----

// 8 bits: the scale of the weights leaves the range.
// CHECK-LABEL: func.func @factor_too_large(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: a factor or term of its batch norm leaves the range of f32
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.planes<sign x 1, [1.0e30]>
!y = !quant.uniform<i8:f32, 0.25>
func.func @factor_too_large(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
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
  %f = "tosa.const"() {values = dense<[[[[1.0, 1.0e30]]]]> : tensor<1x1x1x2xf32>} : () -> tensor<1x1x1x2xf32>
  %m = tosa.mul %c, %f, %s
    : (tensor<1x2x2x2xf32>, tensor<1x1x1x2xf32>, tensor<1xi8>) -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %m : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}

// -----

// A codebook with infinity.
// CHECK-LABEL: func.func @codebook(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.conv2d
// CHECK-NOT: lowbit.contract
// ERROR: error: 'tosa.conv2d' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its codebook holds numbers that are no multiples of one step
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.codebook<u2>
!y = !quant.uniform<i8:f32, 0.25>
func.func @codebook(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x2x!x> to tensor<1x2x2x2xf32>
  %wq = lowbit.constant dense<1> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %book = arith.constant dense<[[[[-0.3], [0.1], [0x7F800000]]]]> : tensor<1x1x3x1xf32>
  %w = lowbit.decode %wq with %book : tensor<1x1x3x1xf32> : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %s = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %c : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}
