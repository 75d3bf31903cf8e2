// RUN: lowbit-opt %s -split-input-file -verify-diagnostics -convert-lowbit-gpu-to-spirv

gpu.module @kernels {
  gpu.func @exponential(%a: memref<8xf32>) kernel
      attributes {known_block_size = array<i32: 8, 1, 1>} {
    %i = gpu.thread_id x
    %x = memref.load %a[%i] : memref<8xf32>
    // expected-error @below {{'math.exp' cannot run on Vulkan, which defines an approximation of it only; quantize what computes it}}
    %y = math.exp %x : f32
    memref.store %y, %a[%i] : memref<8xf32>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @wide(%a: memref<8xf16>) kernel
      attributes {known_block_size = array<i32: 8, 1, 1>} {
    %i = gpu.thread_id x
    // expected-error @below {{'memref.load' cannot run on Vulkan: it has 'f16'; numbers are integers of 1, 8, 16, 32 and 64 bits, f32 and f64}}
    %x = memref.load %a[%i] : memref<8xf16>
    memref.store %x, %a[%i] : memref<8xf16>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @odd(%a: memref<8xi8>) kernel
      attributes {known_block_size = array<i32: 8, 1, 1>} {
    %i = gpu.thread_id x
    %x = memref.load %a[%i] : memref<8xi8>
    // expected-error @below {{'arith.extsi' cannot run on Vulkan: it has 'i128'; numbers are integers of 1, 8, 16, 32 and 64 bits, f32 and f64}}
    %y = arith.extsi %x : i8 to i128
    %z = arith.trunci %y : i128 to i8
    memref.store %z, %a[%i] : memref<8xi8>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{expects kernels whose block size is known}}
  gpu.func @unknown(%a: memref<8xi8>) kernel {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @below {{expects arguments that are numbers, or buffers of static shape, strides and offset, but got 'memref<?xi8>'}}
  gpu.func @dynamic(%a: memref<?xi8>) kernel
      attributes {known_block_size = array<i32: 8, 1, 1>} {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @foreign(%a: memref<8xi8>) kernel
      attributes {known_block_size = array<i32: 8, 1, 1>} {
    %zero = arith.constant 0 : i8
    // expected-error @below {{failed to legalize operation 'linalg.fill'}}
    linalg.fill ins(%zero : i8) outs(%a : memref<8xi8>)
    gpu.return
  }
}
