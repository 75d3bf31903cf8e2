// RUN: lowbit-opt %s -split-input-file -verify-diagnostics

!sign = !lowbit.planes<sign x 1, [0.5]>

func.func @pack_bits_c1(%x: tensor<2x65x!sign>) {
  // expected-error @+1 {{expects a result of type 'tensor<2x2xi64>', but got 'tensor<2x1xi64>'}}
  %0 = lowbit.pack_bits %x {plane = 0 : i64} : tensor<2x65x!sign> to tensor<2x1xi64>
  return
}

// -----

!sign = !lowbit.planes<sign x 1, [0.5]>

func.func @pack_bits_dynamic(%x: tensor<2x?x!sign>) {
  // expected-error @+1 {{expects a static last dimension, but got}}
  %0 = lowbit.pack_bits %x {plane = 0 : i64} : tensor<2x?x!sign> to tensor<2x?xi64>
  return
}

// -----

!sign = !lowbit.planes<sign x 1, [0.5]>

func.func @pack_bits_c2(%x: tensor<2x64x!sign>) {
  // expected-error @+1 {{expects 'plane' to be one of 1 bits of '!lowbit.planes<sign x 1, [5.000000e-01]>', but got 1}}
  %0 = lowbit.pack_bits %x {plane = 1 : i64} : tensor<2x64x!sign> to tensor<2x1xi64>
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @contract_c9(%x: tensor<2x5xi64>, %w: tensor<3x5xi64>) {
  %i = tensor.empty() : tensor<2x3xi32>
  // expected-error @+1 {{expects words of 8 or 64 bits where it counts bits, and of fewer than 64 elsewhere, but got 'tensor<2x5xi64>' and 'tensor<3x5xi64>'}}
  %0 = lowbit.contract ins(%x, %w : tensor<2x5xi64>, tensor<3x5xi64>) outs(%i : tensor<2x3xi32>)
       maps [#lhs, #rhs, #out] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x3xi32>
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @contract_c9_words(%x: tensor<2x5xi64>, %w: tensor<3x5xi32>) {
  %i = tensor.empty() : tensor<2x3xi32>
  // expected-error @+1 {{expects words of 8 or 64 bits where it counts bits, and of fewer than 64 elsewhere, but got 'tensor<2x5xi64>' and 'tensor<3x5xi32>'}}
  %0 = lowbit.contract ins(%x, %w : tensor<2x5xi64>, tensor<3x5xi32>) outs(%i : tensor<2x3xi32>)
       maps [#lhs, #rhs, #out] attributes {product = #lowbit.product<xor_popcount>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x3xi32>
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @contract_c10_words(%x: tensor<2x5xi8>, %w: tensor<9x5xi8>) {
  %i = tensor.empty() : tensor<2x2xi32>
  // expected-error @+1 {{expects a packed result of words of 8 or 16 bits, but got 'tensor<2x2xi32>'}}
  %0 = lowbit.contract ins(%x, %w : tensor<2x5xi8>, tensor<9x5xi8>) outs(%i : tensor<2x2xi32>)
       maps [#lhs, #rhs, #out] attributes {packs} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x2xi32>
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @contract_c10_size(%x: tensor<2x5xi8>, %w: tensor<9x5xi8>) {
  %i = tensor.empty() : tensor<2x9xi8>
  // expected-error @+1 {{expects size 2 where operand 'tensor<2x9xi8>' has 9}}
  %0 = lowbit.contract ins(%x, %w : tensor<2x5xi8>, tensor<9x5xi8>) outs(%i : tensor<2x9xi8>)
       maps [#lhs, #rhs, #out] attributes {packs} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x9xi8>
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @contract_c10_bits(%x: tensor<2x5xi8>, %w: tensor<3x5xi8>) {
  %i = tensor.empty() : tensor<2x1xi8>
  // expected-error @+1 {{expects 'packed_bits' of 1 or 2, but got 4}}
  %0 = lowbit.contract ins(%x, %w : tensor<2x5xi8>, tensor<3x5xi8>) outs(%i : tensor<2x1xi8>)
       maps [#lhs, #rhs, #out] attributes {packs, packed_bits = 4 : i64} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x1xi8>
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @contract_c11_none(%x: tensor<2x5xi8>, %w: tensor<3x5xi8>) {
  %i = tensor.empty() : tensor<2x3xi32>
  // expected-error @+1 {{expects values of 2 or 4 codes on both sides of packed codes, and none elsewhere, but got 0 of operand 1}}
  %0 = lowbit.contract ins(%x, %w : tensor<2x5xi8>, tensor<3x5xi8>) outs(%i : tensor<2x3xi32>)
       maps [#lhs, #rhs, #out] attributes {product = #lowbit.product<multiply_packed>, lhs_values = array<i64: 0, 1, 2, 3>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x3xi32>
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @contract_c11_three(%x: tensor<2x5xi8>, %w: tensor<3x5xi8>) {
  %i = tensor.empty() : tensor<2x3xi32>
  // expected-error @+1 {{expects values of 2 or 4 codes on both sides of packed codes, and none elsewhere, but got 3 of operand 0}}
  %0 = lowbit.contract ins(%x, %w : tensor<2x5xi8>, tensor<3x5xi8>) outs(%i : tensor<2x3xi32>)
       maps [#lhs, #rhs, #out] attributes {product = #lowbit.product<multiply_packed>, lhs_values = array<i64: 0, 1, 2>, rhs_values = array<i64: 0, 1, 2, 3>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x3xi32>
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @contract_c11_elsewhere(%x: tensor<2x5xi8>, %w: tensor<3x5xi8>) {
  %i = tensor.empty() : tensor<2x3xi32>
  // expected-error @+1 {{expects values of 2 or 4 codes on both sides of packed codes, and none elsewhere, but got 4 of operand 1}}
  %0 = lowbit.contract ins(%x, %w : tensor<2x5xi8>, tensor<3x5xi8>) outs(%i : tensor<2x3xi32>)
       maps [#lhs, #rhs, #out] attributes {rhs_values = array<i64: 0, 1, 2, 3>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x3xi32>
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @contract_c11_large(%x: tensor<2x5xi8>, %w: tensor<3x5xi8>) {
  %i = tensor.empty() : tensor<2x3xi32>
  // expected-error @+1 {{expects values of codes from -128 to 127, but got 128}}
  %0 = lowbit.contract ins(%x, %w : tensor<2x5xi8>, tensor<3x5xi8>) outs(%i : tensor<2x3xi32>)
       maps [#lhs, #rhs, #out] attributes {product = #lowbit.product<multiply_packed>, lhs_values = array<i64: 0, 128>, rhs_values = array<i64: -1, 1>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x3xi32>
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @contract_c11_words(%x: tensor<2x5xi8>, %w: tensor<3x5xi16>) {
  %i = tensor.empty() : tensor<2x3xi32>
  // expected-error @+1 {{expects packed codes in words of 8 bits, or of 16 in lhs, but got 'tensor<3x5xi16>'}}
  %0 = lowbit.contract ins(%x, %w : tensor<2x5xi8>, tensor<3x5xi16>) outs(%i : tensor<2x3xi32>)
       maps [#lhs, #rhs, #out] attributes {product = #lowbit.product<multiply_packed>, lhs_values = array<i64: 0, 1, 2, 3>, rhs_values = array<i64: 0, 1, 2, 3>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x3xi32>
  return
}

// -----

#lhs = affine_map<(m, n, k) -> (m, k)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>

func.func @contract_c11_number(%x: tensor<2x5xi8>, %w: tensor<3x5xi8>) {
  %i = tensor.empty() : tensor<2x3xi32>
  // expected-error @+1 {{expects as many codes in words of lhs as in those of rhs, but got 4 and 8}}
  %0 = lowbit.contract ins(%x, %w : tensor<2x5xi8>, tensor<3x5xi8>) outs(%i : tensor<2x3xi32>)
       maps [#lhs, #rhs, #out] attributes {product = #lowbit.product<multiply_packed>, lhs_values = array<i64: 0, 1, 2, 3>, rhs_values = array<i64: -1, 1>} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x3xi32>
  return
}

// -----

func.func @pack_bits_c3(%x: tensor<2x64x!quant.uniform<u4:f32, 0.5>>) {
  // expected-error @+1 {{expects a 'width' of 1, or of 2 in words of 8 or 16 bits, but got 3 in words of 8}}
  %0 = lowbit.pack_bits %x {plane = 0 : i64, width = 3 : i64} : tensor<2x64x!quant.uniform<u4:f32, 0.5>> to tensor<2x32xi8>
  return
}

// -----

func.func @pack_bits_c3_words(%x: tensor<2x64x!quant.uniform<u4:f32, 0.5>>) {
  // expected-error @+1 {{expects a 'width' of 1, or of 2 in words of 8 or 16 bits, but got 2 in words of 64}}
  %0 = lowbit.pack_bits %x {plane = 0 : i64, width = 2 : i64} : tensor<2x64x!quant.uniform<u4:f32, 0.5>> to tensor<2x2xi64>
  return
}

// -----

func.func @pack_bits_c2_two(%x: tensor<2x64x!quant.uniform<u4:f32, 0.5>>) {
  // expected-error @+1 {{expects 'plane' to be one of 4 bits of '!quant.uniform<u4:f32, 5.000000e-01>', but got 3 and the one above}}
  %0 = lowbit.pack_bits %x {plane = 3 : i64, width = 2 : i64} : tensor<2x64x!quant.uniform<u4:f32, 0.5>> to tensor<2x16xi8>
  return
}
