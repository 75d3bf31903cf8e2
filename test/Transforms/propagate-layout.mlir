// RUN: lowbit-opt %s -lowbit-propagate-layout | FileCheck %s
// RUN: lowbit-opt %s -lowbit-propagate-layout -o %t.mlir
// RUN: lowbit-opt %t.mlir -lowbit-propagate-layout | diff %t.mlir -

!first = tensor<1x2x4x5xf32>
!last = tensor<1x4x5x2xf32>

// CHECK-LABEL: func.func @cancel
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x5x2xf32>)
// CHECK: %[[C:.*]] = tosa.clamp %[[X]] {{.*}}tensor<1x4x5x2xf32>
// CHECK: return %[[C]]
func.func @cancel(%x: !last) -> !last {
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (!last) -> !first
  %1 = tosa.clamp %0 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!first) -> !first
  %2 = tosa.transpose %1 {perms = array<i32: 0, 2, 3, 1>} : (!first) -> !last
  return %2 : !last
}

// CHECK-LABEL: func.func @residual
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x5x2xf32>, %[[Y:.*]]: tensor<1x4x5x2xf32>)
// CHECK: %[[A:.*]] = tosa.add %[[X]], %[[Y]]
// CHECK: %[[S:.*]] = tosa.sigmoid %[[A]]
// CHECK: %[[T:.*]] = tosa.tanh %[[A]]
// CHECK-NOT: tosa.transpose
// CHECK: return %[[S]], %[[T]]
func.func @residual(%x: !last, %y: !last) -> (!last, !last) {
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (!last) -> !first
  %1 = tosa.transpose %y {perms = array<i32: 0, 3, 1, 2>} : (!last) -> !first
  %2 = tosa.add %0, %1 : (!first, !first) -> !first
  %3 = tosa.sigmoid %2 : (!first) -> !first
  %4 = tosa.tanh %2 : (!first) -> !first
  %5 = tosa.transpose %3 {perms = array<i32: 0, 2, 3, 1>} : (!first) -> !last
  %6 = tosa.transpose %4 {perms = array<i32: 0, 2, 3, 1>} : (!first) -> !last
  return %5, %6 : !last, !last
}

// A constant for each channel, and one for each position.
// CHECK-LABEL: func.func @constants
// CHECK-DAG: %[[CHANNEL:[^ ]+]] = {{.*}}1.000000e+00, 2.000000e+00]]]]> : tensor<1x1x1x2xf32>
// CHECK-DAG: %[[WIDTH:[^ ]+]] = {{.*}}[7.000000e+00]]]]> : tensor<1x1x5x1xf32>
// CHECK: %[[M:.*]] = tosa.mul %{{.*}}, %[[CHANNEL]], %{{.*}} : (tensor<1x4x5x2xf32>
// CHECK: %[[S:.*]] = tosa.sub %[[WIDTH]], %[[M]]
// CHECK: return %[[S]]
func.func @constants(%x: !last) -> !last {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c = "tosa.const"() {values = dense<[[[[1.0]], [[2.0]]]]> : tensor<1x2x1x1xf32>}
    : () -> tensor<1x2x1x1xf32>
  %w = "tosa.const"() {values = dense<[[[[3.0, 4.0, 5.0, 6.0, 7.0]]]]> : tensor<1x1x1x5xf32>}
    : () -> tensor<1x1x1x5xf32>
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (!last) -> !first
  %1 = tosa.mul %0, %c, %shift : (!first, tensor<1x2x1x1xf32>, tensor<1xi8>) -> !first
  %2 = tosa.sub %w, %1 : (tensor<1x1x1x5xf32>, !first) -> !first
  %3 = tosa.transpose %2 {perms = array<i32: 0, 2, 3, 1>} : (!first) -> !last
  return %3 : !last
}

// Squeeze and excite: the vector of factors needs a reshape only.
// CHECK-LABEL: func.func @vector_operand
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x5x2xf32>, %[[F:.*]]: tensor<1x2x1x1xf32>)
// CHECK: %[[R:.*]] = tosa.reshape %[[F]], %{{.*}} -> tensor<1x1x1x2xf32>
// CHECK: %[[M:.*]] = tosa.mul %[[X]], %[[R]]
// CHECK: return %[[M]]
func.func @vector_operand(%x: !last, %f: tensor<1x2x1x1xf32>) -> !last {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (!last) -> !first
  %1 = tosa.mul %0, %f, %shift : (!first, tensor<1x2x1x1xf32>, tensor<1xi8>) -> !first
  %2 = tosa.transpose %1 {perms = array<i32: 0, 2, 3, 1>} : (!first) -> !last
  return %2 : !last
}

