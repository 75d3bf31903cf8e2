// RUN: lowbit-opt %s -convert-lowbit-contract-to-vector | FileCheck %s

// Bytes of weights for a primitive that reads words are widened once for each panel, onto the
// stack, where many rows pass it, and else for each tile of rows.
// CHECK: memref.global "private" constant @w_packed : memref<512xi8>
// CHECK-LABEL: func.func @many
// CHECK: llvm.intr.stacksave
// CHECK: %[[ROOM:.*]] = memref.alloca() {alignment = 64 : i64} : memref<512xi16>
// CHECK: %[[BYTES:.*]] = vector.load {{.*}} : memref<512xi8>, vector<16xi8>
// CHECK: %[[WORDS:.*]] = arith.extsi %[[BYTES]] : vector<16xi8> to vector<16xi16>
// CHECK: vector.store %[[WORDS]], %[[ROOM]]
// CHECK: scf.for
// CHECK-NOT: arith.extsi
// CHECK: vector.load %[[ROOM]]{{.*}} : memref<512xi16>, vector<16xi16>
// CHECK: llvm.x86.avx2.pmadd.wd
// CHECK: llvm.intr.stackrestore
// CHECK-LABEL: func.func @few
// CHECK-NOT: memref.alloca
// CHECK: llvm.x86.avx2.pmadd.wd
memref.global "private" constant @w : memref<16x32xi8> = dense<3>
func.func @many(%x: memref<64x32xi16>, %y: memref<64x16xi32>) {
  %w = memref.get_global @w : memref<16x32xi8>
  lowbit.contract ins(%x, %w : memref<64x32xi16>, memref<16x32xi8>) outs(%y : memref<64x16xi32>)
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    attributes {primitive = "avx2.pmaddwd", formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}

func.func @few(%x: memref<4x32xi16>, %y: memref<4x16xi32>) {
  %w = memref.get_global @w : memref<16x32xi8>
  lowbit.contract ins(%x, %w : memref<4x32xi16>, memref<16x32xi8>) outs(%y : memref<4x16xi32>)
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
    attributes {primitive = "avx2.pmaddwd", formats = [!quant.any<u8:f32>, !quant.any<i8:f32>, i32]} {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  }
  return
}
