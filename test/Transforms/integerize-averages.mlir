// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize=profile=tflite-double -split-input-file \
// RUN:   | FileCheck %s --check-prefix=OTHER

// A scale map reads averages, and signs are taken of them: they are sums of codes, of
// which 0 is 0. In f32 a sum that is 0 may come out on either side of it.

!x = !quant.uniform<u8:f32, 0.5:121>
!s = !lowbit.planes<sign x 1, [1.0]>

// CHECK-LABEL: func.func @signs
// CHECK: %[[SUM:.*]] = lowbit.avg_pool2d %{{.*}}, %{{.*}}, %{{.*}} {kernel = array<i64: 2, 2>,
// CHECK-SAME: to tensor<1x1x1x4x!quant.uniform<i32:f32, 1.250000e-01>>
// CHECK: %[[REAL:.*]] = lowbit.decode %[[SUM]]
// CHECK-DAG: lowbit.encode %[[REAL]] {{.*}} to tensor<1x1x1x4x!lowbit.planes
// CHECK-DAG: tosa.abs %[[REAL]]
// OTHER-LABEL: func.func @signs
// OTHER: tosa.avg_pool2d
func.func @signs(%q: tensor<1x2x2x4x!x>) -> (tensor<1x1x1x4x!s>, tensor<1x1x1x4xf32>) {
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %x = lowbit.decode %q : tensor<1x2x2x4x!x> to tensor<1x2x2x4xf32>
  %a = tosa.avg_pool2d %x, %z, %z {acc_type = f32, kernel = array<i64: 2, 2>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>}
      : (tensor<1x2x2x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x4xf32>
  %s = lowbit.encode %a : tensor<1x1x1x4xf32> to tensor<1x1x1x4x!s>
  %m = tosa.abs %a {lowbit.float_glue = "it makes a scale map"}
      : (tensor<1x1x1x4xf32>) -> tensor<1x1x1x4xf32>
  return %s, %m : tensor<1x1x1x4x!s>, tensor<1x1x1x4xf32>
}

// -----

// Nothing is gained where there is no scale map, and windows with padding have sizes of
// their own.

!x = !quant.uniform<u8:f32, 0.5:121>

// CHECK-LABEL: func.func @others
// CHECK-COUNT-2: tosa.avg_pool2d
// CHECK-NOT: lowbit.avg_pool2d
func.func @others(%q: tensor<1x2x2x4x!x>) -> (tensor<1x1x1x4xf32>, tensor<1x2x2x4xf32>) {
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %x = lowbit.decode %q : tensor<1x2x2x4x!x> to tensor<1x2x2x4xf32>
  %a = tosa.avg_pool2d %x, %z, %z {acc_type = f32, kernel = array<i64: 2, 2>,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>}
      : (tensor<1x2x2x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x1x4xf32>
  %p = tosa.avg_pool2d %x, %z, %z {acc_type = f32, kernel = array<i64: 2, 2>,
      pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 2, 2>}
      : (tensor<1x2x2x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x4xf32>
  %m = tosa.abs %p {lowbit.float_glue = "it makes a scale map"}
      : (tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32>
  return %a, %m : tensor<1x1x1x4xf32>, tensor<1x2x2x4xf32>
}
