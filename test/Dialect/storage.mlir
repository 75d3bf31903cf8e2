// RUN: lowbit-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @kinds
func.func @kinds() -> (tensor<3x!quant.uniform<i8:f32, 0.25>>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>) {
  // CHECK: lowbit.constant dense<[1, -2, 3]> : tensor<3xi8> {lowbit.storage = #lowbit.storage<packed>} as
  %0 = lowbit.constant dense<[1, -2, 3]> : tensor<3xi8> {lowbit.storage = #lowbit.storage<packed>} as tensor<3x!quant.uniform<i8:f32, 0.25>>
  // CHECK: #lowbit.storage<sparse, gap = 5>
  %1 = arith.constant {lowbit.storage = #lowbit.storage<sparse, gap = 5>} dense<0> : tensor<3xi8>
  // CHECK: #lowbit.storage<sparse_huffman, gap = 8>
  %2 = arith.constant {lowbit.storage = #lowbit.storage<sparse_huffman, gap = 8>} dense<0> : tensor<3xi8>
  // CHECK: #lowbit.storage<huffman>
  %3 = arith.constant {lowbit.storage = #lowbit.storage<huffman>} dense<0> : tensor<3xi8>
  // CHECK: #lowbit.storage<smallest>
  %4 = arith.constant {lowbit.storage = #lowbit.storage<smallest>} dense<0> : tensor<3xi8>
  return %0, %1, %2, %3, %4 : tensor<3x!quant.uniform<i8:f32, 0.25>>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>
}

// -----

// expected-error @+1 {{expects 'gap' for sparse storage only, but got packed}}
#s = #lowbit.storage<packed, gap = 5>

// -----

// expected-error @+1 {{expects a 'gap' of 1 to 8 bits, but got 9}}
#s = #lowbit.storage<sparse, gap = 9>

// -----

func.func @other() -> tensor<3xi8> {
  // expected-error @+1 {{expects 'lowbit.storage' to be a #lowbit.storage, but got 3 : i64}}
  %0 = arith.constant {lowbit.storage = 3} dense<0> : tensor<3xi8>
  return %0 : tensor<3xi8>
}
