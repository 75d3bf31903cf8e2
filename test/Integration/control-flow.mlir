// REQUIRES: execution
// RUN: lowbit-opt %s -lowbit-reference-pipeline | %run-main | FileCheck %s

// Codes through loops, branches and calls; float operations beside them.

!u8 = !quant.uniform<u8:f32, 0.5:3>

func.func private @halve(%x: tensor<4x!u8>) -> tensor<4x!u8> {
  %multiplier = arith.constant dense<1073741824> : tensor<1xi32>
  %shift = arith.constant dense<31> : tensor<1xi32>
  %y = lowbit.rescale %x, %multiplier, %shift {input_zero_point = 3 : i32, output_zero_point = 3 : i32,
                                               min = 0 : i32, max = 255 : i32}
    : tensor<4x!u8>, tensor<1xi32> to tensor<4x!u8>
  return %y : tensor<4x!u8>
}

func.func private @repeat(%x: tensor<4x!u8>, %n: index, %swap: i1) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> tensor<4x!u8> {
    %b = func.call @halve(%a) : (tensor<4x!u8>) -> tensor<4x!u8>
    scf.yield %b : tensor<4x!u8>
  }
  %z = scf.if %swap -> tensor<4x!u8> {
    scf.yield %x : tensor<4x!u8>
  } else {
    scf.yield %y : tensor<4x!u8>
  }
  %real = lowbit.decode %z : tensor<4x!u8> to tensor<4xf32>
  %result = tosa.add %real, %real : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %result : tensor<4xf32>
}

func.func private @printMemrefF32(tensor<*xf32>)

func.func @main() {
  %c2 = arith.constant 2 : index
  %false = arith.constant false
  %true = arith.constant true
  // 3, 0, 255 and 10 stand for 0, -1.5, 126 and 3.5.
  %x = lowbit.constant dense<[3, 0, -1, 10]> : tensor<4xi8> as tensor<4x!u8>
  // Differences from 3: 0, -3, 252, 7 -> 0, -1, 126, 4 -> 0, 0, 63, 2.
  // CHECK: [0, {{ *}}0, {{ *}}63, {{ *}}2]
  %0 = call @repeat(%x, %c2, %false) : (tensor<4x!u8>, index, i1) -> tensor<4xf32>
  %u0 = tensor.cast %0 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u0) : (tensor<*xf32>) -> ()
  // CHECK: [0, {{ *}}-3, {{ *}}252, {{ *}}7]
  %1 = call @repeat(%x, %c2, %true) : (tensor<4x!u8>, index, i1) -> tensor<4xf32>
  %u1 = tensor.cast %1 : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%u1) : (tensor<*xf32>) -> ()
  return
}
