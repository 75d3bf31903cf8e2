// RUN: lowbit-opt %s -transform-interpreter -canonicalize -cse -split-input-file \
// RUN:   -verify-diagnostics | FileCheck %s

#lhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh * 2 + kh, ow + kw, ic)>
#rhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc, kh, kw, ic)>
#channel = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc)>
#out = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh, ow, oc)>
!x = tensor<1x17x10x16x!quant.uniform<u8:f32, 0.5:3>>
!w = tensor<32x3x3x16x!quant.uniform<i8<-127:127>:f32, 0.25>>
!z = tensor<1x8x8x32x!quant.uniform<u8:f32, 0.75>>

// 4 rows of the result at stride 2 need 2 * 3 + 3 = 9 rows of lhs; 2 * 16 = 32 output channels.
// CHECK-LABEL: func.func @conv
// CHECK-SAME: (%[[X:.*]]: tensor<1x17x10x16x{{.*}}, %[[W:[^:]*]]: tensor<32x3x3x16x
// CHECK-SAME: %[[B:[^:]*]]: tensor<32xi32>)
// CHECK: scf.for %[[H:.*]] = %{{.*}} to %{{.*}} step %{{.*}}
// CHECK: scf.for %[[C:.*]] = %{{.*}} to %{{.*}} step %{{.*}}
// CHECK: %[[H2:.*]] = affine.apply #{{.*}}(%[[H]])
// CHECK: %[[XT:.*]] = tensor.extract_slice %[[X]][0, %[[H2]], 0, 0] [1, 9, 10, 16] [1, 1, 1, 1]
// CHECK: %[[WT:.*]] = tensor.extract_slice %[[W]][%[[C]], 0, 0, 0] [16, 3, 3, 16] [1, 1, 1, 1]
// CHECK: %[[BT:.*]] = tensor.extract_slice %[[B]][%[[C]]] [16] [1]
// CHECK: %[[ZT:.*]] = tensor.extract_slice %{{.*}}[0, %[[H]], 0, %[[C]]] [1, 4, 8, 16] [1, 1, 1, 1]
// CHECK: %[[R:.*]] = lowbit.contract ins(%[[XT]], %[[WT]] : {{.*}}) epilogue(%[[BT]] :
// CHECK-SAME: outs(%[[ZT]] :
// CHECK: tensor.insert_slice %[[R]] into %{{.*}}[0, %[[H]], 0, %[[C]]] [1, 4, 8, 16] [1, 1, 1, 1]
func.func @conv(%x: !x, %w: !w, %bias: tensor<32xi32>) -> !z {
  %init = tensor.empty() : !z
  %z = lowbit.contract ins(%x, %w : !x, !w) epilogue(%bias : tensor<32xi32>) outs(%init : !z)
       maps [#lhs, #rhs, #channel, #out] {
    ^bb0(%acc: i32, %b: i32):
      %0 = arith.addi %acc, %b : i32
      lowbit.yield %0 : i32
  } -> !z
  return %z : !z
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["lowbit.contract"]} in %root
      : (!transform.any_op) -> !transform.any_op
    %tiled, %loops:2 = transform.structured.tile_using_for %op tile_sizes [0, 4, 0, 16]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#row = affine_map<(m, n, k) -> (m, k)>
#column = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

// A dynamic number of rows, in tiles of 5 rows and 3 columns with remainders.
// CHECK-DAG: #[[ROWS:.*]] = affine_map<(d0)[s0] -> (d0 * -5 + s0, 5)>
// CHECK-LABEL: func.func @matmul
// CHECK-SAME: (%[[X:.*]]: tensor<?x7xi8>, %[[W:.*]]: tensor<11x7xi8>
// CHECK: %[[M:.*]] = tensor.dim %[[X]]
// CHECK: scf.forall (%[[I:.*]], %[[J:.*]]) in
// CHECK: affine.min #[[ROWS]](%[[I]])[%[[M]]]
// CHECK: tensor.extract_slice %[[X]][%{{.*}}, 0] [%{{.*}}, 7] [1, 1]
// CHECK: tensor.extract_slice %[[W]][%{{.*}}, 0] [%{{.*}}, 7] [1, 1]
// CHECK: lowbit.contract {{.*}} attributes {formats = [i8, i8, i32]}
// CHECK: tensor.parallel_insert_slice
func.func @matmul(%x: tensor<?x7xi8>, %w: tensor<11x7xi8>, %init: tensor<?x11xi32>)
    -> tensor<?x11xi32> {
  %z = lowbit.contract ins(%x, %w : tensor<?x7xi8>, tensor<11x7xi8>)
       outs(%init : tensor<?x11xi32>) maps [#row, #column, #out]
       attributes {formats = [i8, i8, i32]} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<?x11xi32>
  return %z : tensor<?x11xi32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["lowbit.contract"]} in %root
      : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_forall %op tile_sizes [5, 3]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#row = affine_map<(m, n, k) -> (m, k)>
#column = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @reduction(%x: tensor<4x8xi8>, %w: tensor<4x8xi8>, %init: tensor<4x4xi32>)
    -> tensor<4x4xi32> {
  // expected-error @+3 {{cannot be tiled along loop 2: its epilogue needs whole sums, so only}}
  // expected-error @+2 {{to tile operation}}
  // expected-error @+1 {{failed to generate tiling loops}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<4x8xi8>)
       outs(%init : tensor<4x4xi32>) maps [#row, #column, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x4xi32>
  return %z : tensor<4x4xi32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["lowbit.contract"]} in %root
      : (!transform.any_op) -> !transform.any_op
    %tiled, %loop = transform.structured.tile_using_for %op tile_sizes [0, 0, 4]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
