// RUN: lowbit-opt %s -lowbit-materialize-codes | FileCheck %s
// RUN: lowbit-opt %s -lowbit-materialize-codes | FileCheck %s --check-prefix=NONE
// RUN: lowbit-opt %s -lowbit-materialize-codes | lowbit-opt -lowbit-materialize-codes | FileCheck %s

// No format is left but in the attribute of lowbit.contract.
// NONE-NOT: quant.uniform

!u8 = !quant.uniform<u8:f32, 0.5:3>
!i8 = !quant.uniform<i8<-127:127>:f32, 0.25>
!i16 = !quant.uniform<i16:f32, 0.001>
!u4 = !quant.uniform<u4:f32, 0.5:2>
!i4 = !quant.uniform<i4:f32, 1.0>
!i32 = !quant.uniform<i32:f32, 0.5>
!axis = !quant.uniform<i8<-127:127>:f32:0, {0.5, 0.25}>
!zeros = !quant.uniform<u8:f32:1, {0.5:3, 0.5:4}>

// CHECK-DAG: #[[ID1:.*]] = affine_map<(d0) -> (d0)>
// CHECK-DAG: #[[ZERO1:.*]] = affine_map<(d0) -> (0)>
// CHECK-DAG: #[[ID2:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d0)>
// CHECK-DAG: #[[COLUMN:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG: #[[WINDOW:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1 * 2 + d3, d2 * 2 + d4, d5)>
// CHECK-DAG: #[[KERNEL:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d3, d4)>
// CHECK-DAG: #[[POOLED:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d5)>

// CHECK-LABEL: func.func @encode
// CHECK-SAME:  (%[[X:.*]]: tensor<4xf32>) -> tensor<4xi8>
func.func @encode(%x: tensor<4xf32>) -> tensor<4x!u8> {
  // CHECK: linalg.generic {{.*}} ins(%[[X]] : tensor<4xf32>) outs(%{{.*}} : tensor<4xi8>)
  // CHECK-DAG: %[[R:.*]] = arith.constant 2.000000e+00 : f32
  // CHECK-DAG: %[[Z:.*]] = arith.constant 3 : i32
  // CHECK: %[[P:.*]] = arith.mulf %{{.*}}, %[[R]] : f32
  // CHECK: %[[MAGNITUDE:.*]] = math.absf %[[P]] : f32
  // CHECK: %[[SUM:.*]] = arith.addf %[[MAGNITUDE]], %[[LIMIT:.*]] : f32
  // CHECK: %[[NEAR:.*]] = arith.subf %[[SUM]], %[[LIMIT]] : f32
  // CHECK: %[[SMALL:.*]] = arith.cmpf olt, %[[MAGNITUDE]], %[[LIMIT]] : f32
  // CHECK: %[[CHOSEN:.*]] = arith.select %[[SMALL]], %[[NEAR]], %[[MAGNITUDE]] : f32
  // CHECK: %[[ROUNDED:.*]] = math.copysign %[[CHOSEN]], %[[P]] : f32
  // CHECK-NOT: math.roundeven
  // CHECK: %[[NAN:.*]] = arith.cmpf uno, %[[ROUNDED]], %[[ROUNDED]]
  // CHECK: arith.select %[[NAN]]
  // CHECK: arith.cmpf ogt
  // CHECK: arith.cmpf olt
  // CHECK: %[[I:.*]] = arith.fptosi %{{.*}} : f32 to i32
  // CHECK: %[[CODE:.*]] = arith.addi %[[I]], %[[Z]] : i32
  // CHECK: arith.trunci %[[CODE]] : i32 to i8
  %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!u8>
  return %q : tensor<4x!u8>
}

