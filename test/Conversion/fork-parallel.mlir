// RUN: lowbit-opt %s -lowbit-fork-parallel -split-input-file -verify-diagnostics | FileCheck %s
// RUN: lowbit-opt %s -lowbit-fork-parallel=threads=3 -split-input-file -verify-diagnostics \
// RUN:   | FileCheck %s --check-prefix=THREE

// CHECK: llvm.func @GOMP_parallel(!llvm.ptr, !llvm.ptr, i32, i32)
// CHECK-LABEL: llvm.func @main
// CHECK-SAME: (%[[X:.*]]: !llvm.ptr, %[[V:.*]]: f32)
// CHECK: %[[MEMORY:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(ptr, f32)>
// CHECK: %[[F0:.*]] = llvm.getelementptr %[[MEMORY]][0, 0]
// CHECK: llvm.store %[[X]], %[[F0]]
// CHECK: %[[F1:.*]] = llvm.getelementptr %[[MEMORY]][0, 1]
// CHECK: llvm.store %[[V]], %[[F1]]
// CHECK-DAG: %[[THREAD:.*]] = llvm.mlir.addressof @work_thread
// CHECK: %[[COUNT:.*]] = llvm.mlir.constant(0 : i32)
// THREE: llvm.mlir.constant(3 : i32)
// CHECK: %[[FLAGS:.*]] = llvm.mlir.constant(0 : i32)
// CHECK: llvm.call @GOMP_parallel(%[[THREAD]], %[[MEMORY]], %[[COUNT]], %[[FLAGS]])
// CHECK-NOT: llvm.call @work(
// CHECK: llvm.func @work(
// CHECK-NOT: lowbit.trips
// CHECK: llvm.func internal @work_thread(%[[ARGUMENTS:.*]]: !llvm.ptr)
// CHECK: llvm.call @omp_get_thread_num()
// CHECK: llvm.call @omp_get_num_threads()
// CHECK: llvm.mlir.constant(196 : i64)
// CHECK: %[[FIRST:.*]] = llvm.udiv
// CHECK: %[[LAST:.*]] = llvm.udiv
// CHECK: %[[SOME:.*]] = llvm.icmp "ult" %[[FIRST]], %[[LAST]]
// CHECK: llvm.cond_br %[[SOME]]
// CHECK: %[[A0:.*]] = llvm.load {{.*}} -> !llvm.ptr
// CHECK: %[[A1:.*]] = llvm.load {{.*}} -> f32
// CHECK: llvm.call @work(%[[FIRST]], %[[LAST]], %[[A0]], %[[A1]])
llvm.func @main(%x: !llvm.ptr, %v: f32) {
  %c0 = llvm.mlir.constant(0 : i64) : i64
  %c196 = llvm.mlir.constant(196 : i64) : i64
  llvm.call @work(%c0, %c196, %x, %v) : (i64, i64, !llvm.ptr, f32) -> ()
  llvm.return
}
llvm.func @work(%first: i64, %last: i64, %x: !llvm.ptr, %v: f32) attributes {lowbit.trips = 196 : i64} {
  llvm.return
}

// -----

// expected-error@+1 {{expects 'lowbit.trips' to be a positive integer, and a function of two i64, the range, and of integers, floats and pointers, but got '!llvm.func<void (i64)>'}}
llvm.func @range(%first: i64) attributes {lowbit.trips = 4 : i64} {
  llvm.return
}

// -----

// expected-error@+1 {{convert functions with use-bare-ptr-memref-call-conv=1}}
llvm.func @struct(%first: i64, %last: i64, %x: !llvm.struct<(ptr, ptr)>) attributes {lowbit.trips = 4 : i64} {
  llvm.return
}

// -----

// expected-error@+1 {{expects 'lowbit.trips' to be a positive integer}}
llvm.func @none(%first: i64, %last: i64) attributes {lowbit.trips = 0 : i64} {
  llvm.return
}
