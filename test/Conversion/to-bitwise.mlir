// RUN: lowbit-opt %s -lowbit-to-bitwise=max-counts=4 -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-to-bitwise -split-input-file | FileCheck %s --check-prefix=ONE
// RUN: lowbit-opt %s -lowbit-to-bitwise=max-counts=4 -lowbit-to-bitwise=max-counts=4 -split-input-file \
// RUN:   | FileCheck %s

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#ch = affine_map<(m, n, k) -> (n)>
#out = affine_map<(m, n, k) -> (m, n)>
!x = tensor<2x5x!lowbit.planes<sign x 1, [0.5]>>
!s = tensor<2x5x!quant.uniform<i8<-1:1>:f32, 0.5>>
!w = tensor<2x5x!quant.uniform<i8<-1:1>:f32, 0.25>>

// Two signs: one count of the bits that differ, n - 2 count.
// CHECK-LABEL: func.func @signs
// ONE-LABEL: func.func @signs
func.func @signs(%x: !x, %b: tensor<2xi32>) -> tensor<2x2xi32> {
  // CHECK-SAME: %[[X:.*]]: tensor<2x5x!lowbit.planes<sign x 1, [5.000000e-01]>>, %[[B:.*]]: tensor<2xi32>
  // CHECK: %[[INIT:.*]] = tensor.empty() : tensor<2x2xi32>
  // CHECK: %[[BITS:.*]] = lowbit.pack_bits %[[X]] {plane = 0 : i64} : {{.*}} to tensor<2x1xi64>
  // CHECK: %[[W:.*]] = arith.constant {lowbit.storage = #lowbit.storage<packed>} dense<{{\[}}[13], [0]]> : tensor<2x1xi64>
  // CHECK: %[[N:.*]] = arith.constant dense<5> : tensor<2xi32>
  // CHECK: lowbit.contract ins(%[[BITS]], %[[W]] : tensor<2x1xi64>, tensor<2x1xi64>)
  // CHECK-SAME: epilogue(%[[B]], %[[N]] : tensor<2xi32>, tensor<2xi32>) outs(%[[INIT]] : tensor<2x2xi32>)
  // CHECK-SAME: product = #lowbit.product<xor_popcount>
  // CHECK: ^bb0(%[[COUNT:.*]]: i32, %[[BIAS:.*]]: i32, %[[ADDED:.*]]: i32):
  // CHECK: %[[TWICE:.*]] = arith.muli %[[COUNT]], %c-2_i32
  // CHECK: %[[ACC:.*]] = arith.addi %[[TWICE]], %[[ADDED]]
  // CHECK: arith.addi %[[ACC]], %[[BIAS]]
  // CHECK-NOT: lowbit.steps
  // ONE: xor_popcount
  %s = lowbit.steps %x : !x to !s
  %w = lowbit.constant dense<[[1, -1, 1, 1, -1], [-1, -1, -1, -1, -1]]> : tensor<2x5xi8>
    {lowbit.storage = #lowbit.storage<packed>} as !w
  %i = tensor.empty() : tensor<2x2xi32>
  %y = lowbit.contract ins(%s, %w : !s, !w) epilogue(%b : tensor<2xi32>) outs(%i : tensor<2x2xi32>)
       maps [#lhs, #rhs, #ch, #out] {
    ^bb0(%acc: i32, %c: i32):
      %0 = arith.addi %acc, %c : i32
      lowbit.yield %0 : i32
  } -> tensor<2x2xi32>
  return %y : tensor<2x2xi32>
}

// Ternary weights have a plane for +1 and one for -1; the second goes on with the
// first one's sum, and with what signs add whatever they are.
// CHECK-LABEL: func.func @ternary
// ONE-LABEL: func.func @ternary
func.func @ternary(%x: !x) -> tensor<2x2xi32> {
  // CHECK: lowbit.pack_bits
  // CHECK: %[[P:.*]] = arith.constant dense<{{\[}}[5], [0]]> : tensor<2x1xi64>
  // CHECK: %[[M:.*]] = arith.constant dense<{{\[}}[16], [31]]> : tensor<2x1xi64>
  // CHECK: %[[FIRST:.*]] = lowbit.contract ins(%{{.*}}, %[[P]] :{{.*}}and_popcount
  // CHECK: arith.muli %{{.*}}, %c2_i32
  // CHECK: %[[ADDED:.*]] = arith.constant dense<[-1, 5]> : tensor<2xi32>
  // CHECK: lowbit.contract ins(%{{.*}}, %[[M]] :
  // CHECK-SAME: epilogue(%[[FIRST]], %[[ADDED]] :
  // CHECK: arith.muli %{{.*}}, %c-2_i32
  // More counts than are worth it: as it was.
  // ONE-NOT: pack_bits
  // ONE: lowbit.steps
  %s = lowbit.steps %x : !x to !s
  %w = lowbit.constant dense<[[1, 0, 1, 0, -1], [-1, -1, -1, -1, -1]]> : tensor<2x5xi8> as !w
  %i = tensor.empty() : tensor<2x2xi32>
  %y = lowbit.contract ins(%s, %w : !s, !w) outs(%i : tensor<2x2xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x2xi32>
  return %y : tensor<2x2xi32>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#last = affine_map<(m, n, k) -> (k, n)>
#out = affine_map<(m, n, k) -> (m, n)>
!u2 = !quant.uniform<u2:f32, 0.5>
!u8 = !quant.uniform<u8:f32, 0.5>
!i8 = !quant.uniform<i8:f32, 0.5>

// CHECK-LABEL: func.func @two_bits
func.func @two_bits(%x: tensor<2x5x!u2>) -> tensor<2x2xi32> {
  // CHECK-COUNT-2: lowbit.pack_bits
  // CHECK-COUNT-2: and_popcount
  %w = lowbit.constant dense<[[1, 0, 1, 0, 1], [0, 1, 1, 1, 1]]> : tensor<2x5xi8> as tensor<2x5x!i8>
  %i = tensor.empty() : tensor<2x2xi32>
  %y = lowbit.contract ins(%x, %w : tensor<2x5x!u2>, tensor<2x5x!i8>) outs(%i : tensor<2x2xi32>)
       maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x2xi32>
  return %y : tensor<2x2xi32>
}

// Stay: codes of many bits, weights that are computed, sums along another
// dimension.
// CHECK-LABEL: func.func @others
func.func @others(%x: tensor<2x5x!u8>, %u: tensor<2x5x!u2>, %w: tensor<2x5x!i8>) {
  // CHECK-NOT: pack_bits
  %c = lowbit.constant dense<1> : tensor<2x5xi8> as tensor<2x5x!i8>
  %t = lowbit.constant dense<1> : tensor<5x2xi8> as tensor<5x2x!i8>
  %i = tensor.empty() : tensor<2x2xi32>
  %0 = lowbit.contract ins(%x, %c : tensor<2x5x!u8>, tensor<2x5x!i8>) outs(%i : tensor<2x2xi32>)
       maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x2xi32>
  %1 = lowbit.contract ins(%u, %w : tensor<2x5x!u2>, tensor<2x5x!i8>) outs(%i : tensor<2x2xi32>)
       maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x2xi32>
  %2 = lowbit.contract ins(%u, %t : tensor<2x5x!u2>, tensor<5x2x!i8>) outs(%i : tensor<2x2xi32>)
       maps [#lhs, #last, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x2xi32>
  return
}
