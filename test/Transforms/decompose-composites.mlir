// RUN: lowbit-opt %s -lowbit-decompose-composites | FileCheck %s
// RUN: lowbit-opt %s -lowbit-decompose-composites -lowbit-decompose-composites | FileCheck %s

// CHECK-LABEL: func.func @softmax(
// CHECK-SAME:    %[[X:.*]]: tensor<4x10xf32>)
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK:         %[[MAX:.*]] = tosa.reduce_max %[[X]] {axis = 1 : i32}
// CHECK-SAME:      -> tensor<4x1xf32>
// CHECK:         %[[SHIFTED:.*]] = tosa.sub %[[X]], %[[MAX]]
// CHECK:         %[[E:.*]] = tosa.exp %[[SHIFTED]]
// CHECK:         %[[SUM:.*]] = tosa.reduce_sum %[[E]] {axis = 1 : i32}
// CHECK:         %[[R:.*]] = tosa.reciprocal %[[SUM]]
// CHECK:         %[[Y:.*]] = tosa.mul %[[E]], %[[R]], %[[SHIFT]]
// CHECK:         return %[[Y]]
func.func @softmax(%x: tensor<4x10xf32>) -> tensor<4x10xf32> {
  %y = lowbit.softmax %x {axis = 1 : i64} : tensor<4x10xf32>
  return %y : tensor<4x10xf32>
}

// The axis need not be the last one.
// CHECK-LABEL: func.func @softmax_first(
// CHECK:         tosa.reduce_max %{{.*}} {axis = 0 : i32} : {{.*}} -> tensor<1x10xf32>
// CHECK:         tosa.reduce_sum %{{.*}} {axis = 0 : i32} : {{.*}} -> tensor<1x10xf32>
// CHECK-NOT:     lowbit.softmax
func.func @softmax_first(%x: tensor<4x10xf32>) -> tensor<4x10xf32> {
  %y = lowbit.softmax %x {axis = 0 : i64} : tensor<4x10xf32>
  return %y : tensor<4x10xf32>
}

// CHECK-LABEL: func.func @batch_norm(
// CHECK-SAME:    %[[X:.*]]: tensor<1x2x2x3xf32>, %[[SCALE:[^:]*]]: tensor<3xf32>,
// CHECK-SAME:    %[[OFFSET:[^:]*]]: tensor<3xf32>, %[[MEAN:[^:]*]]: tensor<3xf32>,
// CHECK-SAME:    %[[VARIANCE:[^:]*]]: tensor<3xf32>)
// CHECK-DAG:     %[[EPSILON:.*]] = "tosa.const"() <{values = dense<1.000000e-03> : tensor<1xf32>}>
// CHECK-DAG:     %[[SUM:.*]] = tosa.add %[[VARIANCE]], %[[EPSILON]]
// CHECK-DAG:     %[[ROOT:.*]] = tosa.rsqrt %[[SUM]]
// CHECK-DAG:     %[[FACTOR:.*]] = tosa.mul %[[SCALE]], %[[ROOT]]
// CHECK-DAG:     %[[MEANS:.*]] = tosa.reshape %[[MEAN]], {{.*}} -> tensor<1x1x1x3xf32>
// CHECK-DAG:     %[[CENTRED:.*]] = tosa.sub %[[X]], %[[MEANS]]
// CHECK-DAG:     %[[FACTORS:.*]] = tosa.reshape %[[FACTOR]], {{.*}} -> tensor<1x1x1x3xf32>
// CHECK-DAG:     %[[SCALED:.*]] = tosa.mul %[[CENTRED]], %[[FACTORS]]
// CHECK-DAG:     %[[OFFSETS:.*]] = tosa.reshape %[[OFFSET]], {{.*}} -> tensor<1x1x1x3xf32>
// CHECK:         %[[Y:.*]] = tosa.add %[[SCALED]], %[[OFFSETS]]
// CHECK:         return %[[Y]]
func.func @batch_norm(%x: tensor<1x2x2x3xf32>, %scale: tensor<3xf32>, %offset: tensor<3xf32>,
                      %mean: tensor<3xf32>, %variance: tensor<3xf32>) -> tensor<1x2x2x3xf32> {
  %y = lowbit.batch_norm %x, %scale, %offset, %mean, %variance {epsilon = 1.0e-3 : f32}
       : tensor<1x2x2x3xf32>, tensor<3xf32>
  return %y : tensor<1x2x2x3xf32>
}

