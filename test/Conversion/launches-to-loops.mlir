// RUN: lowbit-opt %s -lowbit-launches-to-loops | FileCheck %s

// CHECK-LABEL: func @main
// CHECK: scf.for %[[BX:.*]] = %{{.*}} to %c3{{.*}} step
// CHECK: scf.for %[[TX:.*]] = %{{.*}} to %c32{{.*}} step
// CHECK: %[[START:.*]] = arith.muli %[[BX]], %c32
// CHECK: %[[ID:.*]] = arith.addi %[[START]], %[[TX]]
// CHECK: memref.store %{{.*}}, %arg0[%[[ID]]]
// CHECK-NOT: gpu
func.func @main(%y: memref<96xi8>) {
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c32 = arith.constant 32 : index
  %one = arith.constant 1 : i8
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c3, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c32, %sy = %c1, %sz = %c1) {
    %start = arith.muli %bx, %sx : index
    %id = arith.addi %start, %tx : index
    memref.store %one, %y[%id] : memref<96xi8>
    gpu.terminator
  }
  return
}
