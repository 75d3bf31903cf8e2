// RUN: lowbit-opt %s -lowbit-plan-arena -allow-unregistered-dialect -split-input-file -verify-diagnostics

// expected-error @+1 {{expects a function @main with a body}}
module {
  func.func private @main()
}

// -----

func.func @main(%n: index) {
  // expected-error @+1 {{expects buffers of static size, but got 'memref<?xf32>'}}
  %a = memref.alloc(%n) : memref<?xf32>
  "test.use"(%a) : (memref<?xf32>) -> ()
  return
}

// -----

func.func @main() {
  // expected-error @+1 {{expects buffers of identity layout in the default memory space, but got 'memref<4xf32, strided<[2]>>'}}
  %a = memref.alloc() : memref<4xf32, strided<[2]>>
  return
}

// -----

func.func @main() {
  // expected-error @+1 {{expects buffers of identity layout in the default memory space, but got 'memref<4xf32, 3>'}}
  %a = memref.alloc() : memref<4xf32, 3>
  return
}

// -----

func.func @main() {
  // expected-error @+1 {{expects an alignment of at most 64, but got 128}}
  %a = memref.alloc() {alignment = 128 : i64} : memref<4xf32>
  return
}

// -----

// expected-error @+1 {{expects @main to return no buffer; use -lowbit-results-to-arguments first}}
func.func @main(%x: memref<4xf32>) -> memref<4xf32> {
  return %x : memref<4xf32>
}

// -----

// expected-error @+1 {{expects @main to be one block; run this before -convert-scf-to-cf}}
func.func @main() {
  cf.br ^bb1
^bb1:
  return
}

// -----

func.func @main() {
  return
}
func.func @other() {
  // expected-error @+1 {{allocates a buffer outside of @main; use -inline first}}
  %a = memref.alloc() : memref<4xf32>
  return
}

// -----

func.func @main(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-note @+1 {{the region is here}}
  scf.forall (%i) in (%n) {
    // expected-error @+1 {{allocates once for each execution of a region of 'scf.forall', which may overlap in time; lower it to scf.for first}}
    %a = memref.alloc() : memref<4xf32>
    "test.use"(%a) : (memref<4xf32>) -> ()
  }
  return
}

// -----

func.func @main(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-note @+1 {{the region is here}}
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    // expected-error @+1 {{allocates once for each execution of a region of 'scf.parallel'}}
    %a = memref.alloca() : memref<4xf32>
    "test.use"(%a) : (memref<4xf32>) -> ()
  }
  return
}

// -----

// Each iteration reads the buffer of the one before.
func.func @main(%x: memref<4xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-note @+1 {{the loop is here}}
  %last = scf.for %i = %c0 to %n step %c1 iter_args(%before = %x) -> memref<4xf32> {
    // expected-error @+1 {{allocates a buffer that its loop carries from one iteration to another; allocate it before the loop}}
    %a = memref.alloc() : memref<4xf32>
    "test.use"(%before, %a) : (memref<4xf32>, memref<4xf32>) -> ()
    scf.yield %a : memref<4xf32>
  }
  return
}
