// RUN: lowbit-opt %s -lowbit-equalize=explain -split-input-file -verify-diagnostics | FileCheck %s
// RUN: not lowbit-opt %s -lowbit-equalize=recipe=none -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=RECIPE
// RECIPE: error: there is no recipe 'none'

!x = tensor<1x2x2x2xf32>
!w = tensor<2x1x1x2xf32>
!z = tensor<1xf32>

func.func @uses(%x: !x) -> (!x, !x, !x) {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<[[[[8.0, 8.0]]], [[[1.0, 1.0]]]]> : !w}> : () -> !w
  // expected-remark @+1 {{'tosa.conv2d' is not equalized with what it reads: it reads an argument}}
  %a = tosa.conv2d %x, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  // expected-remark @+1 {{what it reads has other uses}}
  %b = tosa.conv2d %a, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %s = tosa.add %a, %b : (!x, !x) -> !x
  // expected-remark @+1 {{it reads 'tosa.add'}}
  %c = tosa.conv2d %s, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %t = tosa.transpose %c {perms = array<i32: 0, 1, 3, 2>} : (!x) -> !x
  // expected-remark @+1 {{it reads 'tosa.transpose'}}
  %d = tosa.conv2d %t, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  // CHECK-LABEL: func.func @uses
  // CHECK-NOT: dense<{{.*}}[8.000000e+00, 8.000000e+00]{{.*}}[8.000000e+00
  // CHECK: return
  return %b, %d, %d : !x, !x, !x
}

// -----

!x = tensor<1x2x2x2xf32>
!w = tensor<2x1x1x2xf32>
!z = tensor<1xf32>

func.func @movement(%x: !x) -> (tensor<1x2x4x1xf32>, tensor<1x2x2x2xf32>) {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<[[[[8.0, 8.0]]], [[[1.0, 1.0]]]]> : !w}> : () -> !w
  %v = "tosa.const"() <{values = dense<1.0> : tensor<1x1x1x1xf32>}> : () -> tensor<1x1x1x1xf32>
  %u = "tosa.const"() <{values = dense<1.0> : tensor<2x1x1x3xf32>}> : () -> tensor<2x1x1x3xf32>
  // expected-remark @+1 {{it reads an argument}}
  %a = tosa.conv2d %x, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %shape = tosa.const_shape {values = dense<[1, 2, 4, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %r = tosa.reshape %a, %shape : (!x, !tosa.shape<4>) -> tensor<1x2x4x1xf32>
  // expected-remark @+1 {{what it reads is reshaped across channels}}
  %b = tosa.conv2d %r, %v, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (tensor<1x2x4x1xf32>, tensor<1x1x1x1xf32>, !z, !z, !z) -> tensor<1x2x4x1xf32>
  // expected-remark @+1 {{it reads an argument}}
  %c = tosa.conv2d %x, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %low = tosa.const_shape {values = dense<[0, 0, 0, 0, 0, 0, 0, 1]> : tensor<8xindex>} : () -> !tosa.shape<8>
  %p = tosa.pad %c, %low, %zero : (!x, !tosa.shape<8>, !z) -> tensor<1x2x2x3xf32>
  // expected-remark @+1 {{what it reads is padded across channels}}
  %d = tosa.conv2d %p, %u, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (tensor<1x2x2x3xf32>, tensor<2x1x1x3xf32>, !z, !z, !z) -> !x
  return %b, %d : tensor<1x2x4x1xf32>, !x
}

// -----

!x = tensor<1x2x2x2xf32>
!w = tensor<2x1x1x2xf32>
!z = tensor<1xf32>

func.func @clamps(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<[[[[8.0, 8.0]]], [[[1.0, 1.0]]]]> : !w}> : () -> !w
  // expected-remark @+1 {{it reads an argument}}
  %a = tosa.conv2d %x, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %r = tosa.clamp %a {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!x) -> !x
  // expected-remark @+1 {{the clamp between them has a bound, and nothing is known of how near to it the channels come}}
  %b = tosa.conv2d %r, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %s = tosa.clamp %b {min_val = 1.0 : f32, max_val = 3.40282347E+38 : f32} : (!x) -> !x
  // expected-remark @+1 {{the clamp between them excludes 0}}
  %c = tosa.conv2d %s, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %t = tosa.clamp %c {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!x) -> !x
  %u = tosa.clamp %t {min_val = 0.0 : f32, max_val = 3.0 : f32} : (!x) -> !x
  // expected-remark @+1 {{it reads a clamp of a clamp}}
  %d = tosa.conv2d %u, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  return %d : !x
}

// -----

!x = tensor<1x2x2x2xf32>
!w = tensor<2x1x1x2xf32>
!z = tensor<1xf32>

