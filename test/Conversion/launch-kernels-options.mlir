// RUN: not lowbit-opt %s -lowbit-launch-kernels=threads=2048 2>&1 | FileCheck %s
// RUN: not lowbit-opt %s -lowbit-launch-kernels=max-blocks=0 2>&1 | FileCheck %s --check-prefix=BLOCKS
// RUN: lowbit-opt %s -lowbit-launch-kernels=allow-host | FileCheck %s --check-prefix=HOST

// CHECK: error: expects from 1 to 1024 threads in a block, and at least one block, but got threads=2048 max-blocks=65535
// BLOCKS: but got threads=256 max-blocks=0

func.func private @f()

// HOST: call @f
// HOST: gpu.launch
func.func @main(%x: memref<4xi8>, %y: memref<4xi8>) {
  call @f() : () -> ()
  memref.copy %x, %y : memref<4xi8> to memref<4xi8>
  return
}
