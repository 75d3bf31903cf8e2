// RUN: lowbit-opt %s -canonicalize | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:3>
!i16 = !quant.uniform<i16:f32, 0.5>
!large = !quant.uniform<u8:f32, 5.0e36>
!far = !quant.uniform<u8:f32, 0.5:20000000>
!i17 = !quant.uniform<i17:f32, 0.5>
!axis = !quant.uniform<i8:f32:0, {0.5, 0.25, 0.5:1, 0.125}>

// CHECK-LABEL: func.func @encode_of_decode
// CHECK-SAME: (%[[Q:.*]]: tensor<4x!quant
// CHECK-NEXT: return %[[Q]]
func.func @encode_of_decode(%q: tensor<4x!u8>) -> tensor<4x!u8> {
  %x = lowbit.decode %q : tensor<4x!u8> to tensor<4xf32>
  %y = lowbit.encode %x : tensor<4xf32> to tensor<4x!u8>
  return %y : tensor<4x!u8>
}

// CHECK-LABEL: func.func @encode_of_decode_nearest_away
// CHECK-SAME: (%[[Q:.*]]: tensor<4x!quant
// CHECK-NEXT: return %[[Q]]
func.func @encode_of_decode_nearest_away(%q: tensor<4x!i16>) -> tensor<4x!i16> {
  %x = lowbit.decode %q : tensor<4x!i16> to tensor<4xf32>
  %y = lowbit.encode %x {rounding = #lowbit.rounding<nearest_away>}
       : tensor<4xf32> to tensor<4x!i16>
  return %y : tensor<4x!i16>
}

// CHECK-LABEL: func.func @encode_of_decode_per_axis
// CHECK-SAME: (%[[Q:.*]]: tensor<4x!quant
// CHECK-NEXT: return %[[Q]]
func.func @encode_of_decode_per_axis(%q: tensor<4x!axis>) -> tensor<4x!axis> {
  %x = lowbit.decode %q : tensor<4x!axis> to tensor<4xf32>
  %y = lowbit.encode %x : tensor<4xf32> to tensor<4x!axis>
  return %y : tensor<4x!axis>
}

// CHECK-LABEL: func.func @other_format
// CHECK: lowbit.decode
// CHECK: lowbit.encode
func.func @other_format(%q: tensor<4x!u8>) -> tensor<4x!i16> {
  %x = lowbit.decode %q : tensor<4x!u8> to tensor<4xf32>
  %y = lowbit.encode %x : tensor<4xf32> to tensor<4x!i16>
  return %y : tensor<4x!i16>
}

// CHECK-LABEL: func.func @wide
// CHECK: lowbit.decode
// CHECK: lowbit.encode
func.func @wide(%q: tensor<4x!i17>) -> tensor<4x!i17> {
  %x = lowbit.decode %q : tensor<4x!i17> to tensor<4xf32>
  %y = lowbit.encode %x : tensor<4xf32> to tensor<4x!i17>
  return %y : tensor<4x!i17>
}

// 255 steps of 2^122 overflow: they decode to infinity.
// CHECK-LABEL: func.func @overflow
// CHECK: lowbit.decode
// CHECK: lowbit.encode
func.func @overflow(%q: tensor<4x!large>) -> tensor<4x!large> {
  %x = lowbit.decode %q : tensor<4x!large> to tensor<4xf32>
  %y = lowbit.encode %x : tensor<4xf32> to tensor<4x!large>
  return %y : tensor<4x!large>
}

// A zero point far away: differences of codes are no longer exact.
// CHECK-LABEL: func.func @zero_point_outside
// CHECK: lowbit.decode
// CHECK: lowbit.encode
func.func @zero_point_outside(%q: tensor<4x!far>) -> tensor<4x!far> {
  %x = lowbit.decode %q : tensor<4x!far> to tensor<4xf32>
  %y = lowbit.encode %x : tensor<4xf32> to tensor<4x!far>
  return %y : tensor<4x!far>
}

// CHECK-LABEL: func.func @floor
// CHECK: lowbit.decode
// CHECK: lowbit.encode
func.func @floor(%q: tensor<4x!u8>) -> tensor<4x!u8> {
  %x = lowbit.decode %q : tensor<4x!u8> to tensor<4xf32>
  %y = lowbit.encode %x {rounding = #lowbit.rounding<floor>} : tensor<4xf32> to tensor<4x!u8>
  return %y : tensor<4x!u8>
}

// Encoding loses what decoding cannot bring back.
// A quotient is as near to the code as a product.
// CHECK-LABEL: func.func @encode_of_decode_divide
// CHECK-SAME: (%[[Q:.*]]: tensor<4x!quant
// CHECK-NEXT: return %[[Q]]
func.func @encode_of_decode_divide(%q: tensor<4x!u8>) -> tensor<4x!u8> {
  %x = lowbit.decode %q : tensor<4x!u8> to tensor<4xf32>
  %y = lowbit.encode %x {scaling = #lowbit.scaling<divide>} : tensor<4xf32> to tensor<4x!u8>
  return %y : tensor<4x!u8>
}

// So is one that rounds halves to zero after the zero point was added.
// CHECK-LABEL: func.func @encode_of_decode_shift
// CHECK-SAME: (%[[Q:.*]]: tensor<4x!quant
// CHECK-NEXT: return %[[Q]]
func.func @encode_of_decode_shift(%q: tensor<4x!u8>) -> tensor<4x!u8> {
  %x = lowbit.decode %q : tensor<4x!u8> to tensor<4xf32>
  %y = lowbit.encode %x {rounding = #lowbit.rounding<nearest_toward_zero>,
                         scaling = #lowbit.scaling<divide_shift>} : tensor<4xf32> to tensor<4x!u8>
  return %y : tensor<4x!u8>
}

// CHECK-LABEL: func.func @reinterpret_same
// CHECK-SAME: (%[[Q:.*]]: tensor<4x!quant
// CHECK-NEXT: return %[[Q]]
func.func @reinterpret_same(%q: tensor<4x!u8>) -> tensor<4x!u8> {
  %y = lowbit.reinterpret %q : tensor<4x!u8> to tensor<4x!u8>
  return %y : tensor<4x!u8>
}

// CHECK-LABEL: func.func @reinterpret_twice
// CHECK-SAME: (%[[Q:.*]]: tensor<4x!quant
// CHECK-NEXT: %[[Y:.*]] = lowbit.reinterpret %[[Q]] : {{.*}}5.000000e-01:3>> to {{.*}}2.500000e-01>>
// CHECK-NEXT: return %[[Y]], %[[Q]]
func.func @reinterpret_twice(%q: tensor<4x!u8>)
    -> (tensor<4x!quant.uniform<u8:f32, 0.25>>, tensor<4x!u8>) {
  %0 = lowbit.reinterpret %q : tensor<4x!u8> to tensor<4x!quant.uniform<u8:f32, 1.0>>
  %y = lowbit.reinterpret %0 : tensor<4x!quant.uniform<u8:f32, 1.0>>
       to tensor<4x!quant.uniform<u8:f32, 0.25>>
  %z = lowbit.reinterpret %0 : tensor<4x!quant.uniform<u8:f32, 1.0>> to tensor<4x!u8>
  return %y, %z : tensor<4x!quant.uniform<u8:f32, 0.25>>, tensor<4x!u8>
}

// The storage of the result would not say what the words mean.
// CHECK-LABEL: func.func @reinterpret_other_storage
// CHECK-COUNT-2: lowbit.reinterpret
func.func @reinterpret_other_storage(%q: tensor<4x!u8>)
    -> tensor<4x!quant.uniform<i8:f32, 0.25>> {
  %0 = lowbit.reinterpret %q : tensor<4x!u8> to tensor<4xi8>
  %y = lowbit.reinterpret %0 : tensor<4xi8> to tensor<4x!quant.uniform<i8:f32, 0.25>>
  return %y : tensor<4x!quant.uniform<i8:f32, 0.25>>
}

// CHECK-LABEL: func.func @reinterpret_constant
// CHECK-NEXT: %[[C:.*]] = lowbit.constant dense<[1, 2]> : tensor<2xi8> as tensor<2x{{.*}}2.500000e-01>>
// CHECK-NEXT: return %[[C]]
func.func @reinterpret_constant() -> tensor<2x!quant.uniform<u8:f32, 0.25>> {
  %q = lowbit.constant dense<[1, 2]> : tensor<2xi8> as tensor<2x!u8>
  %y = lowbit.reinterpret %q : tensor<2x!u8> to tensor<2x!quant.uniform<u8:f32, 0.25>>
  return %y : tensor<2x!quant.uniform<u8:f32, 0.25>>
}

// CHECK-LABEL: func.func @decode_of_encode
// CHECK: lowbit.encode
// CHECK: lowbit.decode
func.func @decode_of_encode(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!u8>
  %y = lowbit.decode %q : tensor<4x!u8> to tensor<4xf32>
  return %y : tensor<4xf32>
}

// CHECK-LABEL: func.func @identity_transpose
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x!quant
// CHECK-NEXT: return %[[X]]
func.func @identity_transpose(%x: tensor<2x3x!u8>) -> tensor<2x3x!u8> {
  %y = lowbit.transpose %x {permutation = array<i64: 0, 1>} : tensor<2x3x!u8> to tensor<2x3x!u8>
  return %y : tensor<2x3x!u8>
}

// CHECK-LABEL: func.func @other_transpose
// CHECK: lowbit.transpose
func.func @other_transpose(%x: tensor<3x3x!u8>) -> tensor<3x3x!u8> {
  %y = lowbit.transpose %x {permutation = array<i64: 1, 0>} : tensor<3x3x!u8> to tensor<3x3x!u8>
  return %y : tensor<3x3x!u8>
}
