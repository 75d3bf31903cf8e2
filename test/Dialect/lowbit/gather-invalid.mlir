// RUN: lowbit-opt %s -split-input-file -verify-diagnostics

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Two dimensions.
func.func @gather_c1_rank(%x: tensor<4x3x!u8>, %i: tensor<1x7xi32>) {
  // expected-error @+1 {{expects [batch, position, channel] that differ in positions only}}
  %y = lowbit.gather %x, %i : tensor<4x3x!u8>, tensor<1x7xi32> to tensor<7x3x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Two dimensions of the result.
func.func @gather_c1_rank_result(%x: tensor<2x4x3x!u8>, %i: tensor<1x7xi32>) {
  // expected-error @+1 {{expects [batch, position, channel] that differ in positions only}}
  %y = lowbit.gather %x, %i : tensor<2x4x3x!u8>, tensor<1x7xi32> to tensor<7x3x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Batches differ.
func.func @gather_c1_batch(%x: tensor<2x4x3x!u8>, %i: tensor<1x7xi32>) {
  // expected-error @+1 {{expects [batch, position, channel] that differ in positions only}}
  %y = lowbit.gather %x, %i : tensor<2x4x3x!u8>, tensor<1x7xi32> to tensor<1x7x3x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Channels differ.
func.func @gather_c1_channel(%x: tensor<2x4x3x!u8>, %i: tensor<1x7xi32>) {
  // expected-error @+1 {{expects [batch, position, channel] that differ in positions only}}
  %y = lowbit.gather %x, %i : tensor<2x4x3x!u8>, tensor<1x7xi32> to tensor<2x7x4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Formats differ.
func.func @gather_c1_format(%x: tensor<2x4x3x!u8>, %i: tensor<1x7xi32>) {
  // expected-error @+1 {{expects [batch, position, channel] that differ in positions only}}
  %y = lowbit.gather %x, %i : tensor<2x4x3x!u8>, tensor<1x7xi32> to tensor<2x7x3x!quant.uniform<u8:f32, 0.25:3>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// A format per axis.
func.func @gather_c1_axis(%x: tensor<2x4x3x!quant.uniform<u8:f32:0, {0.5, 0.5}>>, %i: tensor<1x7xi32>) {
  // expected-error @+1 {{expects a format without an axis and without parameters}}
  %y = lowbit.gather %x, %i : tensor<2x4x3x!quant.uniform<u8:f32:0, {0.5, 0.5}>>, tensor<1x7xi32> to tensor<2x7x3x!quant.uniform<u8:f32:0, {0.5, 0.5}>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Neither one row, nor one for each batch.
func.func @gather_c2_rows(%x: tensor<3x4x3x!u8>, %i: tensor<2x7xi32>) {
  // expected-error @+1 {{expects indices of [batch or 1, 7], but got}}
  %y = lowbit.gather %x, %i : tensor<3x4x3x!u8>, tensor<2x7xi32> to tensor<3x7x3x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// More indices than results.
func.func @gather_c2_columns(%x: tensor<2x4x3x!u8>, %i: tensor<1x8xi32>) {
  // expected-error @+1 {{expects indices of [batch or 1, 7], but got}}
  %y = lowbit.gather %x, %i : tensor<2x4x3x!u8>, tensor<1x8xi32> to tensor<2x7x3x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// It is not known where the last position is.
func.func @gather_c3_dynamic(%x: tensor<2x?x3x!u8>, %i: tensor<1x7xi32>) {
  // expected-error @+1 {{expects a static number of positions}}
  %y = lowbit.gather %x, %i : tensor<2x?x3x!u8>, tensor<1x7xi32> to tensor<2x7x3x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// There is no position.
func.func @gather_c3_empty(%x: tensor<2x0x3x!u8>, %i: tensor<1x7xi32>) {
  // expected-error @+1 {{expects a static number of positions}}
  %y = lowbit.gather %x, %i : tensor<2x0x3x!u8>, tensor<1x7xi32> to tensor<2x7x3x!u8>
  return
}
