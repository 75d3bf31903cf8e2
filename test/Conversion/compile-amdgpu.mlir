// RUN: lowbit-opt %s -lowbit-compile-amdgpu=format=assembly | FileCheck %s
// RUN: lowbit-opt %s -lowbit-compile-amdgpu="chip=gfx1100 format=assembly" | FileCheck %s --check-prefix=MIXED
// RUN: lowbit-opt %s -lowbit-compile-amdgpu=format=llvm | FileCheck %s --check-prefix=LLVM
// RUN: lowbit-opt %s -lowbit-compile-amdgpu | FileCheck %s --check-prefix=HSACO
// RUN: not lowbit-opt %s -lowbit-compile-amdgpu=chip=gfx12 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not lowbit-opt %s -lowbit-compile-amdgpu=format=elf 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: env PATH=%t not %build/bin/lowbit-opt %s -lowbit-compile-amdgpu 2>&1 | FileCheck %s --check-prefix=LINKER

// CHIP: error: 'gfx12' is not a chip of amdgpu, which are gfx906, gfx908, gfx90a, gfx942, gfx1030, gfx1100, gfx1201
// FORMAT: error: expects the format hsaco or assembly or llvm, but got 'elf'
// LINKER: error: cannot link kernels for 'gfx90a': found no ld.lld on PATH; install lld

// HSACO: gpu.binary @kernels {{ *}}[#gpu.object<#rocdl.target<{{.*}}chip = "gfx90a">, bin = "\7FELF

// Products and sums of floats stay apart, and quotients are exact.
// CHECK: gpu.binary @kernels {{ *}}[#gpu.object<#rocdl.target<{{.*}}chip = "gfx90a">, assembly = "
// CHECK-SAME: .amdhsa_code_object_version 5
// CHECK-SAME: kernel0:
// CHECK-SAME: v_mul_f32
// CHECK-SAME: v_add_f32
// CHECK-SAME: v_div_fixup_f32
// CHECK-SAME: s_endpgm
// CHECK-SAME: dots:
// CHECK-SAME: v_xor_b32{{[^\\]*}}0x80808080
// CHECK-SAME: v_dot4{{c?}}_i32_i8
// CHECK-SAME: v_dot4{{c?}}_i32_i8{{[^\\]*}}0x1010101
// CHECK-SAME: v_dot4_u32_u8
// CHECK-SAME: v_dot4{{c?}}_i32_i8
// CHECK-SAME: s_endpgm
// CHECK-SAME: .vgpr_spill_count: 0

// MIXED: dots:
// MIXED-SAME: v_dot4_i32_iu8{{[^\\]*}}neg_lo:[1,1,0]
// MIXED-SAME: v_dot4_i32_iu8
// MIXED-SAME: v_dot4_i32_iu8{{[^\\]*}}neg_lo:[0,1,0]

// LLVM: gpu.module @kernels
// LLVM: llvm.func @kernel0(%{{.*}}: !llvm.ptr
// LLVM: llvm.func @dots(
// LLVM: llvm.call_intrinsic "llvm.amdgcn.sdot4"
// LLVM: llvm.call_intrinsic "llvm.amdgcn.udot4"
// LLVM: llvm.call_intrinsic "llvm.amdgcn.sdot4"
// LLVM: llvm.call_intrinsic "llvm.amdgcn.sdot4"
// A product of other widths is no dot product.
// LLVM: llvm.mul {{.*}} vector<2xi32>
gpu.module @kernels {
  gpu.func @kernel0(%x: memref<256xf32>, %y: memref<256xf32>) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    %i = gpu.thread_id x
    %a = memref.load %x[%i] : memref<256xf32>
    %b = arith.mulf %a, %a : f32
    %c = arith.addf %b, %a : f32
    %d = arith.divf %c, %a : f32
    memref.store %d, %y[%i] : memref<256xf32>
    gpu.return
  }
  gpu.func @dots(%x: memref<64xi32>, %y: memref<64xi32>, %z: memref<64xi32>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %i = gpu.thread_id x
    %a = memref.load %x[%i] : memref<64xi32>
    %b = memref.load %y[%i] : memref<64xi32>
    %a1 = vector.broadcast %a : i32 to vector<1xi32>
    %b1 = vector.broadcast %b : i32 to vector<1xi32>
    %a4 = vector.bitcast %a1 : vector<1xi32> to vector<4xi8>
    %b4 = vector.bitcast %b1 : vector<1xi32> to vector<4xi8>
    %as = arith.extsi %a4 : vector<4xi8> to vector<4xi32>
    %bs = arith.extsi %b4 : vector<4xi8> to vector<4xi32>
    %au = arith.extui %a4 : vector<4xi8> to vector<4xi32>
    %bu = arith.extui %b4 : vector<4xi8> to vector<4xi32>
    %ss = arith.muli %as, %bs : vector<4xi32>
    %uu = arith.muli %au, %bu : vector<4xi32>
    %us = arith.muli %au, %bs : vector<4xi32>
    %s0 = vector.reduction <add>, %ss : vector<4xi32> into i32
    %s1 = vector.reduction <add>, %uu, %s0 : vector<4xi32> into i32
    %s2 = vector.reduction <add>, %us, %s1 : vector<4xi32> into i32
    %a2 = vector.bitcast %a1 : vector<1xi32> to vector<2xi16>
    %aw = arith.extsi %a2 : vector<2xi16> to vector<2xi32>
    %w = arith.muli %aw, %aw : vector<2xi32>
    %s3 = vector.reduction <add>, %w, %s2 : vector<2xi32> into i32
    memref.store %s3, %z[%i] : memref<64xi32>
    gpu.return
  }
}
