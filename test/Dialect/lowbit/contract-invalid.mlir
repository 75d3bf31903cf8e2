// RUN: lowbit-opt %s -split-input-file -verify-diagnostics

// One chunk for each constraint (Cn) of lowbit.contract, and for each other way
// to break it.

func.func @contract_c1_count(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects 3 indexing maps, but got 2}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c1_empty(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects 3 indexing maps, but got 0}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c1_loops(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects a map of 3 loops and no symbols to 2 indices for operand}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n) -> (m, n)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c1_symbols(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects a map of 3 loops and no symbols}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k)[s] -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c1_rank(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects a map of 3 loops and no symbols to 2 indices for operand}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c2_window_in_rhs(%x: tensor<4x8xi8>,
                                     %w: tensor<5x8xi8>,
                                     %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects indices that are single loops, or windows in lhs}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k + m)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c2_not_a_window(%x: tensor<4x8xi8>,
                                    %w: tensor<5x8xi8>,
                                    %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects indices that are single loops, or windows in lhs}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k floordiv 2)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c2_negative_factor(%x: tensor<4x8xi8>,
                                       %w: tensor<5x8xi8>,
                                       %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects indices that are single loops, or windows in lhs}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k * -1)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c2_constant_index(%x: tensor<4x8xi8>,
                                      %w: tensor<5x8xi8>,
                                      %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects indices that are single loops, or windows in lhs}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, 0)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c2_huge_factor(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects indices that are single loops, or windows in lhs}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k * 9223372036854775807)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c2_twice(%x: tensor<8x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects each loop once in a map}}
  %z = lowbit.contract ins(%x, %w : tensor<8x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (k, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c2_alone(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects loop 3 to stand alone in some map}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k, l) -> (m, k + l)>,
             affine_map<(m, n, k, l) -> (n, k)>,
             affine_map<(m, n, k, l) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c3_size(%x: tensor<4x8xi8>, %w: tensor<5x7xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects size 8 where operand 'tensor<5x7xi8>' has 7}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x7xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c3_window(%x: tensor<4x9xi8>, %w: tensor<5x8x3xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects size of at least 10 where operand 'tensor<4x9xi8>' has 9}}
  %z = lowbit.contract ins(%x, %w : tensor<4x9xi8>, tensor<5x8x3xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k, l) -> (m, k + l)>,
             affine_map<(m, n, k, l) -> (n, k, l)>,
             affine_map<(m, n, k, l) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c4_mixed(%x: tensor<4x8xi8>, %w: tensor<5x8xf32>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects lhs and rhs to be codes, or both f32, but got 'i8' and 'f32'}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xf32>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c4_f16(%x: tensor<4x8xf16>, %w: tensor<5x8xf16>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects lhs and rhs to be codes, or both f32, but got 'f16' and 'f16'}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xf16>, tensor<5x8xf16>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c5_count(%x: tensor<4x8xi8>,
                             %w: tensor<5x8xi8>,
                             %init: tensor<4x5xi32>,
                             %e0: tensor<5xi32>) {
  // expected-error @+1 {{expects an epilogue with 2 arguments, but got 1}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>) epilogue(%e0 : tensor<5xi32>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (n)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c5_accumulator(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects epilogue argument 0 of type 'i32', but got 'i64'}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i64):
      %0 = arith.trunci %acc : i64 to i32
      lowbit.yield %0 : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c5_float_accumulator(%x: tensor<4x8xf32>,
                                         %w: tensor<5x8xf32>,
                                         %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects epilogue argument 0 of type 'f32', but got 'i32'}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xf32>, tensor<5x8xf32>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c5_argument(%x: tensor<4x8xi8>,
                                %w: tensor<5x8xi8>,
                                %init: tensor<4x5xi32>,
                                %e0: tensor<5xf32>) {
  // expected-error @+1 {{expects epilogue argument 1 of type 'f32', but got 'i32'}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>) epilogue(%e0 : tensor<5xf32>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (n)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32, %e: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c5_operand(%x: tensor<4x8xi8>,
                               %w: tensor<5x8xi8>,
                               %init: tensor<4x5xi32>,
                               %e0: tensor<5xf16>) {
  // expected-error @+1 {{expects epilogue operands and results of codes, integers of at most 32}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>) epilogue(%e0 : tensor<5xf16>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (n)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32, %e: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c5_result(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi64>) {
  // expected-error @+1 {{expects epilogue operands and results of codes, integers of at most 32}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi64>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi64>
  return
}

// -----

func.func @contract_c5_yield(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects an epilogue that yields i32 for a result of 'i32'}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      %0 = arith.sitofp %acc : i32 to f32
      lowbit.yield %0 : f32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c5_float_yield(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xf32>) {
  // expected-error @+1 {{expects an epilogue that yields f32 for a result of 'f32'}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xf32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xf32>
  return
}

// -----

func.func @contract_c6_count(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects 3 formats, but got 2}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>]
       attributes {formats = [i8, i8]} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c6_width(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects words of at least the width of format 'i16', but got 'i8'}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>]
       attributes {formats = [i16, i8, i32]} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c6_quantized_width(%x: tensor<4x8xi8>,
                                       %w: tensor<5x8xi8>,
                                       %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects words of at least the width of format '!quant.any<u16}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>]
       attributes {formats = [!quant.any<u16:f32>, i8, i32]} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c6_float_format(%x: tensor<4x8xi8>,
                                    %w: tensor<5x8xi8>,
                                    %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects words of at least the width of format 'f32', but got 'i32'}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>]
       attributes {formats = [i8, i8, f32]} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c6_other(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects words of at least the width of format 'index', but got 'i8'}}
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>]
       attributes {formats = [index, i8, i32]} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c7_operation(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      // expected-error @+1 {{is not an operation on scalars of arith, lowbit.rescale or}}
      %0 = math.absi %acc : i32
      lowbit.yield %0 : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c7_vector(%x: tensor<4x8xi8>, %w: tensor<5x8xi8>, %init: tensor<4x5xi32>) {
  %z = lowbit.contract ins(%x, %w : tensor<4x8xi8>, tensor<5x8xi8>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      // expected-error @+1 {{is not an operation on scalars of arith, lowbit.rescale or}}
      %0 = arith.constant dense<0> : vector<4xi32>
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c8_summed(%x: tensor<4x2xi8>,
                              %w: tensor<5x2x!quant.uniform<i8:f32:1, {0.5, 0.25}>>,
                              %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects scales of rhs along a loop that is not summed over}}
  %z = lowbit.contract ins(%x, %w
         : tensor<4x2xi8>, tensor<5x2x!quant.uniform<i8:f32:1, {0.5, 0.25}>>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @contract_c8_axis(%x: tensor<4x8xi8>,
                            %w: tensor<5x8x!quant.uniform<i8:f32:7, {0.5, 0.25}>>,
                            %init: tensor<4x5xi32>) {
  // expected-error @+1 {{expects scales of rhs along a loop that is not summed over}}
  %z = lowbit.contract ins(%x, %w
         : tensor<4x8xi8>, tensor<5x8x!quant.uniform<i8:f32:7, {0.5, 0.25}>>)
       outs(%init : tensor<4x5xi32>)
       maps [affine_map<(m, n, k) -> (m, k)>,
             affine_map<(m, n, k) -> (n, k)>,
             affine_map<(m, n, k) -> (m, n)>] {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<4x5xi32>
  return
}

// -----

func.func @yield_elsewhere(%x: i32) {
  // expected-error @+1 {{'lowbit.yield' op expects parent op 'lowbit.contract'}}
  lowbit.yield %x : i32
}
