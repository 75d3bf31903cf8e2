// RUN: lowbit-opt %s -pass-pipeline="builtin.module(gpu.module(lowbit-extern-shared-memory))" | FileCheck %s

// CHECK: llvm.mlir.global external @dynamic() {addr_space = 3 : i32
// CHECK: llvm.mlir.global internal @fixed() {addr_space = 3 : i32
// CHECK: llvm.mlir.global internal @elsewhere() {addr_space = 1 : i32
gpu.module @kernels {
  llvm.mlir.global internal @dynamic() {addr_space = 3 : i32} : !llvm.array<0 x i8>
  llvm.mlir.global internal @fixed() {addr_space = 3 : i32} : !llvm.array<4 x i8>
  llvm.mlir.global internal @elsewhere() {addr_space = 1 : i32} : !llvm.array<0 x i8>
}
