// RUN: lowbit-opt %s -eliminate-empty-tensors \
// RUN:   -one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" \
// RUN:   -cse -canonicalize -split-input-file -verify-diagnostics | FileCheck %s

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// CHECK-LABEL: func.func @chain
// CHECK-SAME:  (%[[X:.*]]: memref<4x8xi8>, %[[W:.*]]: memref<8x8xi8>) -> memref<4x8xi8>
func.func @chain(%x: tensor<4x8xi8>, %w: tensor<8x8xi8>) -> tensor<4x8xi8> {
  // CHECK: %[[A:.*]] = memref.alloc()
  // CHECK: lowbit.contract ins(%[[X]], %[[W]] : memref<4x8xi8>, memref<8x8xi8>)
  // CHECK-SAME: outs(%[[A]] : memref<4x8xi8>)
  // CHECK-SAME: attributes {formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, !quant.any<u8:f32>]}
  // CHECK-NEXT: ^bb0(%[[ACC:.*]]: i32):
  // CHECK-NEXT:   lowbit.yield %[[ACC]] : i32
  // CHECK-NEXT: }
  // CHECK: %[[B:.*]] = memref.alloc()
  // CHECK: lowbit.contract ins(%[[A]], %[[W]] : {{.*}}) outs(%[[B]] :
  // CHECK-NOT: memref.copy
  // CHECK: return %[[B]]
  %e0 = tensor.empty() : tensor<4x8xi8>
  %0 = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<8x8xi8>) outs(%e0 : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  %e1 = tensor.empty() : tensor<4x8xi8>
  %1 = lowbit.contract ins(%0, %w : tensor<4x8xi8>, tensor<8x8xi8>) outs(%e1 : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  return %1 : tensor<4x8xi8>
}

// The destination's old contents are not read: a written value that is only a
// destination need not be kept.
// CHECK-LABEL: func.func @destination_is_not_read
func.func @destination_is_not_read(%x: tensor<4x8xi8>, %w: tensor<8x8xi8>, %v: i8)
    -> (tensor<4x8xi8>, tensor<4x8xi8>) {
  // CHECK: %[[FILLED:.*]] = memref.alloc()
  // CHECK: linalg.fill ins(%{{.*}}) outs(%[[FILLED]]
  // CHECK: %[[OTHER:.*]] = memref.alloc()
  // CHECK-NOT: memref.copy
  // CHECK: lowbit.contract {{.*}} outs(%[[OTHER]]
  // CHECK-NOT: memref.copy
  // CHECK: return %[[FILLED]], %[[OTHER]]
  %e = tensor.empty() : tensor<4x8xi8>
  %filled = linalg.fill ins(%v : i8) outs(%e : tensor<4x8xi8>) -> tensor<4x8xi8>
  %0 = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<8x8xi8>) outs(%filled : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  return %filled, %0 : tensor<4x8xi8>, tensor<4x8xi8>
}

// An input is read: it must not be the destination.
// CHECK-LABEL: func.func @input_is_read
// CHECK-SAME:  (%[[X:.*]]: memref<8x8xi8>,
func.func @input_is_read(%x: tensor<8x8xi8>, %w: tensor<8x8xi8>) -> tensor<8x8xi8> {
  // CHECK: %[[OUT:.*]] = memref.alloc()
  // CHECK: lowbit.contract ins(%[[X]], %{{.*}}) outs(%[[OUT]]
  %0 = lowbit.contract ins(%x, %w : tensor<8x8xi8>, tensor<8x8xi8>) outs(%x : tensor<8x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<8x8xi8>
  return %0 : tensor<8x8xi8>
}

// Padding: the result is written where the padded tensor has it.
// CHECK-LABEL: func.func @into_padding
func.func @into_padding(%x: tensor<4x8xi8>, %w: tensor<8x8xi8>, %v: i8) -> tensor<6x8xi8> {
  // CHECK: %[[PADDED:.*]] = memref.alloc() {{.*}} : memref<6x8xi8>
  // CHECK: linalg.fill ins(%{{.*}}) outs(%[[PADDED]]
  // CHECK: %[[INNER:.*]] = memref.subview %[[PADDED]][1, 0] [4, 8] [1, 1]
  // CHECK: lowbit.contract {{.*}} outs(%[[INNER]] : memref<4x8xi8, strided<[8, 1], offset: 8>>)
  // CHECK-NOT: memref.copy
  // CHECK: return %[[PADDED]]
  %e = tensor.empty() : tensor<4x8xi8>
  %0 = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<8x8xi8>) outs(%e : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  %large = tensor.empty() : tensor<6x8xi8>
  %filled = linalg.fill ins(%v : i8) outs(%large : tensor<6x8xi8>) -> tensor<6x8xi8>
  %padded = tensor.insert_slice %0 into %filled[1, 0] [4, 8] [1, 1]
    : tensor<4x8xi8> into tensor<6x8xi8>
  return %padded : tensor<6x8xi8>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @mixed(%x: tensor<4x8xi8>, %w: memref<8x8xi8>, %e: tensor<4x8xi32>) -> tensor<4x8xi32> {
  // expected-error @+2 {{expects all operands to be tensors, or all to be buffers}}
  // expected-error @+1 {{failed to bufferize op}}
  %0 = lowbit.contract ins(%x, %w : tensor<4x8xi8>, memref<8x8xi8>) outs(%e : tensor<4x8xi32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi32>
  return %0 : tensor<4x8xi32>
}

// -----

// A port at the end reads what was written: the buffer of %x is not written again before, although
// nothing else reads it.
// CHECK-LABEL: func.func @port
// CHECK: %[[A:.*]] = memref.alloc() {{.*}} : memref<4xi8>
// CHECK: linalg.fill ins(%{{.*}}) outs(%[[A]] : memref<4xi8>)
// CHECK: %[[B:.*]] = memref.alloc() {{.*}} : memref<4xi8>
// CHECK: linalg.fill ins(%{{.*}}) outs(%[[B]] : memref<4xi8>)
// CHECK: lowbit.port %[[A]] {format = !quant.uniform<u8:f32, 5.000000e-01:3>, name = "a"}
// CHECK: return %[[B]]
func.func @port(%v: i8, %w: i8) -> tensor<4xi8> {
  %e = tensor.empty() : tensor<4xi8>
  %x = linalg.fill ins(%v : i8) outs(%e : tensor<4xi8>) -> tensor<4xi8>
  %y = linalg.fill ins(%w : i8) outs(%x : tensor<4xi8>) -> tensor<4xi8>
  lowbit.port %x {name = "a", format = !quant.uniform<u8:f32, 0.5:3>} : tensor<4xi8>
  return %y : tensor<4xi8>
}
