// A convolution in two groups: 8 * 8 * 6 results of 3 * 3 * 2 products each.
func.func @main(%x: tensor<1x8x8x4xf32>) -> tensor<1x8x8x6xf32> {
  %w = "tosa.const"() {values = dense<0.5> : tensor<6x3x3x2xf32>} : () -> tensor<6x3x3x2xf32>
  %b = "tosa.const"() {values = dense<1.0> : tensor<6xf32>} : () -> tensor<6xf32>
  %y = lowbit.grouped_conv2d %x, %w, %b {dilation = array<i64: 1, 1>, groups = 2 : i64,
         pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>}
       : tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32> to tensor<1x8x8x6xf32>
  return %y : tensor<1x8x8x6xf32>
}
