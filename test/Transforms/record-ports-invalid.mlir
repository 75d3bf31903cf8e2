// RUN: lowbit-opt %s -lowbit-record-ports -split-input-file -verify-diagnostics

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @main(%arena: memref<256xi8>, %i: index) {
  %a = memref.view %arena[%i][] : memref<256xi8> to memref<4xi8>
  // expected-error @+1 {{reads 'a' at a place that is not known before the program runs}}
  lowbit.port %a {name = "a", format = !u8} : memref<4xi8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @main(%arena: memref<256xi8>, %i: index) {
  %c0 = arith.constant 0 : index
  %a = memref.view %arena[%c0][] : memref<256xi8> to memref<8xi8>
  %b = memref.subview %a[%i] [4] [1] : memref<8xi8> to memref<4xi8, strided<[1], offset: ?>>
  // expected-error @+1 {{reads 'b' at a place that is not known before the program runs}}
  lowbit.port %b {name = "b", format = !u8} : memref<4xi8, strided<[1], offset: ?>>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func @main(%arena: memref<256xi8>, %i: index) {
  %c0 = arith.constant 0 : index
  %a = memref.view %arena[%c0][%i] : memref<256xi8> to memref<?xi8>
  // expected-error @+1 {{reads 'a' at a place that is not known before the program runs}}
  lowbit.port %a {name = "a", format = !u8} : memref<?xi8>
  return
}
