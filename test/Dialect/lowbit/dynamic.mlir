// RUN: lowbit-opt %s -verify-roundtrip | FileCheck %s
// RUN: lowbit-opt %s -canonicalize | FileCheck %s

// Random rounding, and codes with parameters that are computed.

!u8 = !quant.uniform<u8:f32, 0.5:3>
!row = !lowbit.affine<i8<-127:127>, axis = 0>
!zero = !lowbit.affine<u8, zero>
!planes = !lowbit.planes<sign x 2, axis = 0, dynamic>

// It need not find the codes again, so that nothing folds it.
// CHECK-LABEL: func.func @stochastic
// CHECK: lowbit.decode
// CHECK: lowbit.encode %{{.*}} {rounding = #lowbit.rounding<stochastic>, seed = 4294967295 : i64, tensor_id = 0 : i64}
func.func @stochastic(%q: tensor<4x!u8>) -> tensor<4x!u8> {
  %x = lowbit.decode %q : tensor<4x!u8> to tensor<4xf32>
  %y = lowbit.encode %x {rounding = #lowbit.rounding<stochastic>, seed = 4294967295 : i64,
    tensor_id = 0 : i64} : tensor<4xf32> to tensor<4x!u8>
  return %y : tensor<4x!u8>
}

// CHECK-LABEL: func.func @observe
// CHECK: lowbit.observe %{{.*}} {name = "w", role = #lowbit.role<weight>, seed = 7 : i64}
func.func @observe(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = lowbit.observe %x {name = "w", role = #lowbit.role<weight>, seed = 7 : i64} : tensor<4xf32>
  return %y : tensor<4xf32>
}

// CHECK-LABEL: func.func @rows
// CHECK: %[[Q:.*]], %[[S:.*]] = lowbit.encode_dynamic %{{.*}} : tensor<2x4xf32> to tensor<2x4x!lowbit.affine<i8<-127:127>, axis = 0>>, tensor<2xf32>
// CHECK: lowbit.decode %[[Q]] with %[[S]]
func.func @rows(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %q, %s = lowbit.encode_dynamic %x : tensor<2x4xf32> to tensor<2x4x!row>, tensor<2xf32>
  %y = lowbit.decode %q with %s : tensor<2xf32> : tensor<2x4x!row> to tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @zero_point
// CHECK: lowbit.encode_dynamic %{{.*}} : tensor<?xf32> to tensor<?x!lowbit.affine<u8, zero>>, tensor<1xf32>, tensor<1xi32>
func.func @zero_point(%x: tensor<?xf32>) -> (tensor<?x!zero>, tensor<1xi32>) {
  %q, %s, %z = lowbit.encode_dynamic %x : tensor<?xf32> to tensor<?x!zero>, tensor<1xf32>, tensor<1xi32>
  return %q, %z : tensor<?x!zero>, tensor<1xi32>
}

// CHECK-LABEL: func.func @rounds
// CHECK: lowbit.encode_dynamic %{{.*}} {rounds = 2 : i64} : tensor<2x4xf32>
func.func @rounds(%x: tensor<2x4xf32>) -> tensor<2x4x!planes> {
  %q, %s = lowbit.encode_dynamic %x {rounds = 2} : tensor<2x4xf32> to tensor<2x4x!planes>, tensor<2x2xf32>
  return %q : tensor<2x4x!planes>
}

// Terms of planes whose scales are beside them count signs.
// CHECK-LABEL: func.func @planes
// CHECK: lowbit.encode_dynamic %{{.*}} : tensor<2x4xf32> to tensor<2x4x!lowbit.planes<sign x 2, axis = 0, dynamic>>, tensor<2x2xf32>
// CHECK: lowbit.steps %{{.*}} {term = 1 : i64}
// CHECK-SAME: to tensor<2x4x!quant.uniform<i8<-1:1>:f32, 1.000000e+00>>
func.func @planes(%x: tensor<2x4xf32>) -> tensor<2x4x!quant.uniform<i8<-1:1>:f32, 1.0>> {
  %q, %s = lowbit.encode_dynamic %x : tensor<2x4xf32> to tensor<2x4x!planes>, tensor<2x2xf32>
  %t = lowbit.steps %q {term = 1} : tensor<2x4x!planes> to tensor<2x4x!quant.uniform<i8<-1:1>:f32, 1.0>>
  return %t : tensor<2x4x!quant.uniform<i8<-1:1>:f32, 1.0>>
}
