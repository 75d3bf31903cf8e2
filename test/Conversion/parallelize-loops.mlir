// RUN: lowbit-opt %s -lowbit-parallelize-loops=min-operations=1000 | FileCheck %s
// RUN: lowbit-opt %s -lowbit-parallelize-loops | FileCheck %s --check-prefix=DEFAULT

// None of them is large enough by default.
// DEFAULT-NOT: lowbit.parallel

// The first loop that is long enough is divided, and becomes the outermost.
// CHECK-LABEL: func.func @second
// CHECK: lowbit.parallel 64 {
// CHECK-NEXT: ^bb0(%[[FIRST:.*]]: index, %[[LAST:.*]]: index):
// CHECK: scf.for %[[J:.*]] = %[[FIRST]] to %[[LAST]]
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step
// CHECK: scf.for %[[K:.*]] = %{{.*}} to %{{.*}} step
// CHECK: memref.load %{{.*}}[%[[I]], %[[J]], %[[K]]]
// CHECK: memref.store %{{.*}}, %{{.*}}[%[[I]], %[[J]], %[[K]]]
// CHECK-NOT: scf.parallel
// CHECK-LABEL: func.func @longest
// CHECK: lowbit.parallel 7 {
// CHECK-LABEL: func.func @inside
// The operations inside count as often as they run.
// CHECK: scf.for
// CHECK: lowbit.parallel 4 {
// CHECK: scf.for
// CHECK: scf.parallel
// CHECK-LABEL: func.func @kept
// CHECK-NOT: lowbit.parallel
// CHECK-COUNT-5: scf.parallel
// CHECK-NOT: lowbit.parallel
// CHECK: return
func.func @second(%x: memref<3x64x20xf32>, %y: memref<3x64x20xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c20 = arith.constant 20 : index
  %c64 = arith.constant 64 : index
  scf.parallel (%i, %j, %k) = (%c0, %c0, %c0) to (%c3, %c64, %c20) step (%c1, %c1, %c1) {
    %0 = memref.load %x[%i, %j, %k] : memref<3x64x20xf32>
    memref.store %0, %y[%i, %j, %k] : memref<3x64x20xf32>
    scf.reduce
  }
  return
}

func.func @longest(%x: memref<5x7x100xf32>, %v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %c7 = arith.constant 7 : index
  %c100 = arith.constant 100 : index
  scf.parallel (%i, %j) = (%c0, %c0) to (%c5, %c7) step (%c1, %c1) {
    scf.for %k = %c0 to %c100 step %c1 {
      memref.store %v, %x[%i, %j, %k] : memref<5x7x100xf32>
    }
    scf.reduce
  }
  return
}

// A parallel loop in a parallel loop stays as it is, and one in a loop is divided.
func.func @inside(%x: memref<4x400xf32>, %v: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c400 = arith.constant 400 : index
  scf.for %n = %c0 to %c4 step %c1 {
    scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
      scf.parallel (%k) = (%c0) to (%c400) step (%c1) {
        memref.store %v, %x[%i, %k] : memref<4x400xf32>
        scf.reduce
      }
      scf.reduce
    }
  }
  return
}

// Small ones, sums, bounds that are not known or do not start at 0 by 1, and loops of one trip.
func.func @kept(%x: memref<1x2000xf32>, %v: f32, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c99 = arith.constant 99 : index
  %c2000 = arith.constant 2000 : index
  scf.parallel (%i) = (%c0) to (%c99) step (%c1) {
    memref.store %v, %x[%c0, %i] : memref<1x2000xf32>
    scf.reduce
  }
  %sum = scf.parallel (%i) = (%c0) to (%c2000) step (%c1) init (%v) -> f32 {
    %0 = memref.load %x[%c0, %i] : memref<1x2000xf32>
    scf.reduce(%0 : f32) {
    ^bb0(%a: f32, %b: f32):
      %1 = arith.addf %a, %b : f32
      scf.reduce.return %1 : f32
    }
  }
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    memref.store %v, %x[%c0, %i] : memref<1x2000xf32>
    scf.reduce
  }
  scf.parallel (%i) = (%c0) to (%c2000) step (%c2) {
    memref.store %v, %x[%c0, %i] : memref<1x2000xf32>
    scf.reduce
  }
  scf.parallel (%i) = (%c0) to (%c1) step (%c1) {
    scf.for %k = %c0 to %c2000 step %c1 {
      memref.store %v, %x[%i, %k] : memref<1x2000xf32>
    }
    scf.reduce
  }
  return %sum : f32
}
