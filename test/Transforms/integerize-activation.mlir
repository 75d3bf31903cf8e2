// RUN: lowbit-opt %s -lowbit-integerize | FileCheck %s

// Tables of each function at -2, -1.5, ..., 1.5, times 256, computed in double
// precision and rounded once. The logic of tables: integerize.mlir.

!x = !quant.uniform<i3:f32, 0.5>
!y = !quant.uniform<i16:f32, 0.00390625>

// CHECK-LABEL: func.func @leaky_relu(
// CHECK: %[[T:.*]] = arith.constant dense<[-128, -96, -64, -32, 0, 128, 256, 384]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @leaky_relu(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {alpha = 0.25 : f32, function = #lowbit.function<leaky_relu>}
       : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @thresholded_relu(
// CHECK: %[[T:.*]] = arith.constant dense<[0, 0, 0, 0, 0, 0, 256, 384]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @thresholded_relu(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {alpha = 0.5 : f32, function = #lowbit.function<thresholded_relu>}
       : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @shrink(
// CHECK: %[[T:.*]] = arith.constant dense<[-448, -320, 0, 0, 0, 0, 0, 320]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @shrink(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {alpha = 1.0 : f32, beta = 0.25 : f32, function = #lowbit.function<shrink>}
       : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @elu(
// CHECK: %[[T:.*]] = arith.constant dense<[-111, -99, -81, -50, 0, 128, 256, 384]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @elu(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {alpha = 0.5 : f32, function = #lowbit.function<elu>}
       : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @selu(
// CHECK: %[[T:.*]] = arith.constant dense<[-664, -597, -485, -302, 0, 256, 512, 768]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @selu(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {alpha = 1.5 : f32, beta = 2.0 : f32, function = #lowbit.function<selu>}
       : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @celu(
// CHECK: %[[T:.*]] = arith.constant dense<[-324, -270, -201, -113, 0, 128, 256, 384]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @celu(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {alpha = 2.0 : f32, function = #lowbit.function<celu>}
       : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @hard_sigmoid(
// CHECK: %[[T:.*]] = arith.constant dense<[0, 32, 64, 96, 128, 160, 192, 224]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @hard_sigmoid(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {alpha = 0.25 : f32, beta = 0.5 : f32, function = #lowbit.function<hard_sigmoid>}
       : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @hard_swish(
// CHECK: %[[T:.*]] = arith.constant dense<[-85, -96, -85, -53, 0, 75, 171, 288]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @hard_swish(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {function = #lowbit.function<hard_swish>} : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @silu(
// CHECK: %[[T:.*]] = arith.constant dense<[-9, -18, -31, -34, 0, 94, 225, 366]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @silu(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {alpha = 2.0 : f32, function = #lowbit.function<silu>}
       : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @softplus(
// CHECK: %[[T:.*]] = arith.constant dense<[32, 52, 80, 121, 177, 249, 336, 436]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @softplus(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {function = #lowbit.function<softplus>} : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @softsign(
// CHECK: %[[T:.*]] = arith.constant dense<[-171, -154, -128, -85, 0, 85, 128, 154]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @softsign(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {function = #lowbit.function<softsign>} : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @mish(
// CHECK: %[[T:.*]] = arith.constant dense<[-65, -76, -78, -57, 0, 96, 221, 359]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @mish(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {function = #lowbit.function<mish>} : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @gelu(
// CHECK: %[[T:.*]] = arith.constant dense<[-12, -26, -41, -39, 0, 89, 215, 358]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @gelu(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {function = #lowbit.function<gelu>} : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @gelu_tanh(
// CHECK: %[[T:.*]] = arith.constant dense<[-12, -26, -41, -39, 0, 89, 215, 358]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @gelu_tanh(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {function = #lowbit.function<gelu_tanh>} : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @power(
// CHECK: %[[T:.*]] = arith.constant dense<[-2048, -864, -256, -32, 0, 32, 256, 864]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @power(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {alpha = 3.0 : f32, function = #lowbit.function<power>}
       : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// What has no value is 0.
// CHECK-LABEL: func.func @sqrt(
// CHECK: %[[T:.*]] = arith.constant dense<[0, 0, 0, 0, 0, 181, 256, 314]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @sqrt(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {function = #lowbit.function<sqrt>} : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @round(
// CHECK: %[[T:.*]] = arith.constant dense<[-512, -512, -256, 0, 0, 0, 256, 512]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @round(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {function = #lowbit.function<round>} : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}

// CHECK-LABEL: func.func @sign(
// CHECK: %[[T:.*]] = arith.constant dense<[-256, -256, -256, -256, 0, 256, 256, 256]>
// CHECK: lowbit.table %{{.*}}, %[[T]]
func.func @sign(%q: tensor<4x!x>) -> tensor<4x!y> {
  %x = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %y = lowbit.activation %x {function = #lowbit.function<sign>} : tensor<4xf32>
  %c = lowbit.encode %y : tensor<4xf32> to tensor<4x!y>
  return %c : tensor<4x!y>
}
