// RUN: lowbit-opt %s -lowbit-fold-constants -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-fold-constants=max-elements=5 -split-input-file \
// RUN:   | FileCheck %s --check-prefix=LIMIT
// RUN: lowbit-opt %s -lowbit-fold-constants -split-input-file \
// RUN:   | lowbit-opt -lowbit-fold-constants -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @transpose
// CHECK{LITERAL}: [[1.000000e+00, 4.000000e+00], [2.000000e+00, 5.000000e+00], [3.0
// CHECK-NOT: tosa.transpose
// LIMIT-LABEL: func.func @transpose
// LIMIT: tosa.transpose
func.func @transpose() -> tensor<3x2xf32> {
  %c = "tosa.const"() {values = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>}
    : () -> tensor<2x3xf32>
  %t = tosa.transpose %c {perms = array<i32: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %t : tensor<3x2xf32>
}

// A dimension of the result is perms[d] of the input, also in three dimensions.
// CHECK-LABEL: func.func @transpose_3d
// CHECK{LITERAL}: dense<[[[0, 3]], [[1, 4]], [[2, 5]]]> : tensor<3x1x2xi8>
func.func @transpose_3d() -> tensor<3x1x2xi8> {
  %c = "tosa.const"() {values = dense<[[[0, 1, 2]], [[3, 4, 5]]]> : tensor<2x1x3xi8>}
    : () -> tensor<2x1x3xi8>
  %t = tosa.transpose %c {perms = array<i32: 2, 1, 0>} : (tensor<2x1x3xi8>) -> tensor<3x1x2xi8>
  return %t : tensor<3x1x2xi8>
}

// CHECK-LABEL: func.func @arithmetic
// CHECK-DAG: %[[SUM:[^ ]+]] = {{.*}}dense<{{\[\[}}1.100000e+01, 2.200000e+01], [1.300000e+01, 2.4
// CHECK-DAG: %[[DIFFERENCE:[^ ]+]] = {{.*}}dense<{{\[\[}}-9.000000e+00, -1.800000e+01], [-7.000
// CHECK-DAG: %[[PRODUCT:[^ ]+]] = {{.*}}dense<{{\[\[}}1.000000e+01, 4.000000e+01], [3.000000e+01, 8
// CHECK: return %[[SUM]], %[[DIFFERENCE]], %[[PRODUCT]]
func.func @arithmetic() -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) {
  %a = "tosa.const"() {values = dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>}
    : () -> tensor<2x2xf32>
  %b = "tosa.const"() {values = dense<[[10.0, 20.0]]> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.add %a, %b : (tensor<2x2xf32>, tensor<1x2xf32>) -> tensor<2x2xf32>
  %1 = tosa.sub %a, %b : (tensor<2x2xf32>, tensor<1x2xf32>) -> tensor<2x2xf32>
  %2 = tosa.mul %a, %b, %shift : (tensor<2x2xf32>, tensor<1x2xf32>, tensor<1xi8>) -> tensor<2x2xf32>
  return %0, %1, %2 : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>
}

// CHECK-LABEL: func.func @unary
// CHECK-DAG: %[[INVERSE:[^ ]+]] = "tosa.const"() <{values = dense<[2.500000e-01, 0x7F800000]>
// CHECK-DAG: %[[ROOT:[^ ]+]] = "tosa.const"() <{values = dense<[5.000000e-01, 0x7F800000]>
// CHECK-DAG: %[[ABSOLUTE:[^ ]+]] = "tosa.const"() <{values = dense<[3.000000e+00, 5.000000e-01]>
// CHECK-DAG: %[[NEGATIVE:[^ ]+]] = "tosa.const"() <{values = dense<[3.000000e+00, -5.000000e-01]>
// CHECK: return %[[INVERSE]], %[[ROOT]], %[[ABSOLUTE]], %[[NEGATIVE]]
func.func @unary() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %a = "tosa.const"() {values = dense<[4.0, 0.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %b = "tosa.const"() {values = dense<[-3.0, 0.5]> : tensor<2xf32>} : () -> tensor<2xf32>
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = tosa.reciprocal %a : (tensor<2xf32>) -> tensor<2xf32>
  %1 = tosa.rsqrt %a : (tensor<2xf32>) -> tensor<2xf32>
  %2 = tosa.abs %b : (tensor<2xf32>) -> tensor<2xf32>
  %3 = tosa.negate %b, %zero, %zero
    : (tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2xf32>
  return %0, %1, %2, %3 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// 2^24 + 1 is no f32: the cast rounds to even.
// CHECK-LABEL: func.func @cast
// CHECK: dense<[0x4B800000, -3.000000e+00]>
func.func @cast() -> tensor<2xf32> {
  %c = "tosa.const"() {values = dense<[16777217, -3]> : tensor<2xi32>} : () -> tensor<2xi32>
  %f = tosa.cast %c : (tensor<2xi32>) -> tensor<2xf32>
  return %f : tensor<2xf32>
}

// CHECK-LABEL: func.func @concat
// CHECK{LITERAL}: dense<[[1.000000e+00, 5.000000e+00, 6.000000e+00], [2.000000e+00, 7.00
func.func @concat() -> tensor<2x3xf32> {
  %a = "tosa.const"() {values = dense<[[1.0], [2.0]]> : tensor<2x1xf32>} : () -> tensor<2x1xf32>
  %b = "tosa.const"() {values = dense<[[5.0, 6.0], [7.0, 8.0]]> : tensor<2x2xf32>}
    : () -> tensor<2x2xf32>
  %c = tosa.concat %a, %b {axis = 1 : i32} : (tensor<2x1xf32>, tensor<2x2xf32>) -> tensor<2x3xf32>
  return %c : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @not_constant
// CHECK: tosa.transpose
// CHECK: tosa.add
func.func @not_constant(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  %c = "tosa.const"() {values = dense<1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %t = tosa.transpose %x {perms = array<i32: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %y = tosa.add %t, %c : (tensor<3x2xf32>, tensor<1x1xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// Results of 4 KiB are blobs, below they are inline. 0.0, 1.0, 2.0, ...
// CHECK-LABEL: func.func @large
// CHECK: dense_resource<constant> : tensor<32x32xf32>
// CHECK-LABEL: func.func @not_large
// CHECK-NOT: dense_resource
// CHECK: constant: "0x40000000000000000000803F0000004000004040
func.func @large() -> tensor<32x32xf32> {
  %a = "tosa.const"() {values = dense<[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0,
    11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 24.0, 25.0,
    26.0, 27.0, 28.0, 29.0, 30.0, 31.0]]> : tensor<1x32xf32>} : () -> tensor<1x32xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<32x1xf32>} : () -> tensor<32x1xf32>
  %c = tosa.add %a, %b : (tensor<1x32xf32>, tensor<32x1xf32>) -> tensor<32x32xf32>
  return %c : tensor<32x32xf32>
}
func.func @not_large() -> tensor<31x32xf32> {
  %a = "tosa.const"() {values = dense<[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0,
    11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 24.0, 25.0,
    26.0, 27.0, 28.0, 29.0, 30.0, 31.0]]> : tensor<1x32xf32>} : () -> tensor<1x32xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<31x1xf32>} : () -> tensor<31x1xf32>
  %c = tosa.add %a, %b : (tensor<1x32xf32>, tensor<31x1xf32>) -> tensor<31x32xf32>
  return %c : tensor<31x32xf32>
}

// -----

// A blob that another operation still names is not freed.
// CHECK-LABEL: func.func @shared_blob
// CHECK: dense_resource<small>
// CHECK: small: "0x04000000
func.func @shared_blob() -> (tensor<3x2xf32>, tensor<6xf32>) {
  %c = "tosa.const"() {values = dense_resource<small> : tensor<2x3xf32>} : () -> tensor<2x3xf32>
  %d = "tosa.const"() {values = dense_resource<small> : tensor<6xf32>} : () -> tensor<6xf32>
  %t = tosa.transpose %c {perms = array<i32: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %t, %d : tensor<3x2xf32>, tensor<6xf32>
}
{-#
  dialect_resources: {
    builtin: {
      small: "0x040000000000803F0000004000004040000080400000A0400000C040"
    }
  }
#-}

// -----

// A small blob is read like any other, and its result is inline.
// CHECK-LABEL: func.func @small_blob
// CHECK{LITERAL}: [[1.000000e+00, 4.000000e+00], [2.000000e+00, 5.000000e+00], [3.0
// A blob that is not there is left alone.
// CHECK-LABEL: func.func @missing_blob
// CHECK: tosa.transpose
func.func @small_blob() -> tensor<3x2xf32> {
  %c = "tosa.const"() {values = dense_resource<small> : tensor<2x3xf32>} : () -> tensor<2x3xf32>
  %t = tosa.transpose %c {perms = array<i32: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %t : tensor<3x2xf32>
}
func.func @missing_blob() -> tensor<3x2xf32> {
  %c = "tosa.const"() {values = dense_resource<missing> : tensor<2x3xf32>}
    : () -> tensor<2x3xf32>
  %t = tosa.transpose %c {perms = array<i32: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %t : tensor<3x2xf32>
}
{-#
  dialect_resources: {
    builtin: {
      small: "0x040000000000803F0000004000004040000080400000A0400000C040"
    }
  }
#-}
