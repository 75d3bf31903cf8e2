// RUN: %python -c "print(open('%s').read().replace('0xWEIGHTS', '0x' + '01FF00FF' * 524288))" > %t.mlir
// RUN: lowbit-opt %t.mlir -convert-lowbit-contract-to-vector | FileCheck %s

// Half a megabyte of numbers of two bits, and one row: each line is asked for a page ahead
// for the second cache, and 512 bytes ahead for the first.
// CHECK-LABEL: func.func @one
// CHECK: memref.get_global @weights_packed : memref<524288xi8>
// CHECK: arith.constant 4096 : index
// CHECK: memref.prefetch {{.*}}, read, locality<2>, data : memref<524288xi8>
// CHECK: arith.constant 512 : index
// CHECK: memref.prefetch {{.*}}, read, locality<3>, data : memref<524288xi8>
// CHECK: llvm.x86.avx2.pmadd.ub.sw

// Several rows read a panel from a cache.
// CHECK-LABEL: func.func @two
// CHECK-NOT: memref.prefetch
memref.global "private" constant @weights : memref<2048x1024xi8> = dense<"0xWEIGHTS">
func.func @one(%x: memref<1x1024xi8>, %y: memref<1x2048xi32>) {
  %w = memref.get_global @weights : memref<2048x1024xi8>
  lowbit.contract ins(%x, %w : memref<1x1024xi8>, memref<2048x1024xi8>) outs(%y : memref<1x2048xi32>)
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    attributes {primitive = "avx2.pmaddubsw", formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

func.func @two(%x: memref<2x1024xi8>, %y: memref<2x2048xi32>) {
  %w = memref.get_global @weights : memref<2048x1024xi8>
  lowbit.contract ins(%x, %w : memref<2x1024xi8>, memref<2048x1024xi8>) outs(%y : memref<2x2048xi32>)
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    attributes {primitive = "avx2.pmaddubsw", formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}
