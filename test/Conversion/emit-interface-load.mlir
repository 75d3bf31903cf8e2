// RUN: lowbit-opt %s -lowbit-emit-interface=symbol-prefix=net | FileCheck %s

// Constants are decoded in the first call, whoever calls; others wait. The only global that can be
// written is their memory, and the state.
// CHECK-DAG: llvm.mlir.global internal @lowbit_resident()
// CHECK-DAG: llvm.mlir.global internal @lowbit_load_state(0 : i32) {{.*}}: i32
// CHECK-DAG: llvm.func internal @lowbit_load()
module attributes {
  lowbit.interface = {
    inputs = [{name = "x", type = tensor<1xf32>}],
    outputs = [{name = "y", type = tensor<1xf32>}]}
} {
  llvm.mlir.global private @lowbit_resident() {addr_space = 0 : i32, alignment = 64 : i64} : !llvm.array<4 x i8> {
    %0 = llvm.mlir.undef : !llvm.array<4 x i8>
    llvm.return %0 : !llvm.array<4 x i8>
  }
  llvm.func @lowbit_load() {
    llvm.return
  }
  // The name of what is added is free.
  llvm.func @lowbit_load_once() {
    llvm.return
  }
  llvm.func @main(%x: !llvm.ptr, %y: !llvm.ptr, %workspace: !llvm.ptr) {
    llvm.return
  }
}

// CHECK: llvm.func internal @[[ONCE:lowbit_load_once_[0-9]+]]()
// CHECK:   %[[STATE:.*]] = llvm.mlir.addressof @lowbit_load_state
// CHECK:   llvm.load %[[STATE]] atomic acquire
// CHECK:   llvm.cond_br %{{.*}}, ^[[DONE:.*]], ^[[CLAIM:.*]]
// CHECK: ^[[CLAIM]]:
// CHECK:   llvm.cmpxchg %[[STATE]], {{.*}} acq_rel acquire
// CHECK:   llvm.cond_br %{{.*}}, ^[[DECODE:.*]], ^[[WAIT:.*]]
// CHECK: ^[[DECODE]]:
// CHECK:   llvm.call @lowbit_load()
// CHECK:   llvm.store %{{.*}}, %[[STATE]] atomic release
// CHECK:   llvm.br ^[[DONE]]
// CHECK: ^[[WAIT]]:
// CHECK:   llvm.load %[[STATE]] atomic acquire
// CHECK:   llvm.cond_br %{{.*}}, ^[[DONE]], ^[[WAIT]]
// CHECK: ^[[DONE]]:
// CHECK:   llvm.return
// CHECK: llvm.func @net_run
// CHECK: llvm.call @[[ONCE]]()
// CHECK: llvm.call @net_main
