// RUN: lowbit-opt %s -lowbit-select-primitive -split-input-file -verify-diagnostics \
// RUN:   | FileCheck %s --check-prefixes=CHECK,GENERIC
// RUN: lowbit-opt %s -lowbit-select-primitive=features=sse2,avx2 -split-input-file \
// RUN:   -verify-diagnostics | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: lowbit-opt %s -lowbit-select-primitive -split-input-file 2>/dev/null > %t.once
// RUN: lowbit-opt %t.once -lowbit-select-primitive -split-input-file 2>/dev/null | diff %t.once -

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Unsigned codes are widened with zeros.
// CHECK-LABEL: func.func @columns
// CHECK-SAME: (%[[X:.*]]: tensor<4x6xi8>)
// CHECK: %[[E:.*]] = tensor.empty() : tensor<4x6xi16>
// CHECK: %[[WIDE:.*]] = linalg.generic {{.*}} ins(%[[X]] : {{.*}}) outs(%[[E]] :
// CHECK: arith.extui %{{.*}} : i8 to i16
// CHECK: lowbit.contract ins(%[[WIDE]], %{{.*}} : tensor<4x6xi16>, tensor<8x6xi8>)
// AVX2-SAME: primitive = "avx2.pmaddwd"
// GENERIC-SAME: primitive = "generic.dot2"
func.func @columns(%x: tensor<4x6xi8>) -> tensor<4x8xi8> {
  %w = arith.constant dense<100> : tensor<8x6xi8>
  %e = tensor.empty() : tensor<4x8xi8>
  %y = lowbit.contract ins(%x, %w : tensor<4x6xi8>, tensor<8x6xi8>) outs(%e : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  return %y : tensor<4x8xi8>
}

// Signed ones keep their sign.
// CHECK-LABEL: func.func @signed
// CHECK: arith.extsi %{{.*}} : i8 to i16
func.func @signed(%x: tensor<4x6xi8>) -> tensor<4x8xi8> {
  %w = arith.constant dense<100> : tensor<8x6xi8>
  %e = tensor.empty() : tensor<4x8xi8>
  %y = lowbit.contract ins(%x, %w : tensor<4x6xi8>, tensor<8x6xi8>) outs(%e : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!i8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  return %y : tensor<4x8xi8>
}

// CHECK-LABEL: func.func @float
// CHECK-NOT: linalg.generic
// CHECK: primitive = "generic.fma"
func.func @float(%x: tensor<4x6xf32>) -> tensor<4x8xf32> {
  %w = arith.constant dense<1.0> : tensor<8x6xf32>
  %e = tensor.empty() : tensor<4x8xf32>
  %y = lowbit.contract ins(%x, %w : tensor<4x6xf32>, tensor<8x6xf32>) outs(%e : tensor<4x8xf32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  } -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

#lhs = affine_map<(h, c, k) -> (h + k, c)>
#rhs = affine_map<(h, c, k) -> (k, c)>
#out = affine_map<(h, c, k) -> (h, c)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Channels need neither constant weights nor wide words.
// CHECK-LABEL: func.func @channels
// CHECK-NOT: linalg.generic
// CHECK: lowbit.contract ins({{.*}} : tensor<6x9xi8>, tensor<3x9xi8>)
// CHECK-SAME: primitive = "generic.mul"
func.func @channels(%x: tensor<6x9xi8>, %w: tensor<3x9xi8>) -> tensor<4x9xi8> {
  %e = tensor.empty() : tensor<4x9xi8>
  %y = lowbit.contract ins(%x, %w : tensor<6x9xi8>, tensor<3x9xi8>) outs(%e : tensor<4x9xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x9xi8>
  return %y : tensor<4x9xi8>
}

// CHECK-LABEL: func.func @float_channels
// CHECK: primitive = "generic.fma.channels"
func.func @float_channels(%x: tensor<6x9xf32>, %w: tensor<3x9xf32>) -> tensor<4x9xf32> {
  %e = tensor.empty() : tensor<4x9xf32>
  %y = lowbit.contract ins(%x, %w : tensor<6x9xf32>, tensor<3x9xf32>) outs(%e : tensor<4x9xf32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: f32):
    lowbit.yield %acc : f32
  } -> tensor<4x9xf32>
  return %y : tensor<4x9xf32>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// The first contraction writes wide words into a wide padded buffer; nothing narrow is left.
// CHECK-LABEL: func.func @widened_where_made
// CHECK: %[[X:.*]] = linalg.generic
// CHECK: %[[A:.*]] = lowbit.contract ins(%[[X]], {{.*}} outs(%{{.*}} : tensor<4x8xi16>)
// CHECK-NOT: linalg.generic
// CHECK: %[[R:.*]] = tensor.expand_shape %[[A]] {{.*}} into tensor<4x2x4xi16>
// CHECK: %[[T:.*]] = tensor.collapse_shape %[[R]] {{.*}} into tensor<4x8xi16>
// CHECK-NOT: linalg.
// CHECK: %[[C:.*]] = arith.constant 200 : i16
// CHECK: %[[F:.*]] = linalg.fill ins(%[[C]] : i16) {{.*}} -> tensor<6x8xi16>
// CHECK: %[[P:.*]] = tensor.insert_slice %[[T]] into %[[F]][1, 0] [4, 8] [1, 1]
// CHECK: lowbit.contract ins(%[[P]], {{.*}} outs(%{{.*}} : tensor<6x8xi8>)
func.func @widened_where_made(%x: tensor<4x8xi8>) -> tensor<6x8xi8> {
  %w = arith.constant dense<100> : tensor<8x8xi8>
  %c = arith.constant -56 : i8
  %e0 = tensor.empty() : tensor<4x8xi8>
  %a = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<8x8xi8>) outs(%e0 : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  %r = tensor.expand_shape %a [[0], [1, 2]] output_shape [4, 2, 4]
    : tensor<4x8xi8> into tensor<4x2x4xi8>
  %t = tensor.collapse_shape %r [[0], [1, 2]] : tensor<4x2x4xi8> into tensor<4x8xi8>
  %e1 = tensor.empty() : tensor<6x8xi8>
  %f = linalg.fill ins(%c : i8) outs(%e1 : tensor<6x8xi8>) -> tensor<6x8xi8>
  %p = tensor.insert_slice %t into %f[1, 0] [4, 8] [1, 1] : tensor<4x8xi8> into tensor<6x8xi8>
  %e2 = tensor.empty() : tensor<6x8xi8>
  %y = lowbit.contract ins(%p, %w : tensor<6x8xi8>, tensor<8x8xi8>) outs(%e2 : tensor<6x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<6x8xi8>
  return %y : tensor<6x8xi8>
}

// An epilogue reads wide words as well; a second layer finds them wide already.
// CHECK-LABEL: func.func @shared
// CHECK: %[[A:.*]] = lowbit.contract {{.*}} outs(%{{.*}} : tensor<4x8xi16>)
// CHECK-NOT: linalg.generic
// CHECK: %[[B:.*]] = lowbit.contract ins(%[[A]], {{.*}} outs(%{{.*}} : tensor<4x8xi16>)
// CHECK: lowbit.contract ins(%[[B]], %{{.*}}) epilogue(%[[A]] : tensor<4x8xi16>)
// CHECK: -> tensor<4x8xi8>
func.func @shared(%x: tensor<4x8xi8>) -> tensor<4x8xi8> {
  %w = arith.constant dense<100> : tensor<8x8xi8>
  %e = tensor.empty() : tensor<4x8xi8>
  %a = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<8x8xi8>) outs(%e : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  %b = lowbit.contract ins(%a, %w : tensor<4x8xi8>, tensor<8x8xi8>) outs(%e : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  %y = lowbit.contract ins(%b, %w : tensor<4x8xi8>, tensor<8x8xi8>)
    epilogue(%a : tensor<4x8xi8>) outs(%e : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out, #out] attributes {formats = [!u8, !i8, !u8, !u8]} {
  ^bb0(%acc: i32, %r: i32):
    %s = arith.addi %acc, %r : i32
    lowbit.yield %s : i32
  } -> tensor<4x8xi8>
  return %y : tensor<4x8xi8>
}

// Ports are no readers: they see the wide words, and widening goes on through what they see.
// CHECK-LABEL: func.func @ports
// CHECK: %[[A:.*]] = lowbit.contract {{.*}} outs(%{{.*}} : tensor<4x8xi16>)
// CHECK: %[[R:.*]] = tensor.expand_shape %[[A]] {{.*}} into tensor<4x2x4xi16>
// CHECK: %[[T:.*]] = tensor.collapse_shape %[[R]] {{.*}} into tensor<4x8xi16>
// CHECK-NOT: linalg.generic
// CHECK: lowbit.contract ins(%[[T]],
// CHECK: lowbit.port %[[A]] {{.*}} : tensor<4x8xi16>
// CHECK: lowbit.port %[[R]] {{.*}} : tensor<4x2x4xi16>
func.func @ports(%x: tensor<4x8xi8>) -> tensor<4x8xi8> {
  %w = arith.constant dense<100> : tensor<8x8xi8>
  %e = tensor.empty() : tensor<4x8xi8>
  %a = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<8x8xi8>) outs(%e : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  %r = tensor.expand_shape %a [[0], [1, 2]] output_shape [4, 2, 4]
    : tensor<4x8xi8> into tensor<4x2x4xi8>
  %t = tensor.collapse_shape %r [[0], [1, 2]] : tensor<4x2x4xi8> into tensor<4x8xi8>
  %y = lowbit.contract ins(%t, %w : tensor<4x8xi8>, tensor<8x8xi8>) outs(%e : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  lowbit.port %a {name = "a", format = !quant.uniform<u8:f32, 0.5:3>} : tensor<4x8xi8>
  lowbit.port %r {name = "r", format = !quant.uniform<u8:f32, 0.5:3>} : tensor<4x2x4xi8>
  return %y : tensor<4x8xi8>
}

// What is also returned, weights or a destination elsewhere, or read with another sign keeps its
// narrow words.
// CHECK-LABEL: func.func @not_widened_where_made
// CHECK: %[[A:.*]] = lowbit.contract {{.*}} outs(%{{.*}} : tensor<8x8xi8>)
// CHECK: %[[WIDE:.*]] = linalg.generic {{.*}} ins(%[[A]] : tensor<8x8xi8>)
// CHECK: arith.extui
// CHECK: %[[B:.*]] = lowbit.contract ins(%[[WIDE]], {{.*}} outs(%{{.*}} : tensor<8x8xi8>)
// CHECK: %[[WIDE2:.*]] = linalg.generic {{.*}} ins(%[[B]] : tensor<8x8xi8>)
// CHECK: arith.extsi
// CHECK: lowbit.contract ins(%[[WIDE2]],
func.func @not_widened_where_made(%x: tensor<8x8xi8>) -> (tensor<8x8xi8>, tensor<8x8xi8>) {
  %w = arith.constant dense<-128> : tensor<8x8xi8>
  %e = tensor.empty() : tensor<8x8xi8>
  // expected-remark@+1 {{is widened to 16 bits by a loop of its own, 64 elements: it has other readers}}
  %a = lowbit.contract ins(%x, %w : tensor<8x8xi8>, tensor<8x8xi8>) outs(%e : tensor<8x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<8x8xi8>
  // expected-remark@+1 {{64 elements: what makes it cannot make wide words}}
  %b = lowbit.contract ins(%a, %w : tensor<8x8xi8>, tensor<8x8xi8>) outs(%e : tensor<8x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<8x8xi8>
  %y = lowbit.contract ins(%b, %w : tensor<8x8xi8>, tensor<8x8xi8>) outs(%a : tensor<8x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!i8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<8x8xi8>
  // expected-remark@+1 {{is computed by plain loops: its weights are not constant (512 multiply-accumulates)}}
  %z = lowbit.contract ins(%x, %a : tensor<8x8xi8>, tensor<8x8xi8>) outs(%e : tensor<8x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !u8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<8x8xi8>
  return %y, %z : tensor<8x8xi8>, tensor<8x8xi8>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
#swapped = affine_map<(m, n, k) -> (n, m)>

// CHECK-LABEL: func.func @plain
// CHECK-NOT: primitive
func.func @plain(%x: tensor<4x6xi8>, %y: tensor<4x6xi16>, %d: tensor<?x6xi8>, %n: tensor<4x0xi8>,
                 %m: memref<4x6xi8>, %o: memref<4x8xi32>) -> tensor<4x8xi32> {
  %w = arith.constant dense<100> : tensor<8x6xi8>
  %e = tensor.empty() : tensor<4x8xi32>
  // expected-remark@+1 {{is computed by plain loops: no primitive computes its formats}}
  %0 = lowbit.contract ins(%y, %w : tensor<4x6xi16>, tensor<8x6xi8>) outs(%e : tensor<4x8xi32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi32>
  %t = tensor.empty() : tensor<8x4xi32>
  // expected-remark@+1 {{plain loops: its result's last dimension does not occur in rhs}}
  %1 = lowbit.contract ins(%x, %w : tensor<4x6xi8>, tensor<8x6xi8>) outs(%t : tensor<8x4xi32>)
    maps [#lhs, #rhs, #swapped] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<8x4xi32>
  %c = arith.constant 4 : index
  %de = tensor.empty(%c) : tensor<?x8xi32>
  // expected-remark@+1 {{is computed by plain loops: a loop's size is not static}}
  %2 = lowbit.contract ins(%d, %w : tensor<?x6xi8>, tensor<8x6xi8>) outs(%de : tensor<?x8xi32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<?x8xi32>
  %nothing = arith.constant dense<100> : tensor<8x0xi8>
  // expected-remark@+1 {{is computed by plain loops: a loop is empty}}
  %3 = lowbit.contract ins(%n, %nothing : tensor<4x0xi8>, tensor<8x0xi8>)
    outs(%e : tensor<4x8xi32>) maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi32>
  %b = bufferization.to_buffer %w : tensor<8x6xi8> to memref<8x6xi8>
  // expected-remark@+1 {{is computed by plain loops: it is not on tensors}}
  lowbit.contract ins(%m, %b : memref<4x6xi8>, memref<8x6xi8>) outs(%o : memref<4x8xi32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return %0 : tensor<4x8xi32>
}

// -----

#lhs = affine_map<(k) -> (k)>
#out = affine_map<(k) -> ()>
// CHECK-LABEL: func.func @scalar
func.func @scalar(%x: tensor<6xi8>) -> tensor<i32> {
  %w = arith.constant dense<100> : tensor<6xi8>
  %e = tensor.empty() : tensor<i32>
  // expected-remark@+1 {{is computed by plain loops: its result is a scalar}}
  %0 = lowbit.contract ins(%x, %w : tensor<6xi8>, tensor<6xi8>) outs(%e : tensor<i32>)
    maps [#lhs, #lhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<i32>
  return %0 : tensor<i32>
}

// -----

#lhs = affine_map<(c, m, k) -> (c, m, k)>
#rhs = affine_map<(c, m, k) -> (c, k)>
#out = affine_map<(c, m, k) -> (m, c)>
// CHECK-LABEL: func.func @channels_first
func.func @channels_first(%x: tensor<5x4x6xi8>) -> tensor<4x5xi32> {
  %w = arith.constant dense<100> : tensor<5x6xi8>
  %e = tensor.empty() : tensor<4x5xi32>
  // expected-remark@+1 {{plain loops: its channels are not the last dimension of both operands}}
  %0 = lowbit.contract ins(%x, %w : tensor<5x4x6xi8>, tensor<5x6xi8>) outs(%e : tensor<4x5xi32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return %0 : tensor<4x5xi32>
}

// -----

#lhs = affine_map<(m, n, k, j) -> (m, k, j)>
#rhs = affine_map<(m, n, k, j) -> (n, k)>
#out = affine_map<(m, n, k, j) -> (m, n)>
// CHECK-LABEL: func.func @one_operand_only
func.func @one_operand_only(%x: tensor<4x6x2xi8>) -> tensor<4x8xi32> {
  %w = arith.constant dense<100> : tensor<8x6xi8>
  %e = tensor.empty() : tensor<4x8xi32>
  // expected-remark@+1 {{plain loops: loop 3 occurs in one operand only, or only in the result}}
  %0 = lowbit.contract ins(%x, %w : tensor<4x6x2xi8>, tensor<8x6xi8>) outs(%e : tensor<4x8xi32>)
    maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi32>
  return %0 : tensor<4x8xi32>
}

// -----

// Signed weights of 16 bits have primitives of their own, for all kinds of lanes.
// Unsigned ones would be read with a sign.

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i16 = !quant.any<i16:f32>
!u16 = !quant.any<u16:f32>

// CHECK-LABEL: func.func @weights_of_words
// CHECK: lowbit.contract ins(%{{.*}}, %{{.*}} : tensor<4x6xi16>, tensor<8x6xi16>)
// AVX2-SAME: primitive = "avx2.pmaddwd.words"
// GENERIC-SAME: primitive = "generic.dot2.words"
// CHECK: lowbit.contract
// CHECK-NOT: primitive
func.func @weights_of_words(%x: tensor<4x6xi8>) -> (tensor<4x8xi8>, tensor<4x8xi8>) {
  %w = arith.constant dense<300> : tensor<8x6xi16>
  %e = tensor.empty() : tensor<4x8xi8>
  %0 = lowbit.contract ins(%x, %w : tensor<4x6xi8>, tensor<8x6xi16>) outs(%e : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i16, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  // expected-remark @+1 {{is computed by plain loops: no primitive computes its formats}}
  %1 = lowbit.contract ins(%x, %w : tensor<4x6xi8>, tensor<8x6xi16>) outs(%e : tensor<4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !u16, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi8>
  return %0, %1 : tensor<4x8xi8>, tensor<4x8xi8>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// Bytes are added up in 16 bits where two products fit them: 2 * 255 * 64 does, 2 * 255 * 65 does
// not, and is so everywhere that nothing would be gained by taking it apart. Nor is there a row for
// bytes that are signed on the left that is as fast as pairs of words.
// CHECK-LABEL: func.func @pairs
// AVX2: primitive = "avx2.pmaddubsw"
// AVX2: primitive = "avx2.pmaddwd"
// AVX2: primitive = "avx2.pmaddwd"
// AVX2: primitive = "avx2.pmaddubsw"
// GENERIC-COUNT-4: primitive = "generic.dot2"
func.func @pairs(%u: tensor<4x8xi8>, %s: tensor<4x8xi8>, %t: tensor<4x8xi8>)
    -> (tensor<4x8xi32>, tensor<4x8xi32>, tensor<4x8xi32>, tensor<4x8xi32>) {
  %small = arith.constant dense<-64> : tensor<8x8xi8>
  %large = arith.constant dense<65> : tensor<8x8xi8>
  %e = tensor.empty() : tensor<4x8xi32>
  %a = lowbit.contract ins(%u, %small : tensor<4x8xi8>, tensor<8x8xi8>) outs(%e : tensor<4x8xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi32>
  %b = lowbit.contract ins(%u, %large : tensor<4x8xi8>, tensor<8x8xi8>) outs(%e : tensor<4x8xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi32>
  %c = lowbit.contract ins(%s, %small : tensor<4x8xi8>, tensor<8x8xi8>) outs(%e : tensor<4x8xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!i8, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi32>
  %d = lowbit.contract ins(%t, %large : tensor<4x8xi8>, tensor<8x8xi8>) outs(%e : tensor<4x8xi32>)
    maps [#lhs, #rhs, #out] attributes {formats = [!quant.any<u8<0:127>:f32>, !i8, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x8xi32>
  return %a, %b, %c, %d : tensor<4x8xi32>, tensor<4x8xi32>, tensor<4x8xi32>, tensor<4x8xi32>
}
