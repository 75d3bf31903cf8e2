// RUN: lowbit-opt %s -lowbit-encode -split-input-file -verify-diagnostics

func.func @undecided(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{'x' has neither a format nor a reason; use -lowbit-assign first}}
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>} : tensor<4xf32>
  return %xo : tensor<4xf32>
}

// -----

func.func @not_a_number() -> tensor<2xf32> {
  %w = "tosa.const"() <{values = dense<[1.0, 0x7FC00000]> : tensor<2xf32>}> : () -> tensor<2xf32>
  // expected-error @+1 {{the constant 'w' holds NaN, which has no code}}
  %wo = lowbit.observe %w {name = "w", role = #lowbit.role<weight>,
      format = !quant.uniform<i8:f32, 0.25>} : tensor<2xf32>
  return %wo : tensor<2xf32>
}

// -----

func.func @missing_data() -> tensor<2xf32> {
  %w = "tosa.const"() <{values = dense_resource<gone> : tensor<2xf32>}> : () -> tensor<2xf32>
  // expected-error @+1 {{the constant 'w' cannot be read: its data is missing}}
  %wo = lowbit.observe %w {name = "w", role = #lowbit.role<weight>,
      format = !quant.uniform<i8:f32, 0.25>} : tensor<2xf32>
  return %wo : tensor<2xf32>
}

// -----

func.func @not_affine(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{'x' cannot be encoded as '!quant.any<i8:f32>', which is neither affine nor of at most 8 bits}}
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>,
      format = !quant.any<i8:f32>} : tensor<2xf32>
  return %xo : tensor<2xf32>
}

// -----

func.func @scales(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error @+1 {{'x' of type 'tensor<2x3xf32>' cannot be encoded as '!quant.uniform<i8:f32:1, {1.000000e+00,2.000000e+00}>', which has 2 scales along dimension 1}}
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>,
      format = !quant.uniform<i8:f32:1, {1.0, 2.0}>} : tensor<2x3xf32>
  return %xo : tensor<2x3xf32>
}

// -----

func.func @axis() -> tensor<2x3xf32> {
  %w = "tosa.const"() <{values = dense<8.0> : tensor<2x3xf32>}> : () -> tensor<2x3xf32>
  // expected-error @+1 {{'x' cannot be encoded: expects one scale for each of 3 indices along axis 1, but the format has 2}}
  %wo = lowbit.observe %w {name = "x", role = #lowbit.role<weight>,
      format = !lowbit.planes<sign x 1, axis = 1, [0.5, 0.25]>} : tensor<2x3xf32>
  return %wo : tensor<2x3xf32>
}

// -----

func.func @wide() -> tensor<2x3xf32> {
  %w = "tosa.const"() <{values = dense<8.0> : tensor<2x3xf32>}> : () -> tensor<2x3xf32>
  // expected-error @+1 {{'x' cannot be encoded as '!lowbit.pow2<i5 x 2, -7 : 0, [1.000000e+00]>', which is neither affine nor of at most 8 bits}}
  %wo = lowbit.observe %w {name = "x", role = #lowbit.role<weight>,
      format = !lowbit.pow2<i5 x 2, -7 : 0, [1.0]>} : tensor<2x3xf32>
  return %wo : tensor<2x3xf32>
}
