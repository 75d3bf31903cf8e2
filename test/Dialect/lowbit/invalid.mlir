// RUN: lowbit-opt %s -split-input-file -verify-diagnostics

// One chunk for each constraint (Cn) of an operation's description, and for each
// other way to break it. lowbit.contract: contract-invalid.mlir.

func.func @batch_norm_c1(%x: tensor<1x4xf32>, %c: tensor<3xf32>) {
  // expected-error @+1 {{expects one parameter for each of 4 channels, but got 'tensor<3xf32>'}}
  %y = lowbit.batch_norm %x, %c, %c, %c, %c {epsilon = 0.0 : f32} : tensor<1x4xf32>, tensor<3xf32>
  return
}

// -----

func.func @batch_norm_c1_scalar(%x: tensor<f32>, %c: tensor<1xf32>) {
  // expected-error @+1 {{expects an input with channels, but got 'tensor<f32>'}}
  %y = lowbit.batch_norm %x, %c, %c, %c, %c {epsilon = 0.0 : f32} : tensor<f32>, tensor<1xf32>
  return
}

// -----

func.func @batch_norm_c2(%x: tensor<1x4xf32>, %c: tensor<4xf32>) {
  // expected-error @+1 {{expects a finite epsilon of at least 0}}
  %y = lowbit.batch_norm %x, %c, %c, %c, %c {epsilon = -1.0 : f32} : tensor<1x4xf32>, tensor<4xf32>
  return
}

// -----

func.func @softmax_c1(%x: tensor<4x10xf32>) {
  // expected-error @+1 {{expects 'axis' to be a dimension of 'tensor<4x10xf32>', but got 2}}
  %y = lowbit.softmax %x {axis = 2 : i64} : tensor<4x10xf32>
  return
}

// -----

func.func @softmax_c1_negative(%x: tensor<4x10xf32>) {
  // expected-error @+1 {{expects 'axis' to be a dimension of 'tensor<4x10xf32>', but got -1}}
  %y = lowbit.softmax %x {axis = -1 : i64} : tensor<4x10xf32>
  return
}

// -----

func.func @observe_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'format' to be a format of f32 numbers, but got 'i8'}}
  %y = lowbit.observe %x {name = "a", role = #lowbit.role<activation>, format = i8} : tensor<4xf32>
  return
}

// -----

func.func @observe_c1_f16(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'format' to be a format of f32 numbers, but got}}
  %y = lowbit.observe %x {name = "a", role = #lowbit.role<activation>,
    format = !quant.uniform<i8:f16, 0.5>} : tensor<4xf32>
  return
}

// -----

func.func @observe_c3(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'channels', 'balanced' and 'seed' with the role 'weight' only}}
  %y = lowbit.observe %x {name = "a", role = #lowbit.role<activation>, balanced} : tensor<4xf32>
  return
}

// -----

func.func @observe_c3_channels(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'channels', 'balanced' and 'seed' with the role 'weight' only}}
  %y = lowbit.observe %x {name = "a", role = #lowbit.role<head>,
    channels = #lowbit.channels<min = [0.0], max = [1.0], mean = [0.5]>} : tensor<4xf32>
  return
}

// -----

