// RUN: lowbit-opt %s -split-input-file -verify-diagnostics

func.func @requantize_c1(%x: tensor<4xi32>, %s: tensor<1xf32>) {
  // expected-error @+1 {{expects a result of the value's shape, but got 'tensor<5xi32>'}}
  %y = lowbit.requantize %x, %s : tensor<4xi32>, tensor<1xf32> to tensor<5xi32>
  return
}

// -----

func.func @requantize_c2_count(%x: tensor<4x2xi32>, %s: tensor<3xf32>) {
  // expected-error @+1 {{expects a scale of 4 elements, but got 'tensor<3xf32>'}}
  %y = lowbit.requantize %x, %s {axis = 0 : i64} : tensor<4x2xi32>, tensor<3xf32> to tensor<4x2xi32>
  return
}

// -----

func.func @requantize_c2_axis(%x: tensor<4x2xi32>, %s: tensor<4xf32>) {
  // expected-error @+1 {{expects 'axis' to be a dimension of 'tensor<4x2xi32>', but got 2}}
  %y = lowbit.requantize %x, %s {axis = 2 : i64} : tensor<4x2xi32>, tensor<4xf32> to tensor<4x2xi32>
  return
}

// -----

func.func @requantize_c2_vector(%x: vector<4xi32>, %s: f32) {
  // expected-error @+1 {{expects a scale of the value's type 'vector<4xi32>', but got 'f32'}}
  %y = lowbit.requantize %x, %s : vector<4xi32>, f32 to vector<4xi32>
  return
}

// -----

func.func @requantize_c3_scalar(%x: i32) {
  %s = arith.constant -1.0 : f32
  // expected-error @+1 {{expects factors that are finite and at least 0, but got -1.0}}
  %y = lowbit.requantize %x, %s : i32, f32 to i32
  return
}

// -----

func.func @requantize_c3_tensor(%x: tensor<2xi32>) {
  %s = arith.constant dense<[1.0, 0x7F800000]> : tensor<2xf32>
  // expected-error @+1 {{expects factors that are finite and at least 0, but got INF}}
  %y = lowbit.requantize %x, %s {axis = 0 : i64} : tensor<2xi32>, tensor<2xf32> to tensor<2xi32>
  return
}

// -----

func.func @requantize_c4(%x: i32, %s: f32) {
  // expected-error @+1 {{expects 'min' <= 'max', but got 1 and 0}}
  %y = lowbit.requantize %x, %s {min = 1 : i32, max = 0 : i32} : i32, f32 to i32
  return
}

// -----

!i8 = !quant.uniform<i8:f32, 0.5:3>

func.func @requantize_c5(%x: tensor<4x!i8>, %s: tensor<1xf32>) {
  // expected-error @+1 {{expects 'input_zero_point' to be 3}}
  %y = lowbit.requantize %x, %s : tensor<4x!i8>, tensor<1xf32> to tensor<4xi32>
  return
}

// -----

!i8 = !quant.uniform<i8:f32, 0.5:3>

func.func @mean_pool2d_c1(%x: tensor<1x8x8x2x!i8>) {
  // expected-error @+1 {{expects a result of the input's format}}
  %y = lowbit.mean_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!i8> to tensor<1x4x4x2x!quant.uniform<i8:f32, 0.25>>
  return
}

// -----

!i8 = !quant.uniform<i8:f32, 0.5:3>

func.func @mean_pool2d_c3(%x: tensor<1x8x8x2x!i8>) {
  // expected-error @+1 {{expects size 4 for dimension 1 of the result}}
  %y = lowbit.mean_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!i8> to tensor<1x8x4x2x!i8>
  return
}

// -----

!i8 = !quant.uniform<i8:f32, 0.5:3>

func.func @mean_pool2d_c4(%x: tensor<1x0x8x2x!i8>) {
  // expected-error @+1 {{expects a static height and width of at least 1}}
  %y = lowbit.mean_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x0x8x2x!i8> to tensor<1x0x4x2x!i8>
  return
}

// -----

!i8 = !quant.uniform<i8:f32, 0.5:3>

func.func @mean_pool2d_c5(%x: tensor<1x5000x5000x1x!i8>) {
  // expected-error @+1 {{expects windows whose sums fit 32 bits, but got 5000 x 5000 codes}}
  %y = lowbit.mean_pool2d %x {kernel = array<i64: 5000, 5000>, stride = array<i64: 1, 1>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x5000x5000x1x!i8> to tensor<1x1x1x1x!i8>
  return
}

// -----

!i8 = !quant.uniform<i8:f32, 0.5:3>

func.func @add_c4_negative(%x: tensor<4x!i8>) {
  // expected-error @+1 {{expects codes of 32 bits after a left shift of at least 0, but got -1}}
  %y = lowbit.add %x, %x {multipliers = array<i32: 1, 1, 1>, shifts = array<i32: 31, 31, 31>,
    left_shift = -1 : i32, min = -128 : i32, max = 127 : i32}
    : tensor<4x!i8>, tensor<4x!i8> to tensor<4x!i8>
  return
}

// -----

!i8 = !quant.uniform<i8:f32, 0.5:3>

func.func @add_c4_large(%x: tensor<4x!i8>) {
  // expected-error @+1 {{expects codes of 32 bits after a left shift of at least 0, but got 24}}
  %y = lowbit.add %x, %x {multipliers = array<i32: 1, 1, 1>, shifts = array<i32: 31, 31, 31>,
    left_shift = 24 : i32, min = -128 : i32, max = 127 : i32}
    : tensor<4x!i8>, tensor<4x!i8> to tensor<4x!i8>
  return
}
