// RUN: lowbit-opt %s -lowbit-propagate-layout -split-input-file | FileCheck %s

// A network that is encoded already: transposes sink below the crossings, too.

!u8 = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @sink
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x5x3xf32>)
// CHECK-NEXT: %[[Q:.*]] = lowbit.encode %[[X]] {scaling = #lowbit.scaling<divide>}
// CHECK-SAME: tensor<1x4x5x3xf32> to tensor<1x4x5x3x!quant
// CHECK-NEXT: %[[R:.*]] = lowbit.decode %[[Q]]
// CHECK-NEXT: return %[[R]]
func.func @sink(%x: tensor<1x4x5x3xf32>) -> tensor<1x4x5x3xf32> {
  %t = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<1x4x5x3xf32>) -> tensor<1x3x4x5xf32>
  %q = lowbit.encode %t {scaling = #lowbit.scaling<divide>}
    : tensor<1x3x4x5xf32> to tensor<1x3x4x5x!u8>
  %r = lowbit.decode %q : tensor<1x3x4x5x!u8> to tensor<1x3x4x5xf32>
  %y = tosa.transpose %r {perms = array<i32: 0, 2, 3, 1>}
    : (tensor<1x3x4x5xf32>) -> tensor<1x4x5x3xf32>
  return %y : tensor<1x4x5x3xf32>
}

// -----

// Scales stay with their channels. Another meaning of the codes is no obstacle,
// and several decodes each get a transpose, of which one is left.

!axis = !quant.uniform<u8:f32:1, {0.5, 0.25:1, 2.0}>
!plain = !quant.uniform<u8:f32, 1.0>

// CHECK-LABEL: func.func @sink_per_axis
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x5x3xf32>)
// CHECK: %[[Q:.*]] = lowbit.encode %[[X]] : {{.*}} to tensor<1x4x5x3x!quant.uniform<u8:f32:3, {
// CHECK-DAG: lowbit.decode %[[Q]] : {{.*}} to tensor<1x4x5x3xf32>
// CHECK-DAG: %[[P:.*]] = lowbit.reinterpret %[[Q]] : {{.*}} to tensor<1x4x5x3x!quant.uniform<u8:f32, 1.0
// CHECK-DAG: lowbit.decode %[[P]] : {{.*}} to tensor<1x4x5x3xf32>
// CHECK: return
func.func @sink_per_axis(%x: tensor<1x4x5x3xf32>)
    -> (tensor<1x3x4x5xf32>, tensor<1x3x4x5xf32>) {
  %t = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<1x4x5x3xf32>) -> tensor<1x3x4x5xf32>
  %q = lowbit.encode %t : tensor<1x3x4x5xf32> to tensor<1x3x4x5x!axis>
  %r = lowbit.decode %q : tensor<1x3x4x5x!axis> to tensor<1x3x4x5xf32>
  %p = lowbit.reinterpret %q : tensor<1x3x4x5x!axis> to tensor<1x3x4x5x!plain>
  %s = lowbit.decode %p : tensor<1x3x4x5x!plain> to tensor<1x3x4x5xf32>
  return %r, %s : tensor<1x3x4x5xf32>, tensor<1x3x4x5xf32>
}

// -----

// Whoever takes the codes as they are gets them transposed.

!u8 = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @codes_are_returned
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x5x3xf32>)
// CHECK: %[[Q:.*]] = lowbit.encode %[[X]]
// CHECK: %[[T:.*]] = lowbit.transpose %[[Q]] {permutation = array<i64: 0, 3, 1, 2>}
// CHECK: return %[[T]]
func.func @codes_are_returned(%x: tensor<1x4x5x3xf32>) -> tensor<1x3x4x5x!u8> {
  %t = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<1x4x5x3xf32>) -> tensor<1x3x4x5xf32>
  %q = lowbit.encode %t : tensor<1x3x4x5xf32> to tensor<1x3x4x5x!u8>
  return %q : tensor<1x3x4x5x!u8>
}

// -----

// No operation transposes codes with scales along an axis.

!axis = !quant.uniform<u8:f32:1, {0.5, 0.25:1, 2.0}>

