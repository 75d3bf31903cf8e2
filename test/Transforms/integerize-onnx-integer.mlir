// RUN: lowbit-opt %s -lowbit-integerize="profile=onnx require-integer" | FileCheck %s

// Requantizing by a real number is what the profile asks for: no operation left in float.
// CHECK: lowbit.requantize
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.3>
!y = !quant.uniform<u8:f32, 0.7:10>
func.func @matmul(%q: tensor<1x4x2x!x>) -> tensor<1x4x2x!y> {
  %x = lowbit.decode %q : tensor<1x4x2x!x> to tensor<1x4x2xf32>
  %wq = lowbit.constant dense<[[[1, 2], [3, 4]]]> : tensor<1x2x2xi8> as tensor<1x2x2x!w>
  %w = lowbit.decode %wq : tensor<1x2x2x!w> to tensor<1x2x2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.matmul %x, %w, %z, %z
    : (tensor<1x4x2xf32>, tensor<1x2x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x2xf32>
  %o = lowbit.encode %c : tensor<1x4x2xf32> to tensor<1x4x2x!y>
  return %o : tensor<1x4x2x!y>
}
