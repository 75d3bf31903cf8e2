// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector -split-input-file | FileCheck %s --check-prefix=LOADS

// Four windows in each of two rows: of 4 by 6 pixels, each is read once, as are nine weights. The
// terms of a sum come row by row of the window. The last of nine rows is computed with the one
// before, which is so twice.
// CHECK-LABEL: func.func @stride_one
// CHECK: scf.for %[[ROW:.*]] = %{{.*}} to %{{.*}} step
// CHECK: %[[TWO:.*]] = arith.muli %[[ROW]], %{{.*}} : index
// CHECK: arith.minui %[[TWO]], %{{.*}} : index
// CHECK: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<8xf32>
// CHECK: %[[FIRST:.*]] = math.fma %{{.*}}, %[[W:.*]], %[[ZERO]] : vector<8xf32>
// CHECK-COUNT-3: math.fma %{{.*}}, %[[W]], %[[ZERO]] : vector<8xf32>
// CHECK: %[[SECOND:.*]] = math.fma %{{.*}}, %{{.*}}, %[[FIRST]] : vector<8xf32>
// CHECK: math.fma %{{.*}}, %{{.*}}, %[[SECOND]] : vector<8xf32>
// CHECK-COUNT-63: math.fma
// CHECK-NOT: math.fma
// CHECK-COUNT-8: vector.store {{.*}} vector<8xf32>
// CHECK-NOT: vector.store
// LOADS-LABEL: func.func @stride_one
// LOADS-COUNT-33: vector.load
// LOADS-NOT: vector.load
// LOADS: return
func.func @stride_one(%x: memref<11x10x8xf32>, %w: memref<3x3x8xf32>, %y: memref<9x8x8xf32>) {
  lowbit.contract ins(%x, %w : memref<11x10x8xf32>, memref<3x3x8xf32>) outs(%y : memref<9x8x8xf32>)
    maps [affine_map<(h, w, c, i, j) -> (h + i, w + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>,
          affine_map<(h, w, c, i, j) -> (h, w, c)>]
    attributes {primitive = "generic.fma.channels"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

// Windows further apart: two by two of them, and two vectors of channels of each of 5 by 5 pixels.
// CHECK-LABEL: func.func @stride_two
// CHECK-COUNT-72: math.fma
// CHECK-NOT: math.fma
// CHECK-COUNT-8: vector.store {{.*}} vector<8xf32>
// CHECK-NOT: vector.store
// LOADS-LABEL: func.func @stride_two
// LOADS-COUNT-68: vector.load
// LOADS-NOT: vector.load
// LOADS: return
func.func @stride_two(%x: memref<9x9x16xf32>, %w: memref<3x3x16xf32>, %y: memref<4x4x16xf32>) {
  lowbit.contract ins(%x, %w : memref<9x9x16xf32>, memref<3x3x16xf32>) outs(%y : memref<4x4x16xf32>)
    maps [affine_map<(h, w, c, i, j) -> (h * 2 + i, w * 2 + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>,
          affine_map<(h, w, c, i, j) -> (h, w, c)>]
    attributes {primitive = "generic.fma.channels"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

// In one row of the image there are eight windows at a time.
// CHECK-LABEL: func.func @one_row
// CHECK-COUNT-24: math.fma
// CHECK-NOT: math.fma
// CHECK-COUNT-8: vector.store
// CHECK-NOT: vector.store
// LOADS-LABEL: func.func @one_row
// LOADS-COUNT-13: vector.load
// LOADS-NOT: vector.load
func.func @one_row(%x: memref<18x8xf32>, %w: memref<3x8xf32>, %y: memref<16x8xf32>) {
  lowbit.contract ins(%x, %w : memref<18x8xf32>, memref<3x8xf32>) outs(%y : memref<16x8xf32>)
    maps [affine_map<(w, c, j) -> (w + j, c)>, affine_map<(w, c, j) -> (j, c)>,
          affine_map<(w, c, j) -> (w, c)>]
    attributes {primitive = "generic.fma.channels"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

// Seven by seven windows in rows of seven: two by two or four would compute 64.
// CHECK-LABEL: func.func @small
// CHECK-COUNT-63: math.fma
// CHECK-NOT: math.fma
// CHECK-COUNT-7: vector.store
// CHECK-NOT: vector.store
// LOADS-LABEL: func.func @small
// LOADS-COUNT-36: vector.load
// LOADS-NOT: vector.load
func.func @small(%x: memref<9x9x16xf32>, %w: memref<3x3x16xf32>, %y: memref<7x7x16xf32>) {
  lowbit.contract ins(%x, %w : memref<9x9x16xf32>, memref<3x3x16xf32>) outs(%y : memref<7x7x16xf32>)
    maps [affine_map<(h, w, c, i, j) -> (h + i, w + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>,
          affine_map<(h, w, c, i, j) -> (h, w, c)>]
    attributes {primitive = "generic.fma.channels"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}
