func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %seven = "tosa.const"() {values = dense<7.0> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  return %seven : tensor<1x2xf32>
}
