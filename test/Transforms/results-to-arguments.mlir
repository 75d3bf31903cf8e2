// RUN: lowbit-opt %s -lowbit-results-to-arguments -allow-unregistered-dialect -split-input-file | FileCheck %s

// Written in place, seen through a reshape; the name goes with it.

// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[X:.*]]: memref<1x4xf32>, %[[Y:.*]]: memref<4xf32> {llvm.noalias, lowbit.name = "y"}) {
// CHECK: %[[V:.*]] = memref.reinterpret_cast %[[Y]] to offset: [0], sizes: [1, 4], strides: [4, 1]
// CHECK: memref.copy %[[X]], %[[V]]
// CHECK-NOT: memref.copy
// CHECK: return
func.func @main(%x: memref<1x4xf32>) -> (memref<4xf32> {lowbit.name = "y"}) {
  %0 = memref.alloc() {alignment = 64 : i64} : memref<1x4xf32>
  memref.copy %x, %0 : memref<1x4xf32> to memref<1x4xf32>
  %1 = memref.collapse_shape %0 [[0, 1]] : memref<1x4xf32> into memref<4xf32>
  return %1 : memref<4xf32>
}

// -----

// The same type needs no view, and a cast is seen through.

// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[X:.*]]: memref<4xf32>, %[[Y:.*]]: memref<4xf32> {llvm.noalias}) {
// CHECK-NEXT: memref.copy %[[X]], %[[Y]]
// CHECK-NEXT: return
func.func @main(%x: memref<4xf32>) -> memref<4xf32> {
  %0 = memref.alloc() : memref<4xf32>
  memref.copy %x, %0 : memref<4xf32> to memref<4xf32>
  return %0 : memref<4xf32>
}

// -----

// One buffer returned twice is computed once and copied once.

// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[X:.*]]: memref<4xf32>, %[[Y:.*]]: memref<4xf32> {{.*}}, %[[Z:.*]]: memref<4xf32>
// CHECK-NEXT: memref.copy %[[X]], %[[Y]]
// CHECK-NEXT: memref.copy %[[Y]], %[[Z]]
// CHECK-NEXT: return
func.func @main(%x: memref<4xf32>) -> (memref<4xf32>, memref<4xf32>) {
  %0 = memref.alloc() : memref<4xf32>
  memref.copy %x, %0 : memref<4xf32> to memref<4xf32>
  return %0, %0 : memref<4xf32>, memref<4xf32>
}

// -----

// Inputs and constants are copied.

// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[X:.*]]: memref<4xf32>, %[[Y:.*]]: memref<4xf32> {{.*}}, %[[Z:.*]]: memref<4xf32>
// CHECK: %[[C:.*]] = memref.get_global @c
// CHECK: memref.copy %[[X]], %[[Y]]
// CHECK: memref.copy %[[C]], %[[Z]]
memref.global "private" constant @c : memref<4xf32> = dense<1.0>
func.func @main(%x: memref<4xf32>) -> (memref<4xf32>, memref<4xf32>) {
  %0 = memref.get_global @c : memref<4xf32>
  return %x, %0 : memref<4xf32>, memref<4xf32>
}

// -----

// A part of a buffer is copied: the whole would not fit.

// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[Y:.*]]: memref<4xf32>
// CHECK: memref.alloc() : memref<8xf32>
// CHECK: %[[V:.*]] = memref.subview
// CHECK: %[[C:.*]] = memref.cast %[[V]]
// CHECK: memref.copy %[[C]], %[[Y]]
func.func @main() -> memref<4xf32> {
  %0 = memref.alloc() : memref<8xf32>
  "test.write"(%0) : (memref<8xf32>) -> ()
  %1 = memref.subview %0[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  %2 = memref.cast %1 : memref<4xf32, strided<[1]>> to memref<4xf32>
  return %2 : memref<4xf32>
}

// -----

// The caller does not promise this alignment.

// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[Y:.*]]: memref<8xf32>
// CHECK: %[[A:.*]] = memref.alloc() : memref<8xf32>
// CHECK: memref.assume_alignment
// CHECK: memref.copy %[[A]], %[[Y]]
func.func @main() -> memref<8xf32> {
  %0 = memref.alloc() : memref<8xf32>
  %1 = memref.assume_alignment %0, 32 : memref<8xf32>
  "test.write"(%1) : (memref<8xf32>) -> ()
  return %0 : memref<8xf32>
}

// -----

// A debugger reads this one in the workspace.

// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[Y:.*]]: memref<8xi8>
// CHECK: %[[A:.*]] = memref.alloc() : memref<8xi8>
// CHECK: lowbit.port %[[A]]
// CHECK: memref.copy %[[A]], %[[Y]]
func.func @main() -> memref<8xi8> {
  %0 = memref.alloc() : memref<8xi8>
  "test.write"(%0) : (memref<8xi8>) -> ()
  lowbit.port %0 {name = "a", format = !quant.uniform<u8:f32, 0.5:3>} : memref<8xi8>
  return %0 : memref<8xi8>
}
