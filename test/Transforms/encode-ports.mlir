// RUN: lowbit-opt %s -lowbit-encode=ports | FileCheck %s

// Values that get codes are kept until the end, by their names; weights and values in float are not.
// CHECK-LABEL: func.func @ports
func.func @ports(%x: tensor<2xf32>) -> tensor<2xf32> {
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>,
      format = !quant.uniform<u8:f32, 0.5:3>} : tensor<2xf32>
  %w = "tosa.const"() <{values = dense<1.0> : tensor<2xf32>}> : () -> tensor<2xf32>
  %wo = lowbit.observe %w {name = "w", role = #lowbit.role<weight>,
      format = !quant.uniform<i8:f32, 0.25>} : tensor<2xf32>
  %y = tosa.add %xo, %wo : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %yo = lowbit.observe %y {name = "y", role = #lowbit.role<activation>, reason = "why not"}
      : tensor<2xf32>
  %z = tosa.abs %yo : (tensor<2xf32>) -> tensor<2xf32>
  %zo = lowbit.observe %z {name = "z", role = #lowbit.role<head>,
      format = !quant.uniform<i16:f32, 0.5>} : tensor<2xf32>
  // CHECK: %[[X:.*]] = lowbit.encode %{{.*}} to tensor<2x!quant.uniform<u8:f32
  // CHECK: %[[Z:.*]] = lowbit.encode %{{.*}} to tensor<2x!quant.uniform<i16:f32
  // CHECK-NOT: lowbit.port
  // CHECK: lowbit.port %[[X]] {name = "x"}
  // CHECK-NEXT: lowbit.port %[[Z]] {name = "z"}
  // CHECK-NEXT: return
  return %zo : tensor<2xf32>
}
