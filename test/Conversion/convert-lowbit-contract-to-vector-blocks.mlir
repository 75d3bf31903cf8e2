// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector -split-input-file | FileCheck %s

// Rows of lhs that take more than 128 KB pass in blocks which stay in a cache while all panels of
// weights pass: 1031 rows of 130 floats, 4 in a tile, are 258 tiles in blocks of 63.

// CHECK-LABEL: func.func @blocks
// CHECK: %[[ALL:.*]] = arith.constant 258 : index
// CHECK: %[[BLOCK:.*]] = arith.constant 63 : index
// CHECK: scf.for %[[FIRST:.*]] = %{{.*}} to %[[ALL]] step %[[BLOCK]]
// CHECK: %[[END:.*]] = arith.addi %[[FIRST]], %{{.*}} : index
// CHECK: %[[LAST:.*]] = arith.minui %[[END]], %[[ALL]] : index
// CHECK: scf.for %{{.*}} = %[[FIRST]] to %[[LAST]]
#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
memref.global "private" constant @w : memref<40x130xf32> = dense<1.0>
func.func @blocks(%x: memref<1031x130xf32>, %y: memref<1031x40xf32>) {
  %w = memref.get_global @w : memref<40x130xf32>
  lowbit.contract ins(%x, %w : memref<1031x130xf32>, memref<40x130xf32>) outs(%y : memref<1031x40xf32>)
    maps [#lhs, #rhs, #out]
    attributes {formats = [f32, f32, f32],
                primitive = "generic.fma"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

// One panel: nothing passes twice.
// CHECK-LABEL: func.func @one_panel
// CHECK: arith.constant 172 : index
// CHECK-NEXT: %[[ONE:.*]] = arith.constant 1 : index
// CHECK-NEXT: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %[[ONE]]
#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
memref.global "private" constant @w : memref<16x130xf32> = dense<1.0>
func.func @one_panel(%x: memref<1031x130xf32>, %y: memref<1031x16xf32>) {
  %w = memref.get_global @w : memref<16x130xf32>
  lowbit.contract ins(%x, %w : memref<1031x130xf32>, memref<16x130xf32>) outs(%y : memref<1031x16xf32>)
    maps [#lhs, #rhs, #out]
    attributes {formats = [f32, f32, f32],
                primitive = "generic.fma"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}
