// RUN: lowbit-opt %s -lowbit-integerize=profile=tosa -split-input-file | FileCheck %s --check-prefixes=CHECK,TOSA
// RUN: lowbit-opt %s -lowbit-integerize=profile=tflite-single -split-input-file \
// RUN:   | FileCheck %s --check-prefixes=CHECK,TFLITE,SINGLE
// RUN: lowbit-opt %s -lowbit-integerize=profile=tflite-double -split-input-file \
// RUN:   | FileCheck %s --check-prefixes=CHECK,TFLITE,DOUBLE
// RUN: lowbit-opt %s -lowbit-integerize=profile=onnx -split-input-file | FileCheck %s --check-prefixes=CHECK,ONNX

// The factor 0.5 * 0.3 / 0.7 is a multiplier with a shift, or a real number. TFLite rounds
// the product of a fully connected layer's two scales to f32 first. 2.5 / 0.7 = 3.57.
// CHECK-LABEL: func.func @fully_connected
// TOSA-DAG: arith.constant dense<1840700270> : tensor<2xi32>
// TFLITE-DAG: arith.constant dense<1840700343> : tensor<2xi32>
// ONNX-DAG: arith.constant dense<0.214285716> : tensor<2xf32>
// CHECK: lowbit.contract
// ONNX-SAME: tensor<2xi32>, tensor<2xf32>
// TOSA: lowbit.rescale %{{.*}}, %{{.*}}, %{{.*}} {max = 14 : i32, min = 10 : i32, output_zero_point = 10 : i32} : i32, i32 to i32
// SINGLE: lowbit.rescale %{{.*}}, %{{.*}}, %{{.*}} {max = 14 : i32, min = 10 : i32, output_zero_point = 10 : i32} : i32, i32 to i32
// DOUBLE: lowbit.rescale %{{.*}} {max = 14 : i32, min = 10 : i32, output_zero_point = 10 : i32, rounding = #lowbit.rescale_mode<double_round>}
// ONNX: lowbit.requantize %{{.*}}, %{{.*}} {max = 14 : i32, min = 10 : i32, output_zero_point = 10 : i32} : i32, f32 to i32
!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.3>
!y = !quant.uniform<u8:f32, 0.7:10>
func.func @fully_connected(%q: tensor<4x1x1x2x!x>) -> tensor<4x1x1x2x!y> {
  %x = lowbit.decode %q : tensor<4x1x1x2x!x> to tensor<4x1x1x2xf32>
  %wq = lowbit.constant dense<[[[[1, 2]]], [[[3, 4]]]]> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  %w = lowbit.decode %wq : tensor<2x1x1x2x!w> to tensor<2x1x1x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<4x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<4x1x1x2xf32>
  %r = tosa.clamp %c {min_val = 0.0 : f32, max_val = 2.5 : f32}
    : (tensor<4x1x1x2xf32>) -> tensor<4x1x1x2xf32>
  %o = lowbit.encode %r : tensor<4x1x1x2xf32> to tensor<4x1x1x2x!y>
  return %o : tensor<4x1x1x2x!y>
}

// -----

// TFLite: both operands over twice the larger scale, 2^20 steps each.
// CHECK-LABEL: func.func @add
// TOSA: lowbit.add
// TOSA-NOT: left_shift
// TFLITE: lowbit.add %{{.*}}, %{{.*}} {left_shift = 20 : i32, max = 127 : i32, min = -128 : i32,
// TFLITE-SAME: multipliers = array<i32: 1073741824, 1073741824, 1073741824>
// SINGLE-SAME: shifts = array<i32: 32, 31, 49>}
// DOUBLE-SAME: rounding = #lowbit.rescale_mode<double_round>, shifts = array<i32: 32, 31, 49>}
// ONNX: tosa.add {{.*}} {lowbit.float_glue = "profile onnx computes its add with real numbers"}
!a = !quant.uniform<i8:f32, 0.25:3>
!b = !quant.uniform<i8:f32, 0.5:-1>
func.func @add(%p: tensor<4x!a>, %q: tensor<4x!b>) -> tensor<4x!b> {
  %x = lowbit.decode %p : tensor<4x!a> to tensor<4xf32>
  %y = lowbit.decode %q : tensor<4x!b> to tensor<4xf32>
  %s = tosa.add %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %o = lowbit.encode %s : tensor<4xf32> to tensor<4x!b>
  return %o : tensor<4x!b>
}

