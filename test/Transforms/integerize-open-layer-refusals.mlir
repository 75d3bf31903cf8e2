// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s

// What stays in float: layers whose result is encoded further down, ...

!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.3>

// CHECK-LABEL: func.func @encoded_later
// CHECK: tosa.matmul
// CHECK-NOT: lowbit.contract
func.func @encoded_later(%q: tensor<1x4x2x!x>) -> (tensor<1x4x2xf32>, tensor<1x4x2x!x>) {
  %x = lowbit.decode %q : tensor<1x4x2x!x> to tensor<1x4x2xf32>
  %wq = lowbit.constant dense<1> : tensor<1x2x2xi8> as tensor<1x2x2x!w>
  %w = lowbit.decode %wq : tensor<1x2x2x!w> to tensor<1x2x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x2xf32>, tensor<1x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x2xf32>
  %s = lowbit.softmax %c {axis = 2 : i64} : tensor<1x4x2xf32>
  %e = lowbit.encode %s : tensor<1x4x2xf32> to tensor<1x4x2x!x>
  return %c, %e : tensor<1x4x2xf32>, tensor<1x4x2x!x>
}

// -----

// ... those of the recipe, ...

!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.3>

// CHECK-LABEL: func.func @recipe
// CHECK-NOT: lowbit.contract
func.func @recipe(%q: tensor<1x4x2x!x>) -> tensor<1x4x2xf32> {
  %x = lowbit.decode %q : tensor<1x4x2x!x> to tensor<1x4x2xf32>
  %wq = lowbit.constant dense<1> : tensor<1x2x2xi8> as tensor<1x2x2x!w>
  %w = lowbit.decode %wq : tensor<1x2x2x!w> to tensor<1x2x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z {lowbit.reason = "the recipe leaves it in float"}
    : (tensor<1x4x2xf32>, tensor<1x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x2xf32>
  return %c : tensor<1x4x2xf32>
}

// -----

// ... and those with other scales in each matrix.

!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32:0, {0.3, 0.2}>

// CHECK-LABEL: func.func @matrices
// CHECK: tosa.matmul {{.*}} {lowbit.reason = "the scales of its weights differ between matrices"}
func.func @matrices(%q: tensor<2x4x2x!x>) -> tensor<2x4x3xf32> {
  %x = lowbit.decode %q : tensor<2x4x2x!x> to tensor<2x4x2xf32>
  %wq = lowbit.constant dense<1> : tensor<2x2x3xi8> as tensor<2x2x3x!w>
  %w = lowbit.decode %wq : tensor<2x2x3x!w> to tensor<2x2x3xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<2x4x2xf32>, tensor<2x2x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x4x3xf32>
  return %c : tensor<2x4x3xf32>
}

// -----

// An i32 format with other scales than a layer's is none of sums.

!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32:2, {0.3, 0.2}>
!s = !quant.uniform<i32:f32:1, {0.3, 0.2, 0.1, 0.4}>

// CHECK-LABEL: func.func @axis
// CHECK: tosa.matmul {{.*}} {lowbit.reason = "its format is not per tensor"}
func.func @axis(%q: tensor<1x4x2x!x>) -> tensor<1x4x2x!s> {
  %x = lowbit.decode %q : tensor<1x4x2x!x> to tensor<1x4x2xf32>
  %wq = lowbit.constant dense<1> : tensor<1x2x2xi8> as tensor<1x2x2x!w>
  %w = lowbit.decode %wq : tensor<1x2x2x!w> to tensor<1x2x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x2xf32>, tensor<1x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x2xf32>
  %e = lowbit.encode %c : tensor<1x4x2xf32> to tensor<1x4x2x!s>
  return %e : tensor<1x4x2x!s>
}

// -----

// The sums are codes, but what takes their channels apart is computed on real numbers.

!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32:2, {0.25, 0.5}>

// CHECK-LABEL: func.func @apart
// CHECK: lowbit.contract
// CHECK: lowbit.decode
// CHECK: tosa.reshape {{.*}} {lowbit.reason = "{{.*}}it takes apart what has a scale{{.*}}"}
func.func @apart(%q: tensor<1x4x3x!x>) -> tensor<8xf32> {
  %x = lowbit.decode %q : tensor<1x4x3x!x> to tensor<1x4x3xf32>
  %wq = lowbit.constant dense<1> : tensor<1x3x2xi8> as tensor<1x3x2x!w>
  %w = lowbit.decode %wq : tensor<1x3x2x!w> to tensor<1x3x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x3xf32>, tensor<1x3x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x2xf32>
  %shape = tosa.const_shape {values = dense<8> : tensor<1xindex>} : () -> !tosa.shape<1>
  %r = tosa.reshape %c, %shape : (tensor<1x4x2xf32>, !tosa.shape<1>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// -----

// A matmul has no bias for a term. Its sums are integers all the same.

!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>

// CHECK-LABEL: func.func @term
// CHECK: lowbit.contract
// CHECK: lowbit.decode
// CHECK: tosa.add {{.*}} {lowbit.reason = "its layer has no place for a factor and a term of each channel"}
func.func @term(%q: tensor<1x4x2x!x>) -> tensor<1x4x2xf32> {
  %x = lowbit.decode %q : tensor<1x4x2x!x> to tensor<1x4x2xf32>
  %wq = lowbit.constant dense<1> : tensor<1x2x2xi8> as tensor<1x2x2x!w>
  %w = lowbit.decode %wq : tensor<1x2x2x!w> to tensor<1x2x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x2xf32>, tensor<1x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x2xf32>
  %one = "tosa.const"() {values = dense<1.0> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %a = tosa.add %c, %one : (tensor<1x4x2xf32>, tensor<1x1x1xf32>) -> tensor<1x4x2xf32>
  return %a : tensor<1x4x2xf32>
}

// -----

// Factors and terms behind a clamp are no part of the sums.

!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>

// CHECK-LABEL: func.func @clamp
// CHECK: lowbit.contract
// CHECK: lowbit.decode
// CHECK: tosa.add {{.*}} {lowbit.reason = "a clamp stands between it and its layer"}
func.func @clamp(%q: tensor<4x1x1x2x!x>) -> tensor<4x1x1x2xf32> {
  %x = lowbit.decode %q : tensor<4x1x1x2x!x> to tensor<4x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 2]]], [[[1, 4]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x2xf32>
  %k = tosa.clamp %c {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<4x1x1x2xf32>) -> tensor<4x1x1x2xf32>
  %one = "tosa.const"() {values = dense<1.0> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %a = tosa.add %k, %one : (tensor<4x1x1x2xf32>, tensor<1x1x1x1xf32>) -> tensor<4x1x1x2xf32>
  return %a : tensor<4x1x1x2xf32>
}

// -----

// Terms that are no finite numbers have no codes.

!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>

// CHECK-LABEL: func.func @infinite
// CHECK: lowbit.contract
// CHECK: lowbit.decode
// CHECK: tosa.add {{.*}} {lowbit.reason = "a factor or term behind its layer is not a finite number"}
func.func @infinite(%q: tensor<4x1x1x2x!x>) -> tensor<4x1x1x2xf32> {
  %x = lowbit.decode %q : tensor<4x1x1x2x!x> to tensor<4x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 2]]], [[[1, 4]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x2xf32>
  %one = "tosa.const"() {values = dense<0x7F800000> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %a = tosa.add %c, %one : (tensor<4x1x1x2xf32>, tensor<1x1x1x1xf32>) -> tensor<4x1x1x2xf32>
  return %a : tensor<4x1x1x2xf32>
}

// -----

// The scales are those of f32.

!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>

// CHECK-LABEL: func.func @tiny
// CHECK: lowbit.contract
// CHECK: lowbit.decode
// CHECK: tosa.mul {{.*}} {lowbit.reason = "a factor or term of its batch norm leaves the range of f32"}
func.func @tiny(%q: tensor<4x1x1x2x!x>) -> tensor<4x1x1x2xf32> {
  %x = lowbit.decode %q : tensor<4x1x1x2x!x> to tensor<4x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 2]]], [[[1, 4]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x2xf32>
  %one = "tosa.const"() {values = dense<1.0e-38> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %a = tosa.mul %c, %one, %shift : (tensor<4x1x1x2xf32>, tensor<1x1x1x1xf32>, tensor<1xi8>) -> tensor<4x1x1x2xf32>
  return %a : tensor<4x1x1x2xf32>
}

// -----

// What the recipe leaves in float stays there.

!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>

// CHECK-LABEL: func.func @kept
// CHECK: lowbit.contract
// CHECK: lowbit.decode
// CHECK: tosa.add {{.*}} {lowbit.reason = "the recipe leaves it in float"}
func.func @kept(%q: tensor<4x1x1x2x!x>) -> tensor<4x1x1x2xf32> {
  %x = lowbit.decode %q : tensor<4x1x1x2x!x> to tensor<4x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 2]]], [[[1, 4]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x2xf32>
  %one = "tosa.const"() {values = dense<1.0> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %a = tosa.add %c, %one {lowbit.reason = "the recipe leaves it in float"} : (tensor<4x1x1x2xf32>, tensor<1x1x1x1xf32>) -> tensor<4x1x1x2xf32>
  return %a : tensor<4x1x1x2xf32>
}
