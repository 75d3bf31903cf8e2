// RUN: lowbit-opt %s -lowbit-raise-composites | FileCheck %s
// RUN: lowbit-opt %s -lowbit-raise-composites -lowbit-raise-composites | FileCheck %s

!t = tensor<4x8xf32>
!c = tensor<1x1xf32>
!s = tensor<1xi8>

// x * (1 + erf(x / sqrt(2))) * 0.5
// CHECK-LABEL: func.func @gelu_pytorch(
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = lowbit.activation %[[X]] {function = #lowbit.function<gelu>}
// CHECK-NEXT:    return %[[Y]]
func.func @gelu_pytorch(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.707106769> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c1 = "tosa.const"() {values = dense<1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c2 = "tosa.const"() {values = dense<0.5> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = tosa.mul %x, %c0, %shift : (!t, !c, !s) -> !t
  %1 = tosa.erf %0 : (!t) -> !t
  %2 = tosa.add %1, %c1 : (!t, !c) -> !t
  %3 = tosa.mul %x, %2, %shift : (!t, !t, !s) -> !t
  %4 = tosa.mul %3, %c2, %shift : (!t, !c, !s) -> !t
  return %4 : !t
}

// (x * 0.5) * (erf(x / sqrt(2)) + 1), with a constant of few digits
// CHECK-LABEL: func.func @gelu_half_first(
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = lowbit.activation %[[X]] {function = #lowbit.function<gelu>}
// CHECK-NEXT:    return %[[Y]]
func.func @gelu_half_first(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.5> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c1 = "tosa.const"() {values = dense<0.70711> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c2 = "tosa.const"() {values = dense<1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = tosa.mul %x, %c0, %shift : (!t, !c, !s) -> !t
  %1 = tosa.mul %x, %c1, %shift : (!t, !c, !s) -> !t
  %2 = tosa.erf %1 : (!t) -> !t
  %3 = tosa.add %2, %c2 : (!t, !c) -> !t
  %4 = tosa.mul %0, %3, %shift : (!t, !t, !s) -> !t
  return %4 : !t
}

// x * (0.5 * (1 + erf(x / sqrt(2))))
// CHECK-LABEL: func.func @gelu_half_inside(
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = lowbit.activation %[[X]] {function = #lowbit.function<gelu>}
// CHECK-NEXT:    return %[[Y]]
func.func @gelu_half_inside(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.707106769> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c1 = "tosa.const"() {values = dense<1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c2 = "tosa.const"() {values = dense<0.5> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = tosa.mul %x, %c0, %shift : (!t, !c, !s) -> !t
  %1 = tosa.erf %0 : (!t) -> !t
  %2 = tosa.add %1, %c1 : (!t, !c) -> !t
  %3 = tosa.mul %2, %c2, %shift : (!t, !c, !s) -> !t
  %4 = tosa.mul %x, %3, %shift : (!t, !t, !s) -> !t
  return %4 : !t
}

// CHECK-LABEL: func.func @gelu_tanh(
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = lowbit.activation %[[X]] {function = #lowbit.function<gelu_tanh>}
// CHECK-NEXT:    return %[[Y]]
func.func @gelu_tanh(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.044715> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c1 = "tosa.const"() {values = dense<0.797884583> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c2 = "tosa.const"() {values = dense<0.5> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c3 = "tosa.const"() {values = dense<1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = lowbit.activation %x {alpha = 3.0 : f32, function = #lowbit.function<power>} : !t
  %1 = tosa.mul %0, %c0, %shift : (!t, !c, !s) -> !t
  %2 = tosa.add %x, %1 : (!t, !t) -> !t
  %3 = tosa.mul %2, %c1, %shift : (!t, !c, !s) -> !t
  %4 = tosa.mul %x, %c2, %shift : (!t, !c, !s) -> !t
  %5 = tosa.tanh %3 : (!t) -> !t
  %6 = tosa.add %5, %c3 : (!t, !c) -> !t
  %7 = tosa.mul %4, %6, %shift : (!t, !t, !s) -> !t
  return %7 : !t
}

// The cube as products.
// CHECK-LABEL: func.func @gelu_tanh_products(
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = lowbit.activation %[[X]] {function = #lowbit.function<gelu_tanh>}
// CHECK-NEXT:    return %[[Y]]
func.func @gelu_tanh_products(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.044715> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c1 = "tosa.const"() {values = dense<0.797884583> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c2 = "tosa.const"() {values = dense<1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c3 = "tosa.const"() {values = dense<0.5> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = tosa.mul %x, %x, %shift : (!t, !t, !s) -> !t
  %1 = tosa.mul %0, %x, %shift : (!t, !t, !s) -> !t
  %2 = tosa.mul %1, %c0, %shift : (!t, !c, !s) -> !t
  %3 = tosa.add %2, %x : (!t, !t) -> !t
  %4 = tosa.mul %3, %c1, %shift : (!t, !c, !s) -> !t
  %5 = tosa.tanh %4 : (!t) -> !t
  %6 = tosa.add %5, %c2 : (!t, !c) -> !t
  %7 = tosa.mul %x, %6, %shift : (!t, !t, !s) -> !t
  %8 = tosa.mul %7, %c3, %shift : (!t, !c, !s) -> !t
  return %8 : !t
}

// CHECK-LABEL: func.func @silu(
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = lowbit.activation %[[X]] {alpha = 1.000000e+00 : f32, function = #lowbit.function<silu>}
// CHECK-NEXT:    return %[[Y]]
func.func @silu(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.sigmoid %x : (!t) -> !t
  %1 = tosa.mul %0, %x, %shift : (!t, !t, !s) -> !t
  return %1 : !t
}

// x / (1 + exp(-x))
// CHECK-LABEL: func.func @silu_of_exp(
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = lowbit.activation %[[X]] {alpha = 1.000000e+00 : f32, function = #lowbit.function<silu>}
// CHECK-NEXT:    return %[[Y]]
func.func @silu_of_exp(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c1 = "tosa.const"() {values = dense<1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = tosa.sub %c0, %x : (!c, !t) -> !t
  %1 = tosa.exp %0 : (!t) -> !t
  %2 = tosa.add %1, %c1 : (!t, !c) -> !t
  %3 = tosa.reciprocal %2 : (!t) -> !t
  %4 = tosa.mul %x, %3, %shift : (!t, !t, !s) -> !t
  return %4 : !t
}

// x * sigmoid(1.702 x), an approximation of GELU
// CHECK-LABEL: func.func @silu_scaled(
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = lowbit.activation %[[X]] {alpha = 1.702000e+00 : f32, function = #lowbit.function<silu>}
// CHECK-NEXT:    return %[[Y]]
func.func @silu_scaled(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<1.702> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = tosa.mul %x, %c0, %shift : (!t, !c, !s) -> !t
  %1 = tosa.sigmoid %0 : (!t) -> !t
  %2 = tosa.mul %x, %1, %shift : (!t, !t, !s) -> !t
  return %2 : !t
}

// CHECK-LABEL: func.func @mish(
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = lowbit.activation %[[X]] {function = #lowbit.function<mish>}
// CHECK-NEXT:    return %[[Y]]
func.func @mish(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = lowbit.activation %x {function = #lowbit.function<softplus>} : !t
  %1 = tosa.tanh %0 : (!t) -> !t
  %2 = tosa.mul %x, %1, %shift : (!t, !t, !s) -> !t
  return %2 : !t
}

// CHECK-LABEL: func.func @hard_sigmoid(
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = lowbit.activation %[[X]] {alpha = 0.166666672 : f32, beta = 5.000000e-01 : f32, function = #lowbit.function<hard_sigmoid>}
// CHECK-NEXT:    return %[[Y]]
func.func @hard_sigmoid(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<3.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c1 = "tosa.const"() {values = dense<0.166666672> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = tosa.add %x, %c0 : (!t, !c) -> !t
  %1 = tosa.clamp %0 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!t) -> !t
  %2 = tosa.mul %1, %c1, %shift : (!t, !c, !s) -> !t
  return %2 : !t
}

// x * hard_sigmoid(x), as exported before opset 14
// CHECK-LABEL: func.func @hard_swish(
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = lowbit.activation %[[X]] {function = #lowbit.function<hard_swish>}
// CHECK-NEXT:    return %[[Y]]
func.func @hard_swish(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = lowbit.activation %x {alpha = 0.166666672 : f32, beta = 0.5 : f32, function = #lowbit.function<hard_sigmoid>} : !t
  %1 = tosa.mul %x, %0, %shift : (!t, !t, !s) -> !t
  return %1 : !t
}

// x * relu6(x + 3) / 6
// CHECK-LABEL: func.func @hard_swish_relu6(
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = lowbit.activation %[[X]] {function = #lowbit.function<hard_swish>}
// CHECK-NEXT:    return %[[Y]]
func.func @hard_swish_relu6(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<3.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c1 = "tosa.const"() {values = dense<0.166666672> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = tosa.add %x, %c0 : (!t, !c) -> !t
  %1 = tosa.clamp %0 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!t) -> !t
  %2 = tosa.mul %x, %1, %shift : (!t, !t, !s) -> !t
  %3 = tosa.mul %2, %c1, %shift : (!t, !c, !s) -> !t
  return %3 : !t
}

// x * (relu6(x + 3) / 6)
// CHECK-LABEL: func.func @hard_swish_divided_first(
// CHECK-SAME:    %[[X:.*]]: tensor<4x8xf32>)
// CHECK-NEXT:    %[[Y:.*]] = lowbit.activation %[[X]] {function = #lowbit.function<hard_swish>}
// CHECK-NEXT:    return %[[Y]]
func.func @hard_swish_divided_first(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<3.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c1 = "tosa.const"() {values = dense<0.166666672> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = tosa.add %x, %c0 : (!t, !c) -> !t
  %1 = tosa.clamp %0 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!t) -> !t
  %2 = tosa.mul %1, %c1, %shift : (!t, !c, !s) -> !t
  %3 = tosa.mul %x, %2, %shift : (!t, !t, !s) -> !t
  return %3 : !t
}

// What comes before the formula is left alone.
// CHECK-LABEL: func.func @variable_is_computed(
// CHECK:         %[[V:.*]] = tosa.add
// CHECK-NEXT:    lowbit.activation %[[V]] {alpha = 1.000000e+00 : f32, function = #lowbit.function<silu>}
func.func @variable_is_computed(%x: !t, %y: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.add %x, %y : (!t, !t) -> !t
  %1 = tosa.sigmoid %0 : (!t) -> !t
  %2 = tosa.mul %0, %1, %shift : (!t, !t, !s) -> !t
  return %2 : !t
}

// A factor that is not that of GELU.
// CHECK-LABEL: func.func @other_constant(
// CHECK-NOT:     lowbit.activation
// CHECK:         return
func.func @other_constant(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.71> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c1 = "tosa.const"() {values = dense<1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %c2 = "tosa.const"() {values = dense<0.5> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = tosa.mul %x, %c0, %shift : (!t, !c, !s) -> !t
  %1 = tosa.erf %0 : (!t) -> !t
  %2 = tosa.add %1, %c1 : (!t, !c) -> !t
  %3 = tosa.mul %x, %2, %shift : (!t, !t, !s) -> !t
  %4 = tosa.mul %3, %c2, %shift : (!t, !c, !s) -> !t
  return %4 : !t
}

// A bound far out is seen.
// CHECK-LABEL: func.func @clamped(
// CHECK-NOT:     lowbit.activation
// CHECK:         return
func.func @clamped(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.clamp %x {min_val = -1000.0 : f32, max_val = 1000.0 : f32} : (!t) -> !t
  %1 = tosa.sigmoid %x : (!t) -> !t
  %2 = tosa.mul %0, %1, %shift : (!t, !t, !s) -> !t
  return %2 : !t
}

// Not x * sigmoid(0 * x).
// CHECK-LABEL: func.func @half(
// CHECK-NOT:     lowbit.activation
// CHECK:         return
func.func @half(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.5> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = tosa.mul %x, %c0, %shift : (!t, !c, !s) -> !t
  return %0 : !t
}

// The sigmoid is needed anyway.
// CHECK-LABEL: func.func @used_elsewhere(
// CHECK-NOT:     lowbit.activation
// CHECK:         return
func.func @used_elsewhere(%x: !t) -> (!t, !t) {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.sigmoid %x : (!t) -> !t
  %1 = tosa.mul %0, %x, %shift : (!t, !t, !s) -> !t
  return %1, %0 : !t, !t
}

// CHECK-LABEL: func.func @two_variables(
// CHECK-NOT:     lowbit.activation
// CHECK:         return
func.func @two_variables(%x: !t, %y: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.sigmoid %x : (!t) -> !t
  %1 = tosa.mul %0, %y, %shift : (!t, !t, !s) -> !t
  return %1 : !t
}

// CHECK-LABEL: func.func @broadcast(
// CHECK-NOT:     lowbit.activation
// CHECK:         return
func.func @broadcast(%x: tensor<4x1xf32>, %y: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.sigmoid %x : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %1 = tosa.mul %0, %y, %shift : (tensor<4x1xf32>, !t, !s) -> !t
  return %1 : !t
}

// CHECK-LABEL: func.func @constant_of_each_channel(
// CHECK-NOT:     lowbit.activation
// CHECK:         return
func.func @constant_of_each_channel(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]]> : tensor<1x8xf32>} : () -> tensor<1x8xf32>
  %0 = tosa.mul %x, %c0, %shift : (!t, tensor<1x8xf32>, !s) -> !t
  %1 = tosa.sigmoid %0 : (!t) -> !t
  %2 = tosa.mul %x, %1, %shift : (!t, !t, !s) -> !t
  return %2 : !t
}

// CHECK-LABEL: func.func @integers(
// CHECK-NOT:     lowbit.activation
// CHECK:         return
func.func @integers(%x: tensor<4xi32>) -> tensor<4xi32> {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.mul %x, %x, %shift : (tensor<4xi32>, tensor<4xi32>, !s) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// More operations than are looked at.
// CHECK-LABEL: func.func @too_long(
// CHECK-NOT:     lowbit.activation
// CHECK:         return
func.func @too_long(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.ceil %x : (!t) -> !t
  %1 = tosa.floor %0 : (!t) -> !t
  %2 = tosa.ceil %1 : (!t) -> !t
  %3 = tosa.floor %2 : (!t) -> !t
  %4 = tosa.ceil %3 : (!t) -> !t
  %5 = tosa.floor %4 : (!t) -> !t
  %6 = tosa.ceil %5 : (!t) -> !t
  %7 = tosa.floor %6 : (!t) -> !t
  %8 = tosa.ceil %7 : (!t) -> !t
  %9 = tosa.floor %8 : (!t) -> !t
  %10 = tosa.ceil %9 : (!t) -> !t
  %11 = tosa.floor %10 : (!t) -> !t
  %12 = tosa.ceil %11 : (!t) -> !t
  %13 = tosa.floor %12 : (!t) -> !t
  %14 = tosa.ceil %13 : (!t) -> !t
  %15 = tosa.floor %14 : (!t) -> !t
  %16 = tosa.ceil %15 : (!t) -> !t
  %17 = tosa.floor %16 : (!t) -> !t
  %18 = tosa.ceil %17 : (!t) -> !t
  %19 = tosa.floor %18 : (!t) -> !t
  %20 = tosa.ceil %19 : (!t) -> !t
  %21 = tosa.floor %20 : (!t) -> !t
  %22 = tosa.ceil %21 : (!t) -> !t
  %23 = tosa.floor %22 : (!t) -> !t
  %24 = tosa.sigmoid %23 : (!t) -> !t
  %25 = tosa.mul %x, %24, %shift : (!t, !t, !s) -> !t
  return %25 : !t
}
