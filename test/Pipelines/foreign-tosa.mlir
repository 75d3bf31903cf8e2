// Networks that no importer of ours has made: no names, several functions, dynamic
// and unranked shapes, control flow, other types, calls. Whatever a pass cannot work
// on, it leaves alone, with a reason where it would have been quantized.

// DEFINE: %{stats} = stats = #lowbit.stats<count = 2, min = -1.0 : f64, max = 1.0 : f64, average_min = -1.0 : f64, average_max = 1.0 : f64, bin_width = 0.0 : f64, first_bin = 0, histogram = []>
// RUN: lowbit-opt %s -lowbit-propagate-layout -lowbit-fold-batch-norm -lowbit-fold-constants \
// RUN:   -canonicalize -cse -lowbit-observe > %t.observed
// RUN: FileCheck %s --check-prefix=OBSERVED < %t.observed
// RUN: sed "s/role = #lowbit.role<\(activation\|head\)>/&, %{stats}/" %t.observed \
// RUN:   | lowbit-opt -lowbit-quantize-pipeline -o %t.integer
// RUN: FileCheck %s < %t.integer
// RUN: lowbit-opt %t.integer -lowbit-raise-to-contract -lowbit-materialize-codes -o /dev/null

!x = tensor<?x8x8x3xf32>
!w = tensor<4x3x3x3xf32>
!b = tensor<4xf32>
!y = tensor<?x8x8x4xf32>
!z = tensor<1xf32>

func.func private @external(tensor<4xf32>) -> tensor<4xf32>

// OBSERVED-LABEL: func.func @dynamic
// CHECK-LABEL: func.func @dynamic
func.func @dynamic(%x: !x) -> !y {
  %w = "tosa.const"() <{values = dense<0.5> : !w}> : () -> !w
  %b = "tosa.const"() <{values = dense<0.25> : !b}> : () -> !b
  %z = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  // OBSERVED: lowbit.observe %{{.*}} {name = "arg0"
  // CHECK: tosa.conv2d {{.*}} {{{.*}}lowbit.reason = "its shape is dynamic"
  %0 = tosa.conv2d %x, %w, %b, %z, %z {pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>,
      dilation = array<i64: 1, 1>, acc_type = f32} : (!x, !w, !b, !z, !z) -> !y
  %1 = tosa.clamp %0 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (!y) -> !y
  return %1 : !y
}

// CHECK-LABEL: func.func @static
func.func @static(%x: tensor<1x8xf32>, %s: tensor<f32>) -> (tensor<1x8xf32>, tensor<f32>) {
  // CHECK: lowbit.add
  // CHECK-NOT: tosa.
  %0 = tosa.add %x, %x : (tensor<1x8xf32>, tensor<1x8xf32>) -> tensor<1x8xf32>
  %1 = tosa.exp %0 : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %2 = tosa.abs %s : (tensor<f32>) -> tensor<f32>
  return %1, %2 : tensor<1x8xf32>, tensor<f32>
}

// CHECK-LABEL: func.func @blocks
func.func @blocks(%x: tensor<4xf32>, %c: i1) -> tensor<4xf32> {
  cf.cond_br %c, ^then, ^else
^then:
  // CHECK: tosa.sigmoid
  %0 = tosa.sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
  cf.br ^end(%0 : tensor<4xf32>)
^else:
  // CHECK: call @external{{.*}}lowbit.reason
  %1 = func.call @external(%x) : (tensor<4xf32>) -> tensor<4xf32>
  cf.br ^end(%1 : tensor<4xf32>)
^end(%r: tensor<4xf32>):
  // CHECK: tosa.tanh {{.*}}lowbit.reason = "its operand 1 is not observed"
  %2 = tosa.tanh %r : (tensor<4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}

// CHECK-LABEL: func.func @regions
func.func @regions(%x: tensor<1x4xf32>, %c: i1) -> tensor<1x4xf32> {
  %0 = scf.if %c -> tensor<1x4xf32> {
    // CHECK: tosa.sigmoid
    %1 = tosa.sigmoid %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
    scf.yield %1 : tensor<1x4xf32>
  } else {
    scf.yield %x : tensor<1x4xf32>
  }
  return %0 : tensor<1x4xf32>
}

// CHECK-LABEL: func.func @unranked
func.func @unranked(%x: tensor<*xf32>) -> tensor<*xf32> {
  // CHECK: tosa.sigmoid
  %0 = tosa.sigmoid %x : (tensor<*xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// CHECK-LABEL: func.func @types
func.func @types(%a: tensor<2xf16>, %i: tensor<4xi32>) -> (tensor<2xf16>, tensor<4xi32>) {
  // CHECK: tosa.exp
  %0 = tosa.exp %a : (tensor<2xf16>) -> tensor<2xf16>
  // CHECK: tosa.add
  %1 = tosa.add %i, %i : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  return %0, %1 : tensor<2xf16>, tensor<4xi32>
}

// CHECK-LABEL: func.func @matmul
func.func @matmul(%a: tensor<?x3x5xf32>, %b: tensor<?x5x4xf32>) -> tensor<?x3x4xf32> {
  %z = "tosa.const"() <{values = dense<0.0> : !z}> : () -> !z
  // CHECK: tosa.matmul {{.*}}lowbit.reason = "its shape is dynamic"
  %0 = tosa.matmul %a, %b, %z, %z
      : (tensor<?x3x5xf32>, tensor<?x5x4xf32>, !z, !z) -> tensor<?x3x4xf32>
  return %0 : tensor<?x3x4xf32>
}
