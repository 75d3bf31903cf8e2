// RUN: lowbit-opt %s -lowbit-to-bitwise="word=8 pack=true max-counts=4" -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-to-bitwise="pack=true max-counts=4" -split-input-file | FileCheck %s --check-prefix=WIDE

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!i2 = !quant.uniform<i2<-1:1>:f32, 0.5>
!u2 = !quant.uniform<u2:f32, 0.5>
!i3 = !quant.uniform<i3:f32, 0.5>
!i4 = !quant.uniform<i4:f32, 0.5>
!i8 = !quant.uniform<i8:f32, 0.5>

// Two ternary factors: codes of -1, 0 and 1 are 0, 1 and 2, four to a word.
// CHECK-LABEL: func.func @ternary
// WIDE-LABEL: func.func @ternary
func.func @ternary(%x: tensor<2x6x!i2>) -> tensor<2x9xi32> {
  // CHECK-DAG: %[[X:.*]] = lowbit.pack_bits %{{.*}} {plane = 0 : i64, width = 2 : i64} : {{.*}} to tensor<2x2xi8>
  // 1 2 0 1 | 2 0: 1 + 2 * 4 + 0 * 16 + 1 * 64, and 2
  // CHECK-DAG: %[[W:.*]] = arith.constant dense<{{\[}}[73, 2], {{.*}}]> : tensor<9x2xi8>
  // CHECK: lowbit.contract ins(%[[X]], %[[W]] : tensor<2x2xi8>, tensor<9x2xi8>)
  // CHECK-SAME: lhs_values = array<i64: 0, 1, -2, -1>
  // CHECK-SAME: product = #lowbit.product<multiply_packed>
  // CHECK-SAME: rhs_values = array<i64: -1, 0, 1, 1>
  // CHECK: ^bb0(%[[ACC:.*]]: i32):
  // CHECK-NEXT: lowbit.yield %[[ACC]]
  // Only bytes have tables.
  // WIDE-NOT: multiply_packed
  // WIDE-COUNT-4: and_popcount
  %w = lowbit.constant dense<[[0, 1, -1, 0, 1, -1], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0],
                              [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]> : tensor<9x6xi8> as tensor<9x6x!i8>
  %i = tensor.empty() : tensor<2x9xi32>
  %y = lowbit.contract ins(%x, %w : tensor<2x6x!i2>, tensor<9x6x!i8>) outs(%i : tensor<2x9xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x9xi32>
  return %y : tensor<2x9xi32>
}

// Weights of two values take a bit, and eight meet a word of 16 bits.
// CHECK-LABEL: func.func @signs
func.func @signs(%x: tensor<2x9x!i2>) -> tensor<2x9xi32> {
  // CHECK: lowbit.pack_bits %{{.*}} {plane = 0 : i64, width = 2 : i64} : {{.*}} to tensor<2x2xi16>
  // CHECK: lowbit.contract ins({{.*}} : tensor<2x2xi16>, tensor<9x2xi8>)
  // CHECK-SAME: lhs_values = array<i64: 0, 1, -2, -1>
  // CHECK-SAME: rhs_values = array<i64: -1, 1>
  %w = lowbit.constant dense<[[1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1],
                              [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1],
                              [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1]]>
       : tensor<9x9xi8> as tensor<9x9x!i8>
  %i = tensor.empty() : tensor<2x9xi32>
  %y = lowbit.contract ins(%x, %w : tensor<2x9x!i2>, tensor<9x9x!i8>) outs(%i : tensor<2x9xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x9xi32>
  return %y : tensor<2x9xi32>
}

// Signs are multiplied by two planes after two, and the last of three is counted; all meet the
// same words. Without tables, three or four counts.
// CHECK-LABEL: func.func @planes_of_signs
func.func @planes_of_signs(%x: tensor<2x9x!i3>) -> tensor<2x9xi32> {
  // CHECK-DAG: %[[W:.*]] = arith.constant dense<{{.*}}> : tensor<9x2xi8>
  // CHECK-DAG: %[[X:.*]] = lowbit.pack_bits %{{.*}} {plane = 0 : i64, width = 2 : i64} : {{.*}} to tensor<2x2xi16>
  // CHECK-DAG: %[[HIGH:.*]] = lowbit.pack_bits %{{.*}} {plane = 2 : i64} : {{.*}} to tensor<2x2xi8>
  // CHECK: %[[FIRST:.*]] = lowbit.contract ins(%[[X]], %[[W]] :
  // CHECK-SAME: multiply_packed
  // Of each +1, the bit -4 is taken back.
  // CHECK: %[[PLUS:.*]] = arith.constant dense<-32> : tensor<9xi32>
  // CHECK: lowbit.contract ins(%[[HIGH]], %[[W]] : {{.*}}) epilogue(%[[FIRST]], %[[PLUS]]
  // CHECK-SAME: xor_popcount
  // CHECK: arith.muli %{{.*}}, %c4{{.*}}_i32
  %w = lowbit.constant dense<[[1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1],
                              [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1],
                              [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1]]>
       : tensor<9x9xi8> as tensor<9x9x!i8>
  %i = tensor.empty() : tensor<2x9xi32>
  %y = lowbit.contract ins(%x, %w : tensor<2x9x!i3>, tensor<9x9x!i8>) outs(%i : tensor<2x9xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x9xi32>
  return %y : tensor<2x9xi32>
}

// CHECK-LABEL: func.func @four_planes
func.func @four_planes(%x: tensor<2x9x!i4>) -> tensor<2x9xi32> {
  // CHECK: lowbit.pack_bits %{{.*}} {plane = 0 : i64, width = 2 : i64}
  // CHECK: lowbit.pack_bits %{{.*}} {plane = 2 : i64, width = 2 : i64}
  // CHECK: lhs_values = array<i64: 0, 1, 2, 3>
  // CHECK: lhs_values = array<i64: 0, 1, -2, -1>
  // CHECK: arith.muli %{{.*}}, %c4{{.*}}_i32
  %w = lowbit.constant dense<[[1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1],
                              [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1],
                              [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1, 1, 1, 1]]>
       : tensor<9x9xi8> as tensor<9x9x!i8>
  %i = tensor.empty() : tensor<2x9xi32>
  %y = lowbit.contract ins(%x, %w : tensor<2x9x!i4>, tensor<9x9x!i8>) outs(%i : tensor<2x9xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x9xi32>
  return %y : tensor<2x9xi32>
}

// Planes of signs: an offset for each channel, and a factor of 2.
// CHECK-LABEL: func.func @planes
func.func @planes(%x: tensor<2x4x!lowbit.planes<sign x 2, [0.5, 1.0]>>) -> tensor<2x9xi32> {
  // CHECK: %[[ADDED:.*]] = arith.constant dense<-12> : tensor<9xi32>
  // CHECK: lowbit.contract ins({{.*}}) epilogue(%[[ADDED]]
  // CHECK-SAME: lhs_values = array<i64: 0, 1, 2, 3>
  // CHECK-SAME: rhs_values = array<i64: 1, 1>
  // CHECK: ^bb0(%[[ACC:.*]]: i32, %[[A:.*]]: i32):
  // CHECK: %[[TWICE:.*]] = arith.muli %[[ACC]], %c2_i32
  // CHECK: arith.addi %[[TWICE]], %[[A]]
  %s = lowbit.steps %x : tensor<2x4x!lowbit.planes<sign x 2, [0.5, 1.0]>> to tensor<2x4x!quant.uniform<i8<-3:3>:f32, 0.5>>
  %w = lowbit.constant dense<1> : tensor<9x4xi8> as tensor<9x4x!i8>
  %i = tensor.empty() : tensor<2x9xi32>
  %y = lowbit.contract ins(%s, %w : tensor<2x4x!quant.uniform<i8<-3:3>:f32, 0.5>>, tensor<9x4x!i8>) outs(%i : tensor<2x9xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x9xi32>
  return %y : tensor<2x9xi32>
}

// Not: few columns, which are more for unsigned codes, five values, sums that 16 bits do not hold, values too far apart.
// CHECK-LABEL: func.func @others
func.func @others(%x: tensor<2x3x!i2>, %long: tensor<2x32768x!i2>, %u: tensor<2x3x!u2>) {
  // CHECK-NOT: multiply_packed
  %few = lowbit.constant dense<[[1, 0, -1]]> : tensor<1x3xi8> as tensor<1x3x!i8>
  %many = lowbit.constant dense<[[1, 0, -1], [2, 3, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]> : tensor<9x3xi8> as tensor<9x3x!i8>
  %far = lowbit.constant dense<[[6, 0, -6], [6, 6, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]> : tensor<9x3xi8> as tensor<9x3x!i8>
  %three = lowbit.constant dense<1> : tensor<9x32768xi8> as tensor<9x32768x!i8>
  %i1 = tensor.empty() : tensor<2x1xi32>
  %i = tensor.empty() : tensor<2x9xi32>
  %0 = lowbit.contract ins(%x, %few : tensor<2x3x!i2>, tensor<1x3x!i8>) outs(%i1 : tensor<2x1xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x1xi32>
  %1 = lowbit.contract ins(%x, %many : tensor<2x3x!i2>, tensor<9x3x!i8>) outs(%i : tensor<2x9xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x9xi32>
  %2 = lowbit.contract ins(%x, %far : tensor<2x3x!i2>, tensor<9x3x!i8>) outs(%i : tensor<2x9xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x9xi32>
  %3 = lowbit.contract ins(%long, %three : tensor<2x32768x!i2>, tensor<9x32768x!i8>) outs(%i : tensor<2x9xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x9xi32>
  %none = lowbit.constant dense<0> : tensor<16x3xi8> as tensor<16x3x!i8>
  %j = tensor.empty() : tensor<2x16xi32>
  %4 = lowbit.contract ins(%u, %none : tensor<2x3x!u2>, tensor<16x3x!i8>) outs(%j : tensor<2x16xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x16xi32>
  return
}

// -----

#lhs = affine_map<(y, x, o, u, v, c) -> (y + u, x + v, c)>
#rhs = affine_map<(y, x, o, u, v, c) -> (o, u, v, c)>
#out = affine_map<(y, x, o, u, v, c) -> (y, x, o)>
!u2 = !quant.uniform<u2:f32, 0.5:1>
!i8 = !quant.uniform<i8:f32, 0.5>

// Words are padded with zeros. Zero points that are not 0 are missing then, and added by a
// contraction of the padding.
// CHECK-LABEL: func.func @padded
func.func @padded(%x: tensor<2x2x4x!u2>) -> tensor<2x2x17xi32> {
  // CHECK: %[[P:.*]] = lowbit.pack_bits {{.*}} to tensor<2x2x1xi16>
  // CHECK: lowbit.pad {{.*}} : tensor<2x2x1x!quant.uniform<i16:f32, 1.000000e+00>> to tensor<3x3x1x
  // CHECK: %[[SUMS:.*]] = lowbit.contract
  // CHECK: lowbit.contract
  // CHECK-SAME: epilogue(%[[SUMS]]
  // CHECK-SAME: multiply_packed
  %p = lowbit.pad %x {low = array<i64: 0, 0, 0>, high = array<i64: 1, 1, 0>} : tensor<2x2x4x!u2> to tensor<3x3x4x!u2>
  %w = lowbit.constant dense<1> : tensor<17x2x2x4xi8> as tensor<17x2x2x4x!i8>
  %i = tensor.empty() : tensor<2x2x17xi32>
  %y = lowbit.contract ins(%p, %w : tensor<3x3x4x!u2>, tensor<17x2x2x4x!i8>) outs(%i : tensor<2x2x17xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x2x17xi32>
  return %y : tensor<2x2x17xi32>
}
