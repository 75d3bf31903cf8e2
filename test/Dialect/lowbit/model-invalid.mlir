// RUN: lowbit-opt %s -split-input-file -verify-diagnostics

// One chunk for each constraint (Cn) of a composite, and for each other way to
// break it. lowbit.batch_norm and lowbit.softmax: invalid.mlir.

func.func @log_softmax_c1(%x: tensor<4x10xf32>) {
  // expected-error @+1 {{expects 'axis' to be a dimension of 'tensor<4x10xf32>', but got 2}}
  %y = lowbit.log_softmax %x {axis = 2 : i64} : tensor<4x10xf32>
  return
}

// -----

func.func @activation_c1(%x: tensor<4x10xf32>) {
  // expected-error @+1 {{expects 'alpha' with the function 'elu'}}
  %y = lowbit.activation %x {function = #lowbit.function<elu>} : tensor<4x10xf32>
  return
}

// -----

func.func @activation_c1_not_alpha(%x: tensor<4x10xf32>) {
  // expected-error @+1 {{expects no 'alpha' with the function 'gelu'}}
  %y = lowbit.activation %x {alpha = 1.0 : f32, function = #lowbit.function<gelu>} : tensor<4x10xf32>
  return
}

// -----

func.func @activation_c1_beta(%x: tensor<4x10xf32>) {
  // expected-error @+1 {{expects 'beta' with the function 'selu'}}
  %y = lowbit.activation %x {alpha = 1.0 : f32, function = #lowbit.function<selu>} : tensor<4x10xf32>
  return
}

// -----

func.func @activation_c1_not_beta(%x: tensor<4x10xf32>) {
  // expected-error @+1 {{expects no 'beta' with the function 'sign'}}
  %y = lowbit.activation %x {beta = 1.0 : f32, function = #lowbit.function<sign>} : tensor<4x10xf32>
  return
}

// -----

func.func @activation_c2(%x: tensor<4x10xf32>) {
  // expected-error @+1 {{expects 'alpha' to be finite}}
  %y = lowbit.activation %x {alpha = 0x7F800000 : f32, function = #lowbit.function<elu>} : tensor<4x10xf32>
  return
}

// -----

func.func @activation_c2_beta(%x: tensor<4x10xf32>) {
  // expected-error @+1 {{expects 'beta' to be finite}}
  %y = lowbit.activation %x {alpha = 0.5 : f32, beta = 0x7FC00000 : f32,
                             function = #lowbit.function<hard_sigmoid>} : tensor<4x10xf32>
  return
}

// -----

func.func @activation_c3(%x: tensor<4x10xf32>) {
  // expected-error @+1 {{expects 'alpha' not to be 0 with the function 'celu'}}
  %y = lowbit.activation %x {alpha = 0.0 : f32, function = #lowbit.function<celu>} : tensor<4x10xf32>
  return
}

// -----

func.func @layer_norm_c1(%x: tensor<4x10xf32>, %s: tensor<1x10xf32>, %o: tensor<1x10xf32>) {
  // expected-error @+1 {{expects 'axes' to be dimensions of 'tensor<4x10xf32>' in ascending order}}
  %y = lowbit.layer_norm %x, %s, %o {axes = array<i64: 2>, epsilon = 0.0 : f32}
       : tensor<4x10xf32>, tensor<1x10xf32>, tensor<1x10xf32>
  return
}

// -----

func.func @layer_norm_c1_negative(%x: tensor<4x10xf32>, %s: tensor<1x10xf32>, %o: tensor<1x10xf32>) {
  // expected-error @+1 {{expects 'axes' to be dimensions of 'tensor<4x10xf32>' in ascending order}}
  %y = lowbit.layer_norm %x, %s, %o {axes = array<i64: -1>, epsilon = 0.0 : f32}
       : tensor<4x10xf32>, tensor<1x10xf32>, tensor<1x10xf32>
  return
}

// -----

func.func @layer_norm_c1_order(%x: tensor<4x10xf32>, %s: tensor<1x10xf32>, %o: tensor<1x10xf32>) {
  // expected-error @+1 {{expects 'axes' to be dimensions of 'tensor<4x10xf32>' in ascending order}}
  %y = lowbit.layer_norm %x, %s, %o {axes = array<i64: 1, 0>, epsilon = 0.0 : f32}
       : tensor<4x10xf32>, tensor<1x10xf32>, tensor<1x10xf32>
  return
}

// -----

func.func @layer_norm_c1_empty(%x: tensor<4x10xf32>, %s: tensor<1x10xf32>, %o: tensor<1x10xf32>) {
  // expected-error @+1 {{expects at least one of 'axes'}}
  %y = lowbit.layer_norm %x, %s, %o {axes = array<i64>, epsilon = 0.0 : f32}
       : tensor<4x10xf32>, tensor<1x10xf32>, tensor<1x10xf32>
  return
}

// -----

func.func @layer_norm_c2(%x: tensor<4x10xf32>, %s: tensor<2x10xf32>, %o: tensor<1x10xf32>) {
  // expected-error @+1 {{expects a scale and an offset that broadcast to 'tensor<4x10xf32>', but got 'tensor<2x10xf32>'}}
  %y = lowbit.layer_norm %x, %s, %o {axes = array<i64: 1>, epsilon = 0.0 : f32}
       : tensor<4x10xf32>, tensor<2x10xf32>, tensor<1x10xf32>
  return
}

// -----

func.func @layer_norm_c2_rank(%x: tensor<4x10xf32>, %s: tensor<10xf32>, %o: tensor<1x10xf32>) {
  // expected-error @+1 {{expects a scale and an offset that broadcast to 'tensor<4x10xf32>', but got 'tensor<10xf32>'}}
  %y = lowbit.layer_norm %x, %s, %o {axes = array<i64: 1>, epsilon = 0.0 : f32}
       : tensor<4x10xf32>, tensor<10xf32>, tensor<1x10xf32>
  return
}

// -----

func.func @layer_norm_c3(%x: tensor<4x10xf32>, %s: tensor<1x10xf32>, %o: tensor<1x10xf32>) {
  // expected-error @+1 {{expects a finite epsilon of at least 0}}
  %y = lowbit.layer_norm %x, %s, %o {axes = array<i64: 1>, epsilon = -1.0 : f32}
       : tensor<4x10xf32>, tensor<1x10xf32>, tensor<1x10xf32>
  return
}

// -----

func.func @grouped_conv2d_c1_rank(%x: tensor<8x8x4xf32>, %w: tensor<6x3x3x2xf32>,
                                 %b: tensor<6xf32>) {
  // expected-error @+1 {{expects input, weight and result of rank 4 and a bias of rank 1}}
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
         pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
       : tensor<8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<1x6x6x6xf32>
  return
}

// -----

func.func @grouped_conv2d_c1_weight(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x4xf32>,
                                   %b: tensor<6xf32>) {
  // expected-error @+1 {{expects shapes that agree for 2 groups}}
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
         pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
       : tensor<1x8x8x4xf32>, tensor<6x3x3x4xf32>, tensor<6xf32> to tensor<1x6x6x6xf32>
  return
}

// -----

func.func @grouped_conv2d_c1_bias(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>,
                                 %b: tensor<1xf32>) {
  // expected-error @+1 {{expects shapes that agree for 2 groups}}
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
         pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
       : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<1xf32> to tensor<1x6x6x6xf32>
  return
}

// -----

func.func @grouped_conv2d_c1_batch(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>,
                                  %b: tensor<6xf32>) {
  // expected-error @+1 {{expects shapes that agree for 2 groups}}
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
         pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
       : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<2x6x6x6xf32>
  return
}

// -----

func.func @grouped_conv2d_c1_result(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>,
                                   %b: tensor<6xf32>) {
  // expected-error @+1 {{expects shapes that agree for 2 groups}}
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
         pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
       : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<1x6x6x8xf32>
  return
}

// -----

func.func @grouped_conv2d_c1_divides(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>,
                                    %b: tensor<6xf32>) {
  // expected-error @+1 {{expects shapes that agree for 3 groups}}
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 3 : i64,
         pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
       : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<1x6x6x6xf32>
  return
}

// -----

func.func @grouped_conv2d_c1_zero(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>,
                                 %b: tensor<6xf32>) {
  // expected-error @+1 {{expects shapes that agree for 0 groups}}
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 0 : i64,
         pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
       : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<1x6x6x6xf32>
  return
}

// -----

func.func @grouped_conv2d_c2_stride(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>,
                                   %b: tensor<6xf32>) {
  // expected-error @+1 {{expects 'stride' and 'dilation' of 2 entries from 1, and 'pad' of 4 entries from 0}}
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
         pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 0, 1>}
       : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<1x6x6x6xf32>
  return
}

// -----

func.func @grouped_conv2d_c2_dilation(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>,
                                     %b: tensor<6xf32>) {
  // expected-error @+1 {{expects 'stride' and 'dilation' of 2 entries from 1, and 'pad' of 4 entries from 0}}
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1>, groups = 2 : i64,
         pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
       : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<1x6x6x6xf32>
  return
}

// -----

func.func @grouped_conv2d_c2_pad(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>,
                                %b: tensor<6xf32>) {
  // expected-error @+1 {{expects 'stride' and 'dilation' of 2 entries from 1, and 'pad' of 4 entries from 0}}
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
         pad = array<i64: 0, 0, -1, 0>, stride = array<i64: 1, 1>}
       : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<1x6x6x6xf32>
  return
}

// -----

func.func @grouped_conv2d_c3(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>,
                            %b: tensor<6xf32>) {
  // expected-error @+1 {{expects windows that fit the padded input, but got 6 for dimension 1}}
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
         pad = array<i64: 1, 0, 0, 0>, stride = array<i64: 1, 1>}
       : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<1x6x6x6xf32>
  return
}

// -----

func.func @grouped_conv2d_c3_width(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>,
                                  %b: tensor<6xf32>) {
  // expected-error @+1 {{expects windows that fit the padded input, but got 6 for dimension 2}}
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 9>, groups = 2 : i64,
         pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>}
       : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<1x6x6x6xf32>
  return
}
