// RUN: lowbit-opt %s -split-input-file -convert-lowbit-contract-to-tiles=min-threads=1 | FileCheck %s
// RUN: lowbit-opt %s -split-input-file -convert-lowbit-contract-to-tiles=report -verify-diagnostics -o /dev/null
// RUN: lowbit-opt %s -split-input-file -convert-lowbit-contract-to-tiles="min-threads=1 rows=2 columns=1 threads=32" | FileCheck %s --check-prefix=SMALL
// RUN: lowbit-opt %s -split-input-file -convert-lowbit-contract-to-tiles | FileCheck %s --check-prefix=SINGLE

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#bias = affine_map<(m, n, k) -> (n)>
#out = affine_map<(m, n, k) -> (m, n)>
!u8 = !quant.uniform<u8:f32, 0.5>
!i8 = !quant.uniform<i8:f32, 0.5>

// Rows of 16 bytes each: words of four, with four by four sums. 10 columns are no
// multiple of four.

// CHECK-LABEL: func.func @bytes
// CHECK:         %[[FLAT:.*]] = memref.collapse_shape %arg0
// CHECK:         %[[WORDS:.*]] = memref.view %[[FLAT]][%{{.*}}][] : memref<128xi8> to memref<32xi32>
// CHECK:         gpu.launch blocks(%{{.*}}, %{{.*}}, %{{.*}}) in (%{{.*}} = %c1{{.*}}) threads(%{{.*}}) in (%{{.*}} = %c64
// CHECK:           %{{.*}}:16 = scf.for
// CHECK-COUNT-8:     memref.load %{{.*}} : memref<{{32|40}}xi32>
// CHECK:             vector.bitcast %{{.*}} : vector<1xi32> to vector<4xi8>
// CHECK-NEXT:        arith.extui %{{.*}} : vector<4xi8> to vector<4xi32>
// CHECK:             vector.bitcast %{{.*}} : vector<1xi32> to vector<4xi8>
// CHECK-NEXT:        arith.extsi %{{.*}} : vector<4xi8> to vector<4xi32>
// CHECK-NEXT:        arith.muli %{{.*}} : vector<4xi32>
// CHECK-NEXT:        vector.reduction <add>, %{{.*}}, %{{.*}} : vector<4xi32> into i32
// CHECK:             scf.yield
// CHECK:           memref.load %arg2[%{{.*}}] : memref<10xi32>
// CHECK-NEXT:      arith.addi
// CHECK-NEXT:      memref.store %{{.*}}, %arg3
// CHECK:           scf.if
// CHECK:             memref.store %{{.*}}, %arg3
// CHECK-NOT:     lowbit.contract

// SMALL-LABEL: func.func @bytes
// SMALL:         threads({{.*}}) in (%{{.*}} = %c32
// SMALL:         %{{.*}}:2 = scf.for

// Few sums: a thread for each.
// SINGLE-LABEL: func.func @bytes
// SINGLE:         %{{[^:]*}} = scf.for
func.func @bytes(%x: memref<8x16xi8>, %w: memref<10x16xi8>, %b: memref<10xi32>, %y: memref<8x10xi32>) {
  // expected-remark @below {{is computed by primitive 'dot4', in tiles of sums}}
  lowbit.contract ins(%x, %w : memref<8x16xi8>, memref<10x16xi8>) epilogue(%b : memref<10xi32>)
      outs(%y : memref<8x10xi32>)
      maps [#lhs, #rhs, #bias, #out] attributes {formats = [!u8, !i8, i32, i32]} {
  ^bb0(%acc: i32, %bias: i32):
    %s = arith.addi %acc, %bias : i32
    lowbit.yield %s : i32
  }
  return
}

// -----

#lhs = affine_map<(h, w, o, kh, kw, c) -> (h + kh, w * 2 + kw, c)>
#rhs = affine_map<(h, w, o, kh, kw, c) -> (o, kh, kw, c)>
#out = affine_map<(h, w, o, kh, kw, c) -> (h, w, o)>

// A window's row is 3 * 4 bytes in one piece: three words, in a loop over rows.

