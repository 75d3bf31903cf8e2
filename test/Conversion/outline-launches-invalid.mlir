// RUN: lowbit-opt %s -split-input-file -verify-diagnostics -lowbit-outline-launches

// expected-error@below {{the name 'kernels' is taken; it is that of the kernels}}
func.func private @kernels()

// -----

func.func @main(%a: memref<4xi8, strided<[2]>>) {
  %c1 = arith.constant 1 : index
  %one = arith.constant 1 : i8
  // expected-error@below {{expects buffers of identity layout, or views of them, but got 'memref<4xi8, strided<[2]>>'}}
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %c1) {
    memref.store %one, %a[%tx] : memref<4xi8, strided<[2]>>
    gpu.terminator
  }
  return
}
