// RUN: lowbit-opt %s -lowbit-lower-quant-casts -split-input-file -verify-diagnostics | FileCheck %s

!q = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @scalar
// CHECK-SAME: (%[[X:.*]]: f32) -> i8
// CHECK-DAG: %[[R:.*]] = arith.constant 2.000000e+00 : f32
// CHECK-DAG: %[[Z:.*]] = arith.constant 3 : i32
// CHECK: %[[P:.*]] = arith.mulf %[[X]], %[[R]] : f32
// CHECK: %[[N:.*]] = math.roundeven %[[P]] : f32
// CHECK: %[[NAN:.*]] = arith.cmpf uno, %[[N]], %[[N]] : f32
// CHECK: %[[S:.*]] = arith.select %[[NAN]], %{{.*}}, %[[N]] : f32
// CHECK: %[[M:.*]] = arith.maximumf %[[S]], %{{.*}} : f32
// CHECK: %[[C:.*]] = arith.minimumf %[[M]], %{{.*}} : f32
// CHECK: %[[I:.*]] = arith.fptosi %[[C]] : f32 to i32
// CHECK: %[[A:.*]] = arith.addi %[[I]], %[[Z]] : i32
// CHECK: %[[Q:.*]] = arith.trunci %[[A]] : i32 to i8
// CHECK: return %[[Q]] : i8
func.func @scalar(%x: f32) -> !q {
  %q = quant.qcast %x : f32 to !q
  return %q : !q
}

// The pair is not the identity: it rounds.
// CHECK-LABEL: func.func @fake_quantize
// CHECK: math.roundeven
// CHECK: arith.extui
// CHECK: arith.subi
// CHECK: arith.sitofp
// CHECK: %[[D:.*]] = arith.mulf
// CHECK: return %[[D]]
func.func @fake_quantize(%x: f32) -> f32 {
  %q = quant.qcast %x : f32 to !q
  %d = quant.dcast %q : !q to f32
  return %d : f32
}

// CHECK-LABEL: func.func @per_axis
// CHECK-SAME: tensor<?x2xi8>
// CHECK-DAG: arith.constant dense<[5.000000e-01, 2.500000e-01]> : tensor<2xf32>
// CHECK-DAG: arith.constant dense<[1, -2]> : tensor<2xi32>
// CHECK: linalg.generic
// CHECK-NOT: quant.
func.func @per_axis(%q: tensor<?x2x!quant.uniform<i8:f32:1, {0.5:1, 0.25:-2}>>)
    -> tensor<?x2xf32> {
  %d = quant.dcast %q : tensor<?x2x!quant.uniform<i8:f32:1, {0.5:1, 0.25:-2}>> to tensor<?x2xf32>
  return %d : tensor<?x2xf32>
}

// CHECK-LABEL: func.func @wide_storage
// CHECK: arith.fptosi %{{.*}} : f32 to i64
// CHECK: arith.addi {{.*}} : i64
// CHECK: arith.maxsi {{.*}} : i64
// CHECK: arith.minsi {{.*}} : i64
// CHECK: arith.trunci {{.*}} : i64 to i24
func.func @wide_storage(%x: f32) -> !quant.uniform<i24:f32, 1.0> {
  %q = quant.qcast %x : f32 to !quant.uniform<i24:f32, 1.0>
  return %q : !quant.uniform<i24:f32, 1.0>
}

// CHECK-LABEL: func.func @bf16
// CHECK: arith.extf %{{.*}} : bf16 to f32
// CHECK: arith.truncf %{{.*}} : f32 to bf16
func.func @bf16(%x: bf16) -> bf16 {
  %q = quant.qcast %x : bf16 to !quant.uniform<i8:bf16, 1.0>
  %d = quant.dcast %q : !quant.uniform<i8:bf16, 1.0> to bf16
  return %d : bf16
}

// CHECK-LABEL: func.func @storage_casts
// CHECK-SAME: (%[[X:.*]]: tensor<4xi8>)
// CHECK-NEXT: return %[[X]]
func.func @storage_casts(%x: tensor<4xi8>) -> tensor<4xi8> {
  %q = quant.scast %x : tensor<4xi8> to tensor<4x!q>
  %y = quant.scast %q : tensor<4x!q> to tensor<4xi8>
  return %y : tensor<4xi8>
}

// CHECK-LABEL: func.func private @declared(tensor<4xi8>) -> i8
func.func private @declared(tensor<4x!q>) -> !q

// CHECK-LABEL: func.func @edges
// CHECK-SAME: (%[[C:.*]]: i1, %[[X:.*]]: tensor<4xi8>) -> i8
// CHECK: %[[IF:.*]] = scf.if %[[C]] -> (i8)
// CHECK: func.call @declared(%[[X]]) : (tensor<4xi8>) -> i8
// CHECK: tensor.extract %[[X]]{{.*}} : tensor<4xi8>
// CHECK: cf.cond_br %[[C]], ^bb1(%[[IF]] : i8), ^bb1
// CHECK: ^bb1(%[[B:.*]]: i8):
// CHECK: return %[[B]] : i8
func.func @edges(%c: i1, %x: tensor<4x!q>) -> !q {
  %zero = arith.constant 0 : index
  %0 = scf.if %c -> !q {
    %1 = func.call @declared(%x) : (tensor<4x!q>) -> !q
    scf.yield %1 : !q
  } else {
    %1 = tensor.extract %x[%zero] : tensor<4x!q>
    scf.yield %1 : !q
  }
  cf.cond_br %c, ^bb1(%0 : !q), ^bb1(%0 : !q)
^bb1(%b: !q):
  return %b : !q
}

// -----

func.func @unranked(%x: tensor<*xf32>) {
  // expected-error @+1 {{expects a scalar or a ranked tensor, but got 'tensor<*x!quant.uniform<}}
  %q = quant.qcast %x : tensor<*xf32> to tensor<*x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

func.func @f64(%x: f64) {
  // expected-error @+1 {{expects real numbers of f32, f16 or bf16, but got 'f64'}}
  %q = quant.qcast %x : f64 to !quant.uniform<i8:f64, 0.5>
  return
}

// -----

func.func @not_affine(%x: f32) {
  // expected-error @+1 {{expects an affine format of '!quant.any<i8:f32>', per tensor, per axis}}
  %q = quant.qcast %x : f32 to !quant.any<i8:f32>
  return
}

// -----

func.func @tiny_scale(%x: f32) {
  // expected-error @+1 {{expects scales that are finite in f32, as are their reciprocals}}
  %q = quant.qcast %x : f32 to !quant.uniform<i8:f32, 2.0e-39>
  return
}

// -----

func.func @zero_point(%x: f32) {
  // expected-error @+1 {{expects zero points in the storage range of}}
  %q = quant.qcast %x : f32 to !quant.uniform<i8:f32, 0.5:300>
  return
}

// -----

!q = !quant.uniform<i8:f32, 0.5>

func.func @other_operation(%x: tensor<4xf32>) -> tensor<4x!q> {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!q>
  // expected-error @+1 {{'tosa.add' op works on quantized types}}
  %y = tosa.add %q, %q : (tensor<4x!q>, tensor<4x!q>) -> tensor<4x!q>
  return %y : tensor<4x!q>
}
