// RUN: lowbit-opt %s -lowbit-materialize-codes | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:3>
!i8 = !quant.uniform<i8:f32, 0.25>
!su8 = !quant.uniform<i32:f32, 0.5>
!si8 = !quant.uniform<i32:f32, 0.25>

// CHECK-DAG: #[[ALL:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[MIDDLE:.*]] = affine_map<(d0, d1, d2) -> (d1)>
// CHECK-DAG: #[[NONE:.*]] = affine_map<(d0, d1, d2) -> ()>
// CHECK-DAG: #[[ROWS:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1, d2) -> (0, d1)>

// Sizes of 1 come back around what is left.
// CHECK-LABEL: func.func @sum
// CHECK-SAME: (%[[X:.*]]: tensor<4x?x5xi8>) -> tensor<1x?x1xi32>
func.func @sum(%x: tensor<4x?x5x!u8>) -> tensor<1x?x1x!su8> {
  // CHECK: %[[Z:.*]] = linalg.fill
  // CHECK: %[[S:.*]] = linalg.generic {indexing_maps = [#[[ALL]], #[[MIDDLE]]],
  // CHECK-SAME: iterator_types = ["reduction", "parallel", "reduction"]
  // CHECK-SAME: ins(%[[X]] : tensor<4x?x5xi8>) outs(%[[Z]] : tensor<?xi32>)
  // CHECK: %[[C:.*]] = arith.extui
  // CHECK: %[[D:.*]] = arith.subi %[[C]], %c3_i32
  // CHECK: arith.addi %{{.*}}, %[[D]] : i32
  // CHECK: tensor.expand_shape %[[S]] {{\[}}[0, 1, 2]] output_shape [1, %{{.*}}, 1]
  %y = lowbit.sum %x {dimensions = array<i64: 0, 2>} : tensor<4x?x5x!u8> to tensor<1x?x1x!su8>
  return %y : tensor<1x?x1x!su8>
}

// Zero points of 0 take no subtraction.
// CHECK-LABEL: func.func @sum_of_all
func.func @sum_of_all(%x: tensor<4x3x5x!i8>) -> tensor<1x1x1x!si8> {
  // CHECK: %[[S:.*]] = linalg.generic {indexing_maps = [#[[ALL]], #[[NONE]]]
  // CHECK: arith.extsi
  // CHECK-NOT: arith.subi
  // CHECK: tensor.expand_shape %[[S]] [] output_shape [1, 1, 1]
  %y = lowbit.sum %x {dimensions = array<i64: 0, 1, 2>} : tensor<4x3x5x!i8> to tensor<1x1x1x!si8>
  return %y : tensor<1x1x1x!si8>
}

// CHECK-LABEL: func.func @sum_of_the_last
func.func @sum_of_the_last(%x: tensor<4x3x5x!i8>) -> tensor<4x3x1x!si8> {
  // CHECK: tensor.expand_shape %{{.*}} {{\[}}[0], [1, 2]] output_shape [4, 3, 1]
  %y = lowbit.sum %x {dimensions = array<i64: 2>} : tensor<4x3x5x!i8> to tensor<4x3x1x!si8>
  return %y : tensor<4x3x1x!si8>
}

// Indices are confined to the positions that there are.
// CHECK-LABEL: func.func @gather
// CHECK-SAME: (%[[X:.*]]: tensor<?x4x3xi8>, %[[I:.*]]: tensor<1x7xi32>, %[[J:.*]]: tensor<?x2xi32>)
func.func @gather(%x: tensor<?x4x3x!u8>, %i: tensor<1x7xi32>, %j: tensor<?x2xi32>)
    -> tensor<?x2x3x!u8> {
  // CHECK: %[[Y:.*]] = linalg.generic {indexing_maps = [#[[ROW]], #[[ALL]]]
  // CHECK-SAME: ins(%[[I]] : tensor<1x7xi32>) outs(%{{.*}} : tensor<?x7x3xi8>)
  // CHECK: %[[A:.*]] = arith.maxsi %{{.*}}, %c0_i32
  // CHECK: %[[B:.*]] = arith.minsi %[[A]], %c3_i32
  // CHECK: %[[P:.*]] = arith.index_cast %[[B]] : i32 to index
  // CHECK: tensor.extract %[[X]][%{{.*}}, %[[P]], %{{.*}}] : tensor<?x4x3xi8>
  %y = lowbit.gather %x, %i : tensor<?x4x3x!u8>, tensor<1x7xi32> to tensor<?x7x3x!u8>
  // CHECK: linalg.generic {indexing_maps = [#[[ROWS]], #[[ALL]]]
  %z = lowbit.gather %y, %j : tensor<?x7x3x!u8>, tensor<?x2xi32> to tensor<?x2x3x!u8>
  return %z : tensor<?x2x3x!u8>
}

// Only a larger code than the one before counts.
// CHECK-LABEL: func.func @arg_max
// CHECK-SAME: (%[[X:.*]]: tensor<4x3x5xi8>) -> tensor<4x5xi32>
func.func @arg_max(%x: tensor<4x3x5x!u8>) -> tensor<4x5xi32> {
  // CHECK: %[[L:.*]] = linalg.fill ins(%c-9223372036854775808_i64
  // CHECK: %[[P:.*]] = linalg.fill ins(%c0_i32
  // CHECK: %[[R:.*]]:2 = linalg.generic {{.*}} iterator_types = ["parallel", "reduction", "parallel"]
  // CHECK-SAME: outs(%[[L]], %[[P]] : tensor<4x5xi64>, tensor<4x5xi32>)
  // CHECK: %[[C:.*]] = arith.extui %{{.*}} : i8 to i64
  // CHECK: %[[B:.*]] = arith.cmpi sgt, %[[C]], %{{.*}} : i64
  // CHECK: linalg.index 1
  // CHECK: arith.select %[[B]], %[[C]]
  // CHECK: arith.select %[[B]]
  // CHECK: return %[[R]]#1
  %y = lowbit.arg_max %x {axis = 1 : i64} : tensor<4x3x5x!u8> to tensor<4x5xi32>
  return %y : tensor<4x5xi32>
}
