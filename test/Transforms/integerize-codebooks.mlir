// RUN: lowbit-opt %s -split-input-file -lowbit-integerize=require-integer -verify-diagnostics | FileCheck %s

// Numbers that are no multiples of one step are rounded to such of 16 bits.
// CHECK-LABEL: func.func @rounded(
// CHECK: lowbit.constant dense<{{.*}}[-9830, 3277]{{.*}}[32766, -9830]{{.*}}> : tensor<2x1x1x2xi16> as tensor<2x1x1x2x!quant.uniform<i16:f32, 3.0519{{[0-9]*}}E-5>>
// CHECK-NOT: tosa.conv2d
// CHECK-COUNT-1: lowbit.contract
// CHECK-NOT: lowbit.contract
// CHECK-NOT: tosa.conv2d
// CHECK: return
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.codebook<u2>
!y = !quant.uniform<i8:f32, 0.25>
func.func @rounded(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x2x!x> to tensor<1x2x2x2xf32>
  %wq = lowbit.constant dense<[[[[0, 1]]], [[[2, 0]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %book = arith.constant dense<[[[[-0.3], [0.1], [1.0]]]]> : tensor<1x1x3x1xf32>
  %w = lowbit.decode %wq with %book : tensor<1x1x3x1xf32> : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %c : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}

// -----

// As many bits as keep sums inside 32: 2^31 / (4096 * 255) is a little more than 2^11.
// CHECK-LABEL: func.func @fewer_bits(
// CHECK: lowbit.constant dense<20{{[0-9][0-9]}}> : tensor<2x1x1x4096xi16>
// CHECK: lowbit.contract
// CHECK-NOT: lowbit.contract
!x = !quant.uniform<u8:f32, 0.5>
!w = !lowbit.codebook<u2>
!y = !quant.uniform<i8:f32, 0.25>
func.func @fewer_bits(%q: tensor<1x2x2x4096x!x>) -> tensor<1x2x2x2x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x4096x!x> to tensor<1x2x2x4096xf32>
  %wq = lowbit.constant dense<2> : tensor<2x1x1x4096xi8> as tensor<2x1x1x4096x!w>
  %book = arith.constant dense<[[[[-0.3], [0.1], [1.0]]]]> : tensor<1x1x3x1xf32>
  %w = lowbit.decode %wq with %book : tensor<1x1x3x1xf32> : tensor<2x1x1x4096x!w> to tensor<2x1x1x4096xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x4096xf32>, tensor<2x1x1x4096xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %c : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}

// -----

// What then has fewer than 12 has three digits of 8 bits: each is a layer, and their sums are
// added on a common grid.
// CHECK-LABEL: func.func @digits(
// CHECK-NOT: tosa.conv2d
// CHECK-COUNT-3: lowbit.contract
// CHECK-NOT: lowbit.contract
// CHECK-NOT: tosa.conv2d
// CHECK: return
!x = !quant.uniform<u8:f32, 0.5>
!w = !lowbit.codebook<u2>
!y = !quant.uniform<i8:f32, 0.25>
func.func @digits(%q: tensor<1x2x2x4300x!x>) -> tensor<1x2x2x2x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x4300x!x> to tensor<1x2x2x4300xf32>
  %wq = lowbit.constant dense<2> : tensor<2x1x1x4300xi8> as tensor<2x1x1x4300x!w>
  %book = arith.constant dense<[[[[-0.3], [0.1], [1.0]]]]> : tensor<1x1x3x1xf32>
  %w = lowbit.decode %wq with %book : tensor<1x1x3x1xf32> : tensor<2x1x1x4300x!w> to tensor<2x1x1x4300xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @below {{is the sum of 3 layers, of 8 bits of its codebook each: its sums leave 32 bits if its codebook has 12}}
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x4300xf32>, tensor<2x1x1x4300xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %c : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}

// -----

// The bias is one of the sums.
// CHECK-LABEL: func.func @bias(
// CHECK-COUNT-3: lowbit.contract
// CHECK-NOT: lowbit.contract
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.codebook<u2>
!y = !quant.uniform<i8:f32, 0.25>
func.func @bias(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x2x!x> to tensor<1x2x2x2xf32>
  %wq = lowbit.constant dense<2> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %book = arith.constant dense<[[[[-0.3], [0.1], [1.0]]]]> : tensor<1x1x3x1xf32>
  %w = lowbit.decode %wq with %book : tensor<1x1x3x1xf32> : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<-600000.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-remark @below {{its sums leave 32 bits if its codebook has 12}}
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %c : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}

// -----

// A table of each output channel has a step of its own.
// CHECK-LABEL: func.func @channels(
// CHECK: lowbit.constant dense<{{.*}}[-9830, 3277]{{.*}}[-32766, 0]{{.*}}> : tensor<2x1x1x2xi16>
// CHECK-SAME: !quant.uniform<i16:f32:0, {3.0519{{[0-9]*}}E-5,2.1363{{[0-9]*}}E-7}>
// CHECK-COUNT-1: lowbit.contract
// CHECK-NOT: lowbit.contract
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.codebook<u2, axis = 0>
!y = !quant.uniform<i8:f32, 0.25>
func.func @channels(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x2x!x> to tensor<1x2x2x2xf32>
  %wq = lowbit.constant dense<[[[[0, 1]]], [[[2, 0]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %book = arith.constant dense<[[[[-0.3], [0.1], [1.0]]], [[[0.0], [0.005], [-0.007]]]]> : tensor<2x1x3x1xf32>
  %w = lowbit.decode %wq with %book : tensor<2x1x3x1xf32> : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %c : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}

// -----

// Tables of vectors are rounded alike, and stay with the steps.
// CHECK-LABEL: func.func @vectors(
// CHECK: lowbit.constant dense<{{.*}}[-9829, 3276]{{.*}}[9829, -32765]{{.*}}> : tensor<2x1x1x2xi16>
// CHECK-SAME: lowbit.tables = dense<{{\[\[\[\[}}-9829, 3276], [9829, -32765]], {{\[\[}}0, 0], [0, 0]]]]> : tensor<1x2x2x2xi16>
// CHECK-COUNT-1: lowbit.contract
// CHECK-NOT: lowbit.contract
!x = !quant.uniform<u2:f32, 0.5>
!w = !lowbit.codebook<u1, stages = 2, dim = 2, axis = 3>
!y = !quant.uniform<i8:f32, 0.25>
func.func @vectors(%q: tensor<1x2x2x2x!x>) -> tensor<1x2x2x2x!y> {
  %x = lowbit.decode %q : tensor<1x2x2x2x!x> to tensor<1x2x2x2xf32>
  %wq = lowbit.constant dense<[[[[0]]], [[[3]]]]> : tensor<2x1x1x1xi8> as tensor<2x1x1x1x!w>
  %book = arith.constant dense<[[[[-0.3, 0.1], [0.3, -1.0]], [[0.0, 0.0], [0.0, 0.0]]]]> : tensor<1x2x2x2xf32>
  %w = lowbit.decode %wq with %book : tensor<1x2x2x2xf32> : tensor<2x1x1x1x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x2x2x2xf32>
  %o = lowbit.encode %c : tensor<1x2x2x2xf32> to tensor<1x2x2x2x!y>
  return %o : tensor<1x2x2x2x!y>
}
