// RUN: lowbit-opt %s -lowbit-fill-frames | FileCheck %s

// Above, below, on the left and on the right; not along the last dimension.
// CHECK-LABEL: func.func @around
// CHECK-SAME: (%[[X:.*]]: tensor<2x20x20x64xi8>
// CHECK: %[[C:.*]] = arith.constant 3 : i8
// CHECK: %[[E:.*]] = tensor.empty() : tensor<2x23x22x64xi8>
// CHECK: %[[S0:.*]] = tensor.extract_slice %[[E]][0, 0, 0, 0] [2, 1, 22, 64] [1, 1, 1, 1]
// CHECK: %[[F0:.*]] = linalg.fill ins(%[[C]] : i8) outs(%[[S0]] :
// CHECK: %[[T0:.*]] = tensor.insert_slice %[[F0]] into %[[E]][0, 0, 0, 0] [2, 1, 22, 64]
// CHECK: %[[S1:.*]] = tensor.extract_slice %[[T0]][0, 21, 0, 0] [2, 2, 22, 64] [1, 1, 1, 1]
// CHECK: %[[F1:.*]] = linalg.fill ins(%[[C]] : i8) outs(%[[S1]] :
// CHECK: %[[T1:.*]] = tensor.insert_slice %[[F1]] into %[[T0]][0, 21, 0, 0] [2, 2, 22, 64]
// CHECK: %[[S2:.*]] = tensor.extract_slice %[[T1]][0, 1, 0, 0] [2, 20, 1, 64] [1, 1, 1, 1]
// CHECK: %[[F2:.*]] = linalg.fill ins(%[[C]] : i8) outs(%[[S2]] :
// CHECK: %[[T2:.*]] = tensor.insert_slice %[[F2]] into %[[T1]][0, 1, 0, 0] [2, 20, 1, 64]
// CHECK: %[[S3:.*]] = tensor.extract_slice %[[T2]][0, 1, 21, 0] [2, 20, 1, 64] [1, 1, 1, 1]
// CHECK: %[[F3:.*]] = linalg.fill ins(%[[C]] : i8) outs(%[[S3]] :
// CHECK: %[[T3:.*]] = tensor.insert_slice %[[F3]] into %[[T2]][0, 1, 21, 0] [2, 20, 1, 64]
// CHECK: %[[P:.*]] = tensor.insert_slice %[[X]] into %[[T3]][0, 1, 1, 0] [2, 20, 20, 64] [1, 1, 1, 1]
// CHECK: return %[[P]]
func.func @around(%x: tensor<2x20x20x64xi8>) -> tensor<2x23x22x64xi8> {
  %c = arith.constant 3 : i8
  %e = tensor.empty() : tensor<2x23x22x64xi8>
  %f = linalg.fill ins(%c : i8) outs(%e : tensor<2x23x22x64xi8>) -> tensor<2x23x22x64xi8>
  %p = tensor.insert_slice %x into %f[0, 1, 1, 0] [2, 20, 20, 64] [1, 1, 1, 1]
    : tensor<2x20x20x64xi8> into tensor<2x23x22x64xi8>
  return %p : tensor<2x23x22x64xi8>
}

// Around all that is inserted side by side.
// CHECK-LABEL: func.func @joined
// CHECK-COUNT-2: linalg.fill {{.*}} outs(%{{.*}} : tensor<1x40x64xi8>)
// CHECK-NOT: linalg.fill
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[1, 0, 0] [20, 40, 16]
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[1, 0, 16] [20, 40, 48]
func.func @joined(%x: tensor<20x40x16xi8>, %y: tensor<20x40x48xi8>) -> tensor<22x40x64xi8> {
  %c = arith.constant 3 : i8
  %e = tensor.empty() : tensor<22x40x64xi8>
  %f = linalg.fill ins(%c : i8) outs(%e : tensor<22x40x64xi8>) -> tensor<22x40x64xi8>
  %p = tensor.insert_slice %x into %f[1, 0, 0] [20, 40, 16] [1, 1, 1] : tensor<20x40x16xi8> into tensor<22x40x64xi8>
  %q = tensor.insert_slice %y into %p[1, 0, 16] [20, 40, 48] [1, 1, 1] : tensor<20x40x48xi8> into tensor<22x40x64xi8>
  return %q : tensor<22x40x64xi8>
}

