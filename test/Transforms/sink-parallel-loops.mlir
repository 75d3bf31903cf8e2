// RUN: lowbit-opt %s -lowbit-sink-parallel-loops | FileCheck %s
// RUN: lowbit-opt %s -lowbit-sink-parallel-loops > %t.once
// RUN: lowbit-opt %t.once -lowbit-sink-parallel-loops | diff %t.once -

// The loop over output channels, number 3 before, is the innermost; the sums
// keep their order: kernel row, kernel column, input channel.
// CHECK-DAG: #[[IN:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d3, d2 + d4, d5)>
// CHECK-DAG: #[[WEIGHT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d3, d4, d5, d6)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d6)>

// CHECK-LABEL: func.func @conv
func.func @conv(%x: tensor<1x6x6x3xf32>, %w: tensor<3x3x3x8xf32>, %y: tensor<1x4x4x8xf32>)
    -> tensor<1x4x4x8xf32> {
  // CHECK: linalg.generic {indexing_maps = [#[[IN]], #[[WEIGHT]], #[[OUT]]],
  // CHECK-SAME: iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction", "parallel"]}
  // CHECK: arith.mulf
  // CHECK: arith.addf
  %0 = linalg.conv_2d_nhwc_hwcf {dilations = dense<1> : tensor<2xi64>,
      strides = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x6x6x3xf32>, tensor<3x3x3x8xf32>)
      outs(%y : tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
  return %0 : tensor<1x4x4x8xf32>
}

// CHECK-LABEL: func.func @nothing_to_sum
func.func @nothing_to_sum(%x: tensor<4x8xf32>, %y: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // CHECK: linalg.transpose
  %0 = linalg.transpose ins(%x : tensor<4x8xf32>) outs(%y : tensor<8x4xf32>) permutation = [1, 0]
  return %0 : tensor<8x4xf32>
}

// CHECK-LABEL: func.func @all_summed
func.func @all_summed(%x: tensor<4xf32>, %y: tensor<f32>) -> tensor<f32> {
  // CHECK: linalg.reduce
  %0 = linalg.reduce { arith.addf } ins(%x : tensor<4xf32>) outs(%y : tensor<f32>) dimensions = [0]
  return %0 : tensor<f32>
}

// CHECK-LABEL: func.func @innermost_already
func.func @innermost_already(%x: tensor<4x8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK: linalg.reduce
  %0 = linalg.reduce { arith.addf } ins(%x : tensor<4x8xf32>) outs(%y : tensor<8xf32>)
      dimensions = [0]
  return %0 : tensor<8xf32>
}
