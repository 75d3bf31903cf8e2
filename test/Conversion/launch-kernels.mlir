// RUN: lowbit-opt %s -split-input-file -lowbit-launch-kernels | FileCheck %s
// RUN: lowbit-opt %s -split-input-file -lowbit-launch-kernels="threads=64 max-blocks=2" | FileCheck %s --check-prefix=SMALL

#id = affine_map<(i, j) -> (i, j)>

// One thread for each element; those behind the last do nothing.
// CHECK-LABEL: func @main
// CHECK: gpu.launch blocks({{.*}}) in (%{{.*}} = %[[BLOCKS:.*]], %{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) threads({{.*}}) in (%{{.*}} = %[[THREADS:[^,]*]],
// CHECK: %[[INSIDE:.*]] = arith.cmpi ult, %[[ID:.*]], %
// CHECK: scf.if %[[INSIDE]]
// CHECK: %[[COLUMN:.*]] = arith.remui %[[ID]], %[[TEN:.*]] : index
// CHECK: %[[ROW:.*]] = arith.divui %[[ID]], %[[TEN]] : index
// CHECK: %[[X:.*]] = memref.load %arg0[%[[ROW]], %[[COLUMN]]] : memref<100x10xi8>
// CHECK: %[[Y:.*]] = arith.maxsi %[[X]], %{{.*}} : i8
// CHECK: memref.store %[[Y]], %arg1[%[[ROW]], %[[COLUMN]]] : memref<100x10xi8>
// CHECK: gpu.terminator
// CHECK-NOT: linalg

// 128 threads at once: each takes several elements.
// SMALL-LABEL: func @main
// SMALL: scf.for %[[ID:.*]] = %{{.*}} to %[[END:.*]] step %[[STEP:.*]] {
// SMALL: arith.remui %[[ID]]
func.func @main(%x: memref<100x10xi8>, %y: memref<100x10xi8>) {
  %zero = arith.constant 0 : i8
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<100x10xi8>) outs(%y : memref<100x10xi8>) {
  ^bb0(%a: i8, %old: i8):
    %b = arith.maxsi %a, %zero : i8
    linalg.yield %b : i8
  }
  return
}

// -----

#x = affine_map<(i, k) -> (i, k)>
#y = affine_map<(i, k) -> (i)>

// A sum starts from the value that its buffer was filled with, in a register.
// CHECK-LABEL: func @main
// CHECK: %[[SEVEN:.*]] = arith.constant 7 : i32
// CHECK: gpu.launch
// CHECK: %[[SUM:.*]] = scf.for %[[K:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[OLD:.*]] = %[[SEVEN]]) -> (i32) {
// CHECK:   %[[E:.*]] = memref.load %arg0[%[[I:.*]], %[[K]]]
// CHECK:   %[[NEW:.*]] = arith.addi %[[OLD]], %[[E]]
// CHECK:   scf.yield %[[NEW]]
// CHECK: memref.store %[[SUM]], %arg1[%[[I]]]
// CHECK-NOT: gpu.launch
func.func @main(%x: memref<64x10xi32>, %y: memref<64xi32>) {
  %seven = arith.constant 7 : i32
  linalg.fill ins(%seven : i32) outs(%y : memref<64xi32>)
  linalg.generic {indexing_maps = [#x, #y], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<64x10xi32>) outs(%y : memref<64xi32>) {
  ^bb0(%a: i32, %sum: i32):
    %b = arith.addi %sum, %a : i32
    linalg.yield %b : i32
  }
  return
}

// -----

#x = affine_map<(i, k) -> (i, k)>
#y = affine_map<(i, k) -> (i)>

// Something reads the filled buffer before: two launches.
// CHECK-LABEL: func @main
// CHECK-COUNT-3: gpu.launch
func.func @main(%x: memref<64x10xi32>, %y: memref<64xi32>, %z: memref<64xi32>) {
  %seven = arith.constant 7 : i32
  linalg.fill ins(%seven : i32) outs(%y : memref<64xi32>)
  memref.copy %y, %z : memref<64xi32> to memref<64xi32>
  linalg.generic {indexing_maps = [#x, #y], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<64x10xi32>) outs(%y : memref<64xi32>) {
  ^bb0(%a: i32, %sum: i32):
    %b = arith.addi %sum, %a : i32
    linalg.yield %b : i32
  }
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>

// Indices are the thread's.
// CHECK-LABEL: func @main
// CHECK: gpu.launch
// CHECK: %[[COLUMN:.*]] = arith.remui
// CHECK: %[[V:.*]] = arith.index_cast %[[COLUMN]] : index to i32
// CHECK: memref.store %[[V]]
// CHECK-NOT: linalg.index
func.func @main(%y: memref<16x10xi32>) {
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
      outs(%y : memref<16x10xi32>) {
  ^bb0(%old: i32):
    %j = linalg.index 1 : index
    %i = arith.index_cast %j : index to i32
    linalg.yield %i : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
#column = affine_map<(m, n, k) -> (n)>

// A contraction is one launch with its epilogue.
// CHECK-LABEL: func @main
// CHECK: gpu.launch
// CHECK: %[[SUM:.*]] = scf.for %[[K:.*]] = {{.*}} iter_args(%[[OLD:.*]] = %{{.*}}) -> (i32) {
// CHECK-DAG: %[[X:.*]] = memref.load %arg0[%[[M:.*]], %[[K]]] : memref<4x6xi8>
// CHECK-DAG: %[[W:.*]] = memref.load %arg1[%[[N:.*]], %[[K]]] : memref<8x6xi8>
// CHECK-DAG: arith.extui %[[X]] : i8 to i32
// CHECK-DAG: arith.extsi %[[W]] : i8 to i32
// CHECK: scf.yield
// CHECK: %[[BIAS:.*]] = memref.load %arg2[%[[N]]] : memref<8xi32>
// CHECK: %[[Y:.*]] = arith.addi %[[SUM]], %[[BIAS]] : i32
// CHECK: memref.store %[[Y]], %arg3[%[[M]], %[[N]]] : memref<4x8xi32>
// CHECK-NOT: gpu.launch
func.func @main(%x: memref<4x6xi8>, %w: memref<8x6xi8>, %bias: memref<8xi32>, %y: memref<4x8xi32>) {
  lowbit.contract ins(%x, %w : memref<4x6xi8>, memref<8x6xi8>) epilogue(%bias : memref<8xi32>)
      outs(%y : memref<4x8xi32>) maps [#lhs, #rhs, #column, #out]
      attributes {formats = [!quant.any<u8>, !quant.any<i8>, i32, i32]} {
  ^bb0(%acc: i32, %b: i32):
    %0 = arith.addi %acc, %b : i32
    lowbit.yield %0 : i32
  }
  return
}
