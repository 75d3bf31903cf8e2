// RUN: lowbit-opt %s -split-input-file -verify-diagnostics

// What operations refuse of formats other than !quant.uniform. The constraints (Cn)
// of encode, decode and steps that affine formats break, too, are in invalid.mlir.

!f = !lowbit.planes<sign x 1, axis = 0, [1.0]>
func.func @encode_scalar(%x: tensor<f32>) {
  // expected-error @+1 {{expects a dimension 0, the axis of the format '!lowbit.planes<sign x 1, axis = 0, [1.000000e+00]>'}}
  %y = lowbit.encode %x : tensor<f32> to tensor<!f>
  return
}

// -----

!f = !lowbit.pow2<i4, 0 : 3, axis = 1, [1.0, 2.0]>
func.func @encode_scales(%x: tensor<4x3xf32>) {
  // expected-error @+1 {{expects one scale for each of 3 indices along axis 1, but the format has 2}}
  %y = lowbit.encode %x : tensor<4x3xf32> to tensor<4x3x!f>
  return
}

// -----

!f = !lowbit.planes<sign x 1, axis = 0, [1.0, 2.0]>
func.func @encode_dynamic_axis(%x: tensor<?x3xf32>) {
  // expected-error @+1 {{expects a static size along axis 0, each index of which has a scale in the format}}
  %y = lowbit.encode %x : tensor<?x3xf32> to tensor<?x3x!f>
  return
}

// -----

func.func @encode_parameters(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a format without parameters, but got '!lowbit.affine<i4>'}}
  %y = lowbit.encode %x : tensor<4xf32> to tensor<4x!lowbit.affine<i4>>
  return
}

// -----

!f = !lowbit.pow2<i5 x 2, 0 : 3, [1.0]>
func.func @encode_wide(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a format of at most 8 bits, or an affine one without 'thresholds', but got '!lowbit.pow2<i5 x 2, 0 : 3, [1.000000e+00]>'}}
  %y = lowbit.encode %x : tensor<4xf32> to tensor<4x!f>
  return
}

// -----

func.func @encode_wide_thresholds(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a format of at most 8 bits, or an affine one without 'thresholds'}}
  %y = lowbit.encode %x {thresholds = array<f32: 1.0>} : tensor<4xf32> to tensor<4x!quant.uniform<i9:f32, 1.0>>
  return
}

// -----

!f = !lowbit.planes<sign x 1, [1.0]>
func.func @encode_rounding(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects no 'rounding', 'saturation' or 'scaling' where thresholds are counted}}
  %y = lowbit.encode %x {rounding = #lowbit.rounding<floor>} : tensor<4xf32> to tensor<4x!f>
  return
}

// -----

!f = !lowbit.planes<sign x 1, [1.0]>
func.func @encode_saturation(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects no 'rounding', 'saturation' or 'scaling' where thresholds are counted}}
  %y = lowbit.encode %x {saturation = #lowbit.saturation<wrap>} : tensor<4xf32> to tensor<4x!f>
  return
}

// -----

func.func @encode_scaling(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects no 'rounding', 'saturation' or 'scaling' where thresholds are counted}}
  %y = lowbit.encode %x {scaling = #lowbit.scaling<divide>, thresholds = array<f32: 0.0>}
     : tensor<4xf32> to tensor<4x!quant.uniform<u1:f32, 1.0>>
  return
}

// -----

!f = !lowbit.planes<sign x 1, [1.0]>
func.func @encode_codes_alone(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'codes' beside 'thresholds' only}}
  %y = lowbit.encode %x {codes = array<i64: 0, 1>} : tensor<4xf32> to tensor<4x!f>
  return
}

// -----

!f = !lowbit.planes<sign x 2, [1.0, 2.0]>
func.func @encode_order(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'thresholds' in ascending order}}
  %y = lowbit.encode %x {thresholds = array<f32: 0.0, 2.0, 1.0>} : tensor<4xf32> to tensor<4x!f>
  return
}

// -----

!f = !lowbit.planes<sign x 1, [1.0]>
func.func @encode_nan(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'thresholds' in ascending order}}
  %y = lowbit.encode %x {thresholds = array<f32: 0x7FC00000>} : tensor<4xf32> to tensor<4x!f>
  return
}

// -----

