// RUN: lowbit-opt %s -split-input-file -verify-diagnostics

// Random rounding, and codes with parameters that are computed. One chunk for each
// constraint (Cn) of an operation's description, and for each way to break it.

!u8 = !quant.uniform<u8:f32, 0.5:3>
func.func @encode_c7_none(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'seed' and 'tensor_id' with the rounding 'stochastic'}}
  %y = lowbit.encode %x {rounding = #lowbit.rounding<stochastic>} : tensor<4xf32> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>
func.func @encode_c7_half(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'seed' and 'tensor_id' with the rounding 'stochastic'}}
  %y = lowbit.encode %x {rounding = #lowbit.rounding<stochastic>, seed = 1 : i64} : tensor<4xf32> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>
func.func @encode_c7_other(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'seed' and 'tensor_id' with the rounding 'stochastic' only}}
  %y = lowbit.encode %x {tensor_id = 1 : i64} : tensor<4xf32> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>
func.func @encode_c7_range(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'seed' and 'tensor_id' from 0 to 2^32 - 1, but got -1}}
  %y = lowbit.encode %x {rounding = #lowbit.rounding<stochastic>, seed = 1 : i64,
    tensor_id = -1 : i64} : tensor<4xf32> to tensor<4x!u8>
  return
}

// -----

func.func @encode_c4_stochastic(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects no 'rounding', 'saturation' or 'scaling' where thresholds are counted}}
  %y = lowbit.encode %x {rounding = #lowbit.rounding<stochastic>, seed = 1 : i64, tensor_id = 1 : i64}
    : tensor<4xf32> to tensor<4x!lowbit.planes<sign x 1, [0.5]>>
  return
}

// -----

func.func @observe_c3_seed(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'channels', 'balanced' and 'seed' with the role 'weight' only}}
  %y = lowbit.observe %x {name = "a", role = #lowbit.role<head>, seed = 1 : i64} : tensor<4xf32>
  return
}

// -----

func.func @observe_c4(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'balanced' or 'seed', but got both}}
  %y = lowbit.observe %x {name = "a", role = #lowbit.role<weight>, balanced, seed = 1 : i64} : tensor<4xf32>
  return
}

// -----

func.func @observe_c4_range(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'seed' from 0 to 2^32 - 1, but got 4294967296}}
  %y = lowbit.observe %x {name = "a", role = #lowbit.role<weight>, seed = 4294967296 : i64} : tensor<4xf32>
  return
}

// -----

func.func @encode_dynamic_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a result of the input's shape, but got}}
  %q, %s = lowbit.encode_dynamic %x : tensor<4xf32> to tensor<5x!lowbit.affine<i8>>, tensor<1xf32>
  return
}

// -----

func.func @encode_dynamic_c2_static(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects '!lowbit.affine' without 'group' and with codes on both sides of 0, or '!lowbit.planes' with 'dynamic', but got '!lowbit.planes<sign x 1, [5.000000e-01]>'}}
  %q, %s = lowbit.encode_dynamic %x : tensor<4xf32> to tensor<4x!lowbit.planes<sign x 1, [0.5]>>, tensor<1xf32>
  return
}

// -----

func.func @encode_dynamic_c2_group(%x: tensor<4xf32>) {
  // expected-error @+1 {{without 'group' and with codes on both sides of 0}}
  %q, %s = lowbit.encode_dynamic %x : tensor<4xf32> to tensor<4x!lowbit.affine<i8, axis = 0, group = 2>>, tensor<2xf32>
  return
}

// -----

func.func @encode_dynamic_c2_range(%x: tensor<4xf32>) {
  // expected-error @+1 {{without 'group' and with codes on both sides of 0}}
  %q, %s = lowbit.encode_dynamic %x : tensor<4xf32> to tensor<4x!lowbit.affine<i8<-8:0>>>, tensor<1xf32>
  return
}

// -----

func.func @encode_dynamic_c2_uniform(%x: tensor<4xf32>) {
  // expected-error @+1 {{without 'group' and with codes on both sides of 0}}
  %q, %s = lowbit.encode_dynamic %x : tensor<4xf32> to tensor<4x!quant.uniform<i8:f32, 0.5>>, tensor<1xf32>
  return
}

// -----

