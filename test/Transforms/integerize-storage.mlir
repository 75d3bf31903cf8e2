// RUN: lowbit-opt %s -lowbit-integerize -canonicalize -lowbit-materialize-codes -split-input-file | FileCheck %s

// What is said of a constant's storage stays with it, whatever is made of its codes.

// Codes as they are.
// CHECK-LABEL: func.func @affine
// CHECK: arith.constant {lowbit.storage = #lowbit.storage<packed>} dense<{{.*}}0, 1{{.*}}2, 3
!x = !quant.uniform<u2:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.5>
!y = !quant.uniform<i8:f32, 0.25>
func.func @affine(%q: tensor<1x1x1x2x!x>) -> tensor<1x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[0, 1]]], [[[2, 3]]]]> : tensor<2x1x1x2xi8> {lowbit.storage = #lowbit.storage<packed>} as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %c : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o : tensor<1x1x1x2x!y>
}

// -----

// Steps from a zero point.
// CHECK-LABEL: func.func @zero_point
// CHECK: arith.constant {lowbit.storage = #lowbit.storage<packed>} dense<{{.*}}-1, 0{{.*}}1, 2
!x = !quant.uniform<u2:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.5:1>
!y = !quant.uniform<i8:f32, 0.25>
func.func @zero_point(%q: tensor<1x1x1x2x!x>) -> tensor<1x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[0, 1]]], [[[2, 3]]]]> : tensor<2x1x1x2xi8> {lowbit.storage = #lowbit.storage<packed>} as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %c : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o : tensor<1x1x1x2x!y>
}

// -----

// Steps of a format of one term.
// CHECK-LABEL: func.func @planes
// CHECK: arith.constant {lowbit.storage = #lowbit.storage<packed>} dense<{{.*}}-3, -1{{.*}}1, 3
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.planes<sign x 2, [1.0, 2.0]>
!y = !quant.uniform<i8:f32, 0.25>
func.func @planes(%q: tensor<1x1x1x2x!x>) -> tensor<1x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[0, 1]]], [[[2, 3]]]]> : tensor<2x1x1x2xi8> {lowbit.storage = #lowbit.storage<packed>} as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %c : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o : tensor<1x1x1x2x!y>
}

// -----

// Entries of a codebook.
// CHECK-LABEL: func.func @codebook
// CHECK: arith.constant {lowbit.storage = #lowbit.storage<packed>} dense<{{.*}}-3, 1{{.*}}4, 4
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.codebook<u2>
!y = !quant.uniform<i8:f32, 0.25>
func.func @codebook(%q: tensor<1x1x1x2x!x>) -> tensor<1x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[0, 1]]], [[[2, 3]]]]> : tensor<2x1x1x2xi8> {lowbit.storage = #lowbit.storage<packed>} as tensor<2x1x1x2x!w>
  %book = arith.constant dense<[[[[-0.75], [0.25], [1.0]]]]> : tensor<1x1x3x1xf32>
  %w = lowbit.decode %wq with %book : tensor<1x1x3x1xf32> : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %c : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o : tensor<1x1x1x2x!y>
}

// -----

// Groups, which are a dimension of their own.
// CHECK-LABEL: func.func @groups
// CHECK: arith.constant {lowbit.storage = #lowbit.storage<packed>} dense<{{.*}}1{{.*}}2
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.affine<i4, axis = 3, group = 1>
!y = !quant.uniform<i8:f32, 0.25>
func.func @groups(%q: tensor<1x1x1x2x!x>) -> tensor<1x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[0, 1]]], [[[2, 3]]]]> : tensor<2x1x1x2xi8> {lowbit.storage = #lowbit.storage<packed>} as tensor<2x1x1x2x!w>
  %scales = arith.constant dense<1.0> : tensor<2x1x1x2xf32>
  %w = lowbit.decode %wq with %scales : tensor<2x1x1x2xf32> : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %c : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o : tensor<1x1x1x2x!y>
}

// -----

// Terms that are layers of their own: one constant for each.
// CHECK-LABEL: func.func @terms
// CHECK-COUNT-2: arith.constant {lowbit.storage = #lowbit.storage<packed>} dense<
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.planes<sign x 2, [1.0, 0.3]>
!y = !quant.uniform<i8:f32, 0.25>
func.func @terms(%q: tensor<1x1x1x2x!x>) -> tensor<1x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x2x!x> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[0, 1]]], [[[2, 3]]]]> : tensor<2x1x1x2xi8> {lowbit.storage = #lowbit.storage<packed>} as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %c : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o : tensor<1x1x1x2x!y>
}

// -----

// Other meanings of the codes, and other places.
// CHECK-LABEL: func.func @moved
// CHECK: arith.constant {lowbit.storage = #lowbit.storage<huffman>} dense<
!w = !quant.uniform<i8:f32, 0.5>
func.func @moved() -> tensor<3x!quant.uniform<i8:f32, 2.0>> {
  %q = lowbit.constant dense<[1, 2, 3]> : tensor<3xi8> {lowbit.storage = #lowbit.storage<huffman>} as tensor<3x!w>
  %r = lowbit.reinterpret %q : tensor<3x!w> to tensor<3x!quant.uniform<i8:f32, 2.0>>
  return %r : tensor<3x!quant.uniform<i8:f32, 2.0>>
}
