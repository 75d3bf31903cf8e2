// RUN: lowbit-opt %s -lowbit-select-primitive=features=avx2 -split-input-file -verify-diagnostics \
// RUN:   | FileCheck %s

// Where wide words are made: by what makes or moves them, if all that reads them reads wide ones.

#lhs = affine_map<(h, w, n, i, j, k) -> (h + i, w + j, k)>
#rhs = affine_map<(h, w, n, i, j, k) -> (n, i, j, k)>
#out = affine_map<(h, w, n, i, j, k) -> (h, w, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// A fire module. The squeezed tensor is written once, into the padded one; both branches write
// into the joined one.
// CHECK-LABEL: func.func @fire
// CHECK: %[[WIDE:.*]] = linalg.generic
// CHECK: %[[S:.*]] = lowbit.contract ins(%[[WIDE]], {{.*}} outs(%{{.*}} : tensor<4x4x8xi16>)
// CHECK-NOT: linalg.generic
// CHECK: %[[F:.*]] = linalg.fill ins(%{{.*}} : i16) {{.*}} -> tensor<6x6x8xi16>
// CHECK: %[[P:.*]] = tensor.insert_slice %[[S]] into %[[F]][1, 1, 0] [4, 4, 8] [1, 1, 1]
// CHECK: %[[X:.*]] = tensor.extract_slice %[[P]][1, 1, 0] [4, 4, 8] [1, 1, 1] : tensor<6x6x8xi16> to tensor<4x4x8xi16>
// CHECK: %[[A:.*]] = lowbit.contract ins(%[[X]], {{.*}} outs(%{{.*}} : tensor<4x4x16xi16>)
// CHECK: %[[B:.*]] = lowbit.contract ins(%[[P]], {{.*}} outs(%{{.*}} : tensor<4x4x16xi16>)
// CHECK: %[[E:.*]] = tensor.empty() : tensor<4x4x32xi16>
// CHECK: %[[J:.*]] = tensor.insert_slice %[[A]] into %[[E]][0, 0, 0]
// CHECK: %[[K:.*]] = tensor.insert_slice %[[B]] into %[[J]][0, 0, 16]
// CHECK: lowbit.contract ins(%[[K]], {{.*}} outs(%{{.*}} : tensor<4x4x8xi8>)
// CHECK-NOT: linalg.generic
// CHECK-NOT: xi8> into
// CHECK: return
func.func @fire(%x: tensor<4x4x8xi8>) -> tensor<4x4x8xi8> {
  %ws = arith.constant dense<100> : tensor<8x1x1x8xi8>
  %w1 = arith.constant dense<100> : tensor<16x1x1x8xi8>
  %w3 = arith.constant dense<100> : tensor<16x3x3x8xi8>
  %wn = arith.constant dense<100> : tensor<8x1x1x32xi8>
  %e8 = tensor.empty() : tensor<4x4x8xi8>
  %s = lowbit.contract ins(%x, %ws : tensor<4x4x8xi8>, tensor<8x1x1x8xi8>) outs(%e8 : tensor<4x4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x4x8xi8>
  %e1 = tensor.empty() : tensor<4x4x16xi8>
  %a = lowbit.contract ins(%s, %w1 : tensor<4x4x8xi8>, tensor<16x1x1x8xi8>) outs(%e1 : tensor<4x4x16xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x4x16xi8>
  %ep = tensor.empty() : tensor<6x6x8xi8>
  %zero = arith.constant 3 : i8
  %f = linalg.fill ins(%zero : i8) outs(%ep : tensor<6x6x8xi8>) -> tensor<6x6x8xi8>
  %p = tensor.insert_slice %s into %f[1, 1, 0] [4, 4, 8] [1, 1, 1] : tensor<4x4x8xi8> into tensor<6x6x8xi8>
  %e3 = tensor.empty() : tensor<4x4x16xi8>
  %b = lowbit.contract ins(%p, %w3 : tensor<6x6x8xi8>, tensor<16x3x3x8xi8>) outs(%e3 : tensor<4x4x16xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x4x16xi8>
  %ej = tensor.empty() : tensor<4x4x32xi8>
  %j = tensor.insert_slice %a into %ej[0, 0, 0] [4, 4, 16] [1, 1, 1] : tensor<4x4x16xi8> into tensor<4x4x32xi8>
  %k = tensor.insert_slice %b into %j[0, 0, 16] [4, 4, 16] [1, 1, 1] : tensor<4x4x16xi8> into tensor<4x4x32xi8>
  %en = tensor.empty() : tensor<4x4x8xi8>
  %n = lowbit.contract ins(%k, %wn : tensor<4x4x32xi8>, tensor<8x1x1x32xi8>) outs(%en : tensor<4x4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x4x8xi8>
  return %n : tensor<4x4x8xi8>
}

// -----

#lhs = affine_map<(h, w, n, i, j, k) -> (h + i, w + j, k)>
#rhs = affine_map<(h, w, n, i, j, k) -> (n, i, j, k)>
#out = affine_map<(h, w, n, i, j, k) -> (h, w, n)>
#id = affine_map<(a, b, c) -> (a, b, c)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// A loop that makes codes one by one makes wide words itself; they are transposed and sliced so.
// CHECK-LABEL: func.func @elementwise
// CHECK: %[[G:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<8x4x4xi16>)
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: i16):
// CHECK: %[[C:.*]] = arith.fptosi
// CHECK: %[[W:.*]] = arith.extsi %[[C]] : i8 to i16
// CHECK: linalg.yield %[[W]] : i16
// CHECK: %[[T:.*]] = linalg.transpose ins(%[[G]] : tensor<8x4x4xi16>) outs(%{{.*}} : tensor<4x4x8xi16>)
// CHECK: %[[S:.*]] = tensor.extract_slice %[[T]][0, 0, 0] [3, 3, 8] [1, 1, 1] : tensor<4x4x8xi16>
// CHECK-NOT: linalg.generic
// CHECK: lowbit.contract ins(%[[S]],
func.func @elementwise(%x: tensor<8x4x4xf32>) -> tensor<3x3x8xi8> {
  %e = tensor.empty() : tensor<8x4x4xi8>
  %g = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%x : tensor<8x4x4xf32>) outs(%e : tensor<8x4x4xi8>) {
  ^bb0(%in: f32, %out: i8):
    %c = arith.fptosi %in : f32 to i8
    linalg.yield %c : i8
  } -> tensor<8x4x4xi8>
  %et = tensor.empty() : tensor<4x4x8xi8>
  %t = linalg.transpose ins(%g : tensor<8x4x4xi8>) outs(%et : tensor<4x4x8xi8>) permutation = [1, 2, 0]
  %s = tensor.extract_slice %t[0, 0, 0] [3, 3, 8] [1, 1, 1] : tensor<4x4x8xi8> to tensor<3x3x8xi8>
  %w = arith.constant dense<100> : tensor<8x1x1x8xi8>
  %ey = tensor.empty() : tensor<3x3x8xi8>
  %y = lowbit.contract ins(%s, %w : tensor<3x3x8xi8>, tensor<8x1x1x8xi8>) outs(%ey : tensor<3x3x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!i8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<3x3x8xi8>
  return %y : tensor<3x3x8xi8>
}

// -----

#lhs = affine_map<(h, w, n, i, j, k) -> (h + i, w + j, k)>
#rhs = affine_map<(h, w, n, i, j, k) -> (n, i, j, k)>
#out = affine_map<(h, w, n, i, j, k) -> (h, w, n)>
#id = affine_map<(a, b, c) -> (a, b, c)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// One loop serves two contractions. What reads bytes, here a contraction whose weights are small
// and loops of another kind, keeps what it reads narrow; so does what makes sums.
// CHECK-LABEL: func.func @not_everywhere
// CHECK: %[[M:.*]] = linalg.generic {{.*}}"reduction"{{.*}} outs(%{{.*}} : tensor<4x4x8xi8>)
// CHECK: %[[W:.*]] = linalg.generic {{.*}} ins(%[[M]] : {{.*}} outs(%{{.*}} : tensor<4x4x8xi16>)
// CHECK: arith.extui
// CHECK-NOT: arith.extui
// CHECK: lowbit.contract ins(%[[W]], {{.*}} outs(%{{.*}} : tensor<4x4x8xi8>)
// CHECK: %[[B:.*]] = lowbit.contract ins(%[[W]], {{.*}} outs(%{{.*}} : tensor<4x4x8xi8>)
// CHECK: lowbit.contract ins(%[[B]], {{.*}}avx2.pmaddubsw
func.func @not_everywhere(%x: tensor<4x4x8x2xi8>)
    -> (tensor<4x4x8xi8>, tensor<4x4x8xi8>, tensor<4x4x8xi8>) {
  %zero = arith.constant 0 : i8
  %e = tensor.empty() : tensor<4x4x8xi8>
  %f = linalg.fill ins(%zero : i8) outs(%e : tensor<4x4x8xi8>) -> tensor<4x4x8xi8>
  // expected-remark @+1 {{is widened to 16 bits by a loop of its own, 128 elements: what makes it cannot make wide words}}
  %m = linalg.generic {
      indexing_maps = [affine_map<(a, b, c, d) -> (a, b, c, d)>, affine_map<(a, b, c, d) -> (a, b, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%x : tensor<4x4x8x2xi8>) outs(%f : tensor<4x4x8xi8>) {
  ^bb0(%in: i8, %out: i8):
    %c = arith.maxui %in, %out : i8
    linalg.yield %c : i8
  } -> tensor<4x4x8xi8>
  %w = arith.constant dense<100> : tensor<8x1x1x8xi8>
  %small = arith.constant dense<1> : tensor<8x1x1x8xi8>
  %e1 = tensor.empty() : tensor<4x4x8xi8>
  %a = lowbit.contract ins(%m, %w : tensor<4x4x8xi8>, tensor<8x1x1x8xi8>) outs(%e1 : tensor<4x4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x4x8xi8>
  %e2 = tensor.empty() : tensor<4x4x8xi8>
  // expected-remark @+1 {{is widened to 16 bits by a loop of its own, 128 elements: it has other readers}}
  %b = lowbit.contract ins(%m, %w : tensor<4x4x8xi8>, tensor<8x1x1x8xi8>) outs(%e2 : tensor<4x4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x4x8xi8>
  %e3 = tensor.empty() : tensor<4x4x8xi8>
  %c = lowbit.contract ins(%b, %small : tensor<4x4x8xi8>, tensor<8x1x1x8xi8>) outs(%e3 : tensor<4x4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x4x8xi8>
  %e4 = tensor.empty() : tensor<4x4x8xi8>
  %d = lowbit.contract ins(%b, %w : tensor<4x4x8xi8>, tensor<8x1x1x8xi8>) outs(%e4 : tensor<4x4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x4x8xi8>
  return %a, %c, %d : tensor<4x4x8xi8>, tensor<4x4x8xi8>, tensor<4x4x8xi8>
}

// -----

#lhs = affine_map<(h, w, n, i, j, k) -> (h + i, w + j, k)>
#rhs = affine_map<(h, w, n, i, j, k) -> (n, i, j, k)>
#out = affine_map<(h, w, n, i, j, k) -> (h, w, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>

// What is returned, or gets another shape, is not read from the padded tensor.
// CHECK-LABEL: func.func @returned
// CHECK: %[[A:.*]] = lowbit.contract
// CHECK-NOT: extract_slice
// CHECK: return %[[A]],
func.func @returned(%x: tensor<4x4x8xi16>) -> (tensor<4x4x8xi8>, tensor<6x6x8xi8>) {
  %w = arith.constant dense<100> : tensor<8x1x1x8xi8>
  %e = tensor.empty() : tensor<4x4x8xi8>
  %a = lowbit.contract ins(%x, %w : tensor<4x4x8xi16>, tensor<8x1x1x8xi8>) outs(%e : tensor<4x4x8xi8>)
    maps [#lhs, #rhs, #out] attributes {formats = [!u8, !i8, !u8]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x4x8xi8>
  %zero = arith.constant 3 : i8
  %ep = tensor.empty() : tensor<6x6x8xi8>
  %f = linalg.fill ins(%zero : i8) outs(%ep : tensor<6x6x8xi8>) -> tensor<6x6x8xi8>
  %p = tensor.insert_slice %a into %f[1, 1, 0] [4, 4, 8] [1, 1, 1] : tensor<4x4x8xi8> into tensor<6x6x8xi8>
  return %a, %p : tensor<4x4x8xi8>, tensor<6x6x8xi8>
}

// -----

// Parts of what is only joined to be padded go into the padded tensor.
// CHECK-LABEL: func.func @joined_and_padded
// CHECK-SAME: (%[[X:.*]]: tensor<4x4x3xi8>, %[[Y:.*]]: tensor<4x4x5xi8>)
// CHECK: %[[F:.*]] = linalg.fill
// CHECK: %[[P:.*]] = tensor.insert_slice %[[X]] into %[[F]][1, 2, 0] [4, 4, 3] [1, 1, 1]
// CHECK: %[[Q:.*]] = tensor.insert_slice %[[Y]] into %[[P]][1, 2, 3] [4, 4, 5] [1, 1, 1]
// CHECK-NOT: insert_slice
// CHECK: return %[[Q]]
func.func @joined_and_padded(%x: tensor<4x4x3xi8>, %y: tensor<4x4x5xi8>) -> tensor<6x7x8xi8> {
  %e = tensor.empty() : tensor<4x4x8xi8>
  %j = tensor.insert_slice %x into %e[0, 0, 0] [4, 4, 3] [1, 1, 1] : tensor<4x4x3xi8> into tensor<4x4x8xi8>
  %k = tensor.insert_slice %y into %j[0, 0, 3] [4, 4, 5] [1, 1, 1] : tensor<4x4x5xi8> into tensor<4x4x8xi8>
  %c = arith.constant 3 : i8
  %ep = tensor.empty() : tensor<6x7x8xi8>
  %f = linalg.fill ins(%c : i8) outs(%ep : tensor<6x7x8xi8>) -> tensor<6x7x8xi8>
  %p = tensor.insert_slice %k into %f[1, 2, 0] [4, 4, 8] [1, 1, 1] : tensor<4x4x8xi8> into tensor<6x7x8xi8>
  return %p : tensor<6x7x8xi8>
}
