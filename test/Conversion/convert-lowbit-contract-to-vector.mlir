// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector -split-input-file | FileCheck %s

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
#channel = affine_map<(m, n, k) -> (n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Nine columns are two vectors of lanes, of which the second has one. A run of three terms is one
// pair and a half. The unpacked weights are gone; the packed ones are, for each pair of terms and
// each lane, that pair, filled up with zeros.
// CHECK-NOT: @w :
// CHECK: memref.global "private" constant @w_packed : memref<64xi8> = dense_resource<w_packed>
// CHECK-SAME: {alignment = 64 : i64}
// CHECK-NOT: @w :
// CHECK-LABEL: func.func @tails
// CHECK-SAME: (%{{.*}}, %{{.*}}, %{{.*}}, %[[CAPTURED:.*]]: i32)
// CHECK-NOT: scf.for
// CHECK: %[[W:.*]] = memref.get_global @w_packed
// CHECK: vector.load %[[B:.*]][%{{.*}}] : memref<9xi32>, vector<8xi32>
// CHECK: %[[ZEROS:.*]] = arith.constant dense<0> : vector<8xi32>
// CHECK: %[[B8:.*]] = vector.load %[[B]]{{.*}} : memref<9xi32>, vector<1xi32>
// CHECK: %[[BIAS:.*]] = vector.insert_strided_slice %[[B8]], %[[ZEROS]]
// A pair, twice multiplied: the weights first, then what one row holds.
// CHECK: vector.load %[[W]]
// CHECK: arith.extsi %{{.*}} : vector<16xi8> to vector<16xi16>
// CHECK: vector.load %[[W]]
// CHECK: vector.load %[[X:.*]][%{{.*}}] : memref<3xi16>, vector<2xi16>
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// The last term, with the one in front of it, which meets zeros: nothing behind it is read.
// CHECK-COUNT-2: vector.load %[[W]]
// CHECK: vector.load %[[X]][%{{.*}}] : memref<3xi16>, vector<2xi16>
// CHECK: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK-NOT: llvm.call_intrinsic
// Constants and values from outside are the same in all lanes.
// CHECK: arith.constant dense<7> : vector<8xi32>
// CHECK: vector.broadcast %[[CAPTURED]] : i32 to vector<8xi32>
// CHECK: arith.trunci {{.*}} : vector<8xi32> to vector<8xi8>
// CHECK: vector.store {{.*}} : memref<9xi8>, vector<8xi8>
// CHECK: arith.addi %{{.*}}, %[[BIAS]] : vector<8xi32>
// CHECK: %[[CODE:.*]] = vector.extract_strided_slice {{.*}} : vector<8xi8> to vector<1xi8>
// CHECK-NEXT: %[[AT:.*]] = arith.constant 8 : index
// CHECK-NEXT: vector.store %[[CODE]], %{{.*}}[%[[AT]]] : memref<9xi8>, vector<1xi8>
// CHECK-NEXT: return
// CHECK: w_packed: "0x400000000102040507080A0B0D0E101113141617FFFE0000000000000000000000000000
// CHECK-SAME: 000300060009000C000F00120015001800FD0000000000000000000000000000"
memref.global "private" constant @w : memref<9x3xi8> = dense<[
  [1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12], [13, 14, 15], [16, 17, 18], [19, 20, 21],
  [22, 23, 24], [-1, -2, -3]]>
