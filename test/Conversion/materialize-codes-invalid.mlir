// RUN: lowbit-opt %s -lowbit-materialize-codes -split-input-file -verify-diagnostics

!u8 = !quant.uniform<u8:f32, 0.5:3>
func.func @foreign_operation(%x: tensor<4xf32>) -> tensor<4x!u8> {
  // expected-error @+1 {{'quant.qcast' op has tensors of codes and no meaning on words; use lowbit or tensor operations here, or decode the codes before}}
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!u8>
  return %q : tensor<4x!u8>
}

// -----

// Storage of 4 bits lies in words of 8.
!i4 = !quant.uniform<i4:f32, 0.5>
func.func @storage_cast(%x: tensor<4xi4>) -> tensor<4x!i4> {
  // expected-error @+1 {{'quant.scast' op has tensors of codes and no meaning on words}}
  %q = quant.scast %x : tensor<4xi4> to tensor<4x!i4>
  return %q : tensor<4x!i4>
}

// -----

!calibrated = !quant.calibrated<f32<-1.0:1.0>>
func.func @no_storage(%x: tensor<4x!calibrated>, %w: tensor<2x4xi8>, %i: tensor<2xi32>) -> tensor<2xi32> {
  // expected-error @+1 {{'lowbit.contract' op has tensors of codes and no meaning on words}}
  %y = lowbit.contract ins(%x, %w : tensor<4x!calibrated>, tensor<2x4xi8>) outs(%i : tensor<2xi32>)
    maps [affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (n, k)>, affine_map<(n, k) -> (n)>] {
  ^bb0(%acc: i32):
    lowbit.yield %acc : i32
  } -> tensor<2xi32>
  return %y : tensor<2xi32>
}

// -----

// expected-error @+1 {{'func.func' op has tensors of codes and no meaning on words}}
func.func private @unranked(tensor<*x!quant.uniform<u8:f32, 0.5:3>>)

// -----

!u8 = !quant.uniform<u8:f32, 0.5:5000000000>
func.func @zero_point_width(%x: tensor<4xf32>) -> tensor<4x!u8> {
  // expected-error @+1 {{'lowbit.encode' op expects zero points of 32 bits, but got}}
  %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!u8>
  return %q : tensor<4x!u8>
}

// -----

!u8 = !quant.uniform<u8:f32:0, {0.5:3, 0.5:-5000000000}>
func.func @zero_point_width_per_axis(%q: tensor<2x!u8>) -> tensor<2xf32> {
  // expected-error @+1 {{'lowbit.decode' op expects zero points of 32 bits, but got}}
  %x = lowbit.decode %q : tensor<2x!u8> to tensor<2xf32>
  return %x : tensor<2xf32>
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:256>
func.func @pad_with_no_code(%x: tensor<2x!u8>) -> tensor<3x!u8> {
  // expected-error @+1 {{'lowbit.pad' op pads with the zero point 256, which is outside the storage range [0, 255]}}
  %y = lowbit.pad %x {low = array<i64: 1>, high = array<i64: 0>} : tensor<2x!u8> to tensor<3x!u8>
  return %y : tensor<3x!u8>
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:-1>
func.func @pool_pads_with_no_code(%x: tensor<1x2x2x1x!u8>, %m: tensor<1x1xi32>) -> tensor<1x3x2x1x!u8> {
  // expected-error @+1 {{'lowbit.avg_pool2d' op pads with the zero point -1, which is outside the storage range [0, 255]}}
  %y = lowbit.avg_pool2d %x, %m, %m {kernel = array<i64: 2, 1>, stride = array<i64: 1, 1>,
                                     pad = array<i64: 1, 1, 0, 0>}
    : tensor<1x2x2x1x!u8>, tensor<1x1xi32> to tensor<1x3x2x1x!u8>
  return %y : tensor<1x3x2x1x!u8>
}

// -----

!u32 = !quant.uniform<u32:f32, 0.5>
func.func @unsigned_32(%x: tensor<2x!u32>, %m: tensor<1xi32>, %s: tensor<1xi32>) -> tensor<2xi32> {
  // expected-error @+1 {{'lowbit.rescale' op computes with integers of 32 bits, which do not hold all codes of '!quant.uniform<u32:f32, 5.000000e-01>'; use a signed format}}
  %y = lowbit.rescale %x, %m, %s : tensor<2x!u32>, tensor<1xi32> to tensor<2xi32>
  return %y : tensor<2xi32>
}
