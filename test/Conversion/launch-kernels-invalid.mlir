// RUN: lowbit-opt %s -split-input-file -verify-diagnostics -lowbit-launch-kernels

func.func private @f()

func.func @main() {
  // expected-error@below {{cannot run on a device: 'func.call' is no loop nest of known size, and nothing runs on the host}}
  call @f() : () -> ()
  return
}

// -----

func.func @main(%x: memref<?xi8>, %y: memref<?xi8>) {
  // expected-error@below {{cannot run on a device: expects buffers of static shape, but got 'memref<?xi8>'}}
  memref.copy %x, %y : memref<?xi8> to memref<?xi8>
  return
}

// -----

func.func @main(%x: memref<4xf32>, %y: memref<4xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : memref<4xf32>) outs(%y : memref<4xf32>) {
  ^bb0(%a: f32, %old: f32):
    // expected-error@below {{cannot run on a device: 'math.exp' is computed by C's math library, whose bits no device has; quantize what computes it: codes of integers fit}}
    %b = math.exp %a : f32
    linalg.yield %b : f32
  }
  return
}

// -----

func.func @main(%x: memref<4x5xi32>, %y: memref<5xi32>) {
  // expected-error@below {{cannot run on a device: expects results along all of its parallel loops and no other, but got affine_map<(d0, d1) -> (d1)>}}
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<4x5xi32>) outs(%y : memref<5xi32>) {
  ^bb0(%a: i32, %old: i32):
    linalg.yield %a : i32
  }
  return
}

// -----

// expected-error@below {{cannot run on a device: expects a function of one block}}
func.func @main() {
  cf.br ^next
^next:
  return
}
