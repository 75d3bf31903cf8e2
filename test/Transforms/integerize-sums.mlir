// RUN: lowbit-opt %s -lowbit-integerize="require-integer profile=onnx" | FileCheck %s

// Sums of 32 bits, which f32 does not hold, are moved as words: the layer in front gives them
// exactly, as ONNX's MatMulInteger asks.
// CHECK-LABEL: func.func @reshaped_sums
// CHECK: %[[SUMS:.*]] = lowbit.contract
// CHECK-SAME: outs(%{{.*}} : tensor<4x1x1x8x!quant.uniform<i32:f32, 1.000000e+00>>)
// CHECK: %[[WORDS:.*]] = lowbit.reinterpret %[[SUMS]] : {{.*}} to tensor<4x1x1x8xi32>
// CHECK: %[[MOVED:.*]] = {{tosa.reshape|tensor.collapse_shape}} %[[WORDS]]
// CHECK-NOT: lowbit.encode
// CHECK: return
func.func @reshaped_sums(%q: tensor<4x1x1x64x!quant.uniform<u8:f32, 1.0>>) -> tensor<4x8xi32> {
  %w = lowbit.constant dense<127> : tensor<8x1x1x64xi8> as tensor<8x1x1x64x!quant.uniform<i8:f32, 1.0>>
  %b = "tosa.const"() <{values = dense<0.0> : tensor<8xf32>}> : () -> tensor<8xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %x = lowbit.decode %q : tensor<4x1x1x64x!quant.uniform<u8:f32, 1.0>> to tensor<4x1x1x64xf32>
  %r = lowbit.decode %w : tensor<8x1x1x64x!quant.uniform<i8:f32, 1.0>> to tensor<8x1x1x64xf32>
  %y = tosa.conv2d %x, %r, %b, %z, %z {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
    : (tensor<4x1x1x64xf32>, tensor<8x1x1x64xf32>, tensor<8xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<4x1x1x8xf32>
  %shape = tosa.const_shape {values = dense<[4, 8]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %m = tosa.reshape %y, %shape : (tensor<4x1x1x8xf32>, !tosa.shape<2>) -> tensor<4x8xf32>
  %e = lowbit.encode %m {scaling = #lowbit.scaling<divide>} : tensor<4x8xf32> to tensor<4x8x!quant.uniform<i32:f32, 1.0>>
  %i = lowbit.reinterpret %e : tensor<4x8x!quant.uniform<i32:f32, 1.0>> to tensor<4x8xi32>
  return %i : tensor<4x8xi32>
}