!f = !lowbit.planes<sign x 2, [1.0, 2.0]>
func.func @encode_count(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 3 thresholds between 4 codes, but got 2}}
  %y = lowbit.encode %x {thresholds = array<f32: 0.0, 1.0>} : tensor<4xf32> to tensor<4x!f>
  return
}

// -----

// Equal planes have numbers in common.
!f = !lowbit.planes<bit x 2, axis = 0, [1.0, 1.0, 1.0, 2.0]>
func.func @encode_count_of_channel(%x: tensor<2xf32>) {
  // expected-error @+1 {{expects 3 thresholds between 4 codes, but got 2}}
  %y = lowbit.encode %x {thresholds = array<f32: 0.0, 1.0>} : tensor<2xf32> to tensor<2x!f>
  return
}

// -----

!f = !lowbit.planes<sign x 1, [1.0]>
func.func @encode_no_codes(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects at least one of 'codes'}}
  %y = lowbit.encode %x {thresholds = array<f32: 0.0>, codes = array<i64>} : tensor<4xf32> to tensor<4x!f>
  return
}

// -----

!f = !lowbit.planes<sign x 1, [1.0]>
func.func @encode_codes(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'codes' from 0 to 1, but got 2}}
  %y = lowbit.encode %x {thresholds = array<f32: 0.0>, codes = array<i64: 0, 2>} : tensor<4xf32> to tensor<4x!f>
  return
}

// -----

!f = !lowbit.planes<sign x 1, [1.0]>
func.func @decode_parameter(%q: tensor<4x!f>, %s: tensor<1xf32>) {
  // expected-error @+1 {{expects no parameters beside codes of '!lowbit.planes<sign x 1, [1.000000e+00]>'}}
  %y = lowbit.decode %q with %s : tensor<1xf32> : tensor<4x!f> to tensor<4xf32>
  return
}

// -----

!f = !lowbit.affine<i4, zero>
func.func @decode_no_zero(%q: tensor<4x!f>, %s: tensor<1xf32>) {
  // expected-error @+1 {{expects parameters of types 'tensor<1xf32>', 'tensor<1xi32>' beside codes of '!lowbit.affine<i4, zero>'}}
  %y = lowbit.decode %q with %s : tensor<1xf32> : tensor<4x!f> to tensor<4xf32>
  return
}

// -----

!f = !lowbit.affine<i4, axis = 1>
func.func @decode_axis(%q: tensor<4x!f>, %s: tensor<4xf32>) {
  // expected-error @+1 {{expects a dimension 1, the axis of the format '!lowbit.affine<i4, axis = 1>'}}
  %y = lowbit.decode %q with %s : tensor<4xf32> : tensor<4x!f> to tensor<4xf32>
  return
}

// -----

// The last group is shorter: four of them.
!f = !lowbit.affine<i4, axis = 1, group = 3>
func.func @decode_groups(%q: tensor<2x10x!f>, %s: tensor<2x3xf32>) {
  // expected-error @+1 {{expects parameters of types 'tensor<2x4xf32>' beside codes of}}
  %y = lowbit.decode %q with %s : tensor<2x3xf32> : tensor<2x10x!f> to tensor<2x10xf32>
  return
}

// -----

!f = !lowbit.block<i8, axis = 0, size = 9223372036854775807>
func.func @decode_huge_block(%q: tensor<4x!f>, %e: tensor<4xi8>) {
  // expected-error @+1 {{expects parameters of types 'tensor<1xi8>' beside codes of}}
  %y = lowbit.decode %q with %e : tensor<4xi8> : tensor<4x!f> to tensor<4xf32>
  return
}

// -----

!f = !lowbit.block<i8, axis = 9223372036854775807, size = 1>
func.func @decode_far_axis(%q: tensor<4x!f>, %e: tensor<4xi8>) {
  // expected-error @+1 {{expects a dimension 9223372036854775807, the axis of the format}}
  %y = lowbit.decode %q with %e : tensor<4xi8> : tensor<4x!f> to tensor<4xf32>
  return
}

// -----

!f = !lowbit.block<i8, axis = 0, size = 4>
func.func @decode_exponents(%q: tensor<4x!f>, %e: tensor<1xi32>) {
  // expected-error @+1 {{expects parameters of types 'tensor<1xi8>' beside codes of}}
  %y = lowbit.decode %q with %e : tensor<1xi32> : tensor<4x!f> to tensor<4xf32>
  return
}

