// RUN: lowbit-opt %s -split-input-file -verify-diagnostics

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @add_c1(%a: tensor<4x!u8>, %b: tensor<5x!u8>) {
  // expected-error @+1 {{expects a result of the operands' shape, where they have no size of 1, but got}}
  %y = lowbit.add %a, %b {multipliers = array<i32: 1, 1, 1>, shifts = array<i32: 12, 12, 49>,
    min = 0 : i32, max = 255 : i32}
    : tensor<4x!u8>,
      tensor<5x!u8>
    to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @add_c1_operand(%a: tensor<4x!u8>,
                          %b: tensor<4x!quant.uniform<u8:f32:0, {0.5, 0.25, 0.5, 0.5}>>) {
  // expected-error @+1 {{expects per-tensor formats '!quant.uniform'}}
  %y = lowbit.add %a, %b {multipliers = array<i32: 1, 1, 1>, shifts = array<i32: 12, 12, 49>,
    min = 0 : i32, max = 255 : i32}
    : tensor<4x!u8>,
      tensor<4x!quant.uniform<u8:f32:0, {0.5, 0.25, 0.5, 0.5}>>
    to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @add_c1_result(%a: tensor<4x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects per-tensor formats '!quant.uniform'}}
  %y = lowbit.add %a, %b {multipliers = array<i32: 1, 1, 1>, shifts = array<i32: 12, 12, 49>,
    min = 0 : i32, max = 255 : i32}
    : tensor<4x!u8>,
      tensor<4x!u8>
    to tensor<4x!quant.uniform<u8:f32:0, {0.5, 0.25, 0.5, 0.5}>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @add_c2(%a: tensor<4x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects three multipliers and three shifts, but got 2 and 3}}
  %y = lowbit.add %a, %b {multipliers = array<i32: 1, 1>, shifts = array<i32: 12, 12, 49>,
    min = 0 : i32, max = 255 : i32}
    : tensor<4x!u8>,
      tensor<4x!u8>
    to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @add_c2_multiplier(%a: tensor<4x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects multipliers of at least 0, but got -5}}
  %y = lowbit.add %a, %b {multipliers = array<i32: 1, -5, 1>, shifts = array<i32: 12, 12, 49>,
    min = 0 : i32, max = 255 : i32}
    : tensor<4x!u8>,
      tensor<4x!u8>
    to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @add_c2_shift(%a: tensor<4x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects shifts between 2 and 62, but got 63}}
  %y = lowbit.add %a, %b {multipliers = array<i32: 1, 1, 1>, shifts = array<i32: 12, 12, 63>,
    min = 0 : i32, max = 255 : i32}
    : tensor<4x!u8>,
      tensor<4x!u8>
    to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @add_c3(%a: tensor<4x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects 'min' <= 'max', but got 3 and 2}}
  %y = lowbit.add %a, %b {multipliers = array<i32: 1, 1, 1>, shifts = array<i32: 12, 12, 49>,
    min = 3 : i32, max = 2 : i32}
    : tensor<4x!u8>,
      tensor<4x!u8>
    to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @add_c3_range(%a: tensor<4x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects 'min' and 'max' in the storage range [0, 255]}}
  %y = lowbit.add %a, %b {multipliers = array<i32: 1, 1, 1>, shifts = array<i32: 12, 12, 49>,
    min = -1 : i32, max = 255 : i32}
    : tensor<4x!u8>,
      tensor<4x!u8>
    to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Ranks are not extended.