func.func @encode_dynamic_c3(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects parameters of types 'tensor<1xf32>', 'tensor<1xi32>' beside codes of '!lowbit.affine<u8, zero>'}}
  %q, %s = lowbit.encode_dynamic %x : tensor<4xf32> to tensor<4x!lowbit.affine<u8, zero>>, tensor<1xf32>
  return
}

// -----

func.func @encode_dynamic_c3_planes(%x: tensor<4x2xf32>) {
  // expected-error @+1 {{expects parameters of types 'tensor<2x3xf32>' beside codes}}
  %q, %s = lowbit.encode_dynamic %x : tensor<4x2xf32> to tensor<4x2x!lowbit.planes<sign x 3, axis = 1, dynamic>>, tensor<4x3xf32>
  return
}

// -----

func.func @encode_dynamic_c4(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a dimension 1, the axis of the format}}
  %q, %s = lowbit.encode_dynamic %x : tensor<4xf32> to tensor<4x!lowbit.affine<i8, axis = 1>>, tensor<4xf32>
  return
}

// -----

func.func @decode_c4_planes(%q: tensor<4x!lowbit.planes<sign x 2, dynamic>>) {
  // expected-error @+1 {{expects parameters of types 'tensor<1x2xf32>' beside codes}}
  %x = lowbit.decode %q : tensor<4x!lowbit.planes<sign x 2, dynamic>> to tensor<4xf32>
  return
}

// -----

func.func @encode_c3_planes(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a format without parameters, but got '!lowbit.planes<sign x 2, dynamic>'}}
  %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!lowbit.planes<sign x 2, dynamic>>
  return
}

// -----

func.func @steps_c2(%q: tensor<4x!lowbit.affine<i8>>) {
  // expected-error @+1 {{expects codes of a format that is not affine and has no parameters but scales of planes}}
  %s = lowbit.steps %q : tensor<4x!lowbit.affine<i8>> to tensor<4x!quant.uniform<i8:f32, 1.0>>
  return
}

// -----

// expected-error @+1 {{expects the alphabet 'sign' with 'dynamic' scales}}
func.func private @planes_bits(tensor<4x!lowbit.planes<bit x 2, dynamic>>)

// -----

// expected-error @+1 {{expected scales, or 'dynamic'}}
func.func private @planes_nothing(tensor<4x!lowbit.planes<sign x 2, []>>)

// -----

func.func @rounds_affine(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'rounds' up to 8, for 2 to 4 planes, but got 1 for '!lowbit.affine<i8>'}}
  %q, %s = lowbit.encode_dynamic %x {rounds = 1} : tensor<4xf32> to tensor<4x!lowbit.affine<i8>>, tensor<1xf32>
  return
}

// -----

func.func @rounds_one_plane(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'rounds' up to 8, for 2 to 4 planes, but got 1 for '!lowbit.planes<sign x 1, dynamic>'}}
  %q, %s = lowbit.encode_dynamic %x {rounds = 1} : tensor<4xf32> to tensor<4x!lowbit.planes<sign x 1, dynamic>>, tensor<1x1xf32>
  return
}

// -----

func.func @rounds_five_planes(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'rounds' up to 8, for 2 to 4 planes, but got 1 for '!lowbit.planes<sign x 5, dynamic>'}}
  %q, %s = lowbit.encode_dynamic %x {rounds = 1} : tensor<4xf32> to tensor<4x!lowbit.planes<sign x 5, dynamic>>, tensor<1x5xf32>
  return
}

// -----

func.func @rounds_many(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'rounds' up to 8, for 2 to 4 planes, but got 9 for '!lowbit.planes<sign x 2, dynamic>'}}
  %q, %s = lowbit.encode_dynamic %x {rounds = 9} : tensor<4xf32> to tensor<4x!lowbit.planes<sign x 2, dynamic>>, tensor<1x2xf32>
  return
}

// -----

func.func @rounds_negative(%x: tensor<4xf32>) {
  // expected-error @+1 {{attribute 'rounds' failed to satisfy constraint: 64-bit signless integer attribute whose value is non-negative}}
  %q, %s = lowbit.encode_dynamic %x {rounds = -1} : tensor<4xf32> to tensor<4x!lowbit.planes<sign x 2, dynamic>>, tensor<1x2xf32>
  return
}
