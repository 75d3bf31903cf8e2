// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize=require-integer -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize -split-input-file > %t.once
// RUN: lowbit-opt %t.once -lowbit-integerize -split-input-file | diff %t.once -

// A loop over the groups; scales of output channels become one for each group and channel in it.
// Bias: 1 / 2^-3 - 3 * (1 + 2) = -1, 16 - 3 * 7, 8 - 3 * 11, 16 - 3 * 15.
// CHECK-DAG: #[[LHS:.*]] = affine_map<({{.*}}) -> (d0, d1 * 2 + d5, d2 + d6 * 3, d3 * 2 + d7)>
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d3, d4, d5, d6, d7)>
// CHECK-DAG: #[[CHANNEL:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d3, d4)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1, d2, d3, d4)>
// CHECK-LABEL: func.func @grouped
// CHECK-DAG: %[[B:.*]] = arith.constant dense<{{\[}}[-1, -5], [-25, -29]]> : tensor<2x2xi32>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<{{\[}}[33, 34], [33, 34]]> : tensor<2x2xi32>
// CHECK: %[[P:.*]] = lowbit.pad %{{.*}} {high = array<i64: 0, 1, 0, 0>, low = array<i64: 0, 0, 0, 0>}
// CHECK: %[[W:.*]] = lowbit.constant {{.*}} as tensor<2x2x1x1x2x!quant.uniform<i8<-127:127>:f32:{0:1, 1:1},
// CHECK: %[[Y:.*]] = lowbit.contract ins(%[[P]], %[[W]] : {{.*}}) epilogue(%[[B]], %{{.*}}, %[[S]] :
// CHECK-SAME: maps [#[[LHS]], #[[RHS]], #[[CHANNEL]], #[[CHANNEL]], #[[CHANNEL]], #[[OUT]]]
// CHECK: -> tensor<1x2x2x2x2x!
// CHECK: tensor.collapse_shape %[[Y]] {{\[}}[0], [1], [2], [3, 4]]
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32:0, {0.25, 0.125, 0.25, 0.125}>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @grouped(%q: tensor<1x2x2x4x!x>) -> tensor<1x2x2x4x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x4x!x> to tensor<1x2x2x4xf32>
  %wq = lowbit.constant dense<[[[[1, 2]]], [[[3, 4]]], [[[5, 6]]], [[[7, 8]]]]>
    : tensor<4x1x1x2xi8> as tensor<4x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<4x1x1x2x!w> to tensor<4x1x1x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %c = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 3>, groups = 2 : i64,
    pad = array<i64: 0, 1, 0, 0>, stride = array<i64: 2, 1>}
    : tensor<1x2x2x4xf32>, tensor<4x1x1x2xf32>, tensor<4xf32> to tensor<1x2x2x4xf32>
  %o = lowbit.encode %c : tensor<1x2x2x4xf32> to tensor<1x2x2x4x!y>
  return %o : tensor<1x2x2x4x!y>
}
