// RUN: lowbit-opt %s -lowbit-correct-bias=explain -split-input-file -verify-diagnostics
// RUN: not lowbit-opt %s -lowbit-correct-bias=recipe=none -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=NONE
// NONE: error: there is no recipe 'none'
// RUN: lowbit-opt %s -lowbit-correct-bias="explain recipe=float" -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=FLOAT
// FLOAT: remark: the bias of 'a' is not corrected: the recipe does not correct it

!x = tensor<1x2x2x2xf32>
!w = tensor<2x1x1x2xf32>
!z = tensor<1xf32>
#channels = #lowbit.channels<min = [0.0, 0.0], max = [6.0, 2.0], mean = [2.0, 1.0]>

func.func @layers(%x: !x, %bias: tensor<2xf32>) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  %a = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>, channels = #channels} : !w
  // expected-remark @+1 {{the bias of 'a' is not corrected: its weights have no format; use -lowbit-assign}}
  %0 = tosa.conv2d %x, %a, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %b = lowbit.observe %w {name = "b.weight", role = #lowbit.role<weight>,
      format = !quant.uniform<i8<-127:127>:f32, 1.0>} : !w
  // expected-remark @+1 {{there are no statistics of what it reads; use -lowbit-calibrate}}
  %1 = tosa.conv2d %0, %b, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %c = lowbit.observe %w {name = "c.weight", role = #lowbit.role<weight>, channels = #channels,
      format = !quant.uniform<i8<-127:127>:f32, 1.0>} : !w
  // expected-remark @+1 {{its bias is not constant}}
  %2 = tosa.conv2d %1, %c, %bias, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, tensor<2xf32>, !z, !z) -> !x
  %d = lowbit.observe %w {name = "d.weight", role = #lowbit.role<weight>,
      channels = #lowbit.channels<min = [0.0], max = [1.0], mean = [0.5]>,
      format = !quant.uniform<i8<-127:127>:f32, 1.0>} : !w
  // expected-remark @+1 {{its statistics are of other channels}}
  %3 = tosa.conv2d %2, %d, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %e = lowbit.observe %w {name = "e.weight", role = #lowbit.role<weight>, channels = #channels,
      format = !quant.uniform<i8<-127:127>:f32:0, {1.0}>} : !w
  // expected-remark @+1 {{its weights have no affine format}}
  %4 = tosa.conv2d %3, %e, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %large = "tosa.const"() <{values = dense<2.0e38> : !w}> : () -> !w
  %f = lowbit.observe %large {name = "f.weight", role = #lowbit.role<weight>, channels = #channels,
      format = !quant.uniform<i8<-127:127>:f32, 1.0>} : !w
  // expected-remark @+1 {{its bias would not be finite}}
  %5 = tosa.conv2d %4, %f, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  return %5 : !x
}

// -----

!x = tensor<1x1x2xf32>
!w = tensor<1x2x2xf32>
!z = tensor<1xf32>

func.func @product(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  %wo = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>,
      channels = #lowbit.channels<min = [0.0, 0.0], max = [1.0, 1.0], mean = [0.5, 0.5]>,
      format = !quant.uniform<i8<-127:127>:f32, 1.0>} : !w
  // expected-remark @+1 {{a matrix product has no bias}}
  %0 = tosa.matmul %x, %wo, %zero, %zero : (!x, !w, !z, !z) -> !x
  return %0 : !x
}