// CHECK-LABEL: func.func @axes
// CHECK: %[[C:.*]] = tosa.concat %{{.*}}, %{{.*}} {axis = 3 : i32} : {{.*}} -> tensor<1x4x5x4xf32>
// CHECK: %[[R:.*]] = tosa.reduce_sum %[[C]] {axis = 1 : i32} : {{.*}} -> tensor<1x1x5x4xf32>
// CHECK: %[[S:.*]] = lowbit.softmax %[[R]] {axis = 2 : i64}
// CHECK: return %[[S]]
func.func @axes(%x: !last, %y: !last) -> tensor<1x1x5x4xf32> {
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (!last) -> !first
  %1 = tosa.transpose %y {perms = array<i32: 0, 3, 1, 2>} : (!last) -> !first
  %2 = tosa.concat %0, %1 {axis = 1 : i32} : (!first, !first) -> tensor<1x4x4x5xf32>
  %3 = tosa.reduce_sum %2 {axis = 2 : i32} : (tensor<1x4x4x5xf32>) -> tensor<1x4x1x5xf32>
  %4 = lowbit.softmax %3 {axis = 3 : i64} : tensor<1x4x1x5xf32>
  %5 = tosa.transpose %4 {perms = array<i32: 0, 2, 3, 1>}
    : (tensor<1x4x1x5xf32>) -> tensor<1x1x5x4xf32>
  return %5 : tensor<1x1x5x4xf32>
}

