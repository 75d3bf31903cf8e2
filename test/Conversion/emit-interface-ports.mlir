// RUN: lowbit-opt %s -lowbit-emit-interface="symbol-prefix=net" | FileCheck %s

// What a debugger finds in the workspace.
module attributes {
  lowbit.interface = {inputs = [], outputs = []},
  lowbit.ports = [{name = "a", offset = 64 : i64, strides = array<i64: 6, 1>,
                   type = tensor<2x4x!quant.uniform<u16<0:255>:f32, 0.5:3>>}],
  lowbit.workspace_size = 128 : i64
} {
  llvm.func @main(%workspace: !llvm.ptr) {
    llvm.return
  }
}
// CHECK: llvm.mlir.global internal constant @net_lowbit_ports0_name("a\00")
// CHECK: llvm.mlir.global internal constant @net_lowbit_ports0_dims(dense<[2, 4]> : tensor<2xi64>)
// CHECK: llvm.mlir.global internal constant @net_lowbit_ports0_strides(dense<[6, 1]> : tensor<2xi64>)
// CHECK: llvm.mlir.global internal constant @net_lowbit_ports()
// CHECK: llvm.mlir.constant(64 : i64) : i64
// CHECK: llvm.mlir.addressof @net_lowbit_ports0_strides
