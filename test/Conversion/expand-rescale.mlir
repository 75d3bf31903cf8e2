// RUN: lowbit-opt %s -lowbit-expand-rescale -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @single_round
// CHECK-SAME:  (%[[X:.*]]: i32, %[[M:.*]]: i32, %[[S:.*]]: i32)
func.func @single_round(%x: i32, %m: i32, %s: i32) -> i32 {
  // CHECK-DAG: %[[X64:.*]] = arith.extsi %[[X]] : i32 to i64
  // CHECK-DAG: %[[M64:.*]] = arith.extsi %[[M]] : i32 to i64
  // CHECK-DAG: %[[S64:.*]] = arith.extsi %[[S]] : i32 to i64
  // CHECK: %[[P:.*]] = arith.muli %[[X64]], %[[M64]] : i64
  // CHECK: %[[S1:.*]] = arith.subi %[[S64]], %{{.*}} : i64
  // CHECK: %[[HALF:.*]] = arith.shli %{{.*}}, %[[S1]] : i64
  // CHECK: %[[SUM:.*]] = arith.addi %[[P]], %[[HALF]] : i64
  // CHECK: %[[T:.*]] = arith.shrsi %[[SUM]], %[[S64]] : i64
  // CHECK: arith.maxsi %[[T]]
  // CHECK: arith.minsi
  // CHECK: arith.trunci %{{.*}} : i64 to i32
  // CHECK-NOT: lowbit.rescale
  %y = lowbit.rescale %x, %m, %s {min = -128 : i32, max = 127 : i32} : i32, i32 to i32
  return %y : i32
}

// CHECK-LABEL: func.func @zero_points
func.func @zero_points(%x: i32, %m: i32, %s: i32) -> i32 {
  // CHECK: arith.subi %{{.*}}, %{{.*}} : i32
  // CHECK: arith.shrsi
  // CHECK: arith.addi %{{.*}}, %{{.*}} : i64
  %y = lowbit.rescale %x, %m, %s {input_zero_point = 7 : i32, output_zero_point = -3 : i32} : i32, i32 to i32
  return %y : i32
}

