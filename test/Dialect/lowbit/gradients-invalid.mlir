// RUN: lowbit-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{expects 'bucket' of at least 0, but got -1}}
#codec = #lowbit.codec<kind = signs, bucket = -1>

// -----

// expected-error@+1 {{expects 'scale', 'levels', 'grid', 'samples', 'coding', 'ranks' and 'clip' for the kind 'levels' only}}
#codec = #lowbit.codec<kind = signs, levels = 3>

// -----

// expected-error@+1 {{expects no 'bucket' for the kind 'largest'}}
#codec = #lowbit.codec<kind = largest, bucket = 32, count = 1>

// -----

// expected-error@+1 {{expects 'count' and 'momentum' for the kind 'largest' only}}
#codec = #lowbit.codec<kind = signs, count = 1>

// -----

// expected-error@+1 {{expects 'count' of at least 1, but got 0}}
#codec = #lowbit.codec<kind = largest>

// -----

// expected-error@+1 {{expects 'momentum' from 0 to below 1}}
#codec = #lowbit.codec<kind = largest, momentum = 1.0, count = 1>

// -----

// expected-error@+1 {{expects 'levels' from 1 to 32767, odd for the grid 'mid_rise', but got 4}}
#codec = #lowbit.codec<kind = levels, levels = 4, grid = mid_rise>

// -----

// expected-error@+1 {{expects 1 or 2 'samples', but got 3}}
#codec = #lowbit.codec<kind = levels, samples = 3>

// -----

// expected-error@+1 {{expects codes of 3 'ranks' with sums of at most 16 bits}}
#codec = #lowbit.codec<kind = levels, levels = 32767, ranks = 3>

// -----

// expected-error@+1 {{expects the coding 'elias_gamma' with the grid 'mid_tread', one sample and one rank}}
#codec = #lowbit.codec<kind = levels, coding = elias_gamma, ranks = 2>

// -----

// expected-error@+1 {{expects a positive, finite 'clip' for the scale 'clipped', and only there}}
#codec = #lowbit.codec<kind = levels, scale = clipped>

// -----

// expected-error@+1 {{expects 'levels' of at least 2 for the scale 'shift'}}
#codec = #lowbit.codec<kind = levels, scale = shift>

// -----

// expected-error@+1 {{expects the grid 'optimal' with at most 15 'levels', the scale 'max' and one rank}}
#codec = #lowbit.codec<kind = levels, levels = 16, grid = optimal>

// -----

// expected-error@+1 {{expects the grid 'optimal' with at most 15 'levels', the scale 'max' and one rank}}
#codec = #lowbit.codec<kind = levels, scale = norm, grid = optimal>

// -----

// expected-error@+1 {{expects the grid 'optimal' with at most 15 'levels', the scale 'max' and one rank}}
#codec = #lowbit.codec<kind = levels, grid = optimal, ranks = 2>

// -----

// expected-error@+1 {{expects the coding 'elias_gamma' with the grid 'mid_tread'}}
#codec = #lowbit.codec<kind = levels, grid = optimal, coding = elias_gamma>

// -----

#codec = #lowbit.codec<kind = signs>
func.func @encode_c1(%g: memref<?xf32>, %w: memref<3xi32>, %s: memref<0xi32>, %k: i32) {
  // expected-error@+1 {{expects static and contiguous buffers, but got 'memref<?xf32>'}}
  %0 = lowbit.encode_gradient #codec %g to %w scratch(%s) seed(%k, %k, %k)
    : memref<?xf32>, memref<3xi32>, memref<0xi32>
  return
}

// -----

#codec = #lowbit.codec<kind = signs>
func.func @encode_c1_empty(%g: memref<0xf32>, %w: memref<3xi32>, %s: memref<0xi32>, %k: i32) {
  // expected-error@+1 {{expects a gradient of 1 to 2147483647 numbers, but got 0}}
  %0 = lowbit.encode_gradient #codec %g to %w scratch(%s) seed(%k, %k, %k)
    : memref<0xf32>, memref<3xi32>, memref<0xi32>
  return
}

// -----

#codec = #lowbit.codec<kind = signs>
func.func @encode_c2(%g: memref<9xf32>, %w: memref<9xi32>, %s: memref<0xi32>, %k: i32) {
  // expected-error@+1 {{expects 10 elements in 'wire', but got 9}}
  %0 = lowbit.encode_gradient #codec %g to %w scratch(%s) seed(%k, %k, %k)
    : memref<9xf32>, memref<9xi32>, memref<0xi32>
  return
}

// -----

#codec = #lowbit.codec<kind = levels, samples = 2>
func.func @encode_c3_samples(%g: memref<1xf32>, %r: memref<1xf32>, %w: memref<3xi32>,
                             %s: memref<0xi32>, %k: i32) {
  // expected-error@+1 {{expects no 'state' with two samples}}
  %0 = lowbit.encode_gradient #codec %g state(%r : memref<1xf32>) to %w scratch(%s) seed(%k, %k, %k)
    : memref<1xf32>, memref<3xi32>, memref<0xi32>
  return
}

// -----

#codec = #lowbit.codec<kind = largest, count = 1>
func.func @encode_c3(%g: memref<1xf32>, %w: memref<2xi32>, %s: memref<0xi32>, %k: i32) {
  // expected-error@+1 {{expects 'state' with the kind 'largest'}}
  %0 = lowbit.encode_gradient #codec %g to %w scratch(%s) seed(%k, %k, %k)
    : memref<1xf32>, memref<2xi32>, memref<0xi32>
  return
}