// CHECK-LABEL: func.func @codes_per_axis_are_returned
// CHECK: %[[T:.*]] = tosa.transpose
// CHECK: lowbit.encode %[[T]]
func.func @codes_per_axis_are_returned(%x: tensor<1x4x5x3xf32>) -> tensor<1x3x4x5x!axis> {
  %t = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<1x4x5x3xf32>) -> tensor<1x3x4x5xf32>
  %q = lowbit.encode %t : tensor<1x3x4x5xf32> to tensor<1x3x4x5x!axis>
  return %q : tensor<1x3x4x5x!axis>
}

// -----

// One to channels-last does not sink.

!u8 = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @channels_last
// CHECK: %[[T:.*]] = tosa.transpose
// CHECK: lowbit.encode %[[T]]
func.func @channels_last(%x: tensor<1x3x4x5xf32>) -> tensor<1x4x5x3xf32> {
  %t = tosa.transpose %x {perms = array<i32: 0, 2, 3, 1>}
    : (tensor<1x3x4x5xf32>) -> tensor<1x4x5x3xf32>
  %q = lowbit.encode %t : tensor<1x4x5x3xf32> to tensor<1x4x5x3x!u8>
  %r = lowbit.decode %q : tensor<1x4x5x3x!u8> to tensor<1x4x5x3xf32>
  return %r : tensor<1x4x5x3xf32>
}

// -----

// Codes of a constant are transposed as floats of one are; so are the scales.

!u8 = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32:1, {0.5, 0.25}>

// CHECK-LABEL: func.func @constant_operand
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x3x2xf32>)
// CHECK: %[[C:.*]] = lowbit.constant
// CHECK-SAME{LITERAL}: dense<[[[[1, 4], [2, 5], [3, 6]]]]> : tensor<1x1x3x2xi8>
// CHECK-SAME: !quant.uniform<i8:f32:3, {5.000000e-01,2.500000e-01}>
// CHECK: %[[D:.*]] = lowbit.decode %[[C]]
// CHECK: tosa.add %[[X]], %[[D]]
func.func @constant_operand(%x: tensor<1x2x3x2xf32>) -> tensor<1x2x2x3xf32> {
  %t = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<1x2x3x2xf32>) -> tensor<1x2x2x3xf32>
  %c = lowbit.constant dense<[[[[1, 2, 3]], [[4, 5, 6]]]]> : tensor<1x2x1x3xi8>
    as tensor<1x2x1x3x!w>
  %d = lowbit.decode %c : tensor<1x2x1x3x!w> to tensor<1x2x1x3xf32>
  %y = tosa.add %t, %d : (tensor<1x2x2x3xf32>, tensor<1x2x1x3xf32>) -> tensor<1x2x2x3xf32>
  return %y : tensor<1x2x2x3xf32>
}

// -----

// A flattened image: its fully connected weights are permuted, as codes. The
// encode between them changes nothing and goes.

!u8 = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32:0, {0.5}>

// CHECK-LABEL: func.func @fully_connected
// CHECK-SAME: (%[[Q:.*]]: tensor<1x1x2x2x!quant
// CHECK-NOT: tosa.transpose
// CHECK-NOT: lowbit.encode
// CHECK: lowbit.constant
// CHECK-SAME{LITERAL}: dense<[[[[1, 3, 2, 4]]]]> : tensor<1x1x1x4xi8>
// CHECK: tosa.conv2d
func.func @fully_connected(%q: tensor<1x1x2x2x!u8>) -> tensor<1x1x1x1xf32> {
  %x = lowbit.decode %q : tensor<1x1x2x2x!u8> to tensor<1x1x2x2xf32>
  %t = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<1x1x2x2xf32>) -> tensor<1x2x1x2xf32>
  %to = tosa.const_shape {values = dense<[1, 1, 1, 4]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %f = tosa.reshape %t, %to : (tensor<1x2x1x2xf32>, !tosa.shape<4>) -> tensor<1x1x1x4xf32>
  %e = lowbit.encode %f : tensor<1x1x1x4xf32> to tensor<1x1x1x4x!u8>
  %d = lowbit.decode %e : tensor<1x1x1x4x!u8> to tensor<1x1x1x4xf32>
  %wq = lowbit.constant dense<[[[[1, 2, 3, 4]]]]> : tensor<1x1x1x4xi8> as tensor<1x1x1x4x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x4x!w> to tensor<1x1x1x4xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %d, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x4xf32>, tensor<1x1x1x4xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  return %c : tensor<1x1x1x1xf32>
}

// -----

