// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector -split-input-file | FileCheck %s

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
#channel = affine_map<(m, n, k) -> (n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// A residual: two multiply-adds make 16 bits behind the code. Where they are less than the margin,
// the codes are computed and stored once more as the epilogue says. Lanes that are filled up are
// certain.
// CHECK-DAG: memref.global "private" constant @b : memref<9xi32>
// CHECK-DAG: memref.global "private" constant @w_factors : memref<9xf32>
// CHECK-DAG: memref.global "private" constant @w_offsets : memref<9xf32>
// CHECK-LABEL: func.func @residual
// CHECK: %[[OFFSETS:.*]] = vector.load {{.*}} : memref<9xf32>, vector<8xf32>
// CHECK: %[[WORDS:.*]] = vector.load {{.*}} : memref<18xi8>, vector<8xi8>
// CHECK: %[[CODES:.*]] = arith.extui %[[WORDS]] : vector<8xi8> to vector<8xi32>
// CHECK: %[[REALS:.*]] = arith.sitofp %[[CODES]] : vector<8xi32> to vector<8xf32>
// CHECK: %[[ADDED:.*]] = math.fma %[[REALS]], %{{.*}}, %[[OFFSETS]] : vector<8xf32>
// CHECK: %[[SUMS:.*]] = arith.sitofp %{{.*}} : vector<8xi32> to vector<8xf32>
// CHECK: %[[REAL:.*]] = math.fma %[[SUMS]], %{{.*}}, %[[ADDED]] : vector<8xf32>
// CHECK: %[[NUMBER:.*]] = llvm.call_intrinsic "llvm.lrint"(%[[REAL]]) : (vector<8xf32>) -> vector<8xi32>
// CHECK: %[[MASK:.*]] = arith.constant dense<65535> : vector<8xi32>
// CHECK: %[[FRACTION:.*]] = arith.andi %[[NUMBER]], %[[MASK]]
// CHECK: %[[BITS:.*]] = arith.constant dense<16> : vector<8xi32>
// CHECK: %[[CODE:.*]] = arith.shrsi %[[NUMBER]], %[[BITS]]
// CHECK: vector.store
// CHECK: arith.constant dense<[0, -1, -1, -1, -1, -1, -1, -1]> : vector<8xi32>
// CHECK: arith.minui
// CHECK: %[[UNCERTAIN:.*]] = arith.cmpi ult
// CHECK: %[[ANY:.*]] = vector.reduction <or>, %[[UNCERTAIN]] : vector<8xi1> into i1
// CHECK: scf.if %[[ANY]] {
// CHECK-COUNT-3: lowbit.rescale
// CHECK: vector.store
memref.global "private" constant @w : memref<9x2xi8> = dense<[[100, -2], [3, 4], [5, 6], [7, 8], [9, 10], [-1, 2], [3, 4], [5, 6], [7, 8]]>
memref.global "private" constant @b : memref<9xi32> = dense<8>
memref.global "private" constant @m : memref<9xi32> = dense<1610612735>
memref.global "private" constant @s : memref<9xi32> = dense<20>
func.func @residual(%x: memref<2x2xi16>, %r: memref<2x9xi8>, %y: memref<2x9xi8>) {
  %w = memref.get_global @w : memref<9x2xi8>
  %b = memref.get_global @b : memref<9xi32>
  %m = memref.get_global @m : memref<9xi32>
  %s = memref.get_global @s : memref<9xi32>
  lowbit.contract ins(%x, %w : memref<2x2xi16>, memref<9x2xi8>)
    epilogue(%b, %m, %s, %r : memref<9xi32>, memref<9xi32>, memref<9xi32>, memref<2x9xi8>)
    outs(%y : memref<2x9xi8>) maps [#lhs, #rhs, #channel, #channel, #channel, #out, #out]
    attributes {formats = [!u8, !i8, i32, i32, i32, !u8, !u8], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32, %bias: i32, %multiplier: i32, %shift: i32, %residual: i32):
    %m0 = arith.constant 1243240691 : i32
    %s0 = arith.constant 11 : i32
    %m1 = arith.constant 1519780860 : i32
    %s1 = arith.constant 49 : i32
    %0 = arith.addi %acc, %bias : i32
    %1 = lowbit.rescale %0, %multiplier, %shift {min = -536870912 : i32, max = 536870912 : i32} : i32, i32 to i32
    %2 = lowbit.rescale %residual, %m0, %s0 {input_zero_point = 124 : i32} : i32, i32 to i32
    %3 = arith.addi %1, %2 : i32
    %4 = lowbit.rescale %3, %m1, %s1 {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %4 : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// A real factor, and operations on integers that are linear.
// CHECK-LABEL: func.func @real
// CHECK: math.fma
// CHECK: scf.if
// CHECK: lowbit.requantize
memref.global "private" constant @w : memref<8x1xi8> = dense<7>
func.func @real(%x: memref<1x1xi16>, %r: memref<1x8xi8>, %y: memref<1x8xi8>) {
  %w = memref.get_global @w : memref<8x1xi8>
  lowbit.contract ins(%x, %w : memref<1x1xi16>, memref<8x1xi8>)
    epilogue(%r : memref<1x8xi8>)
    outs(%y : memref<1x8xi8>) maps [#lhs, #rhs, #out, #out]
    attributes {formats = [!u8, !i8, !u8, !u8], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32, %residual: i32):
    %factor = arith.constant 0.01 : f32
    %four = arith.constant 4 : i32
    %seven = arith.constant 7 : i32
    %0 = arith.shli %acc, %four : i32
    %1 = arith.muli %residual, %seven : i32
    %2 = arith.addi %0, %1 : i32
    %3 = lowbit.requantize %2, %factor {min = 0 : i32, max = 255 : i32} : i32, f32 to i32
    lowbit.yield %3 : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// What stays as it is: a clamp inside that changes codes, sums that differ by a hundred codes
// where the second rounding changes its direction, operations that are not linear, 32 bits that
// are no code, and processors without the instruction.
// CHECK-LABEL: func.func @kept
// CHECK-NOT: math.fma
// CHECK: return
memref.global "private" constant @w : memref<8x1xi8> = dense<7>
func.func @kept(%x: memref<1x1xi16>, %r: memref<1x8xi8>, %i: memref<1x8xi32>, %y: memref<1x8xi8>) {
  %w = memref.get_global @w : memref<8x1xi8>
  %m = arith.constant 1234567890 : i32
  %s = arith.constant 34 : i32
  %low = arith.constant 32 : i32
  lowbit.contract ins(%x, %w : memref<1x1xi16>, memref<8x1xi8>)
    epilogue(%r : memref<1x8xi8>)
    outs(%y : memref<1x8xi8>) maps [#lhs, #rhs, #out, #out]
    attributes {formats = [!u8, !i8, !u8, !u8], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32, %residual: i32):
    %0 = lowbit.rescale %acc, %m, %s {min = 0 : i32, max = 100 : i32} : i32, i32 to i32
    %1 = arith.addi %0, %residual : i32
    %2 = lowbit.rescale %1, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %2 : i32
  }
  lowbit.contract ins(%x, %w : memref<1x1xi16>, memref<8x1xi8>)
    epilogue(%r : memref<1x8xi8>)
    outs(%y : memref<1x8xi8>) maps [#lhs, #rhs, #out, #out]
    attributes {formats = [!u8, !i8, !u8, !u8], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32, %residual: i32):
    %1 = arith.addi %acc, %residual : i32
    %2 = lowbit.rescale %1, %m, %low {rounding = #lowbit.rescale_mode<double_round>, min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %2 : i32
  }
  lowbit.contract ins(%x, %w : memref<1x1xi16>, memref<8x1xi8>)
    epilogue(%r : memref<1x8xi8>)
    outs(%y : memref<1x8xi8>) maps [#lhs, #rhs, #out, #out]
    attributes {formats = [!u8, !i8, !u8, !u8], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32, %residual: i32):
    %1 = arith.xori %acc, %residual : i32
    %2 = lowbit.rescale %1, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %2 : i32
  }
  lowbit.contract ins(%x, %w : memref<1x1xi16>, memref<8x1xi8>)
    epilogue(%i : memref<1x8xi32>)
    outs(%y : memref<1x8xi8>) maps [#lhs, #rhs, #out, #out]
    attributes {formats = [!u8, !i8, i32, !u8], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32, %sum: i32):
    %1 = arith.addi %acc, %sum : i32
    %2 = lowbit.rescale %1, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %2 : i32
  }
  lowbit.contract ins(%x, %w : memref<1x1xi16>, memref<8x1xi8>)
    epilogue(%r : memref<1x8xi8>)
    outs(%y : memref<1x8xi8>) maps [#lhs, #rhs, #out, #out]
    attributes {formats = [!u8, !i8, !u8, !u8], primitive = "avx2.pmaddwd"} {
  ^bb0(%acc: i32, %residual: i32):
    %1 = arith.addi %acc, %residual : i32
    %2 = lowbit.rescale %1, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %2 : i32
  }
  return
}
