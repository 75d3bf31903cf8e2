// RUN: lowbit-opt %s -lowbit-materialize-codes | FileCheck %s

// A port keeps the format that its words lose.
// CHECK-LABEL: func.func @port
// CHECK: lowbit.port %{{.*}} {format = !quant.uniform<u8:f32, 5.000000e-01:3>, name = "a"} : tensor<4xi8>
func.func @port(%x: tensor<4x!quant.uniform<u8:f32, 0.5:3>>) {
  lowbit.port %x {name = "a"} : tensor<4x!quant.uniform<u8:f32, 0.5:3>>
  return
}
