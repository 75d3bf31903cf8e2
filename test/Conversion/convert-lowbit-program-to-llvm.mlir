// RUN: lowbit-opt %s -split-input-file -convert-lowbit-program-to-llvm | FileCheck %s --implicit-check-not=unrealized_conversion_cast
// RUN: lowbit-opt %s -split-input-file -convert-lowbit-program-to-llvm=bare-pointers | FileCheck %s --check-prefix=BARE

// Operations of all dialects, in one conversion: nothing is left, and no cast.
// CHECK-LABEL: llvm.func @sums(
// CHECK-SAME: %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: i64, %[[N:.*]]: i64)
// CHECK: llvm.icmp "slt" %{{.*}}, %[[N]] : i64
// CHECK: llvm.cond_br
// CHECK: llvm.getelementptr inbounds|nuw %{{.*}}[%{{.*}}] : (!llvm.ptr, i64) -> !llvm.ptr, f32
// CHECK: llvm.load
// CHECK: llvm.intr.sqrt
// CHECK: llvm.fadd
// CHECK: llvm.add
// CHECK: llvm.mlir.poison : f32
// CHECK: llvm.return

// BARE-LABEL: llvm.func @sums(
// BARE-SAME: %{{[^:]*}}: !llvm.ptr, %{{[^:]*}}: i64) -> f32
func.func @sums(%x: memref<16xf32>, %n: index) -> f32 {
  %zero = arith.constant 0.0 : f32
  %first = arith.constant 0 : index
  %one = index.constant 1
  cf.br ^head(%first, %zero : index, f32)
^head(%i: index, %sum: f32):
  %goes = index.cmp slt(%i, %n)
  cf.cond_br %goes, ^body, ^end
^body:
  %a = memref.load %x[%i] : memref<16xf32>
  %root = math.sqrt %a : f32
  %next = arith.addf %sum, %root : f32
  %j = index.add %i, %one
  cf.br ^head(%j, %next : index, f32)
^end:
  %unused = ub.poison : f32
  return %sum : f32
}

// Both ways, callers and callees agree.
// CHECK-LABEL: llvm.func @calls(
// CHECK: llvm.call @sums(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : (!llvm.ptr, !llvm.ptr, i64, i64, i64, i64) -> f32
// BARE-LABEL: llvm.func @calls(
// BARE: llvm.call @sums(%{{.*}}, %{{.*}}) : (!llvm.ptr, i64) -> f32
func.func @calls(%x: memref<16xf32>) -> f32 {
  %n = arith.constant 16 : index
  %sum = call @sums(%x, %n) : (memref<16xf32>, index) -> f32
  return %sum : f32
}

// A function that LLVM has no intrinsic for is left to the math library.
// CHECK-LABEL: llvm.func @library
// CHECK: math.erf
func.func @library(%x: f32) -> f32 {
  %y = math.erf %x : f32
  return %y : f32
}

// -----

// Indices are as wide as the module says.
module attributes {dlti.dl_spec = #dlti.dl_spec<index = 32 : i64>} {
  // CHECK-LABEL: llvm.func @narrow(
  // CHECK-SAME: %{{.*}}: i32) -> i32
  func.func @narrow(%i: index) -> index {
    %j = index.add %i, %i
    return %j : index
  }
}