func.func @add_c1_rank(%a: tensor<2x4x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects a result of the operands' shape}}
  %y = lowbit.add %a, %b {multipliers = array<i32: 1, 1, 1>, shifts = array<i32: 12, 12, 49>,
    min = 0 : i32, max = 255 : i32} : tensor<2x4x!u8>, tensor<4x!u8> to tensor<2x4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// No operand has the size of the result.
func.func @add_c1_both_repeated(%a: tensor<1x4x!u8>, %b: tensor<1x4x!u8>) {
  // expected-error @+1 {{expects a result of the operands' shape}}
  %y = lowbit.add %a, %b {multipliers = array<i32: 1, 1, 1>, shifts = array<i32: 12, 12, 49>,
    min = 0 : i32, max = 255 : i32} : tensor<1x4x!u8>, tensor<1x4x!u8> to tensor<2x4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// The result has less.
func.func @add_c1_result_of_one(%a: tensor<2x!u8>, %b: tensor<2x!u8>) {
  // expected-error @+1 {{expects a result of the operands' shape}}
  %y = lowbit.add %a, %b {multipliers = array<i32: 1, 1, 1>, shifts = array<i32: 12, 12, 49>,
    min = 0 : i32, max = 255 : i32} : tensor<2x!u8>, tensor<2x!u8> to tensor<1x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// What is unknown may be anything.
func.func @add_c1_dynamic(%a: tensor<?x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects a result of the operands' shape}}
  %y = lowbit.add %a, %b {multipliers = array<i32: 1, 1, 1>, shifts = array<i32: 12, 12, 49>,
    min = 0 : i32, max = 255 : i32} : tensor<?x!u8>, tensor<4x!u8> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Shapes differ.
func.func @mul_c1(%a: tensor<4x!u8>, %b: tensor<3x!u8>) {
  // expected-error @+1 {{expects a result of the operands' shape}}
  %y = lowbit.mul %a, %b {multiplier = 1 : i32, shift = 12 : i32, min = 0 : i32,
    max = 255 : i32} : tensor<4x!u8>, tensor<3x!u8> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Formats are per tensor.
func.func @mul_c1_format(%a: tensor<4x!u8>, %b: tensor<4x!quant.uniform<u8:f32:0, {0.5, 0.5, 0.5, 0.5}>>) {
  // expected-error @+1 {{expects per-tensor formats '!quant.uniform'}}
  %y = lowbit.mul %a, %b {multiplier = 1 : i32, shift = 12 : i32, min = 0 : i32,
    max = 255 : i32} : tensor<4x!u8>, tensor<4x!quant.uniform<u8:f32:0, {0.5, 0.5, 0.5, 0.5}>> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// 65535 * 65535.
func.func @mul_c2(%a: tensor<4x!quant.uniform<u16:f32, 0.5>>, %b: tensor<4x!quant.uniform<u16:f32, 0.5>>) {
  // expected-error @+1 {{expects products of 32 bits, but got}}
  %y = lowbit.mul %a, %b {multiplier = 1 : i32, shift = 12 : i32, min = 0 : i32,
    max = 255 : i32} : tensor<4x!quant.uniform<u16:f32, 0.5>>, tensor<4x!quant.uniform<u16:f32, 0.5>> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// A zero point far away makes a small code a large difference.
func.func @mul_c2_zero_point(%a: tensor<4x!quant.uniform<u8:f32, 0.5:9223372036854775807>>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects products of 32 bits, but got}}
  %y = lowbit.mul %a, %b {multiplier = 1 : i32, shift = 12 : i32, min = 0 : i32,
    max = 255 : i32} : tensor<4x!quant.uniform<u8:f32, 0.5:9223372036854775807>>, tensor<4x!u8> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// A negative multiplier.
func.func @mul_c3_multiplier(%a: tensor<4x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects multipliers of at least 0, but got -1}}
  %y = lowbit.mul %a, %b {multiplier = -1 : i32, shift = 12 : i32, min = 0 : i32,
    max = 255 : i32} : tensor<4x!u8>, tensor<4x!u8> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// A shift that is too small.
func.func @mul_c3_shift(%a: tensor<4x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects shifts between 2 and 62, but got 1}}
  %y = lowbit.mul %a, %b {multiplier = 1 : i32, shift = 1 : i32, min = 0 : i32,
    max = 255 : i32} : tensor<4x!u8>, tensor<4x!u8> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// An empty range.
func.func @mul_c4(%a: tensor<4x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects 'min' <= 'max', but got 3 and 2}}
  %y = lowbit.mul %a, %b {multiplier = 1 : i32, shift = 12 : i32, min = 3 : i32,
    max = 2 : i32} : tensor<4x!u8>, tensor<4x!u8> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// A range beyond the storage.
func.func @mul_c4_range(%a: tensor<4x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects 'min' and 'max' in the storage range}}
  %y = lowbit.mul %a, %b {multiplier = 1 : i32, shift = 12 : i32, min = 0 : i32,
    max = 256 : i32} : tensor<4x!u8>, tensor<4x!u8> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Shapes differ.
func.func @maximum_c1(%a: tensor<4x!u8>, %b: tensor<3x!u8>) {
  // expected-error @+1 {{expects a result of the operands' shape}}
  %y = lowbit.maximum %a, %b : tensor<4x!u8>, tensor<3x!u8> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// An operand of another format.
func.func @maximum_c2(%a: tensor<4x!u8>, %b: tensor<4x!quant.uniform<u8:f32, 0.25:3>>) {
  // expected-error @+1 {{expects operands of the result's format}}
  %y = lowbit.maximum %a, %b : tensor<4x!u8>, tensor<4x!quant.uniform<u8:f32, 0.25:3>> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// A result of another format.
func.func @maximum_c2_result(%a: tensor<4x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects operands of the result's format}}
  %y = lowbit.maximum %a, %b : tensor<4x!u8>, tensor<4x!u8> to tensor<4x!quant.uniform<u8:f32, 0.25:3>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// Shapes differ.
func.func @minimum_c1(%a: tensor<4x!u8>, %b: tensor<3x!u8>) {
  // expected-error @+1 {{expects a result of the operands' shape}}
  %y = lowbit.minimum %a, %b : tensor<4x!u8>, tensor<3x!u8> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// An operand of another format.
func.func @minimum_c2(%a: tensor<4x!u8>, %b: tensor<4x!quant.uniform<u8:f32, 0.25:3>>) {
  // expected-error @+1 {{expects operands of the result's format}}
  %y = lowbit.minimum %a, %b : tensor<4x!u8>, tensor<4x!quant.uniform<u8:f32, 0.25:3>> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

// A result of another format.
func.func @minimum_c2_result(%a: tensor<4x!u8>, %b: tensor<4x!u8>) {
  // expected-error @+1 {{expects operands of the result's format}}
  %y = lowbit.minimum %a, %b : tensor<4x!u8>, tensor<4x!u8> to tensor<4x!quant.uniform<u8:f32, 0.25:3>>
  return
}
