// On a batch of 2: y = 3 x + 1, and z = 2 y + 3 as u8 codes. Between them is a
// buffer.
module attributes {
  lowbit.interface = {
    inputs = [{name = "x", type = tensor<2x3xf32>}],
    outputs = [{name = "y", type = tensor<2x3xf32>},
               {name = "z:0", type = tensor<2x3x!quant.uniform<u8:f32, 0.5:3>>}]}
} {
  memref.global "private" constant @weights : memref<2x3xf32> = dense<3.0>

  func.func @main(%x: memref<2x3xf32>) -> (memref<2x3xf32>, memref<2x3xi8>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %one = arith.constant 1.0 : f32
    %two = arith.constant 2.0 : f32
    %three = arith.constant 3.0 : f32
    %w = memref.get_global @weights : memref<2x3xf32>
    %product = memref.alloc() : memref<2x3xf32>
    %y = memref.alloc() : memref<2x3xf32>
    %z = memref.alloc() : memref<2x3xi8>
    scf.for %i = %c0 to %c2 step %c1 {
      scf.for %j = %c0 to %c3 step %c1 {
        %a = memref.load %x[%i, %j] : memref<2x3xf32>
        %b = memref.load %w[%i, %j] : memref<2x3xf32>
        %p = arith.mulf %a, %b : f32
        memref.store %p, %product[%i, %j] : memref<2x3xf32>
      }
    }
    scf.for %i = %c0 to %c2 step %c1 {
      scf.for %j = %c0 to %c3 step %c1 {
        %p = memref.load %product[%i, %j] : memref<2x3xf32>
        %s = arith.addf %p, %one : f32
        memref.store %s, %y[%i, %j] : memref<2x3xf32>
        %d = arith.mulf %s, %two : f32
        %e = arith.addf %d, %three : f32
        %q = arith.fptoui %e : f32 to i8
        memref.store %q, %z[%i, %j] : memref<2x3xi8>
      }
    }
    return %y, %z : memref<2x3xf32>, memref<2x3xi8>
  }
}
