// RUN: lowbit-opt %s -lowbit-plan-arena=report -allow-unregistered-dialect -split-input-file -verify-diagnostics | FileCheck %s
// RUN: lowbit-opt %s -lowbit-plan-arena=stack-limit=15 -allow-unregistered-dialect -split-input-file \
// RUN:   | FileCheck %s --check-prefix=LIMIT

// A chain: each step needs its input and its output, so two buffers of 256
// bytes serve three.

// CHECK-LABEL: module attributes {lowbit.workspace_size = 512 : i64}
// CHECK: func.func @main
// CHECK-SAME: %[[X:[^:]*]]: memref<64xf32>, %{{[^:]*}}: memref<64xf32>, %[[ARENA:[^:]*]]: memref<512xi8> {llvm.noalias})
// CHECK: %[[O0:.*]] = arith.constant 0 : index
// CHECK: %[[A:.*]] = memref.view %[[ARENA]][%[[O0]]][] : memref<512xi8> to memref<64xf32>
// CHECK: %[[O1:.*]] = arith.constant 256 : index
// CHECK: %[[B:.*]] = memref.view %[[ARENA]][%[[O1]]][] : memref<512xi8> to memref<64xf32>
// CHECK: %[[O2:.*]] = arith.constant 0 : index
// CHECK: %[[C:.*]] = memref.view %[[ARENA]][%[[O2]]][] : memref<512xi8> to memref<64xf32>
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.dealloc
// CHECK: memref.copy %[[X]], %[[A]] :
// CHECK: memref.copy %[[A]], %[[B]] :
// CHECK: memref.copy %[[B]], %[[C]] :
module {
// expected-remark @+1 {{arena of 512 bytes for 3 buffers, lower bound 512 bytes}}
func.func @main(%x: memref<64xf32>, %y: memref<64xf32>) {
  %a = memref.alloc() {alignment = 64 : i64} : memref<64xf32>
  %b = memref.alloc() : memref<64xf32>
  %c = memref.alloc() : memref<64xf32>
  memref.copy %x, %a : memref<64xf32> to memref<64xf32>
  memref.copy %a, %b : memref<64xf32> to memref<64xf32>
  memref.dealloc %a : memref<64xf32>
  memref.copy %b, %c : memref<64xf32> to memref<64xf32>
  memref.copy %c, %y : memref<64xf32> to memref<64xf32>
  memref.dealloc %b : memref<64xf32>
  return
}
}

// -----

// Sizes are rounded up to 64 bytes, and an i1 takes a byte. All three are
// alive at the last step.

// CHECK-LABEL: module attributes {lowbit.workspace_size = 192 : i64}
module {
// expected-remark @+1 {{arena of 192 bytes for 3 buffers, lower bound 192 bytes}}
func.func @main() {
  %a = memref.alloc() : memref<3xi8>
  %b = memref.alloc() : memref<9xi1>
  %c = memref.alloc() : memref<i32>
  "test.use"(%a, %b, %c) : (memref<3xi8>, memref<9xi1>, memref<i32>) -> ()
  return
}
}

// -----

// A view keeps its buffer alive: %a and %b overlap by %v, however it is made.

// CHECK-LABEL: module attributes {lowbit.workspace_size = 128 : i64}
module {
// expected-remark @+1 {{arena of 128 bytes for 2 buffers, lower bound 128 bytes}}
func.func @main(%c: i1) {
  %a = memref.alloc() : memref<4x4xf32>
  %flat = memref.collapse_shape %a [[0, 1]] : memref<4x4xf32> into memref<16xf32>
  %part = memref.subview %flat[4] [4] [1] : memref<16xf32> to memref<4xf32, strided<[1], offset: 4>>
  %v = memref.cast %part : memref<4xf32, strided<[1], offset: 4>> to memref<4xf32, strided<[1], offset: ?>>
  %w = scf.if %c -> memref<4xf32, strided<[1], offset: ?>> {
    scf.yield %v : memref<4xf32, strided<[1], offset: ?>>
  } else {
    scf.yield %v : memref<4xf32, strided<[1], offset: ?>>
  }
  %b = memref.alloc() : memref<16xf32>
  "test.write"(%b) : (memref<16xf32>) -> ()
  "test.read"(%w) : (memref<4xf32, strided<[1], offset: ?>>) -> ()
  return
}
}