func.func @observations(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<[[[[8.0, 8.0]]], [[[1.0, 1.0]]]]> : !w}> : () -> !w
  // expected-remark @+1 {{it reads an argument}}
  %a = tosa.conv2d %x, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %ao = lowbit.observe %a {name = "a", role = #lowbit.role<activation>, stats = #lowbit.stats<
      count = 8, min = 0.0 : f64, max = 6.0 : f64, average_min = 0.0 : f64, average_max = 5.0 : f64,
      bin_width = 8.0 : f64, first_bin = 0, histogram = [8]>} : !x
  // expected-remark @+1 {{there are statistics, but none of its channels; use -lowbit-calibrate again}}
  %b = tosa.conv2d %ao, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  %bo = lowbit.observe %b {name = "b", role = #lowbit.role<activation>} : !x
  %bp = lowbit.observe %bo {name = "c", role = #lowbit.role<activation>} : !x
  // expected-remark @+1 {{what it reads is observed twice}}
  %c = tosa.conv2d %bp, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  return %c : !x
}

// -----

!x = tensor<1x2x2x2xf32>
!w = tensor<2x1x1x2xf32>
!z = tensor<1xf32>

func.func @constants(%x: !x, %w: !w, %b: tensor<2xf32>) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %v = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  // expected-remark @+1 {{it reads an argument}}
  %0 = tosa.conv2d %x, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  // expected-remark @+1 {{its weights are not constant}}
  %1 = tosa.conv2d %0, %v, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  // expected-remark @+1 {{its bias is not constant}}
  %2 = tosa.conv2d %1, %v, %b, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, tensor<2xf32>, !z, !z) -> !x
  return %2 : !x
}

// -----

!x = tensor<?x2x2x2xf32>
!w = tensor<2x1x1x2xf32>
!z = tensor<1xf32>

func.func @dynamic(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  // expected-remark @+1 {{it reads an argument}}
  %0 = tosa.conv2d %x, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  // expected-remark @+1 {{its shape is dynamic}}
  %1 = tosa.conv2d %0, %w, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !z, !z, !z) -> !x
  return %1 : !x
}

// -----

!x = tensor<2x1x2xf32>
!w = tensor<2x2x2xf32>
!z = tensor<1xf32>

// Products of as many matrices have channels of their own.
func.func @channels(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  // expected-remark @+1 {{it reads an argument}}
  %0 = tosa.matmul %x, %w, %zero, %zero : (!x, !w, !z, !z) -> !x
  // expected-remark @+1 {{the channels of its input, weights and result do not agree}}
  %1 = tosa.matmul %0, %w, %zero, %zero : (!x, !w, !z, !z) -> !x
  return %1 : !x
}

// -----

!x = tensor<1x1x2xf32>
!w = tensor<1x2x2xf32>
!z = tensor<1xf32>

func.func @overflow(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<1.0e30> : !w}> : () -> !w
  // expected-remark @+1 {{it reads an argument}}
  %0 = tosa.matmul %x, %w, %zero, %zero : (!x, !w, !z, !z) -> !x
  %wo = lowbit.observe %w {name = "b.weight", role = #lowbit.role<weight>,
      channels = #lowbit.channels<min = [0.0, 0.0], max = [1.0e30, 1.0e-30], mean = [0.0, 0.0]>} : !w
  // expected-remark @+1 {{'b' is not equalized with what it reads: weights or biases would not be finite}}
  %1 = tosa.matmul %0, %wo, %zero, %zero : (!x, !w, !z, !z) -> !x
  return %1 : !x
}

// -----

!x = tensor<1x1x2xf32>
!w = tensor<1x2x2xf32>
!z = tensor<1xf32>

func.func @shared(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  %wo = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>} : !w
  // expected-remark @+1 {{it reads an argument}}
  %0 = tosa.matmul %x, %wo, %zero, %zero : (!x, !w, !z, !z) -> !x
  // expected-remark @+1 {{'a.weight' is observed for others too}}
  %1 = tosa.matmul %0, %wo, %zero, %zero : (!x, !w, !z, !z) -> !x
  %vo = lowbit.observe %w {name = "b.weight", role = #lowbit.role<weight>,
      channels = #lowbit.channels<min = [0.0], max = [1.0], mean = [0.0]>} : !w
  // expected-remark @+1 {{its statistics are of other channels}}
  %2 = tosa.matmul %1, %vo, %zero, %zero : (!x, !w, !z, !z) -> !x
  return %2 : !x
}

// -----

!x = tensor<1x1x2xf32>
!w = tensor<1x2x2xf32>
!z = tensor<1xf32>

func.func @region(%x: !x, %if: i1) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  // expected-remark @+1 {{it reads an argument}}
  %0 = tosa.matmul %x, %w, %zero, %zero : (!x, !w, !z, !z) -> !x
  %1 = scf.if %if -> !x {
    // expected-remark @+1 {{what it reads is computed elsewhere}}
    %2 = tosa.matmul %0, %w, %zero, %zero : (!x, !w, !z, !z) -> !x
    scf.yield %2 : !x
  } else {
    scf.yield %x : !x
  }
  return %1 : !x
}
