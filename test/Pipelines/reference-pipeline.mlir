// RUN: lowbit-opt %s -lowbit-reference-pipeline | FileCheck %s
// RUN: lowbit-opt %s -lowbit-reference-pipeline -o /dev/null \
// RUN:   -mlir-print-ir-before=convert-linalg-to-loops 2>&1 | FileCheck %s --check-prefix=BUFFERS

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.uniform<u8:f32, 0.5:3>
!i8 = !quant.uniform<i8<-127:127>:f32, 0.25>

// Everything is in the LLVM dialect, temporary buffers are freed.
// CHECK-LABEL: llvm.func @two_layers
// CHECK: llvm.call @free
// CHECK: llvm.return
// CHECK-NOT: {{(lowbit|linalg|tensor|memref|func|arith|scf|cf)}}.
// CHECK-NOT: unrealized_conversion_cast

// Both layers write into their padded buffers, which are two although they look
// alike, and nothing is copied.
// BUFFERS-LABEL: func.func @two_layers
// BUFFERS: %[[A:.*]] = memref.alloc() {{.*}} : memref<6x10xi8>
// BUFFERS: linalg.fill {{.*}} outs(%[[A]]
// BUFFERS: %[[A_INNER:.*]] = memref.subview %[[A]][1, 1] [4, 8] [1, 1]
// BUFFERS: linalg.generic {{.*}} outs(%[[A_INNER]]
// BUFFERS: %[[B:.*]] = memref.alloc() {{.*}} : memref<6x10xi8>
// BUFFERS: linalg.fill {{.*}} outs(%[[B]]
// BUFFERS: %[[B_INNER:.*]] = memref.subview %[[B]][1, 1] [4, 8] [1, 1]
// BUFFERS: linalg.generic {{.*}} outs(%[[B_INNER]]
// BUFFERS-NOT: memref.copy
// BUFFERS: return %[[B]]
func.func @two_layers(%x: tensor<4x10x!u8>, %w: tensor<8x10x!i8>) -> tensor<6x10x!u8> {
  %e0 = tensor.empty() : tensor<4x8x!u8>
  %0 = lowbit.contract ins(%x, %w : tensor<4x10x!u8>, tensor<8x10x!i8>)
    outs(%e0 : tensor<4x8x!u8>) maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8x!u8>
  %p0 = lowbit.pad %0 {low = array<i64: 1, 1>, high = array<i64: 1, 1>}
    : tensor<4x8x!u8> to tensor<6x10x!u8>
  %s = tensor.extract_slice %p0[0, 0] [4, 10] [1, 1] : tensor<6x10x!u8> to tensor<4x10x!u8>
  %e1 = tensor.empty() : tensor<4x8x!u8>
  %1 = lowbit.contract ins(%s, %w : tensor<4x10x!u8>, tensor<8x10x!i8>)
    outs(%e1 : tensor<4x8x!u8>) maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8x!u8>
  %p1 = lowbit.pad %1 {low = array<i64: 1, 1>, high = array<i64: 1, 1>}
    : tensor<4x8x!u8> to tensor<6x10x!u8>
  return %p1 : tensor<6x10x!u8>
}

// What stayed in float goes down too, composites of our own included.
// CHECK-LABEL: llvm.func @float
func.func @float(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = lowbit.softmax %x {axis = 1 : i64} : tensor<1x4xf32>
  %1 = tosa.add %0, %x : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}
