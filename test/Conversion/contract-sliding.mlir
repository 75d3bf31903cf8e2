// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector -split-input-file | FileCheck %s

!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Windows of 3 by 3 on two rows at a time: four rows of the input, interleaved by twos, for both.
// The first two columns are in front of the loop along the row, which carries sums of the
// next two windows: for two rows, and two vectors.
// CHECK-LABEL: func.func @stride_one
// CHECK: scf.for
// CHECK: %[[R0:.*]] = arith.extui %{{.*}} : vector<16xi8> to vector<16xi16>
// CHECK: %[[R1:.*]] = arith.extui %{{.*}} : vector<16xi8> to vector<16xi16>
// CHECK-COUNT-2: arith.extui
// CHECK: vector.shuffle %[[R0]], %[[R1]] [0, 16, 1, 17, 2, 18, 3, 19, 8, 24, 9, 25, 10, 26, 11, 27]
// CHECK: vector.shuffle %[[R0]], %[[R1]] [4, 20, 5, 21, 6, 22, 7, 23, 12, 28, 13, 29, 14, 30, 15, 31]
// CHECK-COUNT-24: llvm.x86.avx2.pmadd.wd
// CHECK-NOT: llvm.x86.avx2.pmadd.wd
// CHECK: scf.for {{.*}} -> (vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>)
// CHECK-COUNT-8: llvm.x86.avx2.pmadd.wd
// Codes of both vectors are packed into order; those of a window before the others go on.
// CHECK: llvm.x86.avx2.packssdw
// CHECK: llvm.x86.sse2.packuswb.128
// CHECK: vector.store {{.*}} vector<16xi8>
// CHECK: llvm.x86.avx2.packssdw
// CHECK: vector.store {{.*}} vector<16xi8>
// CHECK-COUNT-16: llvm.x86.avx2.pmadd.wd
// CHECK-NOT: llvm.x86.avx2.pmadd.wd
// CHECK: scf.yield
memref.global "private" constant @w : memref<3x3x32xi8> = dense<1>
func.func @stride_one(%x: memref<6x9x32xi8>, %y: memref<4x7x32xi8>) {
  %w = memref.get_global @w : memref<3x3x32xi8>
  %m = arith.constant 1073741824 : i32
  %s = arith.constant 36 : i32
  lowbit.contract ins(%x, %w : memref<6x9x32xi8>, memref<3x3x32xi8>) outs(%y : memref<4x7x32xi8>)
    maps [affine_map<(h, w, c, i, j) -> (h + i, w + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>,
          affine_map<(h, w, c, i, j) -> (h, w, c)>]
    attributes {formats = [!u8, !i8, !u8], primitive = "avx2.pmaddwd.channels"} {
  ^bb0(%acc: i32):
    %0 = lowbit.rescale %acc, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %0 : i32
  }
  return
}

// -----

!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Windows two columns apart share one. 19 channels are two panels that overlap. Words of 32 bits
// are not packed.
// CHECK-LABEL: func.func @stride_two
// CHECK: %[[C3:.*]] = arith.constant 3 : index
// CHECK: arith.minui %{{.*}}, %[[C3]] : index
// CHECK: scf.for {{.*}} -> (vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>)
// CHECK: vector.shuffle {{.*}} [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15]
// CHECK: vector.store {{.*}} vector<16xi32>
memref.global "private" constant @w : memref<3x3x19xi8> = dense<1>
func.func @stride_two(%x: memref<7x9x19xi8>, %y: memref<3x4x19xi32>) {
  %w = memref.get_global @w : memref<3x3x19xi8>
  lowbit.contract ins(%x, %w : memref<7x9x19xi8>, memref<3x3x19xi8>) outs(%y : memref<3x4x19xi32>)
    maps [affine_map<(h, w, c, i, j) -> (h * 2 + i, w * 2 + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>,
          affine_map<(h, w, c, i, j) -> (h, w, c)>]
    attributes {formats = [!u8, !i8, i32], primitive = "avx2.pmaddwd.channels"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Codes of more than the result's range lose their higher bits, and so are not packed with
// saturation.
// CHECK-LABEL: func.func @wide
// CHECK-NOT: llvm.x86.avx2.packssdw
// CHECK: arith.trunci %{{.*}} : vector<16xi32> to vector<16xi8>
memref.global "private" constant @w : memref<3x3x16xi8> = dense<1>
func.func @wide(%x: memref<7x9x16xi8>, %y: memref<5x7x16xi8>) {
  %w = memref.get_global @w : memref<3x3x16xi8>
  lowbit.contract ins(%x, %w : memref<7x9x16xi8>, memref<3x3x16xi8>) outs(%y : memref<5x7x16xi8>)
    maps [affine_map<(h, w, c, i, j) -> (h + i, w + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>,
          affine_map<(h, w, c, i, j) -> (h, w, c)>]
    attributes {formats = [!u8, !i8, !u8], primitive = "avx2.pmaddwd.channels"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Few channels, columns that do not slide into each other's place, and windows that share more
// columns than registers hold sums of have the kernel that writes out a window.
// CHECK-LABEL: func.func @written_out
// CHECK-NOT: -> (vector<8xi32>
// CHECK: return
memref.global "private" constant @few : memref<3x3x15xi8> = dense<1>
memref.global "private" constant @w : memref<3x3x16xi8> = dense<1>
memref.global "private" constant @long : memref<3x6x16xi8> = dense<1>
func.func @written_out(%x: memref<5x9x15xi8>, %y: memref<3x7x15xi32>,
                       %u: memref<5x11x16xi8>, %v: memref<3x7x16xi32>, %t: memref<3x6x16xi32>) {
  %few = memref.get_global @few : memref<3x3x15xi8>
  %w = memref.get_global @w : memref<3x3x16xi8>
  %long = memref.get_global @long : memref<3x6x16xi8>
  lowbit.contract ins(%x, %few : memref<5x9x15xi8>, memref<3x3x15xi8>) outs(%y : memref<3x7x15xi32>)
    maps [affine_map<(h, w, c, i, j) -> (h + i, w + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>,
          affine_map<(h, w, c, i, j) -> (h, w, c)>]
    attributes {formats = [!u8, !i8, i32], primitive = "avx2.pmaddwd.channels"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  lowbit.contract ins(%u, %w : memref<5x11x16xi8>, memref<3x3x16xi8>) outs(%v : memref<3x7x16xi32>)
    maps [affine_map<(h, w, c, i, j) -> (h + i, w + j * 2, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>,
          affine_map<(h, w, c, i, j) -> (h, w, c)>]
    attributes {formats = [!u8, !i8, i32], primitive = "avx2.pmaddwd.channels"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  lowbit.contract ins(%u, %long : memref<5x11x16xi8>, memref<3x6x16xi8>) outs(%t : memref<3x6x16xi32>)
    maps [affine_map<(h, w, c, i, j) -> (h + i, w + j, c)>, affine_map<(h, w, c, i, j) -> (i, j, c)>,
          affine_map<(h, w, c, i, j) -> (h, w, c)>]
    attributes {formats = [!u8, !i8, i32], primitive = "avx2.pmaddwd.channels"} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}
