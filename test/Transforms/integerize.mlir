// RUN: lowbit-opt %s -lowbit-integerize -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize=require-integer -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-integerize -split-input-file > %t.once
// RUN: lowbit-opt %t.once -lowbit-integerize -split-input-file | diff %t.once -

// Scales of the sums: 0.5 * [0.25, 0.125] = [2^-3, 2^-4]. Bias: 1 * 8 - 3 * (1 + 2) = -1,
// -2 * 16 - 3 * (-1 + 5) = -44. Factors: the same over 1.0. Clamp: 0 + 10, 6 + 10.
// CHECK-DAG: #[[LHS:.*]] = affine_map<({{.*}}) -> (d0, d1 * 2 + d4 * 3, d2 + d5 * 2, d6)>
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d3, d4, d5, d6)>
// CHECK-DAG: #[[CHANNEL:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d3)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>
// CHECK-LABEL: func.func @conv2d
// CHECK-SAME: (%[[X:.*]]: tensor<1x5x4x1x!{{.*}}>)
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[-1, -44]> : tensor<2xi32>
// CHECK-DAG: %[[M:.*]] = arith.constant dense<1073741824> : tensor<2xi32>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<[33, 34]> : tensor<2xi32>
// CHECK-DAG: %[[W:.*]] = lowbit.constant
// CHECK: %[[P:.*]] = lowbit.pad %[[X]]
// CHECK-SAME: {high = array<i64: 0, 1, 0, 0>, low = array<i64: 0, 1, 3, 0>}
// CHECK: lowbit.contract ins(%[[P]], %[[W]] :
// CHECK-SAME: epilogue(%[[B]], %[[M]], %[[S]] :
// CHECK-SAME: maps [#[[LHS]], #[[RHS]], #[[CHANNEL]], #[[CHANNEL]], #[[CHANNEL]], #[[OUT]]]
// CHECK-NEXT: ^bb0(%[[ACC:.*]]: i32, %[[BIAS:.*]]: i32, %[[MUL:.*]]: i32, %[[SHIFT:.*]]: i32):
// CHECK-NEXT:   %[[SUM:.*]] = arith.addi %[[ACC]], %[[BIAS]] : i32
// CHECK-NEXT:   %[[CODE:.*]] = lowbit.rescale %[[SUM]], %[[MUL]], %[[SHIFT]]
// CHECK-SAME:     {max = 16 : i32, min = 10 : i32, output_zero_point = 10 : i32} : i32, i32 to i32
// CHECK-NEXT:   lowbit.yield %[[CODE]] : i32
// CHECK-NOT: tosa
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32:0, {0.25, 0.125}>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @conv2d(%q: tensor<1x5x4x1x!x>) -> tensor<1x4x5x2x!y> {
  %x = lowbit.decode %q : tensor<1x5x4x1x!x> to tensor<1x5x4x1xf32>
  %wq = lowbit.constant dense<[[[[1], [2]]], [[[-1], [5]]]]> : tensor<2x1x2x1xi8>
    as tensor<2x1x2x1x!w>
  %w = lowbit.decode %wq : tensor<2x1x2x1x!w> to tensor<2x1x2x1xf32>
  %b = "tosa.const"() {values = dense<[1.0, -2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 1, 1, 3, 0>,
    stride = array<i64: 2, 1>, dilation = array<i64: 3, 2>}
    : (tensor<1x5x4x1xf32>, tensor<2x1x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x4x5x2xf32>
  %r = tosa.clamp %c {min_val = 0.0 : f32, max_val = 6.0 : f32}
    : (tensor<1x4x5x2xf32>) -> tensor<1x4x5x2xf32>
  %o = lowbit.encode %r : tensor<1x4x5x2xf32> to tensor<1x4x5x2x!y>
  return %o : tensor<1x4x5x2x!y>
}

// -----

// Factor 0.5 * 0.3 / 0.7, one for all channels; the bias of one element holds for all:
// round(1 / 0.15) - 3 * [3, 7] = [-2, -14].
// CHECK-LABEL: func.func @fully_connected
// CHECK-SAME: (%[[X:.*]]: tensor<4x2x!{{.*}}>)
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[-2, -14]> : tensor<2xi32>
// CHECK-DAG: %[[M:.*]] = arith.constant dense<1840700270> : tensor<2xi32>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<33> : tensor<2xi32>
// CHECK: %[[R:.*]] = tensor.expand_shape %[[X]] {{\[}}[0], [1, 2, 3]] output_shape [4, 1, 1, 2]
// CHECK-NOT: lowbit.pad
// CHECK: %[[Y:.*]] = lowbit.contract ins(%[[R]], %{{.*}} epilogue(%[[B]], %[[M]], %[[S]] :
// CHECK: lowbit.rescale {{.*}} {max = 255 : i32, min = 0 : i32}
// CHECK: %[[C:.*]] = tensor.collapse_shape %[[Y]] {{\[}}[0], [1, 2, 3]]
// CHECK: return %[[C]]
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.3>
!y = !quant.uniform<u8:f32, 0.7>
func.func @fully_connected(%q: tensor<4x2x!x>) -> tensor<4x2x!y> {
  %x0 = lowbit.decode %q : tensor<4x2x!x> to tensor<4x2xf32>
  %s0 = tosa.const_shape {values = dense<[4, 1, 1, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %s1 = tosa.const_shape {values = dense<[4, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %x = tosa.reshape %x0, %s0 : (tensor<4x2xf32>, !tosa.shape<4>) -> tensor<4x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 2]]], [[[3, 4]]]]> : tensor<2x1x1x2xi8>
    as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x2xf32>
  %e = lowbit.encode %c : tensor<4x1x1x2xf32> to tensor<4x1x1x2x!y>
  %d = lowbit.decode %e : tensor<4x1x1x2x!y> to tensor<4x1x1x2xf32>
  %r = tosa.reshape %d, %s1 : (tensor<4x1x1x2xf32>, !tosa.shape<2>) -> tensor<4x2xf32>
  %o = lowbit.encode %r : tensor<4x2xf32> to tensor<4x2x!y>
  return %o : tensor<4x2x!y>
}

// -----

// A multiplier of 1 leaves its loop out. Bias: [8, -32] - 3 * [3, 7].
// CHECK-DAG: #[[LHS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1 + d4, d2 + d5, d3)>
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d4, d5, d3)>
// CHECK-DAG: #[[CHANNEL:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d3)>
// CHECK-LABEL: func.func @depthwise
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[-1, -53]> : tensor<2xi32>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<[33, 34]> : tensor<2xi32>
// CHECK-DAG: %[[W:.*]] = lowbit.constant {{.*}} as tensor<2x1x2x!quant.uniform<i8<-127:127>:f32:2,
// CHECK: lowbit.contract ins(%{{.*}}, %[[W]] : {{.*}} epilogue(%[[B]], %{{.*}}, %[[S]] :
// CHECK-SAME: maps [#[[LHS]], #[[RHS]], #[[CHANNEL]], #[[CHANNEL]], #[[CHANNEL]], #{{.*}}]
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32:2, {0.25, 0.125}>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @depthwise(%q: tensor<1x3x3x2x!x>) -> tensor<1x2x3x2x!y> {
  %x = lowbit.decode %q : tensor<1x3x3x2x!x> to tensor<1x3x3x2xf32>
  %wq = lowbit.constant dense<[[[[1], [3]]], [[[2], [4]]]]> : tensor<2x1x2x1xi8>
    as tensor<2x1x2x1x!w>
  %w = lowbit.decode %wq : tensor<2x1x2x1x!w> to tensor<2x1x2x1xf32>
  %b = "tosa.const"() {values = dense<[1.0, -2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x3x3x2xf32>, tensor<2x1x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x3x2xf32>
  %o = lowbit.encode %c : tensor<1x2x3x2xf32> to tensor<1x2x3x2x!y>
  return %o : tensor<1x2x3x2x!y>
}

// -----

// Channel c * 2 + m has the scale of c: bias [8, 8, 16, 16] - 3 * [1, 2, 3, 4].
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d5, d6, d3, d4)>
// CHECK-DAG: #[[CHANNEL:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d3, d4)>
// CHECK-LABEL: func.func @depthwise_multiplied
// CHECK-DAG: %[[B:.*]] = arith.constant dense<{{\[}}[5, 2], [7, 4]]> : tensor<2x2xi32>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<{{\[}}[33, 33], [34, 34]]> : tensor<2x2xi32>
// CHECK: %[[Y:.*]] = lowbit.contract {{.*}} epilogue(%[[B]], %{{.*}}, %[[S]] :
// CHECK-SAME: #[[RHS]], #[[CHANNEL]], #[[CHANNEL]], #[[CHANNEL]],
// CHECK: -> tensor<1x2x2x2x2x!
// CHECK: tensor.collapse_shape %[[Y]] {{\[}}[0], [1], [2], [3, 4]]
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32:2, {0.25, 0.125}>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @depthwise_multiplied(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x4x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x2x!x> to tensor<1x2x2x2xf32>
  %wq = lowbit.constant dense<[[[[1, 2], [3, 4]]]]> : tensor<1x1x2x2xi8> as tensor<1x1x2x2x!w>
  %w = lowbit.decode %wq : tensor<1x1x2x2x!w> to tensor<1x1x2x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.depthwise_conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<1x1x2x2xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x4xf32>
  %o = lowbit.encode %c : tensor<1x2x2x4xf32> to tensor<1x2x2x4x!y>
  return %o : tensor<1x2x2x4x!y>
}

// -----

// Each batch has weights of its own: bias -3 * [[1 + 3, 2 + 4], [5 + 7, 6 + 8]].
// CHECK-DAG: #[[RHS:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3, d2)>
// CHECK-DAG: #[[CHANNEL:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2)>
// CHECK-LABEL: func.func @matmul
// CHECK-DAG: %[[B:.*]] = arith.constant dense<{{\[}}[-12, -18], [-36, -42]]> : tensor<2x2xi32>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<{{\[}}[33, 34], [33, 34]]> : tensor<2x2xi32>
// CHECK: lowbit.contract {{.*}} epilogue(%[[B]], %{{.*}}, %[[S]] :
// CHECK-SAME: #[[RHS]], #[[CHANNEL]], #[[CHANNEL]], #[[CHANNEL]],
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32:2, {0.25, 0.125}>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @matmul(%q: tensor<2x3x2x!x>) -> tensor<2x3x2x!y> {
  %x = lowbit.decode %q : tensor<2x3x2x!x> to tensor<2x3x2xf32>
  %wq = lowbit.constant dense<[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]> : tensor<2x2x2xi8>
    as tensor<2x2x2x!w>
  %w = lowbit.decode %wq : tensor<2x2x2x!w> to tensor<2x2x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<2x3x2xf32>, tensor<2x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x3x2xf32>
  %o = lowbit.encode %c : tensor<2x3x2xf32> to tensor<2x3x2x!y>
  return %o : tensor<2x3x2x!y>
}

// -----

// The grid's step is (126 + 2 * 245) / 2^28: the sums have the factor 2^-3 over it, the residual
// 2^-1, and it has itself over 1.0.
// CHECK-LABEL: func.func @residual
// CHECK-SAME: (%[[X:.*]]: {{.*}}, %[[R:.*]]: {{.*}})
// CHECK-DAG: %[[M:.*]] = arith.constant dense<1784921474> : tensor<1xi32>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<15> : tensor<1xi32>
// CHECK-DAG: %[[INM:.*]] = arith.constant 1784921474 : i32
// CHECK-DAG: %[[INS:.*]] = arith.constant 13 : i32
// CHECK-DAG: %[[OUTM:.*]] = arith.constant 1291845632 : i32
// CHECK-DAG: %[[OUTS:.*]] = arith.constant 49 : i32
// CHECK: lowbit.contract {{.*}} epilogue(%{{.*}}, %[[M]], %[[S]], %[[R]] :
// CHECK-NEXT: ^bb0(%{{[^,]*}}, %{{[^,]*}}, %[[MUL:[^,]*]]: i32, %[[SHIFT:.*]]: i32, %[[OTHER:.*]]: i32):
// CHECK: %[[SUM:.*]] = arith.addi
// CHECK: %[[A:.*]] = lowbit.rescale %[[SUM]], %[[MUL]], %[[SHIFT]]
// CHECK-SAME: {max = 536870912 : i32, min = -536870912 : i32} : i32, i32 to i32
// CHECK: %[[B:.*]] = lowbit.rescale %[[OTHER]], %[[INM]], %[[INS]]
// CHECK-SAME: {input_zero_point = 3 : i32} : i32, i32 to i32
// CHECK: %[[BOTH:.*]] = arith.addi %[[A]], %[[B]] : i32
// CHECK: lowbit.rescale %[[BOTH]], %[[OUTM]], %[[OUTS]]
// CHECK-SAME: {max = 255 : i32, min = 10 : i32, output_zero_point = 10 : i32}
// CHECK-NOT: tosa.add
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @residual(%q: tensor<1x2x2x1x!x>, %rq: tensor<1x2x2x1x!x>) -> tensor<1x2x2x1x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x1x!x> to tensor<1x2x2x1xf32>
  %r = lowbit.decode %rq : tensor<1x2x2x1x!x> to tensor<1x2x2x1xf32>
  %wq = lowbit.constant dense<1> : tensor<1x1x1x1xi8> as tensor<1x1x1x1x!w>
  %w = lowbit.decode %wq : tensor<1x1x1x1x!w> to tensor<1x1x1x1xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x1xf32>
  %a = tosa.add %r, %c : (tensor<1x2x2x1xf32>, tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  %l = tosa.clamp %a {min_val = 0.0 : f32, max_val = 3.40282347E+38 : f32}
    : (tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32>
  %o = lowbit.encode %l : tensor<1x2x2x1xf32> to tensor<1x2x2x1x!y>
  return %o : tensor<1x2x2x1x!y>
}

// -----

// Only the operand of another format is rescaled.
// CHECK-LABEL: func.func @concat
// CHECK-SAME: (%[[X:.*]]: {{.*}}, %[[R:.*]]: {{.*}})
// CHECK-DAG: %[[M:.*]] = arith.constant dense<1073741824> : tensor<1xi32>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<31> : tensor<1xi32>
// CHECK: %[[T:.*]] = lowbit.rescale %[[R]], %[[M]], %[[S]] {input_zero_point = -3 : i32,
// CHECK-SAME: max = 255 : i32, min = 0 : i32, output_zero_point = 3 : i32}
// CHECK: lowbit.concat %[[X]], %[[T]] {axis = 1 : i64}
!x = !quant.uniform<u8:f32, 0.5:3>
!r = !quant.uniform<i8:f32, 0.25:-3>
func.func @concat(%q: tensor<2x3x!x>, %rq: tensor<2x4x!r>) -> tensor<2x7x!x> {
  %x = lowbit.decode %q : tensor<2x3x!x> to tensor<2x3xf32>
  %r = lowbit.decode %rq : tensor<2x4x!r> to tensor<2x4xf32>
  %c = tosa.concat %x, %r {axis = 1 : i32} : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<2x7xf32>
  %o = lowbit.encode %c : tensor<2x7xf32> to tensor<2x7x!x>
  return %o : tensor<2x7x!x>
}

// -----

// 0.5 / 4 for all windows, then 0.5 / {1, 2, 4} at corners, edges and inside.
// CHECK-LABEL: func.func @avg_pool2d
// CHECK-DAG: %[[M:.*]] = arith.constant dense<1073741824> : tensor<1x1xi32>
// CHECK-DAG: %[[S:.*]] = arith.constant dense<33> : tensor<1x1xi32>
// CHECK-DAG: %[[M2:.*]] = arith.constant dense<1073741824> : tensor<3x3xi32>
// CHECK-DAG: %[[S2:.*]] = arith.constant dense<{{\[}}[31, 32, 31], [32, 33, 32], [31, 32, 31]]>
// CHECK: lowbit.avg_pool2d %{{.*}}, %[[M]], %[[S]] {kernel = array<i64: 2, 2>,
// CHECK-SAME: pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>}
// CHECK: lowbit.avg_pool2d %{{.*}}, %[[M2]], %[[S2]] {kernel = array<i64: 2, 2>,
// CHECK-SAME: pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>}
!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @avg_pool2d(%q: tensor<1x4x4x1x!x>, %p: tensor<1x2x2x1x!x>)
    -> (tensor<1x2x2x1x!y>, tensor<1x3x3x1x!y>) {
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %x = lowbit.decode %q : tensor<1x4x4x1x!x> to tensor<1x4x4x1xf32>
  %a = tosa.avg_pool2d %x, %z, %z {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>, acc_type = f32}
    : (tensor<1x4x4x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x1xf32>
  %o = lowbit.encode %a : tensor<1x2x2x1xf32> to tensor<1x2x2x1x!y>
  %x2 = lowbit.decode %p : tensor<1x2x2x1x!x> to tensor<1x2x2x1xf32>
  %a2 = tosa.avg_pool2d %x2, %z, %z {kernel = array<i64: 2, 2>, stride = array<i64: 1, 1>,
    pad = array<i64: 1, 1, 1, 1>, acc_type = f32}
    : (tensor<1x2x2x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x3x1xf32>
  %o2 = lowbit.encode %a2 : tensor<1x3x3x1xf32> to tensor<1x3x3x1x!y>
  return %o, %o2 : tensor<1x2x2x1x!y>, tensor<1x3x3x1x!y>
}

// -----

// CHECK-LABEL: func.func @format_change
// CHECK: %[[S:.*]] = arith.constant dense<31> : tensor<1xi32>
// CHECK: lowbit.rescale %{{.*}}, %{{.*}}, %[[S]] {input_zero_point = 3 : i32, max = 255 : i32,
// CHECK-SAME: min = 0 : i32, output_zero_point = 10 : i32}
// CHECK: lowbit.rescale {{.*}} max = 16 : i32, min = 10 : i32,
!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 1.0:10>
func.func @format_change(%q: tensor<4x!x>) -> (tensor<4x!y>, tensor<4x!y>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %o = lowbit.encode %x : tensor<4xf32> to tensor<4x!y>
  %x2 = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %l = tosa.clamp %x2 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %o2 = lowbit.encode %l : tensor<4xf32> to tensor<4x!y>
  return %o, %o2 : tensor<4x!y>, tensor<4x!y>
}

// -----

// Inputs -1, -0.5, 0, 0.5. sigmoid * 256; tanh(|x|) * 64 + 1; 1 / x and log(x), where what has no
// value is 0 and infinities saturate: -1, -2, inf, 2 and NaN, NaN, -inf, -0.69. Then NaN, -inf, inf
// and 1 between 1 and 9.
// CHECK-LABEL: func.func @tables
// CHECK-DAG: arith.constant dense<[69, 97, -128, -97]> : tensor<4xi8>
// CHECK-DAG: arith.constant dense<[50, 31, 1, 31]> : tensor<4xi16>
// CHECK-DAG: arith.constant dense<[-4, -8, 127, 8]> : tensor<4xi8>
// CHECK-DAG: arith.constant dense<[0, 0, -128, -3]> : tensor<4xi8>
// CHECK-DAG: arith.constant dense<[4, 4, 36, 4]> : tensor<4xi8>
// CHECK-COUNT-5: lowbit.table
// CHECK-NOT: lowbit.decode
!x = !quant.uniform<i2:f32, 0.5>
!s = !quant.uniform<u8:f32, 0.00390625>
!t = !quant.uniform<i16:f32, 0.015625:1>
!r = !quant.uniform<i8:f32, 0.25>
func.func @tables(%q: tensor<4x!x>)
    -> (tensor<4x!s>, tensor<4x!t>, tensor<4x!r>, tensor<4x!r>, tensor<4x!r>) {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %0 = tosa.sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
  %o0 = lowbit.encode %0 : tensor<4xf32> to tensor<4x!s>
  %1 = tosa.abs %x : (tensor<4xf32>) -> tensor<4xf32>
  %2 = tosa.tanh %1 : (tensor<4xf32>) -> tensor<4xf32>
  %o1 = lowbit.encode %2 : tensor<4xf32> to tensor<4x!t>
  %3 = tosa.reciprocal %x : (tensor<4xf32>) -> tensor<4xf32>
  %o2 = lowbit.encode %3 : tensor<4xf32> to tensor<4x!r>
  %4 = tosa.log %x : (tensor<4xf32>) -> tensor<4xf32>
  %o3 = lowbit.encode %4 : tensor<4xf32> to tensor<4x!r>
  // A clamp that ignores NaN returns its lower bound for it.
  %6 = tosa.ceil %x : (tensor<4xf32>) -> tensor<4xf32>
  %7 = tosa.rsqrt %6 : (tensor<4xf32>) -> tensor<4xf32>
  %8 = tosa.clamp %7 {min_val = 1.0 : f32, max_val = 9.0 : f32, nan_mode = IGNORE}
    : (tensor<4xf32>) -> tensor<4xf32>
  %o4 = lowbit.encode %8 : tensor<4xf32> to tensor<4x!r>
  return %o0, %o1, %o2, %o3, %o4
    : tensor<4x!s>, tensor<4x!t>, tensor<4x!r>, tensor<4x!r>, tensor<4x!r>
}

// -----

// 2^30 exp(-0.125 i), for i = 0, 1, 2, ... and 0, 256, 512, ...
// CHECK-LABEL: func.func @softmax
// CHECK-SAME: (%[[X:.*]]: {{.*}})
// CHECK-DAG: %[[COARSE:.*]] = arith.constant dense<"0x00000040000000000000
// CHECK-DAG: %[[FINE:.*]] = arith.constant dense<"0x000000404AD47A383DDFD731
// CHECK: lowbit.table_softmax %[[X]], %[[COARSE]], %[[FINE]] {levels = 65536 : i32}
!x = !quant.uniform<i8:f32, 0.125:5>
!y = !quant.uniform<u16:f32, 1.52587890625e-05>
func.func @softmax(%q: tensor<2x10x!x>) -> tensor<2x10x!y> {
  %x = lowbit.decode %q : tensor<2x10x!x> to tensor<2x10xf32>
  %s = lowbit.softmax %x {axis = 1 : i64} : tensor<2x10xf32>
  %o = lowbit.encode %s : tensor<2x10xf32> to tensor<2x10x!y>
  return %o : tensor<2x10x!y>
}

// -----

// The decode passes all movement. The middle reshape goes by way of one dimension.
// CHECK-LABEL: func.func @movement
// CHECK-SAME: (%[[X:.*]]: {{.*}})
// CHECK: %[[F:.*]] = tensor.collapse_shape %[[X]] {{\[}}[0, 1]]
// CHECK: %[[R:.*]] = tensor.expand_shape %[[F]] {{\[}}[0, 1, 2, 3]] output_shape [1, 3, 4, 2]
// CHECK: %[[T:.*]] = lowbit.transpose %[[R]] {permutation = array<i64: 0, 2, 1, 3>}
// CHECK: %[[P:.*]] = lowbit.pad %[[T]]
// CHECK-SAME: {high = array<i64: 0, 2, 0, 0>, low = array<i64: 0, 1, 0, 0>}
// CHECK: %[[M:.*]] = lowbit.max_pool2d %[[P]] {kernel = array<i64: 3, 1>,
// CHECK-SAME: pad = array<i64: 1, 0, 0, 0>, stride = array<i64: 1, 2>}
// CHECK: %[[S:.*]] = tensor.extract_slice %[[M]][0, 1, 0, 1] [1, 4, 2, 1] [1, 1, 1, 1]
// CHECK: %[[D:.*]] = lowbit.decode %[[S]]
// CHECK: return %[[D]]
!x = !quant.uniform<u8:f32, 0.5:3>
func.func @movement(%q: tensor<6x4x!x>) -> tensor<1x4x2x1xf32> {
  %x = lowbit.decode %q : tensor<6x4x!x> to tensor<6x4xf32>
  %to = tosa.const_shape {values = dense<[1, 3, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %by = tosa.const_shape {values = dense<[0, 0, 1, 2, 0, 0, 0, 0]> : tensor<8xindex>}
    : () -> !tosa.shape<8>
  %at = tosa.const_shape {values = dense<[0, 1, 0, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %size = tosa.const_shape {values = dense<[1, 4, 2, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %r = tosa.reshape %x, %to : (tensor<6x4xf32>, !tosa.shape<4>) -> tensor<1x3x4x2xf32>
  %t = tosa.transpose %r {perms = array<i32: 0, 2, 1, 3>}
    : (tensor<1x3x4x2xf32>) -> tensor<1x4x3x2xf32>
  %p = tosa.pad %t, %by, %z
    : (tensor<1x4x3x2xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x7x3x2xf32>
  %m = tosa.max_pool2d %p {kernel = array<i64: 3, 1>, stride = array<i64: 1, 2>,
    pad = array<i64: 1, 0, 0, 0>} : (tensor<1x7x3x2xf32>) -> tensor<1x6x2x2xf32>
  %s = tosa.slice %m, %at, %size
    : (tensor<1x6x2x2xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x4x2x1xf32>
  return %s : tensor<1x4x2x1xf32>
}
