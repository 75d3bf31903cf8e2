// RUN: lowbit-opt %s -lowbit-integerize=profile=onnx -split-input-file | FileCheck %s
// RUN: not lowbit-opt %s -lowbit-integerize="profile=onnx require-integer" -split-input-file \
// RUN:   -o /dev/null 2>&1 | FileCheck %s --check-prefix=ERROR --implicit-check-not=error:
// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s --check-prefix=TOSA \
// RUN:   --implicit-check-not=lowbit.float_glue

// Profile onnx has operations on real numbers between codes; they are float glue, which
// require-integer accepts.

!a = !quant.uniform<u8:f32, 0.5:3>
!b = !quant.uniform<u8:f32, 0.25:4>

// CHECK-LABEL: func.func @pair
// CHECK: tosa.sub {{.*}} {lowbit.float_glue = "profile onnx computes its sub with real numbers"}
// CHECK: tosa.mul {{.*}} {lowbit.float_glue = "profile onnx computes its add with real numbers"}
// CHECK: tosa.add {{.*}} {lowbit.float_glue = "profile onnx computes its add with real numbers"}
// TOSA-LABEL: func.func @pair
// TOSA: lowbit.add
func.func @pair(%p: tensor<4x!a>, %q: tensor<4x!b>) -> (tensor<4x!a>, tensor<4x!b>) {
  %x = lowbit.decode %p : tensor<4x!a> to tensor<4xf32>
  %y = lowbit.decode %q : tensor<4x!b> to tensor<4xf32>
  %zero = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %d = tosa.sub %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %d8 = lowbit.encode %d : tensor<4xf32> to tensor<4x!a>
  %m = tosa.mul %x, %y, %zero : (tensor<4xf32>, tensor<4xf32>, tensor<1xi8>) -> tensor<4xf32>
  %s = tosa.add %m, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %s8 = lowbit.encode %s : tensor<4xf32> to tensor<4x!b>
  return %d8, %s8 : tensor<4x!a>, tensor<4x!b>
}

// -----

// A batch norm multiplies once for each element.

!a = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @batch_norm
// CHECK: tosa.depthwise_conv2d {{.*}} lowbit.float_glue = "its weights are not constant codes"
func.func @batch_norm(%p: tensor<1x2x2x2x!a>) -> tensor<1x2x2x2x!a> {
  %x = lowbit.decode %p : tensor<1x2x2x2x!a> to tensor<1x2x2x2xf32>
  %w = "tosa.const"() {values = dense<[[[[1.5], [0.7]]]]> : tensor<1x1x2x1xf32>} : () -> tensor<1x1x2x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<1x1x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %c : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!a>
  return %o : tensor<1x2x2x2x!a>
}

// -----

// Codes are compared; what comes out are no real numbers.

!a = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @compare
// CHECK: tosa.greater {{.*}} {lowbit.float_glue = "profile onnx computes it with real numbers"}
func.func @compare(%p: tensor<4x!a>, %q: tensor<4x!a>) -> tensor<4xi1> {
  %x = lowbit.decode %p : tensor<4x!a> to tensor<4xf32>
  %y = lowbit.decode %q : tensor<4x!a> to tensor<4xf32>
  %g = tosa.greater %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  return %g : tensor<4xi1>
}

// -----

// Real numbers from outside, or for outside, are no glue, nor what only meets them.

!a = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @outside
// CHECK-NOT: lowbit.float_glue
// CHECK: return
// ERROR: error: 'tosa.sub' op stays in float; --require-integer does not allow it
// ERROR: error: 'tosa.add' op stays in float; --require-integer does not allow it
// ERROR: error: 'tosa.maximum' op stays in float; --require-integer does not allow it
func.func @outside(%p: tensor<4x!a>, %r: tensor<4xf32>) -> (tensor<4x!a>, tensor<4xf32>) {
  %x = lowbit.decode %p : tensor<4x!a> to tensor<4xf32>
  %d = tosa.sub %x, %r : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %s = tosa.add %d, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %o = lowbit.encode %s : tensor<4xf32> to tensor<4x!a>
  %m = tosa.maximum %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %o, %m : tensor<4x!a>, tensor<4xf32>
}

// -----

// Sums of products are no glue; what reads them is not, either.

!a = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @product
// CHECK-NOT: lowbit.float_glue
// CHECK: return
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: error: 'tosa.abs' op stays in float; --require-integer does not allow it
func.func @product(%p: tensor<1x2x2x!a>) -> tensor<1x2x2x!a> {
  %x = lowbit.decode %p : tensor<1x2x2x!a> to tensor<1x2x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %x, %z, %z
    : (tensor<1x2x2xf32>, tensor<1x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2xf32>
  %r = tosa.abs %c : (tensor<1x2x2xf32>) -> tensor<1x2x2xf32>
  %o = lowbit.encode %r : tensor<1x2x2xf32> to tensor<1x2x2x!a>
  return %o : tensor<1x2x2x!a>
}

// -----

// A sum is one of f32 numbers: with lowbit.requantize, other ties would round the other way.

!a = !quant.uniform<u8:f32, 0.5:3>
!b = !quant.uniform<u8:f32, 2.0:3>

// CHECK-LABEL: func.func @sum
// CHECK: tosa.reduce_sum {{.*}} lowbit.float_glue = "profile onnx adds its numbers up in f32"
// TOSA-LABEL: func.func @sum
// TOSA: lowbit.sum
func.func @sum(%p: tensor<2x5x!a>) -> tensor<2x1x!b> {
  %x = lowbit.decode %p : tensor<2x5x!a> to tensor<2x5xf32>
  %s = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<2x5xf32>) -> tensor<2x1xf32>
  %q = lowbit.encode %s : tensor<2x1xf32> to tensor<2x1x!b>
  return %q : tensor<2x1x!b>
}
