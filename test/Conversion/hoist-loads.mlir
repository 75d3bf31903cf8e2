// RUN: lowbit-opt %s -lowbit-hoist-loads | FileCheck %s

// A row's scale is read in front of the loop over its codes: they are apart in the workspace.
// CHECK-LABEL: func.func @apart
// CHECK: scf.for %[[I:[a-z0-9]+]] =
// CHECK-NEXT: memref.load %{{.*}}[%[[I]]] : memref<4xf32>
// CHECK-NEXT: scf.for %[[J:[a-z0-9]+]] =
// CHECK-NEXT: memref.load %{{.*}}[%[[I]], %[[J]]] : memref<4x8xf32>
func.func @apart(%x: memref<4x8xf32>, %workspace: memref<1024xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %scales = memref.view %workspace[%c0][] : memref<1024xi8> to memref<4xf32>
  %flat = memref.view %workspace[%c16][] : memref<1024xi8> to memref<32xi8>
  %codes = memref.expand_shape %flat [[0, 1]] output_shape [4, 8] : memref<32xi8> into memref<4x8xi8>
  scf.for %i = %c0 to %c4 step %c1 {
    scf.for %j = %c0 to %c8 step %c1 {
      %a = memref.load %x[%i, %j] : memref<4x8xf32>
      %scale = memref.load %scales[%i] : memref<4xf32>
      %y = arith.divf %a, %scale : f32
      %code = arith.fptosi %y : f32 to i8
      memref.store %code, %codes[%i, %j] : memref<4x8xi8>
    }
  }
  return
}

// Not where views share a byte, or lie at no known place.
// CHECK-LABEL: func.func @together
// CHECK: scf.for
// CHECK-NEXT: memref.load %{{.*}}[%{{.*}}] : memref<4xf32>
// CHECK: scf.for
// CHECK-NEXT: memref.load %{{.*}}[%{{.*}}] : memref<4xf32>
func.func @together(%workspace: memref<1024xi8>, %place: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c15 = arith.constant 15 : index
  %scales = memref.view %workspace[%c0][] : memref<1024xi8> to memref<4xf32>
  %codes = memref.view %workspace[%c15][] : memref<1024xi8> to memref<4xi8>
  %anywhere = memref.view %workspace[%place][] : memref<1024xi8> to memref<4xi8>
  scf.for %i = %c0 to %c4 step %c1 {
    %scale = memref.load %scales[%c1] : memref<4xf32>
    %code = arith.fptosi %scale : f32 to i8
    memref.store %code, %codes[%i] : memref<4xi8>
  }
  scf.for %i = %c0 to %c4 step %c1 {
    %scale = memref.load %scales[%c1] : memref<4xf32>
    %code = arith.fptosi %scale : f32 to i8
    memref.store %code, %anywhere[%i] : memref<4xi8>
  }
  return
}

// An allocation is apart from arguments, two of which may be one.
// CHECK-LABEL: func.func @arguments
// CHECK: memref.load %{{.*}}[] : memref<f32>
// CHECK-NEXT: scf.for
// CHECK-NEXT: memref.load %{{.*}}[] : memref<f32>
// CHECK-NEXT: arith.addf
func.func @arguments(%a: memref<f32>, %b: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %own = memref.alloc() : memref<f32>
  %one = arith.constant 1.0 : f32
  memref.store %one, %own[] : memref<f32>
  scf.for %i = %c0 to %c4 step %c1 {
    %x = memref.load %a[] : memref<f32>
    %y = memref.load %own[] : memref<f32>
    %z = arith.addf %x, %y : f32
    memref.store %z, %b[%i] : memref<4xf32>
  }
  memref.dealloc %own : memref<f32>
  return
}

// Nor from a loop that may not run, or of which it is not known what it writes.
// CHECK-LABEL: func.func @stays
// CHECK: scf.for
// CHECK-NEXT: memref.load
// CHECK: scf.for
// CHECK-NEXT: memref.load
func.func private @unknown(f32)
func.func @stays(%last: index, %b: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %own = memref.alloc() : memref<4xf32>
  scf.for %i = %c0 to %last step %c1 {
    %x = memref.load %own[%c1] : memref<4xf32>
    memref.store %x, %b[%i] : memref<4xf32>
  }
  scf.for %i = %c0 to %c4 step %c1 {
    %x = memref.load %own[%c1] : memref<4xf32>
    func.call @unknown(%x) : (f32) -> ()
  }
  memref.dealloc %own : memref<4xf32>
  return
}
