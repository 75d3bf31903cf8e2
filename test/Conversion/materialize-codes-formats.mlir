// RUN: lowbit-opt %s -lowbit-materialize-codes | FileCheck %s
// RUN: lowbit-opt %s -lowbit-materialize-codes | lowbit-opt -lowbit-materialize-codes | FileCheck %s

// Formats other than !quant.uniform on words. That the numbers are right is for
// test/Integration/check_formats.py.

// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0) -> (d0)>
// CHECK-DAG: #[[ALL:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[INNER:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG: #[[GROUP:.*]] = affine_map<(d0, d1) -> (d0, d1 floordiv 3)>
// CHECK-DAG: #[[ONE:.*]] = affine_map<(d0) -> (0)>
// CHECK-DAG: #[[VECTOR:.*]] = affine_map<(d0, d1) -> (d0, d1 floordiv 4)>
// CHECK-DAG: #[[BLOCK:.*]] = affine_map<(d0) -> (d0 floordiv 32)>

!sign = !lowbit.planes<sign x 1, [0.5]>

// NaN takes the way of 0; one comparison.
// CHECK-LABEL: func.func @encode_sign(%arg0: tensor<4xf32>) -> tensor<4xi8>
func.func @encode_sign(%x: tensor<4xf32>) -> tensor<4x!sign> {
  // CHECK-DAG: %[[THRESHOLDS:.*]] = arith.constant dense<0.000000e+00> : tensor<1x1xf32>
  // CHECK-DAG: %[[CODES:.*]] = arith.constant dense<{{\[\[}}0, 1]]> : tensor<1x2xi32>
  // CHECK: arith.cmpf uno, %in, %in
  // CHECK: %[[NUMBER:.*]] = arith.select %{{.*}}, %{{.*}}, %in
  // CHECK: %[[THRESHOLD:.*]] = tensor.extract %[[THRESHOLDS]]
  // CHECK: arith.cmpf oge, %[[NUMBER]], %[[THRESHOLD]]
  // CHECK: %[[CODE:.*]] = tensor.extract %[[CODES]]
  // CHECK: arith.trunci %[[CODE]] : i32 to i8
  %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!sign>
  return %q : tensor<4x!sign>
}

// Three thresholds are searched in two comparisons. The affine format does not round.
// CHECK-LABEL: func.func @encode_thresholds
func.func @encode_thresholds(%x: tensor<4xf32>) -> tensor<4x!quant.uniform<u2:f32, 0.5>> {
  // CHECK-DAG: arith.constant dense<{{\[\[}}1.000000e-01, 8.000000e-01, 1.300000e+00]]> : tensor<1x3xf32>
  // CHECK-DAG: arith.constant dense<{{\[\[}}3, 1, 0, 2]]> : tensor<1x4xi32>
  // CHECK-COUNT-2: arith.cmpf oge
  // CHECK-NOT: arith.cmpf
  // CHECK-NOT: arith.mulf
  %q = lowbit.encode %x {thresholds = array<f32: 0.1, 0.8, 1.3>, codes = array<i64: 3, 1, 0, 2>}
     : tensor<4xf32> to tensor<4x!quant.uniform<u2:f32, 0.5>>
  return %q : tensor<4x!quant.uniform<u2:f32, 0.5>>
}

!axis = !lowbit.planes<bit x 2, axis = 1, [1.0, 2.0, 0.5, 0.5]>

// A row of the tables for each index along the axis. The second has three numbers: its
// last threshold is never reached, and the code behind it never taken.
// CHECK-LABEL: func.func @encode_axis
func.func @encode_axis(%x: tensor<3x2xf32>) -> tensor<3x2x!axis> {
  // CHECK-DAG: arith.constant dense<{{\[\[}}5.000000e-01, 1.500000e+00, 2.500000e+00], [2.500000e-01, 7.500000e-01, 0x7FC00000]]> : tensor<2x3xf32>
  // CHECK-DAG: arith.constant dense<{{\[\[}}0, 1, 2, 3], [0, 1, 3, 3]]> : tensor<2x4xi32>
  // CHECK: %[[CHANNEL:.*]] = linalg.index 1
  // CHECK: tensor.extract %{{.*}}[%[[CHANNEL]], %{{.*}}] : tensor<2x3xf32>
  // CHECK: tensor.extract %{{.*}}[%[[CHANNEL]], %{{.*}}] : tensor<2x4xi32>
  %q = lowbit.encode %x : tensor<3x2xf32> to tensor<3x2x!axis>
  return %q : tensor<3x2x!axis>
}