// With a gap between them around the first only.
// CHECK-LABEL: func.func @apart
// CHECK: linalg.fill {{.*}} outs(%{{.*}} : tensor<1x4096xi8>)
// CHECK: linalg.fill {{.*}} outs(%{{.*}} : tensor<11x4096xi8>)
// CHECK-NOT: linalg.fill
// CHECK: return
func.func @apart(%x: tensor<8x4096xi8>, %y: tensor<8x4096xi8>) -> tensor<20x4096xi8> {
  %c = arith.constant 3 : i8
  %e = tensor.empty() : tensor<20x4096xi8>
  %f = linalg.fill ins(%c : i8) outs(%e : tensor<20x4096xi8>) -> tensor<20x4096xi8>
  %p = tensor.insert_slice %x into %f[1, 0] [8, 4096] [1, 1] : tensor<8x4096xi8> into tensor<20x4096xi8>
  %q = tensor.insert_slice %y into %p[10, 0] [8, 4096] [1, 1] : tensor<8x4096xi8> into tensor<20x4096xi8>
  return %q : tensor<20x4096xi8>
}

// A tensor without padding needs no fill at all.
// CHECK-LABEL: func.func @covered
// CHECK-NOT: linalg.fill
// CHECK: return
func.func @covered(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %c = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x8xf32>
  %f = linalg.fill ins(%c : f32) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %p = tensor.insert_slice %x into %f[0, 0] [4, 8] [1, 1] : tensor<4x8xf32> into tensor<4x8xf32>
  return %p : tensor<4x8xf32>
}

// All is filled: rows of 256 bytes with a piece to fill in each, a fill that something else reads,
// steps of two, and places that are not known.
// CHECK-LABEL: func.func @whole
// CHECK-COUNT-4: linalg.fill {{.*}} outs(%{{.*}} : tensor<{{6x260|8x8192|\?x8192}}xi8>)
// CHECK-NOT: linalg.fill
// CHECK: return
func.func @whole(%x: tensor<6x256xi8>, %y: tensor<4x8192xi8>, %n: index)
    -> (tensor<6x260xi8>, tensor<8x8192xi8>, tensor<8x8192xi8>, tensor<8x8192xi8>, tensor<8x8192xi8>) {
  %c = arith.constant 0 : i8
  %e = tensor.empty() : tensor<6x260xi8>
  %f = linalg.fill ins(%c : i8) outs(%e : tensor<6x260xi8>) -> tensor<6x260xi8>
  %p = tensor.insert_slice %x into %f[0, 1] [6, 256] [1, 1] : tensor<6x256xi8> into tensor<6x260xi8>
  %e1 = tensor.empty() : tensor<8x8192xi8>
  %f1 = linalg.fill ins(%c : i8) outs(%e1 : tensor<8x8192xi8>) -> tensor<8x8192xi8>
  %p1 = tensor.insert_slice %y into %f1[0, 0] [4, 8192] [1, 1] : tensor<4x8192xi8> into tensor<8x8192xi8>
  %e2 = tensor.empty() : tensor<8x8192xi8>
  %f2 = linalg.fill ins(%c : i8) outs(%e2 : tensor<8x8192xi8>) -> tensor<8x8192xi8>
  %p2 = tensor.insert_slice %y into %f2[0, 0] [4, 8192] [2, 1] : tensor<4x8192xi8> into tensor<8x8192xi8>
  %e3 = tensor.empty() : tensor<8x8192xi8>
  %f3 = linalg.fill ins(%c : i8) outs(%e3 : tensor<8x8192xi8>) -> tensor<8x8192xi8>
  %p3 = tensor.insert_slice %y into %f3[%n, 0] [4, 8192] [1, 1] : tensor<4x8192xi8> into tensor<8x8192xi8>
  return %p, %f1, %p1, %p2, %p3
    : tensor<6x260xi8>, tensor<8x8192xi8>, tensor<8x8192xi8>, tensor<8x8192xi8>, tensor<8x8192xi8>
}
