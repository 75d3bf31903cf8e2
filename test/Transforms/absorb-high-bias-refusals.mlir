// RUN: lowbit-opt %s -lowbit-absorb-high-bias=explain -split-input-file -verify-diagnostics
// RUN: not lowbit-opt %s -lowbit-absorb-high-bias=recipe=none -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=NONE
// NONE: error: there is no recipe 'none'
// RUN: lowbit-opt %s -lowbit-absorb-high-bias="explain recipe=float" -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=FLOAT
// FLOAT: remark: 'b' absorbs nothing of what it reads: the recipe absorbs no high bias of 'a'

!x = tensor<1x2x2x2xf32>
!w = tensor<2x1x1x2xf32>
!v = tensor<1x1x2x1xf32>
!z = tensor<1xf32>
#high = #lowbit.channels<min = [1.0, 2.0], max = [5.0, 7.0], mean = [3.0, 3.0]>
#near = #lowbit.channels<min = [0.0, -2.0], max = [5.0, 7.0], mean = [3.0, 3.0]>

func.func @layers(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  %v = "tosa.const"() <{values = dense<1.0> : !v}> : () -> !v
  %ao = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>} : !w
  // expected-remark @+1 {{'a' absorbs nothing of what it reads: it reads an argument}}
  %a = tosa.conv2d %x, %ao, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %bo = lowbit.observe %w {name = "b.weight", role = #lowbit.role<weight>} : !w
  // expected-remark @+1 {{there are no statistics of its channels; use -lowbit-calibrate}}
  %b = tosa.conv2d %a, %bo, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %co = lowbit.observe %w {name = "c.weight", role = #lowbit.role<weight>, channels = #near} : !w
  // expected-remark @+1 {{'c' absorbs nothing of what it reads: its channels are near 0}}
  %c = tosa.conv2d %b, %co, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %do = lowbit.observe %v {name = "d.weight", role = #lowbit.role<weight>, channels = #high} : !v
  // expected-remark @+1 {{it pads what it reads with 0}}
  %d = tosa.depthwise_conv2d %c, %do, %zero, %zero, %zero {pad = array<i64: 1, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !v, !z, !z, !z) -> tensor<1x3x2x2xf32>
  %m = tosa.max_pool2d %d {kernel = array<i64: 2, 1>, stride = array<i64: 1, 1>,
      pad = array<i64: 0, 0, 0, 0>} : (tensor<1x3x2x2xf32>) -> !x
  %eo = lowbit.observe %w {name = "e.weight", role = #lowbit.role<weight>, channels = #high} : !w
  // expected-remark @+1 {{what it reads is padded or pooled}}
  %e = tosa.conv2d %m, %eo, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %r = tosa.clamp %e {min_val = 1.0 : f32, max_val = 8.0 : f32} : (!x) -> !x
  %fo = lowbit.observe %w {name = "f.weight", role = #lowbit.role<weight>, channels = #high} : !w
  // expected-remark @+1 {{the clamp between them excludes 0}}
  %f = tosa.conv2d %r, %fo, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %large = "tosa.const"() <{values = dense<3.0e38> : !w}> : () -> !w
  %go = lowbit.observe %large {name = "g.weight", role = #lowbit.role<weight>, channels = #high} : !w
  // expected-remark @+1 {{'g' absorbs nothing of what it reads: its bias would not be finite}}
  %g = tosa.conv2d %f, %go, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  return %g : !x
}

// -----

!x = tensor<1x2x2x2xf32>
!w = tensor<2x1x1x2xf32>
!z = tensor<1xf32>
#high = #lowbit.channels<min = [1.0, 2.0], max = [5.0, 7.0], mean = [3.0, 3.0]>

func.func @constants(%x: !x, %w: !w, %b: tensor<2xf32>) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %v = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  // expected-remark @+1 {{it reads an argument}}
  %0 = tosa.conv2d %x, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %a = lowbit.observe %v {name = "a.weight", role = #lowbit.role<weight>, channels = #high} : !w
  // expected-remark @+1 {{its weights are not constant}}
  %1 = tosa.conv2d %0, %a, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %c = lowbit.observe %v {name = "c.weight", role = #lowbit.role<weight>, channels = #high} : !w
  // expected-remark @+1 {{its bias is not constant}}
  %2 = tosa.conv2d %1, %c, %b, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, tensor<2xf32>, !z, !z) -> !x
  return %2 : !x
}

// -----

!x = tensor<1x1x2xf32>
!w = tensor<1x2x2xf32>
!z = tensor<1xf32>

func.func @product(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  // expected-remark @+1 {{it reads an argument}}
  %0 = tosa.matmul %x, %w, %zero, %zero : (!x, !w, !z, !z) -> !x
  %wo = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>,
      channels = #lowbit.channels<min = [1.0, 1.0], max = [2.0, 2.0], mean = [1.5, 1.5]>} : !w
  // expected-remark @+1 {{a matrix product has no bias}}
  %1 = tosa.matmul %0, %wo, %zero, %zero : (!x, !w, !z, !z) -> !x
  return %1 : !x
}
