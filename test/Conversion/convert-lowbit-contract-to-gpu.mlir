// RUN: lowbit-opt %s -convert-lowbit-contract-to-gpu="chip=sm_80 report=1" -split-input-file -verify-diagnostics | FileCheck %s

// Sixteen rows of a tile of 70, in 128 columns; weights with a pitch of a whole stage and zeros
// beyond the last column.
#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
#channel = affine_map<(m, n, k) -> (n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
// CHECK-NOT: @w :
// CHECK: memref.global "private" constant @w_packed : memref<{{[0-9]+}}xi8> = dense_resource<w_packed> {alignment = 128 : i64}
// CHECK-LABEL: func.func @tiles
// CHECK-SAME: (%[[X:.*]]: memref<70x96xi8>, %[[B:.*]]: memref<50xi32>, %[[Y:.*]]: memref<70x50xi8>)
// CHECK: %[[W:.*]] = memref.get_global @w_packed
// CHECK: gpu.launch blocks
// CHECK-SAME: dynamic_shared_memory_size
// CHECK: gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
// CHECK: memref.extract_aligned_pointer_as_index %[[X]]
// CHECK: memref.extract_aligned_pointer_as_index %[[W]]
// The first stages are under way before anything is multiplied.
// CHECK: nvvm.cp.async.shared.global %{{.*}}, %{{.*}}, 16, cache =  cg
// CHECK: nvvm.cp.async.commit.group
// CHECK: nvvm.cp.async.wait.group 2
// CHECK: gpu.barrier
// CHECK: nvvm.ldmatrix %{{.*}} {{{.*}}num = 4 : i32{{.*}}}
// CHECK: nvvm.mma.sync
// CHECK-SAME: multiplicandAPtxType = #nvvm.mma_type<u8>, multiplicandBPtxType = #nvvm.mma_type<s8>, shape = #nvvm.shape<m = 16, n = 8, k = 32>
// The sums change places in shared memory; then the epilogue, and a store of neighbours.
// CHECK: nvvm.cp.async.wait.group 0
// CHECK: gpu.barrier
// CHECK: memref.load %[[B]]
// CHECK: llvm.store {{.*}} : vector<2xi32>, !llvm.ptr<3>
// CHECK: nvvm.bar.warp.sync
// CHECK: llvm.load {{.*}} : !llvm.ptr<3> -> vector<4xi32>
// CHECK: arith.addi
// CHECK: arith.trunci {{.*}} : i32 to i8
// CHECK: llvm.store {{.*}} : i8, !llvm.ptr<1>
// CHECK: gpu.terminator
memref.global "private" constant @w : memref<50x96xi8> = dense<1>
func.func @tiles(%x: memref<70x96xi8>, %b: memref<50xi32>, %y: memref<70x50xi8>) {
  %w = memref.get_global @w : memref<50x96xi8>
  // expected-remark@+1 {{is computed by primitive 'mma.s8'; not on 'dp4a': it has more than 8 rows, 'dp4a.short': it has more than 8 rows, 'dp4a.groups': its weights have no groups, 'mma.s4': its lhs has codes of more than 4 bits}}
  lowbit.contract ins(%x, %w : memref<70x96xi8>, memref<50x96xi8>) epilogue(%b : memref<50xi32>)
    outs(%y : memref<70x50xi8>) maps [#lhs, #rhs, #channel, #out]
    attributes {formats = [!u8, !i8, i32, !u8]} {
  ^bb0(%acc: i32, %bias: i32):
    %0 = arith.addi %acc, %bias : i32
    lowbit.yield %0 : i32
  }
  return
}

// -----

// One row streams past weights of two bits, which are one less than their codes.
#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
// Eight columns of 4096 terms in 1024 bytes.
// CHECK: memref.global "private" constant @w_packed : memref<8192xi8>
// CHECK-LABEL: func.func @streams
// CHECK: llvm.load {{.*}} invariant {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xi32>
// CHECK: nvvm.dot.accumulate.4way %{{.*}} <unsigned>, %{{.*}} <unsigned>
// CHECK: %[[MASK:.*]] = arith.constant 50529027 : i32
// CHECK: arith.andi %{{.*}}, %[[MASK]] : i32
// CHECK: nvvm.redux.sync add
memref.global "private" constant @w : memref<3x4096xi8> = dense<-1>
func.func @streams(%x: memref<1x4096xi8>, %y: memref<1x3xi32>) {
  %w = memref.get_global @w : memref<3x4096xi8>
  // expected-remark@+1 {{is computed by primitive 'dp4a'}}
  lowbit.contract ins(%x, %w : memref<1x4096xi8>, memref<3x4096xi8>) outs(%y : memref<1x3xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
// CHECK-LABEL: func.func @bits
// CHECK: nvvm.mma.sync
// CHECK-SAME: b1Op = #nvvm.mma_b1op<xor_popc>
// CHECK-SAME: shape = #nvvm.shape<m = 16, n = 8, k = 256>
func.func @bits(%x: memref<70x4xi64>, %w: memref<50x4xi64>, %y: memref<70x50xi32>) {
  // expected-remark@+1 {{is computed by primitive 'mma.b1.xor'; not on 'dp4a': it counts bits, 'dp4a.short': it counts bits, 'dp4a.groups': its weights have no groups, 'mma.s4': it counts bits, 'mma.s8': it counts bits}}
  lowbit.contract ins(%x, %w : memref<70x4xi64>, memref<50x4xi64>) outs(%y : memref<70x50xi32>)
    maps [#lhs, #rhs, #out]
    attributes {formats = [i64, i64, i32], product = #lowbit.product<xor_popcount>} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(h, w, c, kh, kw) -> (h + kh, w + kw, c)>
#rhs = affine_map<(h, w, c, kh, kw) -> (kh, kw, c)>
#out = affine_map<(h, w, c, kh, kw) -> (h, w, c)>
// Four neighbouring channels, and nine terms written out.
// CHECK-LABEL: func.func @channels
// CHECK-COUNT-18: llvm.load {{.*}} : !llvm.ptr<1> -> vector<4xi8>
// CHECK: llvm.store {{.*}} : vector<4xi32>, !llvm.ptr<1>
func.func @channels(%x: memref<8x8x32xi8>, %w: memref<3x3x32xi8>, %y: memref<6x6x32xi32>) {
  // expected-remark@+1 {{is computed by primitive 'channels'; not on 'dp4a': its lanes are channels, 'dp4a.short': its lanes are channels}}
  lowbit.contract ins(%x, %w : memref<8x8x32xi8>, memref<3x3x32xi8>) outs(%y : memref<6x6x32xi32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
// CHECK-LABEL: func.func @reals
// CHECK: gpu.launch
// CHECK: scf.for
// CHECK: math.fma
func.func @reals(%x: memref<4x5xf32>, %w: memref<6x5xf32>, %y: memref<4x6xf32>) {
  // expected-remark@+1 {{is computed by primitive 'loops'; not on 'dp4a': it multiplies real numbers, 'dp4a.short': it multiplies real numbers}}
  lowbit.contract ins(%x, %w : memref<4x5xf32>, memref<6x5xf32>) outs(%y : memref<4x6xf32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  }
  return
}

// -----

// Weights of 4 bits with groups of 32: 16 bytes of each column. Values of groups lie in
// shared memory, and are added up in order.
#lhs = affine_map<(m, g, n, k) -> (m, g, k)>
#rhs = affine_map<(m, g, n, k) -> (n, g, k)>
#factor = affine_map<(m, g, n, k) -> (g, n)>
#out = affine_map<(m, g, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
// CHECK: memref.global "private" constant @w_packed : memref<8192xi8>
// CHECK-LABEL: func.func @groups
// CHECK: gpu.launch
// CHECK: llvm.load {{.*}} invariant {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xi32>
// CHECK: nvvm.dot.accumulate.4way
// CHECK: arith.mulf
// CHECK: llvm.store %{{.*}}, %{{.*}} {alignment = 4 : i64} : f32, !llvm.ptr<3>
// CHECK: gpu.barrier
// CHECK: llvm.load {{.*}} : !llvm.ptr<3> -> f32
// CHECK: arith.addf
// CHECK: gpu.barrier
// CHECK: llvm.store %{{.*}}, %{{.*}} {alignment = 4 : i64} : f32, !llvm.ptr<1>
memref.global "private" constant @w : memref<20x16x32xi8> = dense<-7>
func.func @groups(%x: memref<2x16x32xi8>, %s: memref<16x20xf32>, %y: memref<2x20xf32>) {
  %w = memref.get_global @w : memref<20x16x32xi8>
  // expected-remark@+1 {{is computed by primitive 'dp4a.groups'; not on 'dp4a': its weights have groups, 'dp4a.short': its weights have groups}}
  lowbit.contract ins(%x, %w : memref<2x16x32xi8>, memref<20x16x32xi8>) epilogue(%s : memref<16x20xf32>)
    outs(%y : memref<2x20xf32>) maps [#lhs, #rhs, #factor, #out] attributes {formats = [!u8, !i8, f32, f32]} {
  ^bb0(%acc: i32, %f: f32):
    %r = arith.sitofp %acc : i32 to f32
    %p = arith.mulf %r, %f : f32
    lowbit.yield %p : f32
  }
  return
}

// -----

// With many rows, totals beside the sums: one addition for each of them and each group.
#lhs = affine_map<(m, g, n, k) -> (m, g, k)>
#rhs = affine_map<(m, g, n, k) -> (n, g, k)>
#factor = affine_map<(m, g, n, k) -> (g, n)>
#out = affine_map<(m, g, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
// CHECK-LABEL: func.func @tiles_of_groups
// CHECK: nvvm.mma.sync
// CHECK: arith.sitofp
// CHECK: arith.mulf
// CHECK: arith.addf
// CHECK: llvm.store {{.*}} : vector<2xf32>, !llvm.ptr<3>
memref.global "private" constant @w : memref<20x16x32xi8> = dense<-7>
func.func @tiles_of_groups(%x: memref<9x16x32xi8>, %s: memref<16x20xf32>, %y: memref<9x20xf32>) {
  %w = memref.get_global @w : memref<20x16x32xi8>
  // expected-remark@+1 {{is computed by primitive 'mma.s8'; not on 'dp4a': its weights have groups, 'dp4a.short': its weights have groups, 'dp4a.groups': it has more than 8 rows, 'mma.s4': its weights have groups}}
  lowbit.contract ins(%x, %w : memref<9x16x32xi8>, memref<20x16x32xi8>) epilogue(%s : memref<16x20xf32>)
    outs(%y : memref<9x20xf32>) maps [#lhs, #rhs, #factor, #out] attributes {formats = [!u8, !i8, f32, f32]} {
  ^bb0(%acc: i32, %f: f32):
    %r = arith.sitofp %acc : i32 to f32
    %p = arith.mulf %r, %f : f32
    lowbit.yield %p : f32
  }
  return
}

// -----

// Groups whose terms do not lie side by side are left to plain loops.
#lhs = affine_map<(m, g, n, k) -> (m, k, g)>
#rhs = affine_map<(m, g, n, k) -> (n, g, k)>
#factor = affine_map<(m, g, n, k) -> (g, n)>
#out = affine_map<(m, g, n, k) -> (m, n)>
// CHECK-LABEL: func.func @apart
// CHECK: arith.addf
func.func @apart(%x: memref<9x32x4xi8>, %w: memref<20x4x32xi8>, %s: memref<4x20xf32>, %y: memref<9x20xf32>) {
  // expected-remark@+1 {{is computed by primitive 'loops'; not on 'dp4a': its weights have groups, 'dp4a.short': its weights have groups, 'dp4a.groups': it has more than 8 rows, 'mma.s4': its weights have groups, 'mma.s8': its groups are not contiguous}}
  lowbit.contract ins(%x, %w : memref<9x32x4xi8>, memref<20x4x32xi8>) epilogue(%s : memref<4x20xf32>)
    outs(%y : memref<9x20xf32>) maps [#lhs, #rhs, #factor, #out] {
  ^bb0(%acc: i32, %f: f32):
    %r = arith.sitofp %acc : i32 to f32
    %p = arith.mulf %r, %f : f32
    lowbit.yield %p : f32
  }
  return
}

// -----

// Codes of 4 bits: 64 terms of a sum are one instruction. Two bytes of lhs become one in
// registers; weights are so in memory.
#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u4 = !quant.any<u4:f32>
!i8 = !quant.any<i8:f32>
// CHECK: memref.global "private" constant @w_packed : memref<4096xi8>
// CHECK-LABEL: func.func @nibbles
// CHECK: nvvm.ldmatrix
// CHECK: %[[FOUR:.*]] = arith.constant 4 : i32
// CHECK: %[[HIGH:.*]] = arith.shli %{{.*}}, %[[FOUR]] : i32
// CHECK: arith.constant 252645135 : i32
// CHECK: arith.andi
// CHECK: arith.constant -252645136 : i32
// CHECK: arith.andi %[[HIGH]]
// CHECK: arith.ori
// CHECK: nvvm.mma.sync
// CHECK-SAME: multiplicandAPtxType = #nvvm.mma_type<u4>, multiplicandBPtxType = #nvvm.mma_type<s4>, shape = #nvvm.shape<m = 16, n = 8, k = 64>
memref.global "private" constant @w : memref<50x96xi8> = dense<-8>
func.func @nibbles(%x: memref<70x96xi8>, %y: memref<70x50xi32>) {
  %w = memref.get_global @w : memref<50x96xi8>
  // expected-remark@+1 {{is computed by primitive 'mma.s4'; not on 'dp4a': it has more than 8 rows, 'dp4a.short': it has more than 8 rows, 'dp4a.groups': its weights have no groups}}
  lowbit.contract ins(%x, %w : memref<70x96xi8>, memref<50x96xi8>) outs(%y : memref<70x50xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u4, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u4 = !quant.any<u4:f32>
!i8 = !quant.any<i8:f32>
memref.global "private" constant @w : memref<50x96xi8> = dense<8>
func.func @too_wide(%x: memref<70x96xi8>, %y: memref<70x50xi32>) {
  %w = memref.get_global @w : memref<50x96xi8>
  // expected-remark@+1 {{'mma.s4': its weights are not constant or have more than 4 bits}}
  lowbit.contract ins(%x, %w : memref<70x96xi8>, memref<50x96xi8>) outs(%y : memref<70x50xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u4, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}
