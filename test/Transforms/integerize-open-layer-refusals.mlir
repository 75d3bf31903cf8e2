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