// -----

func.func @codebook_axis(%q: tensor<4x!lowbit.codebook<u4, axis = 1>>, %b: tensor<1x1x16x1xf32>) {
  // expected-error @+1 {{expects a dimension 1, the axis of the format '!lowbit.codebook<u4, axis = 1>'}}
  %y = lowbit.decode %q with %b : tensor<1x1x16x1xf32> : tensor<4x!lowbit.codebook<u4, axis = 1>> to tensor<4xf32>
  return
}

// -----

!f = !lowbit.codebook<u2>
func.func @codebook_larger_than_index(%q: tensor<4x!f>, %b: tensor<1x1x5x1xf32>) {
  // expected-error @+1 {{expects a codebook of [1 or the codes along the axis, 1, 1 to 4, 1] numbers, but got 'tensor<1x1x5x1xf32>'}}
  %y = lowbit.decode %q with %b : tensor<1x1x5x1xf32> : tensor<4x!f> to tensor<4xf32>
  return
}

// -----

!f = !lowbit.codebook<u2>
func.func @codebook_empty(%q: tensor<4x!f>, %b: tensor<1x1x0x1xf32>) {
  // expected-error @+1 {{expects a codebook of [1 or the codes along the axis, 1, 1 to 4, 1] numbers}}
  %y = lowbit.decode %q with %b : tensor<1x1x0x1xf32> : tensor<4x!f> to tensor<4xf32>
  return
}

// -----

!f = !lowbit.codebook<u2>
func.func @codebook_dynamic(%q: tensor<4x!f>, %b: tensor<1x1x?x1xf32>) {
  // expected-error @+1 {{expects a codebook of [1 or the codes along the axis, 1, 1 to 4, 1] numbers}}
  %y = lowbit.decode %q with %b : tensor<1x1x?x1xf32> : tensor<4x!f> to tensor<4xf32>
  return
}

// -----

!f = !lowbit.codebook<u2, stages = 2>
func.func @codebook_stages(%q: tensor<4x!f>, %b: tensor<1x1x4x1xf32>) {
  // expected-error @+1 {{expects parameters of types 'tensor<?x2x?x1xf32>' beside codes of '!lowbit.codebook<u2, stages = 2>'}}
  %y = lowbit.decode %q with %b : tensor<1x1x4x1xf32> : tensor<4x!f> to tensor<4xf32>
  return
}

// -----

!f = !lowbit.codebook<u2, dim = 2, axis = 0>
func.func @codebook_vectors(%q: tensor<5x!f>, %b: tensor<4x1x4x2xf32>) {
  // expected-error @+1 {{expects a codebook of [1 or the codes along the axis, 1, 1 to 4, 2] numbers}}
  %y = lowbit.decode %q with %b : tensor<4x1x4x2xf32> : tensor<5x!f> to tensor<10xf32>
  return
}

// -----

!f = !lowbit.codebook<u2, dim = 4, axis = 0>
func.func @codebook_shape(%q: tensor<2x!f>, %b: tensor<1x1x4x4xf32>) {
  // expected-error @+1 {{expects codes of 4 numbers each along dimension 0 of 'tensor<9xf32>', but got}}
  %y = lowbit.decode %q with %b : tensor<1x1x4x4xf32> : tensor<2x!f> to tensor<9xf32>
  return
}

// -----

// The size of the last vector is that of the result, which must be known.
!f = !lowbit.codebook<u2, dim = 4, axis = 0>
func.func @codebook_dynamic_result(%q: tensor<?x!f>, %b: tensor<1x1x4x4xf32>) {
  // expected-error @+1 {{expects codes of 4 numbers each along dimension 0 of 'tensor<?xf32>', but got}}
  %y = lowbit.decode %q with %b : tensor<1x1x4x4xf32> : tensor<?x!f> to tensor<?xf32>
  return
}

// -----

!f = !lowbit.codebook<u2, dim = 4, axis = 0>
func.func @codebook_rank(%q: tensor<2x!f>, %b: tensor<1x1x4x4xf32>) {
  // expected-error @+1 {{expects codes of 4 numbers each along dimension 0 of 'tensor<8x1xf32>', but got}}
  %y = lowbit.decode %q with %b : tensor<1x1x4x4xf32> : tensor<2x!f> to tensor<8x1xf32>
  return
}

