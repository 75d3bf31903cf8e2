// RUN: lowbit-opt %s -lowbit-observe -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-observe -split-input-file > %t.once
// RUN: lowbit-opt %t.once -lowbit-observe -split-input-file | diff %t.once -

!x = tensor<1x4x4x2xf32>
!w = tensor<2x1x1x2xf32>
!b = tensor<2xf32>
!z = tensor<1xf32>

// A unit is observed at its last value, under the name of its first operation.
// CHECK-LABEL: func.func @conv_clamp
// CHECK-SAME: %[[X:.*]]: tensor<1x4x4x2xf32>
func.func @conv_clamp(%x: !x {lowbit.name = "image"}, %b: !b) -> !x {
  // CHECK: %[[XO:.*]] = lowbit.observe %[[X]] {name = "image", role = #lowbit.role<activation>}
  // CHECK: %[[W:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<2x1x1x2xf32>}>
  // CHECK: %[[WO:.*]] = lowbit.observe %[[W]] {name = "conv1.weight", role = #lowbit.role<weight>}
  // CHECK: %[[Y:.*]] = tosa.conv2d %[[XO]], %[[WO]],
  // CHECK-NOT: observe %[[Y]]
  // CHECK: %[[Z:.*]] = tosa.clamp %[[Y]]
  // CHECK: %[[ZO:.*]] = lowbit.observe %[[Z]] {name = "conv1", role = #lowbit.role<activation>}
  // CHECK: %[[S:.*]] = tosa.sigmoid %[[ZO]]
  // CHECK: %[[SO:.*]] = lowbit.observe %[[S]] {name = "sigmoid", role = #lowbit.role<head>}
  // CHECK: return %[[SO]]
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  %bias = "tosa.const"() <{values = dense<1.0> : !b}> : () -> !b
  %y = tosa.conv2d %x, %w, %bias, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !b, !z, !z) -> !x loc("conv1")
  %z = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!x) -> !x loc("relu1")
  %s = tosa.sigmoid %z : (!x) -> !x
  return %s : !x
}

// -----

!x = tensor<1x4x4x2xf32>
!w = tensor<2x1x1x2xf32>
!b = tensor<2xf32>
!z = tensor<1xf32>

// Of two convolutions that are added, the first operand's goes on with the
// addition. A shared constant is observed once for each layer. Equal names get
// suffixes in the order of the program.
// CHECK-LABEL: func.func @residual
func.func @residual(%x: !x) -> !x {
  // CHECK: %[[XO:.*]] = lowbit.observe %{{.*}} {name = "arg0",
  // CHECK: %[[W1:.*]] = lowbit.observe %[[W:.*]] {name = "conv.weight", role = #lowbit.role<weight>}
  // CHECK: %[[A:.*]] = tosa.depthwise_conv2d %[[XO]], %[[W1]]
  // CHECK-NOT: observe %[[A]]
  // CHECK: %[[W2:.*]] = lowbit.observe %[[W]] {name = "conv_1.weight"
  // CHECK: %[[B:.*]] = tosa.depthwise_conv2d %[[XO]], %[[W2]]
  // CHECK: %[[BO:.*]] = lowbit.observe %[[B]] {name = "conv_1",
  // CHECK: %[[S:.*]] = tosa.add %[[A]], %[[BO]]
  // CHECK-NOT: observe %[[S]]
  // CHECK: %[[C:.*]] = tosa.clamp %[[S]]
  // CHECK: %[[CO:.*]] = lowbit.observe %[[C]] {name = "conv",
  // CHECK: %[[T:.*]] = tosa.tanh %[[CO]]
  // CHECK: %[[TO:.*]] = lowbit.observe %[[T]] {name = "conv_2", role = #lowbit.role<head>}
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<1.0> : tensor<1x1x2x1xf32>}> : () -> tensor<1x1x2x1xf32>
  %b = "tosa.const"() <{values = dense<1.0> : !b}> : () -> !b
  %a0 = tosa.depthwise_conv2d %x, %w, %b, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, tensor<1x1x2x1xf32>, !b, !z, !z) -> !x loc("conv")
  %b0 = tosa.depthwise_conv2d %x, %w, %b, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, tensor<1x1x2x1xf32>, !b, !z, !z) -> !x loc("conv")
  %s = tosa.add %a0, %b0 : (!x, !x) -> !x loc("add")
  %c = tosa.clamp %s {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!x) -> !x
  %t = tosa.tanh %c : (!x) -> !x loc(fused["conv"("m.onnx":1:1), "act"])
  return %t : !x
}

// -----

!x = tensor<1x4x4x2xf32>
!p = tensor<1x2x2x2xf32>
!m = tensor<1x8xf32>

