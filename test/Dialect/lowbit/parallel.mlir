// RUN: lowbit-opt %s | lowbit-opt | FileCheck %s
// RUN: lowbit-opt %s -mlir-print-op-generic | lowbit-opt | FileCheck %s

// CHECK-LABEL: func.func @fill
// CHECK: lowbit.parallel 196 {
// CHECK-NEXT: ^bb0(%[[FIRST:.*]]: index, %[[LAST:.*]]: index):
// CHECK-NEXT: scf.for %{{.*}} = %[[FIRST]] to %[[LAST]] step
// CHECK: } {note = "fill"}
func.func @fill(%x: f32, %y: memref<196xf32>) {
  %one = arith.constant 1 : index
  lowbit.parallel 196 {
  ^bb0(%first: index, %last: index):
    scf.for %i = %first to %last step %one {
      memref.store %x, %y[%i] : memref<196xf32>
    }
  } {note = "fill"}
  return
}
