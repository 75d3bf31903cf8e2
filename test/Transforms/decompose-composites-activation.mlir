// RUN: lowbit-opt %s -lowbit-decompose-composites | FileCheck %s

!t = tensor<4xf32>

// CHECK-LABEL: func.func @leaky_relu(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<2.500000e-01> : tensor<1xf32>}>
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK:         %[[V0:.*]] = tosa.mul %[[X]], %[[C1]], %[[SHIFT]]
// CHECK:         %[[V1:.*]] = tosa.greater %[[C0]], %[[X]]
// CHECK:         %[[V2:.*]] = tosa.select %[[V1]], %[[V0]], %[[X]]
// CHECK:         return %[[V2]]
func.func @leaky_relu(%x: !t) -> !t {
  %y = lowbit.activation %x {alpha = 0.25 : f32, function = #lowbit.function<leaky_relu>} : !t
  return %y : !t
}

// CHECK-LABEL: func.func @thresholded_relu(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<5.000000e-01> : tensor<1xf32>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}>
// CHECK:         %[[V0:.*]] = tosa.greater %[[X]], %[[C0]]
// CHECK:         %[[V1:.*]] = tosa.select %[[V0]], %[[X]], %[[C1]]
// CHECK:         return %[[V1]]
func.func @thresholded_relu(%x: !t) -> !t {
  %y = lowbit.activation %x {alpha = 0.5 : f32, function = #lowbit.function<thresholded_relu>}
       : !t
  return %y : !t
}

// CHECK-LABEL: func.func @shrink(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<-5.000000e-01> : tensor<1xf32>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C2:.*]] = "tosa.const"() <{values = dense<5.000000e-01> : tensor<1xf32>}>
// CHECK-DAG:     %[[C3:.*]] = "tosa.const"() <{values = dense<2.500000e-01> : tensor<1xf32>}>
// CHECK:         %[[V0:.*]] = tosa.sub %[[X]], %[[C3]]
// CHECK:         %[[V1:.*]] = tosa.greater %[[X]], %[[C2]]
// CHECK:         %[[V2:.*]] = tosa.select %[[V1]], %[[V0]], %[[C1]]
// CHECK:         %[[V3:.*]] = tosa.add %[[X]], %[[C3]]
// CHECK:         %[[V4:.*]] = tosa.greater %[[C0]], %[[X]]
// CHECK:         %[[V5:.*]] = tosa.select %[[V4]], %[[V3]], %[[V2]]
// CHECK:         return %[[V5]]
func.func @shrink(%x: !t) -> !t {
  %y = lowbit.activation %x {alpha = 0.5 : f32, beta = 0.25 : f32, function = #lowbit.function<shrink>}
       : !t
  return %y : !t
}

// CHECK-LABEL: func.func @elu(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<5.000000e-01> : tensor<1xf32>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C2:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<1xf32>}>
// CHECK:         %[[V0:.*]] = tosa.exp %[[X]]
// CHECK:         %[[V1:.*]] = tosa.sub %[[V0]], %[[C2]]
// CHECK:         %[[V2:.*]] = tosa.mul %[[V1]], %[[C0]], %[[SHIFT]]
// CHECK:         %[[V3:.*]] = tosa.greater %[[C1]], %[[X]]
// CHECK:         %[[V4:.*]] = tosa.select %[[V3]], %[[V2]], %[[X]]
// CHECK:         return %[[V4]]
func.func @elu(%x: !t) -> !t {
  %y = lowbit.activation %x {alpha = 0.5 : f32, function = #lowbit.function<elu>} : !t
  return %y : !t
}

// CHECK-LABEL: func.func @selu(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<2.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<1.500000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C2:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C3:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<1xf32>}>
// CHECK:         %[[V0:.*]] = tosa.exp %[[X]]
// CHECK:         %[[V1:.*]] = tosa.sub %[[V0]], %[[C3]]
// CHECK:         %[[V2:.*]] = tosa.mul %[[V1]], %[[C1]], %[[SHIFT]]
// CHECK:         %[[V3:.*]] = tosa.greater %[[C2]], %[[X]]
// CHECK:         %[[V4:.*]] = tosa.select %[[V3]], %[[V2]], %[[X]]
// CHECK:         %[[V5:.*]] = tosa.mul %[[V4]], %[[C0]], %[[SHIFT]]
// CHECK:         return %[[V5]]
func.func @selu(%x: !t) -> !t {
  %y = lowbit.activation %x {alpha = 1.5 : f32, beta = 2.0 : f32, function = #lowbit.function<selu>}
       : !t
  return %y : !t
}

// CHECK-LABEL: func.func @celu(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<2.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C2:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C3:.*]] = "tosa.const"() <{values = dense<5.000000e-01> : tensor<1xf32>}>
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK:         %[[V0:.*]] = tosa.mul %[[X]], %[[C3]], %[[SHIFT]]
// CHECK:         %[[V1:.*]] = tosa.exp %[[V0]]
// CHECK:         %[[V2:.*]] = tosa.sub %[[V1]], %[[C2]]
// CHECK:         %[[V3:.*]] = tosa.mul %[[V2]], %[[C0]], %[[SHIFT]]
// CHECK:         %[[V4:.*]] = tosa.greater %[[C1]], %[[X]]
// CHECK:         %[[V5:.*]] = tosa.select %[[V4]], %[[V3]], %[[X]]
// CHECK:         return %[[V5]]
func.func @celu(%x: !t) -> !t {
  %y = lowbit.activation %x {alpha = 2.0 : f32, function = #lowbit.function<celu>} : !t
  return %y : !t
}

// CHECK-LABEL: func.func @hard_sigmoid(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<5.000000e-01> : tensor<1xf32>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<2.500000e-01> : tensor<1xf32>}>
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK:         %[[V0:.*]] = tosa.mul %[[X]], %[[C1]], %[[SHIFT]]
// CHECK:         %[[V1:.*]] = tosa.add %[[V0]], %[[C0]]
// CHECK:         %[[V2:.*]] = tosa.clamp %[[V1]] {max_val = 1.000000e+00 : f32
// CHECK-SAME:      min_val = 0.000000e+00 : f32}
// CHECK:         return %[[V2]]
func.func @hard_sigmoid(%x: !t) -> !t {
  %y = lowbit.activation %x {alpha = 0.25 : f32, beta = 0.5 : f32, function = #lowbit.function<hard_sigmoid>}
       : !t
  return %y : !t
}

// CHECK-LABEL: func.func @hard_swish(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<5.000000e-01> : tensor<1xf32>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<0.166666672> : tensor<1xf32>}>
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK:         %[[V0:.*]] = tosa.mul %[[X]], %[[C1]], %[[SHIFT]]
// CHECK:         %[[V1:.*]] = tosa.add %[[V0]], %[[C0]]
// CHECK:         %[[V2:.*]] = tosa.clamp %[[V1]] {max_val = 1.000000e+00 : f32
// CHECK-SAME:      min_val = 0.000000e+00 : f32}
// CHECK:         %[[V3:.*]] = tosa.mul %[[X]], %[[V2]], %[[SHIFT]]
// CHECK:         return %[[V3]]
func.func @hard_swish(%x: !t) -> !t {
  %y = lowbit.activation %x {function = #lowbit.function<hard_swish>} : !t
  return %y : !t
}

// CHECK-LABEL: func.func @silu(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK:         %[[V0:.*]] = tosa.sigmoid %[[X]]
// CHECK:         %[[V1:.*]] = tosa.mul %[[X]], %[[V0]], %[[SHIFT]]
// CHECK:         return %[[V1]]
func.func @silu(%x: !t) -> !t {
  %y = lowbit.activation %x {alpha = 1.0 : f32, function = #lowbit.function<silu>} : !t
  return %y : !t
}

// A factor of 1 is left out.
// CHECK-LABEL: func.func @silu_scaled(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<2.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK:         %[[V0:.*]] = tosa.mul %[[X]], %[[C0]], %[[SHIFT]]
// CHECK:         %[[V1:.*]] = tosa.sigmoid %[[V0]]
// CHECK:         %[[V2:.*]] = tosa.mul %[[X]], %[[V1]], %[[SHIFT]]
// CHECK:         return %[[V2]]
func.func @silu_scaled(%x: !t) -> !t {
  %y = lowbit.activation %x {alpha = 2.0 : f32, function = #lowbit.function<silu>} : !t
  return %y : !t
}

// The exponential never overflows.
// CHECK-LABEL: func.func @softplus(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}>
// CHECK:         %[[V0:.*]] = tosa.abs %[[X]]
// CHECK:         %[[V1:.*]] = tosa.sub %[[C1]], %[[V0]]
// CHECK:         %[[V2:.*]] = tosa.exp %[[V1]]
// CHECK:         %[[V3:.*]] = tosa.add %[[V2]], %[[C0]]
// CHECK:         %[[V4:.*]] = tosa.log %[[V3]]
// CHECK:         %[[V5:.*]] = tosa.maximum %[[X]], %[[C1]]
// CHECK:         %[[V6:.*]] = tosa.add %[[V5]], %[[V4]]
// CHECK:         return %[[V6]]
func.func @softplus(%x: !t) -> !t {
  %y = lowbit.activation %x {function = #lowbit.function<softplus>} : !t
  return %y : !t
}

// CHECK-LABEL: func.func @softsign(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<1xf32>}>
// CHECK:         %[[V0:.*]] = tosa.abs %[[X]]
// CHECK:         %[[V1:.*]] = tosa.add %[[V0]], %[[C0]]
// CHECK:         %[[V2:.*]] = tosa.reciprocal %[[V1]]
// CHECK:         %[[V3:.*]] = tosa.mul %[[X]], %[[V2]], %[[SHIFT]]
// CHECK:         return %[[V3]]
func.func @softsign(%x: !t) -> !t {
  %y = lowbit.activation %x {function = #lowbit.function<softsign>} : !t
  return %y : !t
}

// CHECK-LABEL: func.func @mish(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}>
// CHECK:         %[[V0:.*]] = tosa.abs %[[X]]
// CHECK:         %[[V1:.*]] = tosa.sub %[[C1]], %[[V0]]
// CHECK:         %[[V2:.*]] = tosa.exp %[[V1]]
// CHECK:         %[[V3:.*]] = tosa.add %[[V2]], %[[C0]]
// CHECK:         %[[V4:.*]] = tosa.log %[[V3]]
// CHECK:         %[[V5:.*]] = tosa.maximum %[[X]], %[[C1]]
// CHECK:         %[[V6:.*]] = tosa.add %[[V5]], %[[V4]]
// CHECK:         %[[V7:.*]] = tosa.tanh %[[V6]]
// CHECK:         %[[V8:.*]] = tosa.mul %[[X]], %[[V7]], %[[SHIFT]]
// CHECK:         return %[[V8]]
func.func @mish(%x: !t) -> !t {
  %y = lowbit.activation %x {function = #lowbit.function<mish>} : !t
  return %y : !t
}

// CHECK-LABEL: func.func @gelu(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<5.000000e-01> : tensor<1xf32>}>
// CHECK-DAG:     %[[C2:.*]] = "tosa.const"() <{values = dense<0.707106769> : tensor<1xf32>}>
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK:         %[[V0:.*]] = tosa.mul %[[X]], %[[C2]], %[[SHIFT]]
// CHECK:         %[[V1:.*]] = tosa.erf %[[V0]]
// CHECK:         %[[V2:.*]] = tosa.mul %[[X]], %[[C1]], %[[SHIFT]]
// CHECK:         %[[V3:.*]] = tosa.add %[[V1]], %[[C0]]
// CHECK:         %[[V4:.*]] = tosa.mul %[[V2]], %[[V3]], %[[SHIFT]]
// CHECK:         return %[[V4]]
func.func @gelu(%x: !t) -> !t {
  %y = lowbit.activation %x {function = #lowbit.function<gelu>} : !t
  return %y : !t
}

// CHECK-LABEL: func.func @gelu_tanh(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<5.000000e-01> : tensor<1xf32>}>
// CHECK-DAG:     %[[C2:.*]] = "tosa.const"() <{values = dense<0.797884583> : tensor<1xf32>}>
// CHECK-DAG:     %[[C3:.*]] = "tosa.const"() <{values = dense<4.471500e-02> : tensor<1xf32>}>
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK:         %[[V0:.*]] = tosa.mul %[[X]], %[[X]], %[[SHIFT]]
// CHECK:         %[[V1:.*]] = tosa.mul %[[V0]], %[[X]], %[[SHIFT]]
// CHECK:         %[[V2:.*]] = tosa.mul %[[V1]], %[[C3]], %[[SHIFT]]
// CHECK:         %[[V3:.*]] = tosa.add %[[X]], %[[V2]]
// CHECK:         %[[V4:.*]] = tosa.mul %[[V3]], %[[C2]], %[[SHIFT]]
// CHECK:         %[[V5:.*]] = tosa.mul %[[X]], %[[C1]], %[[SHIFT]]
// CHECK:         %[[V6:.*]] = tosa.tanh %[[V4]]
// CHECK:         %[[V7:.*]] = tosa.add %[[V6]], %[[C0]]
// CHECK:         %[[V8:.*]] = tosa.mul %[[V5]], %[[V7]], %[[SHIFT]]
// CHECK:         return %[[V8]]
func.func @gelu_tanh(%x: !t) -> !t {
  %y = lowbit.activation %x {function = #lowbit.function<gelu_tanh>} : !t
  return %y : !t
}

// Small exponents are products.
// CHECK-LABEL: func.func @power_2(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK:         %[[V0:.*]] = tosa.mul %[[X]], %[[X]], %[[SHIFT]]
// CHECK:         return %[[V0]]
func.func @power_2(%x: !t) -> !t {
  %y = lowbit.activation %x {alpha = 2.0 : f32, function = #lowbit.function<power>} : !t
  return %y : !t
}

// CHECK-LABEL: func.func @power_3(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[SHIFT:.*]] = "tosa.const"() <{values = dense<0> : tensor<1xi8>}>
// CHECK:         %[[V0:.*]] = tosa.mul %[[X]], %[[X]], %[[SHIFT]]
// CHECK:         %[[V1:.*]] = tosa.mul %[[V0]], %[[X]], %[[SHIFT]]
// CHECK:         return %[[V1]]
func.func @power_3(%x: !t) -> !t {
  %y = lowbit.activation %x {alpha = 3.0 : f32, function = #lowbit.function<power>} : !t
  return %y : !t
}

// CHECK-LABEL: func.func @power(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<1.500000e+00> : tensor<1xf32>}>
// CHECK:         %[[V0:.*]] = tosa.pow %[[X]], %[[C0]]
// CHECK:         return %[[V0]]
func.func @power(%x: !t) -> !t {
  %y = lowbit.activation %x {alpha = 1.5 : f32, function = #lowbit.function<power>} : !t
  return %y : !t
}

// CHECK-LABEL: func.func @sqrt(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK:         %[[V0:.*]] = tosa.rsqrt %[[X]]
// CHECK:         %[[V1:.*]] = tosa.reciprocal %[[V0]]
// CHECK:         return %[[V1]]
func.func @sqrt(%x: !t) -> !t {
  %y = lowbit.activation %x {function = #lowbit.function<sqrt>} : !t
  return %y : !t
}

// Adding 2^23 rounds the magnitude.
// CHECK-LABEL: func.func @round(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<0x4B000000> : tensor<1xf32>}>
// CHECK:         %[[V0:.*]] = tosa.abs %[[X]]
// CHECK:         %[[V1:.*]] = tosa.add %[[V0]], %[[C1]]
// CHECK:         %[[V2:.*]] = tosa.sub %[[V1]], %[[C1]]
// CHECK:         %[[V3:.*]] = tosa.sub %[[C0]], %[[V2]]
// CHECK:         %[[V4:.*]] = tosa.greater %[[C0]], %[[X]]
// CHECK:         %[[V5:.*]] = tosa.select %[[V4]], %[[V3]], %[[V2]]
// CHECK:         %[[V6:.*]] = tosa.greater %[[C1]], %[[V0]]
// CHECK:         %[[V7:.*]] = tosa.select %[[V6]], %[[V5]], %[[X]]
// CHECK:         return %[[V7]]
func.func @round(%x: !t) -> !t {
  %y = lowbit.activation %x {function = #lowbit.function<round>} : !t
  return %y : !t
}

// CHECK-LABEL: func.func @sign(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK-DAG:     %[[C0:.*]] = "tosa.const"() <{values = dense<1.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C1:.*]] = "tosa.const"() <{values = dense<0.000000e+00> : tensor<1xf32>}>
// CHECK-DAG:     %[[C2:.*]] = "tosa.const"() <{values = dense<-1.000000e+00> : tensor<1xf32>}>
// CHECK:         %[[V0:.*]] = tosa.greater %[[C1]], %[[X]]
// CHECK:         %[[V1:.*]] = tosa.select %[[V0]], %[[C2]], %[[C1]]
// CHECK:         %[[V2:.*]] = tosa.greater %[[X]], %[[C1]]
// CHECK:         %[[V3:.*]] = tosa.select %[[V2]], %[[C0]], %[[V1]]
// CHECK:         return %[[V3]]
func.func @sign(%x: !t) -> !t {
  %y = lowbit.activation %x {function = #lowbit.function<sign>} : !t
  return %y : !t
}