// Data movement is not observed. What leads through it to softmax or to a
// result only is a head, and so is the result of softmax.
// CHECK-LABEL: func.func @heads
func.func @heads(%x: !x) -> (!m, !x) {
  // CHECK: %[[XO:.*]] = lowbit.observe
  // CHECK: %[[T:.*]] = tosa.tanh %[[XO]]
  // CHECK: %[[TO:.*]] = lowbit.observe %[[T]] {name = "tanh", role = #lowbit.role<head>}
  // CHECK: %[[P:.*]] = tosa.max_pool2d %[[TO]]
  // CHECK-NOT: observe %[[P]]
  // CHECK: %[[R:.*]] = tosa.reshape %[[P]]
  // CHECK-NOT: observe %[[R]]
  // CHECK: %[[S:.*]] = lowbit.softmax %[[R]]
  // CHECK: %[[SO:.*]] = lowbit.observe %[[S]] {name = "softmax", role = #lowbit.role<head>}
  // CHECK: %[[E:.*]] = tosa.exp %[[XO]]
  // CHECK: %[[EO:.*]] = lowbit.observe %[[E]] {name = "exp", role = #lowbit.role<activation>}
  // CHECK: %[[F:.*]] = tosa.floor %[[EO]]
  // CHECK-NEXT: %[[A:.*]] = tosa.abs %[[EO]]
  // CHECK: return %[[SO]], %[[EO]]
  %t = tosa.tanh %x : (!x) -> !x
  %p = tosa.max_pool2d %t {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
      pad = array<i64: 0, 0, 0, 0>} : (!x) -> !p
  %shape = tosa.const_shape {values = dense<[1, 8]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r = tosa.reshape %p, %shape : (!p, !tosa.shape<2>) -> !m
  %s = lowbit.softmax %r {axis = 1 : i64} : !m
  %e = tosa.exp %x : (!x) -> !x
  // Nothing uses this, nor the next.
  %f = tosa.floor %e : (!x) -> !x
  %a = tosa.abs %e : (!x) -> !x
  return %s, %e : !m, !x
}

// CHECK-LABEL: func.func @log_softmax
func.func @log_softmax(%x: !m) -> !m {
  // CHECK: lowbit.observe %{{.*}} {name = "tanh_1", role = #lowbit.role<head>}
  // CHECK: lowbit.observe %{{.*}} {name = "log_softmax", role = #lowbit.role<head>}
  %t = tosa.tanh %x : (!m) -> !m
  %s = lowbit.log_softmax %t {axis = 1 : i64} : !m
  return %s : !m
}

// -----

!x = tensor<1x4x4x2xf32>
!y = tensor<1x4x4x4xf32>
!c = tensor<1x1x1x2xf32>

// Constants that meet activations get a format too. An accumulator has no
// residual that is broadcast.
// CHECK-LABEL: func.func @constants
func.func @constants(%x: !x) -> !y {
  // CHECK: %[[XO:.*]] = lowbit.observe
  // CHECK: %[[C:.*]] = "tosa.const"() <{values = dense<1.500000e+00>
  // CHECK: %[[Y:.*]] = tosa.depthwise_conv2d
  // CHECK: %[[YO:.*]] = lowbit.observe %[[Y]] {name = "dw",
  // CHECK: %[[CO:.*]] = lowbit.observe %[[C]] {name = "bias.constant", role = #lowbit.role<head>}
  // CHECK: %[[A:.*]] = tosa.add %[[YO]], %[[CO]]
  // CHECK: %[[AO:.*]] = lowbit.observe %[[A]] {name = "bias", role = #lowbit.role<activation>}
  // CHECK: %[[KO:.*]] = lowbit.observe %{{.*}} {name = "concat.constant",
  // CHECK: %[[K:.*]] = tosa.concat %[[AO]], %[[KO]]
  // CHECK: lowbit.observe %[[K]] {name = "concat", role = #lowbit.role<head>}
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %c = "tosa.const"() <{values = dense<1.5> : !c}> : () -> !c
  %k = "tosa.const"() <{values = dense<2.0> : !x}> : () -> !x
  %w = "tosa.const"() <{values = dense<1.0> : tensor<1x1x2x1xf32>}> : () -> tensor<1x1x2x1xf32>
  %b = "tosa.const"() <{values = dense<1.0> : tensor<2xf32>}> : () -> tensor<2xf32>
  %y = tosa.depthwise_conv2d %x, %w, %b, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, tensor<1x1x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> !x loc("dw")
  %a = tosa.add %y, %c : (!x, !c) -> !x loc("bias")
  %j = tosa.concat %a, %k {axis = 3 : i32} : (!x, !x) -> !y
  return %j : !y
}

// -----

!x = tensor<2x3xf32>
!y = tensor<2x5xf32>

// Zeros around codes are codes; other numbers may not be.
// CHECK-LABEL: func.func @pads
func.func @pads(%x: !x) -> (!y, !y) {
  // CHECK: %[[XO:.*]] = lowbit.observe
  // CHECK: %[[Z:.*]] = tosa.pad %[[XO]]
  // CHECK: %[[O:.*]] = tosa.pad %[[XO]]
  // CHECK: %[[OO:.*]] = lowbit.observe %[[O]] {name = "pad", role = #lowbit.role<head>}
  // CHECK: return %[[Z]], %[[OO]]
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %one = "tosa.const"() <{values = dense<1.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %shape = tosa.const_shape {values = dense<[0, 0, 1, 1]> : tensor<4xindex>}
      : () -> !tosa.shape<4>
  %z = tosa.pad %x, %shape, %zero : (!x, !tosa.shape<4>, tensor<1xf32>) -> !y
  %o = tosa.pad %x, %shape, %one : (!x, !tosa.shape<4>, tensor<1xf32>) -> !y
  return %z, %o : !y, !y
}

// -----

// Integers are codes already.
// CHECK-LABEL: func.func @integers
// CHECK-NOT: lowbit.observe
func.func @integers(%x: tensor<4xi8>) -> tensor<4xi8> {
  %y = tosa.abs %x : (tensor<4xi8>) -> tensor<4xi8>
  return %y : tensor<4xi8>
}
