// The numbers that come out are those of -lowbit-calibrate, whose tests check
// them; here, what is left of the network.
// RUN: lowbit-opt %s -lowbit-float-pipeline | FileCheck %s

!x = tensor<1x4x4x2xf32>
!m = tensor<1x32xf32>

// CHECK-NOT: {{(tosa|linalg|tensor|memref|arith|math|scf|cf|func|lowbit)\.}}
// CHECK-NOT: memrefCopy
// CHECK: llvm.func @main
// CHECK-NOT: {{(tosa|linalg|tensor|memref|arith|math|scf|cf|func|lowbit)\.}}
// CHECK-NOT: memrefCopy
// No multiplication is fused with an addition, and nothing is reordered.
// CHECK-NOT: llvm.intr.fm
// CHECK-NOT: fastmath
func.func @main(%x: !x) -> (!m, !x) {
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %b = "tosa.const"() <{values = dense<[1.0, -1.0]> : tensor<2xf32>}> : () -> tensor<2xf32>
  %w = "tosa.const"() <{values = dense<1.0> : tensor<3x3x2x1xf32>}> : () -> tensor<3x3x2x1xf32>
  %d = tosa.depthwise_conv2d %x, %w, %b, %zero, %zero {pad = array<i64: 1, 1, 1, 1>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, tensor<3x3x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> !x
  %e = tosa.erf %d : (!x) -> !x
  %t = tosa.tanh %e : (!x) -> !x
  %shape = tosa.const_shape {values = dense<[1, 32]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r = tosa.reshape %t, %shape : (!x, !tosa.shape<2>) -> !m
  %s = lowbit.softmax %r {axis = 1 : i64} : !m
  return %s, %e : !m, !x
}
