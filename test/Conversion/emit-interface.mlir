// RUN: lowbit-opt %s -lowbit-emit-interface="symbol-prefix=net name=Net recipe=int8 target=t" \
// RUN:   | FileCheck %s

// CHECK: module attributes {
// CHECK-SAME: lowbit.identity = {name = "Net", prefix = "net", profile = "tosa", recipe = "int8", target = "t"}
module attributes {
  lowbit.interface = {
    inputs = [{name = "x", type = tensor<1x4x!quant.uniform<u8:f32, 0.5:3>>}],
    outputs = [{name = "y", type = tensor<f32>}]},
  lowbit.workspace_size = 128 : i64
} {
  // CHECK: llvm.mlir.global internal constant @weights
  llvm.mlir.global private constant @weights(dense<1> : tensor<4xi8>) : !llvm.array<4 x i8>
  // CHECK-NOT: @unused
  llvm.func @unused(!llvm.ptr)
  // CHECK: llvm.func @expf(f32) -> f32
  llvm.func @expf(f32) -> f32
  // CHECK: llvm.func internal @net_main
  // CHECK: llvm.call @expf
  llvm.func @main(%x: !llvm.ptr, %y: !llvm.ptr, %workspace: !llvm.ptr) {
    %0 = llvm.load %x : !llvm.ptr -> f32
    %1 = llvm.call @expf(%0) : (f32) -> f32
    llvm.store %1, %y : f32, !llvm.ptr
    llvm.return
  }
}

// CHECK: llvm.func @net_run(%[[IN:.*]]: !llvm.ptr, %[[OUT:.*]]: !llvm.ptr, %[[W:.*]]: !llvm.ptr) -> i32
// CHECK: %[[NULL0:.*]] = llvm.icmp "eq" %[[IN]]
// CHECK: llvm.cond_br %[[NULL0]], ^[[ONE:.*]], ^{{.*}}
// CHECK: ^[[ONE]]:
// CHECK: llvm.mlir.constant(1 : i32)
// CHECK: llvm.return
// CHECK: %[[IN0:.*]] = llvm.load
// CHECK: llvm.icmp "eq" %[[IN0]]
// CHECK: llvm.icmp "eq" %[[OUT]]
// CHECK: %[[OUT0:.*]] = llvm.load
// CHECK: llvm.icmp "eq" %[[OUT0]]
// CHECK: llvm.icmp "eq" %[[W]]
// CHECK: %[[ADDRESS:.*]] = llvm.ptrtoint %[[W]]
// CHECK: %[[MASK:.*]] = llvm.mlir.constant(63 : i64)
// CHECK: llvm.and %[[ADDRESS]], %[[MASK]]
// CHECK: llvm.mlir.constant(2 : i32)
// CHECK: llvm.call @net_main(%[[IN0]], %[[OUT0]], %[[W]])
// CHECK: llvm.mlir.constant(0 : i32)

// CHECK: llvm.mlir.global internal constant @net_lowbit_inputs0_dims(dense<[1, 4]> : tensor<2xi64>)
// CHECK: llvm.mlir.global internal constant @net_lowbit_inputs0_name("x\00")
// CHECK: llvm.mlir.global internal constant @net_lowbit_inputs()
// CHECK: llvm.mlir.global internal constant @net_lowbit_outputs()
// CHECK: llvm.mlir.global external constant @net_lowbit_model()
