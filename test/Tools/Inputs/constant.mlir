// A network, written by hand, whose activation is 0 whatever the input: relu(0 x - 1).
func.func @main(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x3xf32> {
  %w = "tosa.const"() <{values = dense<0.0> : tensor<3x1x1x2xf32>}> : () -> tensor<3x1x1x2xf32>
  %b = "tosa.const"() <{values = dense<-1.0> : tensor<3xf32>}> : () -> tensor<3xf32>
  %zero = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %y = tosa.conv2d %x, %w, %b, %zero, %zero {
    acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>}
    : (tensor<1x4x4x2xf32>, tensor<3x1x1x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x4x4x3xf32>
  %z = tosa.clamp %y {max_val = 3.40282347E+38 : f32, min_val = 0.0 : f32}
    : (tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  // A second layer reads the constant.
  %w2 = "tosa.const"() <{values = dense<0.5> : tensor<3x1x1x3xf32>}> : () -> tensor<3x1x1x3xf32>
  %b2 = "tosa.const"() <{values = dense<[1.0, -2.0, 0.25]> : tensor<3xf32>}> : () -> tensor<3xf32>
  %r = tosa.conv2d %z, %w2, %b2, %zero, %zero {
    acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>}
    : (tensor<1x4x4x3xf32>, tensor<3x1x1x3xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<1x4x4x3xf32>
  return %r : tensor<1x4x4x3xf32>
}