// -----

!f = !lowbit.planes<sign x 1, [1.0]>
func.func @steps_shape(%q: tensor<4x!f>) {
  // expected-error @+1 {{expects a result of the input's shape, but got}}
  %y = lowbit.steps %q : tensor<4x!f> to tensor<3x!quant.uniform<i8<-1:1>:f32, 1.0>>
  return
}

// -----

func.func @steps_affine(%q: tensor<4x!quant.uniform<i8:f32, 1.0>>) {
  // expected-error @+1 {{expects codes of a format that is not affine and has no parameters but scales of planes, but got '!quant.uniform<i8:f32, 1.000000e+00>'}}
  %y = lowbit.steps %q : tensor<4x!quant.uniform<i8:f32, 1.0>> to tensor<4x!quant.uniform<i8:f32, 1.0>>
  return
}

// -----

func.func @steps_parameters(%q: tensor<4x!lowbit.codebook<u4>>) {
  // expected-error @+1 {{expects codes of a format that is not affine and has no parameters but scales of planes, but got '!lowbit.codebook<u4>'}}
  %y = lowbit.steps %q : tensor<4x!lowbit.codebook<u4>> to tensor<4x!quant.uniform<i8:f32, 1.0>>
  return
}

// -----

!f = !lowbit.planes<sign x 1, axis = 1, [1.0]>
func.func @steps_axis(%q: tensor<4x!f>) {
  // expected-error @+1 {{expects a dimension 1, the axis of the format}}
  %y = lowbit.steps %q : tensor<4x!f> to tensor<4x!quant.uniform<i8<-1:1>:f32, 1.0>>
  return
}

// -----

!f = !lowbit.planes<sign x 2, [1.0, 1.5]>
func.func @steps_term(%q: tensor<4x!f>) {
  // expected-error @+1 {{expects one of 2 terms, but got 2}}
  %y = lowbit.steps %q {term = 2} : tensor<4x!f> to tensor<4x!quant.uniform<i8<-1:1>:f32, 1.0>>
  return
}

// -----

!f = !lowbit.planes<sign x 2, [1.0, 1.5]>
func.func @steps_term_below_0(%q: tensor<4x!f>) {
  // expected-error @+1 {{expects one of 2 terms, but got -1}}
  %y = lowbit.steps %q {term = -1} : tensor<4x!f> to tensor<4x!quant.uniform<i8<-1:1>:f32, 1.0>>
  return
}

// -----

!f = !lowbit.planes<bit x 2, [1.0, 2.0]>
func.func @steps_result(%q: tensor<4x!f>) {
  // expected-error @+1 {{expects a result of '!quant.uniform<i8<0:3>:f32, 1.000000e+00>', but got '!quant.uniform<i8:f32, 1.000000e+00>'}}
  %y = lowbit.steps %q : tensor<4x!f> to tensor<4x!quant.uniform<i8:f32, 1.0>>
  return
}

// -----

func.func @constant_range() {
  // expected-error @+1 {{expects codes in the storage range of '!lowbit.codebook<u2>', but got 4}}
  %y = lowbit.constant dense<[0, 1, 2, 4]> : tensor<4xi8> as tensor<4x!lowbit.codebook<u2>>
  return
}

// -----

func.func @constant_axis() {
  // expected-error @+1 {{expects a dimension 1, the axis of the format '!lowbit.affine<i4, axis = 1>'}}
  %y = lowbit.constant dense<[0, 1, 2, 4]> : tensor<4xi8> as tensor<4x!lowbit.affine<i4, axis = 1>>
  return
}

// -----

func.func @observe_parameters(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'format' to be a format without parameters, but got '!lowbit.affine<i4, axis = 0, group = 2>'}}
  %y = lowbit.observe %x {name = "a", role = #lowbit.role<activation>, format = !lowbit.affine<i4, axis = 0, group = 2>} : tensor<4xf32>
  return
}

// -----

func.func @observe_weight_parameters(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 'format' to be a format without parameters, but got '!lowbit.affine<i4>'}}
  %y = lowbit.observe %x {name = "a", role = #lowbit.role<weight>, format = !lowbit.affine<i4>} : tensor<4xf32>
  return
}