// Other formats keep their axis where it is; their codes are permuted all the same.

!w = !lowbit.planes<sign x 1, axis = 0, [0.5, 0.25]>

// CHECK-LABEL: func.func @planes_per_axis
// CHECK-NOT: tosa.transpose
// CHECK: lowbit.constant
// CHECK-SAME{LITERAL}: dense<[[[[1, 0, 1, 0]]], [[[0, 1, 0, 1]]]]> : tensor<2x1x1x4xi8>
// CHECK-SAME: !lowbit.planes<sign x 1, axis = 0, [5.000000e-01, 2.500000e-01]>
// CHECK: tosa.conv2d
func.func @planes_per_axis(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x1x2xf32> {
  %t = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<1x1x2x2xf32>) -> tensor<1x2x1x2xf32>
  %to = tosa.const_shape {values = dense<[1, 1, 1, 4]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %f = tosa.reshape %t, %to : (tensor<1x2x1x2xf32>, !tosa.shape<4>) -> tensor<1x1x1x4xf32>
  %wq = lowbit.constant dense<[[[[1, 1, 0, 0]]], [[[0, 0, 1, 1]]]]> : tensor<2x1x1x4xi8>
    as tensor<2x1x1x4x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x4x!w> to tensor<2x1x1x4xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %f, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x4xf32>, tensor<2x1x1x4xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  return %c : tensor<1x1x1x2xf32>
}

// -----

// Codes with tables beside them stay, and so does the transpose.

!w = !lowbit.codebook<u2>

// CHECK-LABEL: func.func @codebook
// CHECK: tosa.transpose
// CHECK: lowbit.decode
func.func @codebook(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32> {
  %t = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<1x1x2x2xf32>) -> tensor<1x2x1x2xf32>
  %to = tosa.const_shape {values = dense<[1, 1, 1, 4]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %f = tosa.reshape %t, %to : (tensor<1x2x1x2xf32>, !tosa.shape<4>) -> tensor<1x1x1x4xf32>
  %wq = lowbit.constant dense<[[[[1, 2, 3, 0]]]]> : tensor<1x1x1x4xi8> as tensor<1x1x1x4x!w>
  %book = arith.constant dense<[[[[0.1], [0.2], [0.3], [0.4]]]]> : tensor<1x1x4x1xf32>
  %w = lowbit.decode %wq with %book : tensor<1x1x4x1xf32> : tensor<1x1x1x4x!w> to tensor<1x1x1x4xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %f, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x4xf32>, tensor<1x1x1x4xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x1xf32>
  return %c : tensor<1x1x1x1xf32>
}

// -----

// A change of format is none that can go.

!u8 = !quant.uniform<u8:f32, 0.5:3>
!other = !quant.uniform<u8:f32, 0.25:3>

// CHECK-LABEL: func.func @other_format
// CHECK: lowbit.encode
func.func @other_format(%q: tensor<4x!u8>) -> tensor<4xf32> {
  %x = lowbit.decode %q : tensor<4x!u8> to tensor<4xf32>
  %e = lowbit.encode %x : tensor<4xf32> to tensor<4x!other>
  %d = lowbit.decode %e : tensor<4x!other> to tensor<4xf32>
  return %d : tensor<4xf32>
}

// -----

// Random words go by position, so that the transpose stays above.

!u8 = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @random_rounding
// CHECK: tosa.transpose
// CHECK: lowbit.encode
// CHECK-SAME: rounding = #lowbit.rounding<stochastic>
// CHECK-SAME: tensor<1x3x4x5xf32>
func.func @random_rounding(%x: tensor<1x4x5x3xf32>) -> tensor<1x4x5x3xf32> {
  %t = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<1x4x5x3xf32>) -> tensor<1x3x4x5xf32>
  %q = lowbit.encode %t {rounding = #lowbit.rounding<stochastic>, seed = 1 : i64, tensor_id = 2 : i64}
    : tensor<1x3x4x5xf32> to tensor<1x3x4x5x!u8>
  %r = lowbit.decode %q : tensor<1x3x4x5x!u8> to tensor<1x3x4x5xf32>
  %y = tosa.transpose %r {perms = array<i32: 0, 2, 3, 1>}
    : (tensor<1x3x4x5xf32>) -> tensor<1x4x5x3xf32>
  return %y : tensor<1x4x5x3xf32>
}
