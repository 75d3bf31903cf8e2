// RUN: lowbit-opt %s -split-input-file -verify-diagnostics -lowbit-launches-to-loops

func.func @main() {
  %c1 = arith.constant 1 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %c1) {
    // expected-error@below {{'gpu.barrier' concerns several threads, which run one after the other here}}
    gpu.barrier
    gpu.terminator
  }
  return
}

// -----

func.func @main() {
  %c1 = arith.constant 1 : index
  %bytes = arith.constant 64 : i32
  // expected-error@below {{has shared memory, so that its threads cannot run one after the other}}
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %c1) dynamic_shared_memory_size %bytes {
    gpu.terminator
  }
  return
}