// CHECK-LABEL: func.func @encode_divide
func.func @encode_divide(%x: tensor<4xf32>) -> tensor<4x!u8> {
  // CHECK: %[[S:.*]] = arith.constant 5.000000e-01 : f32
  // CHECK: arith.divf %{{.*}}, %[[S]] : f32
  %q = lowbit.encode %x {scaling = #lowbit.scaling<divide>} : tensor<4xf32> to tensor<4x!u8>
  return %q : tensor<4x!u8>
}

// CHECK-LABEL: func.func @reinterpret
// CHECK-SAME:  (%[[X:.*]]: tensor<4xi8>) -> tensor<4xi8>
// CHECK-NEXT: return %[[X]]
func.func @reinterpret(%x: tensor<4x!u8>) -> tensor<4x!quant.uniform<u8:f32, 0.25>> {
  %y = lowbit.reinterpret %x : tensor<4x!u8> to tensor<4x!quant.uniform<u8:f32, 0.25>>
  return %y : tensor<4x!quant.uniform<u8:f32, 0.25>>
}

// 32-bit bounds are not exact in f32: they are taken in i64.
// CHECK-LABEL: func.func @encode_wide
func.func @encode_wide(%x: tensor<4xf32>) -> tensor<4x!i32> {
  // CHECK: math.floor
  // CHECK: arith.fptosi %{{.*}} : f32 to i64
  // CHECK: arith.maxsi %{{.*}} : i64
  // CHECK: arith.minsi %{{.*}} : i64
  // CHECK: arith.trunci %{{.*}} : i64 to i32
  %q = lowbit.encode %x {rounding = #lowbit.rounding<floor>} : tensor<4xf32> to tensor<4x!i32>
  return %q : tensor<4x!i32>
}

// The zero point is added before rounding; then the range is that of the codes.
// CHECK-LABEL: func.func @encode_shift
func.func @encode_shift(%x: tensor<4xf32>) -> tensor<4x!u8> {
  // CHECK: %[[T:.*]] = arith.divf
  // CHECK: %[[Z:.*]] = arith.sitofp %{{.*}} : i32 to f32
  // CHECK: %[[SUM:.*]] = arith.addf %[[T]], %[[Z]]
  // CHECK: %[[ABS:.*]] = math.absf %[[SUM]]
  // CHECK: %[[WHOLE:.*]] = math.floor %[[ABS]]
  // CHECK: %[[FRACTION:.*]] = arith.subf %[[ABS]], %[[WHOLE]]
  // CHECK: %[[ONE:.*]] = arith.constant 1.0
  // CHECK: %[[NEXT:.*]] = arith.addf %[[WHOLE]], %[[ONE]]
  // CHECK: %[[HALF:.*]] = arith.constant 5.0
  // CHECK: %[[RISES:.*]] = arith.cmpf ogt, %[[FRACTION]], %[[HALF]]
  // CHECK: arith.select %[[RISES]], %[[NEXT]], %[[WHOLE]]
  // CHECK: arith.cmpf uno
  // CHECK: arith.select %{{.*}}, %[[Z]]
  %q = lowbit.encode %x {rounding = #lowbit.rounding<nearest_toward_zero>,
                         scaling = #lowbit.scaling<divide_shift>} : tensor<4xf32> to tensor<4x!u8>
  return %q : tensor<4x!u8>
}

// The low 4 bits, extended to the word.
// CHECK-LABEL: func.func @encode_wrap
func.func @encode_wrap(%x: tensor<4xf32>) -> (tensor<4x!u4>, tensor<4x!i4>) {
  // CHECK: math.round %
  // CHECK: %[[W:.*]] = arith.trunci %{{.*}} : i32 to i8
  // CHECK: %[[C4:.*]] = arith.constant 4 : i8
  // CHECK: %[[TOP:.*]] = arith.shli %[[W]], %[[C4]] : i8
  // CHECK: arith.shrui %[[TOP]], %[[C4]] : i8
  %q = lowbit.encode %x {rounding = #lowbit.rounding<nearest_away>,
                         saturation = #lowbit.saturation<wrap>} : tensor<4xf32> to tensor<4x!u4>
  // CHECK: math.ceil
  // CHECK: arith.shrsi
  %r = lowbit.encode %x {rounding = #lowbit.rounding<ceil>,
                         saturation = #lowbit.saturation<wrap>} : tensor<4xf32> to tensor<4x!i4>
  return %q, %r : tensor<4x!u4>, tensor<4x!i4>
}

// CHECK-LABEL: func.func @encode_axis
func.func @encode_axis(%x: tensor<2x3xf32>) -> tensor<2x3x!axis> {
  // CHECK: %[[R:.*]] = arith.constant dense<[2.000000e+00, 4.000000e+00]> : tensor<2xf32>
  // CHECK: linalg.generic {indexing_maps = [#[[ID2]], #[[ROW]], #[[ID2]]]
  // CHECK-SAME: ins(%{{.*}}, %[[R]] : tensor<2x3xf32>, tensor<2xf32>)
  // CHECK: math.trunc
  %q = lowbit.encode %x {rounding = #lowbit.rounding<toward_zero>}
    : tensor<2x3xf32> to tensor<2x3x!axis>
  return %q : tensor<2x3x!axis>
}

// CHECK-LABEL: func.func @decode
func.func @decode(%q: tensor<4x!u8>) -> tensor<4xf32> {
  // CHECK: %[[CODE:.*]] = arith.extui %{{.*}} : i8 to i32
  // CHECK: %[[STEPS:.*]] = arith.subi %[[CODE]], %{{.*}} : i32
  // CHECK: %[[REAL:.*]] = arith.sitofp %[[STEPS]] : i32 to f32
  // CHECK: arith.mulf %[[REAL]], %{{.*}} : f32
  %x = lowbit.decode %q : tensor<4x!u8> to tensor<4xf32>
  return %x : tensor<4xf32>
}

// CHECK-LABEL: func.func @decode_zero_points
func.func @decode_zero_points(%q: tensor<3x2x!zeros>) -> tensor<3x2xf32> {
  // CHECK: %[[S:.*]] = arith.constant dense<5.000000e-01> : tensor<2xf32>
  // CHECK: %[[Z:.*]] = arith.constant dense<[3, 4]> : tensor<2xi32>
  // CHECK: linalg.generic {indexing_maps = [#[[ID2]], #[[COLUMN]], #[[COLUMN]], #[[ID2]]]
  // CHECK-SAME: ins(%{{.*}}, %[[S]], %[[Z]] :
  %x = lowbit.decode %q : tensor<3x2x!zeros> to tensor<3x2xf32>
  return %x : tensor<3x2xf32>
}

// CHECK-LABEL: func.func @rescale
func.func @rescale(%x: tensor<4x!i8>, %m: tensor<1xi32>, %s: tensor<1xi32>) -> tensor<4x!u8> {
  // CHECK: linalg.generic {indexing_maps = [#[[ID1]], #[[ZERO1]], #[[ZERO1]], #[[ID1]]]
  // CHECK-NEXT: ^bb0(%[[W:.*]]: i8, %[[M:.*]]: i32, %[[S:.*]]: i32, %{{.*}}: i8):
  // CHECK-NEXT: %[[V:.*]] = arith.extsi %[[W]] : i8 to i32
  // CHECK-NEXT: %[[Y:.*]] = lowbit.rescale %[[V]], %[[M]], %[[S]]
  // CHECK-SAME: max = 200 : i32, min = 3 : i32, output_zero_point = 3 : i32,
  // CHECK-SAME: rounding = #lowbit.rescale_mode<double_round>} : i32, i32 to i32
  // CHECK-NEXT: arith.trunci %[[Y]] : i32 to i8
  %y = lowbit.rescale %x, %m, %s {rounding = #lowbit.rescale_mode<double_round>,
    output_zero_point = 3 : i32, min = 3 : i32, max = 200 : i32}
    : tensor<4x!i8>, tensor<1xi32> to tensor<4x!u8>
  return %y : tensor<4x!u8>
}

// CHECK-LABEL: func.func @rescale_axis
func.func @rescale_axis(%x: tensor<4x2xi32>, %m: tensor<2xi32>, %s: tensor<2xi32>) -> tensor<4x2xi32> {
  // CHECK: linalg.generic {indexing_maps = [#[[ID2]], #[[COLUMN]], #[[COLUMN]], #[[ID2]]]
  // CHECK-NOT: axis
  // CHECK: return
  %y = lowbit.rescale %x, %m, %s {axis = 1 : i64} : tensor<4x2xi32>, tensor<2xi32> to tensor<4x2xi32>
  return %y : tensor<4x2xi32>
}

// CHECK-LABEL: func.func @rescale_scalar
func.func @rescale_scalar(%x: i32, %m: i32, %s: i32) -> i32 {
  // CHECK-NEXT: lowbit.rescale %{{.*}} : i32, i32 to i32
  %y = lowbit.rescale %x, %m, %s : i32, i32 to i32
  return %y : i32
}

// CHECK-LABEL: func.func @add
func.func @add(%a: tensor<4x!u8>, %b: tensor<4x!i8>) -> tensor<4x!u8> {
  // CHECK: %[[A:.*]] = arith.extui
  // CHECK: %[[RA:.*]] = lowbit.rescale %[[A]], %{{.*}} {input_zero_point = 3 : i32, saturation = #lowbit.saturation<wrap>}
  // CHECK: %[[B:.*]] = arith.extsi
  // CHECK: %[[RB:.*]] = lowbit.rescale %[[B]], %{{.*}} {saturation = #lowbit.saturation<wrap>}
  // CHECK: %[[SUM:.*]] = arith.addi %[[RA]], %[[RB]] : i32
  // CHECK: %[[Y:.*]] = lowbit.rescale %[[SUM]], %{{.*}} {max = 255 : i32, min = 0 : i32, output_zero_point = 3 : i32}
  // CHECK: arith.trunci %[[Y]] : i32 to i8
  %y = lowbit.add %a, %b {multipliers = array<i32: 1073741824, 1610612736, 1431655766>,
                          shifts = array<i32: 12, 12, 49>, min = 0 : i32, max = 255 : i32}
    : tensor<4x!u8>, tensor<4x!i8> to tensor<4x!u8>
  return %y : tensor<4x!u8>
}

// CHECK-LABEL: func.func @concat
// CHECK-SAME:  (%[[A:.*]]: tensor<2x3xi8>, %[[B:.*]]: tensor<2x5xi8>)
func.func @concat(%a: tensor<2x3x!u8>, %b: tensor<2x5x!u8>) -> tensor<2x8x!u8> {
  // CHECK: %[[E:.*]] = tensor.empty() : tensor<2x8xi8>
  // CHECK: %[[I:.*]] = tensor.insert_slice %[[A]] into %[[E]][0, 0] [2, 3] [1, 1]
  // CHECK: tensor.insert_slice %[[B]] into %[[I]][0, 3] [2, 5] [1, 1]
  %y = lowbit.concat %a, %b {axis = 1 : i64} : tensor<2x3x!u8>, tensor<2x5x!u8> to tensor<2x8x!u8>
  return %y : tensor<2x8x!u8>
}

// The batch size may be unknown.
// CHECK-LABEL: func.func @pad
// CHECK-SAME:  (%[[X:.*]]: tensor<?x3xi8>)
func.func @pad(%x: tensor<?x3x!u8>) -> tensor<?x6x!u8> {
  // CHECK: %[[Z:.*]] = arith.constant 3 : i8
  // CHECK: %[[D:.*]] = tensor.dim %[[X]]
  // CHECK: %[[E:.*]] = tensor.empty(%{{.*}}) : tensor<?x6xi8>
  // CHECK: %[[F:.*]] = linalg.fill ins(%[[Z]] : i8) outs(%[[E]]
  // CHECK: tensor.insert_slice %[[X]] into %[[F]][0, 1] [%[[D]], 3] [1, 1]
  %y = lowbit.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 2>}
    : tensor<?x3x!u8> to tensor<?x6x!u8>
  return %y : tensor<?x6x!u8>
}

// CHECK-LABEL: func.func @pad_nothing
// CHECK-SAME:  (%[[X:.*]]: tensor<3xi8>)
func.func @pad_nothing(%x: tensor<3x!u8>) -> tensor<3x!u8> {
  // CHECK: return %[[X]]
  %y = lowbit.pad %x {low = array<i64: 0>, high = array<i64: 0>} : tensor<3x!u8> to tensor<3x!u8>
  return %y : tensor<3x!u8>
}

// CHECK-LABEL: func.func @transpose
func.func @transpose(%x: tensor<2x3x!i16>) -> tensor<3x2x!i16> {
  // CHECK: linalg.transpose ins(%{{.*}} : tensor<2x3xi16>) outs(%{{.*}} : tensor<3x2xi16>) permutation = [1, 0]
  %y = lowbit.transpose %x {permutation = array<i64: 1, 0>} : tensor<2x3x!i16> to tensor<3x2x!i16>
  return %y : tensor<3x2x!i16>
}

// CHECK-LABEL: func.func @max_pool2d
func.func @max_pool2d(%x: tensor<1x7x7x4x!i8>) -> tensor<1x4x4x4x!i8> {
  // CHECK: %[[LEAST:.*]] = arith.constant -127 : i8
  // CHECK: linalg.fill ins(%[[LEAST]] : i8) outs(%{{.*}} : tensor<1x9x9x4xi8>)
  // CHECK: tensor.insert_slice %{{.*}}[0, 1, 1, 0] [1, 7, 7, 4] [1, 1, 1, 1]
  // CHECK: linalg.fill ins(%[[LEAST]] : i8) outs(%{{.*}} : tensor<1x4x4x4xi8>)
  // CHECK: linalg.generic {indexing_maps = [#[[WINDOW]], #[[KERNEL]], #[[POOLED]]]
  // CHECK: arith.maxsi %{{.*}} : i8
  %y = lowbit.max_pool2d %x {kernel = array<i64: 3, 3>, stride = array<i64: 2, 2>,
                             pad = array<i64: 1, 1, 1, 1>}
    : tensor<1x7x7x4x!i8> to tensor<1x4x4x4x!i8>
  return %y : tensor<1x4x4x4x!i8>
}

// CHECK-LABEL: func.func @avg_pool2d
func.func @avg_pool2d(%x: tensor<1x8x8x4x!u8>, %m: tensor<1x1xi32>, %s: tensor<1x1xi32>)
    -> tensor<1x4x4x4x!i8> {
  // CHECK: linalg.generic {indexing_maps = [#[[WINDOW]], #[[KERNEL]], #[[POOLED]]]
  // CHECK: arith.extui %{{.*}} : i8 to i32
  // CHECK: arith.addi %{{.*}} : i32
  // Four positions of zero point 3.
  // CHECK: lowbit.rescale %{{.*}} {input_zero_point = 12 : i32, max = 127 : i32, min = -127 : i32}
  // CHECK: arith.trunci %{{.*}} : i32 to i8
  %y = lowbit.avg_pool2d %x, %m, %s {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
                                     pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x8x8x4x!u8>, tensor<1x1xi32> to tensor<1x4x4x4x!i8>
  return %y : tensor<1x4x4x4x!i8>
}

// CHECK-LABEL: func.func @table
// CHECK-SAME:  (%{{.*}}: tensor<4xi8>, %[[T:.*]]: tensor<256xi8>, %[[T4:.*]]: tensor<16xi8>)
func.func @table(%x: tensor<4x!u8>, %t: tensor<256xi8>, %t4: tensor<16xi8>)
    -> (tensor<4x!i8>, tensor<4x!i8>) {
  // All words are codes.
  // CHECK-NOT: arith.maxsi
  // CHECK: %[[I:.*]] = arith.index_castui %{{.*}} : i32 to index
  // CHECK: tensor.extract %[[T]][%[[I]]] : tensor<256xi8>
  %y = lowbit.table %x, %t : tensor<4x!u8>, tensor<256xi8> to tensor<4x!i8>
  %m = arith.constant dense<1073741824> : tensor<1xi32>
  %s = arith.constant dense<34> : tensor<1xi32>
  %x4 = lowbit.rescale %x, %m, %s {input_zero_point = 3 : i32, output_zero_point = 2 : i32,
                                   min = 0 : i32, max = 15 : i32}
    : tensor<4x!u8>, tensor<1xi32> to tensor<4x!u4>
  // Words beyond the storage range must not leave the table.
  // CHECK: arith.maxsi
  // CHECK: arith.minsi
  // CHECK: tensor.extract %[[T4]]
  %z = lowbit.table %x4, %t4 : tensor<4x!u4>, tensor<16xi8> to tensor<4x!i8>
  return %y, %z : tensor<4x!i8>, tensor<4x!i8>
}

// CHECK-LABEL: func.func @threshold
func.func @threshold(%x: tensor<4x2xi32>, %t: tensor<2x3xi32>) -> tensor<4x2x!i4> {
  // CHECK: %[[F:.*]] = arith.constant dense<[false, true]> : tensor<2xi1>
  // CHECK: %[[LEAST:.*]] = arith.constant -8 : i8
  // CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]
  // CHECK-SAME: ins(%{{.*}}, %{{.*}}, %[[F]] :
  // CHECK-NEXT: ^bb0(%[[V:.*]]: i32, %[[T:.*]]: i32, %[[FALLS:.*]]: i1, %[[COUNT:.*]]: i8):
  // CHECK-DAG: %[[LE:.*]] = arith.cmpi sle, %[[V]], %[[T]]
  // CHECK-DAG: %[[GE:.*]] = arith.cmpi sge, %[[V]], %[[T]]
  // CHECK: %[[R:.*]] = arith.select %[[FALLS]], %[[LE]], %[[GE]]
  // CHECK: %[[ONE:.*]] = arith.extui %[[R]] : i1 to i8
  // CHECK: arith.addi %[[COUNT]], %[[ONE]] : i8
  %y = lowbit.threshold %x, %t {axis = 1 : i64, falling = array<i1: false, true>}
    : tensor<4x2xi32>, tensor<2x3xi32> to tensor<4x2x!i4>
  return %y : tensor<4x2x!i4>
}

// CHECK-LABEL: func.func @table_softmax
func.func @table_softmax(%x: tensor<4x10x!i16>, %c: tensor<256xi32>, %f: tensor<256xi32>)
    -> tensor<4x10x!quant.uniform<u16:f32, 3.0517578125e-05>> {
  // CHECK: arith.maxsi %{{.*}} : i16
  // CHECK: arith.subi %{{.*}} : i32
  // CHECK: arith.shrui
  // CHECK: arith.andi
  // CHECK: arith.addi %{{.*}} : i64
  // CHECK: arith.divui %{{.*}} : i64
  // CHECK: arith.minsi %{{.*}} : i64
  // CHECK: arith.trunci %{{.*}} : i64 to i16
  %y = lowbit.table_softmax %x, %c, %f {levels = 32768 : i32}
    : tensor<4x10x!i16>, tensor<256xi32> to tensor<4x10x!quant.uniform<u16:f32, 3.0517578125e-05>>
  return %y : tensor<4x10x!quant.uniform<u16:f32, 3.0517578125e-05>>
}

// CHECK-LABEL: func.func @table_softmax_row
func.func @table_softmax_row(%x: tensor<10x!i16>, %c: tensor<256xi32>, %f: tensor<256xi32>)
    -> tensor<10x!quant.uniform<u16:f32, 3.0517578125e-05>> {
  // CHECK: linalg.generic {{.*}} iterator_types = ["reduction"]
  // CHECK: arith.maxsi %{{.*}} : i16
  %y = lowbit.table_softmax %x, %c, %f {levels = 32768 : i32}
    : tensor<10x!i16>, tensor<256xi32> to tensor<10x!quant.uniform<u16:f32, 3.0517578125e-05>>
  return %y : tensor<10x!quant.uniform<u16:f32, 3.0517578125e-05>>
}

// CHECK-LABEL: func.func @contract
// CHECK-SAME:  (%[[X:.*]]: tensor<4x8xi8>, %[[R:.*]]: tensor<4x2xi8>, %[[B:.*]]: tensor<2xi32>)
func.func @contract(%x: tensor<4x8x!u8>, %r: tensor<4x2x!u4>, %b: tensor<2xi32>) -> tensor<4x2x!i16> {
  // CHECK: %[[W:.*]] = arith.constant dense<-127> : tensor<2x8xi8>
  %w = lowbit.constant dense<-127> : tensor<2x8xi8> as tensor<2x8x!axis>
  // CHECK: %[[INIT:.*]] = tensor.empty() : tensor<4x2xi16>
  %init = tensor.empty() : tensor<4x2x!i16>
  // CHECK: lowbit.contract ins(%[[X]], %[[W]] : tensor<4x8xi8>, tensor<2x8xi8>)
  // CHECK-SAME: epilogue(%[[R]], %[[B]] : tensor<4x2xi8>, tensor<2xi32>) outs(%[[INIT]] : tensor<4x2xi16>)
  // CHECK-SAME: attributes {formats = [!quant.any<u8:f32>, !quant.any<i8<-127:127>:f32>,
  // CHECK-SAME: !quant.any<u4:f32>, i32, !quant.any<i16:f32>], primitive = "row", tag = 7 : i32}
  // CHECK-NEXT: ^bb0(%[[ACC:.*]]: i32, %[[RESIDUAL:.*]]: i32, %[[BIAS:.*]]: i32):
  // CHECK-NEXT: arith.addi %[[ACC]], %[[RESIDUAL]]
  %y = lowbit.contract ins(%x, %w : tensor<4x8x!u8>, tensor<2x8x!axis>)
    epilogue(%r, %b : tensor<4x2x!u4>, tensor<2xi32>) outs(%init : tensor<4x2x!i16>)
    maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
          affine_map<(m, n, k) -> (m, n)>, affine_map<(m, n, k) -> (n)>,
          affine_map<(m, n, k) -> (m, n)>] attributes {primitive = "row", tag = 7 : i32} {
  ^bb0(%acc: i32, %residual: i32, %bias: i32):
    %0 = arith.addi %acc, %residual : i32
    %1 = arith.addi %0, %bias : i32
    lowbit.yield %1 : i32
  } -> tensor<4x2x!i16>
  return %y : tensor<4x2x!i16>
}

// Blobs pass through.
// CHECK-LABEL: func.func @blob
func.func @blob() -> tensor<4x!i8> {
  // CHECK: arith.constant dense_resource<weights> : tensor<4xi8>
  %w = lowbit.constant dense_resource<weights> : tensor<4xi8> as tensor<4x!i8>
  return %w : tensor<4x!i8>
}

// Arguments keep their attributes.
// CHECK-LABEL: func.func @tensor_operations
// CHECK-SAME:  (%{{.*}}: tensor<2x6xi8> {lowbit.name = "x"}) -> (tensor<?xi8> {lowbit.name = "y"})
func.func @tensor_operations(%x: tensor<2x6x!u8> {lowbit.name = "x"})
    -> (tensor<?x!u8> {lowbit.name = "y"}) {
  // CHECK: tensor.expand_shape {{.*}} : tensor<2x6xi8> into tensor<2x3x2xi8>
  // CHECK: tensor.collapse_shape {{.*}} : tensor<2x3x2xi8> into tensor<12xi8>
  // CHECK: tensor.extract_slice {{.*}} : tensor<12xi8> to tensor<4xi8>
  // CHECK: tensor.insert_slice {{.*}} : tensor<4xi8> into tensor<12xi8>
  // CHECK: tensor.cast {{.*}} : tensor<12xi8> to tensor<?xi8>
  %0 = tensor.expand_shape %x [[0], [1, 2]] output_shape [2, 3, 2]
    : tensor<2x6x!u8> into tensor<2x3x2x!u8>
  %1 = tensor.collapse_shape %0 [[0, 1, 2]] : tensor<2x3x2x!u8> into tensor<12x!u8>
  %2 = tensor.extract_slice %1[4] [4] [1] : tensor<12x!u8> to tensor<4x!u8>
  %3 = tensor.insert_slice %2 into %1[0] [4] [1] : tensor<4x!u8> into tensor<12x!u8>
  %4 = tensor.cast %3 : tensor<12x!u8> to tensor<?x!u8>
  return %4 : tensor<?x!u8>
}

func.func private @external(tensor<4x!u8>) -> tensor<4x!u8>

// CHECK: func.func private @external(tensor<4xi8>) -> tensor<4xi8>
// CHECK-LABEL: func.func @control_flow
func.func @control_flow(%x: tensor<4x!u8>, %n: index, %c: i1) -> tensor<4x!u8> {
  // CHECK: scf.for {{.*}} -> (tensor<4xi8>)
  // CHECK: call @external(%{{.*}}) : (tensor<4xi8>) -> tensor<4xi8>
  // CHECK: scf.if {{.*}} -> (tensor<4xi8>)
  // CHECK: cf.cond_br %{{.*}}(%{{.*}} : tensor<4xi8>)
  // CHECK: ^bb1(%{{.*}}: tensor<4xi8>):
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<4x!u8> {
    %b = func.call @external(%a) : (tensor<4x!u8>) -> tensor<4x!u8>
    scf.yield %b : tensor<4x!u8>
  }
  %z = scf.if %c -> tensor<4x!u8> {
    scf.yield %x : tensor<4x!u8>
  } else {
    scf.yield %y : tensor<4x!u8>
  }
  %s = arith.select %c, %z, %x : tensor<4x!u8>
  cf.cond_br %c, ^bb1(%s : tensor<4x!u8>), ^bb1(%x : tensor<4x!u8>)
^bb1(%r: tensor<4x!u8>):
  return %r : tensor<4x!u8>
}

// CHECK-LABEL: func.func @storage_cast
// CHECK-SAME:  (%[[X:.*]]: tensor<4xi8>)
func.func @storage_cast(%x: tensor<4xi8>) -> tensor<4x!u8> {
  // CHECK-NEXT: return %[[X]]
  %q = quant.scast %x : tensor<4xi8> to tensor<4x!u8>
  return %q : tensor<4x!u8>
}

{-# dialect_resources: { builtin: { weights: "0x0100000001FF027F" } } #-}
