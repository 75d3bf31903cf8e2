// RUN: lowbit-opt %s -lowbit-assign -split-input-file -verify-diagnostics

!x = tensor<1x1x1x1xf32>
!b = tensor<1xf32>
#s = #lowbit.stats<count = 1, min = 0.0 : f64, max = 255.0 : f64, average_min = 0.0 : f64,
    average_max = 255.0 : f64, bin_width = 1.0 : f64, first_bin = 0, histogram = [1]>

func.func @weights(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !b}> : () -> !b
  %w = "tosa.const"() <{values = dense<0x7F800000> : !x}> : () -> !x
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #s} : !x
  // expected-error @+1 {{the weights 'w' hold NaN or infinity}}
  %wo = lowbit.observe %w {name = "w", role = #lowbit.role<weight>} : !x
  %y = tosa.conv2d %xo, %wo, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !x, !b, !b, !b) -> !x
  %yo = lowbit.observe %y {name = "y", role = #lowbit.role<activation>, stats = #s} : !x
  return %yo : !x
}

// -----

!x = tensor<1x1x1x1xf32>
!b = tensor<1xf32>
#s = #lowbit.stats<count = 1, min = 0.0 : f64, max = 255.0 : f64, average_min = 0.0 : f64,
    average_max = 255.0 : f64, bin_width = 1.0 : f64, first_bin = 0, histogram = [1]>

func.func @bias(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !b}> : () -> !b
  %bias = "tosa.const"() <{values = dense<0x7FC00000> : !b}> : () -> !b
  %w = "tosa.const"() <{values = dense<1.0> : !x}> : () -> !x
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #s} : !x
  // expected-error @+1 {{the bias of 'w' holds NaN or infinity}}
  %wo = lowbit.observe %w {name = "w", role = #lowbit.role<weight>} : !x
  %y = tosa.conv2d %xo, %wo, %bias, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !x, !b, !b, !b) -> !x
  %yo = lowbit.observe %y {name = "y", role = #lowbit.role<activation>, stats = #s} : !x
  return %yo : !x
}

// -----

!x = tensor<1x1x1x1xf32>
!b = tensor<1xf32>
#s = #lowbit.stats<count = 1, min = 0.0 : f64, max = 255.0 : f64, average_min = 0.0 : f64,
    average_max = 255.0 : f64, bin_width = 1.0 : f64, first_bin = 0, histogram = [1]>

func.func @missing_data(%x: !x) -> (!x, !x) {
  %zero = "tosa.const"() <{values = dense<0.0> : !b}> : () -> !b
  %w = "tosa.const"() <{values = dense_resource<gone> : !x}> : () -> !x
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #s} : !x
  // expected-error @+1 {{the weights 'w' cannot be read}}
  %wo = lowbit.observe %w {name = "w", role = #lowbit.role<weight>} : !x
  %y = tosa.conv2d %xo, %wo, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !x, !b, !b, !b) -> !x
  %yo = lowbit.observe %y {name = "y", role = #lowbit.role<activation>, stats = #s} : !x
  return %yo, %yo : !x, !x
}

// -----

!x = tensor<1x1x1x1xf32>
!b = tensor<1xf32>
#s = #lowbit.stats<count = 1, min = 0.0 : f64, max = 255.0 : f64, average_min = 0.0 : f64,
    average_max = 255.0 : f64, bin_width = 1.0 : f64, first_bin = 0, histogram = [1]>

func.func @missing_bias(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !b}> : () -> !b
  %bias = "tosa.const"() <{values = dense_resource<gone> : !b}> : () -> !b
  %w = "tosa.const"() <{values = dense<1.0> : !x}> : () -> !x
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #s} : !x
  // expected-error @+1 {{the bias of 'w' cannot be read}}
  %wo = lowbit.observe %w {name = "w", role = #lowbit.role<weight>} : !x
  %y = tosa.conv2d %xo, %wo, %bias, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !x, !b, !b, !b) -> !x
  %yo = lowbit.observe %y {name = "y", role = #lowbit.role<activation>, stats = #s} : !x
  return %yo : !x
}

// -----

!x = tensor<1xf32>

func.func @shared_constant(%x: !x) -> (!x, !x) {
  %c = "tosa.const"() <{values = dense<1.0> : !x}> : () -> !x
  // expected-error @+1 {{the observed constant 'c' expects one use}}
  %co = lowbit.observe %c {name = "c", role = #lowbit.role<activation>} : !x
  %y = tosa.abs %co : (!x) -> !x
  return %co, %y : !x, !x
}

// -----

!x = tensor<1xf32>
#s = #lowbit.stats<count = 1, min = 0.0 : f64, max = 1.0 : f64, average_min = 0.0 : f64,
    average_max = 1.0 : f64, bin_width = 0.0 : f64, first_bin = 0, histogram = []>

func.func @missing_constant(%x: !x) -> !x {
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #s} : !x
  %c = "tosa.const"() <{values = dense_resource<gone> : !x}> : () -> !x
  // expected-error @+1 {{the constant 'c' cannot be read}}
  %co = lowbit.observe %c {name = "c", role = #lowbit.role<activation>} : !x
  %y = tosa.add %xo, %co : (!x, !x) -> !x
  %yo = lowbit.observe %y {name = "y", role = #lowbit.role<activation>, stats = #s} : !x
  return %yo : !x
}

// -----

!x = tensor<1xf32>
#s = #lowbit.stats<count = 1, min = 0.0 : f64, max = 1.0 : f64, average_min = 0.0 : f64,
    average_max = 1.0 : f64, bin_width = 0.0 : f64, first_bin = 0, histogram = []>

func.func @infinite_constant(%x: !x) -> !x {
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #s} : !x
  %c = "tosa.const"() <{values = dense<0x7F800000> : !x}> : () -> !x
  // expected-error @+1 {{the constant 'c' holds NaN or infinity}}
  %co = lowbit.observe %c {name = "c", role = #lowbit.role<activation>} : !x
  %y = tosa.add %xo, %co : (!x, !x) -> !x
  %yo = lowbit.observe %y {name = "y", role = #lowbit.role<activation>, stats = #s} : !x
  return %yo : !x
}
