// RUN: lowbit-opt %s -lowbit-outline-parallel -split-input-file -verify-diagnostics | FileCheck %s
// RUN: lowbit-opt %s -lowbit-outline-parallel=ranges=3 -split-input-file -verify-diagnostics \
// RUN:   | FileCheck %s --check-prefix=RANGES

// Views and constants are made again inside; arguments and what has an effect are handed over.
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[ARENA:.*]]: memref<4096xi8> {llvm.noalias}, %[[X:.*]]: memref<196xf32>)
// CHECK: %[[V:.*]] = memref.load %[[X]]
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C196:.*]] = arith.constant 196 : index
// CHECK: call @main_parallel(%{{.*}}, %[[C196]], %[[V]], %[[ARENA]])
// CHECK-SAME: : (index, index, f32, memref<4096xi8>) -> ()
// CHECK: call @main_parallel_0(
// CHECK-NOT: lowbit.parallel
// CHECK: func.func private @main_parallel(%[[FIRST:.*]]: index, %[[LAST:.*]]: index,
// CHECK-SAME: %[[IN:.*]]: f32, %[[A:.*]]: memref<4096xi8> {llvm.noalias})
// CHECK-SAME: attributes {lowbit.trips = 196 : i64}
// CHECK: %[[VIEW:.*]] = memref.view %[[A]]
// CHECK: scf.for %[[I:.*]] = %[[FIRST]] to %[[LAST]]
// CHECK: memref.store %[[IN]], %[[VIEW]][%[[I]]]
// CHECK: return
// CHECK: func.func private @main_parallel_0(%{{.*}}: index, %{{.*}}: index, %{{.*}}: f32, %{{.*}}: memref<196xf32>)
// CHECK-SAME: attributes {lowbit.trips = 2 : i64}

// As threads would, one after the other; no more ranges than trips.
// RANGES-LABEL: func.func @main
// RANGES: %[[S0:.*]] = arith.constant 0 : index
// RANGES: %[[E0:.*]] = arith.constant 65 : index
// RANGES: call @main_parallel(%[[S0]], %[[E0]],
// RANGES: %[[S1:.*]] = arith.constant 65 : index
// RANGES: %[[E1:.*]] = arith.constant 130 : index
// RANGES: call @main_parallel(%[[S1]], %[[E1]],
// RANGES: %[[S2:.*]] = arith.constant 130 : index
// RANGES: %[[E2:.*]] = arith.constant 196 : index
// RANGES: call @main_parallel(%[[S2]], %[[E2]],
// RANGES-COUNT-2: call @main_parallel_0(
// RANGES-NOT: call
// RANGES: return
func.func @main(%arena: memref<4096xi8> {llvm.noalias}, %x: memref<196xf32>) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %view = memref.view %arena[%c64][] : memref<4096xi8> to memref<196xf32>
  %v = memref.load %x[%c1] : memref<196xf32>
  lowbit.parallel 196 {
  ^bb0(%first: index, %last: index):
    scf.for %i = %first to %last step %c1 {
      memref.store %v, %view[%i] : memref<196xf32>
    }
  }
  lowbit.parallel 2 {
  ^bb0(%first: index, %last: index):
    memref.store %v, %x[%first] : memref<196xf32>
  }
  return
}

// -----

func.func @vector(%x: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %v = vector.load %x[%c0] : memref<8xf32>, vector<8xf32>
  // expected-error@+1 {{reads a value of type 'vector<8xf32>' from outside; expects numbers, and buffers of static shape and identity layout}}
  lowbit.parallel 2 {
  ^bb0(%first: index, %last: index):
    vector.store %v, %x[%c0] : memref<8xf32>, vector<8xf32>
  }
  return
}

// -----

func.func @strided(%x: memref<8xf32, strided<[2]>>, %v: f32) {
  // expected-error@+1 {{reads a value of type 'memref<8xf32, strided<[2]>>' from outside}}
  lowbit.parallel 2 {
  ^bb0(%first: index, %last: index):
    memref.store %v, %x[%first] : memref<8xf32, strided<[2]>>
  }
  return
}

// -----

func.func @nested() {
  lowbit.parallel 2 {
  ^bb0(%first: index, %last: index):
    // expected-error@+1 {{is expected in a function, and not in another of its kind}}
    lowbit.parallel 3 {
    ^bb0(%a: index, %b: index):
    }
  }
  return
}
