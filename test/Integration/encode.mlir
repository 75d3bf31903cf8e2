// REQUIRES: execution
// RUN: lowbit-opt %s -lowbit-reference-pipeline | %run-main | FileCheck %s

// Ties, saturation, infinities and NaN, by each rounding.

!u8 = !quant.uniform<u8:f32, 0.5:3>
!i8 = !quant.uniform<i8<-127:127>:f32, 1.0>
!u4 = !quant.uniform<u4:f32, 1.0>

func.func private @nearest_even(%x: tensor<8xf32>) -> tensor<8xi8> {
  %q = lowbit.encode %x : tensor<8xf32> to tensor<8x!i8>
  %w = quant.scast %q : tensor<8x!i8> to tensor<8xi8>
  return %w : tensor<8xi8>
}
func.func private @nearest_away(%x: tensor<8xf32>) -> tensor<8xi8> {
  %q = lowbit.encode %x {rounding = #lowbit.rounding<nearest_away>} : tensor<8xf32> to tensor<8x!i8>
  %w = quant.scast %q : tensor<8x!i8> to tensor<8xi8>
  return %w : tensor<8xi8>
}
func.func private @floor(%x: tensor<8xf32>) -> tensor<8xi8> {
  %q = lowbit.encode %x {rounding = #lowbit.rounding<floor>} : tensor<8xf32> to tensor<8x!i8>
  %w = quant.scast %q : tensor<8x!i8> to tensor<8xi8>
  return %w : tensor<8xi8>
}
func.func private @ceil(%x: tensor<8xf32>) -> tensor<8xi8> {
  %q = lowbit.encode %x {rounding = #lowbit.rounding<ceil>} : tensor<8xf32> to tensor<8x!i8>
  %w = quant.scast %q : tensor<8x!i8> to tensor<8xi8>
  return %w : tensor<8xi8>
}
func.func private @toward_zero(%x: tensor<8xf32>) -> tensor<8xi8> {
  %q = lowbit.encode %x {rounding = #lowbit.rounding<toward_zero>}
    : tensor<8xf32> to tensor<8x!i8>
  %w = quant.scast %q : tensor<8x!i8> to tensor<8xi8>
  return %w : tensor<8xi8>
}
func.func private @zero_point(%x: tensor<8xf32>) -> tensor<8xi8> {
  %q = lowbit.encode %x : tensor<8xf32> to tensor<8x!u8>
  %w = quant.scast %q : tensor<8x!u8> to tensor<8xi8>
  return %w : tensor<8xi8>
}

func.func private @print(%words: tensor<8xi8>) {
  %c0 = arith.constant 0 : index
  %padding = arith.constant 0 : i8
  %v = vector.transfer_read %words[%c0], %padding {in_bounds = [true]}
    : tensor<8xi8>, vector<8xi8>
  vector.print %v : vector<8xi8>
  return
}

func.func @main() {
  %ties = arith.constant dense<[-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999997, -0.75]> : tensor<8xf32>
  // CHECK: ( -2, -2, 0, 0, 2, 2, 0, -1 )
  %0 = call @nearest_even(%ties) : (tensor<8xf32>) -> tensor<8xi8>
  call @print(%0) : (tensor<8xi8>) -> ()
  // CHECK-NEXT: ( -3, -2, -1, 1, 2, 3, 0, -1 )
  %1 = call @nearest_away(%ties) : (tensor<8xf32>) -> tensor<8xi8>
  call @print(%1) : (tensor<8xi8>) -> ()
  // CHECK-NEXT: ( -3, -2, -1, 0, 1, 2, 0, -1 )
  %2 = call @floor(%ties) : (tensor<8xf32>) -> tensor<8xi8>
  call @print(%2) : (tensor<8xi8>) -> ()
  // CHECK-NEXT: ( -2, -1, 0, 1, 2, 3, 1, 0 )
  %3 = call @ceil(%ties) : (tensor<8xf32>) -> tensor<8xi8>
  call @print(%3) : (tensor<8xi8>) -> ()
  // CHECK-NEXT: ( -2, -1, 0, 0, 1, 2, 0, 0 )
  %4 = call @toward_zero(%ties) : (tensor<8xf32>) -> tensor<8xi8>
  call @print(%4) : (tensor<8xi8>) -> ()

  // NaN, +infinity, -infinity, the largest f32, its negative, 127.5, a denormal.
  %edges = arith.constant dense<[0x7FC00000, 0x7F800000, 0xFF800000, 0x7F7FFFFF,
                                 0xFF7FFFFF, 127.5, 1.0e-45, 1.0e+30]> : tensor<8xf32>
  // CHECK-NEXT: ( 0, 127, -127, 127, -127, 127, 0, 127 )
  %5 = call @nearest_even(%edges) : (tensor<8xf32>) -> tensor<8xi8>
  call @print(%5) : (tensor<8xi8>) -> ()
  // CHECK-NEXT: ( 0, 127, -127, 127, -127, 127, 1, 127 )
  %6 = call @ceil(%edges) : (tensor<8xf32>) -> tensor<8xi8>
  call @print(%6) : (tensor<8xi8>) -> ()
  // As signed words 255 is -1, and 127.5 / 0.5 + 3 saturates.
  // CHECK-NEXT: ( 3, -1, 0, -1, 0, -1, 3, -1 )
  %7 = call @zero_point(%edges) : (tensor<8xf32>) -> tensor<8xi8>
  call @print(%7) : (tensor<8xi8>) -> ()
  return
}
