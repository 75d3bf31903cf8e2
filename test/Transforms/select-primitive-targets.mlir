// RUN: lowbit-opt %s -lowbit-select-primitive=features=neon 2>/dev/null \
// RUN:   | FileCheck %s --check-prefix=NEON
// RUN: lowbit-opt %s -lowbit-select-primitive=features=neon,dotprod 2>/dev/null \
// RUN:   | FileCheck %s --check-prefix=DOT
// RUN: lowbit-opt %s -lowbit-select-primitive=features=neon,dotprod,i8mm 2>/dev/null \
// RUN:   | FileCheck %s --check-prefix=MATRIX
// RUN: lowbit-opt %s -lowbit-select-primitive=features=v 2>/dev/null | FileCheck %s --check-prefix=V

// The rows of processors other than x86. Products of matrices take two rows at once, so that one
// row alone gets dot products.

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
#window = affine_map<(m, n, k) -> (m + k, n)>
#taps = affine_map<(m, n, k) -> (k, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
!i16 = !quant.any<i16:f32>

// NEON-LABEL: func.func @unsigned
// NEON: primitive = "neon.smlal"
// DOT-LABEL: func.func @unsigned
// DOT: primitive = "neon.sdot"
// MATRIX-LABEL: func.func @unsigned
// MATRIX: primitive = "neon.usmmla"
// V-LABEL: func.func @unsigned
// V: primitive = "rvv.vwmacc"
func.func @unsigned(%x: tensor<4x8xi8>) -> tensor<4x32xi32> {
  %w = arith.constant dense<100> : tensor<32x8xi8>
  %e = tensor.empty() : tensor<4x32xi32>
  %y = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<32x8xi8>) outs(%e : tensor<4x32xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x32xi32>
  return %y : tensor<4x32xi32>
}

// NEON-LABEL: func.func @signed
// NEON: primitive = "neon.smlal"
// DOT-LABEL: func.func @signed
// DOT: primitive = "neon.sdot"
// MATRIX-LABEL: func.func @signed
// MATRIX: primitive = "neon.smmla"
// V-LABEL: func.func @signed
// V: primitive = "rvv.vwmacc"
func.func @signed(%x: tensor<4x8xi8>) -> tensor<4x32xi32> {
  %w = arith.constant dense<100> : tensor<32x8xi8>
  %e = tensor.empty() : tensor<4x32xi32>
  %y = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<32x8xi8>) outs(%e : tensor<4x32xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!i8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x32xi32>
  return %y : tensor<4x32xi32>
}

// NEON-LABEL: func.func @one_row
// NEON: primitive = "neon.smlal"
// DOT-LABEL: func.func @one_row
// DOT: primitive = "neon.sdot"
// MATRIX-LABEL: func.func @one_row
// MATRIX: primitive = "neon.usdot"
// V-LABEL: func.func @one_row
// V: primitive = "rvv.vwmacc"
func.func @one_row(%x: tensor<1x8xi8>) -> tensor<1x32xi32> {
  %w = arith.constant dense<100> : tensor<32x8xi8>
  %e = tensor.empty() : tensor<1x32xi32>
  %y = lowbit.contract ins(%x, %w : tensor<1x8xi8>, tensor<32x8xi8>) outs(%e : tensor<1x32xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<1x32xi32>
  return %y : tensor<1x32xi32>
}

// NEON-LABEL: func.func @words
// NEON: primitive = "neon.smlal.words"
// DOT-LABEL: func.func @words
// DOT: primitive = "neon.smlal.words"
// MATRIX-LABEL: func.func @words
// MATRIX: primitive = "neon.smlal.words"
// V-LABEL: func.func @words
// V: primitive = "rvv.vwmacc.words"
func.func @words(%x: tensor<4x8xi8>) -> tensor<4x32xi32> {
  %w = arith.constant dense<100> : tensor<32x8xi16>
  %e = tensor.empty() : tensor<4x32xi32>
  %y = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<32x8xi16>) outs(%e : tensor<4x32xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i16, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x32xi32>
  return %y : tensor<4x32xi32>
}

// NEON-LABEL: func.func @channels
// NEON: primitive = "neon.smlal.channels"
// DOT-LABEL: func.func @channels
// DOT: primitive = "neon.smlal.channels"
// MATRIX-LABEL: func.func @channels
// MATRIX: primitive = "neon.smlal.channels"
// V-LABEL: func.func @channels
// V: primitive = "rvv.vwmacc.channels"
func.func @channels(%x: tensor<6x8xi8>) -> tensor<4x8xi32> {
  %w = arith.constant dense<100> : tensor<3x8xi8>
  %e = tensor.empty() : tensor<4x8xi32>
  %y = lowbit.contract ins(%x, %w : tensor<6x8xi8>, tensor<3x8xi8>) outs(%e : tensor<4x8xi32>)
    maps [#window, #taps, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi32>
  return %y : tensor<4x8xi32>
}