// -----

// TFLite averages codes of one format; another format comes after.
// CHECK-LABEL: func.func @average
// TOSA-COUNT-2: lowbit.avg_pool2d
// TFLITE: %[[MEAN:.*]] = lowbit.mean_pool2d %{{.*}} {kernel = array<i64: 2, 2>
// TFLITE: %[[OTHER:.*]] = lowbit.mean_pool2d
// TFLITE: %[[CHANGED:.*]] = lowbit.rescale %[[OTHER]]
// TFLITE: return %[[MEAN]], %[[CHANGED]]
// ONNX-COUNT-2: tosa.avg_pool2d {{.*}} lowbit.float_glue = "profile onnx averages real numbers"
!a = !quant.uniform<i8:f32, 0.25:3>
!b = !quant.uniform<i8:f32, 0.5:-1>
!x = tensor<1x4x4x2xf32>
!y = tensor<1x2x2x2xf32>
func.func @average(%q: tensor<1x4x4x2x!a>) -> (tensor<1x2x2x2x!a>, tensor<1x2x2x2x!b>) {
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %x = lowbit.decode %q : tensor<1x4x4x2x!a> to !x
  %s = tosa.avg_pool2d %x, %z, %z {acc_type = f32, kernel = array<i64: 2, 2>,
    stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>} : (!x, tensor<1xf32>, tensor<1xf32>) -> !y
  %o = lowbit.encode %s : !y to tensor<1x2x2x2x!a>
  %t = tosa.avg_pool2d %x, %z, %z {acc_type = f32, kernel = array<i64: 2, 2>,
    stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>} : (!x, tensor<1xf32>, tensor<1xf32>) -> !y
  %p = lowbit.encode %t : !y to tensor<1x2x2x2x!b>
  return %o, %p : tensor<1x2x2x2x!a>, tensor<1x2x2x2x!b>
}

// -----

// The codes of decode and encode: code 1 is 0.25, half a step, which ONNX rounds to even.
// CHECK-LABEL: func.func @change
// TOSA: lowbit.rescale
// TFLITE: lowbit.rescale
// ONNX: arith.constant dense<[0, 0, 1, 2]> : tensor<4xi8>
// ONNX: lowbit.table
!a = !quant.uniform<u2:f32, 0.25>
!b = !quant.uniform<u8:f32, 0.5>
func.func @change(%q: tensor<4x!a>) -> tensor<4x!b> {
  %x = lowbit.decode %q : tensor<4x!a> to tensor<4xf32>
  %o = lowbit.encode %x : tensor<4xf32> to tensor<4x!b>
  return %o : tensor<4x!b>
}

// -----

// CHECK-LABEL: func.func @concat
// TOSA: lowbit.rescale
// TFLITE: lowbit.rescale
// ONNX: lowbit.table
// ONNX: lowbit.concat
!a = !quant.uniform<u8:f32, 0.25>
!b = !quant.uniform<u8:f32, 0.5>
func.func @concat(%p: tensor<4x!a>, %q: tensor<4x!b>) -> tensor<8x!b> {
  %x = lowbit.decode %p : tensor<4x!a> to tensor<4xf32>
  %y = lowbit.decode %q : tensor<4x!b> to tensor<4xf32>
  %c = tosa.concat %x, %y {axis = 0 : i32} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %o = lowbit.encode %c : tensor<8xf32> to tensor<8x!b>
  return %o : tensor<8x!b>
}

// -----

// CHECK-LABEL: func.func @wide
// TOSA: lowbit.rescale
// TFLITE: lowbit.rescale
// ONNX: lowbit.encode {{.*}} {lowbit.float_glue = "its variable has over 8 bits"
!a = !quant.uniform<i16:f32, 0.25>
!b = !quant.uniform<u8:f32, 0.5>
func.func @wide(%q: tensor<4x!a>) -> tensor<4x!b> {
  %x = lowbit.decode %q : tensor<4x!a> to tensor<4xf32>
  %o = lowbit.encode %x : tensor<4xf32> to tensor<4x!b>
  return %o : tensor<4x!b>
}

