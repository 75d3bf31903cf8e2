// RUN: lowbit-opt %s -split-input-file -verify-diagnostics

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Beyond the rank.
func.func @arg_max_c1(%x: tensor<4x5x!u8>) {
  // expected-error @+1 {{expects 'axis' to be a dimension of}}
  %y = lowbit.arg_max %x {axis = 2 : i64} : tensor<4x5x!u8> to tensor<4xi32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Counted from the end.
func.func @arg_max_c1_negative(%x: tensor<4x5x!u8>) {
  // expected-error @+1 {{expects 'axis' to be a dimension of}}
  %y = lowbit.arg_max %x {axis = -1 : i64} : tensor<4x5x!u8> to tensor<4xi32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// It is not known how many there are.
func.func @arg_max_c1_dynamic(%x: tensor<4x?x!u8>) {
  // expected-error @+1 {{expects 'axis' to be a dimension of}}
  %y = lowbit.arg_max %x {axis = 1 : i64} : tensor<4x?x!u8> to tensor<4xi32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// There is none.
func.func @arg_max_c1_empty(%x: tensor<4x0x!u8>) {
  // expected-error @+1 {{expects 'axis' to be a dimension of}}
  %y = lowbit.arg_max %x {axis = 1 : i64} : tensor<4x0x!u8> to tensor<4xi32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Positions of more than 31 bits.
func.func @arg_max_c1_size(%x: tensor<2147483648x!u8>) {
  // expected-error @+1 {{expects 'axis' to be a dimension of}}
  %y = lowbit.arg_max %x {axis = 0 : i64} : tensor<2147483648x!u8> to tensor<i32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// The dimension is left.
func.func @arg_max_c2(%x: tensor<4x5x!u8>) {
  // expected-error @+1 {{expects a result of}}
  %y = lowbit.arg_max %x {axis = 1 : i64} : tensor<4x5x!u8> to tensor<4x1xi32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// A format per axis.
func.func @arg_max_c3(%x: tensor<2x5x!quant.uniform<u8:f32:0, {0.5, 0.5}>>) {
  // expected-error @+1 {{expects per-tensor formats '!quant.uniform'}}
  %y = lowbit.arg_max %x {axis = 1 : i64} : tensor<2x5x!quant.uniform<u8:f32:0, {0.5, 0.5}>> to tensor<2xi32>
  return
}
