// RUN: lowbit-opt %s -lowbit-select-primitive=features=avx2 -split-input-file | FileCheck %s

// The sum over groups, by way of a reshape, is the contraction's; rows of one element are rows.
// CHECK-DAG: #[[FACTOR:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d2)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2)>
// CHECK-LABEL: func.func @fused
// CHECK: %[[I:.*]] = tensor.empty() : tensor<1x8xf32>
// CHECK: %[[Y:.*]] = lowbit.contract ins({{.*}}) epilogue({{.*}} : tensor<3x8xf32>) outs(%[[I]] : tensor<1x8xf32>)
// CHECK-SAME: #[[FACTOR]], #[[OUT]]]
// CHECK: ^bb0(%[[ACC:.*]]: i32, %[[F:.*]]: f32):
// CHECK: arith.mulf
// CHECK: -> tensor<1x8xf32>
// CHECK-NOT: lowbit.contract
// CHECK-NOT: linalg.reduce
// CHECK: %[[C:.*]] = tensor.collapse_shape %[[Y]] {{\[\[}}0, 1]] : tensor<1x8xf32> into tensor<8xf32>
// CHECK: return %[[C]]
#lhs = affine_map<(m, g, n, k) -> (m, g, k)>
#rhs = affine_map<(m, g, n, k) -> (n, g, k)>
#factor = affine_map<(m, g, n, k) -> (g, n)>
#out = affine_map<(m, g, n, k) -> (m, g, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
func.func @fused(%x: tensor<1x3x4xi8>, %s: tensor<3x8xf32>) -> tensor<8xf32> {
  %w = arith.constant dense<2> : tensor<8x3x4xi8>
  %e = tensor.empty() : tensor<1x3x8xf32>
  %y = lowbit.contract ins(%x, %w : tensor<1x3x4xi8>, tensor<8x3x4xi8>) epilogue(%s : tensor<3x8xf32>)
    outs(%e : tensor<1x3x8xf32>) maps [#lhs, #rhs, #factor, #out] attributes {formats = [!u8, !i8, f32, f32]} {
  ^bb0(%acc: i32, %f: f32):
    %r = arith.sitofp %acc : i32 to f32
    %p = arith.mulf %r, %f : f32
    lowbit.yield %p : f32
  } -> tensor<1x3x8xf32>
  %c = tensor.collapse_shape %y [[0, 1], [2]] : tensor<1x3x8xf32> into tensor<3x8xf32>
  %zero = arith.constant 0.0 : f32
  %i = tensor.empty() : tensor<8xf32>
  %z = linalg.fill ins(%zero : f32) outs(%i : tensor<8xf32>) -> tensor<8xf32>
  %sum = linalg.reduce ins(%c : tensor<3x8xf32>) outs(%z : tensor<8xf32>) dimensions = [0]
    (%in: f32, %init: f32) {
      %a = arith.addf %in, %init : f32
      linalg.yield %a : f32
    }
  return %sum : tensor<8xf32>
}

// -----

// What stays: a sum that starts from 1, a largest number, and sums of groups that share their factors.
// CHECK-LABEL: func.func @stays
// CHECK-COUNT-1: } -> tensor<2x4x8xf32>
// CHECK: linalg.reduce
// CHECK: } -> tensor<2x4x8xf32>
// CHECK: linalg.reduce
// CHECK: } -> tensor<2x4x8xf32>
// CHECK: linalg.reduce
#lhs = affine_map<(m, g, n, k) -> (m, g, k)>
#rhs = affine_map<(m, g, n, k) -> (n, g, k)>
#factor = affine_map<(m, g, n, k) -> (g, n)>
#channel = affine_map<(m, g, n, k) -> (n)>
#out = affine_map<(m, g, n, k) -> (m, g, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
func.func @stays(%x: tensor<2x4x4xi8>, %s: tensor<4x8xf32>, %t: tensor<8xf32>)
    -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
  %w = arith.constant dense<2> : tensor<8x4x4xi8>
  %e = tensor.empty() : tensor<2x4x8xf32>
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %i = tensor.empty() : tensor<2x8xf32>
  %z = linalg.fill ins(%zero : f32) outs(%i : tensor<2x8xf32>) -> tensor<2x8xf32>
  %o = linalg.fill ins(%one : f32) outs(%i : tensor<2x8xf32>) -> tensor<2x8xf32>
  %y = lowbit.contract ins(%x, %w : tensor<2x4x4xi8>, tensor<8x4x4xi8>) epilogue(%s : tensor<4x8xf32>)
    outs(%e : tensor<2x4x8xf32>) maps [#lhs, #rhs, #factor, #out] attributes {formats = [!u8, !i8, f32, f32]} {
  ^bb0(%acc: i32, %f: f32):
    %r = arith.sitofp %acc : i32 to f32
    %p = arith.mulf %r, %f : f32
    lowbit.yield %p : f32
  } -> tensor<2x4x8xf32>
  %elsewhere = linalg.reduce {arith.addf} ins(%y : tensor<2x4x8xf32>) outs(%o : tensor<2x8xf32>) dimensions = [1]
  %y2 = lowbit.contract ins(%x, %w : tensor<2x4x4xi8>, tensor<8x4x4xi8>) epilogue(%s : tensor<4x8xf32>)
    outs(%e : tensor<2x4x8xf32>) maps [#lhs, #rhs, #factor, #out] attributes {formats = [!u8, !i8, f32, f32]} {
  ^bb0(%acc: i32, %f: f32):
    %r = arith.sitofp %acc : i32 to f32
    %p = arith.mulf %r, %f : f32
    lowbit.yield %p : f32
  } -> tensor<2x4x8xf32>
  %largest = linalg.reduce {arith.maximumf} ins(%y2 : tensor<2x4x8xf32>) outs(%z : tensor<2x8xf32>) dimensions = [1]
  %y3 = lowbit.contract ins(%x, %w : tensor<2x4x4xi8>, tensor<8x4x4xi8>) epilogue(%t : tensor<8xf32>)
    outs(%e : tensor<2x4x8xf32>) maps [#lhs, #rhs, #channel, #out] attributes {formats = [!u8, !i8, f32, f32]} {
  ^bb0(%acc: i32, %f: f32):
    %r = arith.sitofp %acc : i32 to f32
    %p = arith.mulf %r, %f : f32
    lowbit.yield %p : f32
  } -> tensor<2x4x8xf32>
  %shared = linalg.reduce {arith.addf} ins(%y3 : tensor<2x4x8xf32>) outs(%z : tensor<2x8xf32>) dimensions = [1]
  return %elsewhere, %largest, %shared : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
}

