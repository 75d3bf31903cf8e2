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
