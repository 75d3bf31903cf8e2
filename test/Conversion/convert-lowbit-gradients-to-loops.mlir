// RUN: lowbit-opt %s -convert-lowbit-gradients-to-loops | FileCheck %s
// RUN: lowbit-opt %s -convert-lowbit-gradients-to-loops=vectorize=false \
// RUN:   | FileCheck %s --check-prefix=LOOPS
// RUN: lowbit-opt %s -lowbit-codec-pipeline | FileCheck %s --check-prefix=LLVM

// Vectors, then what they leave; nothing but loops without vectors.
// CHECK-NOT: lowbit.
// LOOPS-NOT: lowbit.
// LOOPS-NOT: vector
// LLVM-NOT: lowbit.

// CHECK-LABEL: func @decode_signs
// CHECK: scf.for
// CHECK: %[[WORDS:.*]] = vector.load %{{.*}} : memref<18xi32>, vector<8xi32>
// CHECK: %[[BITS:.*]] = arith.andi %[[WORDS]]
// CHECK: arith.cmpi eq, %[[BITS]]
// CHECK: vector.store %{{.*}} : memref<300xf32>, vector<8xf32>
// CHECK: scf.for
// CHECK: memref.store %{{.*}} : memref<300xf32>
// LLVM-LABEL: llvm.func @decode_signs
func.func @decode_signs(%w: memref<18xi32>, %g: memref<300xf32>) -> i32 {
  %0 = lowbit.decode_gradient #lowbit.codec<kind = signs> %w to %g
    : memref<18xi32>, memref<300xf32>
  return %0 : i32
}

// One bucket is measured, and encoded only if it is finite.
// CHECK-LABEL: func @encode_levels
// CHECK: vector.reduction <maxui>
// CHECK: scf.if
// CHECK: arith.muli %{{.*}} : vector<8xi64>
// CHECK: vector.shuffle
// CHECK: vector.store %{{.*}} : memref<17xi32>, vector<8xi32>
// CHECK: else
// LOOPS-LABEL: func @encode_levels
// LOOPS: arith.muli %{{.*}} : i64
func.func @encode_levels(%g: memref<200xf32>, %w: memref<17xi32>, %s: memref<0xi32>,
                         %k: i32) -> i32 {
  %0 = lowbit.encode_gradient #lowbit.codec<kind = levels> %g to %w scratch(%s) seed(%k, %k, %k)
    : memref<200xf32>, memref<17xi32>, memref<0xi32>
  return %0 : i32
}

// CHECK-LABEL: func @merge
// CHECK: %[[SUM:.*]] = arith.addi %{{.*}} : vector<8xi32>
// CHECK: vector.store %[[SUM]]
func.func @merge(%a: memref<34xi32>, %b: memref<34xi32>) {
  lowbit.merge_gradients #lowbit.codec<kind = levels, ranks = 4> %a into %b {size = 200 : i64}
    : memref<34xi32>
  return
}

// CHECK-LABEL: func @measure
// CHECK: vector.reduction <maxui>
// CHECK: memref.store %{{.*}} : memref<1xf32>
func.func @measure(%g: memref<200xf32>, %p: memref<1xf32>) -> i32 {
  %0 = lowbit.measure_gradient #lowbit.codec<kind = levels> %g to %p
    : memref<200xf32>, memref<1xf32>
  return %0 : i32
}

// Points are found before anything is encoded, and are looked up in the wire.
// CHECK-LABEL: func @optimal_points
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<3x257xi16>
// CHECK: scf.if
// CHECK: arith.fptosi %{{.*}} : f32 to i64
// CHECK: vector.store %{{.*}} : memref<19xi32>, vector<8xi32>
// CHECK: vector.gather
// LLVM-LABEL: llvm.func @optimal_points
// LLVM: llvm.intr.masked.gather
func.func @optimal_points(%g: memref<200xf32>, %w: memref<19xi32>, %s: memref<0xi32>,
                          %k: i32) -> i32 {
  %0 = lowbit.encode_gradient #lowbit.codec<kind = levels, grid = optimal> %g to %w scratch(%s)
    seed(%k, %k, %k) : memref<200xf32>, memref<19xi32>, memref<0xi32>
  %1 = lowbit.decode_gradient #lowbit.codec<kind = levels, grid = optimal> %w to %g
    : memref<19xi32>, memref<200xf32>
  return %0 : i32
}

// Numbers of both sides are added up: in 16 chains, by vectors of 4.
// CHECK-LABEL: func @encode_signs
// CHECK: math.ctpop
// CHECK-COUNT-4: arith.minsi %{{.*}} : vector<4xi64>
func.func @encode_signs(%g: memref<300xf32>, %w: memref<18xi32>, %s: memref<0xi32>, %k: i32) -> i32 {
  %0 = lowbit.encode_gradient #lowbit.codec<kind = signs> %g to %w scratch(%s) seed(%k, %k, %k)
    : memref<300xf32>, memref<18xi32>, memref<0xi32>
  return %0 : i32
}

// Buckets that are no multiple of 4 have random words one by one.
// CHECK-LABEL: func @odd_buckets
// CHECK-NOT: vector<8xi64>
// CHECK: return
func.func @odd_buckets(%g: memref<20xf32>, %w: memref<18xi32>, %s: memref<18xi32>, %k: i32) -> i32 {
  %0 = lowbit.encode_gradient #lowbit.codec<kind = levels, bucket = 10> %g to %w scratch(%s)
    seed(%k, %k, %k) : memref<20xf32>, memref<18xi32>, memref<18xi32>
  return %0 : i32
}
