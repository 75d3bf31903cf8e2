// RUN: lowbit-opt %s -split-input-file -verify-diagnostics -lowbit-plan-launches

// expected-error@below {{expects a function @main of one block that takes inputs, outputs and the arena, and returns nothing; use -lowbit-plan-arena first}}
module attributes {lowbit.interface = {inputs = [], outputs = []}} {
  func.func @main(%x: memref<8xi8>, %y: memref<8xi8>) {
    return
  }
}

// -----

module attributes {lowbit.interface = {inputs = [], outputs = []}} {
  // expected-error@below {{the name 'lowbit_constants' is taken; it is that of a device's constants}}
  memref.global "private" constant @lowbit_constants : memref<8xi8> = dense<1>
  func.func @main(%arena: memref<8xi8>) {
    return
  }
}

// -----

module attributes {lowbit.interface = {inputs = [], outputs = []}} {
  func.func @main(%arena: memref<8xi8>) {
    %c0 = arith.constant 0 : index
    // expected-error@below {{expects launches, constants and views in @main, but got 'memref.load'}}
    %0 = memref.load %arena[%c0] : memref<8xi8>
    return
  }
}

// -----

module attributes {gpu.container_module, lowbit.interface = {inputs = [], outputs = []}} {

  gpu.module @kernels {
    gpu.func @kernel0(%x: memref<8xi8>) kernel {
      gpu.return
    }
  }
  func.func @main(%arena: memref<512xi8>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %v = memref.view %arena[%c0][] : memref<512xi8> to memref<8xi8>
    // expected-error@below {{expects constant sizes of grid, block and shared memory, from 1 to 2^31 - 1}}
    gpu.launch_func @kernels::@kernel0 blocks in (%c0, %c1, %c1) threads in (%c1, %c1, %c1) args(%v : memref<8xi8>)
    return
  }
}

// -----

module attributes {gpu.container_module, lowbit.interface = {inputs = [], outputs = []}} {

  gpu.module @kernels {
    gpu.func @kernel0(%x: memref<8xi8>) kernel {
      gpu.return
    }
  }
  func.func @main(%arena: memref<512xi8>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    // expected-error@below {{expects launches, constants and views in @main, but got 'memref.alloc'}}
    %a = memref.alloc() : memref<8xi8>
    return
  }
}

// -----

module attributes {gpu.container_module, lowbit.interface = {inputs = [], outputs = []}} {
  // expected-error@below {{expects a constant of f32, or of integers of 1, 8, 16, 32 or 64 bits, whose data is there}}
  memref.global "private" @v : memref<8xi8> = uninitialized
  gpu.module @kernels {
    gpu.func @kernel0(%x: memref<8xi8>) kernel {
      gpu.return
    }
  }
  func.func @main(%arena: memref<512xi8>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %v = memref.get_global @v : memref<8xi8>
    gpu.launch_func @kernels::@kernel0 blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%v : memref<8xi8>)
    return
  }
}

// -----

module attributes {gpu.container_module, lowbit.interface = {inputs = [], outputs = []}} {

  gpu.module @kernels {
    gpu.func @kernel0(%x: memref<8xi8>) kernel {
      gpu.return
    }
  }
  func.func @main(%arena: memref<512xi8>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %w = memref.subview %arena[16] [8] [1] : memref<512xi8> to memref<8xi8, strided<[1], offset: 16>>
    %v = memref.reinterpret_cast %w to offset: [0], sizes: [8], strides: [1] : memref<8xi8, strided<[1], offset: 16>> to memref<8xi8>
    // expected-error@below {{expects a buffer at a place that is known, but got one that 'memref.reinterpret_cast' makes}}
    gpu.launch_func @kernels::@kernel0 blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%v : memref<8xi8>)
    return
  }
}

// -----

module attributes {gpu.container_module, lowbit.interface = {inputs = [], outputs = []}} {

  gpu.module @kernels {
    gpu.func @kernel0(%x: memref<8xi8>) kernel {
      gpu.return
    }
  }
  func.func @main(%arena: memref<512xi8>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %v = memref.view %arena[%c0][] : memref<512xi8> to memref<8xi8>
    // expected-error@below {{expects a launch that is neither asynchronous nor in clusters}}
    %t = gpu.launch_func async @kernels::@kernel0 blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%v : memref<8xi8>)
    return
  }
}
