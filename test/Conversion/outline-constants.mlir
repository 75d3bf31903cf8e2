// RUN: lowbit-opt %s -lowbit-outline-constants | FileCheck %s

// CHECK-DAG: memref.global "private" constant @codes : memref<2x3xi8> = dense<{{.*}}1, 2, 3{{.*}}> {alignment = 64 : i64, lowbit.storage = #lowbit.storage<packed>}
// CHECK-DAG: memref.global "private" constant @codes_{{[0-9]+}} : memref<2xi16> = dense<[7, 8]> {alignment = 64 : i64, lowbit.storage = #lowbit.storage<sparse, gap = 2>}
// CHECK-LABEL: func @main
func.func @main() -> (tensor<2x3xi8>, tensor<2xi16>, tensor<2xi4>, tensor<0xi8>, tensor<2xi8>, i8) {
  // CHECK: %[[B:.*]] = memref.get_global @codes : memref<2x3xi8>
  // CHECK: bufferization.to_tensor %[[B]] restrict : memref<2x3xi8> to tensor<2x3xi8>
  %0 = arith.constant {lowbit.storage = #lowbit.storage<packed>} dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %1 = arith.constant {lowbit.storage = #lowbit.storage<sparse, gap = 2>} dense<[7, 8]> : tensor<2xi16>
  // No whole bytes, no words at all, nothing said, no tensor.
  // CHECK-DAG: arith.constant dense<1> : tensor<2xi4>
  // CHECK-DAG: arith.constant dense<> : tensor<0xi8>
  // CHECK-DAG: arith.constant dense<4> : tensor<2xi8>
  // CHECK-DAG: arith.constant 5 : i8
  %2 = arith.constant {lowbit.storage = #lowbit.storage<packed>} dense<1> : tensor<2xi4>
  %3 = arith.constant {lowbit.storage = #lowbit.storage<packed>} dense<> : tensor<0xi8>
  %4 = arith.constant dense<4> : tensor<2xi8>
  %5 = arith.constant {lowbit.storage = #lowbit.storage<packed>} 5 : i8
  return %0, %1, %2, %3, %4, %5 : tensor<2x3xi8>, tensor<2xi16>, tensor<2xi4>, tensor<0xi8>, tensor<2xi8>, i8
}
