// RUN: lowbit-opt %s -lowbit-assign=recipe=%S/Inputs/min-max.yaml -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-assign=recipe=int8 -split-input-file > %t.once
// RUN: lowbit-opt %t.once -lowbit-assign -split-input-file | diff %t.once -

!x = tensor<1x1x1x2xf32>
!w = tensor<4x1x1x2xf32>
!b = tensor<4xf32>
!y = tensor<1x1x1x4xf32>
!z = tensor<1xf32>

// Every scale below is exact: the ranges are chosen so.
// CHECK-LABEL: func.func @layer
func.func @layer(%x: !x) -> !y {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  // Largest magnitudes 127, 254, 0 and 63.5. The third gets the largest scale.
  // The bias of the last one is 2^31 steps of 0.5 * 0.5, so the scale becomes
  // the first f32 over 1 in which it is less than 2^30.
  %w = "tosa.const"() <{values = dense<[[[[-127.0, 1.0]]], [[[3.0, 254.0]]], [[[0.0, 0.0]]],
      [[[63.5, -1.0]]]]> : !w}> : () -> !w
  %b = "tosa.const"() <{values = dense<[0.0, 1.0, -5.0, -536870912.0]> : !b}> : () -> !b
  // -10 to 117.5 in 255 steps of 0.5; zero is code 20.
  // CHECK: %[[XO:.*]] = lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 5.000000e-01:20>, name = "x"
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #lowbit.stats<
      count = 2, min = -10.0 : f64, max = 117.5 : f64, average_min = 0.0 : f64,
      average_max = 1.0 : f64, bin_width = 128.0 : f64, first_bin = -1, histogram = [1, 1]>} : !x
  // CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<i8<-127:127>:f32:0, {1.000000e+00,2.000000e+00,2.000000e+00,1.0000001192092896}>, name = "conv.weight"
  %wo = lowbit.observe %w {name = "conv.weight", role = #lowbit.role<weight>} : !w
  %c = tosa.conv2d %xo, %wo, %b, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !b, !z, !z) -> !y
  // A range over 0 is widened to hold 0: 1 to 510 in steps of 2.
  // CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 2.000000e+00>, name = "conv"
  %co = lowbit.observe %c {name = "conv", role = #lowbit.role<activation>, stats = #lowbit.stats<
      count = 1, min = 1.0 : f64, max = 510.0 : f64, average_min = 1.0 : f64,
      average_max = 1.0 : f64, bin_width = 512.0 : f64, first_bin = 0, histogram = [1]>} : !y
  // Results of sigmoid and tanh have fixed formats, and need no statistics.
  // CHECK: tosa.sigmoid
  // CHECK-NOT: lowbit.reason
  // CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 3.906250e-03>, name = "sigmoid"
  %s = tosa.sigmoid %co : (!y) -> !y
  %so = lowbit.observe %s {name = "sigmoid", role = #lowbit.role<activation>} : !y
  // CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 7.812500e-03:128>, name = "tanh"
  %t = tosa.tanh %so : (!y) -> !y
  %to = lowbit.observe %t {name = "tanh", role = #lowbit.role<activation>} : !y
  // The largest magnitude of a head is code 32767.
  // CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<i16:f32, 5.000000e-01>, name = "abs"
  %a = tosa.abs %to : (!y) -> !y
  %ao = lowbit.observe %a {name = "abs", role = #lowbit.role<head>, stats = #lowbit.stats<
      count = 1, min = -16383.5 : f64, max = 3.0 : f64, average_min = 1.0 : f64,
      average_max = 1.0 : f64, bin_width = 1.0 : f64, first_bin = 1, histogram = [1]>} : !y
  // CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u16:f32, 1.52587890625E-5>, name = "softmax"
  %m = lowbit.softmax %ao {axis = 3 : i64} : !y
  %mo = lowbit.observe %m {name = "softmax", role = #lowbit.role<head>} : !y
  return %mo : !y
}

// -----

!x = tensor<2xf32>

// Ranges of which nothing can be made, and one that leaves f32 when subtracted.
// CHECK-LABEL: func.func @ranges
func.func @ranges(%x: !x) -> !x {
  // CHECK: format = !quant.uniform<u8:f32, 1.000000e+00>, name = "zeros"
  %z = lowbit.observe %x {name = "zeros", role = #lowbit.role<activation>, stats = #lowbit.stats<
      count = 1, min = 0.0 : f64, max = 0.0 : f64, average_min = 0.0 : f64, average_max = 0.0 : f64,
      bin_width = 1.0 : f64, first_bin = 0, histogram = [1]>} : !x
  %a = tosa.abs %z : (!x) -> !x
  // 1e-45 is the least f32. Its reciprocal is infinite; that of 2^-126 is not.
  // CHECK: format = !quant.uniform<u8:f32, 1.1754943508222875E-38>, name = "subnormal"
  %s = lowbit.observe %a {name = "subnormal", role = #lowbit.role<activation>, stats = #lowbit.stats<
      count = 1, min = 0.0 : f64, max = 1.0e-45 : f64, average_min = 0.0 : f64,
      average_max = 0.0 : f64, bin_width = 1.0 : f64, first_bin = 0, histogram = [1]>} : !x
  %b = tosa.abs %s : (!x) -> !x
  // A single negative value: zero is the last code.
  // CHECK: format = !quant.uniform<u8:f32, 1.000000e+00:255>, name = "negative"
  %n = lowbit.observe %b {name = "negative", role = #lowbit.role<activation>, stats = #lowbit.stats<
      count = 1, min = -255.0 : f64, max = -255.0 : f64, average_min = 0.0 : f64,
      average_max = 0.0 : f64, bin_width = 256.0 : f64, first_bin = -1, histogram = [1]>} : !x
  %c = tosa.abs %n : (!x) -> !x
  // CHECK: format = !quant.uniform<u8:f32, 2.668{{.*}}E+36:128>, name = "huge"
  %h = lowbit.observe %c {name = "huge", role = #lowbit.role<activation>, stats = #lowbit.stats<
      count = 2, min = -3.4028234663852886e38 : f64, max = 3.4028234663852886e38 : f64,
      average_min = 0.0 : f64, average_max = 0.0 : f64, bin_width = 3.4028236692093846e38 : f64,
      first_bin = -1, histogram = [1, 1]>} : !x
  %d = tosa.abs %h : (!x) -> !x
  // CHECK: format = !quant.uniform<i16:f32, 1.000000e+00>, name = "head"
  %o = lowbit.observe %d {name = "head", role = #lowbit.role<head>, stats = #lowbit.stats<
      count = 1, min = 0.0 : f64, max = 0.0 : f64, average_min = 0.0 : f64, average_max = 0.0 : f64,
      bin_width = 1.0 : f64, first_bin = 0, histogram = [1]>} : !x
  return %o : !x
}

// -----

!x = tensor<1x2x2xf32>
#s = #lowbit.stats<count = 1, min = 0.0 : f64, max = 255.0 : f64, average_min = 0.0 : f64,
    average_max = 255.0 : f64, bin_width = 256.0 : f64, first_bin = 0, histogram = [1]>

// What stays in float says why. A value is encoded where codes of it are read,
// and only there.
// CHECK-LABEL: func.func @float_operations
func.func @float_operations(%x: !x, %y: !x) -> (!x, !x, !x) {
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  // CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 1.000000e+00>, name = "x"
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #s} : !x
  // CHECK: lowbit.observe %{{.*}} {name = "y", reason = "nothing computes on its codes"
  %yo = lowbit.observe %y {name = "y", role = #lowbit.role<activation>, stats = #s} : !x
  // CHECK: tosa.pow {{.*}} {lowbit.reason = "there is no integer form of 'tosa.pow'"}
  %p = tosa.pow %yo, %yo : (!x, !x) -> !x
  // The sum below reads it as codes.
  // CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 1.000000e+00>, name = "pow"
  %po = lowbit.observe %p {name = "pow", role = #lowbit.role<activation>, stats = #s} : !x
  // CHECK: tosa.add %{{.*}}, %{{.*}} : (
  %a = tosa.add %xo, %po : (!x, !x) -> !x
  %ao = lowbit.observe %a {name = "add", role = #lowbit.role<activation>, stats = #s} : !x
  // CHECK: tosa.matmul {{.*}} {lowbit.reason = "its operand 2 is not observed"}
  // CHECK: lowbit.observe %{{.*}} {name = "matmul", reason = "its operand 2 is not observed"
  %m = tosa.matmul %ao, %a, %zero, %zero : (!x, !x, tensor<1xf32>, tensor<1xf32>) -> !x
  %mo = lowbit.observe %m {name = "matmul", role = #lowbit.role<head>, stats = #s} : !x
  // CHECK: lowbit.softmax {{.*}} lowbit.reason = "its axis is not the last one"
  %s = lowbit.softmax %ao {axis = 1 : i64} : !x
  %so = lowbit.observe %s {name = "softmax", role = #lowbit.role<head>, stats = #s} : !x
  // CHECK: tosa.exp {{.*}} {lowbit.reason = "it reads codes of 16 bits, those of 'soft'"}
  %t = lowbit.softmax %ao {axis = 2 : i64} : !x
  %to = lowbit.observe %t {name = "soft", role = #lowbit.role<head>, stats = #s} : !x
  %e = tosa.exp %to : (!x) -> !x
  %eo = lowbit.observe %e {name = "exp", role = #lowbit.role<head>, stats = #s} : !x
  return %mo, %so, %eo : !x, !x, !x
}

// -----

!x = tensor<1x2xf32>
#s = #lowbit.stats<count = 1, min = 0.0 : f64, max = 255.0 : f64, average_min = 0.0 : f64,
    average_max = 255.0 : f64, bin_width = 256.0 : f64, first_bin = 0, histogram = [1]>

// A function of one variable is a table; other composites stay in float.
// CHECK-LABEL: func.func @composites
func.func @composites(%x: !x) -> !x {
  %one = "tosa.const"() <{values = dense<1.0> : tensor<1x1xf32>}> : () -> tensor<1x1xf32>
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #s} : !x
  // CHECK: lowbit.activation %{{.*}} {function = #lowbit.function<gelu>}
  // CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 1.000000e+00>, name = "gelu"
  %g = lowbit.activation %xo {function = #lowbit.function<gelu>} : !x
  %go = lowbit.observe %g {name = "gelu", role = #lowbit.role<activation>, stats = #s} : !x
  // CHECK: lowbit.layer_norm {{.*}} lowbit.reason = "there is no integer form of
  // CHECK-SAME: 'lowbit.layer_norm'"
  %n = lowbit.layer_norm %go, %one, %one {axes = array<i64: 1>, epsilon = 0.5 : f32}
       : !x, tensor<1x1xf32>, tensor<1x1xf32>
  // CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 1.000000e+00>, name = "norm"
  %no = lowbit.observe %n {name = "norm", role = #lowbit.role<activation>, stats = #s} : !x
  %f = lowbit.activation %no {function = #lowbit.function<round>} : !x
  %fo = lowbit.observe %f {name = "round", role = #lowbit.role<activation>, stats = #s} : !x
  // CHECK: lowbit.log_softmax {{.*}} lowbit.reason = "there is no integer form of
  // CHECK-SAME: 'lowbit.log_softmax'"
  %l = lowbit.log_softmax %fo {axis = 1 : i64} : !x
  %lo = lowbit.observe %l {name = "log", role = #lowbit.role<head>, stats = #s} : !x
  return %lo : !x
}

// -----

!x = tensor<1x2x2x2xf32>
!w = tensor<1x1x2x1xf32>
!b = tensor<2xf32>
!z = tensor<1xf32>
#s = #lowbit.stats<count = 1, min = 0.0 : f64, max = 255.0 : f64, average_min = 0.0 : f64,
    average_max = 255.0 : f64, bin_width = 256.0 : f64, first_bin = 0, histogram = [1]>

// Depthwise weights have their channels along dimension 2. Constants that are
// added have the format of an activation, over all of their range.
// CHECK-LABEL: func.func @depthwise
func.func @depthwise(%x: !x, %b: !b) -> (!x, !x, !x) {
  %zero = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  %w = "tosa.const"() <{values = dense<[[[[127.0], [-254.0]]]]> : !w}> : () -> !w
  %bias = "tosa.const"() <{values = dense<1.0> : !b}> : () -> !b
  %c = "tosa.const"() <{values = dense<510.0> : !x}> : () -> !x
  %row = "tosa.const"() <{values = dense<1.0> : tensor<1x1x1x2xf32>}> : () -> tensor<1x1x1x2xf32>
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #s} : !x
  // CHECK: {format = !quant.uniform<i8<-127:127>:f32:2, {1.000000e+00,2.000000e+00}>, name = "dw.weight"
  %wo = lowbit.observe %w {name = "dw.weight", role = #lowbit.role<weight>} : !w
  %d = tosa.depthwise_conv2d %xo, %wo, %bias, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !b, !z, !z) -> !x
  // CHECK: {format = !quant.uniform<u8:f32, 2.000000e+00>, name = "dw.constant"
  %co = lowbit.observe %c {name = "dw.constant", role = #lowbit.role<activation>,
      stats = #lowbit.stats<count = 8, min = 510.0 : f64, max = 510.0 : f64,
      average_min = 510.0 : f64, average_max = 510.0 : f64, bin_width = 1.0 : f64,
      first_bin = 510, histogram = [8]>} : !x
  %a = tosa.add %d, %co : (!x, !x) -> !x
  %ao = lowbit.observe %a {name = "dw", role = #lowbit.role<head>, stats = #s} : !x
  // CHECK: {name = "e.weight", reason = "it is used in float"
  %vo = lowbit.observe %w {name = "e.weight", role = #lowbit.role<weight>} : !w
  // CHECK: lowbit.reason = "its bias is not constant"
  %e = tosa.depthwise_conv2d %xo, %vo, %b, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !b, !z, !z) -> !x
  %eo = lowbit.observe %e {name = "e", role = #lowbit.role<head>, stats = #s} : !x
  // CHECK: lowbit.reason = "its weights are not observed"
  %f = tosa.depthwise_conv2d %xo, %w, %bias, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !b, !z, !z) -> !x
  %fo = lowbit.observe %f {name = "f", role = #lowbit.role<activation>, stats = #s} : !x
  // CHECK: lowbit.reason = "its operand 2 is not observed"
  %g = tosa.sub %fo, %row : (!x, tensor<1x1x1x2xf32>) -> !x
  %go = lowbit.observe %g {name = "g", role = #lowbit.role<activation>, stats = #s} : !x
  // CHECK: lowbit.reason = "its operand 2 is not observed"
  %h = tosa.add %go, %c : (!x, !x) -> !x
  %ho = lowbit.observe %h {name = "h", role = #lowbit.role<head>, stats = #s} : !x
  return %ao, %eo, %ho : !x, !x, !x
}

// -----

!x = tensor<1x1x1x1xf32>
!w = tensor<1x1x1x1xf32>
!b = tensor<1xf32>

// In steps of 2^-100 no f32 brings the bias below 2^30: the scale is the largest.
// CHECK-LABEL: func.func @tiny_input
func.func @tiny_input(%x: !x) -> !x {
  %zero = "tosa.const"() <{values = dense<0.0> : !b}> : () -> !b
  %w = "tosa.const"() <{values = dense<1.0> : !w}> : () -> !w
  %b = "tosa.const"() <{values = dense<3.0e38> : !b}> : () -> !b
  // CHECK: {format = !quant.uniform<u8:f32, {{.*}}E-31>, name = "x"
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #lowbit.stats<
      count = 1, min = 0.0 : f64, max = 2.0e-28 : f64, average_min = 0.0 : f64,
      average_max = 1.0 : f64, bin_width = 1.0 : f64, first_bin = 0, histogram = [1]>} : !x
  // CHECK: {format = !quant.uniform<i8<-127:127>:f32{{.*}}3.4028234663852886E+38
  %wo = lowbit.observe %w {name = "conv.weight", role = #lowbit.role<weight>} : !w
  %c = tosa.conv2d %xo, %wo, %b, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (!x, !w, !b, !b, !b) -> !x
  %co = lowbit.observe %c {name = "conv", role = #lowbit.role<activation>, stats = #lowbit.stats<
      count = 1, min = 0.0 : f64, max = 510.0 : f64, average_min = 1.0 : f64,
      average_max = 1.0 : f64, bin_width = 512.0 : f64, first_bin = 0, histogram = [1]>} : !x
  return %co : !x
}
