// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: not lowbit-opt %s -lowbit-integerize=require-integer -split-input-file -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ERROR

// Products of computed matrices that stay in float.

// 255 * 255 * 40000.
// CHECK-LABEL: func.func @sums_of_products(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.matmul
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its sums may leave 32 bits
!a = !quant.uniform<u8:f32, 0.5:3>
!b = !quant.uniform<u8:f32, 0.25:7>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @sums_of_products(%aq: tensor<1x3x40000x!a>, %bq: tensor<1x40000x4x!b>) -> tensor<1x3x4x!y> {
  %a = lowbit.decode %aq : tensor<1x3x40000x!a> to tensor<1x3x40000xf32>
  %b = lowbit.decode %bq : tensor<1x40000x4x!b> to tensor<1x40000x4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %a, %b, %z, %z : (tensor<1x3x40000xf32>, tensor<1x40000x4xf32>,
    tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x4xf32>
  %o = lowbit.encode %c : tensor<1x3x4xf32> to tensor<1x3x4x!y>
  return %o : tensor<1x3x4x!y>
}

// -----

// 32768 * 65535.
// CHECK-LABEL: func.func @sums_of_wide_codes(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.matmul
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its sums may leave 32 bits
!a = !quant.uniform<i16:f32, 0.5>
!b = !quant.uniform<u16:f32, 0.5>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @sums_of_wide_codes(%aq: tensor<1x3x5x!a>, %bq: tensor<1x5x4x!b>) -> tensor<1x3x4x!y> {
  %a = lowbit.decode %aq : tensor<1x3x5x!a> to tensor<1x3x5xf32>
  %b = lowbit.decode %bq : tensor<1x5x4x!b> to tensor<1x5x4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %a, %b, %z, %z : (tensor<1x3x5xf32>, tensor<1x5x4xf32>,
    tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x4xf32>
  %o = lowbit.encode %c : tensor<1x3x4xf32> to tensor<1x3x4x!y>
  return %o : tensor<1x3x4x!y>
}

// -----

// A first operand per axis.
// CHECK-LABEL: func.func @first_per_axis(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.matmul
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: an operand of its matmul is not the decode of a per-tensor format
!a = !quant.uniform<u8:f32:1, {0.5, 0.5, 0.5}>
!b = !quant.uniform<u8:f32, 0.25:7>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @first_per_axis(%aq: tensor<1x3x5x!a>, %bq: tensor<1x5x4x!b>) -> tensor<1x3x4x!y> {
  %a = lowbit.decode %aq : tensor<1x3x5x!a> to tensor<1x3x5xf32>
  %b = lowbit.decode %bq : tensor<1x5x4x!b> to tensor<1x5x4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %a, %b, %z, %z : (tensor<1x3x5xf32>, tensor<1x5x4xf32>,
    tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x4xf32>
  %o = lowbit.encode %c : tensor<1x3x4xf32> to tensor<1x3x4x!y>
  return %o : tensor<1x3x4x!y>
}

// -----

// A second operand per axis.
// CHECK-LABEL: func.func @second_per_axis(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.matmul
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: an operand of its matmul is not the decode of a per-tensor format
!a = !quant.uniform<u8:f32, 0.5:3>
!b = !quant.uniform<u8:f32:2, {0.5, 0.5, 0.5, 0.5}>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @second_per_axis(%aq: tensor<1x3x5x!a>, %bq: tensor<1x5x4x!b>) -> tensor<1x3x4x!y> {
  %a = lowbit.decode %aq : tensor<1x3x5x!a> to tensor<1x3x5xf32>
  %b = lowbit.decode %bq : tensor<1x5x4x!b> to tensor<1x5x4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %a, %b, %z, %z : (tensor<1x3x5xf32>, tensor<1x5x4xf32>,
    tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x4xf32>
  %o = lowbit.encode %c : tensor<1x3x4xf32> to tensor<1x3x4x!y>
  return %o : tensor<1x3x4x!y>
}

// -----

// A result per axis.
// CHECK-LABEL: func.func @result_per_axis(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.matmul
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its format is not per tensor
!a = !quant.uniform<u8:f32, 0.5:3>
!b = !quant.uniform<u8:f32, 0.25:7>
!y = !quant.uniform<u8:f32:1, {0.5, 0.5, 0.5}>
func.func @result_per_axis(%aq: tensor<1x3x5x!a>, %bq: tensor<1x5x4x!b>) -> tensor<1x3x4x!y> {
  %a = lowbit.decode %aq : tensor<1x3x5x!a> to tensor<1x3x5xf32>
  %b = lowbit.decode %bq : tensor<1x5x4x!b> to tensor<1x5x4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %a, %b, %z, %z : (tensor<1x3x5xf32>, tensor<1x5x4xf32>,
    tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x4xf32>
  %o = lowbit.encode %c : tensor<1x3x4xf32> to tensor<1x3x4x!y>
  return %o : tensor<1x3x4x!y>
}

// -----

// 2^30 times the step of the result.
// CHECK-LABEL: func.func @scale_of_products(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.matmul
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: the scale of its sums exceeds the result's by more than 2^29
!a = !quant.uniform<u8:f32, 4294967296.0:3>
!b = !quant.uniform<u8:f32, 0.25:7>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @scale_of_products(%aq: tensor<1x3x5x!a>, %bq: tensor<1x5x4x!b>) -> tensor<1x3x4x!y> {
  %a = lowbit.decode %aq : tensor<1x3x5x!a> to tensor<1x3x5xf32>
  %b = lowbit.decode %bq : tensor<1x5x4x!b> to tensor<1x5x4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %a, %b, %z, %z : (tensor<1x3x5xf32>, tensor<1x5x4xf32>,
    tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x4xf32>
  %o = lowbit.encode %c : tensor<1x3x4xf32> to tensor<1x3x4x!y>
  return %o : tensor<1x3x4x!y>
}

// -----

// It is not known how many products are summed.
// CHECK-LABEL: func.func @dynamic_products(
// CHECK-NOT: lowbit.contract
// CHECK: tosa.matmul
// ERROR: error: 'tosa.matmul' op stays in float; --require-integer does not allow it
// ERROR: note: reason: its shape is dynamic
!a = !quant.uniform<u8:f32, 0.5:3>
!b = !quant.uniform<u8:f32, 0.25:7>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @dynamic_products(%aq: tensor<1x3x?x!a>, %bq: tensor<1x?x4x!b>) -> tensor<1x3x4x!y> {
  %a = lowbit.decode %aq : tensor<1x3x?x!a> to tensor<1x3x?xf32>
  %b = lowbit.decode %bq : tensor<1x?x4x!b> to tensor<1x?x4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %a, %b, %z, %z : (tensor<1x3x?xf32>, tensor<1x?x4xf32>,
    tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x4xf32>
  %o = lowbit.encode %c : tensor<1x3x4xf32> to tensor<1x3x4x!y>
  return %o : tensor<1x3x4x!y>
}
