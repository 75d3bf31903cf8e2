// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector -cse -split-input-file | FileCheck %s

// Four neighbours of a 3x3 window read six columns: the two upper elements of each are interleaved
// once, the third is a pair with zero. Six pairs for each neighbour are multiplied, column by column.
// The weights of a column follow one another: 0, 3; 6, none; 1, 4; 7, none; 2, 5; 8, none.
// CHECK: memref.global "private" constant @w_packed : memref<96xi8>
// CHECK-LABEL: func.func @window
// CHECK-NOT: scf.for
// CHECK: vector.interleave
// CHECK: arith.extui {{.*}} : vector<16xi8> to vector<16xi16>
// CHECK: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK: arith.extui {{.*}} : vector<8xi8> to vector<8xi32>
// CHECK: vector.bitcast {{.*}} : vector<8xi32> to vector<16xi16>
// CHECK-COUNT-5: vector.interleave
// CHECK-NOT: vector.interleave
// CHECK-COUNT-4: vector.store {{.*}} : memref<32xi32>, vector<8xi32>
// CHECK: w_packed: "0x40000000
// CHECK-SAME: 00030003000300030003000300030003
// CHECK-SAME: 06000600060006000600060006000600
// CHECK-SAME: 01040104010401040104010401040104
// CHECK-SAME: 07000700070007000700070007000700
// CHECK-SAME: 02050205020502050205020502050205
// CHECK-SAME: 08000800080008000800080008000800
#lhs = affine_map<(x, c, i, j) -> (i, x + j, c)>
#rhs = affine_map<(x, c, i, j) -> (i, j, c)>
#out = affine_map<(x, c, i, j) -> (x, c)>
memref.global "private" constant @w : memref<3x3x8xi8> = dense<[
  [[0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1], [2, 2, 2, 2, 2, 2, 2, 2]],
  [[3, 3, 3, 3, 3, 3, 3, 3], [4, 4, 4, 4, 4, 4, 4, 4], [5, 5, 5, 5, 5, 5, 5, 5]],
  [[6, 6, 6, 6, 6, 6, 6, 6], [7, 7, 7, 7, 7, 7, 7, 7], [8, 8, 8, 8, 8, 8, 8, 8]]]>
func.func @window(%x: memref<3x6x8xi8>, %y: memref<4x8xi32>) {
  %w = memref.get_global @w : memref<3x3x8xi8>
  lowbit.contract ins(%x, %w : memref<3x6x8xi8>, memref<3x3x8xi8>) outs(%y : memref<4x8xi32>)
    maps [#lhs, #rhs, #out]
    attributes {formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32],
                primitive = "avx2.pmaddwd.channels"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}
