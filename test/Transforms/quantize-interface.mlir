// RUN: lowbit-opt %s -lowbit-quantize-interface -split-input-file -verify-diagnostics \
// RUN:   | FileCheck %s

!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<i16:f32, 0.25>

// Two encodes of one kind are one argument, and a code may be returned twice. Attributes stay.
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[A:.*]]: tensor<4x!quant.uniform<u8:f32, 5.000000e-01:3>> {lowbit.name = "image"},
// CHECK-SAME:  %[[B:.*]]: tensor<2xf32> {lowbit.name = "unused"})
// CHECK-SAME: -> (tensor<4x!quant.uniform<u8:f32, 5.000000e-01:3>> {lowbit.name = "same"},
// CHECK-SAME:  tensor<4x!quant.uniform<i16:f32, 2.500000e-01>> {lowbit.name = "sum"},
// CHECK-SAME:  tensor<4x!quant.uniform<i16:f32, 2.500000e-01>> {lowbit.name = "again"}) {
// CHECK-NEXT: %[[S:.*]] = lowbit.add %[[A]], %[[A]]
// CHECK-NEXT: return %[[A]], %[[S]], %[[S]]
func.func @main(%x: tensor<4xf32> {lowbit.name = "image"},
                %u: tensor<2xf32> {lowbit.name = "unused"})
    -> (tensor<4xf32> {lowbit.name = "same"}, tensor<4xf32> {lowbit.name = "sum"},
        tensor<4xf32> {lowbit.name = "again"}) {
  %q0 = lowbit.encode %x : tensor<4xf32> to tensor<4x!x>
  %q1 = lowbit.encode %x : tensor<4xf32> to tensor<4x!x>
  %s = lowbit.add %q0, %q1 {multipliers = array<i32: 1073741824, 1073741824, 1073741824>,
    shifts = array<i32: 12, 12, 47>, min = -32768 : i32, max = 32767 : i32}
    : tensor<4x!x>, tensor<4x!x> to tensor<4x!y>
  %d0 = lowbit.decode %q0 : tensor<4x!x> to tensor<4xf32>
  %d1 = lowbit.decode %s : tensor<4x!y> to tensor<4xf32>
  return %d0, %d1, %d1 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// Other functions keep their types.
// CHECK-LABEL: func.func @other(
// CHECK: lowbit.encode
func.func @other(%x: tensor<4xf32>) -> tensor<4x!x> {
  %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!x>
  return %q : tensor<4x!x>
}

// -----

// What is not f32 has no codes, and stays.
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%{{.*}}: tensor<4xi64>) -> tensor<4xi64>
func.func @main(%i: tensor<4xi64>) -> tensor<4xi64> {
  %s = tosa.add %i, %i : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  return %s : tensor<4xi64>
}

// -----

// expected-error@+1 {{expects a function @main with a body}}
module {
  func.func private @main(tensor<4xf32>)
}

// -----

// expected-error@+1 {{expects a function @main with a body}}
module {
  func.func @other() { return }
}

// -----

!x = !quant.uniform<u8:f32, 0.5:3>
// expected-error@+1 {{argument 1 to be encoded in one format before any other use, but it is not}}
func.func @main(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  // expected-note@+1 {{used here}}
  %a = tosa.add %y, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %q = lowbit.encode %a : tensor<4xf32> to tensor<4x!x>
  %d = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  return %d : tensor<4xf32>
}

// -----

!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 0.25:3>
// expected-error@+1 {{argument 0 to be encoded in one format before any other use, but it is not}}
func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // expected-note@+1 {{used here}}
  %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!x>
  %r = lowbit.encode %x : tensor<4xf32> to tensor<4x!y>
  %d = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %e = lowbit.decode %r : tensor<4x!y> to tensor<4xf32>
  return %d, %e : tensor<4xf32>, tensor<4xf32>
}

// -----

// Whoever calls the program does not round at random.
!x = !quant.uniform<u8:f32, 0.5:3>
// expected-error@+1 {{argument 0 to be encoded in one format before any other use, but it is not}}
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-note@+1 {{used here}}
  %q = lowbit.encode %x {rounding = #lowbit.rounding<stochastic>, seed = 1 : i64, tensor_id = 2 : i64}
    : tensor<4xf32> to tensor<4x!x>
  %d = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  return %d : tensor<4xf32>
}

// -----

// One format, but two roundings.
!x = !quant.uniform<u8:f32, 0.5:3>
// expected-error@+1 {{argument 0 to be encoded in one format before any other use, but it is not}}
func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // expected-note@+1 {{used here}}
  %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!x>
  %r = lowbit.encode %x {rounding = #lowbit.rounding<floor>} : tensor<4xf32> to tensor<4x!x>
  %d = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %e = lowbit.decode %r : tensor<4x!x> to tensor<4xf32>
  return %d, %e : tensor<4xf32>, tensor<4xf32>
}

// -----

!x = !quant.uniform<u8:f32, 0.5:3>
func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!x>
  %d = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  %e = tosa.abs %d : (tensor<4xf32>) -> tensor<4xf32>
  // expected-error@+1 {{result 1 to be decoded from codes, but it is not; compile with}}
  return %d, %e : tensor<4xf32>, tensor<4xf32>
}

// -----

!x = !quant.uniform<u8:f32, 0.5:3>
// expected-error@+1 {{expects one block in @main, but got 2; compile with --io=float}}
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!x>
  cf.br ^end
^end:
  %d = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  return %d : tensor<4xf32>
}

// -----

!x = !quant.uniform<u8:f32, 0.5:3>
// expected-error@+1 {{expects no use of @main in the module, but there is one; compile with}}
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!x>
  %d = lowbit.decode %q : tensor<4x!x> to tensor<4xf32>
  return %d : tensor<4xf32>
}
func.func @caller(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = call @main(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// expected-error@+1 {{expects @main to return}}
func.func @main(%x: tensor<4xf32>) {
  ub.unreachable
}

// -----

// A code that counts thresholds of its own does not stand for its number.
!q = !quant.uniform<u2:f32, 0.5>
// expected-error@+1 {{argument 0 to be encoded in one format before any other use, but it is not}}
func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-note@+1 {{used here}}
  %q = lowbit.encode %x {thresholds = array<f32: 0.1, 0.2, 0.3>} : tensor<8xf32> to tensor<8x!q>
  %y = lowbit.decode %q : tensor<8x!q> to tensor<8xf32>
  return %y : tensor<8xf32>
}