func.func @tails(%x: memref<1x3xi16>, %b: memref<9xi32>, %y: memref<1x9xi8>, %captured: i32) {
  %w = memref.get_global @w : memref<9x3xi8>
  lowbit.contract ins(%x, %w : memref<1x3xi16>, memref<9x3xi8>) epilogue(%b : memref<9xi32>)
    outs(%y : memref<1x9xi8>) maps [#lhs, #rhs, #channel, #out]
    attributes {formats = [!u8, !i8, i32, !u8], primitive = "avx2.pmaddwd"} {
  ^bb0(%acc: i32, %bias: i32):
    %0 = arith.addi %acc, %bias : i32
    %seven = arith.constant 7 : i32
    %1 = arith.addi %0, %seven : i32
    %2 = arith.addi %1, %captured : i32
    lowbit.yield %2 : i32
  }
  return
}

// -----

#lhs = affine_map<(h, w, n, k) -> (h, w, k)>
#rhs = affine_map<(h, w, n, k) -> (k, n)>
#out = affine_map<(h, w, n, k) -> (h, w, n)>

// 2 * 13 positions are one loop of 26 rows, in tiles of nine of which the last overlaps the one
// before; 4 terms are two pairs, too few for a loop. Columns lie in the last dimension of weights.
// CHECK-LABEL: func.func @merged_rows
// CHECK-DAG: %[[TILES:.*]] = arith.constant 3 : index
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %[[TILES]]
// CHECK-NEXT: %[[NINE:.*]] = arith.constant 9 : index
// CHECK-NEXT: %[[FIRST:.*]] = arith.muli %[[I]], %[[NINE]]
// CHECK-NEXT: %[[LAST:.*]] = arith.constant 17 : index
// CHECK-NEXT: arith.minui %[[FIRST]], %[[LAST]] : index
// CHECK-NOT: arith.remui
// CHECK-NOT: scf.for
// CHECK: %[[PRODUCT:.*]] = arith.muli {{.*}} : vector<16xi32>
// CHECK-NEXT: %[[EVEN:.*]], %[[ODD:.*]] = vector.deinterleave %[[PRODUCT]]
// CHECK-NEXT: arith.addi %[[EVEN]], %[[ODD]] : vector<8xi32>
// CHECK-COUNT-17: vector.deinterleave
// CHECK-NOT: vector.deinterleave
// CHECK-COUNT-9: vector.store {{.*}} : memref<208xi32>, vector<8xi32>
// CHECK: w_packed: "0x400000000008010902
// CHECK-SAME: 0A030B040C050D060E070F1018
memref.global "private" constant @w : memref<4x8xi8> = dense<[
  [0, 1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13, 14, 15],
  [16, 17, 18, 19, 20, 21, 22, 23], [24, 25, 26, 27, 28, 29, 30, 31]]>
func.func @merged_rows(%x: memref<2x13x4xi16>, %y: memref<2x13x8xi32>) {
  %w = memref.get_global @w : memref<4x8xi8>
  lowbit.contract ins(%x, %w : memref<2x13x4xi16>, memref<4x8xi8>) outs(%y : memref<2x13x8xi32>)
    maps [#lhs, #rhs, #out]
    attributes {formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32],
                primitive = "generic.dot2"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(h, w, n, k) -> (h, w, k)>
#rhs = affine_map<(h, w, n, k) -> (n, k)>
#out = affine_map<(h, w, n, k) -> (h, w, n)>

// Rows of a padded result do not follow each other: h = row / 5, w = row % 5. A residual varies
// with the row and is read for each. A constant that another function reads stays.
// CHECK: memref.global "private" constant @w : memref<8x2xf32>
// CHECK-LABEL: func.func @padded_result
// CHECK: scf.for
// CHECK: %[[W:.*]] = arith.remui
// CHECK: %[[H:.*]] = arith.divui
// CHECK-COUNT-6: math.fma {{.*}} : vector<8xf32>
// CHECK: %[[R:.*]] = vector.load {{.*}} : memref<120xf32>, vector<8xf32>
// CHECK: arith.addf %{{.*}}, %[[R]] : vector<8xf32>
// CHECK: vector.store {{.*}} : memref<160xf32>, vector<8xf32>
// CHECK-LABEL: func.func @other_reader
memref.global "private" constant @w : memref<8x2xf32> = dense<1.0>
func.func @padded_result(%x: memref<3x5x2xf32>, %r: memref<3x5x8xf32>,
                         %y: memref<3x5x8xf32, strided<[56, 8, 1], offset: 8>>) {
  %w = memref.get_global @w : memref<8x2xf32>
  lowbit.contract ins(%x, %w : memref<3x5x2xf32>, memref<8x2xf32>)
    epilogue(%r : memref<3x5x8xf32>)
    outs(%y : memref<3x5x8xf32, strided<[56, 8, 1], offset: 8>>)
    maps [#lhs, #rhs, #out, #out] attributes {primitive = "generic.fma"} {
  ^bb0(%acc: f32, %residual: f32):
    %0 = arith.addf %acc, %residual : f32
    lowbit.yield %0 : f32
  }
  return
}
func.func @other_reader() -> memref<8x2xf32> {
  %w = memref.get_global @w : memref<8x2xf32>
  return %w : memref<8x2xf32>
}

// -----

#lhs = affine_map<(h, c, k) -> (h * 2 + k, c)>
#rhs = affine_map<(h, c, k) -> (k, c)>
#out = affine_map<(h, c, k) -> (h, c)>

// Channels: 9 are a vector and a lane. Weights are read where they lie, and need not be constant.
// The three terms are written out.
// CHECK-LABEL: func.func @channels
// CHECK-NOT: memref.global
// CHECK-NOT: scf.for
// CHECK: arith.extsi %{{.*}} : vector<8xi8> to vector<8xi32>
// CHECK: arith.extui %{{.*}} : vector<8xi8> to vector<8xi32>
// CHECK: arith.muli {{.*}} : vector<8xi32>
// CHECK: vector.load {{.*}} : memref<45xi8>, vector<1xi8>
// CHECK: vector.store {{.*}} : memref<18xi32>, vector<8xi32>
// CHECK: vector.store {{.*}} : memref<18xi32>, vector<1xi32>
func.func @channels(%x: memref<5x9xi8>, %w: memref<3x9xi8>, %y: memref<2x9xi32>) {
  lowbit.contract ins(%x, %w : memref<5x9xi8>, memref<3x9xi8>) outs(%y : memref<2x9xi32>)
    maps [#lhs, #rhs, #out]
    attributes {formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32],
                primitive = "generic.mul"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// CHECK-LABEL: func.func @float_channels
// CHECK-COUNT-6: math.fma {{.*}} : vector<8xf32>
// CHECK-COUNT-2: vector.store {{.*}} : memref<16xf32>, vector<8xf32>
func.func @float_channels(%x: memref<5x8xf32>, %w: memref<3x8xf32>, %y: memref<2x8xf32>) {
  lowbit.contract ins(%x, %w : memref<5x8xf32>, memref<3x8xf32>) outs(%y : memref<2x8xf32>)
    maps [#lhs, #rhs, #out] attributes {primitive = "generic.fma.channels"} {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

#lhs = affine_map<(h, c, k) -> (h * 2 + k, c)>
#rhs = affine_map<(h, c, k) -> (k, c)>
#out = affine_map<(h, c, k) -> (h, c)>

// Constant weights of channels are packed by pairs of terms, the last filled up with zero; the
// terms are written out. Neighbouring rows are a fixed distance apart.
// CHECK: memref.global "private" constant @w_packed : memref<32xi8>
// CHECK-LABEL: func.func @channels_by_pairs
// CHECK-NOT: scf.for
// CHECK: %[[W:.*]] = vector.load {{.*}} : memref<32xi8>, vector<16xi8>
// CHECK: arith.extsi %[[W]] : vector<16xi8> to vector<16xi16>
// CHECK: %[[A:.*]] = vector.load %[[X:.*]][%{{.*}}] : memref<40xi8>, vector<8xi8>
// CHECK: %[[B:.*]] = vector.load %[[X]][%{{.*}}] : memref<40xi8>, vector<8xi8>
// CHECK: %[[PAIRS:.*]] = vector.interleave %[[A]], %[[B]] : vector<8xi8> -> vector<16xi8>
// CHECK: arith.extui %[[PAIRS]] : vector<16xi8> to vector<16xi16>
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK: %[[LAST:.*]] = arith.extui %{{.*}} : vector<8xi8> to vector<8xi32>
// CHECK-NEXT: vector.bitcast %[[LAST]] : vector<8xi32> to vector<16xi16>
// CHECK-COUNT-2: vector.store {{.*}} : memref<16xi32>, vector<8xi32>
// CHECK: w_packed: "0x400000000008010902
// CHECK-SAME: 100011001200
memref.global "private" constant @w : memref<3x8xi8> = dense<[
  [0, 1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13, 14, 15], [16, 17, 18, 19, 20, 21, 22, 23]]>
func.func @channels_by_pairs(%x: memref<5x8xi8>, %y: memref<2x8xi32>) {
  %w = memref.get_global @w : memref<3x8xi8>
  lowbit.contract ins(%x, %w : memref<5x8xi8>, memref<3x8xi8>) outs(%y : memref<2x8xi32>)
    maps [#lhs, #rhs, #out]
    attributes {formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32],
                primitive = "avx2.pmaddwd.channels"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}
