// RUN: lowbit-opt %s -lowbit-record-ports -split-input-file | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:3>

// A whole buffer; a part of a padded one, in words that are wider than the codes; reshapes.
// CHECK: module attributes {lowbit.ports = [
// CHECK-SAME: {name = "whole", offset = 64 : i64, strides = array<i64: 4, 1>, type = tensor<2x4x!quant.uniform<u8:f32, 5.000000e-01:3>>}
// CHECK-SAME: {name = "part", offset = 154 : i64, strides = array<i64: 6, 1>, type = tensor<2x4x!quant.uniform<u16<0:255>:f32, 5.000000e-01:3>>}
// CHECK-SAME: {name = "flat", offset = 64 : i64, strides = array<i64: 1>, type = tensor<8x!quant.uniform<u8:f32, 5.000000e-01:3>>}
// CHECK-SAME: ]
// CHECK: func.func @main
// CHECK-NOT: lowbit.port
func.func @main(%arena: memref<256xi8>) {
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %a = memref.view %arena[%c64][] : memref<256xi8> to memref<2x4xi8>
  %b = memref.view %arena[%c128][] : memref<256xi8> to memref<4x6xi16>
  %part = memref.subview %b[2, 1] [2, 4] [1, 1]
    : memref<4x6xi16> to memref<2x4xi16, strided<[6, 1], offset: 13>>
  %flat = memref.collapse_shape %a [[0, 1]] : memref<2x4xi8> into memref<8xi8>
  lowbit.port %a {name = "whole", format = !u8} : memref<2x4xi8>
  lowbit.port %part {name = "part", format = !u8} : memref<2x4xi16, strided<[6, 1], offset: 13>>
  lowbit.port %flat {name = "flat", format = !u8} : memref<8xi8>
  return
}

// -----

// What the caller gave is not in the workspace, nor is what has no place of its own.
// CHECK-NOT: lowbit.ports
// CHECK: func.func @main
// CHECK-NOT: lowbit.port
func.func @main(%x: memref<4xi8>) {
  lowbit.port %x {name = "x", format = !quant.uniform<u8:f32, 0.5:3>} : memref<4xi8>
  return
}