// -----

// What is not known may be a view as well.

// CHECK-LABEL: module attributes {lowbit.workspace_size = 128 : i64}
module {
// expected-remark @+1 {{arena of 128 bytes for 2 buffers, lower bound 128 bytes}}
func.func @main() {
  %a = memref.alloc() : memref<16xf32>
  %v = "test.alias"(%a) : (memref<16xf32>) -> memref<16xf32>
  %b = memref.alloc() : memref<16xf32>
  "test.write"(%b) : (memref<16xf32>) -> ()
  "test.read"(%v) : (memref<16xf32>) -> ()
  return
}
}

// -----

// An address that leaves keeps its buffer alive to the end.

// CHECK-LABEL: module attributes {lowbit.workspace_size = 128 : i64}
module {
// expected-remark @+1 {{arena of 128 bytes for 2 buffers, lower bound 128 bytes}}
func.func @main() {
  %a = memref.alloc() : memref<16xf32>
  %address = memref.extract_aligned_pointer_as_index %a : memref<16xf32> -> index
  %b = memref.alloc() : memref<16xf32>
  "test.write"(%b) : (memref<16xf32>) -> ()
  "test.read"(%address) : (index) -> ()
  return
}
}

// -----

// Uses inside a loop count at the loop: %a and %b overlap there, %c comes
// after. %b is allocated once, before the loop.

// CHECK-LABEL: module attributes {lowbit.workspace_size = 128 : i64}
// CHECK: func.func @main
// CHECK: memref.view
// CHECK: memref.view
// CHECK: scf.for
// CHECK-NOT: memref.view
// CHECK: "test.use"
module {
// expected-remark @+1 {{arena of 128 bytes for 3 buffers, lower bound 128 bytes}}
func.func @main(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<16xf32>
  scf.for %i = %c0 to %n step %c1 {
    %b = memref.alloc() : memref<16xf32>
    "test.use"(%a, %b) : (memref<16xf32>, memref<16xf32>) -> ()
    memref.dealloc %b : memref<16xf32>
  }
  %c = memref.alloc() : memref<17xf32>
  "test.use"(%c) : (memref<17xf32>) -> ()
  return
}
}

// -----

// The smallest gap that fits: %small goes into the hole of %short beside %long,
// which is alive throughout.

// CHECK-LABEL: module attributes {lowbit.workspace_size = 1088 : i64}
module {
// expected-remark @+1 {{arena of 1088 bytes for 3 buffers, lower bound 1088 bytes}}
func.func @main() {
  %long = memref.alloc() : memref<1024xi8>
  %short = memref.alloc() : memref<64xi8>
  %small = memref.alloc() : memref<1xi8>
  "test.use"(%long, %short) : (memref<1024xi8>, memref<64xi8>) -> ()
  "test.use"(%long, %small) : (memref<1024xi8>, memref<1xi8>) -> ()
  return
}
}

// -----

// Nothing to place; an unused buffer takes no room.

// CHECK-LABEL: module attributes {lowbit.workspace_size = 0 : i64}
// CHECK: func.func @main(%{{.*}}: memref<4xf32>, %{{.*}}: memref<0xi8> {llvm.noalias})
module {
// expected-remark @+1 {{arena of 0 bytes for 0 buffers, lower bound 0 bytes}}
func.func @main(%x: memref<4xf32>) {
  %a = memref.alloc() : memref<4xf32>
  return
}
}

// -----

// A small alloca stays on the stack, once: a loop would make it grow.

// CHECK-LABEL: module attributes {lowbit.workspace_size = 0 : i64}
// CHECK: func.func @main
// CHECK: memref.alloca() : memref<4xf32>
// CHECK: scf.for
// CHECK-NOT: memref.alloca
// CHECK: return
// LIMIT-LABEL: module attributes {lowbit.workspace_size = 64 : i64}
// LIMIT: func.func @main
// LIMIT-NOT: memref.alloca
// LIMIT: return
module {
// expected-remark @+1 {{arena of 0 bytes for 0 buffers, lower bound 0 bytes}}
func.func @main(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %a = memref.alloca() : memref<4xf32>
    "test.use"(%a) : (memref<4xf32>) -> ()
  }
  return
}
}