!bases = !lowbit.planes<sign x 2, [0.5, 0.75]>

// A product for each term, added up in their order.
// CHECK-LABEL: func.func @decode_terms(%arg0: tensor<?xi8>) -> tensor<?xf32>
func.func @decode_terms(%q: tensor<?x!bases>) -> tensor<?xf32> {
  // CHECK: arith.extui %in : i8 to i32
  // CHECK: %[[SCALE:.*]] = arith.constant 5.000000e-01 : f32
  // CHECK: %[[FIRST:.*]] = arith.mulf %{{.*}}, %[[SCALE]] : f32
  // CHECK: %[[SCALE:.*]] = arith.constant 7.500000e-01 : f32
  // CHECK: %[[SECOND:.*]] = arith.mulf %{{.*}}, %[[SCALE]] : f32
  // CHECK: arith.addf %[[FIRST]], %[[SECOND]] : f32
  %y = lowbit.decode %q : tensor<?x!bases> to tensor<?xf32>
  return %y : tensor<?xf32>
}

!powers = !lowbit.pow2<i4, -2 : 1, axis = 1, [1.0, 0.5]>

// The scales of the least power, as an operand.
// CHECK-LABEL: func.func @decode_axis
func.func @decode_axis(%q: tensor<3x2x!powers>) -> tensor<3x2xf32> {
  // CHECK: %[[SCALES:.*]] = arith.constant dense<[2.500000e-01, 1.250000e-01]> : tensor<2xf32>
  // CHECK: linalg.generic {indexing_maps = [#[[ALL]], #[[INNER]], #[[ALL]]]
  // CHECK-SAME: ins(%arg0, %[[SCALES]]
  // CHECK: arith.minui
  // CHECK: arith.shli
  // CHECK: arith.mulf %{{.*}}, %in_0 : f32
  %y = lowbit.decode %q : tensor<3x2x!powers> to tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

!groups = !lowbit.affine<u4, axis = 1, group = 3, zero>

// CHECK-LABEL: func.func @decode_groups
func.func @decode_groups(%q: tensor<2x10x!groups>, %s: tensor<2x4xf32>, %z: tensor<2x4xi32>) -> tensor<2x10xf32> {
  // CHECK: linalg.generic {indexing_maps = [#[[ALL]], #[[GROUP]], #[[GROUP]], #[[ALL]]]
  // CHECK: %[[CODE:.*]] = arith.extui %in : i8 to i32
  // CHECK: %[[STEPS:.*]] = arith.subi %[[CODE]], %in_1 : i32
  // CHECK: %[[REAL:.*]] = arith.sitofp %[[STEPS]] : i32 to f32
  // CHECK: arith.mulf %[[REAL]], %in_0 : f32
  %y = lowbit.decode %q with %s, %z : tensor<2x4xf32>, tensor<2x4xi32> : tensor<2x10x!groups> to tensor<2x10xf32>
  return %y : tensor<2x10xf32>
}

// CHECK-LABEL: func.func @decode_run_time_scale
func.func @decode_run_time_scale(%q: tensor<?x!lowbit.affine<i4>>, %s: tensor<1xf32>) -> tensor<?xf32> {
  // CHECK: linalg.generic {indexing_maps = [#[[ROW]], #[[ONE]], #[[ROW]]]
  // CHECK: arith.extsi %in : i8 to i32
  // CHECK-NOT: arith.subi
  %y = lowbit.decode %q with %s : tensor<1xf32> : tensor<?x!lowbit.affine<i4>> to tensor<?xf32>
  return %y : tensor<?xf32>
}

!book = !lowbit.codebook<u2, stages = 2, dim = 4, axis = 1>

// A codebook for each of three vectors; the last of them is cut.
// CHECK-LABEL: func.func @decode_vectors
func.func @decode_vectors(%q: tensor<2x3x!book>, %b: tensor<3x2x4x4xf32>) -> tensor<2x10xf32> {
  // CHECK: linalg.generic {indexing_maps = [#[[VECTOR]], #[[ALL]]]
  // CHECK: %[[ALONG:.*]] = linalg.index 1
  // CHECK: %[[ELEMENT:.*]] = arith.remui %[[ALONG]]
  // CHECK: %[[AT:.*]] = arith.divui %[[ALONG]]
  // CHECK: %[[FIRST:.*]] = tensor.extract %arg1[%[[AT]], %c0{{.*}}, %{{.*}}, %[[ELEMENT]]]
  // CHECK: %[[SECOND:.*]] = tensor.extract %arg1[%[[AT]], %c1{{.*}}, %{{.*}}, %[[ELEMENT]]]
  // CHECK: arith.addf %[[FIRST]], %[[SECOND]] : f32
  %y = lowbit.decode %q with %b : tensor<3x2x4x4xf32> : tensor<2x3x!book> to tensor<2x10xf32>
  return %y : tensor<2x10xf32>
}

// One codebook for all, with fewer centroids than there are indices.
// CHECK-LABEL: func.func @decode_book
func.func @decode_book(%q: tensor<4x!lowbit.codebook<u2>>, %b: tensor<1x1x3x1xf32>) -> tensor<4xf32> {
  // CHECK: %[[LAST:.*]] = arith.constant 2 : i32
  // CHECK-NEXT: arith.minui %{{.*}}, %[[LAST]] : i32
  // CHECK-NOT: linalg.index
  %y = lowbit.decode %q with %b : tensor<1x1x3x1xf32> : tensor<4x!lowbit.codebook<u2>> to tensor<4xf32>
  return %y : tensor<4xf32>
}

!block = !lowbit.block<f4E2M1FN, axis = 0, size = 32>

// CHECK-LABEL: func.func @decode_blocks
func.func @decode_blocks(%q: tensor<?x!block>, %e: tensor<?xi8>) -> tensor<?xf32> {
  // CHECK: linalg.generic {indexing_maps = [#[[ROW]], #[[BLOCK]], #[[ROW]]]
  // CHECK: %[[TABLE:.*]] = arith.constant dense<[0.000000e+00, 5.000000e-01, 1.000000e+00, 1.500000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 6.000000e+00, -0.000000e+00,
  // CHECK: %[[REAL:.*]] = tensor.extract %[[TABLE]]
  // CHECK: %[[POWER:.*]] = arith.bitcast %{{.*}} : i32 to f32
  // CHECK: arith.mulf %[[REAL]], %[[POWER]] : f32
  %y = lowbit.decode %q with %e : tensor<?xi8> : tensor<?x!block> to tensor<?xf32>
  return %y : tensor<?xf32>
}

!levels = !lowbit.planes<bit x 2, [0.5, -1.0]>

// CHECK-LABEL: func.func @steps(%arg0: tensor<4xi8>) -> tensor<4xi8>
func.func @steps(%q: tensor<4x!levels>) -> tensor<4x!quant.uniform<i8<-2:1>:f32, 0.5>> {
  // CHECK: %[[SECOND:.*]] = arith.constant -2 : i32
  // CHECK: arith.muli %{{.*}}, %[[SECOND]] : i32
  // CHECK: arith.trunci %{{.*}} : i32 to i8
  %y = lowbit.steps %q : tensor<4x!levels> to tensor<4x!quant.uniform<i8<-2:1>:f32, 0.5>>
  return %y : tensor<4x!quant.uniform<i8<-2:1>:f32, 0.5>>
}

// Words of 16 bits, of a format with parameters.
// CHECK-LABEL: func.func @constant() -> tensor<2xi16>
func.func @constant() -> tensor<2x!lowbit.codebook<u9>> {
  // CHECK: arith.constant dense<[511, 0]> : tensor<2xi16>
  %y = lowbit.constant dense<[511, 0]> : tensor<2xi16> as tensor<2x!lowbit.codebook<u9>>
  return %y : tensor<2x!lowbit.codebook<u9>>
}
