// RUN: lowbit-opt %s -lowbit-fuse-sums | FileCheck %s

#nhwc = affine_map<(n, i, j, c) -> (n, i, j, c)>
#factor = affine_map<(n, i, j, c) -> (i, j)>
#windows = affine_map<(n, i, j, a, b, c) -> (n, i * 2 + a, j + b, c)>
#kernel = affine_map<(n, i, j, a, b, c) -> (a, b)>
#sums = affine_map<(n, i, j, a, b, c) -> (n, i, j, c)>
#rows = affine_map<(n, i, c) -> (n, i, c)>
#columns = affine_map<(n, i, c) -> (n, c)>
#along = affine_map<(n, i, c) -> (n, i)>
#matrix = affine_map<(n, c) -> (n, c)>

// Blocks of 32 channels; the window's loops carry their sums.
// CHECK-LABEL: func.func @windows
// CHECK-SAME: (%[[X:.*]]: memref<1x5x6x64xi8>, %[[M:.*]]: memref<2x5xi32>, %[[S:.*]]: memref<2x5xi32>)
// CHECK-NOT: memref<{{.*}}x64xi32>
// CHECK: %[[Y:.*]] = memref.alloc() : memref<1x2x5x64xi8>
// CHECK-NOT: linalg.
// CHECK: scf.parallel (%[[N:.*]], %[[I:.*]], %[[J:.*]], %[[BLOCK:.*]]) = ({{.*}}) to (%c1{{.*}}, %c2{{.*}}, %c5{{.*}}, %c2{{.*}})
// CHECK: %[[C:.*]] = arith.muli %[[BLOCK]], %c32
// CHECK: %[[NONE:.*]] = vector.broadcast %c0_i32{{.*}} : i32 to vector<32xi32>
// CHECK: %[[SUM:.*]] = scf.for %[[A:.*]] = %{{.*}} to %c3{{.*}} iter_args(%[[ROWS:.*]] = %[[NONE]])
// CHECK: %[[ROW:.*]] = scf.for %[[B:.*]] = %{{.*}} to %c2{{.*}} iter_args(%[[SOFAR:.*]] = %[[ROWS]])
// CHECK: %[[CODES:.*]] = vector.load %[[X]][%[[N]], %{{.*}}, %{{.*}}, %[[C]]] : {{.*}}, vector<32xi8>
// CHECK: %[[WIDE:.*]] = arith.extui %[[CODES]] : vector<32xi8> to vector<32xi32>
// CHECK: %[[MORE:.*]] = arith.addi %[[SOFAR]], %[[WIDE]] : vector<32xi32>
// CHECK: scf.yield %[[MORE]]
// CHECK: scf.yield %[[ROW]]
// CHECK: %[[M1:.*]] = memref.load %[[M]][%[[I]], %[[J]]]
// CHECK: %[[MS:.*]] = vector.broadcast %[[M1]] : i32 to vector<32xi32>
// CHECK: memref.load %[[S]][%[[I]], %[[J]]]
// CHECK: %[[R:.*]] = lowbit.rescale %[[SUM]], %[[MS]], %{{.*}} : vector<32xi32>, vector<32xi32> to vector<32xi32>
// CHECK: %[[T:.*]] = arith.trunci %[[R]] : vector<32xi32> to vector<32xi8>
// CHECK: vector.store %[[T]], %[[Y]][%[[N]], %[[I]], %[[J]], %[[C]]]
func.func @windows(%x: memref<1x5x6x64xi8>, %m: memref<2x5xi32>, %s: memref<2x5xi32>) -> memref<1x2x5x64xi8> {
  %zero = arith.constant 0 : i32
  %window = memref.alloc() : memref<3x2xi8>
  %sums = memref.alloc() : memref<1x2x5x64xi32>
  linalg.fill ins(%zero : i32) outs(%sums : memref<1x2x5x64xi32>)
  linalg.generic {indexing_maps = [#windows, #kernel, #sums],
      iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "parallel"]}
      ins(%x, %window : memref<1x5x6x64xi8>, memref<3x2xi8>) outs(%sums : memref<1x2x5x64xi32>) {
  ^bb0(%code: i8, %unused: i8, %sum: i32):
    %wide = arith.extui %code : i8 to i32
    %more = arith.addi %sum, %wide : i32
    linalg.yield %more : i32
  }
  %y = memref.alloc() : memref<1x2x5x64xi8>
  linalg.generic {indexing_maps = [#nhwc, #factor, #factor, #nhwc],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%sums, %m, %s : memref<1x2x5x64xi32>, memref<2x5xi32>, memref<2x5xi32>) outs(%y : memref<1x2x5x64xi8>) {
  ^bb0(%sum: i32, %multiplier: i32, %shift: i32, %old: i8):
    %code = lowbit.rescale %sum, %multiplier, %shift {min = -128 : i32, max = 127 : i32} : i32, i32 to i32
    %word = arith.trunci %code : i32 to i8
    linalg.yield %word : i8
  }
  return %y : memref<1x2x5x64xi8>
}

// Sums without the dimension that they are over, which gets it back; 37 channels are two vectors
// that overlap, one after the other. The start of each sum is what the buffer is filled with, and
// constants inside of bodies become vectors.
// CHECK-LABEL: func.func @reshaped
// CHECK-NOT: linalg.
// CHECK: scf.parallel (%[[N:.*]]) = ({{.*}}) to (%c3{{.*}})
// CHECK: scf.for %[[BLOCK:.*]] = %{{.*}} to %c2
// CHECK: %[[FIRST:.*]] = arith.muli %[[BLOCK]], %c32
// CHECK: %[[C:.*]] = arith.minsi %[[FIRST]], %c5
// CHECK: vector.broadcast %c7_i32{{.*}} : i32 to vector<32xi32>
// CHECK: scf.for
// CHECK: vector.load %{{.*}}[%[[N]], %{{.*}}, %[[C]]]
// CHECK: vector.broadcast %c3_i32{{.*}} : i32 to vector<32xi32>
// CHECK: arith.shrsi %{{.*}} : vector<32xi32>
// CHECK: vector.store %{{.*}}, %{{.*}}[%[[N]], %c0{{.*}}, %[[C]]]
func.func @reshaped(%x: memref<3x4x37xi8>) -> memref<3x1x37xi16> {
  %start = arith.constant 7 : i32
  %sums = memref.alloc() : memref<3x37xi32>
  linalg.fill ins(%start : i32) outs(%sums : memref<3x37xi32>)
  linalg.generic {indexing_maps = [#rows, #columns], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%x : memref<3x4x37xi8>) outs(%sums : memref<3x37xi32>) {
  ^bb0(%code: i8, %sum: i32):
    %wide = arith.extsi %code : i8 to i32
    %more = arith.addi %sum, %wide : i32
    linalg.yield %more : i32
  }
  %view = memref.expand_shape %sums [[0], [1, 2]] output_shape [3, 1, 37] : memref<3x37xi32> into memref<3x1x37xi32>
  %y = memref.alloc() : memref<3x1x37xi16>
  linalg.generic {indexing_maps = [#rows, #rows], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%view : memref<3x1x37xi32>) outs(%y : memref<3x1x37xi16>) {
  ^bb0(%sum: i32, %old: i16):
    %three = arith.constant 3 : i32
    %part = arith.shrsi %sum, %three : i32
    %word = arith.trunci %part : i32 to i16
    linalg.yield %word : i16
  }
  return %y : memref<3x1x37xi16>
}

// Neighbouring sums are of rows, which do not lie side by side.
// CHECK-LABEL: func.func @apart
// CHECK: memref.alloc() : memref<3x4xi32>
// CHECK: linalg.fill
// CHECK: linalg.generic
// CHECK: linalg.generic
func.func @apart(%x: memref<3x4x8xi8>) -> memref<3x4xi8> {
  %zero = arith.constant 0 : i32
  %sums = memref.alloc() : memref<3x4xi32>
  linalg.fill ins(%zero : i32) outs(%sums : memref<3x4xi32>)
  linalg.generic {indexing_maps = [#rows, #along], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : memref<3x4x8xi8>) outs(%sums : memref<3x4xi32>) {
  ^bb0(%code: i8, %sum: i32):
    %wide = arith.extsi %code : i8 to i32
    %more = arith.addi %sum, %wide : i32
    linalg.yield %more : i32
  }
  %y = memref.alloc() : memref<3x4xi8>
  linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<3x4xi32>) outs(%y : memref<3x4xi8>) {
  ^bb0(%sum: i32, %old: i8):
    %word = arith.trunci %sum : i32 to i8
    linalg.yield %word : i8
  }
  return %y : memref<3x4xi8>
}

// Two readers.
// CHECK-LABEL: func.func @shared
// CHECK: memref.alloc() : memref<3x8xi32>
// CHECK: linalg.generic
func.func @shared(%x: memref<3x4x8xi8>) -> (memref<3x8xi8>, memref<3x8xi32>) {
  %zero = arith.constant 0 : i32
  %sums = memref.alloc() : memref<3x8xi32>
  linalg.fill ins(%zero : i32) outs(%sums : memref<3x8xi32>)
  linalg.generic {indexing_maps = [#rows, #columns], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%x : memref<3x4x8xi8>) outs(%sums : memref<3x8xi32>) {
  ^bb0(%code: i8, %sum: i32):
    %wide = arith.extsi %code : i8 to i32
    %more = arith.addi %sum, %wide : i32
    linalg.yield %more : i32
  }
  %y = memref.alloc() : memref<3x8xi8>
  linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<3x8xi32>) outs(%y : memref<3x8xi8>) {
  ^bb0(%sum: i32, %old: i8):
    %word = arith.trunci %sum : i32 to i8
    linalg.yield %word : i8
  }
  return %y, %sums : memref<3x8xi8>, memref<3x8xi32>
}

// What is summed is written before the sums are read.
// CHECK-LABEL: func.func @overwritten
// CHECK: memref.alloc() : memref<3x8xi32>
// CHECK: linalg.generic
// CHECK: linalg.fill
// CHECK: linalg.generic
func.func @overwritten(%x: memref<3x4x8xi8>) -> memref<3x8xi8> {
  %zero = arith.constant 0 : i32
  %none = arith.constant 0 : i8
  %sums = memref.alloc() : memref<3x8xi32>
  linalg.fill ins(%zero : i32) outs(%sums : memref<3x8xi32>)
  linalg.generic {indexing_maps = [#rows, #columns], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%x : memref<3x4x8xi8>) outs(%sums : memref<3x8xi32>) {
  ^bb0(%code: i8, %sum: i32):
    %wide = arith.extsi %code : i8 to i32
    %more = arith.addi %sum, %wide : i32
    linalg.yield %more : i32
  }
  linalg.fill ins(%none : i8) outs(%x : memref<3x4x8xi8>)
  %y = memref.alloc() : memref<3x8xi8>
  linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<3x8xi32>) outs(%y : memref<3x8xi8>) {
  ^bb0(%sum: i32, %old: i8):
    %word = arith.trunci %sum : i32 to i8
    linalg.yield %word : i8
  }
  return %y : memref<3x8xi8>
}

// The reader writes to what is summed.
// CHECK-LABEL: func.func @in_place
// CHECK: memref.alloc() : memref<1x8xi32>
// CHECK: linalg.generic
// CHECK: linalg.generic
func.func @in_place(%x: memref<1x4x8xi8>) -> memref<4x8xi8> {
  %zero = arith.constant 0 : i32
  %copy = memref.alloc() : memref<1x4x8xi8>
  memref.copy %x, %copy : memref<1x4x8xi8> to memref<1x4x8xi8>
  %sums = memref.alloc() : memref<1x8xi32>
  linalg.fill ins(%zero : i32) outs(%sums : memref<1x8xi32>)
  linalg.generic {indexing_maps = [#rows, #columns], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%copy : memref<1x4x8xi8>) outs(%sums : memref<1x8xi32>) {
  ^bb0(%code: i8, %sum: i32):
    %wide = arith.extsi %code : i8 to i32
    %more = arith.addi %sum, %wide : i32
    linalg.yield %more : i32
  }
  %flat = memref.collapse_shape %copy [[0, 1], [2]] : memref<1x4x8xi8> into memref<4x8xi8>
  %row = memref.subview %flat[0, 0] [1, 8] [1, 1] : memref<4x8xi8> to memref<1x8xi8, strided<[8, 1]>>
  linalg.generic {indexing_maps = [#matrix, #matrix], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<1x8xi32>) outs(%row : memref<1x8xi8, strided<[8, 1]>>) {
  ^bb0(%sum: i32, %old: i8):
    %word = arith.trunci %sum : i32 to i8
    linalg.yield %word : i8
  }
  return %flat : memref<4x8xi8>
}