// expected-error @+1 {{expects equally many 'min', 'max' and 'mean', at least one, but got 1, 2 and 1}}
#channels = #lowbit.channels<min = [0.0], max = [1.0, 2.0], mean = [0.5]>
func.func private @channels_count() attributes {a = #channels}

// -----

// expected-error @+1 {{expects equally many 'min', 'max' and 'mean', at least one, but got 0, 0 and 0}}
#channels = #lowbit.channels<min = [], max = [], mean = []>
func.func private @channels_none() attributes {a = #channels}

// -----

// expected-error @+1 {{expects finite 'min' <= 'max' and a finite 'mean' of each channel, but got 2.0}}
#channels = #lowbit.channels<min = [2.0], max = [1.0], mean = [0.5]>
func.func private @channels_order() attributes {a = #channels}

// -----

// expected-error @+1 {{expects finite 'min' <= 'max' and a finite 'mean' of each channel, but got}}
#channels = #lowbit.channels<min = [0.0], max = [1.0], mean = [0x7F800000]>
func.func private @channels_finite() attributes {a = #channels}

// -----

func.func @observe_c2(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'format' or 'reason', but got both}}
  %y = lowbit.observe %x {name = "a", role = #lowbit.role<activation>, reason = "none",
    format = !quant.uniform<i8:f32, 0.5>} : tensor<4xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @encode_c1(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a result of the input's shape, but got}}
  %y = lowbit.encode %x : tensor<4xf32>
    to tensor<5x!u8>
  return
}

// -----

func.func @encode_c2(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a format that expresses f32, but got '!quant.uniform<i8:f16}}
  %y = lowbit.encode %x : tensor<4xf32>
    to tensor<4x!quant.uniform<i8:f16, 0.5>>
  return
}

// -----

func.func @encode_c3(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a number format, as '!quant.uniform' per tensor or per axis, but got}}
  %y = lowbit.encode %x : tensor<4xf32>
    to tensor<4x!quant.any<i8:f32>>
  return
}

// -----

func.func @encode_c3_axis(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a dimension 1, the axis of the format '!quant.uniform}}
  %y = lowbit.encode %x : tensor<4xf32>
    to tensor<4x!quant.uniform<i8:f32:1, {0.5, 0.25}>>
  return
}

// -----

func.func @encode_c3_count(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects one scale for each of 4 indices along axis 0, but the format has 2}}
  %y = lowbit.encode %x : tensor<4xf32>
    to tensor<4x!quant.uniform<i8:f32:0, {0.5, 0.25}>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @reinterpret_c1(%x: tensor<5x!u8>) {
  // expected-error @+1 {{expects a result of the input's shape, but got}}
  %y = lowbit.reinterpret %x : tensor<5x!u8> to tensor<4xi8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @reinterpret_c2(%x: tensor<4x!u8>) {
  // expected-error @+1 {{expects formats of one word, but got '!quant.uniform<u8:f32}}
  %y = lowbit.reinterpret %x : tensor<4x!u8> to tensor<4xi16>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @reinterpret_c2_sign(%x: tensor<4x!u8>) {
  // expected-error @+1 {{expects formats of one word, but got '!quant.uniform<u8:f32}}
  %y = lowbit.reinterpret %x : tensor<4x!u8> to tensor<4x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @reinterpret_c3(%x: tensor<4x!u8>) {
  // expected-error @+1 {{to be codes of '!quant.uniform<u4:f32}}
  %y = lowbit.reinterpret %x : tensor<4x!u8> to tensor<4x!quant.uniform<u4:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @reinterpret_c4(%x: tensor<4x!u8>) {
  // expected-error @+1 {{expects one scale for each of 4 indices along axis 0, but the format has 2}}
  %y = lowbit.reinterpret %x : tensor<4x!u8> to tensor<4x!quant.uniform<u8:f32:0, {0.5, 0.25}>>
  return
}

// -----

func.func @reinterpret_c5(%x: tensor<4xi8>) {
  // expected-error @+1 {{expects codes on one side, but got 'tensor<4xi8>' and 'tensor<4xi8>'}}
  %y = lowbit.reinterpret %x : tensor<4xi8> to tensor<4xi8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @decode_c1(%x: tensor<5x!u8>) {
  // expected-error @+1 {{expects a result of the input's shape, but got}}
  %y = lowbit.decode %x : tensor<5x!u8>
    to tensor<4xf32>
  return
}

// -----

func.func @decode_c2(%x: tensor<4x!quant.uniform<i8:f16, 0.5>>) {
  // expected-error @+1 {{expects a format that expresses f32, but got '!quant.uniform<i8:f16}}
  %y = lowbit.decode %x : tensor<4x!quant.uniform<i8:f16, 0.5>>
    to tensor<4xf32>
  return
}

// -----

func.func @decode_c3(%x: tensor<4x!quant.any<i8:f32>>) {
  // expected-error @+1 {{expects a number format, as '!quant.uniform' per tensor or per axis, but got}}
  %y = lowbit.decode %x : tensor<4x!quant.any<i8:f32>>
    to tensor<4xf32>
  return
}

// -----

func.func @decode_c3_axis(%x: tensor<4x!quant.uniform<i8:f32:1, {0.5, 0.25}>>) {
  // expected-error @+1 {{expects a dimension 1, the axis of the format '!quant.uniform}}
  %y = lowbit.decode %x : tensor<4x!quant.uniform<i8:f32:1, {0.5, 0.25}>>
    to tensor<4xf32>
  return
}

// -----

func.func @decode_c3_count(%x: tensor<4x!quant.uniform<i8:f32:0, {0.5, 0.25}>>) {
  // expected-error @+1 {{expects one scale for each of 4 indices along axis 0, but the format has 2}}
  %y = lowbit.decode %x : tensor<4x!quant.uniform<i8:f32:0, {0.5, 0.25}>>
    to tensor<4xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @constant_c1() {
  // expected-error @+1 {{expects a value of type 'tensor<4xi8>', but got 'tensor<3xi8>'}}
  %w = lowbit.constant dense<1> : tensor<3xi8> as tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @constant_c1_width() {
  // expected-error @+1 {{expects a value of type 'tensor<4xi8>', but got 'tensor<4xi16>'}}
  %w = lowbit.constant dense<1> : tensor<4xi16> as tensor<4x!u8>
  return
}

// -----

func.func @constant_c2() {
  // expected-error @+1 {{expects codes in the storage range of '!quant.uniform<u2:f32,}}
  %w = lowbit.constant dense<[1, 4, 2]> : tensor<3xi8> as tensor<3x!quant.uniform<u2:f32, 0.5>>
  return
}

// -----

func.func @constant_c2_narrow() {
  // expected-error @+1 {{expects codes in the storage range of '!quant.uniform<i8<-127:127>:f32,}}
  %w = lowbit.constant dense<-128> : tensor<3xi8>
    as tensor<3x!quant.uniform<i8<-127:127>:f32, 0.5>>
  return
}

// -----

func.func @constant_c3() {
  // expected-error @+1 {{expects a dimension 1, the axis of the format '!quant.uniform}}
  %w = lowbit.constant dense<1> : tensor<3xi8> as tensor<3x!quant.uniform<i8:f32:1, {0.5, 0.25}>>
  return
}

// -----

func.func @rescale_c1(%x: tensor<4xi32>, %m: tensor<1xi32>) {
  // expected-error @+1 {{expects a result of the value's shape, but got 'tensor<5xi32>' for}}
  %y = lowbit.rescale %x, %m, %m : tensor<4xi32>, tensor<1xi32> to tensor<5xi32>
  return
}

// -----

func.func @rescale_c1_kind(%x: vector<4xi32>, %m: vector<4xi32>) {
  // expected-error @+1 {{expects a result of the value's shape}}
  %y = lowbit.rescale %x, %m, %m : vector<4xi32>, vector<4xi32> to tensor<4xi32>
  return
}

// -----

func.func @rescale_c2_count(%x: tensor<4x2xi32>, %m: tensor<3xi32>) {
  // expected-error @+1 {{expects multiplier and shift of 4 elements, but got 'tensor<3xi32>'}}
  %y = lowbit.rescale %x, %m, %m {axis = 0 : i64}
    : tensor<4x2xi32>, tensor<3xi32> to tensor<4x2xi32>
  return
}

// -----

func.func @rescale_c2_axis(%x: tensor<4x2xi32>, %m: tensor<4xi32>) {
  // expected-error @+1 {{expects 'axis' to be a dimension of 'tensor<4x2xi32>', but got 2}}
  %y = lowbit.rescale %x, %m, %m {axis = 2 : i64}
    : tensor<4x2xi32>, tensor<4xi32> to tensor<4x2xi32>
  return
}

// -----

func.func @rescale_c2_scalar(%x: tensor<4xi32>, %m: i32) {
  // expected-error @+1 {{expects multiplier and shift of 1 elements, but got 'i32'}}
  %y = lowbit.rescale %x, %m, %m : tensor<4xi32>, i32 to tensor<4xi32>
  return
}

// -----

func.func @rescale_c2_vector(%x: vector<4xi32>, %m: i32) {
  // expected-error @+1 {{expects multiplier and shift of the value's type 'vector<4xi32>', but}}
  %y = lowbit.rescale %x, %m, %m : vector<4xi32>, i32 to vector<4xi32>
  return
}

// -----

func.func @rescale_c3_multiplier(%x: i32, %s: i32) {
  %m = arith.constant -1 : i32
  // expected-error @+1 {{expects multipliers of at least 0, but got -1}}
  %y = lowbit.rescale %x, %m, %s : i32, i32 to i32
  return
}

// -----

func.func @rescale_c3_shift(%x: i32, %m: i32) {
  %s = arith.constant 1 : i32
  // expected-error @+1 {{expects shifts between 2 and 62, but got 1}}
  %y = lowbit.rescale %x, %m, %s : i32, i32 to i32
  return
}

// -----

func.func @rescale_c3_tensor(%x: tensor<2xi32>, %m: tensor<2xi32>) {
  %s = arith.constant dense<[62, 63]> : tensor<2xi32>
  // expected-error @+1 {{expects shifts between 2 and 62, but got 63}}
  %y = lowbit.rescale %x, %m, %s {axis = 0 : i64} : tensor<2xi32>, tensor<2xi32> to tensor<2xi32>
  return
}

// -----

func.func @rescale_c4(%x: i32, %m: i32) {
  // expected-error @+1 {{expects 'min' <= 'max', but got 2 and 1}}
  %y = lowbit.rescale %x, %m, %m {min = 2 : i32, max = 1 : i32} : i32, i32 to i32
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @rescale_c5_range(%x: tensor<4xi32>, %m: tensor<1xi32>) {
  // expected-error @+1 {{expects 'min' and 'max' in the storage range [0, 255] of}}
  %y = lowbit.rescale %x, %m, %m {min = 0 : i32, max = 256 : i32, output_zero_point = 3 : i32}
    : tensor<4xi32>, tensor<1xi32> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @rescale_c5_output(%x: tensor<4xi32>, %m: tensor<1xi32>) {
  // expected-error @+1 {{expects 'output_zero_point' to be 3, as in '!quant.uniform<u8:f32,}}
  %y = lowbit.rescale %x, %m, %m {min = 0 : i32, max = 255 : i32}
    : tensor<4xi32>, tensor<1xi32> to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @rescale_c5_input(%x: tensor<4x!u8>, %m: tensor<1xi32>) {
  // expected-error @+1 {{expects 'input_zero_point' to be 3, as in '!quant.uniform<u8:f32,}}
  %y = lowbit.rescale %x, %m, %m : tensor<4x!u8>, tensor<1xi32> to tensor<4xi32>
  return
}

// -----

func.func @rescale_c5_per_axis(%x: tensor<2x!quant.uniform<u8:f32:0, {0.5, 0.25}>>,
                               %m: tensor<1xi32>) {
  // expected-error @+1 {{expects per-tensor formats '!quant.uniform', but got}}
  %y = lowbit.rescale %x, %m, %m
    : tensor<2x!quant.uniform<u8:f32:0, {0.5, 0.25}>>, tensor<1xi32> to tensor<2xi32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @concat_c1(%a: tensor<2x3x!u8>, %b: tensor<2x5x!quant.uniform<u8:f32, 0.25>>) {
  // expected-error @+1 {{expects operands of the result's format '!quant.uniform<u8:f32,}}
  %y = lowbit.concat %a, %b {axis = 1 : i64}
    : tensor<2x3x!u8>, tensor<2x5x!quant.uniform<u8:f32, 0.25>>
    to tensor<2x8x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @concat_c2_axis(%a: tensor<2x3x!u8>, %b: tensor<2x5x!u8>) {
  // expected-error @+1 {{expects 'axis' to be a dimension of 'tensor<2x8x}}
  %y = lowbit.concat %a, %b {axis = 2 : i64}
    : tensor<2x3x!u8>, tensor<2x5x!u8>
    to tensor<2x8x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @concat_c2_sum(%a: tensor<2x3x!u8>, %b: tensor<2x5x!u8>) {
  // expected-error @+1 {{expects a result of size 8 along dimension 1, but got 'tensor<2x9x}}
  %y = lowbit.concat %a, %b {axis = 1 : i64}
    : tensor<2x3x!u8>, tensor<2x5x!u8>
    to tensor<2x9x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @concat_c2_others(%a: tensor<2x3x!u8>, %b: tensor<4x5x!u8>) {
  // expected-error @+1 {{expects operands that agree with 'tensor<2x8x!quant.uniform<u8:f32,}}
  %y = lowbit.concat %a, %b {axis = 1 : i64}
    : tensor<2x3x!u8>, tensor<4x5x!u8>
    to tensor<2x8x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @concat_c2_rank(%a: tensor<2x3x!u8>, %b: tensor<5x!u8>) {
  // expected-error @+1 {{expects operands of rank 2, but got 'tensor<5x}}
  %y = lowbit.concat %a, %b {axis = 1 : i64}
    : tensor<2x3x!u8>, tensor<5x!u8>
    to tensor<2x8x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @concat_c3() {
  // expected-error @+1 {{expects at least one operand}}
  %y = "lowbit.concat"() {axis = 0 : i64} : () -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @pad_c1(%x: tensor<2x3x!u8>) {
  // expected-error @+1 {{expects 'low' and 'high' to have 2 entries from 0 to 2^31 - 1}}
  %y = lowbit.pad %x {low = array<i64: 0>, high = array<i64: 0, 1>}
    : tensor<2x3x!u8>
    to tensor<2x4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @pad_c1_negative(%x: tensor<2x3x!u8>) {
  // expected-error @+1 {{expects 'low' and 'high' to have 2 entries from 0 to 2^31 - 1}}
  %y = lowbit.pad %x {low = array<i64: 0, -1>, high = array<i64: 0, 0>}
    : tensor<2x3x!u8>
    to tensor<2x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @pad_c1_large(%x: tensor<2x3x!u8>) {
  // expected-error @+1 {{expects 'low' and 'high' to have 2 entries from 0 to 2^31 - 1}}
  %y = lowbit.pad %x {low = array<i64: 0, 9223372036854775807>, high = array<i64: 0, 0>}
    : tensor<2x3x!u8>
    to tensor<2x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @pad_c2(%x: tensor<2x3x!u8>) {
  // expected-error @+1 {{expects a result of type 'tensor<2x5x!quant.uniform<u8:f32,}}
  %y = lowbit.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 1>}
    : tensor<2x3x!u8>
    to tensor<2x4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @pad_c3(%x: tensor<2x3x!u8>) {
  // expected-error @+1 {{expects a result of the input's format '!quant.uniform<u8:f32,}}
  %y = lowbit.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 1>}
    : tensor<2x3x!u8>
    to tensor<2x5x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

func.func @pad_c3_per_axis(%x: tensor<2x3x!quant.uniform<u8:f32:0, {0.5, 0.25}>>) {
  // expected-error @+1 {{expects a format without an axis and without parameters, but got '!quant.uniform}}
  %y = lowbit.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 1>}
    : tensor<2x3x!quant.uniform<u8:f32:0, {0.5, 0.25}>>
    to tensor<2x5x!quant.uniform<u8:f32:0, {0.5, 0.25}>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @transpose_c1(%x: tensor<2x3x!u8>) {
  // expected-error @+1 {{expects 'permutation' to be one of 2 dimensions}}
  %y = lowbit.transpose %x {permutation = array<i64: 1, 1>}
    : tensor<2x3x!u8>
    to tensor<3x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @transpose_c1_count(%x: tensor<2x3x!u8>) {
  // expected-error @+1 {{expects 'permutation' to be one of 2 dimensions}}
  %y = lowbit.transpose %x {permutation = array<i64: 1, 0, 2>}
    : tensor<2x3x!u8>
    to tensor<3x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @transpose_c1_range(%x: tensor<2x3x!u8>) {
  // expected-error @+1 {{expects 'permutation' to be one of 2 dimensions}}
  %y = lowbit.transpose %x {permutation = array<i64: -1, 7>}
    : tensor<2x3x!u8>
    to tensor<3x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @transpose_c2(%x: tensor<2x3x!u8>) {
  // expected-error @+1 {{expects a result of type 'tensor<3x2x}}
  %y = lowbit.transpose %x {permutation = array<i64: 1, 0>}
    : tensor<2x3x!u8>
    to tensor<2x3x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @transpose_c3(%x: tensor<2x3x!u8>) {
  // expected-error @+1 {{expects a result of type 'tensor<3x2x!quant.uniform<u8:f32,}}
  %y = lowbit.transpose %x {permutation = array<i64: 1, 0>}
    : tensor<2x3x!u8>
    to tensor<3x2x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

func.func @transpose_c3_per_axis(%x: tensor<2x3x!quant.uniform<u8:f32:0, {0.5, 0.25}>>) {
  // expected-error @+1 {{expects a format without an axis and without parameters, but got '!quant.uniform}}
  %y = lowbit.transpose %x {permutation = array<i64: 1, 0>}
    : tensor<2x3x!quant.uniform<u8:f32:0, {0.5, 0.25}>>
    to tensor<3x2x!quant.uniform<u8:f32:0, {0.5, 0.25}>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @max_pool2d_c1_rank(%x: tensor<8x8x2x!u8>) {
  // expected-error @+1 {{expects [batch, height, width, channel] with one batch and channel}}
  %y = lowbit.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<8x8x2x!u8>
    to tensor<4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @avg_pool2d_c1_rank(%x: tensor<8x8x2x!u8>, %m: tensor<1x1xi32>) {
  // expected-error @+1 {{expects [batch, height, width, channel] with one batch and channel}}
  %y = lowbit.avg_pool2d %x, %m, %m {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<8x8x2x!u8>, tensor<1x1xi32>
    to tensor<4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @max_pool2d_c1_channels(%x: tensor<1x8x8x2x!u8>) {
  // expected-error @+1 {{expects [batch, height, width, channel] with one batch and channel size}}
  %y = lowbit.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>
    to tensor<1x4x4x3x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @avg_pool2d_c1_channels(%x: tensor<1x8x8x2x!u8>, %m: tensor<1x1xi32>) {
  // expected-error @+1 {{expects [batch, height, width, channel] with one batch and channel size}}
  %y = lowbit.avg_pool2d %x, %m, %m {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>, tensor<1x1xi32>
    to tensor<1x4x4x3x!u8>
  return
}

// -----

func.func @max_pool2d_c1_per_axis(%x: tensor<1x8x8x2x!quant.uniform<u8:f32:3, {0.5, 0.25}>>) {
  // expected-error @+1 {{expects a format without an axis and without parameters, but got '!quant.uniform}}
  %y = lowbit.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!quant.uniform<u8:f32:3, {0.5, 0.25}>>
    to tensor<1x4x4x2x!quant.uniform<u8:f32:3, {0.5, 0.25}>>
  return
}

// -----

func.func @avg_pool2d_c1_per_axis(%x: tensor<1x8x8x2x!quant.uniform<u8:f32:3, {0.5, 0.25}>>,
                                  %m: tensor<1x1xi32>) {
  // expected-error @+1 {{expects per-tensor formats '!quant.uniform'}}
  %y = lowbit.avg_pool2d %x, %m, %m {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!quant.uniform<u8:f32:3, {0.5, 0.25}>>, tensor<1x1xi32>
    to tensor<1x4x4x2x!quant.uniform<u8:f32:3, {0.5, 0.25}>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @max_pool2d_c1_format(%x: tensor<1x8x8x2x!u8>) {
  // expected-error @+1 {{expects a result of the input's format}}
  %y = lowbit.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>
    to tensor<1x4x4x2x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @max_pool2d_c2_entries(%x: tensor<1x8x8x2x!u8>) {
  // expected-error @+1 {{expects 'kernel' and 'stride' of 2 and 'pad' of 4 entries}}
  %y = lowbit.max_pool2d %x {kernel = array<i64: 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>
    to tensor<1x4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @avg_pool2d_c2_entries(%x: tensor<1x8x8x2x!u8>, %m: tensor<1x1xi32>) {
  // expected-error @+1 {{expects 'kernel' and 'stride' of 2 and 'pad' of 4 entries}}
  %y = lowbit.avg_pool2d %x, %m, %m {kernel = array<i64: 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>, tensor<1x1xi32>
    to tensor<1x4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @max_pool2d_c2_kernel(%x: tensor<1x8x8x2x!u8>) {
  // expected-error @+1 {{expects kernel and stride from 1 to 2^31 - 1, and pads of at least 0}}
  %y = lowbit.max_pool2d %x {kernel = array<i64: 0, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>
    to tensor<1x4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @avg_pool2d_c2_kernel(%x: tensor<1x8x8x2x!u8>, %m: tensor<1x1xi32>) {
  // expected-error @+1 {{expects kernel and stride from 1 to 2^31 - 1, and pads of at least 0}}
  %y = lowbit.avg_pool2d %x, %m, %m {kernel = array<i64: 0, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>, tensor<1x1xi32>
    to tensor<1x4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @max_pool2d_c2_kernel_large(%x: tensor<1x8x8x2x!u8>) {
  // expected-error @+1 {{expects kernel and stride from 1 to 2^31 - 1, and pads of at least 0}}
  %y = lowbit.max_pool2d %x {kernel = array<i64: 2147483648, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>
    to tensor<1x4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @avg_pool2d_c2_kernel_large(%x: tensor<1x8x8x2x!u8>, %m: tensor<1x1xi32>) {
  // expected-error @+1 {{expects kernel and stride from 1 to 2^31 - 1, and pads of at least 0}}
  %y = lowbit.avg_pool2d %x, %m, %m {kernel = array<i64: 2147483648, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>, tensor<1x1xi32>
    to tensor<1x4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @max_pool2d_c2_stride(%x: tensor<1x8x8x2x!u8>) {
  // expected-error @+1 {{expects kernel and stride from 1 to 2^31 - 1, and pads of at least 0}}
  %y = lowbit.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 0>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>
    to tensor<1x4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @avg_pool2d_c2_stride(%x: tensor<1x8x8x2x!u8>, %m: tensor<1x1xi32>) {
  // expected-error @+1 {{expects kernel and stride from 1 to 2^31 - 1, and pads of at least 0}}
  %y = lowbit.avg_pool2d %x, %m, %m {kernel = array<i64: 2, 2>, stride = array<i64: 2, 0>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>, tensor<1x1xi32>
    to tensor<1x4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @max_pool2d_c2_pad(%x: tensor<1x8x8x2x!u8>) {
  // expected-error @+1 {{expects kernel and stride from 1 to 2^31 - 1, and pads of at least 0}}
  %y = lowbit.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 2, 0>}
    : tensor<1x8x8x2x!u8>
    to tensor<1x4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @avg_pool2d_c2_pad(%x: tensor<1x8x8x2x!u8>, %m: tensor<1x1xi32>) {
  // expected-error @+1 {{expects kernel and stride from 1 to 2^31 - 1, and pads of at least 0}}
  %y = lowbit.avg_pool2d %x, %m, %m {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 2, 0>}
    : tensor<1x8x8x2x!u8>, tensor<1x1xi32>
    to tensor<1x4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @max_pool2d_c3(%x: tensor<1x8x8x2x!u8>) {
  // expected-error @+1 {{expects size 4 for dimension 1 of the result, but got 'tensor<1x5x4x2x}}
  %y = lowbit.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>
    to tensor<1x5x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @avg_pool2d_c3(%x: tensor<1x8x8x2x!u8>, %m: tensor<1x1xi32>) {
  // expected-error @+1 {{expects size 4 for dimension 1 of the result, but got 'tensor<1x5x4x2x}}
  %y = lowbit.avg_pool2d %x, %m, %m {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>, tensor<1x1xi32>
    to tensor<1x5x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @avg_pool2d_c4(%x: tensor<1x8x8x2x!u8>, %m: tensor<2x4xi32>) {
  // expected-error @+1 {{expects multiplier and shift of [1, 1] or [height, width] of the}}
  %y = lowbit.avg_pool2d %x, %m, %m {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>, tensor<2x4xi32>
    to tensor<1x4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @avg_pool2d_c4_range(%x: tensor<1x8x8x2x!u8>, %m: tensor<1x1xi32>) {
  %s = arith.constant dense<0> : tensor<1x1xi32>
  // expected-error @+1 {{expects shifts between 2 and 62, but got 0}}
  %y = lowbit.avg_pool2d %x, %m, %s {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
    pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x2x!u8>, tensor<1x1xi32>
    to tensor<1x4x4x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @table_c1(%x: tensor<4x!quant.uniform<u2:f32, 0.5>>, %t: tensor<4xi8>) {
  // expected-error @+1 {{expects a result of the input's shape}}
  %y = lowbit.table %x, %t : tensor<4x!quant.uniform<u2:f32, 0.5>>, tensor<4xi8>
    to tensor<5x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @table_c1_input(%x: tensor<4x!quant.uniform<u8:f32:0, {0.5, 0.25, 0.5, 0.5}>>,
                          %t: tensor<256xi8>) {
  // expected-error @+1 {{expects a format without an axis and without parameters, but got '!quant.uniform}}
  %y = lowbit.table %x, %t
    : tensor<4x!quant.uniform<u8:f32:0, {0.5, 0.25, 0.5, 0.5}>>, tensor<256xi8>
    to tensor<4x!u8>
  return
}

// -----

func.func @table_c1_result(%x: tensor<4x!quant.uniform<u2:f32, 0.5>>, %t: tensor<4xi8>) {
  // expected-error @+1 {{expects a format without an axis and without parameters, but got '!quant.uniform}}
  %y = lowbit.table %x, %t : tensor<4x!quant.uniform<u2:f32, 0.5>>, tensor<4xi8>
    to tensor<4x!quant.uniform<u8:f32:0, {0.5, 0.25, 0.5, 0.5}>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @table_c2(%x: tensor<4x!quant.uniform<u2:f32, 0.5>>, %t: tensor<5xi8>) {
  // expected-error @+1 {{expects a table of type 'tensor<4xi8>', but got 'tensor<5xi8>'}}
  %y = lowbit.table %x, %t : tensor<4x!quant.uniform<u2:f32, 0.5>>, tensor<5xi8>
    to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @table_c2_type(%x: tensor<4x!quant.uniform<u2:f32, 0.5>>, %t: tensor<4xi16>) {
  // expected-error @+1 {{expects a table of type 'tensor<4xi8>', but got 'tensor<4xi16>'}}
  %y = lowbit.table %x, %t : tensor<4x!quant.uniform<u2:f32, 0.5>>, tensor<4xi16>
    to tensor<4x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @table_c3(%x: tensor<4x!quant.uniform<i16:f32, 0.5>>, %t: tensor<65536xi8>) {
  // expected-error @+1 {{expects an input of at most 8 bits, but got '!quant.uniform<i16:f32}}
  %y = lowbit.table %x, %t : tensor<4x!quant.uniform<i16:f32, 0.5>>, tensor<65536xi8>
    to tensor<4x!u8>
  return
}

// -----

func.func @threshold_c1(%x: tensor<4x2xi32>, %t: tensor<2x3xi32>) {
  // expected-error @+1 {{expects a result of the input's shape}}
  %y = lowbit.threshold %x, %t {axis = 1 : i64} : tensor<4x2xi32>, tensor<2x3xi32>
    to tensor<4x3x!quant.uniform<u2:f32, 0.5>>
  return
}

// -----

func.func @threshold_c2(%x: tensor<4x2xi32>, %t: tensor<3x3xi32>) {
  // expected-error @+1 {{expects one row of thresholds for each index along the axis of}}
  %y = lowbit.threshold %x, %t {axis = 1 : i64} : tensor<4x2xi32>, tensor<3x3xi32>
    to tensor<4x2x!quant.uniform<u2:f32, 0.5>>
  return
}

// -----

func.func @threshold_c2_axis(%x: tensor<4x2xi32>, %t: tensor<2x3xi32>) {
  // expected-error @+1 {{for axis 2}}
  %y = lowbit.threshold %x, %t {axis = 2 : i64} : tensor<4x2xi32>, tensor<2x3xi32>
    to tensor<4x2x!quant.uniform<u2:f32, 0.5>>
  return
}

// -----

func.func @threshold_c2_dynamic(%x: tensor<4x2xi32>, %t: tensor<2x?xi32>) {
  // expected-error @+1 {{but got 'tensor<2x?xi32>' for axis 1}}
  %y = lowbit.threshold %x, %t {axis = 1 : i64} : tensor<4x2xi32>, tensor<2x?xi32>
    to tensor<4x2x!quant.uniform<u2:f32, 0.5>>
  return
}

// -----

func.func @threshold_c3(%x: tensor<4x2xi32>, %t: tensor<2x4xi32>) {
  // expected-error @+1 {{expects at most 3 thresholds for results of '!quant.uniform<u2:f32,}}
  %y = lowbit.threshold %x, %t {axis = 1 : i64} : tensor<4x2xi32>, tensor<2x4xi32>
    to tensor<4x2x!quant.uniform<u2:f32, 0.5>>
  return
}

// -----

func.func @threshold_c4(%x: tensor<4x2xi32>, %t: tensor<2x3xi32>) {
  // expected-error @+1 {{expects 'falling' to be empty or to have 2 entries, but got 1}}
  %y = lowbit.threshold %x, %t {axis = 1 : i64, falling = array<i1: true>}
    : tensor<4x2xi32>, tensor<2x3xi32>
    to tensor<4x2x!quant.uniform<u2:f32, 0.5>>
  return
}

// -----

func.func @table_softmax_c1(%x: tensor<4x5x!quant.uniform<i16:f32, 0.5>>, %t: tensor<256xi32>) {
  // expected-error @+1 {{expects a result of the input's shape}}
  %y = lowbit.table_softmax %x, %t, %t {levels = 128 : i32}
    : tensor<4x5x!quant.uniform<i16:f32, 0.5>>, tensor<256xi32>
    to tensor<4x6x!quant.uniform<u16:f32, 0.0078125>>
  return
}

// -----

func.func @table_softmax_c1_rank(%x: tensor<!quant.uniform<i16:f32, 0.5>>, %t: tensor<256xi32>) {
  // expected-error @+1 {{expects an input of rank 1 or more, but got 'tensor<!quant}}
  %y = lowbit.table_softmax %x, %t, %t {levels = 128 : i32}
    : tensor<!quant.uniform<i16:f32, 0.5>>, tensor<256xi32>
    to tensor<!quant.uniform<u16:f32, 0.0078125>>
  return
}

// -----

func.func @table_softmax_c1_per_axis(%x: tensor<4x!quant.uniform<u8:f32:0, {0.5, 0.25, 0.5, 0.5}>>,
                                     %t: tensor<256xi32>) {
  // expected-error @+1 {{expects per-tensor formats '!quant.uniform'}}
  %y = lowbit.table_softmax %x, %t, %t {levels = 128 : i32}
    : tensor<4x!quant.uniform<u8:f32:0, {0.5, 0.25, 0.5, 0.5}>>, tensor<256xi32>
    to tensor<4x!quant.uniform<u16:f32, 0.0078125>>
  return
}

// -----

func.func @table_softmax_c1_width(%x: tensor<4x!quant.uniform<i17:f32, 0.5>>, %t: tensor<256xi32>) {
  // expected-error @+1 {{expects formats of at most 16 bits, but got '!quant.uniform<i17:f32}}
  %y = lowbit.table_softmax %x, %t, %t {levels = 128 : i32}
    : tensor<4x!quant.uniform<i17:f32, 0.5>>, tensor<256xi32>
    to tensor<4x!quant.uniform<u16:f32, 0.0078125>>
  return
}

// -----

func.func @table_softmax_c2_scale(%x: tensor<4x!quant.uniform<i16:f32, 0.5>>, %t: tensor<256xi32>) {
  // expected-error @+1 {{expects a result of scale 1/127 and zero point 0, but got}}
  %y = lowbit.table_softmax %x, %t, %t {levels = 127 : i32}
    : tensor<4x!quant.uniform<i16:f32, 0.5>>, tensor<256xi32>
    to tensor<4x!quant.uniform<u16:f32, 0.0078125>>
  return
}

// -----

func.func @table_softmax_c2_zero_point(%x: tensor<4x!quant.uniform<i16:f32, 0.5>>,
                                       %t: tensor<256xi32>) {
  // expected-error @+1 {{expects a result of scale 1/128 and zero point 0}}
  %y = lowbit.table_softmax %x, %t, %t {levels = 128 : i32}
    : tensor<4x!quant.uniform<i16:f32, 0.5>>, tensor<256xi32>
    to tensor<4x!quant.uniform<u16:f32, 0.0078125:1>>
  return
}

// -----

func.func @table_softmax_c2_levels(%x: tensor<4x!quant.uniform<i16:f32, 0.5>>,
                                   %t: tensor<256xi32>) {
  // expected-error @+1 {{expects a result of scale 1/0 and zero point 0}}
  %y = lowbit.table_softmax %x, %t, %t {levels = 0 : i32}
    : tensor<4x!quant.uniform<i16:f32, 0.5>>, tensor<256xi32>
    to tensor<4x!quant.uniform<u16:f32, 0.0078125>>
  return
}

// -----

func.func @table_softmax_c3(%x: tensor<4x!quant.uniform<i16:f32, 0.5>>, %t: tensor<255xi32>) {
  // expected-error @+1 {{expects tables of 256 elements, but got 'tensor<255xi32>'}}
  %y = lowbit.table_softmax %x, %t, %t {levels = 128 : i32}
    : tensor<4x!quant.uniform<i16:f32, 0.5>>, tensor<255xi32>
    to tensor<4x!quant.uniform<u16:f32, 0.0078125>>
  return
}

// -----

// expected-error @+1 {{expects finite 'min' <= 'max', but got 2.000000e+00 : f64 and}}
#stats = #lowbit.stats<count = 6, min = 2.0 : f64, max = 1.0 : f64,
  average_min = 0.0 : f64, average_max = 1.0 : f64, bin_width = 0.5 : f64,
  first_bin = 0, histogram = [1, 2, 3]>
func.func private @stats_order() attributes {a = #stats}

// -----

// expected-error @+1 {{expects finite 'min' <= 'max'}}
#stats = #lowbit.stats<count = 6, min = -0.5 : f64, max = 0x7FF0000000000000 : f64,
  average_min = 0.0 : f64, average_max = 1.0 : f64, bin_width = 0.5 : f64,
  first_bin = 0, histogram = [1, 2, 3]>
func.func private @stats_finite() attributes {a = #stats}

// -----

// expected-error @+1 {{expects finite 'average_min' <= 'average_max'}}
#stats = #lowbit.stats<count = 6, min = -0.5 : f64, max = 1.0 : f64,
  average_min = 2.0 : f64, average_max = 1.0 : f64, bin_width = 0.5 : f64,
  first_bin = 0, histogram = [1, 2, 3]>
func.func private @stats_average() attributes {a = #stats}

// -----

// expected-error @+1 {{expects 'bin_width' to be a power of two, or 0 where there is no}}
#stats = #lowbit.stats<count = 6, min = -0.5 : f64, max = 1.0 : f64,
  average_min = 0.0 : f64, average_max = 1.0 : f64, bin_width = 0.3 : f64,
  first_bin = 0, histogram = [1, 2, 3]>
func.func private @stats_bin_width() attributes {a = #stats}

// -----

// expected-error @+1 {{expects 'bin_width' to be a power of two, or 0 where there is no histogram}}
#stats = #lowbit.stats<count = 6, min = -0.5 : f64, max = 1.0 : f64,
  average_min = 0.0 : f64, average_max = 1.0 : f64, bin_width = 0.0 : f64,
  first_bin = 0, histogram = [1, 2, 3]>
func.func private @stats_bin_width_zero() attributes {a = #stats}

// -----

// expected-error @+1 {{expects histogram bins of at least 0}}
#stats = #lowbit.stats<count = 6, min = -0.5 : f64, max = 1.0 : f64,
  average_min = 0.0 : f64, average_max = 1.0 : f64, bin_width = 0.5 : f64,
  first_bin = 0, histogram = [7, -1]>
func.func private @stats_bins() attributes {a = #stats}

// -----

// expected-error @+1 {{expects a positive 'count' equal to the sum of the histogram, but got 5}}
#stats = #lowbit.stats<count = 5, min = -0.5 : f64, max = 1.0 : f64,
  average_min = 0.0 : f64, average_max = 1.0 : f64, bin_width = 0.5 : f64,
  first_bin = 0, histogram = [1, 2, 3]>
func.func private @stats_count() attributes {a = #stats}

// -----

// expected-error @+1 {{expects a positive 'count' equal to the sum of the histogram, but got 0}}
#stats = #lowbit.stats<count = 0, min = -0.5 : f64, max = 1.0 : f64,
  average_min = 0.0 : f64, average_max = 1.0 : f64, bin_width = 0.5 : f64,
  first_bin = 0, histogram = []>
func.func private @stats_count_zero() attributes {a = #stats}

// -----

!q = !quant.uniform<u8:f32:0, {0.5, 0.25}>

func.func @port_c1(%x: tensor<2x!q>) {
  // expected-error @+1 {{expects per-tensor formats '!quant.uniform', but got}}
  lowbit.port %x {name = "a"} : tensor<2x!q>
  return
}

// -----

!q = !quant.uniform<u8:f32, 0.5:3>

func.func @port_c2_codes(%x: tensor<2x!q>) {
  // expected-error @+1 {{has codes, whose format needs no other}}
  lowbit.port %x {name = "a", format = !q} : tensor<2x!q>
  return
}

// -----

func.func @port_c2_words(%x: tensor<2xi8>) {
  // expected-error @+1 {{expects codes, or words with an affine 'format' of f32 numbers, but got 'tensor<2xi8>'}}
  lowbit.port %x {name = "a"} : tensor<2xi8>
  return
}

// -----

func.func @port_c2_float(%x: tensor<2xf32>) {
  // expected-error @+1 {{expects codes, or words with an affine 'format' of f32 numbers, but got 'tensor<2xf32>'}}
  lowbit.port %x {name = "a", format = !quant.uniform<u8:f32, 0.5:3>} : tensor<2xf32>
  return
}