// CHECK-LABEL: func.func @convolution
// CHECK:         memref.view {{.*}} to memref<45xi32>
// CHECK:         memref.view {{.*}} to memref<72xi32>
// CHECK:         scf.for %{{.*}} = %{{.*}} to %c3
// CHECK:           scf.for %{{.*}} = %{{.*}} to %c3
// CHECK:             vector.reduction
func.func @convolution(%x: memref<5x9x4xi8>, %w: memref<8x3x3x4xi8>, %y: memref<3x4x8xi32>) {
  // expected-remark @below {{is computed by primitive 'dot4', in tiles of sums}}
  lowbit.contract ins(%x, %w : memref<5x9x4xi8>, memref<8x3x3x4xi8>) outs(%y : memref<3x4x8xi32>)
      maps [#lhs, #rhs, #out] attributes {formats = [!quant.any<i8:f32>, !quant.any<i8:f32>, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

// Rows of 6 bytes start inside of words.

// CHECK-LABEL: func.func @odd
// CHECK-NOT:     memref.view
// CHECK:         memref.load %{{.*}} : memref<24xi8>
// CHECK:         arith.muli %{{.*}} : i32
func.func @odd(%x: memref<4x6xi8>, %w: memref<4x6xi8>, %y: memref<4x4xi32>) {
  // expected-remark @below {{is computed by primitive 'multiply', in tiles of sums}}
  lowbit.contract ins(%x, %w : memref<4x6xi8>, memref<4x6xi8>) outs(%y : memref<4x4xi32>)
      maps [#lhs, #rhs, #out] attributes {formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (k, n)>
#out = affine_map<(m, n, k) -> (m, n)>

// What is summed over lies apart in rhs.

// CHECK-LABEL: func.func @untransposed
// CHECK-NOT:     memref.view
func.func @untransposed(%x: memref<4x8xi8>, %w: memref<8x4xi8>, %y: memref<4x4xi32>) {
  // expected-remark @below {{is computed by primitive 'multiply', in tiles of sums}}
  lowbit.contract ins(%x, %w : memref<4x8xi8>, memref<8x4xi8>) outs(%y : memref<4x4xi32>)
      maps [#lhs, #rhs, #out] attributes {formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

// CHECK-LABEL: func.func @bits
// CHECK:         memref.load %{{.*}} : memref<8xi64>
// CHECK:         %[[BITS:.*]] = arith.xori
// CHECK-NEXT:    math.ctpop %[[BITS]] : i64
func.func @bits(%x: memref<4x2xi64>, %w: memref<4x2xi64>, %y: memref<4x4xi32>) {
  // expected-remark @below {{is computed by primitive 'multiply', in tiles of sums}}
  lowbit.contract ins(%x, %w : memref<4x2xi64>, memref<4x2xi64>) outs(%y : memref<4x4xi32>)
      maps [#lhs, #rhs, #out] attributes {product = #lowbit.product<xor_popcount>} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(b, m, n, k) -> (b, m, k)>
#rhs = affine_map<(b, m, n, k) -> (b, n, k)>
#out = affine_map<(b, m, n, k) -> (b, m, n)>

// Rows of two batches have different weights: one row in a tile.

// CHECK-LABEL: func.func @batches
// CHECK:         %{{.*}}:4 = scf.for
func.func @batches(%x: memref<2x4x8xi8>, %w: memref<2x4x8xi8>, %y: memref<2x4x4xi32>) {
  // expected-remark @below {{is computed by primitive 'dot4', in tiles of sums}}
  lowbit.contract ins(%x, %w : memref<2x4x8xi8>, memref<2x4x8xi8>) outs(%y : memref<2x4x4xi32>)
      maps [#lhs, #rhs, #out] attributes {formats = [!quant.any<u8:f32>, !quant.any<u8:f32>, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

// What stays as it is.

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
#channels = affine_map<(w, c, k) -> (w + k, c)>
#taps = affine_map<(w, c, k) -> (k, c)>
#results = affine_map<(w, c, k) -> (w, c)>

// CHECK-LABEL: func.func @others
// CHECK-NOT:     gpu.launch
// CHECK-COUNT-4: lowbit.contract
func.func @others(%part: memref<4x8xi8, strided<[16, 1]>>, %w: memref<4x8xi8>, %y: memref<4x4xi32>,
                  %tall: memref<6x4xi8>, %few: memref<3x4xi8>, %empty: memref<4x0xi8>,
                  %t: tensor<4x8xi8>, %i: tensor<4x4xi32>) -> tensor<4x4xi32> {
  // expected-remark @below {{is computed by primitive 'loops'; not in tiles of sums: an operand is a part of a buffer}}
  lowbit.contract ins(%part, %w : memref<4x8xi8, strided<[16, 1]>>, memref<4x8xi8>) outs(%y : memref<4x4xi32>)
      maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  // expected-remark @below {{is computed by primitive 'loops'; not in tiles of sums: each channel has weights of its own}}
  lowbit.contract ins(%tall, %few : memref<6x4xi8>, memref<3x4xi8>) outs(%y : memref<4x4xi32>)
      maps [#channels, #taps, #results] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  // expected-remark @below {{is computed by primitive 'loops'; not in tiles of sums: a loop is empty}}
  lowbit.contract ins(%empty, %empty : memref<4x0xi8>, memref<4x0xi8>) outs(%y : memref<4x4xi32>)
      maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  // expected-remark @below {{is computed by primitive 'loops'; not in tiles of sums: it is on tensors}}
  %r = lowbit.contract ins(%t, %t : tensor<4x8xi8>, tensor<4x8xi8>) outs(%i : tensor<4x4xi32>)
      maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<4x4xi32>
  return %r : tensor<4x4xi32>
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

// CHECK-LABEL: func.func @huge
// CHECK:         lowbit.contract
func.func @huge(%x: memref<10000x4xi8>, %w: memref<9999x4xi8>, %y: memref<10000x9999xi32>) {
  // expected-remark @below {{is computed by primitive 'loops'; not in tiles of sums: it takes more blocks than every device has}}
  lowbit.contract ins(%x, %w : memref<10000x4xi8>, memref<9999x4xi8>) outs(%y : memref<10000x9999xi32>)
      maps [#lhs, #rhs, #out] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

// CHECK-LABEL: func.func @packed
// CHECK:         lowbit.contract
func.func @packed(%x: memref<4x9xi8>, %w: memref<2x9xi8>, %y: memref<4x1xi8>) {
  // expected-remark @below {{is computed by primitive 'loops'; not in tiles of sums: its result is packed}}
  lowbit.contract ins(%x, %w : memref<4x9xi8>, memref<2x9xi8>) outs(%y : memref<4x1xi8>)
      maps [#lhs, #rhs, #out] attributes {packs, product = #lowbit.product<xor_popcount>} {
  ^bb0(%acc: i32):
    %zero = arith.constant 0 : i32
    %isPositive = arith.cmpi sgt, %acc, %zero : i32
    %bit = arith.extui %isPositive : i1 to i32
    lowbit.yield %bit : i32
  }
  return
}

// -----

// Groups: sums of each, the epilogue, and additions to totals.

#lhs = affine_map<(m, g, n, k) -> (m, g, k)>
#rhs = affine_map<(m, g, n, k) -> (n, g, k)>
#factor = affine_map<(m, g, n, k) -> (g, n)>
#out = affine_map<(m, g, n, k) -> (m, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
// CHECK-LABEL: func.func @groups
// CHECK:         %[[T:.*]]:16 = scf.for %[[G:[^ ]*]] =
// CHECK:           scf.for
// CHECK:             vector.reduction <add>
// CHECK:           memref.load %arg2[%[[G]], %{{.*}}] : memref<16x20xf32>
// CHECK:           arith.sitofp
// CHECK-NEXT:      arith.mulf
// CHECK-NEXT:      arith.addf
// CHECK:           scf.yield
// CHECK:         memref.store %[[T]]#0, %arg3
func.func @groups(%x: memref<8x16x32xi8>, %w: memref<20x16x32xi8>, %s: memref<16x20xf32>, %y: memref<8x20xf32>) {
  // expected-remark @below {{is computed by primitive 'dot4', in tiles of sums}}
  lowbit.contract ins(%x, %w : memref<8x16x32xi8>, memref<20x16x32xi8>) epilogue(%s : memref<16x20xf32>)
    outs(%y : memref<8x20xf32>) maps [#lhs, #rhs, #factor, #out] attributes {formats = [!u8, !i8, f32, f32]} {
  ^bb0(%acc: i32, %f: f32):
    %r = arith.sitofp %acc : i32 to f32
    %p = arith.mulf %r, %f : f32
    lowbit.yield %p : f32
  }
  return
}
