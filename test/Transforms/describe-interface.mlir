// RUN: lowbit-opt %s -lowbit-describe-interface -allow-unregistered-dialect -split-input-file -verify-diagnostics | FileCheck %s

// CHECK: module attributes {lowbit.interface = {
// CHECK-SAME: inputs = [{name = "x", type = tensor<1x4xf32>}, {name = "arg1", type = tensor<2xi32>}]
// CHECK-SAME: outputs = [{name = "result0", type = tensor<1x2x!quant.uniform<u8:f32, 5.000000e-01:3>>}, {name = "y", type = tensor<f32>}]
// CHECK-LABEL: func.func @main
// CHECK-SAME: %{{.*}}: tensor<1x4xf32> {bufferization.writable = false, lowbit.name = "x"}, %{{.*}}: tensor<2xi32> {bufferization.writable = false}
!q = !quant.uniform<u8:f32, 0.5:3>
func.func @main(%x: tensor<1x4xf32> {lowbit.name = "x"}, %i: tensor<2xi32>)
    -> (tensor<1x2x!q>, tensor<f32> {lowbit.name = "y"}) {
  %0:2 = "test.model"(%x, %i) : (tensor<1x4xf32>, tensor<2xi32>) -> (tensor<1x2x!q>, tensor<f32>)
  return %0#0, %0#1 : tensor<1x2x!q>, tensor<f32>
}

// -----

// CHECK: inputs = [{name = "mask", type = tensor<2xi1>}, {name = "arg1", type = tensor<2xi64>}]
module {
  func.func @main(%m: tensor<2xi1> {lowbit.name = "mask"}, %i: tensor<2xi64>) { return }
}

// -----

// expected-error @+1 {{expects a function @main with a body}}
module {
}

// -----

// expected-error @+1 {{expects 'arg0' to be a tensor of static shape, but got 'tensor<?xf32>'}}
module {
  func.func @main(%x: tensor<?xf32>) { return }
}

// -----

// expected-error @+1 {{expects 'arg0' to hold f32, i8, u8, i16, u16, i32, i64 or bool, but got 'f64'}}
module {
  func.func @main(%x: tensor<4xf64>) { return }
}

// -----

// expected-error @+1 {{expects 'arg0' to have one scale and zero point, but got '!quant.uniform<i8:f32:0}}
module {
  func.func @main(%x: tensor<2x!quant.uniform<i8:f32:0, {0.5, 0.25}>>) { return }
}

// -----

// expected-error @+1 {{expects 'arg0' to hold f32, i8, u8, i16, u16, i32, i64 or bool, but got '!quant.uniform<u4:f32}}
module {
  func.func @main(%x: tensor<2x!quant.uniform<u4:f32, 0.5>>) { return }
}

// -----

// expected-error @+1 {{expects the names of inputs to differ, but got 'x' twice}}
module {
  func.func @main(%x: tensor<2xf32> {lowbit.name = "x"}, %y: tensor<2xf32> {lowbit.name = "x"}) { return }
}

// -----

// expected-error @+1 {{expects a name for each input and output}}
module {
  func.func @main(%x: tensor<2xf32> {lowbit.name = ""}) { return }
}
