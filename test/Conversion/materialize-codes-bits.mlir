// RUN: lowbit-opt %s -lowbit-materialize-codes | FileCheck %s

!two = !lowbit.planes<bit x 2, [1.0, 2.0]>
!sign = !lowbit.planes<sign x 1, [1.0]>

// Words of 8 bits are masks of comparisons: of 32 codes, and of 5 that are left over.
// CHECK-LABEL: func.func @codes
func.func @codes(%q: tensor<3x69x!two>) -> tensor<3x9xi8> {
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK: %[[X:.*]] = vector.transfer_read {{.*}} {in_bounds = [true]} : tensor<3x69xi8>, vector<32xi8>
  // CHECK: %[[BIT:.*]] = arith.constant dense<2> : vector<32xi8>
  // CHECK: %[[MASKED:.*]] = arith.andi %[[X]], %[[BIT]]
  // CHECK: %[[SET:.*]] = arith.cmpi eq, %[[MASKED]], %[[BIT]]
  // CHECK: %[[BYTES:.*]] = vector.bitcast %[[SET]] : vector<32xi1> to vector<4xi8>
  // CHECK: vector.transfer_write %[[BYTES]]
  // CHECK: vector.transfer_read {{.*}} : tensor<3x69xi8>, vector<5xi8>
  // CHECK: vector.insert_strided_slice {{.*}} : vector<5xi1> into vector<8xi1>
  // CHECK: vector.bitcast {{.*}} : vector<8xi1> to vector<1xi8>
  %p = lowbit.pack_bits %q {plane = 1 : i64} : tensor<3x69x!two> to tensor<3x9xi8>
  return %p : tensor<3x9xi8>
}

// One threshold makes them of floats; NaN counts as 0.
// CHECK-LABEL: func.func @floats
func.func @floats(%x: tensor<64xf32>) -> tensor<8xi8> {
  // CHECK: %[[X:.*]] = vector.transfer_read {{.*}} : tensor<64xf32>, vector<32xf32>
  // CHECK: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<32xf32>
  // CHECK: %[[NAN:.*]] = arith.cmpf uno, %[[X]], %[[X]]
  // CHECK: %[[NUMBER:.*]] = arith.select %[[NAN]], %[[ZERO]], %[[X]]
  // CHECK: %[[T:.*]] = arith.constant dense<5.000000e-01> : vector<32xf32>
  // CHECK: %[[SET:.*]] = arith.cmpf oge, %[[NUMBER]], %[[T]]
  // CHECK: vector.bitcast %[[SET]]
  %q = lowbit.encode %x {codes = array<i64: 0, 1>, thresholds = array<f32: 0.5>} : tensor<64xf32> to tensor<64x!sign>
  %p = lowbit.pack_bits %q {plane = 0 : i64} : tensor<64x!sign> to tensor<8xi8>
  return %p : tensor<8xi8>
}

// Below the threshold is the set bit here.
// CHECK-LABEL: func.func @falling
func.func @falling(%x: tensor<64xf32>) -> tensor<8xi8> {
  // CHECK: arith.cmpf olt
  %q = lowbit.encode %x {codes = array<i64: 1, 0>, thresholds = array<f32: 0.5>} : tensor<64xf32> to tensor<64x!sign>
  %p = lowbit.pack_bits %q {plane = 0 : i64} : tensor<64x!sign> to tensor<8xi8>
  return %p : tensor<8xi8>
}

// Words of 64 bits are loops.
// CHECK-LABEL: func.func @words
func.func @words(%q: tensor<3x69x!two>) -> tensor<3x2xi64> {
  // CHECK-NOT: vector
  // CHECK: linalg.generic
  %p = lowbit.pack_bits %q {plane = 1 : i64} : tensor<3x69x!two> to tensor<3x2xi64>
  return %p : tensor<3x2xi64>
}
