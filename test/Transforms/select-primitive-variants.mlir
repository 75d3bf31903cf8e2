// Rows of programs that share packed weights.

// RUN: lowbit-opt %s "-lowbit-select-primitive=features=avx2 variants=avx2,avx2:avx512bw:avx512vnni explain" 2>&1 \
// RUN:   | FileCheck %s --check-prefixes=V3,BOTH
// RUN: lowbit-opt %s "-lowbit-select-primitive=features=avx2,avx512bw,avx512vnni variants=avx2,avx2:avx512bw:avx512vnni explain" 2>&1 \
// RUN:   | FileCheck %s --check-prefixes=VNNI,BOTH
// RUN: lowbit-opt %s "-lowbit-select-primitive=features= variants=none,v explain" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=BASE
// RUN: lowbit-opt %s "-lowbit-select-primitive=features=neon variants=neon,neon:dotprod:i8mm" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=NEON

// Large weights: alone, AVX2 takes pairs of words. With VNNI both take four bytes.
// V3: is computed by primitive avx2.pmaddwd.bytes {{.*}}; cannot: {{.*}}avx2.pmaddwd (other variants share no weights with it)
// VNNI: is computed by primitive avx512.vpdpbusd
// BOTH: lowbit.sharing = ["avx2.pmaddwd.bytes", "avx512.vpdpbusd"]
// BASE: is computed by primitive generic.mla
// BASE: lowbit.sharing = ["generic.mla", "rvv.vwmacc"]
// NEON: lowbit.sharing = ["neon.smull", "neon.usdot"], primitive = "neon.smull"

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
func.func @columns(%u: tensor<4x8xi8>) -> tensor<4x32xi32> {
  %w = arith.constant dense<100> : tensor<32x8xi8>
  %e = tensor.empty() : tensor<4x32xi32>
  %0 = lowbit.contract ins(%u, %w : tensor<4x8xi8>, tensor<32x8xi8>) outs(%e : tensor<4x32xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x32xi32>
  return %0 : tensor<4x32xi32>
}
