// RUN: lowbit-opt %s "-convert-lowbit-contract-to-vector=parallel fewest-cycles=0" -split-input-file \
// RUN:   | FileCheck %s
// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector=parallel -split-input-file \
// RUN:   | FileCheck %s --check-prefix=SMALL
// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector=fewest-cycles=0 -split-input-file \
// RUN:   | FileCheck %s --check-prefix=SMALL

// Waking threads takes longer than any of these.
// SMALL-NOT: lowbit.parallel

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// More rows than columns: each thread has some tiles of rows, and all panels.
// CHECK-LABEL: func.func @tiles
// CHECK: lowbit.parallel [[TILES:[0-9]+]] {
// CHECK-NEXT: ^bb0(%[[FIRST:.*]]: index, %[[LAST:.*]]: index):
// CHECK: scf.for %{{.*}} = %[[FIRST]] to %[[LAST]]
// CHECK-NOT: lowbit.parallel
memref.global "private" constant @w : memref<8x8xi8> = dense<3>
func.func @tiles(%x: memref<600x8xi16>, %y: memref<600x8xi32>) {
  %w = memref.get_global @w : memref<8x8xi8>
  lowbit.contract ins(%x, %w : memref<600x8xi16>, memref<8x8xi8>)
    outs(%y : memref<600x8xi32>) maps [#lhs, #rhs, #out]
    attributes {formats = [!u8, !i8, i32], primitive = "avx2.pmaddwd"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// One row: each thread has some panels, and reads their weights only. Whoever has the last one
// computes the columns that are left.
// CHECK-LABEL: func.func @panels
// CHECK: lowbit.parallel [[PANELS:[0-9]+]] {
// CHECK-NEXT: ^bb0(%[[FIRST:.*]]: index, %[[LAST:.*]]: index):
// CHECK: %[[FULL:.*]] = arith.minui %[[LAST]], %{{.*}}
// CHECK: scf.for %{{.*}} = %[[FIRST]] to %[[FULL]]
// CHECK: %[[REST:.*]] = arith.cmpi ugt, %[[LAST]], %{{.*}}
// CHECK: scf.if %[[REST]]
memref.global "private" constant @w : memref<803x8xi8> = dense<3>
func.func @panels(%x: memref<1x8xi16>, %y: memref<1x803xi32>) {
  %w = memref.get_global @w : memref<803x8xi8>
  lowbit.contract ins(%x, %w : memref<1x8xi16>, memref<803x8xi8>)
    outs(%y : memref<1x803xi32>) maps [#lhs, #rhs, #out]
    attributes {formats = [!u8, !i8, i32], primitive = "avx2.pmaddwd"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(b, m, n, k) -> (b, m, k)>
#rhs = affine_map<(b, m, n, k) -> (b, n, k)>
#out = affine_map<(b, m, n, k) -> (b, m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Many products: each thread has some of them.
// CHECK-LABEL: func.func @batch
// CHECK: lowbit.parallel 16 {
// CHECK-NEXT: ^bb0(%[[FIRST:.*]]: index, %[[LAST:.*]]: index):
// CHECK: scf.for %{{.*}} = %[[FIRST]] to %[[LAST]]
memref.global "private" constant @w : memref<16x8x8xi8> = dense<3>
func.func @batch(%x: memref<16x4x8xi16>, %y: memref<16x4x8xi32>) {
  %w = memref.get_global @w : memref<16x8x8xi8>
  lowbit.contract ins(%x, %w : memref<16x4x8xi16>, memref<16x8x8xi8>)
    outs(%y : memref<16x4x8xi32>) maps [#lhs, #rhs, #out]
    attributes {formats = [!u8, !i8, i32], primitive = "avx2.pmaddwd"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(h, w, c, i, j) -> (h + i, w + j, c)>
#rhs = affine_map<(h, w, c, i, j) -> (i, j, c)>
#out = affine_map<(h, w, c, i, j) -> (h, w, c)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Depthwise: each thread has some rows of the image, by twos.
// CHECK-LABEL: func.func @depthwise
// CHECK: lowbit.parallel 10 {
memref.global "private" constant @w : memref<3x3x16xi8> = dense<3>
func.func @depthwise(%x: memref<22x14x16xi8>, %y: memref<20x12x16xi32>) {
  %w = memref.get_global @w : memref<3x3x16xi8>
  lowbit.contract ins(%x, %w : memref<22x14x16xi8>, memref<3x3x16xi8>)
    outs(%y : memref<20x12x16xi32>) maps [#lhs, #rhs, #out]
    attributes {formats = [!u8, !i8, i32], primitive = "avx2.pmaddwd.channels"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// There is nothing to divide in one tile of one panel.
// CHECK-LABEL: func.func @one
// CHECK-NOT: lowbit.parallel
memref.global "private" constant @w : memref<8x8xi8> = dense<3>
func.func @one(%x: memref<2x8xi16>, %y: memref<2x8xi32>) {
  %w = memref.get_global @w : memref<8x8xi8>
  lowbit.contract ins(%x, %w : memref<2x8xi16>, memref<8x8xi8>)
    outs(%y : memref<2x8xi32>) maps [#lhs, #rhs, #out]
    attributes {formats = [!u8, !i8, i32], primitive = "avx2.pmaddwd"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}