// CHECK-LABEL: func.func @double_round_vector
func.func @double_round_vector(%x: vector<8xi32>, %m: vector<8xi32>, %s: vector<8xi32>) -> vector<8xi32> {
  // CHECK: arith.cmpi slt, %{{.*}}, %{{.*}} : vector<8xi64>
  // CHECK: arith.cmpi sgt, %{{.*}}, %{{.*}} : vector<8xi64>
  // CHECK: arith.trunci %{{.*}} : vector<8xi64> to vector<8xi32>
  %y = lowbit.rescale %x, %m, %s {rounding = #lowbit.rescale_mode<double_round>} : vector<8xi32>, vector<8xi32> to vector<8xi32>
  return %y : vector<8xi32>
}

// CHECK-LABEL: func.func @wrap
func.func @wrap(%x: i32, %m: i32, %s: i32) -> i32 {
  // CHECK-NOT: arith.maxsi
  // CHECK-NOT: arith.minsi
  // CHECK: return
  %y = lowbit.rescale %x, %m, %s {saturation = #lowbit.saturation<wrap>} : i32, i32 to i32
  return %y : i32
}

// -----

// Shifts that are 33 or more for sure need the higher half of the product only; the result is
// clamped before the zero point is added.
memref.global "private" constant @shifts : memref<9xi32> = dense<[33, 40, 62, 33, 40, 62, 33, 40, 62]>
memref.global "private" constant @smaller : memref<9xi32> = dense<[33, 40, 62, 33, 32, 62, 33, 40, 62]>
memref.global "private" @variable : memref<9xi32> = dense<40>

// CHECK-LABEL: func.func @high_half
// CHECK-SAME:  (%[[X:.*]]: vector<8xi32>, %[[M:.*]]: vector<8xi32>)
func.func @high_half(%x: vector<8xi32>, %m: vector<8xi32>) -> vector<8xi32> {
  // CHECK-DAG: %[[S:.*]] = vector.load
  // CHECK-DAG: %[[C33:.*]] = arith.constant dense<33> : vector<8xi32>
  // CHECK-DAG: %[[C32:.*]] = arith.constant dense<32> : vector<8xi32>
  // CHECK-DAG: %[[MIN:.*]] = arith.constant dense<-131> : vector<8xi32>
  // CHECK-DAG: %[[MAX:.*]] = arith.constant dense<124> : vector<8xi32>
  // CHECK: %{{.*}}, %[[HIGH:.*]] = arith.mulsi_extended %[[X]], %[[M]] : vector<8xi32>
  // CHECK: %[[S33:.*]] = arith.subi %[[S]], %[[C33]]
  // CHECK: %[[HALF:.*]] = arith.shli %{{.*}}, %[[S33]]
  // CHECK: %[[SUM:.*]] = arith.addi %[[HIGH]], %[[HALF]]
  // CHECK: %[[S32:.*]] = arith.subi %[[S]], %[[C32]]
  // CHECK: %[[T:.*]] = arith.shrsi %[[SUM]], %[[S32]]
  // CHECK: %[[LOW:.*]] = arith.maxsi %[[T]], %[[MIN]]
  // CHECK: %[[CLAMPED:.*]] = arith.minsi %[[LOW]], %[[MAX]]
  // CHECK: arith.addi %[[CLAMPED]], %{{.*}} : vector<8xi32>
  %c0 = arith.constant 0 : index
  %shifts = memref.get_global @shifts : memref<9xi32>
  %s = vector.load %shifts[%c0] : memref<9xi32>, vector<8xi32>
  %y = lowbit.rescale %x, %m, %s {output_zero_point = 3 : i32, min = -128 : i32, max = 127 : i32}
    : vector<8xi32>, vector<8xi32> to vector<8xi32>
  return %y : vector<8xi32>
}

// Lanes filled up with zero do not count, nor does where the constant is read: in the body of a
// linalg.generic, or one element for all lanes.
// CHECK-LABEL: func.func @high_half_elsewhere
// CHECK-COUNT-3: arith.mulsi_extended
// CHECK-NOT: arith.extsi
func.func @high_half_elsewhere(%x: vector<2xi32>, %a: memref<9xi32>, %b: memref<9xi32>) -> (vector<2xi32>, vector<2xi32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0 : i32
  %shifts = memref.get_global @shifts : memref<9xi32>
  %view = memref.subview %shifts[1] [4] [2] : memref<9xi32> to memref<4xi32, strided<[2], offset: 1>>
  %s = memref.load %view[%c0] : memref<4xi32, strided<[2], offset: 1>>
  %tail = vector.from_elements %s, %zero : vector<2xi32>
  %0 = lowbit.rescale %x, %x, %tail : vector<2xi32>, vector<2xi32> to vector<2xi32>
  %all = vector.broadcast %s : i32 to vector<2xi32>
  %1 = lowbit.rescale %x, %x, %all : vector<2xi32>, vector<2xi32> to vector<2xi32>
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
                  iterator_types = ["parallel"]}
    ins(%a, %shifts : memref<9xi32>, memref<9xi32>) outs(%b : memref<9xi32>) {
  ^bb0(%in: i32, %shift: i32, %out: i32):
    %2 = lowbit.rescale %in, %in, %shift : i32, i32 to i32
    linalg.yield %2 : i32
  }
  return %0, %1 : vector<2xi32>, vector<2xi32>
}

// A bound beyond 32 bits is none.
// CHECK-LABEL: func.func @high_half_bounds
// CHECK-DAG: %[[MAX:.*]] = arith.constant 2147483547 : i32
// CHECK: arith.mulsi_extended
// CHECK-NOT: arith.maxsi
// CHECK: arith.minsi %{{.*}}, %[[MAX]]
func.func @high_half_bounds(%x: i32, %m: i32) -> i32 {
  %s = arith.constant 33 : i32
  %y = lowbit.rescale %x, %m, %s {output_zero_point = 100 : i32, min = -2147483648 : i32, max = 2147483647 : i32} : i32, i32 to i32
  return %y : i32
}

// CHECK-LABEL: func.func @whole_product
// CHECK-NOT: arith.mulsi_extended
// CHECK: return
func.func @whole_product(%x: vector<8xi32>, %m: vector<8xi32>) -> (vector<8xi32>, vector<8xi32>, vector<8xi32>) {
  %c0 = arith.constant 0 : index
  %smaller = memref.get_global @smaller : memref<9xi32>
  %s = vector.load %smaller[%c0] : memref<9xi32>, vector<8xi32>
  %0 = lowbit.rescale %x, %m, %s : vector<8xi32>, vector<8xi32> to vector<8xi32>
  %variable = memref.get_global @variable : memref<9xi32>
  %v = vector.load %variable[%c0] : memref<9xi32>, vector<8xi32>
  %1 = lowbit.rescale %x, %m, %v : vector<8xi32>, vector<8xi32> to vector<8xi32>
  %double = arith.constant dense<40> : vector<8xi32>
  %2 = lowbit.rescale %x, %m, %double {rounding = #lowbit.rescale_mode<double_round>} : vector<8xi32>, vector<8xi32> to vector<8xi32>
  return %0, %1, %2 : vector<8xi32>, vector<8xi32>, vector<8xi32>
}

// -----

func.func @tensor(%x: tensor<4xi32>, %m: tensor<1xi32>, %s: tensor<1xi32>) -> tensor<4xi32> {
  // expected-error @+1 {{rescales a tensor and cannot be expanded; use -lowbit-materialize-codes first}}
  %y = lowbit.rescale %x, %m, %s : tensor<4xi32>, tensor<1xi32> to tensor<4xi32>
  return %y : tensor<4xi32>
}

// -----

// One f64 operation each, clamped before the conversion; 1.5 * 2^52 rounds to nearest even.
// CHECK-LABEL: func.func @requantize
// CHECK-SAME: (%[[X:.*]]: i32, %[[S:.*]]: f32)
func.func @requantize(%x: i32, %s: f32) -> i32 {
  // CHECK-DAG: %[[MAGIC:.*]] = arith.constant 0x4338000000000000 : f64
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 3.000000e+00 : f64
  // CHECK-DAG: %[[LOW:.*]] = arith.constant 0.000000e+00 : f64
  // CHECK-DAG: %[[HIGH:.*]] = arith.constant 2.550000e+02 : f64
  // CHECK: %[[U:.*]] = arith.subi %[[X]]
  // CHECK: %[[R:.*]] = arith.sitofp %[[U]] : i32 to f64
  // CHECK: %[[F:.*]] = arith.extf %[[S]] : f32 to f64
  // CHECK: %[[P:.*]] = arith.mulf %[[R]], %[[F]] : f64
  // CHECK: %[[T:.*]] = arith.addf %[[P]], %[[ZERO]] : f64
  // CHECK: %[[ABOVE:.*]] = arith.cmpf ogt, %[[T]], %[[LOW]]
  // CHECK: %[[T1:.*]] = arith.select %[[ABOVE]], %[[T]], %[[LOW]]
  // CHECK: %[[BELOW:.*]] = arith.cmpf olt, %[[T1]], %[[HIGH]]
  // CHECK: %[[T2:.*]] = arith.select %[[BELOW]], %[[T1]], %[[HIGH]]
  // CHECK: %[[UP:.*]] = arith.addf %[[T2]], %[[MAGIC]]
  // CHECK: %[[DOWN:.*]] = arith.subf %[[UP]], %[[MAGIC]]
  // CHECK: arith.fptosi %[[DOWN]] : f64 to i32
  %y = lowbit.requantize %x, %s {input_zero_point = 7 : i32, output_zero_point = 3 : i32, min = 0 : i32,
    max = 255 : i32} : i32, f32 to i32
  return %y : i32
}

// CHECK-LABEL: func.func @requantize_vector
func.func @requantize_vector(%x: vector<8xi32>, %s: vector<8xf32>) -> vector<8xi32> {
  // CHECK: arith.mulf %{{.*}}, %{{.*}} : vector<8xf64>
  // CHECK: arith.fptosi %{{.*}} : vector<8xf64> to vector<8xi32>
  // CHECK-NOT: lowbit.requantize
  %y = lowbit.requantize %x, %s : vector<8xi32>, vector<8xf32> to vector<8xi32>
  return %y : vector<8xi32>
}

// -----

func.func @requantize_tensor(%x: tensor<4xi32>, %s: tensor<1xf32>) -> tensor<4xi32> {
  // expected-error @+1 {{rescales a tensor and cannot be expanded; use -lowbit-materialize-codes first}}
  %y = lowbit.requantize %x, %s : tensor<4xi32>, tensor<1xf32> to tensor<4xi32>
  return %y : tensor<4xi32>
}

// -----

// On x86, every other lane is multiplied to 64 bits: the even ones where they are, the odd ones moved.
// CHECK-LABEL: func.func @by_twos
// CHECK-SAME:  (%[[X:.*]]: vector<8xi32>, %[[M:.*]]: vector<8xi32>, %[[Y:.*]]: i32)
// CHECK: %[[XO:.*]] = vector.shuffle %[[X]], %[[X]] [1, 1, 3, 3, 5, 5, 7, 7]
// CHECK: %[[XB:.*]] = vector.bitcast %[[X]] : vector<8xi32> to vector<4xi64>
// CHECK: %[[XS:.*]] = arith.shli %[[XB]], %[[WIDTH:.*]] : vector<4xi64>
// CHECK: arith.shrsi %[[XS]], %[[WIDTH]] : vector<4xi64>
// CHECK: vector.bitcast %[[XO]] : vector<8xi32> to vector<4xi64>
// CHECK: vector.shuffle %[[M]], %[[M]] [1, 1, 3, 3, 5, 5, 7, 7]
// CHECK: %[[PE:.*]] = arith.muli %{{.*}}, %{{.*}} : vector<4xi64>
// CHECK: %[[PO:.*]] = arith.muli %{{.*}}, %{{.*}} : vector<4xi64>
// CHECK: %[[EVEN:.*]] = vector.bitcast %[[PE]] : vector<4xi64> to vector<8xi32>
// CHECK: %[[ODD:.*]] = vector.bitcast %[[PO]] : vector<4xi64> to vector<8xi32>
// CHECK: vector.shuffle %[[EVEN]], %[[ODD]] [1, 9, 3, 11, 5, 13, 7, 15]
// A scalar has no other lane.
// CHECK: arith.mulsi_extended %[[Y]], %[[Y]]
module attributes {lowbit.target = "x86_64-unknown-linux-gnu x86-64-v3"} {
  func.func @by_twos(%x: vector<8xi32>, %m: vector<8xi32>, %y: i32) -> (vector<8xi32>, i32) {
    %s = arith.constant dense<40> : vector<8xi32>
    %0 = lowbit.rescale %x, %m, %s : vector<8xi32>, vector<8xi32> to vector<8xi32>
    %t = arith.constant 40 : i32
    %1 = lowbit.rescale %y, %y, %t : i32, i32 to i32
    return %0, %1 : vector<8xi32>, i32
  }
}

// -----

// Words of few bits: 1922038624 = 234623 * 2^13 + 7008, of which each part is multiplied in 32 bits.
// CHECK-LABEL: func.func @narrow
// CHECK-NOT: i64
// CHECK-DAG: arith.constant 7008 : i32
// CHECK-DAG: arith.constant 234623 : i32
// CHECK: return
func.func @narrow(%x: i8) -> i32 {
  %m = arith.constant 1922038624 : i32
  %s = arith.constant 13 : i32
  %wide = arith.extui %x : i8 to i32
  %y = lowbit.rescale %wide, %m, %s {input_zero_point = 142 : i32} : i32, i32 to i32
  return %y : i32
}

// Too many bits for that.
// CHECK-LABEL: func.func @not_narrow
// CHECK-COUNT-2: arith.shrsi {{.*}} : i64
func.func @not_narrow(%x: i16, %y: i8) -> (i32, i32) {
  %m = arith.constant 1922038624 : i32
  %s = arith.constant 13 : i32
  %t = arith.constant 8 : i32
  %wide = arith.extui %x : i16 to i32
  %0 = lowbit.rescale %wide, %m, %s : i32, i32 to i32
  %wider = arith.extui %y : i8 to i32
  %1 = lowbit.rescale %wider, %m, %t {min = -1 : i32, max = 1 : i32} : i32, i32 to i32
  return %0, %1 : i32, i32
}

// -----

// Results of 30 bits on x86: values are clamped to 2^(s-1) before, and shifted as unsigned numbers
// after 2^30 is added.
// CHECK-LABEL: func.func @bounded
// CHECK: arith.minsi
// CHECK-COUNT-2: arith.muli {{.*}} : vector<4xi64>
// CHECK-COUNT-2: arith.shrui {{.*}} : vector<4xi64>
// CHECK: vector.shuffle {{.*}} [0, 8, 2, 10, 4, 12, 6, 14]
// CHECK: arith.subi
// CHECK-NOT: vector<8xi64>
// CHECK: return
// Small multipliers, and wider results, are as everywhere.
// CHECK-LABEL: func.func @unbounded
// CHECK-COUNT-2: arith.shrsi {{.*}} : vector<8xi64>
module attributes {lowbit.target = "x86_64-unknown-linux-gnu x86-64-v3"} {
  func.func @bounded(%x: vector<8xi32>) -> vector<8xi32> {
    %m = arith.constant dense<1922038624> : vector<8xi32>
    %s = arith.constant dense<[2, 18, 19, 20, 21, 22, 23, 31]> : vector<8xi32>
    %0 = lowbit.rescale %x, %m, %s {min = -536870912 : i32, max = 536870912 : i32} : vector<8xi32>, vector<8xi32> to vector<8xi32>
    return %0 : vector<8xi32>
  }
  func.func @unbounded(%x: vector<8xi32>) -> (vector<8xi32>, vector<8xi32>) {
    %m = arith.constant dense<1922038624> : vector<8xi32>
    %small = arith.constant dense<1000> : vector<8xi32>
    %s = arith.constant dense<20> : vector<8xi32>
    %0 = lowbit.rescale %x, %small, %s {min = -536870912 : i32, max = 536870912 : i32} : vector<8xi32>, vector<8xi32> to vector<8xi32>
    %1 = lowbit.rescale %x, %m, %s {min = -536870913 : i32, max = 536870912 : i32} : vector<8xi32>, vector<8xi32> to vector<8xi32>
    return %0, %1 : vector<8xi32>, vector<8xi32>
  }
}
