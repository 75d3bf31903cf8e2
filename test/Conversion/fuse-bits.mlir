// RUN: lowbit-opt %s -lowbit-fuse-bits -split-input-file | FileCheck %s

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#ch = affine_map<(m, n, k) -> (n)>
#out = affine_map<(m, n, k) -> (m, n)>
!bit = !lowbit.planes<sign x 1, [1.0]>

// The epilogue compares, the second channel complements, and the kernel packs.
// CHECK-DAG: #[[CH:.*]] = affine_map<(d0, d1, d2) -> (d1)>
// CHECK-LABEL: func.func @packs
func.func @packs(%x: tensor<4x9xi8>, %w: tensor<2x9xi8>, %b: tensor<2xi32>) -> tensor<4x1xi8> {
  // CHECK-DAG: %[[T:.*]] = arith.constant dense<[5, -8]> : tensor<2xi32>
  // CHECK-DAG: %[[F:.*]] = arith.constant dense<[0, -1]> : tensor<2xi32>
  // CHECK: %[[Y:.*]] = lowbit.contract
  // CHECK-SAME: epilogue(%{{.*}}, %[[T]], %[[F]] : tensor<2xi32>, tensor<2xi32>, tensor<2xi32>)
  // CHECK-SAME: maps [{{.*}}, #[[CH]], #[[CH]], #[[CH]], {{.*}}]
  // CHECK-SAME: packs
  // CHECK-SAME: product = #lowbit.product<xor_popcount>
  // CHECK: ^bb0(%[[ACC:.*]]: i32, %[[B:.*]]: i32, %[[TV:.*]]: i32, %[[FV:.*]]: i32):
  // CHECK: %[[SUM:.*]] = arith.addi %[[ACC]], %[[B]]
  // CHECK: %[[V:.*]] = arith.xori %[[SUM]], %[[FV]]
  // CHECK: %[[GE:.*]] = arith.cmpi sge, %[[V]], %[[TV]]
  // CHECK: %[[BIT:.*]] = arith.extui %[[GE]]
  // CHECK: lowbit.yield %[[BIT]]
  // CHECK: -> tensor<4x1xi8>
  // CHECK-NOT: lowbit.threshold
  // CHECK-NOT: lowbit.pack_bits
  // CHECK: return %[[Y]]
  %t = arith.constant dense<[[5], [7]]> : tensor<2x1xi32>
  %i = tensor.empty() : tensor<4x2xi32>
  %y = lowbit.contract ins(%x, %w : tensor<4x9xi8>, tensor<2x9xi8>) epilogue(%b : tensor<2xi32>)
       outs(%i : tensor<4x2xi32>) maps [#lhs, #rhs, #ch, #out] attributes {product = #lowbit.product<xor_popcount>} {
    ^bb0(%acc: i32, %c: i32):
      %0 = arith.addi %acc, %c : i32
      lowbit.yield %0 : i32
  } -> tensor<4x2xi32>
  %q = lowbit.threshold %y, %t {axis = 1 : i64, falling = array<i1: false, true>} : tensor<4x2xi32>, tensor<2x1xi32> to tensor<4x2x!bit>
  %p = lowbit.pack_bits %q {plane = 0 : i64} : tensor<4x2x!bit> to tensor<4x1xi8>
  return %p : tensor<4x1xi8>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u2 = !quant.uniform<u2:f32, 1.0>

// Codes of two bits, over reshapes of leading dimensions; one row of thresholds for
// all channels is in the region, and all fall.
// CHECK-LABEL: func.func @two_bits
func.func @two_bits(%x: tensor<4x9x!quant.uniform<u8:f32, 1.0>>, %w: tensor<2x9x!quant.uniform<i8:f32, 1.0>>) -> tensor<2x2x2x!u2> {
  // CHECK: %[[Y:.*]] = lowbit.contract
  // CHECK: ^bb0(%[[ACC:.*]]: i32):
  // CHECK: %[[V:.*]] = arith.xori %[[ACC]], %c-1_i32
  // CHECK: %[[A:.*]] = arith.cmpi sge, %[[V]], %c-2_i32
  // CHECK: %[[A1:.*]] = arith.extui %[[A]]
  // CHECK: arith.cmpi sge, %[[V]], %c-3_i32
  // CHECK: arith.addi %[[A1]]
  // CHECK: -> tensor<4x2x!quant.uniform<u2:f32, 1.000000e+00>>
  // CHECK: tensor.expand_shape %[[Y]] {{.*}} : tensor<4x2x!quant.uniform<u2:f32, 1.000000e+00>> into tensor<2x2x2x
  // CHECK-NOT: lowbit.threshold
  %t = arith.constant dense<[[1, 2]]> : tensor<1x2xi32>
  %i = tensor.empty() : tensor<4x2xi32>
  %y = lowbit.contract ins(%x, %w : tensor<4x9x!quant.uniform<u8:f32, 1.0>>, tensor<2x9x!quant.uniform<i8:f32, 1.0>>)
       outs(%i : tensor<4x2xi32>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x2xi32>
  %e = tensor.expand_shape %y [[0, 1], [2]] output_shape [2, 2, 2] : tensor<4x2xi32> into tensor<2x2x2xi32>
  %q = lowbit.threshold %e, %t {axis = 0 : i64, falling = array<i1: true>} : tensor<2x2x2xi32>, tensor<1x2xi32> to tensor<2x2x2x!u2>
  return %q : tensor<2x2x2x!u2>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u2 = !quant.uniform<u2:f32, 1.0>
!i2 = !quant.uniform<i2<-1:1>:f32, 1.0>

// Ternary codes leave the epilogue side by side; what they are read as stays. A part of
// the bits of codes is packed behind them.
// CHECK-LABEL: func.func @packs_codes
func.func @packs_codes(%x: tensor<4x3xi8>, %w: tensor<9x3xi8>) -> (tensor<4x2xi16>, tensor<4x2xi8>) {
  // CHECK: %[[Y:.*]] = lowbit.contract
  // CHECK-SAME: lhs_values = array<i64: 0, 1, 2, 3>, packed_bits = 2 : i64, packs, product = #lowbit.product<multiply_packed>, rhs_values = array<i64: -1, 0, 1, 1>
  // CHECK: ^bb0(%[[ACC:.*]]: i32):
  // CHECK: %[[A:.*]] = arith.cmpi sge, %[[ACC]], %c1_i32
  // CHECK: %[[B:.*]] = arith.cmpi sge, %[[ACC]], %c2_i32
  // CHECK: %[[SUM:.*]] = arith.addi
  // CHECK: %[[CODE:.*]] = arith.addi %[[SUM]], %c-1_i32
  // CHECK: lowbit.yield %[[CODE]]
  // CHECK: -> tensor<4x2xi16>
  // CHECK: %[[Z:.*]] = lowbit.contract
  // CHECK-NOT: packs
  // CHECK: -> tensor<4x9x!quant.uniform<u2:f32, 1.000000e+00>>
  // CHECK: %[[P:.*]] = lowbit.pack_bits %[[Z]]
  // CHECK: return %[[Y]], %[[P]]
  %t = arith.constant dense<[[1, 2]]> : tensor<1x2xi32>
  %i = tensor.empty() : tensor<4x9xi32>
  %y = lowbit.contract ins(%x, %w : tensor<4x3xi8>, tensor<9x3xi8>) outs(%i : tensor<4x9xi32>) maps [#lhs, #rhs, #out]
       attributes {product = #lowbit.product<multiply_packed>, lhs_values = array<i64: 0, 1, 2, 3>, rhs_values = array<i64: -1, 0, 1, 1>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x9xi32>
  %q = lowbit.threshold %y, %t {axis = 1 : i64} : tensor<4x9xi32>, tensor<1x2xi32> to tensor<4x9x!i2>
  %p = lowbit.pack_bits %q {plane = 0 : i64, width = 2 : i64} : tensor<4x9x!i2> to tensor<4x2xi16>
  %j = tensor.empty() : tensor<4x9x!u2>
  %z = lowbit.contract ins(%x, %w : tensor<4x3xi8>, tensor<9x3xi8>) outs(%j : tensor<4x9x!u2>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      %c = arith.constant 3 : i32
      %code = arith.andi %acc, %c : i32
      lowbit.yield %code : i32
  } -> tensor<4x9x!u2>
  %r = lowbit.pack_bits %z {plane = 1 : i64} : tensor<4x9x!u2> to tensor<4x2xi8>
  return %p, %r : tensor<4x2xi16>, tensor<4x2xi8>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!bit = !lowbit.planes<sign x 1, [1.0]>

// Stay: sums that something else reads, computed thresholds, thresholds along
// another dimension, and reshapes that change the last.
// CHECK-LABEL: func.func @others
func.func @others(%x: tensor<4x9xi8>, %w: tensor<2x9xi8>, %t: tensor<2x1xi32>) -> (tensor<4x2xi32>, tensor<4x2x!bit>, tensor<4x2x!bit>, tensor<4x2x!bit>, tensor<8x!bit>) {
  // CHECK-COUNT-4: lowbit.threshold
  %one = arith.constant dense<[[5], [7]]> : tensor<2x1xi32>
  %four = arith.constant dense<[[5], [7], [1], [2]]> : tensor<4x1xi32>
  %all = arith.constant dense<[[5]]> : tensor<1x1xi32>
  %i = tensor.empty() : tensor<4x2xi32>
  %y = lowbit.contract ins(%x, %w : tensor<4x9xi8>, tensor<2x9xi8>) outs(%i : tensor<4x2xi32>) maps [#lhs, #rhs, #out]
       attributes {product = #lowbit.product<xor_popcount>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x2xi32>
  %0 = lowbit.threshold %y, %one {axis = 1 : i64} : tensor<4x2xi32>, tensor<2x1xi32> to tensor<4x2x!bit>
  %y1 = lowbit.contract ins(%x, %w : tensor<4x9xi8>, tensor<2x9xi8>) outs(%i : tensor<4x2xi32>) maps [#lhs, #rhs, #out]
       attributes {product = #lowbit.product<xor_popcount>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x2xi32>
  %1 = lowbit.threshold %y1, %t {axis = 1 : i64} : tensor<4x2xi32>, tensor<2x1xi32> to tensor<4x2x!bit>
  %y2 = lowbit.contract ins(%x, %w : tensor<4x9xi8>, tensor<2x9xi8>) outs(%i : tensor<4x2xi32>) maps [#lhs, #rhs, #out]
       attributes {product = #lowbit.product<xor_popcount>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x2xi32>
  %2 = lowbit.threshold %y2, %four {axis = 0 : i64} : tensor<4x2xi32>, tensor<4x1xi32> to tensor<4x2x!bit>
  %y3 = lowbit.contract ins(%x, %w : tensor<4x9xi8>, tensor<2x9xi8>) outs(%i : tensor<4x2xi32>) maps [#lhs, #rhs, #out]
       attributes {product = #lowbit.product<xor_popcount>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x2xi32>
  %c = tensor.collapse_shape %y3 [[0, 1]] : tensor<4x2xi32> into tensor<8xi32>
  %3 = lowbit.threshold %c, %all {axis = 0 : i64} : tensor<8xi32>, tensor<1x1xi32> to tensor<8x!bit>
  return %y, %0, %1, %2, %3 : tensor<4x2xi32>, tensor<4x2x!bit>, tensor<4x2x!bit>, tensor<4x2x!bit>, tensor<8x!bit>
}

// -----

!bit = !lowbit.planes<sign x 1, [1.0]>

// An encode moves over reshapes to the words that are made of it.
// CHECK-LABEL: func.func @encode
// CHECK-SAME: %[[X:.*]]: tensor<2x3x4xf32>
func.func @encode(%x: tensor<2x3x4xf32>) -> tensor<1x2x2xi8> {
  // CHECK: %[[C:.*]] = tensor.collapse_shape %[[X]] {{.*}} : tensor<2x3x4xf32> into tensor<2x12xf32>
  // CHECK: %[[E:.*]] = tensor.expand_shape %[[C]] {{.*}} : tensor<2x12xf32> into tensor<1x2x12xf32>
  // CHECK: %[[Q:.*]] = lowbit.encode %[[E]]
  // CHECK: lowbit.pack_bits %[[Q]]
  %q = lowbit.encode %x : tensor<2x3x4xf32> to tensor<2x3x4x!bit>
  %c = tensor.collapse_shape %q [[0], [1, 2]] : tensor<2x3x4x!bit> into tensor<2x12x!bit>
  %e = tensor.expand_shape %c [[0, 1], [2]] output_shape [1, 2, 12] : tensor<2x12x!bit> into tensor<1x2x12x!bit>
  %p = lowbit.pack_bits %e {plane = 0 : i64} : tensor<1x2x12x!bit> to tensor<1x2x2xi8>
  return %p : tensor<1x2x2xi8>
}

// -----

!bit = !lowbit.planes<sign x 1, [1.0]>
!u2 = !quant.uniform<u2:f32, 1.0>

// The largest bits of windows are their words, or-ed; outside of the input no bit is set.
// CHECK-DAG: #[[WINDOW:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1 * 2 + d3, d2 * 2 + d4, d5)>
// CHECK-LABEL: func.func @pool
// CHECK-SAME: %[[X:.*]]: tensor<1x4x3x9x!
func.func @pool(%x: tensor<1x4x3x9x!bit>) -> tensor<1x2x2x2xi8> {
  // CHECK: %[[P:.*]] = lowbit.pack_bits %[[X]] {{.*}} to tensor<1x4x3x2xi8>
  // CHECK: linalg.fill {{.*}} -> tensor<1x4x4x2xi8>
  // CHECK: tensor.insert_slice %[[P]] into %{{.*}}[0, 0, 1, 0]
  // CHECK: %[[ANY:.*]] = linalg.generic {{.*}}#[[WINDOW]]{{.*}}iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "parallel"]
  // CHECK: arith.ori
  // CHECK-NOT: max_pool2d
  // CHECK: return %[[ANY]]
  %m = lowbit.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 1, 0>}
       : tensor<1x4x3x9x!bit> to tensor<1x2x2x9x!bit>
  %p = lowbit.pack_bits %m {plane = 0 : i64} : tensor<1x2x2x9x!bit> to tensor<1x2x2x2xi8>
  return %p : tensor<1x2x2x2xi8>
}

// Codes of two bits have no largest bits, and with a second reader codes are made all the same.
// CHECK-LABEL: func.func @pool_stays
func.func @pool_stays(%x: tensor<1x2x2x9x!u2>, %y: tensor<1x2x2x9x!bit>) -> (tensor<1x1x1x2xi8>, tensor<1x1x1x2xi8>, tensor<1x1x1x9x!bit>) {
  // CHECK: max_pool2d
  // CHECK: max_pool2d
  %m = lowbit.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>}
       : tensor<1x2x2x9x!u2> to tensor<1x1x1x9x!u2>
  %p = lowbit.pack_bits %m {plane = 1 : i64} : tensor<1x1x1x9x!u2> to tensor<1x1x1x2xi8>
  %n = lowbit.max_pool2d %y {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>}
       : tensor<1x2x2x9x!bit> to tensor<1x1x1x9x!bit>
  %q = lowbit.pack_bits %n {plane = 0 : i64} : tensor<1x1x1x9x!bit> to tensor<1x1x1x2xi8>
  return %p, %q, %n : tensor<1x1x1x2xi8>, tensor<1x1x1x2xi8>, tensor<1x1x1x9x!bit>
}

// -----

#lhs = affine_map<(b, y, x, n, k) -> (b, y, x, k)>
#rhs = affine_map<(b, y, x, n, k) -> (n, k)>
#out = affine_map<(b, y, x, n, k) -> (b, y, x, n)>
!bit = !lowbit.planes<sign x 1, [1.0]>
!u2 = !quant.uniform<u2:f32, 1.0>
!sum = !quant.uniform<i32:f32, 1.0>

// Thresholds of the largest sums move in front of the windows, so that no sum is stored:
// words are or-ed, and complemented before and after where a channel falls.
// CHECK-DAG: #[[LAST:.*]] = affine_map<(d0, d1, d2, d3) -> (d3)>
// CHECK-LABEL: func.func @pooled_bits
func.func @pooled_bits(%x: tensor<1x2x4x1xi8>, %w: tensor<9x1xi8>) -> tensor<1x1x2x2xi8> {
  // CHECK-DAG: arith.constant dense<[5, 8, 1, 1, 1, 1, 1, 1, 2]> : tensor<9xi32>
  // CHECK-DAG: %[[MASK:.*]] = arith.constant dense<[2, 1]> : tensor<2xi8>
  // CHECK: %[[Y:.*]] = lowbit.contract
  // CHECK-SAME: packs
  // CHECK: arith.cmpi sge
  // CHECK: -> tensor<1x2x4x2xi8>
  // CHECK: %[[P:.*]] = linalg.generic {{.*}} ins(%[[Y]],
  // CHECK: arith.ori
  // CHECK: %[[R:.*]] = linalg.generic {indexing_maps = [#{{.*}}, #[[LAST]], #{{.*}}]{{.*}} ins(%[[P]], %[[MASK]]
  // CHECK: arith.xori
  // CHECK-NOT: max_pool2d
  // CHECK: return %[[R]]
  %t = arith.constant dense<[[5], [7], [1], [1], [1], [1], [1], [1], [1]]> : tensor<9x1xi32>
  %i = tensor.empty() : tensor<1x2x4x9x!sum>
  %y = lowbit.contract ins(%x, %w : tensor<1x2x4x1xi8>, tensor<9x1xi8>) outs(%i : tensor<1x2x4x9x!sum>) maps [#lhs, #rhs, #out]
       attributes {product = #lowbit.product<xor_popcount>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<1x2x4x9x!sum>
  %m = lowbit.max_pool2d %y {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>} : tensor<1x2x4x9x!sum> to tensor<1x1x2x9x!sum>
  %v = lowbit.reinterpret %m : tensor<1x1x2x9x!sum> to tensor<1x1x2x9xi32>
  %q = lowbit.threshold %v, %t {axis = 3 : i64, falling = array<i1: false, true, false, false, false, false, false, false, true>} : tensor<1x1x2x9xi32>, tensor<9x1xi32> to tensor<1x1x2x9x!bit>
  %p = lowbit.pack_bits %q {plane = 0 : i64} : tensor<1x1x2x9x!bit> to tensor<1x1x2x2xi8>
  return %p : tensor<1x1x2x2xi8>
}

// Codes of more bits are pooled as such.
// CHECK-LABEL: func.func @pooled_codes
func.func @pooled_codes(%x: tensor<1x2x4x1xi8>, %w: tensor<9x1xi8>) -> tensor<1x1x2x9x!u2> {
  // CHECK: %[[Y:.*]] = lowbit.contract
  // CHECK-COUNT-3: arith.cmpi sge
  // CHECK: -> tensor<1x2x4x9x!quant.uniform<u2:f32, 1.000000e+00>>
  // CHECK: %[[M:.*]] = lowbit.max_pool2d %[[Y]]
  // CHECK: return %[[M]]
  %t = arith.constant dense<[[1, 2, 3]]> : tensor<1x3xi32>
  %i = tensor.empty() : tensor<1x2x4x9x!sum>
  %y = lowbit.contract ins(%x, %w : tensor<1x2x4x1xi8>, tensor<9x1xi8>) outs(%i : tensor<1x2x4x9x!sum>) maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<1x2x4x9x!sum>
  %m = lowbit.max_pool2d %y {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>} : tensor<1x2x4x9x!sum> to tensor<1x1x2x9x!sum>
  %v = lowbit.reinterpret %m : tensor<1x1x2x9x!sum> to tensor<1x1x2x9xi32>
  %q = lowbit.threshold %v, %t {axis = 3 : i64} : tensor<1x1x2x9xi32>, tensor<1x3xi32> to tensor<1x1x2x9x!u2>
  return %q : tensor<1x1x2x9x!u2>
}

// Stay: codes of more bits where a channel falls, a limit that nothing exceeds, and sums that something
// else reads.
// CHECK-LABEL: func.func @pooled_others
func.func @pooled_others(%x: tensor<1x2x4x9x!sum>, %z: tensor<1x2x4x9x!sum>, %u: tensor<1x2x4x9x!sum>) -> (tensor<1x1x2x9x!u2>, tensor<1x1x2x2xi8>, tensor<1x1x2x2xi8>, tensor<1x1x2x9xi32>) {
  // CHECK-COUNT-3: lowbit.max_pool2d {{.*}} : tensor<1x2x4x9x!quant.uniform<i32
  %t = arith.constant dense<[[1, 2, 3]]> : tensor<1x3xi32>
  %most = arith.constant dense<2147483647> : tensor<1x1xi32>
  %m = lowbit.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>} : tensor<1x2x4x9x!sum> to tensor<1x1x2x9x!sum>
  %v = lowbit.reinterpret %m : tensor<1x1x2x9x!sum> to tensor<1x1x2x9xi32>
  %q = lowbit.threshold %v, %t {axis = 3 : i64, falling = array<i1: true>} : tensor<1x1x2x9xi32>, tensor<1x3xi32> to tensor<1x1x2x9x!u2>
  %m1 = lowbit.max_pool2d %z {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>} : tensor<1x2x4x9x!sum> to tensor<1x1x2x9x!sum>
  %v1 = lowbit.reinterpret %m1 : tensor<1x1x2x9x!sum> to tensor<1x1x2x9xi32>
  %q1 = lowbit.threshold %v1, %most {axis = 3 : i64, falling = array<i1: true>} : tensor<1x1x2x9xi32>, tensor<1x1xi32> to tensor<1x1x2x9x!bit>
  %p1 = lowbit.pack_bits %q1 {plane = 0 : i64} : tensor<1x1x2x9x!bit> to tensor<1x1x2x2xi8>
  %m2 = lowbit.max_pool2d %u {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>} : tensor<1x2x4x9x!sum> to tensor<1x1x2x9x!sum>
  %v2 = lowbit.reinterpret %m2 : tensor<1x1x2x9x!sum> to tensor<1x1x2x9xi32>
  %q2 = lowbit.threshold %v2, %most {axis = 3 : i64} : tensor<1x1x2x9xi32>, tensor<1x1xi32> to tensor<1x1x2x9x!bit>
  %p2 = lowbit.pack_bits %q2 {plane = 0 : i64} : tensor<1x1x2x9x!bit> to tensor<1x1x2x2xi8>
  return %q, %p1, %p2, %v2 : tensor<1x1x2x9x!u2>, tensor<1x1x2x2xi8>, tensor<1x1x2x2xi8>, tensor<1x1x2x9xi32>
}

// -----

// What nothing computes is compared where it is.
// CHECK-LABEL: func.func @constant
// CHECK: lowbit.threshold %{{.*}}, %{{.*}} {axis = 1 : i64}
func.func @constant() -> tensor<2x1x!lowbit.planes<sign x 1, [1.0]>> {
  %x = arith.constant dense<[[3], [9]]> : tensor<2x1xi32>
  %t = arith.constant dense<[[5]]> : tensor<1x1xi32>
  %q = lowbit.threshold %x, %t {axis = 1 : i64} : tensor<2x1xi32>, tensor<1x1xi32> to tensor<2x1x!lowbit.planes<sign x 1, [1.0]>>
  return %q : tensor<2x1x!lowbit.planes<sign x 1, [1.0]>>
}