// CHECK-LABEL: func.func @log_softmax(
// CHECK-SAME:    %[[X:.*]]: tensor<4x10xf32>)
// CHECK:         %[[MAX:.*]] = tosa.reduce_max %[[X]] {axis = 1 : i32}
// CHECK:         %[[SHIFTED:.*]] = tosa.sub %[[X]], %[[MAX]]
// CHECK:         %[[E:.*]] = tosa.exp %[[SHIFTED]]
// CHECK:         %[[SUM:.*]] = tosa.reduce_sum %[[E]] {axis = 1 : i32}
// CHECK:         %[[LOG:.*]] = tosa.log %[[SUM]] : (tensor<4x1xf32>)
// CHECK:         %[[Y:.*]] = tosa.sub %[[SHIFTED]], %[[LOG]]
// CHECK:         return %[[Y]]
func.func @log_softmax(%x: tensor<4x10xf32>) -> tensor<4x10xf32> {
  %y = lowbit.log_softmax %x {axis = 1 : i64} : tensor<4x10xf32>
  return %y : tensor<4x10xf32>
}

// Over two dimensions of 2 * 4 elements.
// CHECK-LABEL: func.func @layer_norm(
// CHECK-SAME:    %[[X:.*]]: tensor<2x3x4xf32>, %[[SCALE:[^:]*]]: tensor<1x3x1xf32>,
// CHECK-SAME:    %[[OFFSET:[^:]*]]: tensor<1x1x4xf32>)
// CHECK-DAG:     %[[INVERSE:.*]] = "tosa.const"() <{values = dense<1.250000e-01> {{.*}}x1xf32>}>
// CHECK-DAG:     %[[EPSILON:.*]] = "tosa.const"() <{values = dense<1.000000e-03> {{.*}}x1xf32>}>
// CHECK:         %[[SUM0:.*]] = tosa.reduce_sum %[[X]] {axis = 0 : i32} {{.*}} -> tensor<1x3x4xf32>
// CHECK:         %[[SUM:.*]] = tosa.reduce_sum %[[SUM0]] {axis = 2 : i32} {{.*}} -> tensor<1x3x1xf32>
// CHECK:         %[[MEAN:.*]] = tosa.mul %[[SUM]], %[[INVERSE]]
// CHECK:         %[[CENTRED:.*]] = tosa.sub %[[X]], %[[MEAN]]
// CHECK:         %[[SQUARES:.*]] = tosa.mul %[[CENTRED]], %[[CENTRED]]
// CHECK:         %[[SUM1:.*]] = tosa.reduce_sum %[[SQUARES]] {axis = 0 : i32}
// CHECK:         %[[SUM2:.*]] = tosa.reduce_sum %[[SUM1]] {axis = 2 : i32}
// CHECK:         %[[VARIANCE:.*]] = tosa.mul %[[SUM2]], %[[INVERSE]]
// CHECK:         %[[STABLE:.*]] = tosa.add %[[VARIANCE]], %[[EPSILON]]
// CHECK:         %[[ROOT:.*]] = tosa.rsqrt %[[STABLE]] : (tensor<1x3x1xf32>)
// CHECK:         %[[NORMALIZED:.*]] = tosa.mul %[[CENTRED]], %[[ROOT]]
// CHECK:         %[[SCALED:.*]] = tosa.mul %[[NORMALIZED]], %[[SCALE]]
// CHECK:         %[[Y:.*]] = tosa.add %[[SCALED]], %[[OFFSET]]
// CHECK:         return %[[Y]]
func.func @layer_norm(%x: tensor<2x3x4xf32>, %scale: tensor<1x3x1xf32>,
                      %offset: tensor<1x1x4xf32>) -> tensor<2x3x4xf32> {
  %y = lowbit.layer_norm %x, %scale, %offset {axes = array<i64: 0, 2>, epsilon = 1.0e-3 : f32}
       : tensor<2x3x4xf32>, tensor<1x3x1xf32>, tensor<1x1x4xf32>
  return %y : tensor<2x3x4xf32>
}

