// RUN: lowbit-opt %s -convert-lowbit-contract-to-linalg -split-input-file -verify-diagnostics \
// RUN:   | FileCheck %s

#lhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh * 2 + kh, ow + kw * 3, ic)>
#rhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc, kh, kw, ic)>
#channel = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc)>
#out = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh, ow, oc)>

// CHECK-DAG: #[[LHS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 * 2 + d4, d2 + d5 * 3, d6)>
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d3, d4, d5, d6)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[CHANNEL:.*]] = affine_map<(d0, d1, d2, d3) -> (d3)>

// CHECK-LABEL: func.func @convolution
// CHECK-SAME:  (%[[X:.*]]: tensor<1x9x10x3xi8>, %[[W:.*]]: tensor<5x3x3x3xi8>,
// CHECK-SAME:   %[[B:.*]]: tensor<5xi32>, %[[I:.*]]: tensor<1x4x4x5xi8>)
func.func @convolution(%x: tensor<1x9x10x3xi8>, %w: tensor<5x3x3x3xi8>, %b: tensor<5xi32>,
                       %i: tensor<1x4x4x5xi8>) -> tensor<1x4x4x5xi8> {
  // CHECK: %[[EMPTY:.*]] = tensor.empty() : tensor<1x4x4x5xi32>
  // CHECK: %[[ZEROS:.*]] = linalg.fill {{.*}} outs(%[[EMPTY]]
  // CHECK: %[[SUM:.*]] = linalg.generic {indexing_maps = [#[[LHS]], #[[RHS]], #[[OUT]]],
  // CHECK-SAME: ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]
  // CHECK-SAME: ins(%[[X]], %[[W]] : {{.*}}) outs(%[[ZEROS]]
  // CHECK-NEXT: ^bb0(%[[L:.*]]: i8, %[[R:.*]]: i8, %[[ACC:.*]]: i32):
  // CHECK-NEXT:   %[[LI:.*]] = arith.extui %[[L]] : i8 to i32
  // CHECK-NEXT:   %[[RI:.*]] = arith.extsi %[[R]] : i8 to i32
  // CHECK-NEXT:   %[[P:.*]] = arith.muli %[[LI]], %[[RI]] : i32
  // CHECK-NEXT:   %[[S:.*]] = arith.addi %[[ACC]], %[[P]] : i32
  // CHECK-NEXT:   linalg.yield %[[S]] : i32
  // CHECK: %[[Y:.*]] = linalg.generic {indexing_maps = [#[[ID]], #[[CHANNEL]], #[[ID]]],
  // CHECK-SAME: ["parallel", "parallel", "parallel", "parallel"]
  // CHECK-SAME: ins(%[[SUM]], %[[B]] : {{.*}}) outs(%[[I]] : tensor<1x4x4x5xi8>)
  // CHECK-NEXT: ^bb0(%[[A:.*]]: i32, %[[BIAS:.*]]: i32, %{{.*}}: i8):
  // CHECK-NEXT:   %[[BIASED:.*]] = arith.addi %[[A]], %[[BIAS]] : i32
  // CHECK-NEXT:   %[[WORD:.*]] = arith.trunci %[[BIASED]] : i32 to i8
  // CHECK-NEXT:   linalg.yield %[[WORD]] : i8
  // CHECK-NOT: lowbit.contract
  // CHECK: return %[[Y]]
  %y = lowbit.contract ins(%x, %w : tensor<1x9x10x3xi8>, tensor<5x3x3x3xi8>)
    epilogue(%b : tensor<5xi32>) outs(%i : tensor<1x4x4x5xi8>)
    maps [#lhs, #rhs, #channel, #out]
    attributes {formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32, !quant.any<u8:f32>]} {
  ^bb0(%acc: i32, %bias: i32):
    %0 = arith.addi %acc, %bias : i32
    lowbit.yield %0 : i32
  } -> tensor<1x4x4x5xi8>
  return %y : tensor<1x4x4x5xi8>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (k, n)>
#out = affine_map<(m, n, k) -> (n, m)>
#residual = affine_map<(m, n, k) -> (m, n)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2) -> (d1, d0)>
// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[SWAPPED:.*]] = affine_map<(d0, d1) -> (d1, d0)>

// The result is transposed, so the epilogue's operands are indexed by its
// dimensions; f32 is a chain of fused multiply-adds.
// CHECK-LABEL: func.func @float
func.func @float(%a: tensor<4x8xf32>, %b: tensor<8x2xf32>, %r: tensor<4x2xf32>,
                 %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // CHECK: arith.constant 0.000000e+00 : f32
  // CHECK: indexing_maps = [{{.*}}, {{.*}}, #[[OUT]]]
  // CHECK-NEXT: ^bb0(%[[L:.*]]: f32, %[[R:.*]]: f32, %[[ACC:.*]]: f32):
  // CHECK-NEXT:   math.fma %[[L]], %[[R]], %[[ACC]] : f32
  // CHECK: indexing_maps = [#[[ID]], #[[SWAPPED]], #[[ID]]]
  // CHECK-NEXT: ^bb0(%[[A:.*]]: f32, %[[V:.*]]: f32, %{{.*}}: f32):
  // CHECK-NEXT:   %[[SUM:.*]] = arith.addf %[[A]], %[[V]] : f32
  // CHECK-NEXT:   linalg.yield %[[SUM]] : f32
  %y = lowbit.contract ins(%a, %b : tensor<4x8xf32>, tensor<8x2xf32>)
    epilogue(%r : tensor<4x2xf32>) outs(%i : tensor<2x4xf32>)
    maps [#lhs, #rhs, #residual, #out] {
  ^bb0(%acc: f32, %v: f32):
    %0 = arith.addf %acc, %v : f32
    lowbit.yield %0 : f32
  } -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

// Sizes that are not known.
// CHECK-LABEL: func.func @dynamic
// CHECK-SAME:  (%[[X:.*]]: tensor<?x8xi8>, %{{.*}}: tensor<2x8xi8>, %[[I:.*]]: tensor<?x2xi32>)
func.func @dynamic(%x: tensor<?x8xi8>, %w: tensor<2x8xi8>, %i: tensor<?x2xi32>) -> tensor<?x2xi32> {
  // CHECK: %[[M:.*]] = tensor.dim %[[I]], %{{.*}} : tensor<?x2xi32>
  // CHECK: tensor.empty(%[[M]]) : tensor<?x2xi32>
  // CHECK-NOT: lowbit.contract
  // CHECK: return
  %y = lowbit.contract ins(%x, %w : tensor<?x8xi8>, tensor<2x8xi8>) outs(%i : tensor<?x2xi32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<?x2xi32>
  return %y : tensor<?x2xi32>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @buffers(%x: memref<4x8xi8>, %w: memref<2x8xi8>, %i: memref<4x2xi32>) {
  // expected-error @+1 {{is on buffers; use this pass before bufferization}}
  lowbit.contract ins(%x, %w : memref<4x8xi8>, memref<2x8xi8>) outs(%i : memref<4x2xi32>)
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
!x = tensor<4x8x!quant.uniform<u8:f32, 0.5>>

func.func @codes(%x: !x, %w: tensor<2x8xi8>, %i: tensor<4x2xi32>) -> tensor<4x2xi32> {
  // expected-error @+1 {{has tensors of codes; use -lowbit-materialize-codes first}}
  %y = lowbit.contract ins(%x, %w : !x, tensor<2x8xi8>) outs(%i : tensor<4x2xi32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x2xi32>
  return %y : tensor<4x2xi32>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
#summed = affine_map<(m, n, k) -> (k)>

func.func @summed(%x: tensor<4x8xi8>, %w: tensor<2x8xi8>, %b: tensor<8xi32>,
                  %i: tensor<4x2xi32>) -> tensor<4x2xi32> {
  // expected-error @+1 {{has an epilogue operand along a loop that is summed over}}
  %y = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<2x8xi8>) epilogue(%b : tensor<8xi32>)
    outs(%i : tensor<4x2xi32>) maps [#lhs, #rhs, #summed, #out] {
  ^bb0(%acc: i32, %bias: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x2xi32>
  return %y : tensor<4x2xi32>
}
