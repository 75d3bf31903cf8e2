// RUN: lowbit-opt %s -lowbit-encode -split-input-file | FileCheck %s

!q = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @activation
// CHECK-SAME: %[[X:.*]]: tensor<4xf32>
func.func @activation(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[Q:.*]] = lowbit.encode %[[X]] : tensor<4xf32> to tensor<4x!quant.uniform<u8:f32, 5.000000e-01:3>>
  // CHECK: %[[D:.*]] = lowbit.decode %[[Q]] : tensor<4x!quant.uniform<u8:f32, 5.000000e-01:3>> to tensor<4xf32>
  // CHECK: tosa.abs %[[D]]
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, format = !q} : tensor<4xf32>
  %y = tosa.abs %xo : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// Ties go to the even code, what is outside saturates, and infinities do too.
// CHECK-LABEL: func.func @weights
func.func @weights() -> tensor<8xf32> {
  // CHECK-NOT: tosa.const
  // CHECK: %[[W:.*]] = lowbit.constant dense<[0, 2, 2, -2, 127, -127, 127, -127]> : tensor<8xi8> as tensor<8x!quant.uniform<i8<-127:127>:f32, 2.500000e-01>>
  // CHECK: %[[D:.*]] = lowbit.decode %[[W]]
  // CHECK: return %[[D]]
  %w = "tosa.const"() <{values = dense<[0.125, 0.375, 0.625, -0.625, 100.0, -100.0,
      0x7F800000, 0xFF800000]> : tensor<8xf32>}> : () -> tensor<8xf32>
  %wo = lowbit.observe %w {name = "w", role = #lowbit.role<weight>,
      format = !quant.uniform<i8<-127:127>:f32, 0.25>} : tensor<8xf32>
  return %wo : tensor<8xf32>
}

// -----

// The scale is that of the index along the axis, wherever the axis is.
// CHECK-LABEL: func.func @axes
func.func @axes() -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3x1xf32>) {
  // CHECK: lowbit.constant dense<{{\[}}[8, 8, 8], [4, 4, 4]]> : tensor<2x3xi8>
  // CHECK: lowbit.constant dense<{{\[}}[8, 4, 2], [8, 4, 2]]> : tensor<2x3xi8>
  // CHECK: lowbit.constant dense<{{\[}}{{\[}}[8], [4], [2]], {{\[}}[8], [4], [2]]]> : tensor<2x3x1xi8>
  %w = "tosa.const"() <{values = dense<8.0> : tensor<2x3xf32>}> : () -> tensor<2x3xf32>
  %v = "tosa.const"() <{values = dense<8.0> : tensor<2x3x1xf32>}> : () -> tensor<2x3x1xf32>
  %a = lowbit.observe %w {name = "a", role = #lowbit.role<weight>,
      format = !quant.uniform<i8<-127:127>:f32:0, {1.0, 2.0}>} : tensor<2x3xf32>
  %b = lowbit.observe %w {name = "b", role = #lowbit.role<weight>,
      format = !quant.uniform<i8<-127:127>:f32:1, {1.0, 2.0, 4.0}>} : tensor<2x3xf32>
  %c = lowbit.observe %v {name = "c", role = #lowbit.role<weight>,
      format = !quant.uniform<i8<-127:127>:f32:1, {1.0, 2.0, 4.0}>} : tensor<2x3x1xf32>
  return %a, %b, %c : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3x1xf32>
}

// -----

// Constants that meet activations have a zero point, and codes beyond i8's.
// CHECK-LABEL: func.func @constants
func.func @constants(%x: tensor<3xf32>) -> tensor<3xf32> {
  // CHECK: lowbit.constant dense<[0, 3, -1]> : tensor<3xi8> as tensor<3x!quant.uniform<u8:f32, 5.000000e-01:3>>
  // CHECK: lowbit.constant dense<[-2000, 0, 20000]> : tensor<3xi16> as tensor<3x!quant.uniform<i16:f32, 5.000000e-01>>
  %c = "tosa.const"() <{values = dense<[-1000.0, 0.0, 10000.0]> : tensor<3xf32>}>
      : () -> tensor<3xf32>
  %co = lowbit.observe %c {name = "c", role = #lowbit.role<activation>,
      format = !quant.uniform<u8:f32, 0.5:3>} : tensor<3xf32>
  %do = lowbit.observe %c {name = "d", role = #lowbit.role<activation>,
      format = !quant.uniform<i16:f32, 0.5>} : tensor<3xf32>
  %y = tosa.add %co, %do : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

// A reason stays with what it is about: the argument, or the first operation of
// a unit.
// CHECK-LABEL: func.func @reasons
// CHECK-SAME: %{{.*}}: tensor<1x1x1x1xf32> {lowbit.reason = "because"}
func.func @reasons(%x: tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32> {
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  // CHECK: %[[W:.*]] = "tosa.const"() <{values = dense<2.000000e+00>
  %w = "tosa.const"() <{values = dense<2.0> : tensor<1x1x1x1xf32>}>
      : () -> tensor<1x1x1x1xf32>
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, reason = "because"}
      : tensor<1x1x1x1xf32>
  // CHECK: tosa.conv2d %{{.*}}, %[[W]], {{.*}} lowbit.reason = "too fine"
  // CHECK-NEXT: tosa.clamp
  // CHECK-NOT: lowbit.reason
  %wo = lowbit.observe %w {name = "w", role = #lowbit.role<weight>, reason = "as it is"}
      : tensor<1x1x1x1xf32>
  %y = tosa.conv2d %xo, %wo, %zero, %zero, %zero {pad = array<i64: 0, 0, 0, 0>,
      stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>, acc_type = f32}
      : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
      -> tensor<1x1x1x1xf32>
  %z = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32}
      : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
  %zo = lowbit.observe %z {name = "y", role = #lowbit.role<head>, reason = "too fine"}
      : tensor<1x1x1x1xf32>
  return %zo : tensor<1x1x1x1xf32>
}

// -----

// Formats that are not affine take the nearest code, and the greater number at a
// tie: with a scale for each index along the axis, and activations like weights.
// CHECK-LABEL: func.func @planes
// CHECK-SAME: %[[X:.*]]: tensor<4xf32>
func.func @planes(%x: tensor<4xf32>) -> (tensor<2x4xf32>, tensor<4xf32>) {
  // CHECK: lowbit.constant dense<{{\[}}[2, 0, 0, 1], [2, 2, 0, 1]]> : tensor<2x4xi8>
  // CHECK-SAME: !lowbit.planes<bit x 2, axis = 0, [5.000000e-01, -5.000000e-01, 2.500000e-01, -2.500000e-01]>
  // CHECK: lowbit.encode %[[X]] : tensor<4xf32> to tensor<4x!lowbit.planes<sign x 1, [5.000000e-01]>>
  %w = "tosa.const"() <{values = dense<[[-0.3, -0.2, 0.1, 0.25], [-0.3, -0.2, 0.1, 0.125]]> : tensor<2x4xf32>}>
      : () -> tensor<2x4xf32>
  %wo = lowbit.observe %w {name = "w", role = #lowbit.role<weight>,
      format = !lowbit.planes<bit x 2, axis = 0, [0.5, -0.5, 0.25, -0.25]>} : tensor<2x4xf32>
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>,
      format = !lowbit.planes<sign x 1, [0.5]>} : tensor<4xf32>
  return %wo, %xo : tensor<2x4xf32>, tensor<4xf32>
}
