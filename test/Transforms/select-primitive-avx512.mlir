// RUN: lowbit-opt %s -lowbit-select-primitive=features=avx2,avx512f,avx512bw,avx512vnni \
// RUN:   -split-input-file 2>/dev/null | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: lowbit-opt %s -lowbit-select-primitive=features=avx2,avxvnni -split-input-file 2>/dev/null \
// RUN:   | FileCheck %s --check-prefixes=CHECK,AVXVNNI
// RUN: lowbit-opt %s -lowbit-select-primitive=features=avx2,avxvnni,avxvnniint8 -split-input-file \
// RUN:   2>/dev/null | FileCheck %s --check-prefixes=CHECK,INT8

// Codes of one byte times signed weights are added up by fours, whatever the weights; signed codes
// are shifted, where no instruction reads them. Weights of 16 bits are added up by pairs.

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
!i16 = !quant.any<i16:f32>

// CHECK-LABEL: func.func @columns
// AVX512: tensor<32x8xi8>) {{.*}}primitive = "avx512.vpdpbusd"
// AVX512: primitive = "avx512.vpdpbusd"
// AVX512: primitive = "avx512.pmaddwd.words"
// AVXVNNI: tensor<32x8xi8>) {{.*}}primitive = "avxvnni.vpdpbusd"
// AVXVNNI: primitive = "avxvnni.vpdpbusd"
// AVXVNNI: primitive = "avx2.pmaddwd.words"
// INT8: tensor<32x8xi8>) {{.*}}primitive = "avxvnni.vpdpbusd"
// INT8: primitive = "avxvnniint8.vpdpbssd"
// INT8: primitive = "avx2.pmaddwd.words"
func.func @columns(%u: tensor<4x8xi8>, %s: tensor<4x8xi8>)
    -> (tensor<4x32xi32>, tensor<4x32xi32>, tensor<4x32xi32>) {
  %w = arith.constant dense<-128> : tensor<32x8xi8>
  %wide = arith.constant dense<-300> : tensor<32x8xi16>
  %e = tensor.empty() : tensor<4x32xi32>
  %0 = lowbit.contract ins(%u, %w : tensor<4x8xi8>, tensor<32x8xi8>) outs(%e : tensor<4x32xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x32xi32>
  %1 = lowbit.contract ins(%s, %w : tensor<4x8xi8>, tensor<32x8xi8>) outs(%e : tensor<4x32xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!i8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x32xi32>
  %2 = lowbit.contract ins(%u, %wide : tensor<4x8xi8>, tensor<32x8xi16>) outs(%e : tensor<4x32xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i16, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x32xi32>
  return %0, %1, %2 : tensor<4x32xi32>, tensor<4x32xi32>, tensor<4x32xi32>
}

// -----

// Sixteen lanes for eight columns would be half empty; of equally fast rows the narrow one is taken.

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

// CHECK-LABEL: func.func @floats
// CHECK: primitive = "generic.fma"
// AVX512: primitive = "avx512.fma"
// AVXVNNI: primitive = "generic.fma"
// INT8: primitive = "generic.fma"
func.func @floats(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x24xf32>) {
  %w = arith.constant dense<0.5> : tensor<8x8xf32>
  %v = arith.constant dense<0.5> : tensor<24x8xf32>
  %e = tensor.empty() : tensor<4x8xf32>
  %f = tensor.empty() : tensor<4x24xf32>
  %0 = lowbit.contract ins(%x, %w : tensor<4x8xf32>, tensor<8x8xf32>) outs(%e : tensor<4x8xf32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  } -> tensor<4x8xf32>
  %1 = lowbit.contract ins(%x, %v : tensor<4x8xf32>, tensor<24x8xf32>) outs(%f : tensor<4x24xf32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  } -> tensor<4x24xf32>
  return %0, %1 : tensor<4x8xf32>, tensor<4x24xf32>
}
