// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector -split-input-file | FileCheck %s

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
#channel = affine_map<(m, n, k) -> (n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// One multiply-add in place of bias, multiplier and shift, the second of which makes all codes 5.
// The constants of before are gone.
// CHECK-NOT: @b :
// CHECK-NOT: @m :
// CHECK-DAG: memref.global "private" constant @w_factors : memref<2xf32>
// CHECK-DAG: memref.global "private" constant @w_offsets : memref<2xf32>
// CHECK-NOT: @w_exceptions
// CHECK-LABEL: func.func @scaled
// CHECK: memref.get_global @w_factors
// CHECK: %[[SUM:.*]] = arith.addi %{{.*}} : vector<8xi32>
// CHECK-NEXT: %[[REAL:.*]] = arith.sitofp %[[SUM]] : vector<8xi32> to vector<8xf32>
// CHECK-NEXT: %[[FMA:.*]] = math.fma %[[REAL]], %{{.*}}, %{{.*}} : vector<8xf32>
// CHECK-NEXT: %[[CODE:.*]] = llvm.call_intrinsic "llvm.lrint"(%[[FMA]]) : (vector<8xf32>) -> vector<8xi32>
// CHECK: arith.maxsi %[[CODE]]
// CHECK-NOT: lowbit.rescale
// CHECK: w_factors: "0x400000000000403E00000000"
memref.global "private" constant @w : memref<2x2xi8> = dense<[[1, -2], [3, 4]]>
memref.global "private" constant @b : memref<2xi32> = dense<[8, 5]>
memref.global "private" constant @m : memref<2xi32> = dense<[1610612736, 0]>
memref.global "private" constant @s : memref<2xi32> = dense<[33, 62]>
func.func @scaled(%x: memref<1x2xi16>, %y: memref<1x2xi8>) {
  %w = memref.get_global @w : memref<2x2xi8>
  %b = memref.get_global @b : memref<2xi32>
  %m = memref.get_global @m : memref<2xi32>
  %s = memref.get_global @s : memref<2xi32>
  lowbit.contract ins(%x, %w : memref<1x2xi16>, memref<2x2xi8>)
    epilogue(%b, %m, %s : memref<2xi32>, memref<2xi32>, memref<2xi32>)
    outs(%y : memref<1x2xi8>) maps [#lhs, #rhs, #channel, #channel, #channel, #out]
    attributes {formats = [!u8, !i8, i32, i32, i32, !u8], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32, %bias: i32, %multiplier: i32, %shift: i32):
    %0 = arith.addi %bias, %acc : i32
    %1 = lowbit.rescale %0, %multiplier, %shift {output_zero_point = 5 : i32, min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %1 : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Sums may be shifted before, and the factor a real number.
// CHECK-LABEL: func.func @real
// CHECK-NOT: arith.shli
// CHECK: math.fma
// CHECK-NOT: lowbit.requantize
memref.global "private" constant @w : memref<8x1xi8> = dense<1>
func.func @real(%x: memref<1x1xi16>, %y: memref<1x8xi8>) {
  %w = memref.get_global @w : memref<8x1xi8>
  lowbit.contract ins(%x, %w : memref<1x1xi16>, memref<8x1xi8>)
    outs(%y : memref<1x8xi8>) maps [#lhs, #rhs, #out]
    attributes {formats = [!u8, !i8, !u8], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32):
    %factor = arith.constant 0.01 : f32
    %four = arith.constant 4 : i32
    %0 = arith.shli %acc, %four : i32
    %1 = lowbit.requantize %0, %factor {min = 0 : i32, max = 255 : i32} : i32, f32 to i32
    lowbit.yield %1 : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
!i16 = !quant.any<i16:f32>

// What stays as it is: kernels for a processor without the instruction, more codes than 256,
// and sums whose bias overflows 32 bits.
// CHECK-LABEL: func.func @kept
// CHECK-NOT: math.fma
// CHECK-COUNT-3: lowbit.rescale
// CHECK: return
memref.global "private" constant @w : memref<8x1xi8> = dense<1>
func.func @kept(%x: memref<1x1xi16>, %y: memref<1x8xi8>, %z: memref<1x8xi16>) {
  %w = memref.get_global @w : memref<8x1xi8>
  %m = arith.constant 1234567890 : i32
  %s = arith.constant 34 : i32
  lowbit.contract ins(%x, %w : memref<1x1xi16>, memref<8x1xi8>)
    outs(%y : memref<1x8xi8>) maps [#lhs, #rhs, #out]
    attributes {formats = [!u8, !i8, !u8], primitive = "avx2.pmaddwd"} {
  ^bb0(%acc: i32):
    %1 = lowbit.rescale %acc, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %1 : i32
  }
  lowbit.contract ins(%x, %w : memref<1x1xi16>, memref<8x1xi8>)
    outs(%z : memref<1x8xi16>) maps [#lhs, #rhs, #out]
    attributes {formats = [!u8, !i8, !i16], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32):
    %1 = lowbit.rescale %acc, %m, %s {min = -32768 : i32, max = 32767 : i32} : i32, i32 to i32
    lowbit.yield %1 : i32
  }
  lowbit.contract ins(%x, %w : memref<1x1xi16>, memref<8x1xi8>)
    outs(%y : memref<1x8xi8>) maps [#lhs, #rhs, #out]
    attributes {formats = [!u8, !i8, !u8], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32):
    %large = arith.constant 2147483600 : i32
    %0 = arith.addi %acc, %large : i32
    %1 = lowbit.rescale %0, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %1 : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Half of a sum: ties go up, those of f32 to the even code. With the offset raised a little none
// is left.
// CHECK-LABEL: func.func @ties
// CHECK: math.fma
// CHECK-NOT: arith.cmpi
// CHECK: return
memref.global "private" constant @w : memref<8x1xi8> = dense<1>
func.func @ties(%x: memref<1x1xi16>, %y: memref<1x8xi8>) {
  %w = memref.get_global @w : memref<8x1xi8>
  lowbit.contract ins(%x, %w : memref<1x1xi16>, memref<8x1xi8>)
    outs(%y : memref<1x8xi8>) maps [#lhs, #rhs, #out]
    attributes {formats = [!u8, !i8, !u8], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32):
    %m = arith.constant 1073741824 : i32
    %s = arith.constant 31 : i32
    %1 = lowbit.rescale %acc, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %1 : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Results around 0 are more precise than around 255: codes are 128 higher.
// CHECK-LABEL: func.func @moved
// CHECK: math.fma
// CHECK-NEXT: llvm.call_intrinsic "llvm.lrint"
// CHECK-NOT: arith.cmpi
// CHECK: arith.constant dense<-128>
// CHECK: arith.maxsi
// CHECK: arith.constant dense<127>
// CHECK: arith.minsi
// CHECK: arith.constant dense<128>
// CHECK: arith.addi
memref.global "private" constant @w : memref<8x16xi8> = dense<127>
func.func @moved(%x: memref<1x16xi16>, %y: memref<1x8xi8>) {
  %w = memref.get_global @w : memref<8x16xi8>
  lowbit.contract ins(%x, %w : memref<1x16xi16>, memref<8x16xi8>)
    outs(%y : memref<1x8xi8>) maps [#lhs, #rhs, #out]
    attributes {formats = [!u8, !i8, !u8], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32):
    %m = arith.constant 1166628663 : i32
    %s = arith.constant 41 : i32
    %1 = lowbit.rescale %acc, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %1 : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// One sum comes out one too low, and is known.
// CHECK-LABEL: func.func @exception
// CHECK: %[[EXCEPTION:.*]] = vector.load %{{.*}} : memref<8xi32>, vector<8xi32>
// CHECK: arith.sitofp %[[SUM:.*]] : vector<8xi32>
// CHECK: %[[CODE:.*]] = llvm.call_intrinsic "llvm.lrint"
// CHECK-NEXT: %[[IS:.*]] = arith.cmpi eq, %[[SUM]], %[[EXCEPTION]]
// CHECK-NEXT: %[[MINUS:.*]] = arith.extsi %[[IS]]
// CHECK-NEXT: arith.subi %[[CODE]], %[[MINUS]]
memref.global "private" constant @w : memref<8x16xi8> = dense<127>
func.func @exception(%x: memref<1x16xi16>, %y: memref<1x8xi8>) {
  %w = memref.get_global @w : memref<8x16xi8>
  lowbit.contract ins(%x, %w : memref<1x16xi16>, memref<8x16xi8>)
    outs(%y : memref<1x8xi8>) maps [#lhs, #rhs, #out]
    attributes {formats = [!u8, !i8, !u8], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32):
    %m = arith.constant 1580651243 : i32
    %s = arith.constant 41 : i32
    %1 = lowbit.rescale %acc, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %1 : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Sums too close to where codes begin for f32, which only estimates them.
// CHECK-LABEL: func.func @close
// CHECK: math.fma
// CHECK: scf.if
// CHECK: lowbit.rescale
memref.global "private" constant @w : memref<8x16xi8> = dense<127>
func.func @close(%x: memref<1x16xi16>, %y: memref<1x8xi8>) {
  %w = memref.get_global @w : memref<8x16xi8>
  lowbit.contract ins(%x, %w : memref<1x16xi16>, memref<8x16xi8>)
    outs(%y : memref<1x8xi8>) maps [#lhs, #rhs, #out]
    attributes {formats = [!u8, !i8, !u8], primitive = "avx2.pmaddwd", lowbit.fma} {
  ^bb0(%acc: i32):
    %m = arith.constant 1100109153 : i32
    %s = arith.constant 41 : i32
    %1 = lowbit.rescale %acc, %m, %s {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
    lowbit.yield %1 : i32
  }
  return
}
