// RUN: lowbit-opt %s -split-input-file -verify-diagnostics

!u8 = !quant.uniform<u8:f32, 0.5:3>

// No dimension.
func.func @sum_c1_none(%x: tensor<4x5x!u8>) {
  // expected-error @+1 {{expects 'dimensions' of}}
  %y = lowbit.sum %x {dimensions = array<i64>} : tensor<4x5x!u8> to tensor<4x5x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Not in order.
func.func @sum_c1_order(%x: tensor<4x5x!u8>) {
  // expected-error @+1 {{in ascending order, but got [1, 0]}}
  %y = lowbit.sum %x {dimensions = array<i64: 1, 0>} : tensor<4x5x!u8> to tensor<1x1x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// One of them twice.
func.func @sum_c1_twice(%x: tensor<4x5x!u8>) {
  // expected-error @+1 {{in ascending order, but got [1, 1]}}
  %y = lowbit.sum %x {dimensions = array<i64: 1, 1>} : tensor<4x5x!u8> to tensor<4x1x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Counted from the end.
func.func @sum_c1_negative(%x: tensor<4x5x!u8>) {
  // expected-error @+1 {{in ascending order, but got [-1]}}
  %y = lowbit.sum %x {dimensions = array<i64: -1>} : tensor<4x5x!u8> to tensor<4x1x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Beyond the rank.
func.func @sum_c1_range(%x: tensor<4x5x!u8>) {
  // expected-error @+1 {{in ascending order, but got [2]}}
  %y = lowbit.sum %x {dimensions = array<i64: 2>} : tensor<4x5x!u8> to tensor<4x1x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// The dimension is gone.
func.func @sum_c2(%x: tensor<4x5x!u8>) {
  // expected-error @+1 {{expects a result of}}
  %y = lowbit.sum %x {dimensions = array<i64: 1>} : tensor<4x5x!u8> to tensor<4x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// An input per axis.
func.func @sum_c3_axis(%x: tensor<2x5x!quant.uniform<u8:f32:0, {0.5, 0.5}>>) {
  // expected-error @+1 {{expects per-tensor formats '!quant.uniform'}}
  %y = lowbit.sum %x {dimensions = array<i64: 1>} : tensor<2x5x!quant.uniform<u8:f32:0, {0.5, 0.5}>> to tensor<2x1x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// A result per axis.
func.func @sum_c3_axis_result(%x: tensor<2x5x!u8>) {
  // expected-error @+1 {{expects per-tensor formats '!quant.uniform'}}
  %y = lowbit.sum %x {dimensions = array<i64: 1>} : tensor<2x5x!u8> to tensor<2x1x!quant.uniform<i32:f32:0, {0.5, 0.5}>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Sums of 16 bits.
func.func @sum_c3_width(%x: tensor<2x5x!u8>) {
  // expected-error @+1 {{expects codes of 32 bits with the scale of}}
  %y = lowbit.sum %x {dimensions = array<i64: 1>} : tensor<2x5x!u8> to tensor<2x1x!quant.uniform<i16:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Sums without a sign.
func.func @sum_c3_unsigned(%x: tensor<2x5x!u8>) {
  // expected-error @+1 {{expects codes of 32 bits with the scale of}}
  %y = lowbit.sum %x {dimensions = array<i64: 1>} : tensor<2x5x!u8> to tensor<2x1x!quant.uniform<u32:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Not all of 32 bits.
func.func @sum_c3_range(%x: tensor<2x5x!u8>) {
  // expected-error @+1 {{expects codes of 32 bits with the scale of}}
  %y = lowbit.sum %x {dimensions = array<i64: 1>} : tensor<2x5x!u8> to tensor<2x1x!quant.uniform<i32<-7:7>:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// A zero point.
func.func @sum_c3_zero_point(%x: tensor<2x5x!u8>) {
  // expected-error @+1 {{expects codes of 32 bits with the scale of}}
  %y = lowbit.sum %x {dimensions = array<i64: 1>} : tensor<2x5x!u8> to tensor<2x1x!quant.uniform<i32:f32, 0.5:1>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Another scale.
func.func @sum_c3_scale(%x: tensor<2x5x!u8>) {
  // expected-error @+1 {{expects codes of 32 bits with the scale of}}
  %y = lowbit.sum %x {dimensions = array<i64: 1>} : tensor<2x5x!u8> to tensor<2x1x!quant.uniform<i32:f32, 0.25>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// It is not known how many are summed.
func.func @sum_c4_dynamic(%x: tensor<2x?x!u8>) {
  // expected-error @+1 {{expects static sizes to sum over}}
  %y = lowbit.sum %x {dimensions = array<i64: 1>} : tensor<2x?x!u8> to tensor<2x1x!quant.uniform<i32:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// 252 * 2^24.
func.func @sum_c4_overflow(%x: tensor<16777216x!u8>) {
  // expected-error @+1 {{expects sums of 32 bits}}
  %y = lowbit.sum %x {dimensions = array<i64: 0>} : tensor<16777216x!u8> to tensor<1x!quant.uniform<i32:f32, 0.5>>
  return
}
