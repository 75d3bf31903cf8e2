// RUN: lowbit-opt %s -lowbit-fuse-groups -split-input-file | FileCheck %s

// No primitive is needed: a device chooses what computes a contraction later.
// CHECK-LABEL: func.func @fused
// CHECK: %[[Y:.*]] = lowbit.contract ins({{.*}}) epilogue({{.*}} : tensor<3x8xf32>) outs(%{{.*}} : tensor<5x8xf32>)
// CHECK: -> tensor<5x8xf32>
// CHECK-NOT: linalg.reduce
// CHECK: return %[[Y]]

// What something else reads stays.
// CHECK-LABEL: func.func @read
// CHECK: -> tensor<5x3x8xf32>
// CHECK: linalg.reduce
#lhs = affine_map<(m, g, n, k) -> (m, g, k)>
#rhs = affine_map<(m, g, n, k) -> (n, g, k)>
#factor = affine_map<(m, g, n, k) -> (g, n)>
#out = affine_map<(m, g, n, k) -> (m, g, n)>
!u8 = !quant.any<u8:f32>
!i8 = !quant.any<i8:f32>
func.func @fused(%x: tensor<5x3x4xi8>, %w: tensor<8x3x4xi8>, %s: tensor<3x8xf32>) -> tensor<5x8xf32> {
  %e = tensor.empty() : tensor<5x3x8xf32>
  %y = lowbit.contract ins(%x, %w : tensor<5x3x4xi8>, tensor<8x3x4xi8>) epilogue(%s : tensor<3x8xf32>)
    outs(%e : tensor<5x3x8xf32>) maps [#lhs, #rhs, #factor, #out] attributes {formats = [!u8, !i8, f32, f32]} {
  ^bb0(%acc: i32, %f: f32):
    %r = arith.sitofp %acc : i32 to f32
    %p = arith.mulf %r, %f : f32
    lowbit.yield %p : f32
  } -> tensor<5x3x8xf32>
  %zero = arith.constant 0.0 : f32
  %i = tensor.empty() : tensor<5x8xf32>
  %z = linalg.fill ins(%zero : f32) outs(%i : tensor<5x8xf32>) -> tensor<5x8xf32>
  %sum = linalg.reduce {arith.addf} ins(%y : tensor<5x3x8xf32>) outs(%z : tensor<5x8xf32>) dimensions = [1]
  return %sum : tensor<5x8xf32>
}

func.func @read(%x: tensor<5x3x4xi8>, %w: tensor<8x3x4xi8>, %s: tensor<3x8xf32>) -> (tensor<5x8xf32>, tensor<5x3x8xf32>) {
  %e = tensor.empty() : tensor<5x3x8xf32>
  %y = lowbit.contract ins(%x, %w : tensor<5x3x4xi8>, tensor<8x3x4xi8>) epilogue(%s : tensor<3x8xf32>)
    outs(%e : tensor<5x3x8xf32>) maps [#lhs, #rhs, #factor, #out] attributes {formats = [!u8, !i8, f32, f32]} {
  ^bb0(%acc: i32, %f: f32):
    %r = arith.sitofp %acc : i32 to f32
    %p = arith.mulf %r, %f : f32
    lowbit.yield %p : f32
  } -> tensor<5x3x8xf32>
  %zero = arith.constant 0.0 : f32
  %i = tensor.empty() : tensor<5x8xf32>
  %z = linalg.fill ins(%zero : f32) outs(%i : tensor<5x8xf32>) -> tensor<5x8xf32>
  %sum = linalg.reduce {arith.addf} ins(%y : tensor<5x3x8xf32>) outs(%z : tensor<5x8xf32>) dimensions = [1]
  return %sum, %y : tensor<5x8xf32>, tensor<5x3x8xf32>
}
