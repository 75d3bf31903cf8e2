// RUN: lowbit-opt %s -split-input-file -verify-diagnostics -lowbit-compile-amdgpu=format=assembly

// expected-error@below {{expects a gpu.module 'kernels'}}
module {
}

// -----

// expected-error@below {{calls '__ocml_erf_f32', a function that no device has}}
gpu.module @kernels {
  gpu.func @kernel0(%x: memref<8xf32>) kernel attributes {known_block_size = array<i32: 8, 1, 1>} {
    %i = gpu.thread_id x
    %a = memref.load %x[%i] : memref<8xf32>
    %b = math.erf %a : f32
    memref.store %b, %x[%i] : memref<8xf32>
    gpu.return
  }
}