// CHECK-LABEL: func.func @dimension_lists
// CHECK-DAG: %[[PADS:.*]] = tosa.const_shape {{.*}}dense<[0, 0, 3, 4, 5, 6, 1, 2]>
// CHECK-DAG: %[[START:.*]] = tosa.const_shape {{.*}}dense<[0, 2, 3, 1]>
// CHECK-DAG: %[[SIZE:.*]] = tosa.const_shape {{.*}}dense<[1, 7, 8, 3]>
// CHECK: %[[P:.*]] = tosa.pad %{{.*}}, %[[PADS]], {{.*}} -> tensor<1x11x16x5xf32>
// CHECK: %[[S:.*]] = tosa.slice %[[P]], %[[START]], %[[SIZE]] {{.*}} -> tensor<1x7x8x3xf32>
// CHECK: return %[[S]]
func.func @dimension_lists(%x: !last) -> tensor<1x7x8x3xf32> {
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %pads = tosa.const_shape {values = dense<[0, 0, 1, 2, 3, 4, 5, 6]> : tensor<8xindex>}
    : () -> !tosa.shape<8>
  %start = tosa.const_shape {values = dense<[0, 1, 2, 3]> : tensor<4xindex>}
    : () -> !tosa.shape<4>
  %size = tosa.const_shape {values = dense<[1, 3, 7, 8]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (!last) -> !first
  %1 = tosa.pad %0, %pads, %zero
    : (!first, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x5x11x16xf32>
  %2 = tosa.slice %1, %start, %size
    : (tensor<1x5x11x16xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x3x7x8xf32>
  %3 = tosa.transpose %2 {perms = array<i32: 0, 2, 3, 1>}
    : (tensor<1x3x7x8xf32>) -> tensor<1x7x8x3xf32>
  return %3 : tensor<1x7x8x3xf32>
}

// Operations before the first layer: the transpose rises to the argument, and
// a sum of which one operand is channels-first takes a transpose of that one.
// CHECK-LABEL: func.func @rise
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x4x5xf32>, %[[Y:.*]]: tensor<1x4x5x2xf32>)
// CHECK: %[[T:.*]] = tosa.transpose %[[X]] {perms = array<i32: 0, 2, 3, 1>}
// CHECK: %[[E:.*]] = tosa.exp %[[T]]
// CHECK: %[[A:.*]] = tosa.add %[[E]], %[[Y]]
// CHECK-NOT: tosa.transpose
// CHECK: return %[[A]]
func.func @rise(%x: !first, %y: !last) -> !last {
  %0 = tosa.exp %x : (!first) -> !first
  %1 = tosa.transpose %y {perms = array<i32: 0, 3, 1, 2>} : (!last) -> !first
  %2 = tosa.add %0, %1 : (!first, !first) -> !first
  %3 = tosa.transpose %2 {perms = array<i32: 0, 2, 3, 1>} : (!first) -> !last
  return %3 : !last
}

// The one transpose that an argument needs serves all layers that read it.
// CHECK-LABEL: func.func @share
// CHECK-COUNT-1: tosa.transpose
// CHECK-NOT: tosa.transpose
func.func @share(%x: !first) -> (!last, !last) {
  %0 = tosa.transpose %x {perms = array<i32: 0, 2, 3, 1>} : (!first) -> !last
  %1 = tosa.tanh %0 : (!last) -> !last
  %2 = tosa.transpose %x {perms = array<i32: 0, 2, 3, 1>} : (!first) -> !last
  %3 = tosa.sigmoid %2 : (!last) -> !last
  return %1, %3 : !last, !last
}

// CHECK-LABEL: func.func @only_units_move
// CHECK-NOT: tosa.transpose
// CHECK: tosa.reshape %{{.*}} -> tensor<3x1x1x7xf32>
func.func @only_units_move(%x: tensor<3x7x1x1xf32>) -> tensor<3x1x1x7xf32> {
  %0 = tosa.transpose %x {perms = array<i32: 0, 2, 3, 1>}
    : (tensor<3x7x1x1xf32>) -> tensor<3x1x1x7xf32>
  return %0 : tensor<3x1x1x7xf32>
}

// The channel-first inputs of w are c0p0 c0p1 c0p2 c1p0 c1p1 c1p2, numbered
// 0 to 5; channels-last they come as p0c0 p0c1 p1c0 p1c1 p2c0 p2c1.
// CHECK-LABEL: func.func @flatten
// CHECK-SAME: (%[[X:.*]]: tensor<2x1x3x2xf32>)
// CHECK: %[[W:[^ ]+]] = {{.*}}0.000000e+00, 3.000000e+00, 1.000000e+00, 4.000000e+00, 2.000000e+00
// CHECK: %[[A:.*]] = tosa.abs %[[X]]
// CHECK: %[[R:.*]] = tosa.reshape %[[A]], %{{.*}} -> tensor<2x1x1x6xf32>
// CHECK: %[[Y:.*]] = tosa.conv2d %[[R]], %[[W]],
// CHECK: return %[[Y]]
func.func @flatten(%x: tensor<2x1x3x2xf32>) -> tensor<2x1x1x1xf32> {
  %w = "tosa.const"() {values = dense<[[[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]]]]>
    : tensor<1x1x1x6xf32>} : () -> tensor<1x1x1x6xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %s0 = tosa.const_shape {values = dense<[2, 6]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %s1 = tosa.const_shape {values = dense<[2, 1, 1, 6]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<2x1x3x2xf32>) -> tensor<2x2x1x3xf32>
  %1 = tosa.reshape %0, %s0 : (tensor<2x2x1x3xf32>, !tosa.shape<2>) -> tensor<2x6xf32>
  %2 = tosa.abs %1 : (tensor<2x6xf32>) -> tensor<2x6xf32>
  %3 = tosa.reshape %2, %s1 : (tensor<2x6xf32>, !tosa.shape<4>) -> tensor<2x1x1x6xf32>
  %4 = tosa.conv2d %3, %w, %z, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<2x1x1x6xf32>, tensor<1x1x1x6xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<2x1x1x1xf32>
  return %4 : tensor<2x1x1x1xf32>
}

// CHECK-LABEL: func.func @batch_norm
// CHECK: %[[Y:.*]] = lowbit.batch_norm
// CHECK: %[[T:.*]] = tosa.transpose %[[Y]] {perms = array<i32: 0, 2, 1, 3>}
// CHECK: return %[[T]]
func.func @batch_norm(%x: !last, %c: tensor<2xf32>) -> tensor<1x5x4x2xf32> {
  %0 = tosa.transpose %x {perms = array<i32: 0, 2, 1, 3>} : (!last) -> tensor<1x5x4x2xf32>
  %1 = lowbit.batch_norm %0, %c, %c, %c, %c {epsilon = 0.0 : f32}
    : tensor<1x5x4x2xf32>, tensor<2xf32>
  return %1 : tensor<1x5x4x2xf32>
}

// CHECK-LABEL: func.func @batch_norm_channel_moves
// CHECK: %[[T:.*]] = tosa.transpose
// CHECK: %[[Y:.*]] = lowbit.batch_norm %[[T]]
// CHECK: return %[[Y]]
func.func @batch_norm_channel_moves(%x: !last, %c: tensor<5xf32>) -> !first {
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (!last) -> !first
  %1 = lowbit.batch_norm %0, %c, %c, %c, %c {epsilon = 0.0 : f32} : !first, tensor<5xf32>
  return %1 : !first
}

// The reshape splits channels and shuffles them: data must move.
// CHECK-LABEL: func.func @channel_shuffle
// CHECK: tosa.reshape
// CHECK: tosa.transpose
// CHECK: tosa.reshape
func.func @channel_shuffle(%x: tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> {
  %s0 = tosa.const_shape {values = dense<[1, 2, 2, 2, 2]> : tensor<5xindex>} : () -> !tosa.shape<5>
  %s1 = tosa.const_shape {values = dense<[1, 4, 2, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.reshape %x, %s0
    : (tensor<1x4x2x2xf32>, !tosa.shape<5>) -> tensor<1x2x2x2x2xf32>
  %1 = tosa.transpose %0 {perms = array<i32: 0, 2, 1, 3, 4>}
    : (tensor<1x2x2x2x2xf32>) -> tensor<1x2x2x2x2xf32>
  %2 = tosa.reshape %1, %s1
    : (tensor<1x2x2x2x2xf32>, !tosa.shape<4>) -> tensor<1x4x2x2xf32>
  return %2 : tensor<1x4x2x2xf32>
}

// Neither operand is transposed alike: the sum stays where it is.
// CHECK-LABEL: func.func @mixed
// CHECK-COUNT-1: tosa.transpose
// CHECK: tosa.add
// CHECK-NOT: tosa.transpose
func.func @mixed(%x: !last, %y: !first) -> !first {
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (!last) -> !first
  %1 = tosa.add %0, %y : (!first, !first) -> !first
  return %1 : !first
}

// The batch joins the channels: no weights can make up for the transpose.
// CHECK-LABEL: func.func @samples_mixed
// CHECK: tosa.transpose
// CHECK: tosa.conv2d
func.func @samples_mixed(%x: tensor<2x3x2xf32>, %b: tensor<1xf32>) -> tensor<3x1x1x1xf32> {
  %w = "tosa.const"() {values = dense<[[[[0.0, 1.0, 2.0, 3.0]]]]> : tensor<1x1x1x4xf32>}
    : () -> tensor<1x1x1x4xf32>
  %s = tosa.const_shape {values = dense<[3, 1, 1, 4]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.transpose %x {perms = array<i32: 1, 0, 2>} : (tensor<2x3x2xf32>) -> tensor<3x2x2xf32>
  %1 = tosa.reshape %0, %s : (tensor<3x2x2xf32>, !tosa.shape<4>) -> tensor<3x1x1x4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %4 = tosa.conv2d %1, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<3x1x1x4xf32>, tensor<1x1x1x4xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<3x1x1x1xf32>
  return %4 : tensor<3x1x1x1xf32>
}

// Axes move with the dimensions and stay in ascending order.
// CHECK-LABEL: func.func @composites
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x5x2xf32>)
// CHECK-DAG: %[[SCALE:.*]] = "tosa.const"() <{values = dense<{{\[+}}3.0{{.*}}> : tensor<1x1x1x2xf32>}>
// CHECK-DAG: %[[OFFSET:.*]] = "tosa.const"() <{values = dense<5.0{{.*}}> : tensor<1x1x1x1xf32>}>
// CHECK: %[[N:.*]] = lowbit.layer_norm %[[X]], %[[SCALE]], %[[OFFSET]] {axes = array<i64: 2, 3>
// CHECK: %[[A:.*]] = lowbit.activation %[[N]] {function = #lowbit.function<gelu>}
// CHECK: %[[L:.*]] = lowbit.log_softmax %[[A]] {axis = 3 : i64}
// CHECK: return %[[L]]
func.func @composites(%x: !last) -> !last {
  %scale = "tosa.const"() {values = dense<[[[[3.0]], [[4.0]]]]> : tensor<1x2x1x1xf32>}
    : () -> tensor<1x2x1x1xf32>
  %offset = "tosa.const"() {values = dense<5.0> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (!last) -> !first
  %1 = lowbit.layer_norm %0, %scale, %offset {axes = array<i64: 1, 3>, epsilon = 0.5 : f32}
    : !first, tensor<1x2x1x1xf32>, tensor<1x1x1x1xf32>
  %2 = lowbit.activation %1 {function = #lowbit.function<gelu>} : !first
  %3 = lowbit.log_softmax %2 {axis = 1 : i64} : !first
  %4 = tosa.transpose %3 {perms = array<i32: 0, 2, 3, 1>} : (!first) -> !last
  return %4 : !last
}

// A scale that is computed would need a transpose of its own.
// CHECK-LABEL: func.func @layer_norm_computed_scale
// CHECK: %[[T:.*]] = tosa.transpose
// CHECK: lowbit.layer_norm %[[T]], %{{.*}} {axes = array<i64: 1>
func.func @layer_norm_computed_scale(%x: !last, %scale: !first) -> !first {
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>} : (!last) -> !first
  %1 = lowbit.layer_norm %0, %scale, %scale {axes = array<i64: 1>, epsilon = 0.5 : f32}
    : !first, !first, !first
  return %1 : !first
}
