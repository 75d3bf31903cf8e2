// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize=require-integer -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize -split-input-file > %t.once
// RUN: lowbit-opt %t.once -lowbit-integerize -split-input-file | diff %t.once -

// Codes pass a reversal, a repetition and a maximum along dimensions.
// CHECK-LABEL: func.func @along_axes
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4x{{.*}})
// CHECK-DAG: %[[BACK:.*]] = arith.constant dense<{{\[}}[2, 1, 0]]> : tensor<1x3xi32>
// CHECK-DAG: %[[TWICE:.*]] = arith.constant dense<{{\[}}[0, 1, 0, 1]]> : tensor<1x4xi32>
// CHECK-DAG: %[[AGAIN:.*]] = arith.constant dense<{{\[}}[0, 1, 2, 3, 0, 1, 2, 3]]>
// CHECK: %[[R:.*]] = lowbit.gather %[[X]], %[[BACK]]
// CHECK: %[[A:.*]] = lowbit.gather %{{.*}}, %[[TWICE]] : tensor<1x2x12x
// CHECK: %[[B:.*]] = lowbit.gather %{{.*}}, %[[AGAIN]] : tensor<12x4x1x
// CHECK: %[[M:.*]] = lowbit.max_pool2d %{{.*}} {kernel = array<i64: 3, 1>,
// CHECK-SAME: pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : tensor<4x3x1x8x{{.*}}> to tensor<4x1x1x8x
// CHECK: %[[Y:.*]] = tensor.collapse_shape %[[M]] {{.*}} into tensor<4x1x8x
// CHECK: %[[D:.*]] = lowbit.decode %[[Y]]
// CHECK: return %[[D]]
!x = !quant.uniform<u8:f32, 0.5:3>
func.func @along_axes(%q: tensor<2x3x4x!x>) -> tensor<4x1x8xf32> {
  %x = lowbit.decode %q : tensor<2x3x4x!x> to tensor<2x3x4xf32>
  %n = tosa.const_shape {values = dense<[2, 1, 2]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %r = tosa.reverse %x {axis = 1 : i32} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %t = tosa.tile %r, %n : (tensor<2x3x4xf32>, !tosa.shape<3>) -> tensor<4x3x8xf32>
  %m = tosa.reduce_max %t {axis = 1 : i32} : (tensor<4x3x8xf32>) -> tensor<4x1x8xf32>
  return %m : tensor<4x1x8xf32>
}

// -----

// Indices that are known when the program runs.
// CHECK-LABEL: func.func @gather
// CHECK-SAME: (%[[X:.*]]: {{.*}}, %[[I:.*]]: tensor<2x7xi32>)
// CHECK: %[[Y:.*]] = lowbit.gather %[[X]], %[[I]]
// CHECK: lowbit.decode %[[Y]]
!x = !quant.uniform<u8:f32, 0.5:3>
func.func @gather(%q: tensor<2x3x4x!x>, %i: tensor<2x7xi32>) -> tensor<2x7x4xf32> {
  %x = lowbit.decode %q : tensor<2x3x4x!x> to tensor<2x3x4xf32>
  %y = tosa.gather %x, %i : (tensor<2x3x4xf32>, tensor<2x7xi32>) -> tensor<2x7x4xf32>
  return %y : tensor<2x7x4xf32>
}

// -----

// CHECK-LABEL: func.func @arg_max
// CHECK-SAME: (%[[X:.*]]: {{.*}})
// CHECK-NEXT: %[[Y:.*]] = lowbit.arg_max %[[X]] {axis = 1 : i64}
// CHECK-NEXT: return %[[Y]]
!x = !quant.uniform<u8:f32, 0.5:3>
func.func @arg_max(%q: tensor<2x3x4x!x>) -> tensor<2x4xi32> {
  %x = lowbit.decode %q : tensor<2x3x4x!x> to tensor<2x3x4xf32>
  %y = tosa.argmax %x {axis = 1 : i32} : (tensor<2x3x4xf32>) -> tensor<2x4xi32>
  return %y : tensor<2x4xi32>
}
