// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector | FileCheck %s
// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector -cse -canonicalize | FileCheck %s --check-prefix=TYPES

// One row reads its weights once: what groups of terms have lies among them, so that all is
// one stream. Here a group has 64 bytes of weights, 16 sums of 16 bits and 16 scales. So few
// bytes are not asked for ahead.
// CHECK: memref.global "private" constant @w_packed_stream : memref<320xi8>
// CHECK-LABEL: func.func @one
// CHECK: %[[STREAM:.*]] = memref.get_global @w_packed_stream : memref<320xi8>
// CHECK: %[[C64:.*]] = arith.constant 64 : index
// CHECK: %[[SUMS:.*]] = memref.view %[[STREAM]][%[[C64]]][] : memref<320xi8> to memref<128xi16>
// CHECK: %[[C96:.*]] = arith.constant 96 : index
// CHECK: %[[SCALES:.*]] = memref.view %[[STREAM]][%[[C96]]][] : memref<320xi8> to memref<56xf32>
// CHECK-NOT: memref.prefetch
// CHECK: arith.constant 160 : index
// CHECK: vector.load %[[STREAM]]{{.*}} : memref<320xi8>, vector<32xi8>
// CHECK: arith.constant 80 : index
// CHECK: vector.load %[[SUMS]]{{.*}} : memref<128xi16>, vector<8xi16>
// CHECK: arith.constant 40 : index
// CHECK: vector.load %[[SCALES]]{{.*}} : memref<56xf32>, vector<8xf32>
// CHECK-LABEL: func.func @two
// CHECK-NOT: memref.view
// TYPES-NOT: memref.global {{.*}} @w :
// TYPES-NOT: memref.global {{.*}} @sums :
memref.global "private" constant @w : memref<16x2x4xi8> = dense<2>
memref.global "private" constant @scales : memref<2x16xf32> = dense<[
  [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0],
  [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5, 12.5, 13.5, 14.5, 15.5, 16.5]]>
memref.global "private" constant @sums : memref<2x16xi32> = dense<[
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  [21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36]]>
func.func @one(%x: memref<1x2x4xi8>, %y: memref<1x16xf32>) {
  %w = memref.get_global @w : memref<16x2x4xi8>
  %f = memref.get_global @scales : memref<2x16xf32>
  %s = memref.get_global @sums : memref<2x16xi32>
  lowbit.contract ins(%x, %w : memref<1x2x4xi8>, memref<16x2x4xi8>)
    epilogue(%s, %f : memref<2x16xi32>, memref<2x16xf32>) outs(%y : memref<1x16xf32>)
    maps [affine_map<(m, g, n, k) -> (m, g, k)>, affine_map<(m, g, n, k) -> (n, g, k)>,
          affine_map<(m, g, n, k) -> (g, n)>, affine_map<(m, g, n, k) -> (g, n)>, affine_map<(m, g, n, k) -> (m, n)>]
    attributes {primitive = "avx2.pmaddubsw", formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32, f32, f32]} {
  ^bb0(%acc: i32, %sum: i32, %factor: f32):
    %c = arith.subi %acc, %sum : i32
    %r = arith.sitofp %c : i32 to f32
    %p = arith.mulf %r, %factor : f32
    lowbit.yield %p : f32
  }
  return
}

func.func @two(%x: memref<2x2x4xi8>, %y: memref<2x16xf32>) {
  %w = memref.get_global @w : memref<16x2x4xi8>
  %f = memref.get_global @scales : memref<2x16xf32>
  lowbit.contract ins(%x, %w : memref<2x2x4xi8>, memref<16x2x4xi8>)
    epilogue(%f : memref<2x16xf32>) outs(%y : memref<2x16xf32>)
    maps [affine_map<(m, g, n, k) -> (m, g, k)>, affine_map<(m, g, n, k) -> (n, g, k)>,
          affine_map<(m, g, n, k) -> (g, n)>, affine_map<(m, g, n, k) -> (m, n)>]
    attributes {primitive = "avx2.pmaddubsw", formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, f32, f32]} {
  ^bb0(%acc: i32, %factor: f32):
    %r = arith.sitofp %acc : i32 to f32
    %p = arith.mulf %r, %factor : f32
    lowbit.yield %p : f32
  }
  return
}

// Half a megabyte: a line is asked for two pages ahead, once for each KB of the 6 that a
// panel of 48 lanes has for a group.
// CHECK-LABEL: func.func @many
// CHECK: memref.get_global @rows_packed : memref<524288xi8>
// CHECK: arith.constant 8192 : index
// CHECK-COUNT-6: memref.prefetch {{.*}}, read, locality<3>, data : memref<524288xi8>
// CHECK-NOT: memref.prefetch
// CHECK: llvm.x86.avx2.pmadd.ub.sw
memref.global "private" constant @rows : memref<2048x2x128xi8> = dense<2>
memref.global "private" constant @factors : memref<2x2048xf32> = dense<0.5>
func.func @many(%x: memref<1x2x128xi8>, %y: memref<1x2048xf32>) {
  %w = memref.get_global @rows : memref<2048x2x128xi8>
  %f = memref.get_global @factors : memref<2x2048xf32>
  lowbit.contract ins(%x, %w : memref<1x2x128xi8>, memref<2048x2x128xi8>)
    epilogue(%f : memref<2x2048xf32>) outs(%y : memref<1x2048xf32>)
    maps [affine_map<(m, g, n, k) -> (m, g, k)>, affine_map<(m, g, n, k) -> (n, g, k)>,
          affine_map<(m, g, n, k) -> (g, n)>, affine_map<(m, g, n, k) -> (m, n)>]
    attributes {primitive = "avx2.pmaddubsw", formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, f32, f32]} {
  ^bb0(%acc: i32, %factor: f32):
    %r = arith.sitofp %acc : i32 to f32
    %p = arith.mulf %r, %factor : f32
    lowbit.yield %p : f32
  }
  return
}
