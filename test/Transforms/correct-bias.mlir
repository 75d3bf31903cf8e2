// RUN: lowbit-opt %s -lowbit-correct-bias -split-input-file > %t.once
// RUN: FileCheck %s < %t.once
// A second run corrects nothing again.
// RUN: lowbit-opt %t.once -lowbit-correct-bias -split-input-file | diff %t.once -
// RUN: lowbit-opt %s -lowbit-correct-bias=recipe=float -split-input-file \
// RUN:   | FileCheck %s --check-prefix=RECIPE

!x = tensor<1x4x1x2xf32>
!w = tensor<1x3x1x2xf32>
!y = tensor<1x4x1x1xf32>
!z = tensor<1xf32>

// In steps of 1, the weights (0.25, 2) are off by (-0.25, 0) and (2.75, -1) by
// (0.25, 0) and (3.25, 1) by (-0.25, 0). Their first channel has the mean 8. Of
// the four outputs, three find something above, all in the middle, three below:
// the mean error is 8 * (-0.25 * 3/4 + 0.25 - 0.25 * 3/4) = -1.
// CHECK-LABEL: func.func @padded
// CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<i8<-127:127>:f32:0, {1.000000e+00}>, name = "a.weight", role
// CHECK: %[[B:.*]] = "tosa.const"() <{values = dense<5.000000e+00> : tensor<1xf32>}>
// CHECK: tosa.conv2d %{{[^,]*}}, %{{[^,]*}}, %[[B]],
// RECIPE-LABEL: func.func @padded
// RECIPE-NOT: 5.000000e+00
// RECIPE: channels
func.func @padded(%x: !x) -> !y {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<[[[[0.25, 2.0]], [[2.75, -1.0]], [[3.25, 1.0]]]]> : !w}> : () -> !w
  %b = "tosa.const"() <{values = dense<4.0> : !z}> : () -> !z
  %wo = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>,
      format = !quant.uniform<i8<-127:127>:f32:0, {1.0}>,
      channels = #lowbit.channels<min = [0.0, 0.0], max = [16.0, 2.0], mean = [8.0, 1.0]>} : !w
  %c = tosa.conv2d %x, %wo, %b, %zero, %zero {pad = array<i64: 1, 1, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !y
  return %c : !y
}

// -----

!x = tensor<1x2x2x2xf32>
!w = tensor<1x2x2x1xf32>
!y = tensor<1x2x1x2xf32>
!z = tensor<1xf32>

// The window moves along the width alone. The second channel is exact, and the
// first one's weights 0.75 and -0.75 become 1 and -1, whose means cancel; as
// balanced ones they stay. One bias becomes two.
// CHECK-LABEL: func.func @depthwise
// CHECK: lowbit.observe %{{.*}} {balanced, format
// CHECK: dense<4.000000e+00> : tensor<2xf32>
func.func @depthwise(%x: !x) -> !y {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<[[[[0.75], [1.0]], [[-0.75], [2.0]]]]> : !w}> : () -> !w
  %b = "tosa.const"() <{values = dense<4.0> : !z}> : () -> !z
  %wo = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>, balanced,
      format = !quant.uniform<i8<-127:127>:f32, 1.0>,
      channels = #lowbit.channels<min = [0.0, 0.0], max = [16.0, 2.0], mean = [8.0, 1.0]>} : !w
  %c = tosa.depthwise_conv2d %x, %wo, %b, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !y
  return %c : !y
}
