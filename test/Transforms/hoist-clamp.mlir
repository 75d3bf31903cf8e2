// RUN: lowbit-opt %s -lowbit-hoist-clamp > %t.once
// RUN: FileCheck %s < %t.once
// RUN: lowbit-opt %t.once -lowbit-hoist-clamp | diff %t.once -

!x = tensor<1x1x1x8xf32>
!y = tensor<1x8xf32>

// Over two reshapes, which become one; the bounds stay with the clamp.
// CHECK-LABEL: func.func @hoist
// CHECK-SAME: %[[X:.*]]: tensor<1x1x1x8xf32>
// CHECK: %[[C:.*]] = tosa.clamp %[[X]] {max_val = 6.000000e+00 : f32, min_val = 0.000000e+00 : f32}
// CHECK-SAME: (tensor<1x1x1x8xf32>) -> tensor<1x1x1x8xf32>
// CHECK: %[[R:.*]] = tosa.reshape %[[C]],
// CHECK: return %[[R]]
func.func @hoist(%x: !x) -> tensor<2x4xf32> {
  %s = tosa.const_shape {values = dense<[1, 8]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %t = tosa.const_shape {values = dense<[2, 4]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r = tosa.reshape %x, %s : (!x, !tosa.shape<2>) -> !y
  %q = tosa.reshape %r, %t : (!y, !tosa.shape<2>) -> tensor<2x4xf32>
  %c = tosa.clamp %q {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %c : tensor<2x4xf32>
}

// A reshape that is used elsewhere would be computed on two values.
// CHECK-LABEL: func.func @uses
// CHECK: %[[R:.*]] = tosa.reshape
// CHECK: tosa.clamp %[[R]]
func.func @uses(%x: !x) -> (!y, !y) {
  %s = tosa.const_shape {values = dense<[1, 8]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r = tosa.reshape %x, %s : (!x, !tosa.shape<2>) -> !y
  %c = tosa.clamp %r {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!y) -> !y
  return %c, %r : !y, !y
}

// Other inputs, and integers as well as floats.
// CHECK-LABEL: func.func @argument
// CHECK-SAME: %[[X:.*]]: tensor<8xi8>
// CHECK: tosa.clamp %[[X]]
func.func @argument(%x: tensor<8xi8>) -> tensor<8xi8> {
  %c = tosa.clamp %x {min_val = 0 : i8, max_val = 6 : i8} : (tensor<8xi8>) -> tensor<8xi8>
  return %c : tensor<8xi8>
}
