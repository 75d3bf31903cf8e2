// RUN: lowbit-opt %s -split-input-file -lowbit-outline-launches | FileCheck %s

// CHECK: module attributes {gpu.container_module}
// CHECK: gpu.module @kernels
// CHECK: gpu.func @kernel0(%[[Y:.*]]: memref<8x8xi8>) kernel attributes {known_block_size = array<i32: 32, 1, 1>}
// CHECK-DAG: arith.constant 1 : i8
// CHECK-DAG: memref.subview %[[Y]][1, 1] [4, 4] [1, 1]
// CHECK-DAG: gpu.thread_id  x
// CHECK: gpu.return
// The second launch is the same kernel, on another buffer.
// CHECK-NOT: gpu.func
// CHECK: func @main(%[[A:.*]]: memref<8x8xi8>, %[[B:.*]]: memref<8x8xi8>)
// CHECK: gpu.launch_func @kernels::@kernel0 blocks in (%{{.*}}) threads in (%{{.*}}) args(%[[A]] : memref<8x8xi8>)
// CHECK: gpu.launch_func @kernels::@kernel0 {{.*}} args(%[[B]] : memref<8x8xi8>)
func.func @main(%a: memref<8x8xi8>, %b: memref<8x8xi8>) {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %one = arith.constant 1 : i8
  %0 = memref.subview %a[1, 1] [4, 4] [1, 1] : memref<8x8xi8> to memref<4x4xi8, strided<[8, 1], offset: 9>>
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c32, %sy = %c1, %sz = %c1) {
    memref.store %one, %0[%tx, %tx] : memref<4x4xi8, strided<[8, 1], offset: 9>>
    gpu.terminator
  }
  %1 = memref.subview %b[1, 1] [4, 4] [1, 1] : memref<8x8xi8> to memref<4x4xi8, strided<[8, 1], offset: 9>>
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c32, %sy = %c1, %sz = %c1) {
    memref.store %one, %1[%tx, %tx] : memref<4x4xi8, strided<[8, 1], offset: 9>>
    gpu.terminator
  }
  return
}

// -----

// Dynamic shared memory stays with the launch.
// CHECK: gpu.launch_func @kernels::@kernel0 {{.*}} dynamic_shared_memory_size %
func.func @main() {
  %c1 = arith.constant 1 : index
  %bytes = arith.constant 1024 : i32
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %c1) dynamic_shared_memory_size %bytes {
    gpu.barrier
    gpu.terminator
  }
  return
}