// Constants are cut at once.
// CHECK-LABEL: func.func @grouped_conv2d(
// CHECK-SAME:    %[[X:.*]]: tensor<1x4x4x2xf32>)
// CHECK-DAG:     %[[W0:.*]] = "tosa.const"() {{.*}}1.000000e+00]{{.*}}2.000000e+00]{{.*}}<2x1x1x1x
// CHECK-DAG:     %[[W1:.*]] = "tosa.const"() {{.*}}3.000000e+00]{{.*}}4.000000e+00]{{.*}}<2x1x1x1x
// CHECK-DAG:     %[[B0:.*]] = "tosa.const"() <{values = dense<[5.000000e+00, 6.000000e+00]>
// CHECK-DAG:     %[[B1:.*]] = "tosa.const"() <{values = dense<[7.000000e+00, 8.000000e+00]>
// CHECK:         %[[X0:.*]] = tosa.slice %[[X]], {{.*}} -> tensor<1x4x4x1xf32>
// CHECK:         %[[Y0:.*]] = tosa.conv2d %[[X0]], %[[W0]], %[[B0]]
// CHECK-SAME:      dilation = array<i64: 1, 1>, pad = array<i64: 1, 0, 1, 0>
// CHECK-SAME:      stride = array<i64: 2, 2>}
// CHECK-SAME:      -> tensor<1x3x3x2xf32>
// CHECK:         %[[X1:.*]] = tosa.slice %[[X]], {{.*}} -> tensor<1x4x4x1xf32>
// CHECK:         %[[Y1:.*]] = tosa.conv2d %[[X1]], %[[W1]], %[[B1]]
// CHECK:         %[[Y:.*]] = tosa.concat %[[Y0]], %[[Y1]] {axis = 3 : i32}
// CHECK:         return %[[Y]]
func.func @grouped_conv2d(%x: tensor<1x4x4x2xf32>) -> tensor<1x3x3x4xf32> {
  %w = "tosa.const"() {values = dense<[[[[1.0]]], [[[2.0]]], [[[3.0]]], [[[4.0]]]]>
    : tensor<4x1x1x1xf32>} : () -> tensor<4x1x1x1xf32>
  %b = "tosa.const"() {values = dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf32>}
    : () -> tensor<4xf32>
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
         pad = array<i64: 1, 0, 1, 0>, stride = array<i64: 2, 2>}
       : tensor<1x4x4x2xf32>, tensor<4x1x1x1xf32>, tensor<4xf32> to tensor<1x3x3x4xf32>
  return %y : tensor<1x3x3x4xf32>
}

// CHECK-LABEL: func.func @grouped_conv2d_computed_weights(
// CHECK-SAME:    %{{.*}}: tensor<1x4x4x2xf32>, %[[W:.*]]: tensor<4x1x1x1xf32>,
// CHECK:         %[[W1:.*]] = tosa.slice %[[W]], {{.*}} -> tensor<2x1x1x1xf32>
// CHECK:         tosa.conv2d %{{.*}}, %[[W1]]
func.func @grouped_conv2d_computed_weights(%x: tensor<1x4x4x2xf32>, %w: tensor<4x1x1x1xf32>,
                                           %b: tensor<4xf32>) -> tensor<1x4x4x4xf32> {
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
         pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
       : tensor<1x4x4x2xf32>, tensor<4x1x1x1xf32>, tensor<4xf32> to tensor<1x4x4x4xf32>
  return %y : tensor<1x4x4x4xf32>
}
