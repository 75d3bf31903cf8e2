// RUN: lowbit-opt %s "-lowbit-print-accumulator-ranges=lanes=2 step=4" -verify-diagnostics \
// RUN:   -split-input-file -o /dev/null
// RUN: not lowbit-opt %s -lowbit-print-accumulator-ranges=step=3 -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=STEP
// STEP: error: expects at least one lane and an even step, but got 8 and 3

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!u4 = !quant.any<u4:f32>
!i8 = !quant.any<i8:f32>

// The first channel: positive weights of 127, 1, 127, 1, and so on, times 255: 4 * 128 * 255. Its
// pairs have 128 * 255 = 32640, of which no 16 bits hold two. The third: +-2 by turns.
func.func @words(%x: tensor<4x8xi8>) -> (tensor<4x3xi32>, tensor<4x3xi32>, tensor<4x3xi32>) {
  %w = arith.constant dense<[[127, 1, 127, 1, 127, 1, 127, 1],
                             [-1, -1, -1, -1, -1, -1, -1, -1],
                             [2, -2, 2, -2, 2, -2, 2, -2]]> : tensor<3x8xi8>
  %e = tensor.empty() : tensor<4x3xi32>
  // expected-remark@+4 {{sums lie in [-2040, 130560]: 18 bits; pairs of products in [-510, 32640], so that 16-bit sums hold 1 of them}}
  // expected-note@+3 {{channels 0 to 1: sums lie in [-2040, 130560]: 18 bits; pairs of products in [-510, 32640], so that 16-bit sums hold 1 of them}}
  // expected-note@+2 {{channels 2 to 2: sums lie in [-2040, 2040]: 12 bits; pairs of products in [-510, 510], so that 16-bit sums hold 2 of them}}
  // expected-note@+1 {{16-bit sums of 1, 2, 4, 8 steps take 0, 1, 1, 1 further steps to 2 for large weights}}
  %0 = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<3x8xi8>) outs(%e : tensor<4x3xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x3xi32>
  // Signed codes: a weight's least product is the other sign's, and -128 is the larger one.
  // expected-remark@+3 {{sums lie in [-65536, 65024]: 17 bits; pairs of products in [-16384, 16256], so that 16-bit sums hold 2 of them}}
  // expected-note@+2 {{channels 0 to 1: sums lie in [-65536, 65024]}}
  // expected-note@+1 {{channels 2 to 2: sums lie in [-2040, 2040]}}
  %1 = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<3x8xi8>) outs(%e : tensor<4x3xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!i8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x3xi32>
  // Two pairs of -128 times 255 exceed 16 bits at once.
  %m = arith.constant dense<-128> : tensor<3x8xi8>
  // expected-remark@+4 {{sums lie in [-261120, 0]: 19 bits; pairs of products in [-65280, 0], which exceeds 16-bit sums}}
  // expected-note@+3 {{channels 0 to 1: }}
  // expected-note@+2 {{channels 2 to 2: }}
  // expected-note@+1 {{16-bit sums of 1, 2, 4, 8 steps take 2, 3, 3, 3 further steps to 2 for large weights}}
  %2 = lowbit.contract ins(%x, %m : tensor<4x8xi8>, tensor<3x8xi8>) outs(%e : tensor<4x3xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x3xi32>
  return %0, %1, %2 : tensor<4x3xi32>, tensor<4x3xi32>, tensor<4x3xi32>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!x = !quant.uniform<u8<0:15>:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.5>

// On codes, too.
func.func @codes(%x: tensor<4x8x!x>) -> tensor<4x1xi32> {
  %w = lowbit.constant dense<-3> : tensor<1x8xi8> as tensor<1x8x!w>
  %e = tensor.empty() : tensor<4x1xi32>
  // expected-remark@+3 {{sums lie in [-360, 0]: 10 bits; pairs of products in [-90, 0], so that 16-bit sums hold 2 of them}}
  // expected-note@+2 {{channels 0 to 0: }}
  // expected-note@+1 {{16-bit sums of 1, 2, 4, 8 steps take 0, 0, 0, 0 further steps to 2 for large weights}}
  %0 = lowbit.contract ins(%x, %w : tensor<4x8x!x>, tensor<1x8x!w>) outs(%e : tensor<4x1xi32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x1xi32>
  return %0 : tensor<4x1xi32>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

func.func @unknown(%x: tensor<4x8xi8>, %w: tensor<1x8xi8>, %d: tensor<?x8xi8>, %n: index)
    -> (tensor<4x1xi32>, tensor<?x1xi32>) {
  %e = tensor.empty() : tensor<4x1xi32>
  // expected-remark@+1 {{the range of its sums is not known: it has no constant integer weights, or counts bits}}
  %0 = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<1x8xi8>) outs(%e : tensor<4x1xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x1xi32>
  %f = tensor.empty(%n) : tensor<?x1xi32>
  // expected-remark@+1 {{the range of its sums is not known: a loop's size is not static}}
  %1 = lowbit.contract ins(%d, %w : tensor<?x8xi8>, tensor<1x8xi8>) outs(%f : tensor<?x1xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<?x1xi32>
  return %0, %1 : tensor<4x1xi32>, tensor<?x1xi32>
}
