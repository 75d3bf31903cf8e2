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
