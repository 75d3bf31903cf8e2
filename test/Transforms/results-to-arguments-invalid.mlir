// RUN: lowbit-opt %s -lowbit-results-to-arguments -allow-unregistered-dialect -split-input-file -verify-diagnostics

// expected-error @+1 {{expects a function @main with a body}}
module {
}

// -----

// expected-error @+1 {{expects results of static shape and identity layout, but got 'memref<?xf32>'}}
func.func @main(%x: memref<?xf32>) -> memref<?xf32> {
  return %x : memref<?xf32>
}

// -----

// expected-error @+1 {{expects results of static shape and identity layout, but got 'memref<4xf32, strided<[2]>>'}}
func.func @main(%x: memref<4xf32, strided<[2]>>) -> memref<4xf32, strided<[2]>> {
  return %x : memref<4xf32, strided<[2]>>
}

// -----

// expected-error @+1 {{expects results of static shape and identity layout, but got 'tensor<4xf32>'}}
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

// expected-error @+1 {{expects @main to be one block; run this before -convert-scf-to-cf}}
func.func @main(%x: memref<4xf32>) -> memref<4xf32> {
  cf.br ^bb1
^bb1:
  return %x : memref<4xf32>
}

// -----

func.func @main(%x: memref<4xf32>, %n: index) -> memref<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %f0 = arith.constant 0.0 : f32
  %y = memref.alloc() : memref<4xf32>
  %v = memref.expand_shape %x [[0, 1]] output_shape [2, 2] : memref<4xf32> into memref<2x2xf32>
  scf.for %i = %c0 to %n step %c1 {
    // expected-error @+1 {{writes to input 0 of @main, which its caller owns; bufferize with 'bufferization.writable = false' on the arguments}}
    memref.store %f0, %v[%i, %i] : memref<2x2xf32>
  }
  return %y : memref<4xf32>
}
