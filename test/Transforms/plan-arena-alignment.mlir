// RUN: lowbit-opt %s -lowbit-plan-arena=alignment=256 | FileCheck %s
// RUN: lowbit-opt %s -lowbit-plan-arena=alignment=1 | FileCheck %s --check-prefix=LEAST

// CHECK: lowbit.workspace_size = 512 : i64
// CHECK-DAG: arith.constant 256 : index
// LEAST: lowbit.workspace_size = 128 : i64
// LEAST-DAG: arith.constant 64 : index
func.func @main(%x: memref<4xf32>, %y: memref<4xf32>) {
  %0 = memref.alloc() : memref<4xf32>
  %1 = memref.alloc() : memref<4xf32>
  memref.copy %x, %0 : memref<4xf32> to memref<4xf32>
  memref.copy %x, %1 : memref<4xf32> to memref<4xf32>
  memref.copy %0, %y : memref<4xf32> to memref<4xf32>
  memref.copy %1, %y : memref<4xf32> to memref<4xf32>
  return
}