// -----

// The entry rounds as the profile does; an encode that rounds otherwise keeps its way.
// CHECK-LABEL: func.func @entry
// TOSA: lowbit.encode %{{.*}} : tensor<4xf32>
// TFLITE: lowbit.encode %{{.*}} {rounding = #lowbit.rounding<nearest_away>, scaling = #lowbit.scaling<divide>}
// ONNX: lowbit.encode %{{.*}} {scaling = #lowbit.scaling<divide>}
// CHECK: lowbit.encode %{{.*}} {rounding = #lowbit.rounding<floor>}
!b = !quant.uniform<u8:f32, 0.5>
func.func @entry(%x: tensor<4xf32>) -> (tensor<4x!b>, tensor<4x!b>) {
  %o = lowbit.encode %x : tensor<4xf32> to tensor<4x!b>
  %p = lowbit.encode %x {rounding = #lowbit.rounding<floor>} : tensor<4xf32> to tensor<4x!b>
  return %o, %p : tensor<4x!b>, tensor<4x!b>
}

// -----

// A zero point that is added before rounding: profile onnx gives the bits, the others add it
// after.
// CHECK-LABEL: func.func @shift
// TOSA: lowbit.encode %{{.*}} {scaling = #lowbit.scaling<divide>}
// TOSA: lowbit.rescale
// TFLITE: lowbit.encode %{{.*}} {rounding = #lowbit.rounding<nearest_away>, scaling = #lowbit.scaling<divide>}
// TFLITE: lowbit.rescale
// ONNX: lowbit.encode %{{.*}} {scaling = #lowbit.scaling<divide_shift>}
// ONNX: lowbit.encode %{{.*}} {lowbit.float_glue = "its zero point is added before it rounds", scaling = #lowbit.scaling<divide_shift>}
!a = !quant.uniform<u8:f32, 0.25>
!b = !quant.uniform<u8:f32, 0.5:3>
func.func @shift(%x: tensor<4xf32>, %q: tensor<4x!a>) -> (tensor<4x!b>, tensor<4x!b>) {
  %o = lowbit.encode %x {scaling = #lowbit.scaling<divide_shift>} : tensor<4xf32> to tensor<4x!b>
  %r = lowbit.decode %q : tensor<4x!a> to tensor<4xf32>
  %p = lowbit.encode %r {scaling = #lowbit.scaling<divide_shift>} : tensor<4xf32> to tensor<4x!b>
  return %o, %p : tensor<4x!b>, tensor<4x!b>
}

// -----

// CHECK-LABEL: func.func @softmax
// TOSA: lowbit.table_softmax
// TFLITE: lowbit.table_softmax
// ONNX: lowbit.softmax {{.*}} lowbit.float_glue = "profile onnx computes its softmax with real numbers"
!a = !quant.uniform<u8:f32, 0.25>
!b = !quant.uniform<u8:f32, 0.00390625>
func.func @softmax(%q: tensor<4x!a>) -> tensor<4x!b> {
  %x = lowbit.decode %q : tensor<4x!a> to tensor<4xf32>
  %s = lowbit.softmax %x {axis = 0 : i64} : tensor<4xf32>
  %o = lowbit.encode %s : tensor<4xf32> to tensor<4x!b>
  return %o : tensor<4x!b>
}

// -----

// The radius of a scale of 2^-100 is beyond int64.
// CHECK-LABEL: func.func @tanh_tiny
// TFLITE: arith.constant dense<0> : tensor<256xi8>
// TFLITE: lowbit.table
!x = !quant.uniform<i8:f32, 7.888609052210118e-31>
!y = !quant.uniform<i8:f32, 0.0078125>
func.func @tanh_tiny(%x: tensor<2x!x>) -> tensor<2x!y> {
  %d = lowbit.decode %x : tensor<2x!x> to tensor<2xf32>
  %t = tosa.tanh %d : (tensor<2xf32>) -> tensor<2xf32>
  %y = lowbit.encode %t : tensor<2xf32> to tensor<2x!y>
  return %y : tensor<2x!y>
}
