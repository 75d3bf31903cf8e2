// RUN: lowbit-opt %s -lowbit-emit-interface -split-input-file -verify-diagnostics

// expected-error @+1 {{expects the attribute 'lowbit.interface'; use -lowbit-describe-interface first}}
module {
}

// -----

// expected-error @+1 {{expects an array 'outputs' in 'lowbit.interface'}}
module attributes {lowbit.interface = {inputs = []}} {
}

// -----

// expected-error @+1 {{expects a name and a type in each of 'inputs', but got 3 : i64}}
module attributes {lowbit.interface = {inputs = [3], outputs = []}} {
}

// -----

// expected-error @+1 {{expects 'lowbit.workspace_size' to be an i64 of at least 0, but got -1 : i64}}
module attributes {lowbit.interface = {inputs = [], outputs = []}, lowbit.workspace_size = -1 : i64} {
}

// -----

// expected-error @+1 {{expects a function @main of the LLVM dialect with a body}}
module attributes {lowbit.interface = {inputs = [], outputs = []}} {
  func.func @main() { return }
}

// -----

module attributes {lowbit.interface = {inputs = [{name = "x", type = tensor<f32>}], outputs = []}} {
  // expected-error @+1 {{expects @main to take 2 pointers (inputs, outputs, workspace) and to return nothing, but got '!llvm.func<void (ptr, ptr, i64)>'; convert functions with use-bare-ptr-memref-call-conv=1}}
  llvm.func @main(%x: !llvm.ptr, %a: !llvm.ptr, %n: i64) {
    llvm.return
  }
}

// -----

module attributes {lowbit.interface = {inputs = [], outputs = []}} {
  // expected-error @+1 {{expects no mutable global, but got 'state'}}
  llvm.mlir.global internal @state(0 : i32) : i32
  llvm.func @main(%workspace: !llvm.ptr) {
    llvm.return
  }
}

// -----

module attributes {lowbit.interface = {inputs = [], outputs = []}} {
  llvm.func @main(%workspace: !llvm.ptr) {
    llvm.return
  }
  // expected-error @+1 {{expects functions and globals of the LLVM dialect only, but got 'func.func'}}
  func.func private @other()
}

// -----

// expected-error @+1 {{expects 'lowbit.ports' to be an array, but got 3 : i64}}
module attributes {lowbit.interface = {inputs = [], outputs = []}, lowbit.ports = 3 : i64} {
}

// -----

// expected-error @+1 {{expects a name, a type, an offset and strides in each of 'lowbit.ports', but got {name = "a"}}}
module attributes {lowbit.interface = {inputs = [], outputs = []}, lowbit.ports = [{name = "a"}]} {
}

// -----

// expected-error @+1 {{expects 'a' to hold f32, }}
module attributes {
  lowbit.interface = {inputs = [], outputs = []},
  lowbit.ports = [{name = "a", offset = 0 : i64, strides = array<i64: 1>, type = tensor<2xf64>}]} {
}

// -----

// expected-error @+1 {{expects words of a format and one stride for each dimension of 'a', but got}}
module attributes {
  lowbit.interface = {inputs = [], outputs = []},
  lowbit.ports = [{name = "a", offset = 0 : i64, strides = array<i64: 1>, type = tensor<2xi8>}]} {
}

// -----

// expected-error @+1 {{expects words of a format and one stride for each dimension of 'a', but got}}
module attributes {
  lowbit.interface = {inputs = [], outputs = []},
  lowbit.ports = [{name = "a", offset = 0 : i64, strides = array<i64>,
                   type = tensor<2x!quant.uniform<u8:f32, 0.5>>}]} {
}

// -----

// expected-error @+1 {{expects 'a' within a workspace of 64 bytes, but got}}
module attributes {
  lowbit.interface = {inputs = [], outputs = []}, lowbit.workspace_size = 64 : i64,
  lowbit.ports = [{name = "a", offset = 60 : i64, strides = array<i64: 2>,
                   type = tensor<3x!quant.uniform<u8:f32, 0.5>>}]} {
}

// -----

// expected-error @+1 {{expects 'a' within a workspace of 64 bytes, but got}}
module attributes {
  lowbit.interface = {inputs = [], outputs = []}, lowbit.workspace_size = 64 : i64,
  lowbit.ports = [{name = "a", offset = -1 : i64, strides = array<i64: 1>,
                   type = tensor<3x!quant.uniform<u8:f32, 0.5>>}]} {
}
