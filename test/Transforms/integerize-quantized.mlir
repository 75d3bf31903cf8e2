// RUN: lowbit-opt %s -lowbit-integerize=require-integer -split-input-file | FileCheck %s

// What quantized models have and recipes of ours do not make: codes of the bias,
// zero points of weights, encodes that come after data movement.

// The bias is taken as it is where its scale is that of the sums; 3 * 0.5 * 0.25
// is 3 steps, 7 * 1.0 is 56. Weights lose their zero point: 5 - 1 and -5 - 1.
// CHECK-LABEL: func.func @bias_codes
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[3, 56]> : tensor<2xi32>
// CHECK-DAG: %[[W:.*]] = lowbit.constant dense<{{.*}}4{{.*}}-6{{.*}}> : tensor<2x1x1x1xi8>
// CHECK-SAME: as tensor<2x1x1x1x!quant.uniform<i8:f32, 2.500000e-01>>
// CHECK: lowbit.contract ins(%{{.*}}, %[[W]] : {{.*}}) epilogue(%[[B]],
!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25:1>
!b = !quant.uniform<i32:f32:0, {0.125, 1.0}>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @bias_codes(%q: tensor<1x1x1x1x!x>) -> tensor<1x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<[[[[5]]], [[[-5]]]]> : tensor<2x1x1x1xi8> as tensor<2x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x1x!w> to tensor<2x1x1x1xf32>
  %bq = lowbit.constant dense<[3, 7]> : tensor<2xi32> as tensor<2x!b>
  %b = lowbit.decode %bq : tensor<2x!b> to tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %c : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o : tensor<1x1x1x2x!y>
}

// -----

// Zero points per channel; 200 - 10 needs a wider word than the code had.
// CHECK-LABEL: func.func @wide_weights
// CHECK: lowbit.constant dense<{{.*}}190{{.*}}-100{{.*}}> : tensor<2x1x1x1xi16>
// CHECK-SAME: as tensor<2x1x1x1x!quant.uniform<i16:f32:0, {2.500000e-01,5.000000e-01}>>
!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<u8:f32:0, {0.25:10, 0.5:100}>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @wide_weights(%q: tensor<1x1x1x1x!x>) -> tensor<1x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %wq = lowbit.constant dense<[[[[200]]], [[[0]]]]> : tensor<2x1x1x1xi8> as tensor<2x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x1x!w> to tensor<2x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %o = lowbit.encode %c : tensor<1x1x1x2xf32> to tensor<1x1x1x2x!y>
  return %o : tensor<1x1x1x2x!y>
}

// -----

// The encode rises through the transpose, the pooling and below the clamp.
// CHECK-LABEL: func.func @raise_encode
// CHECK: %[[C:.*]] = lowbit.contract
// CHECK: lowbit.rescale {{.*}}max = 16 : i32, min = 10 : i32
// CHECK: %[[P:.*]] = lowbit.max_pool2d %[[C]]
// CHECK: %[[T:.*]] = lowbit.transpose %[[P]]
// CHECK: return %[[T]]
!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @raise_encode(%q: tensor<1x2x2x1x!x>) -> tensor<1x2x1x1x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x1x!x> to tensor<1x2x2x1xf32>
  %wq = lowbit.constant dense<5> : tensor<2x1x1x1xi8> as tensor<2x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x1x!w> to tensor<2x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %p = tosa.max_pool2d %c {kernel = array<i64: 2, 2>, stride = array<i64: 1, 1>,
    pad = array<i64: 0, 0, 0, 0>} : (tensor<1x2x2x2xf32>) -> tensor<1x1x1x2xf32>
  %t = tosa.transpose %p {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<1x1x1x2xf32>) -> tensor<1x2x1x1xf32>
  %r = tosa.clamp %t {min_val = 0.0 : f32, max_val = 6.0 : f32}
    : (tensor<1x2x1x1xf32>) -> tensor<1x2x1x1xf32>
  %o = lowbit.encode %r : tensor<1x2x1x1xf32> to tensor<1x2x1x1x!y>
  return %o : tensor<1x2x1x1x!y>
}

// -----

// What concat joins is encoded first: a layer, and codes of another format.
// CHECK-LABEL: func.func @raise_above_concat
// CHECK-SAME: (%[[X:.*]]: tensor<1x1x1x1x!quant.uniform<u8:f32, 5.0{{.*}}>>,
// CHECK-SAME: %[[Y:.*]]: tensor<1x1x1x2x!quant.uniform<u8:f32, 1.0{{.*}}:10>>)
// CHECK-DAG: %[[C:.*]] = lowbit.contract
// CHECK-DAG: %[[R:.*]] = lowbit.rescale %[[X]]
// CHECK: lowbit.concat %[[C]], %[[R]], %[[Y]]
!x = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @raise_above_concat(%q: tensor<1x1x1x1x!x>, %r: tensor<1x1x1x2x!y>)
    -> tensor<1x1x1x5x!y> {
  %x = lowbit.decode %q : tensor<1x1x1x1x!x> to tensor<1x1x1x1xf32>
  %y = lowbit.decode %r : tensor<1x1x1x2x!y> to tensor<1x1x1x2xf32>
  %wq = lowbit.constant dense<5> : tensor<2x1x1x1xi8> as tensor<2x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x1x!w> to tensor<2x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x1x1x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x1x1x2xf32>
  %j = tosa.concat %c, %x, %y {axis = 3 : i32}
    : (tensor<1x1x1x2xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x2xf32>) -> tensor<1x1x1x5xf32>
  %o = lowbit.encode %j : tensor<1x1x1x5xf32> to tensor<1x1x1x5x!y>
  return %o : tensor<1x1x1x5x!y>
}

// -----

// 255 steps from 0 to 1, in a scale that is an f32.
// CHECK-LABEL: func.func @softmax_to_255
// CHECK: lowbit.table_softmax {{.*}} {levels = 255 : i32}
!x = !quant.uniform<u8:f32, 0.125:5>
!y = !quant.uniform<u8:f32, 0.0039215688593685627>
func.func @softmax_to_255(%q: tensor<2x10x!x>) -> tensor<2x10x!y> {
  %x = lowbit.decode %q : tensor<2x10x!x> to tensor<2x10xf32>
  %s = lowbit.softmax %x {axis = 1 : i64} : tensor<2x10xf32>
  %o = lowbit.encode %s : tensor<2x10xf32> to tensor<2x10x!y>
  return %o : tensor<2x10x!y>
}
