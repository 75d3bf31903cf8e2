// RUN: lowbit-opt %s -split-input-file -lowbit-plan-launches | FileCheck %s

// The host's side is data; constants are one array, each on a multiple of 256.
// CHECK: module attributes {
// CHECK-SAME: lowbit.launches = [
// CHECK-SAME: {arguments = [{buffer = "input", index = 0 : i64, offset = 0 : i64, size = 8 : i64},
// CHECK-SAME: {buffer = "constants", offset = 0 : i64, size = 8 : i64},
// CHECK-SAME: {buffer = "constants", offset = 256 : i64, size = 8 : i64},
// CHECK-SAME: {buffer = "arena", offset = 256 : i64, size = 8 : i64}],
// CHECK-SAME: block = array<i32: 32, 1, 1>, grid = array<i32: 2, 1, 1>, kernel = @kernels::@kernel0, shared = 0 : i32},
// CHECK-SAME: {arguments = [{buffer = "arena", offset = 256 : i64, size = 8 : i64},
// CHECK-SAME: {buffer = "output", index = 0 : i64, offset = 0 : i64, size = 8 : i64},
// CHECK-SAME: {scalar = 7 : i32}],
// CHECK-SAME: block = array<i32: 32, 1, 1>, grid = array<i32: 1, 1, 1>, kernel = @kernels::@kernel1, shared = 4096 : i32}]
// CHECK: memref.global "private" constant @lowbit_constants : memref<512xi8> = dense<{{.*}}> {alignment = 256 : i64}
// CHECK: gpu.module @kernels
// CHECK-NOT: @main
module attributes {gpu.container_module, lowbit.workspace_size = 512 : i64, lowbit.interface = {
    inputs = [{name = "x", type = tensor<8xi8>}], outputs = [{name = "y", type = tensor<8xi8>}]}} {
  memref.global "private" constant @w : memref<8xi8> = dense<1>
  memref.global "private" constant @b : memref<2xi32> = dense<[1, -2]>
  memref.global "private" constant @unused : memref<8xi8> = dense<3>
  gpu.module @kernels {
    gpu.func @kernel0(%x: memref<8xi8>, %w: memref<8xi8>, %b: memref<2xi32>, %y: memref<8xi8>) kernel {
      gpu.return
    }
    gpu.func @kernel1(%x: memref<8xi8>, %y: memref<8xi8>, %n: i32) kernel {
      gpu.return
    }
  }
  func.func @main(%x: memref<8xi8>, %y: memref<8xi8>, %arena: memref<512xi8>) {
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c32 = arith.constant 32 : index
    %c256 = arith.constant 256 : index
    %seven = arith.constant 7 : i32
    %shared = arith.constant 4096 : i32
    %w = memref.get_global @w : memref<8xi8>
    %b = memref.get_global @b : memref<2xi32>
    %0 = memref.view %arena[%c256][] : memref<512xi8> to memref<2x4xi8>
    %1 = memref.collapse_shape %0 [[0, 1]] : memref<2x4xi8> into memref<8xi8>
    gpu.launch_func @kernels::@kernel0 blocks in (%c2, %c1, %c1) threads in (%c32, %c1, %c1)
      args(%x : memref<8xi8>, %w : memref<8xi8>, %b : memref<2xi32>, %1 : memref<8xi8>)
    gpu.launch_func @kernels::@kernel1 blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %shared args(%1 : memref<8xi8>, %y : memref<8xi8>, %seven : i32)
    return
  }
}
