// RUN: lowbit-opt %s -lowbit-integerize=require-integer -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize="profile=onnx require-integer" -split-input-file \
// RUN:   | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize="profile=tflite-double require-integer" -split-input-file \
// RUN:   | FileCheck %s

// A layer whose result leaves the program in float is the decode of its sums. The bias of
// 1.0 is 6.67 steps of 0.5 * 0.3, or 436906.67 of 2^-16 of it; the zero point takes
// 3 * (1 + 2) * 2^16 and 3 * (1 + 4) * 2^16 away.

!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.3>

// CHECK-LABEL: func.func @per_tensor
// CHECK-DAG: arith.constant dense<[-152917, -546133]>
// CHECK: lowbit.contract
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: i32, %[[BIAS:.*]]: i32):
// CHECK-NEXT: %[[FINE:.*]] = arith.shli %[[SUM]], %c16_i32
// CHECK-NEXT: %[[ADDED:.*]] = arith.addi %[[FINE]], %[[BIAS]]
// CHECK-NEXT: lowbit.yield %[[ADDED]]
// CHECK: -> tensor<4x1x1x2x!quant.uniform<i32:f32, 2.288818{{[0-9]*}}E-6>>
// CHECK: %[[D:.*]] = lowbit.decode
// CHECK: return %[[D]]
func.func @per_tensor(%q: tensor<4x1x1x2x!x>) -> tensor<4x1x1x2xf32> {
  %x = lowbit.decode %q : tensor<4x1x1x2x!x> to tensor<4x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 2]]], [[[1, 4]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x2xf32>
  return %c : tensor<4x1x1x2xf32>
}

// -----

// Sums have a scale for each channel where the weights have.

!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32:2, {0.25, 0.5}>

// CHECK-LABEL: func.func @per_channel
// CHECK: %[[S:.*]] = lowbit.contract
// CHECK: -> tensor<1x4x2x!quant.uniform<i32:f32, 1.000000e+00>>
// CHECK: %[[R:.*]] = lowbit.reinterpret %[[S]] : {{.*}} to tensor<1x4x2x!quant.uniform<i32:f32:2, {1.250000e-01,2.500000e-01}>>
// CHECK: %[[D:.*]] = lowbit.decode %[[R]]
// CHECK: return %[[D]]
func.func @per_channel(%q: tensor<1x4x3x!x>) -> tensor<1x4x2xf32> {
  %x = lowbit.decode %q : tensor<1x4x3x!x> to tensor<1x4x3xf32>
  %wq = lowbit.constant dense<1> : tensor<1x3x2xi8> as tensor<1x3x2x!w>
  %w = lowbit.decode %wq : tensor<1x3x2x!w> to tensor<1x3x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x3xf32>, tensor<1x3x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x2xf32>
  return %c : tensor<1x4x2xf32>
}

// -----

// What moves the result moves the sums, and the axis of their scales.

!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32:2, {0.25, 0.5}>

// CHECK-LABEL: func.func @moved
// CHECK: %[[S:.*]] = lowbit.contract
// CHECK: %[[C:.*]] = tensor.collapse_shape %{{.*}} {{.*}} into tensor<4x2x!quant.uniform<i32:f32, 1.000000e+00>>
// CHECK: %[[T:.*]] = lowbit.transpose
// CHECK: %[[R:.*]] = lowbit.reinterpret %[[T]] : {{.*}} to tensor<2x4x!quant.uniform<i32:f32:0, {1.250000e-01,2.500000e-01}>>
// CHECK: %[[D:.*]] = lowbit.decode %[[R]]
// CHECK: return %[[D]]
func.func @moved(%q: tensor<1x4x3x!x>) -> tensor<2x4xf32> {
  %x = lowbit.decode %q : tensor<1x4x3x!x> to tensor<1x4x3xf32>
  %wq = lowbit.constant dense<1> : tensor<1x3x2xi8> as tensor<1x3x2x!w>
  %w = lowbit.decode %wq : tensor<1x3x2x!w> to tensor<1x3x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x3xf32>, tensor<1x3x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x2xf32>
  %shape = tosa.const_shape {values = dense<[4, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r = tosa.reshape %c, %shape : (tensor<1x4x2xf32>, !tosa.shape<2>) -> tensor<4x2xf32>
  %t = tosa.transpose %r {perms = array<i32: 1, 0>} : (tensor<4x2xf32>) -> tensor<2x4xf32>
  return %t : tensor<2x4xf32>
}

// -----

// Factors and terms that follow go into the scale and the bias, across reshapes, but for
// the last one. Sums in steps of 0.125 * 0.25 * 2 get (-1.5 * 0.25 * 2 + 2) / (0.125 * 0.25 * 2) = 20.

!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>

// CHECK-LABEL: func.func @factors
// CHECK-NOT: tosa.sub
// CHECK-DAG: arith.constant dense<20> : tensor<2xi32>
// CHECK: %[[S:.*]] = lowbit.contract
// CHECK: arith.addi
// CHECK-NEXT: lowbit.yield
// CHECK: -> tensor<4x1x1x2x!quant.uniform<i32:f32, 6.250000e-02>>
// CHECK: %[[C:.*]] = tensor.collapse_shape %[[S]]
// CHECK: %[[D:.*]] = lowbit.decode %[[C]]
// CHECK-NEXT: return %[[D]]
func.func @factors(%q: tensor<4x1x1x2x!x>) -> tensor<8xf32> {
  %x = lowbit.decode %q : tensor<4x1x1x2x!x> to tensor<4x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 2]]], [[[1, 4]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x2xf32>
  %shape = tosa.const_shape {values = dense<[4, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %flat = tosa.const_shape {values = dense<8> : tensor<1xindex>} : () -> !tosa.shape<1>
  %r = tosa.reshape %c, %shape : (tensor<4x1x1x2xf32>, !tosa.shape<2>) -> tensor<4x2xf32>
  %mean = "tosa.const"() {values = dense<1.5> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %quarter = "tosa.const"() {values = dense<0.25> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %two = "tosa.const"() {values = dense<2.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.sub %r, %mean : (tensor<4x2xf32>, tensor<1x1xf32>) -> tensor<4x2xf32>
  %1 = tosa.mul %0, %quarter, %shift : (tensor<4x2xf32>, tensor<1x1xf32>, tensor<1xi8>) -> tensor<4x2xf32>
  %2 = tosa.mul %1, %two, %shift : (tensor<4x2xf32>, tensor<1x1xf32>, tensor<1xi8>) -> tensor<4x2xf32>
  %3 = tosa.add %2, %two : (tensor<4x2xf32>, tensor<1x1xf32>) -> tensor<4x2xf32>
  %4 = tosa.reshape %3, %flat : (tensor<4x2xf32>, !tosa.shape<1>) -> tensor<8xf32>
  return %4 : tensor<8xf32>
}

// -----

// A factor for each channel is a scale for each channel: steps are negated below 0, and
// there are none where it is 0. What is left then is the term, 0.75, or 2^29 steps of 0.75 * 2^-29.

!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>

// CHECK-LABEL: func.func @each_channel
// CHECK-DAG: arith.constant dense<[4, 536870912]> : tensor<2xi32>
// CHECK-DAG: lowbit.constant dense<{{\[\[\[\[}}-1, -2]]], {{\[\[\[}}0, 0]]]]>
// CHECK: lowbit.contract
// CHECK: %[[R:.*]] = lowbit.reinterpret %{{.*}} to tensor<4x1x1x2x!quant.uniform<i32:f32:3, {6.250000e-02,{{1.396[0-9]*E-9}}}>>
// CHECK: %[[D:.*]] = lowbit.decode %[[R]]
// CHECK-NEXT: return %[[D]], %[[D]]
func.func @each_channel(%q: tensor<4x1x1x2x!x>) -> (tensor<4x1x1x2xf32>, tensor<4x1x1x2xf32>) {
  %x = lowbit.decode %q : tensor<4x1x1x2x!x> to tensor<4x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 2]]], [[[1, 4]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x2xf32>
  %scale = "tosa.const"() {values = dense<[-0.5, 0.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %offset = "tosa.const"() {values = dense<[0.25, 0.75]> : tensor<2xf32>} : () -> tensor<2xf32>
  %mean = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %variance = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %n = lowbit.batch_norm %c, %scale, %offset, %mean, %variance {epsilon = 0.0 : f32}
    : tensor<4x1x1x2xf32>, tensor<2xf32>
  return %n, %n : tensor<4x1x1x2xf32>, tensor<4x1x1x2xf32>
}

// -----

// A matmul takes factors.

!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>

// CHECK-LABEL: func.func @matmul
// CHECK: -> tensor<1x4x2x!quant.uniform<i32:f32, 6.250000e-02>>
// CHECK: %[[D:.*]] = lowbit.decode
// CHECK-NEXT: return %[[D]]
func.func @matmul(%q: tensor<1x4x3x!x>) -> tensor<1x4x2xf32> {
  %x = lowbit.decode %q : tensor<1x4x3x!x> to tensor<1x4x3xf32>
  %wq = lowbit.constant dense<1> : tensor<1x3x2xi8> as tensor<1x3x2x!w>
  %w = lowbit.decode %wq : tensor<1x3x2x!w> to tensor<1x3x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x3xf32>, tensor<1x3x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x2xf32>
  %half = "tosa.const"() {values = dense<0.5> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %m = tosa.mul %c, %half, %shift : (tensor<1x4x2xf32>, tensor<1x1x1xf32>, tensor<1xi8>) -> tensor<1x4x2xf32>
  return %m : tensor<1x4x2xf32>
}
