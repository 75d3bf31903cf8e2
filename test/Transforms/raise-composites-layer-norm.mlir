// RUN: lowbit-opt %s -lowbit-raise-composites | FileCheck %s

!t = tensor<2x3x4xf32>
!m = tensor<2x3x1xf32>
!c = tensor<1x1x1xf32>
!s = tensor<1xi8>

// As exported before opset 17.
// CHECK-LABEL: func.func @layer_norm(
// CHECK-SAME:    %[[X:.*]]: tensor<2x3x4xf32>)
// CHECK-DAG:     %[[SCALE:.*]] = "tosa.const"() {{.*}}1.000000e+00, 2.000000e+00
// CHECK-DAG:     %[[OFFSET:.*]] = "tosa.const"() {{.*}}5.000000e+00, 6.000000e+00
// CHECK:         %[[Y:.*]] = lowbit.layer_norm %[[X]], %[[SCALE]], %[[OFFSET]]
// CHECK-SAME:      {axes = array<i64: 2>, epsilon = 9.99999974E-6 : f32}
// CHECK-NEXT:    return %[[Y]]
func.func @layer_norm(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.25> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c1 = "tosa.const"() {values = dense<1.0e-5> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c2 = "tosa.const"() {values = dense<[[[1.0, 2.0, 3.0, 4.0]]]> : tensor<1x1x4xf32>} : () -> tensor<1x1x4xf32>
  %c3 = "tosa.const"() {values = dense<[[[5.0, 6.0, 7.0, 8.0]]]> : tensor<1x1x4xf32>} : () -> tensor<1x1x4xf32>
  %0 = tosa.reduce_sum %x {axis = 2 : i32} : (!t) -> !m
  %1 = tosa.mul %0, %c0, %shift : (!m, !c, !s) -> !m
  %2 = tosa.sub %x, %1 : (!t, !m) -> !t
  %3 = lowbit.activation %2 {alpha = 2.0 : f32, function = #lowbit.function<power>} : !t
  %4 = tosa.reduce_sum %3 {axis = 2 : i32} : (!t) -> !m
  %5 = tosa.mul %4, %c0, %shift : (!m, !c, !s) -> !m
  %6 = tosa.add %5, %c1 : (!m, !c) -> !m
  %7 = lowbit.activation %6 {function = #lowbit.function<sqrt>} : !m
  %8 = tosa.reciprocal %7 : (!m) -> !m
  %9 = tosa.mul %2, %8, %shift : (!t, !m, !s) -> !t
  %10 = tosa.mul %9, %c2, %shift : (!t, tensor<1x1x4xf32>, !s) -> !t
  %11 = tosa.add %10, %c3 : (!t, tensor<1x1x4xf32>) -> !t
  return %11 : !t
}

// The square as a product, the root inverted at once, the factors exchanged.
// CHECK-LABEL: func.func @other_form(
// CHECK-SAME:    %[[X:.*]]: tensor<2x3x4xf32>)
// CHECK-DAG:     %[[SCALE:.*]] = "tosa.const"() {{.*}}1.000000e+00, 2.000000e+00
// CHECK-DAG:     %[[OFFSET:.*]] = "tosa.const"() {{.*}}5.000000e+00, 6.000000e+00
// CHECK:         %[[Y:.*]] = lowbit.layer_norm %[[X]], %[[SCALE]], %[[OFFSET]]
// CHECK-SAME:      {axes = array<i64: 2>, epsilon = 9.99999974E-6 : f32}
// CHECK-NEXT:    return %[[Y]]
func.func @other_form(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.25> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c1 = "tosa.const"() {values = dense<1.0e-5> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c2 = "tosa.const"() {values = dense<[[[1.0, 2.0, 3.0, 4.0]]]> : tensor<1x1x4xf32>} : () -> tensor<1x1x4xf32>
  %c3 = "tosa.const"() {values = dense<[[[5.0, 6.0, 7.0, 8.0]]]> : tensor<1x1x4xf32>} : () -> tensor<1x1x4xf32>
  %0 = tosa.reduce_sum %x {axis = 2 : i32} : (!t) -> !m
  %1 = tosa.mul %0, %c0, %shift : (!m, !c, !s) -> !m
  %2 = tosa.sub %x, %1 : (!t, !m) -> !t
  %3 = tosa.mul %2, %2, %shift : (!t, !t, !s) -> !t
  %4 = tosa.reduce_sum %3 {axis = 2 : i32} : (!t) -> !m
  %5 = tosa.mul %4, %c0, %shift : (!m, !c, !s) -> !m
  %6 = tosa.add %5, %c1 : (!m, !c) -> !m
  %7 = tosa.rsqrt %6 : (!m) -> !m
  %8 = tosa.mul %7, %2, %shift : (!m, !t, !s) -> !t
  %9 = tosa.mul %c2, %8, %shift : (tensor<1x1x4xf32>, !t, !s) -> !t
  %10 = tosa.add %c3, %9 : (tensor<1x1x4xf32>, !t) -> !t
  return %10 : !t
}

// CHECK-LABEL: func.func @bare(
// CHECK-SAME:    %[[X:.*]]: tensor<2x3x4xf32>
// CHECK-DAG:     %[[ONE:.*]] = "tosa.const"() <{values = dense<1.0{{.*}}1x1x1xf32>
// CHECK-DAG:     %[[ZERO:.*]] = "tosa.const"() <{values = dense<0.0{{.*}}1x1x1xf32>
// CHECK:         %[[Y:.*]] = lowbit.layer_norm %[[X]], %[[ONE]], %[[ZERO]]
// CHECK-NEXT:    return %[[Y]]
func.func @bare(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.25> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c1 = "tosa.const"() {values = dense<1.0e-5> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %0 = tosa.reduce_sum %x {axis = 2 : i32} : (!t) -> !m
  %1 = tosa.mul %0, %c0, %shift : (!m, !c, !s) -> !m
  %2 = tosa.sub %x, %1 : (!t, !m) -> !t
  %3 = tosa.mul %2, %2, %shift : (!t, !t, !s) -> !t
  %4 = tosa.reduce_sum %3 {axis = 2 : i32} : (!t) -> !m
  %5 = tosa.mul %4, %c0, %shift : (!m, !c, !s) -> !m
  %6 = tosa.add %5, %c1 : (!m, !c) -> !m
  %7 = lowbit.activation %6 {function = #lowbit.function<sqrt>} : !m
  %8 = tosa.reciprocal %7 : (!m) -> !m
  %9 = tosa.mul %2, %8, %shift : (!t, !m, !s) -> !t
  return %9 : !t
}

// A scale that is computed stays outside.
// CHECK-LABEL: func.func @computed_scale(
// CHECK-SAME:    %[[X:.*]]: tensor<2x3x4xf32>
// CHECK-DAG:     %[[ONE:.*]] = "tosa.const"() <{values = dense<1.0{{.*}}1x1x1xf32>
// CHECK-DAG:     %[[ZERO:.*]] = "tosa.const"() <{values = dense<0.0{{.*}}1x1x1xf32>
// CHECK:         %[[Y:.*]] = lowbit.layer_norm %[[X]], %[[ONE]], %[[ZERO]]
// CHECK:         tosa.mul %[[Y]], %{{.*}}
func.func @computed_scale(%x: !t, %w: tensor<1x1x4xf32>) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.25> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c1 = "tosa.const"() {values = dense<1.0e-5> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %0 = tosa.reduce_sum %x {axis = 2 : i32} : (!t) -> !m
  %1 = tosa.mul %0, %c0, %shift : (!m, !c, !s) -> !m
  %2 = tosa.sub %x, %1 : (!t, !m) -> !t
  %3 = tosa.mul %2, %2, %shift : (!t, !t, !s) -> !t
  %4 = tosa.reduce_sum %3 {axis = 2 : i32} : (!t) -> !m
  %5 = tosa.mul %4, %c0, %shift : (!m, !c, !s) -> !m
  %6 = tosa.add %5, %c1 : (!m, !c) -> !m
  %7 = lowbit.activation %6 {function = #lowbit.function<sqrt>} : !m
  %8 = tosa.reciprocal %7 : (!m) -> !m
  %9 = tosa.mul %2, %8, %shift : (!t, !m, !s) -> !t
  %10 = tosa.mul %9, %w, %shift : (!t, tensor<1x1x4xf32>, !s) -> !t
  return %10 : !t
}

// CHECK-LABEL: func.func @offset_alone(
// CHECK:         %[[B:.*]] = "tosa.const"() {{.*}}5.000000e+00, 6.000000e+00
// CHECK:         lowbit.layer_norm %{{.*}}, %{{.*}}, %[[B]]
// CHECK-NEXT:    return
func.func @offset_alone(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.25> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c1 = "tosa.const"() {values = dense<1.0e-5> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c2 = "tosa.const"() {values = dense<[[[5.0, 6.0, 7.0, 8.0]]]> : tensor<1x1x4xf32>} : () -> tensor<1x1x4xf32>
  %0 = tosa.reduce_sum %x {axis = 2 : i32} : (!t) -> !m
  %1 = tosa.mul %0, %c0, %shift : (!m, !c, !s) -> !m
  %2 = tosa.sub %x, %1 : (!t, !m) -> !t
  %3 = tosa.mul %2, %2, %shift : (!t, !t, !s) -> !t
  %4 = tosa.reduce_sum %3 {axis = 2 : i32} : (!t) -> !m
  %5 = tosa.mul %4, %c0, %shift : (!m, !c, !s) -> !m
  %6 = tosa.add %5, %c1 : (!m, !c) -> !m
  %7 = lowbit.activation %6 {function = #lowbit.function<sqrt>} : !m
  %8 = tosa.reciprocal %7 : (!m) -> !m
  %9 = tosa.mul %2, %8, %shift : (!t, !m, !s) -> !t
  %10 = tosa.add %9, %c2 : (!t, tensor<1x1x4xf32>) -> !t
  return %10 : !t
}

// The factor is not the inverse of the count.
// CHECK-LABEL: func.func @not_the_mean(
// CHECK-NOT:     lowbit.layer_norm
// CHECK:         return
func.func @not_the_mean(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.5> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c1 = "tosa.const"() {values = dense<0.25> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c2 = "tosa.const"() {values = dense<1.0e-5> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %0 = tosa.reduce_sum %x {axis = 2 : i32} : (!t) -> !m
  %1 = tosa.mul %0, %c0, %shift : (!m, !c, !s) -> !m
  %2 = tosa.sub %x, %1 : (!t, !m) -> !t
  %3 = tosa.mul %2, %2, %shift : (!t, !t, !s) -> !t
  %4 = tosa.reduce_sum %3 {axis = 2 : i32} : (!t) -> !m
  %5 = tosa.mul %4, %c1, %shift : (!m, !c, !s) -> !m
  %6 = tosa.add %5, %c2 : (!m, !c) -> !m
  %7 = lowbit.activation %6 {function = #lowbit.function<sqrt>} : !m
  %8 = tosa.reciprocal %7 : (!m) -> !m
  %9 = tosa.mul %2, %8, %shift : (!t, !m, !s) -> !t
  return %9 : !t
}

// CHECK-LABEL: func.func @variance_of_another(
// CHECK-NOT:     lowbit.layer_norm
// CHECK:         return
func.func @variance_of_another(%x: !t, %y: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.25> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c1 = "tosa.const"() {values = dense<1.0e-5> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %0 = tosa.reduce_sum %x {axis = 2 : i32} : (!t) -> !m
  %1 = tosa.mul %0, %c0, %shift : (!m, !c, !s) -> !m
  %2 = tosa.sub %x, %1 : (!t, !m) -> !t
  %3 = tosa.mul %y, %y, %shift : (!t, !t, !s) -> !t
  %4 = tosa.reduce_sum %3 {axis = 2 : i32} : (!t) -> !m
  %5 = tosa.mul %4, %c0, %shift : (!m, !c, !s) -> !m
  %6 = tosa.add %5, %c1 : (!m, !c) -> !m
  %7 = lowbit.activation %6 {function = #lowbit.function<sqrt>} : !m
  %8 = tosa.reciprocal %7 : (!m) -> !m
  %9 = tosa.mul %2, %8, %shift : (!t, !m, !s) -> !t
  return %9 : !t
}

// Mean and variance are over different axes.
// CHECK-LABEL: func.func @other_axes(
// CHECK-NOT:     lowbit.layer_norm
// CHECK:         return
func.func @other_axes(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.5> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c1 = "tosa.const"() {values = dense<0.25> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c2 = "tosa.const"() {values = dense<1.0e-5> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %0 = tosa.reduce_sum %x {axis = 0 : i32} : (!t) -> tensor<1x3x4xf32>
  %1 = tosa.mul %0, %c0, %shift : (tensor<1x3x4xf32>, !c, !s) -> tensor<1x3x4xf32>
  %2 = tosa.sub %x, %1 : (!t, tensor<1x3x4xf32>) -> !t
  %3 = tosa.mul %2, %2, %shift : (!t, !t, !s) -> !t
  %4 = tosa.reduce_sum %3 {axis = 2 : i32} : (!t) -> !m
  %5 = tosa.mul %4, %c1, %shift : (!m, !c, !s) -> !m
  %6 = tosa.add %5, %c2 : (!m, !c) -> !m
  %7 = tosa.rsqrt %6 : (!m) -> !m
  %8 = tosa.mul %2, %7, %shift : (!t, !m, !s) -> !t
  return %8 : !t
}

// CHECK-LABEL: func.func @not_centred(
// CHECK-NOT:     lowbit.layer_norm
// CHECK:         return
func.func @not_centred(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.25> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c1 = "tosa.const"() {values = dense<1.0e-5> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %0 = tosa.mul %x, %x, %shift : (!t, !t, !s) -> !t
  %1 = tosa.reduce_sum %0 {axis = 2 : i32} : (!t) -> !m
  %2 = tosa.mul %1, %c0, %shift : (!m, !c, !s) -> !m
  %3 = tosa.add %2, %c1 : (!m, !c) -> !m
  %4 = tosa.rsqrt %3 : (!m) -> !m
  %5 = tosa.mul %x, %4, %shift : (!t, !m, !s) -> !t
  return %5 : !t
}

// CHECK-LABEL: func.func @negative_epsilon(
// CHECK-NOT:     lowbit.layer_norm
// CHECK:         return
func.func @negative_epsilon(%x: !t) -> !t {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c0 = "tosa.const"() {values = dense<0.25> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %c1 = "tosa.const"() {values = dense<-1.0> : tensor<1x1x1xf32>} : () -> tensor<1x1x1xf32>
  %0 = tosa.reduce_sum %x {axis = 2 : i32} : (!t) -> !m
  %1 = tosa.mul %0, %c0, %shift : (!m, !c, !s) -> !m
  %2 = tosa.sub %x, %1 : (!t, !m) -> !t
  %3 = tosa.mul %2, %2, %shift : (!t, !t, !s) -> !t
  %4 = tosa.reduce_sum %3 {axis = 2 : i32} : (!t) -> !m
  %5 = tosa.mul %4, %c0, %shift : (!m, !c, !s) -> !m
  %6 = tosa.add %5, %c1 : (!m, !c) -> !m
  %7 = lowbit.activation %6 {function = #lowbit.function<sqrt>} : !m
  %8 = tosa.reciprocal %7 : (!m) -> !m
  %9 = tosa.mul %2, %8, %shift : (!t, !m, !s) -> !t
  return %9 : !t
}

// CHECK-LABEL: func.func @dynamic(
// CHECK-NOT:     lowbit.layer_norm
// CHECK:         return
func.func @dynamic(%x: tensor<?x4xf32>, %y: tensor<?x1xf32>) -> tensor<?x4xf32> {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.rsqrt %y : (tensor<?x1xf32>) -> tensor<?x1xf32>
  %1 = tosa.mul %x, %0, %shift : (tensor<?x4xf32>, tensor<?x1xf32>, !s) -> tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}
