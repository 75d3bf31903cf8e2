// REQUIRES: execution
// RUN: lowbit-opt %s -lowbit-reference-pipeline | %run-main | FileCheck %s

// A small network from f32 to f32: encode, padded convolution with a zero
// point, pooling, decode. The numbers are worked out beside the operations.

#lhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh + kh, ow + kw, ic)>
#rhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc, kh, kw, ic)>
#channel = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc)>
#out = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh, ow, oc)>
!u8 = !quant.uniform<u8:f32, 0.5:2>
!i8 = !quant.uniform<i8<-127:127>:f32, 0.25>

func.func private @net(%x: tensor<1x2x2x1xf32>) -> tensor<1x1x1x2xf32> {
  // [1.0, -0.5, 2.26, 1000.0] / 0.5 + 2 -> [4, 1, 7, 255]
  %q = lowbit.encode %x : tensor<1x2x2x1xf32> to tensor<1x2x2x1x!u8>
  %p = lowbit.pad %q {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 1, 1, 0>}
    : tensor<1x2x2x1x!u8> to tensor<1x4x4x1x!u8>
  // Channel 0 adds up the window, channel 1 takes its centre 4 times.
  %w = lowbit.constant dense<[[[[1], [1], [1]], [[1], [1], [1]], [[1], [1], [1]]],
                              [[[0], [0], [0]], [[0], [4], [0]], [[0], [0], [0]]]]>
    : tensor<2x3x3x1xi8> as tensor<2x3x3x1x!i8>
  // minus zero point 2 times the sum of the weights
  %bias = arith.constant dense<[-18, -8]> : tensor<2xi32>
  // times 2^30 / 2^33 = 1/8: from 0.125 a step to 1.0 a step
  %multiplier = arith.constant dense<1073741824> : tensor<2xi32>
  %shift = arith.constant dense<33> : tensor<2xi32>
  %init = tensor.empty() : tensor<1x2x2x2x!quant.uniform<u8:f32, 1.0:5>>
  // Every window holds all four values: channel 0 is 2 - 1 + 5 + 253 = 259,
  // 259 / 8 + 5 = 37. Channel 1 is [8, -4, 20, 1012] / 8 + 5 = [6, 5, 8, 132]:
  // the tie -0.5 goes up.
  %y = lowbit.contract ins(%p, %w : tensor<1x4x4x1x!u8>, tensor<2x3x3x1x!i8>)
    epilogue(%bias, %multiplier, %shift : tensor<2xi32>, tensor<2xi32>, tensor<2xi32>)
    outs(%init : tensor<1x2x2x2x!quant.uniform<u8:f32, 1.0:5>>)
    maps [#lhs, #rhs, #channel, #channel, #channel, #out] {
  ^bb0(%acc: i32, %b: i32, %m: i32, %s: i32):
    %0 = arith.addi %acc, %b : i32
    %1 = lowbit.rescale %0, %m, %s {output_zero_point = 5 : i32, min = 0 : i32, max = 255 : i32}
      : i32, i32 to i32
    lowbit.yield %1 : i32
  } -> tensor<1x2x2x2x!quant.uniform<u8:f32, 1.0:5>>
  %max = lowbit.max_pool2d %y {kernel = array<i64: 2, 2>, stride = array<i64: 1, 1>,
                               pad = array<i64: 0, 0, 0, 0>}
    : tensor<1x2x2x2x!quant.uniform<u8:f32, 1.0:5>> to tensor<1x1x1x2x!quant.uniform<u8:f32, 1.0:5>>
  %z = lowbit.decode %max : tensor<1x1x1x2x!quant.uniform<u8:f32, 1.0:5>> to tensor<1x1x1x2xf32>
  return %z : tensor<1x1x1x2xf32>
}

func.func private @printMemrefF32(tensor<*xf32>)

func.func @main() {
  %x = arith.constant dense<[[[[1.0], [-0.5]], [[2.26], [1000.0]]]]> : tensor<1x2x2x1xf32>
  %z = call @net(%x) : (tensor<1x2x2x1xf32>) -> tensor<1x1x1x2xf32>
  %u = tensor.cast %z : tensor<1x1x1x2xf32> to tensor<*xf32>
  // CHECK: sizes = [1, 1, 1, 2]
  // CHECK: {{\[\[\[\[}}32, {{ *}}127{{\]\]\]\]}}
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  return
}
