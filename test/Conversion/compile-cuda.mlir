// RUN: lowbit-opt %s -lowbit-compile-cuda="chip=sm_90 format=ptx" | FileCheck %s
// RUN: not lowbit-opt %s -lowbit-compile-cuda=chip=sm_12 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not lowbit-opt %s -lowbit-compile-cuda=format=elf 2>&1 | FileCheck %s --check-prefix=FORMAT

// CHIP: error: 'sm_12' is not a chip of cuda, which are sm_80, sm_86, sm_87, sm_89, sm_90, sm_90a
// FORMAT: error: expects the format cubin or ptx, but got 'elf'

// CHECK: gpu.binary @kernels {{ *}}[#gpu.object<#nvvm.target<{{.*}}chip = "sm_90">, assembly = "
// CHECK-SAME: .version 8.0
// CHECK-SAME: .target sm_90
// CHECK-SAME: .extern .shared .align 16 .b8 __dynamic_shmem__0[];
// CHECK-SAME: .visible .entry kernel0(
// CHECK-SAME: .maxntid 256
// CHECK-SAME: mul.rn.f32
// CHECK-SAME: add.rn.f32
// CHECK-SAME: div.rn.f32
// CHECK-SAME: ret;
// A kernel that computes with pointers has all 64 bits of them, and the shared memory that its
// launch asks for.
// CHECK-SAME: .visible .entry kernel1(
// CHECK-SAME: ld.param.b64 {{[^;]*}}[[P:%rd[0-9]+]], [kernel1_param_0];
// CHECK-SAME: ld.shared.b8
// CHECK-SAME: st.global.b8 {{[^;]*}}[[[P]]]
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
  gpu.func @kernel1(%x: memref<64xi8>) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    %shared = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %index = memref.extract_aligned_pointer_as_index %x : memref<64xi8> -> index
    %address = arith.index_cast %index : index to i64
    %pointer = llvm.inttoptr %address : i64 to !llvm.ptr<1>
    %i = gpu.thread_id x
    %byte = memref.load %shared[%i] : memref<?xi8, #gpu.address_space<workgroup>>
    llvm.store %byte, %pointer : i8, !llvm.ptr<1>
    gpu.return
  }
}
