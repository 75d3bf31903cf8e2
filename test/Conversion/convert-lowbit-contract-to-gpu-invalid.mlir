// RUN: lowbit-opt %s -convert-lowbit-contract-to-gpu="chip=sm_80" -split-input-file -verify-diagnostics
// RUN: not lowbit-opt %s -split-input-file -convert-lowbit-contract-to-gpu="chip=sm_12" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not lowbit-opt %s -split-input-file -convert-lowbit-contract-to-gpu="primitive=fma" 2>&1 | FileCheck %s --check-prefix=ROW
// RUN: not lowbit-opt %s -split-input-file -convert-lowbit-contract-to-gpu="tile=64y64" 2>&1 | FileCheck %s --check-prefix=TILE
// RUN: not lowbit-opt %s -split-input-file -convert-lowbit-contract-to-gpu="chip=sm_80 primitive=mma.s8 tile=64x64" 2>&1 | FileCheck %s --check-prefix=NUMBERS
// RUN: not lowbit-opt %s -split-input-file -convert-lowbit-contract-to-gpu="chip=sm_80 primitive=mma.s8 tile=64x60x64x3x2x2" 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not lowbit-opt %s -split-input-file -convert-lowbit-contract-to-gpu="chip=sm_80 primitive=mma.s8 tile=256x256x256x4x2x2" 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not lowbit-opt %s -split-input-file -convert-lowbit-contract-to-gpu="primitive=mma.s8" 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not lowbit-opt %s -split-input-file -convert-lowbit-contract-to-gpu="chip=sm_80 primitive=dp4a.short" 2>&1 | FileCheck %s --check-prefix=CONSTANT
// RUN: not lowbit-opt %s -split-input-file -convert-lowbit-contract-to-gpu="chip=sm_80 primitive=dp4a" 2>&1 | FileCheck %s --check-prefix=SHORT
// RUN: not lowbit-opt %s -split-input-file -convert-lowbit-contract-to-gpu="chip=sm_80 primitive=channels" 2>&1 | FileCheck %s --check-prefix=LANES
// RUN: not lowbit-opt %s -split-input-file -convert-lowbit-contract-to-gpu="chip=sm_80 primitive=dp4a.groups" 2>&1 | FileCheck %s --check-prefix=GROUPS
// RUN: not lowbit-opt %s -split-input-file -convert-lowbit-contract-to-gpu="chip=sm_90 primitive=mma.s4" 2>&1 | FileCheck %s --check-prefix=EMULATED

// CHIP: error: unknown chip 'sm_12'; known are sm_80, sm_86, sm_87, sm_89, sm_90, sm_90a
// ROW: error: unknown GPU primitive 'fma'; known are dp4a, dp4a.short, dp4a.groups, mma.s4, mma.s8, mma.b1.xor, mma.b1.and, channels, loops
// TILE: error: tile '64y64' is no list of numbers with x between them
// NUMBERS: error: 'lowbit.contract' op cannot be built around GPU primitive 'mma.s8': a tile has six numbers
// SHAPE: error: 'lowbit.contract' op cannot be built around GPU primitive 'mma.s8': its tile does not suit warps and shared memory
// NONE: error: 'lowbit.contract' op cannot be built around GPU primitive 'mma.s8': no chip is given
// CONSTANT: error: 'lowbit.contract' op cannot be built around GPU primitive 'dp4a.short': its weights are not constant
// SHORT: error: 'lowbit.contract' op cannot be built around GPU primitive 'dp4a': its sums are too short for a warp
// GROUPS: error: 'lowbit.contract' op cannot be built around GPU primitive 'dp4a.groups': its weights have no groups
// EMULATED: error: 'lowbit.contract' op cannot be built around GPU primitive 'mma.s4': the chip only emulates it
// LANES: error: 'lowbit.contract' op cannot be built around GPU primitive 'channels': its lanes are no channels

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
func.func @fine(%x: memref<4x16xi8>, %w: memref<8x16xi8>, %y: memref<4x8xi32>) {
  lowbit.contract ins(%x, %w : memref<4x16xi8>, memref<8x16xi8>) outs(%y : memref<4x8xi32>)
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
func.func @tensors(%x: tensor<4x2xf32>, %w: tensor<8x2xf32>, %y: tensor<4x8xf32>)
    -> tensor<4x8xf32> {
  // expected-error@+1 {{is on tensors; bufferize it before making a kernel of it}}
  %0 = lowbit.contract ins(%x, %w : tensor<4x2xf32>, tensor<8x2xf32>) outs(%y : tensor<4x8xf32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  } -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
func.func @dynamic(%x: memref<?x16xi8>, %w: memref<8x16xi8>, %y: memref<?x8xi32>) {
  // expected-error@+1 {{cannot be built around GPU primitive 'loops': a loop's size is not static}}
  lowbit.contract ins(%x, %w : memref<?x16xi8>, memref<8x16xi8>) outs(%y : memref<?x8xi32>)
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
func.func @packed(%x: memref<4x16xi8>, %w: memref<8x16xi8>, %y: memref<4x8xi32>) {
  // expected-error@+1 {{cannot be built around GPU primitive 'loops': codes of several bits share its words}}
  lowbit.contract ins(%x, %w : memref<4x16xi8>, memref<8x16xi8>) outs(%y : memref<4x8xi32>)
    maps [#lhs, #rhs, #out] attributes {product = #lowbit.product<multiply_packed>, lhs_values = array<i64: 0, 1, 2, 3>,
                                        rhs_values = array<i64: 0, 1, -2, -1>} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}
