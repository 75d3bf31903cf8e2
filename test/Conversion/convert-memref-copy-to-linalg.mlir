// RUN: lowbit-opt %s -convert-memref-copy-to-linalg | FileCheck %s

!middle = memref<4x4xf32, strided<[6, 1], offset: 7>>

// CHECK-LABEL: func.func @into_strided
// CHECK-SAME: (%[[X:.*]]: memref<4x4xf32>, %[[Y:.*]]: memref<4x4xf32, strided<[6, 1], offset: 7>>)
func.func @into_strided(%x: memref<4x4xf32>, %y: !middle) {
  // CHECK-NOT: memref.copy
  // CHECK: linalg.generic {{.*}} ins(%[[X]] : {{.*}}) outs(%[[Y]] :
  // CHECK: ^bb0(%[[NEW:.*]]: f32, %{{.*}}: f32):
  // CHECK: linalg.yield %[[NEW]]
  memref.copy %x, %y : memref<4x4xf32> to !middle
  return
}

// CHECK-LABEL: func.func @from_strided
func.func @from_strided(%x: memref<4x4xf32>, %y: !middle) {
  // CHECK: linalg.generic
  memref.copy %y, %x : !middle to memref<4x4xf32>
  return
}

// CHECK-LABEL: func.func @plain
func.func @plain(%x: memref<4x4xf32>, %y: memref<4x4xf32>) {
  // CHECK: memref.copy
  memref.copy %x, %y : memref<4x4xf32> to memref<4x4xf32>
  return
}

// CHECK-LABEL: func.func @without_rank
func.func @without_rank(%x: memref<*xf32>, %y: memref<*xf32>) {
  // CHECK: memref.copy
  memref.copy %x, %y : memref<*xf32> to memref<*xf32>
  return
}
