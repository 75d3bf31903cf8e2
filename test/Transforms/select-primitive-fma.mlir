// RUN: lowbit-opt %s -lowbit-select-primitive=features=avx2,fma | FileCheck %s --check-prefixes=CHECK,FMA
// RUN: lowbit-opt %s -lowbit-select-primitive=features=avx2 | FileCheck %s --check-prefixes=CHECK,NONE
// RUN: lowbit-opt %s -lowbit-select-primitive=features=neon,fma 2>/dev/null | FileCheck %s --check-prefixes=CHECK,NONE

// What processors of the x86 family have that round a product and a sum at once, their kernels may
// use.
// CHECK-LABEL: func.func @layer
// CHECK: lowbit.contract
// FMA-SAME: lowbit.fma
// NONE-NOT: lowbit.fma
func.func @layer(%x: tensor<4x6xi8>) -> tensor<4x8xi8> {
  %w = arith.constant dense<100> : tensor<8x6xi8>
  %e = tensor.empty() : tensor<4x8xi8>
  %y = lowbit.contract ins(%x, %w : tensor<4x6xi8>, tensor<8x6xi8>) outs(%e : tensor<4x8xi8>)
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    attributes {formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, !quant.any<u8:f32>]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  return %y : tensor<4x8xi8>
}