// -----

#codec = #lowbit.codec<kind = largest, momentum = 0.5, count = 1>
func.func @encode_c3_size(%g: memref<1xf32>, %w: memref<2xi32>, %s: memref<0xi32>, %k: i32) {
  // expected-error@+1 {{expects 2 elements in 'state', but got 1}}
  %0 = lowbit.encode_gradient #codec %g state(%g : memref<1xf32>) to %w scratch(%s) seed(%k, %k, %k)
    : memref<1xf32>, memref<2xi32>, memref<0xi32>
  return
}

// -----

#codec = #lowbit.codec<kind = signs, bucket = 32>
func.func @encode_c4(%g: memref<33xf32>, %w: memref<13xi32>, %s: memref<0xi32>, %k: i32) {
  // expected-error@+1 {{expects 13 elements in 'scratch', but got 0}}
  %0 = lowbit.encode_gradient #codec %g to %w scratch(%s) seed(%k, %k, %k)
    : memref<33xf32>, memref<13xi32>, memref<0xi32>
  return
}

// -----

#codec = #lowbit.codec<kind = signs>
func.func @encode_c5(%g: memref<1xf32>, %w: memref<3xi32>, %s: memref<0xi32>, %k: i32) {
  // expected-error@+1 {{expects 'steps' with the kind 'levels' only, and not with the grid 'optimal'}}
  %0 = lowbit.encode_gradient #codec %g steps(%g : memref<1xf32>) to %w scratch(%s) seed(%k, %k, %k)
    : memref<1xf32>, memref<3xi32>, memref<0xi32>
  return
}

// -----

#codec = #lowbit.codec<kind = levels, grid = optimal>
func.func @encode_c5_optimal(%g: memref<1xf32>, %w: memref<4xi32>, %s: memref<0xi32>, %k: i32) {
  // expected-error@+1 {{expects 'steps' with the kind 'levels' only, and not with the grid 'optimal'}}
  %0 = lowbit.encode_gradient #codec %g steps(%g : memref<1xf32>) to %w scratch(%s) seed(%k, %k, %k)
    : memref<1xf32>, memref<4xi32>, memref<0xi32>
  return
}

// -----

#codec = #lowbit.codec<kind = largest, count = 2>
func.func @encode_c6(%g: memref<1xf32>, %w: memref<4xi32>, %s: memref<0xi32>, %k: i32) {
  // expected-error@+1 {{expects 'count' of at most 1 numbers, but got 2}}
  %0 = lowbit.encode_gradient #codec %g state(%g : memref<1xf32>) to %w scratch(%s) seed(%k, %k, %k)
    : memref<1xf32>, memref<4xi32>, memref<0xi32>
  return
}

// -----

#codec = #lowbit.codec<kind = signs>
func.func @decode_c2(%g: memref<1xf32>, %w: memref<4xi32>) {
  // expected-error@+1 {{expects 3 elements in 'wire', but got 4}}
  %0 = lowbit.decode_gradient #codec %w to %g : memref<4xi32>, memref<1xf32>
  return
}

// -----

#codec = #lowbit.codec<kind = levels, samples = 2>
func.func @decode_c3(%g: memref<3xf32>, %w: memref<4xi32>) {
  // expected-error@+1 {{expects numbers of 2 samples, but got 3}}
  %0 = lowbit.decode_gradient #codec %w to %g : memref<4xi32>, memref<3xf32>
  return
}

// -----

#codec = #lowbit.codec<kind = signs>
func.func @measure_c2(%g: memref<3xf32>) {
  // expected-error@+1 {{expects a codec of the kind 'levels', and not of the grid 'optimal'}}
  %0 = lowbit.measure_gradient #codec %g to %g : memref<3xf32>, memref<3xf32>
  return
}

// -----

#codec = #lowbit.codec<kind = levels, grid = optimal>
func.func @measure_c2_optimal(%g: memref<3xf32>, %p: memref<1xf32>) {
  // expected-error@+1 {{expects a codec of the kind 'levels', and not of the grid 'optimal'}}
  %0 = lowbit.measure_gradient #codec %g to %p : memref<3xf32>, memref<1xf32>
  return
}

// -----

#codec = #lowbit.codec<kind = levels>
func.func @measure_c3(%g: memref<3xf32>) {
  // expected-error@+1 {{expects 1 elements in 'steps', but got 3}}
  %0 = lowbit.measure_gradient #codec %g to %g : memref<3xf32>, memref<3xf32>
  return
}

// -----

#codec = #lowbit.codec<kind = levels>
func.func @merge_c2(%w: memref<2xi32>) {
  // expected-error@+1 {{expects a codec with 'ranks' above 1}}
  lowbit.merge_gradients #codec %w into %w {size = 1 : i64} : memref<2xi32>
  return
}

// -----

#codec = #lowbit.codec<kind = levels, ranks = 2>
func.func @merge_c3(%w: memref<2xi32>) {
  // expected-error@+1 {{expects 3 elements in 'wire', but got 2}}
  lowbit.merge_gradients #codec %w into %w {size = 1 : i64} : memref<2xi32>
  return
}

// -----

#codec = #lowbit.codec<kind = levels, levels = 7, coding = elias_gamma>
func.func @decode_long_stream(%g: memref<1000000000xf32>, %w: memref<4xi32>) {
  // expected-error@+1 {{expects a stream of fewer than 2^32 bits, but 1000000000 numbers may take 7000000000}}
  %0 = lowbit.decode_gradient #codec %w to %g : memref<4xi32>, memref<1000000000xf32>
  return
}
