// RUN: lowbit-opt %s -verify-roundtrip | FileCheck %s

#signs = #lowbit.codec<kind = signs, bucket = 64>
#terngrad = #lowbit.codec<kind = levels, scale = clipped, clip = 2.5>
#dorefa = #lowbit.codec<kind = levels, levels = 15, grid = mid_rise, ranks = 4>
#elias = #lowbit.codec<kind = levels, bucket = 32, scale = norm, levels = 7, coding = elias_gamma>
#double = #lowbit.codec<kind = levels, levels = 7, samples = 2>
#optimal = #lowbit.codec<kind = levels, levels = 7, grid = optimal, samples = 2>
#wage = #lowbit.codec<kind = levels, bucket = 10, scale = shift, levels = 12>
#dgc = #lowbit.codec<kind = largest, momentum = 0.9, count = 3>

// CHECK-LABEL: func @signs
// CHECK: lowbit.encode_gradient <kind = signs, bucket = 64> %{{.*}} state(%{{.*}} : memref<100xf32>) to %{{.*}} scratch(%{{.*}}) seed(%{{.*}}, %{{.*}}, %{{.*}}) : memref<100xf32>, memref<20xi32>, memref<0xi32>
// CHECK: lowbit.decode_gradient <kind = signs, bucket = 64> %{{.*}} to %{{.*}} {accumulate} : memref<20xi32>, memref<100xf32>
func.func @signs(%g: memref<100xf32>, %r: memref<100xf32>, %w: memref<20xi32>,
                 %s: memref<0xi32>, %k: i32) {
  %0 = lowbit.encode_gradient #signs %g state(%r : memref<100xf32>) to %w scratch(%s) seed(%k, %k, %k)
    : memref<100xf32>, memref<20xi32>, memref<0xi32>
  %1 = lowbit.decode_gradient #signs %w to %g {accumulate} : memref<20xi32>, memref<100xf32>
  return
}

// CHECK-LABEL: func @terngrad
// CHECK: lowbit.encode_gradient <kind = levels, scale = clipped, clip = 2.500000e+00 : f64>
func.func @terngrad(%g: memref<1xf32>, %w: memref<2xi32>, %s: memref<0xi32>, %k: i32) {
  %0 = lowbit.encode_gradient #terngrad %g to %w scratch(%s) seed(%k, %k, %k)
    : memref<1xf32>, memref<2xi32>, memref<0xi32>
  return
}

// CHECK-LABEL: func @shared_steps
// CHECK: lowbit.measure_gradient
// CHECK: lowbit.encode_gradient {{.*}} steps(%{{.*}} : memref<1xf32>)
// CHECK: lowbit.merge_gradients
func.func @shared_steps(%g: memref<100xf32>, %p: memref<1xf32>, %a: memref<30xi32>,
                        %b: memref<30xi32>, %s: memref<0xi32>, %k: i32) {
  %0 = lowbit.measure_gradient #dorefa %g to %p : memref<100xf32>, memref<1xf32>
  %1 = lowbit.encode_gradient #dorefa %g steps(%p : memref<1xf32>) to %a scratch(%s) seed(%k, %k, %k)
    : memref<100xf32>, memref<30xi32>, memref<0xi32>
  lowbit.merge_gradients #dorefa %a into %b {size = 100 : i64} : memref<30xi32>
  return
}

// CHECK-LABEL: func @stream
func.func @stream(%g: memref<33xf32>, %w: memref<12xi32>, %s: memref<11xi32>, %k: i32) {
  %0 = lowbit.encode_gradient #elias %g to %w scratch(%s) seed(%k, %k, %k)
    : memref<33xf32>, memref<12xi32>, memref<11xi32>
  return
}

// CHECK-LABEL: func @two_samples
func.func @two_samples(%g: memref<20xf32>, %w: memref<17xi32>) {
  %0 = lowbit.decode_gradient #double %w to %g : memref<17xi32>, memref<20xf32>
  return
}

// CHECK-LABEL: func @largest
func.func @largest(%g: memref<9xf32>, %r: memref<18xf32>, %w: memref<6xi32>,
                   %s: memref<0xi32>, %k: i32) {
  %0 = lowbit.encode_gradient #dgc %g state(%r : memref<18xf32>) to %w scratch(%s) seed(%k, %k, %k)
    : memref<9xf32>, memref<6xi32>, memref<0xi32>
  return
}

// 15 points and two samples; 5 steps of powers of two.
// CHECK-LABEL: func @points_and_shifts
// CHECK: lowbit.decode_gradient <kind = levels, levels = 7, grid = optimal, samples = 2> %{{.*}} to %{{.*}} : memref<43xi32>, memref<140xf32>
// CHECK: lowbit.decode_gradient <kind = levels, bucket = 10, scale = shift, levels = 12> %{{.*}} to %{{.*}} : memref<45xi32>, memref<50xf32>
func.func @points_and_shifts(%w: memref<43xi32>, %g: memref<140xf32>, %v: memref<45xi32>,
                             %h: memref<50xf32>) {
  %0 = lowbit.decode_gradient #optimal %w to %g : memref<43xi32>, memref<140xf32>
  %1 = lowbit.decode_gradient #wage %v to %h : memref<45xi32>, memref<50xf32>
  return
}