// -----

// Nor do sums of half a dimension fit, or of what something else reads as well.
// CHECK-LABEL: func.func @half
// CHECK: lowbit.contract
// CHECK: -> tensor<2x4x8xf32>
// CHECK: linalg.reduce
// CHECK-LABEL: func.func @two_readers
// CHECK: -> tensor<2x4x8xf32>
// CHECK: linalg.reduce
#lhs = affine_map<(m, g, n, k) -> (m, g, k)>
#rhs = affine_map<(m, g, n, k) -> (n, g, k)>
#factor = affine_map<(m, g, n, k) -> (g, n)>
#out = affine_map<(m, g, n, k) -> (m, g, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
func.func @half(%x: tensor<2x4x4xi8>, %s: tensor<4x8xf32>) -> tensor<2x2x8xf32> {
  %w = arith.constant dense<2> : tensor<8x4x4xi8>
  %e = tensor.empty() : tensor<2x4x8xf32>
  %y = lowbit.contract ins(%x, %w : tensor<2x4x4xi8>, tensor<8x4x4xi8>) epilogue(%s : tensor<4x8xf32>)
    outs(%e : tensor<2x4x8xf32>) maps [#lhs, #rhs, #factor, #out] attributes {formats = [!u8, !i8, f32, f32]} {
  ^bb0(%acc: i32, %f: f32):
    %r = arith.sitofp %acc : i32 to f32
    lowbit.yield %r : f32
  } -> tensor<2x4x8xf32>
  %zero = arith.constant 0.0 : f32
  %x2 = tensor.expand_shape %y [[0], [1, 2], [3]] output_shape [2, 2, 2, 8] : tensor<2x4x8xf32> into tensor<2x2x2x8xf32>
  %k = tensor.empty() : tensor<2x2x8xf32>
  %z3 = linalg.fill ins(%zero : f32) outs(%k : tensor<2x2x8xf32>) -> tensor<2x2x8xf32>
  %half = linalg.reduce {arith.addf} ins(%x2 : tensor<2x2x2x8xf32>) outs(%z3 : tensor<2x2x8xf32>) dimensions = [2]
  return %half : tensor<2x2x8xf32>
}
func.func @two_readers(%x: tensor<2x4x4xi8>, %s: tensor<4x8xf32>) -> (tensor<2x8xf32>, tensor<2x4x8xf32>) {
  %w = arith.constant dense<2> : tensor<8x4x4xi8>
  %e = tensor.empty() : tensor<2x4x8xf32>
  %y = lowbit.contract ins(%x, %w : tensor<2x4x4xi8>, tensor<8x4x4xi8>) epilogue(%s : tensor<4x8xf32>)
    outs(%e : tensor<2x4x8xf32>) maps [#lhs, #rhs, #factor, #out] attributes {formats = [!u8, !i8, f32, f32]} {
  ^bb0(%acc: i32, %f: f32):
    %r = arith.sitofp %acc : i32 to f32
    lowbit.yield %r : f32
  } -> tensor<2x4x8xf32>
  %zero = arith.constant 0.0 : f32
  %i = tensor.empty() : tensor<2x8xf32>
  %z = linalg.fill ins(%zero : f32) outs(%i : tensor<2x8xf32>) -> tensor<2x8xf32>
  %sum = linalg.reduce {arith.addf} ins(%y : tensor<2x4x8xf32>) outs(%z : tensor<2x8xf32>) dimensions = [1]
  return %sum, %y : tensor<2x8xf32>, tensor<2x4x8xf32>
}
