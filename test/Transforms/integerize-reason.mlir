// RUN: lowbit-opt %s -lowbit-integerize | FileCheck %s

!q = !quant.uniform<u8:f32, 0.5:3>
!x = tensor<4xf32>
!c = tensor<4x!q>

// What a recipe leaves in float stays there, although it has an integer form.
// CHECK-LABEL: func.func @stays
func.func @stays(%a: !c, %b: !c) -> (!c, !c, !c) {
  %x = lowbit.decode %a : !c to !x
  %y = lowbit.decode %b : !c to !x
  // CHECK: tosa.add
  // CHECK-NOT: lowbit.add
  %s = tosa.add %x, %y {lowbit.reason = "the recipe leaves it in float"} : (!x, !x) -> !x
  %sq = lowbit.encode %s : !x to !c
  // CHECK: tosa.tanh
  // CHECK-NOT: lowbit.table
  %t = tosa.tanh %x {lowbit.reason = "the recipe leaves it in float"} : (!x) -> !x
  %tq = lowbit.encode %t : !x to !c
  // CHECK: tosa.clamp
  // CHECK-NOT: lowbit.rescale
  %u = tosa.clamp %x {min_val = 0.0 : f32, max_val = 6.0 : f32,
      lowbit.reason = "the recipe leaves it in float"} : (!x) -> !x
  %uq = lowbit.encode %u : !x to !c
  return %sq, %tq, %uq : !c, !c, !c
}

// CHECK-LABEL: func.func @goes
func.func @goes(%a: !c, %b: !c) -> !c {
  %x = lowbit.decode %a : !c to !x
  %y = lowbit.decode %b : !c to !x
  // CHECK: lowbit.add
  // CHECK-NOT: tosa.add
  %s = tosa.add %x, %y : (!x, !x) -> !x
  %sq = lowbit.encode %s : !x to !c
  return %sq : !c
}

// What is said of a layer holds for the clamp of its unit.
// CHECK-LABEL: func.func @unit
// CHECK: tosa.matmul
// CHECK: tosa.clamp %{{.*}} {lowbit.reason = "the recipe leaves it in float"
func.func @unit(%a: tensor<1x2x2x!q>) -> tensor<1x2x1x!q> {
  %x = lowbit.decode %a : tensor<1x2x2x!q> to tensor<1x2x2xf32>
  %w = "tosa.const"() <{values = dense<1.0> : tensor<1x2x1xf32>}> : () -> tensor<1x2x1xf32>
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %y = tosa.matmul %x, %w, %z, %z {lowbit.reason = "the recipe leaves it in float"}
      : (tensor<1x2x2xf32>, tensor<1x2x1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x1xf32>
  %c = tosa.clamp %y {min_val = 0.0 : f32, max_val = 6.0 : f32}
      : (tensor<1x2x1xf32>) -> tensor<1x2x1xf32>
  %o = lowbit.encode %c : tensor<1x2x1xf32> to tensor<1x2x1x!q>
  return %o : tensor<1x2x1x!q>
}
