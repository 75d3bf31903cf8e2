// RUN: lowbit-opt %s -verify-roundtrip | FileCheck %s
// RUN: lowbit-opt %s --mlir-print-op-generic | lowbit-opt | FileCheck %s

// The examples of the operations' descriptions; lowbit.contract has a file of
// its own for its variants. Defaults are not printed.

!u8 = !quant.uniform<u8:f32, 0.5:3>

// CHECK-LABEL: func.func @batch_norm
// CHECK: lowbit.batch_norm %{{.*}} {epsilon = 9.99999974E-6 : f32}
// CHECK-SAME: : tensor<1x8x8x16xf32>, tensor<16xf32>
func.func @batch_norm(%x: tensor<1x8x8x16xf32>, %scale: tensor<16xf32>, %offset: tensor<16xf32>,
                      %mean: tensor<16xf32>, %variance: tensor<16xf32>) -> tensor<1x8x8x16xf32> {
  %y = lowbit.batch_norm %x, %scale, %offset, %mean, %variance {epsilon = 1.0e-5 : f32}
       : tensor<1x8x8x16xf32>, tensor<16xf32>
  return %y : tensor<1x8x8x16xf32>
}

// CHECK-LABEL: func.func @softmax
// CHECK: lowbit.softmax %{{.*}} {axis = 1 : i64} : tensor<4x10xf32>
func.func @softmax(%x: tensor<4x10xf32>) -> tensor<4x10xf32> {
  %y = lowbit.softmax %x {axis = 1 : i64} : tensor<4x10xf32>
  return %y : tensor<4x10xf32>
}

// CHECK-LABEL: func.func @observe
// CHECK: lowbit.observe %{{.*}} {name = "conv1", role = #lowbit.role<activation>}
// CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 5.000000e-01:3>, name = "a"
// CHECK: lowbit.observe %{{.*}} {name = "b", reason = "feeds a float operation"
func.func @observe(%x: tensor<1x8x8x16xf32>) -> tensor<1x8x8x16xf32> {
  %y = lowbit.observe %x {name = "conv1", role = #lowbit.role<activation>} : tensor<1x8x8x16xf32>
  %0 = lowbit.observe %y {name = "a", role = #lowbit.role<weight>, format = !u8}
       : tensor<1x8x8x16xf32>
  %1 = lowbit.observe %0 {name = "b", role = #lowbit.role<head>,
                          reason = "feeds a float operation"} : tensor<1x8x8x16xf32>
  return %1 : tensor<1x8x8x16xf32>
}

// CHECK-LABEL: func.func @encode
// CHECK: lowbit.encode %{{.*}} : tensor<4xf32> to tensor<4x!quant.uniform<u8:f32, 5.000000e-01:3>>
// CHECK: lowbit.encode {{.*}} {rounding = #lowbit.rounding<floor>, saturation = #lowbit.satu
// CHECK: lowbit.encode %{{.*}} : tensor<4xf32> to tensor<4x!quant.uniform<i8:f32:0, {
// CHECK: lowbit.encode %{{.*}} {scaling = #lowbit.scaling<divide>} : tensor<4xf32> to
func.func @encode(%x: tensor<4xf32>) {
  %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!u8>
  %0 = lowbit.encode %x {rounding = #lowbit.rounding<floor>,
                         saturation = #lowbit.saturation<wrap>} : tensor<4xf32> to tensor<4x!u8>
  %1 = lowbit.encode %x : tensor<4xf32>
       to tensor<4x!quant.uniform<i8:f32:0, {0.5, 0.25, 0.125, 1.0:2}>>
  %2 = lowbit.encode %x {scaling = #lowbit.scaling<divide>} : tensor<4xf32> to tensor<4x!u8>
  return
}

// CHECK-LABEL: func.func @reinterpret
// CHECK: lowbit.reinterpret %{{.*}} : tensor<4x!quant.uniform<u8:f32, 1.000000e+00>>
// CHECK-SAME: to tensor<4x!quant.uniform<u8:f32, 5.000000e-01:3>>
// CHECK: lowbit.reinterpret %{{.*}} : tensor<4x!quant.uniform<u8:f32, 5.000000e-01:3>> to tensor<4xi8>
// CHECK: lowbit.reinterpret %{{.*}} : tensor<4xi8> to tensor<4x!quant.uniform<u4:f32, 2.000000e+00>>
func.func @reinterpret(%x: tensor<4x!quant.uniform<u8:f32, 1.0>>) {
  %y = lowbit.reinterpret %x : tensor<4x!quant.uniform<u8:f32, 1.0>> to tensor<4x!u8>
  %0 = lowbit.reinterpret %y : tensor<4x!u8> to tensor<4xi8>
  %1 = lowbit.reinterpret %0 : tensor<4xi8> to tensor<4x!quant.uniform<u4:f32, 2.0>>
  return
}

// CHECK-LABEL: func.func @port
// CHECK: lowbit.port %{{.*}} {name = "conv1"} : tensor<1x8x8x16x!quant.uniform<u8:f32, 5.000000e-01:3>>
// CHECK: lowbit.port %{{.*}} {format = !quant.uniform<u8:f32, 5.000000e-01:3>, name = "words"} : tensor<4xi16>
// CHECK: lowbit.port %{{.*}} {format = !quant.uniform<u8:f32, 5.000000e-01:3>, name = "buffer"} : memref<4xi8>
func.func @port(%q: tensor<1x8x8x16x!u8>, %words: tensor<4xi16>, %buffer: memref<4xi8>) {
  lowbit.port %q {name = "conv1"} : tensor<1x8x8x16x!u8>
  lowbit.port %words {name = "words", format = !u8} : tensor<4xi16>
  lowbit.port %buffer {name = "buffer", format = !u8} : memref<4xi8>
  return
}

// CHECK-LABEL: func.func @decode
// CHECK: lowbit.decode %{{.*}} : tensor<4x!quant.uniform<u8:f32, 5.000000e-01:3>> to tensor<4xf32>
func.func @decode(%q: tensor<4x!u8>) -> tensor<4xf32> {
  %x = lowbit.decode %q : tensor<4x!u8> to tensor<4xf32>
  return %x : tensor<4xf32>
}

// CHECK-LABEL: func.func @constant
// CHECK: lowbit.constant dense<[1, -2, 3]> : tensor<3xi8> as tensor<3x!quant.uniform<i8<-127:127>
// CHECK: lowbit.constant dense_resource<codes> : tensor<4xi8> as
func.func @constant() {
  %w = lowbit.constant dense<[1, -2, 3]> : tensor<3xi8>
       as tensor<3x!quant.uniform<i8<-127:127>:f32, 0.25>>
  %0 = lowbit.constant dense_resource<codes> : tensor<4xi8> as tensor<4x!u8>
  return
}

// CHECK-LABEL: func.func @rescale
// CHECK: lowbit.rescale {{.*}} {max = 255 : i32, min = 0 : i32, output_zero_point = 3 : i32} : i32
// CHECK: lowbit.rescale %{{.*}} : vector<8xi32>, vector<8xi32> to vector<8xi32>
// CHECK: lowbit.rescale {{.*}} {axis = 1 : i64, {{.*}}rounding = #lowbit.rescale_mode<double
func.func @rescale(%acc: i32, %m: i32, %s: i32, %v: vector<8xi32>, %t: tensor<2x4xi32>,
                   %tm: tensor<4xi32>, %ts: tensor<4xi32>) {
  %y = lowbit.rescale %acc, %m, %s {output_zero_point = 3 : i32, min = 0 : i32, max = 255 : i32}
       : i32, i32 to i32
  %0 = lowbit.rescale %v, %v, %v : vector<8xi32>, vector<8xi32> to vector<8xi32>
  %1 = lowbit.rescale %t, %tm, %ts {axis = 1 : i64, output_zero_point = 3 : i32, min = 0 : i32,
         max = 255 : i32, rounding = #lowbit.rescale_mode<double_round>}
       : tensor<2x4xi32>, tensor<4xi32> to tensor<2x4x!u8>
  return
}

// CHECK-LABEL: func.func @add
// CHECK: lowbit.add {{.*}} {max = 255 : i32, min = 0 : i32, multipliers = array<i32: 1073741824
func.func @add(%a: tensor<4x!u8>, %b: tensor<4x!quant.uniform<u8:f32, 0.75:1>>) {
  %y = lowbit.add %a, %b {multipliers = array<i32: 1073741824, 1610612736, 1431655766>,
                          shifts = array<i32: 12, 12, 49>, min = 0 : i32, max = 255 : i32}
       : tensor<4x!u8>, tensor<4x!quant.uniform<u8:f32, 0.75:1>>
       to tensor<4x!quant.uniform<u8:f32, 1.5>>
  return
}

// CHECK-LABEL: func.func @concat
// CHECK: lowbit.concat %{{.*}}, %{{.*}} {axis = 1 : i64} : tensor<2x3x
func.func @concat(%a: tensor<2x3x!u8>, %b: tensor<2x5x!u8>) -> tensor<2x8x!u8> {
  %y = lowbit.concat %a, %b {axis = 1 : i64} : tensor<2x3x!u8>, tensor<2x5x!u8>
       to tensor<2x8x!u8>
  return %y : tensor<2x8x!u8>
}

// CHECK-LABEL: func.func @pad
// CHECK: lowbit.pad %{{.*}} {high = array<i64: 0, 1, 1, 0>, low = array<i64: 0, 1, 1, 0>}
func.func @pad(%x: tensor<1x8x8x16x!u8>) -> tensor<1x10x10x16x!u8> {
  %y = lowbit.pad %x {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 1, 1, 0>}
       : tensor<1x8x8x16x!u8> to tensor<1x10x10x16x!u8>
  return %y : tensor<1x10x10x16x!u8>
}

// CHECK-LABEL: func.func @transpose
// CHECK: lowbit.transpose %{{.*}} {permutation = array<i64: 0, 2, 3, 1>}
func.func @transpose(%x: tensor<1x3x8x9x!u8>) -> tensor<1x8x9x3x!u8> {
  %y = lowbit.transpose %x {permutation = array<i64: 0, 2, 3, 1>}
       : tensor<1x3x8x9x!u8> to tensor<1x8x9x3x!u8>
  return %y : tensor<1x8x9x3x!u8>
}

// CHECK-LABEL: func.func @max_pool2d
// CHECK: lowbit.max_pool2d %{{.*}} {kernel = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>
func.func @max_pool2d(%x: tensor<1x8x8x16x!u8>) -> tensor<1x4x4x16x!u8> {
  %y = lowbit.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>,
                             pad = array<i64: 0, 0, 0, 0>}
       : tensor<1x8x8x16x!u8> to tensor<1x4x4x16x!u8>
  return %y : tensor<1x4x4x16x!u8>
}

// CHECK-LABEL: func.func @avg_pool2d
// CHECK: lowbit.avg_pool2d %{{.*}}, %{{.*}}, %{{.*}} {kernel = array<i64: 8, 8>
// CHECK: lowbit.avg_pool2d {{.*}}, tensor<2x2xi32> to
func.func @avg_pool2d(%x: tensor<1x8x8x16x!u8>, %m: tensor<1x1xi32>, %s: tensor<1x1xi32>,
                      %n: tensor<2x2xi32>) {
  %y = lowbit.avg_pool2d %x, %m, %s {kernel = array<i64: 8, 8>, stride = array<i64: 1, 1>,
                                     pad = array<i64: 0, 0, 0, 0>}
       : tensor<1x8x8x16x!u8>, tensor<1x1xi32> to tensor<1x1x1x16x!quant.uniform<u8:f32, 0.25>>
  %0 = lowbit.avg_pool2d %x, %n, %n {kernel = array<i64: 5, 5>, stride = array<i64: 4, 4>,
                                     pad = array<i64: 0, 1, 1, 0>}
       : tensor<1x8x8x16x!u8>, tensor<2x2xi32> to tensor<1x2x2x16x!u8>
  return
}

// CHECK-LABEL: func.func @table
// CHECK: lowbit.table {{.*}} : tensor<4x!quant.uniform<u2:f32, 5.000000e-01>>, tensor<4xi8>
func.func @table(%x: tensor<4x!quant.uniform<u2:f32, 0.5>>, %t: tensor<4xi8>) {
  %y = lowbit.table %x, %t : tensor<4x!quant.uniform<u2:f32, 0.5>>, tensor<4xi8>
       to tensor<4x!quant.uniform<i8:f32, 0.25>>
  return
}

// CHECK-LABEL: func.func @threshold
// CHECK: lowbit.threshold %{{.*}}, %{{.*}} {axis = 1 : i64, falling = array<i1: false, true>}
func.func @threshold(%x: tensor<4x2xi32>, %t: tensor<2x3xi32>) {
  %y = lowbit.threshold %x, %t {axis = 1 : i64, falling = array<i1: false, true>}
       : tensor<4x2xi32>, tensor<2x3xi32> to tensor<4x2x!quant.uniform<u2:f32, 1.0>>
  return
}

// CHECK-LABEL: func.func @table_softmax
// CHECK: lowbit.table_softmax %{{.*}}, %{{.*}}, %{{.*}} {levels = 32768 : i32}
func.func @table_softmax(%x: tensor<4x10x!quant.uniform<i16:f32, 0.001>>, %coarse: tensor<256xi32>,
                         %fine: tensor<256xi32>) {
  %y = lowbit.table_softmax %x, %coarse, %fine {levels = 32768 : i32}
       : tensor<4x10x!quant.uniform<i16:f32, 0.001>>, tensor<256xi32>
       to tensor<4x10x!quant.uniform<u16:f32, 3.0517578125e-05>>
  return
}

#lhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh + kh, ow + kw, ic)>
#rhs = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc, kh, kw, ic)>
#channel = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (oc)>
#out = affine_map<(n, oh, ow, oc, kh, kw, ic) -> (n, oh, ow, oc)>
!x = tensor<1x10x10x16x!u8>
!w = tensor<16x3x3x16x!quant.uniform<i8<-127:127>:f32, 0.25>>
!z = tensor<1x8x8x16x!u8>

// CHECK-LABEL: func.func @contract
// CHECK: lowbit.contract ins(%{{.*}}, %{{.*}} : tensor<1x10x10x16x
// CHECK: lowbit.yield %{{.*}} : i32
func.func @contract(%x: !x, %w: !w, %bias: tensor<16xi32>, %m: tensor<16xi32>, %s: tensor<16xi32>,
                    %init: !z) -> !z {
  %z = lowbit.contract ins(%x, %w : !x, !w)
         epilogue(%bias, %m, %s : tensor<16xi32>, tensor<16xi32>, tensor<16xi32>)
         outs(%init : !z) maps [#lhs, #rhs, #channel, #channel, #channel, #out] {
    ^bb0(%acc: i32, %b: i32, %multiplier: i32, %shift: i32):
      %0 = arith.addi %acc, %b : i32
      %1 = lowbit.rescale %0, %multiplier, %shift {min = 0 : i32, max = 255 : i32} : i32, i32 to i32
      lowbit.yield %1 : i32
  } -> !z
  return %z : !z
}

{-#
  dialect_resources: {
    builtin: {
      codes: "0x0400000001020304"
    }
  }
#-}

// CHECK-LABEL: func.func @gather
// CHECK: lowbit.gather {{.*}} : tensor<?x4x3x!quant{{.*}}>, tensor<1x7xi32> to tensor<?x7x3x
// CHECK: lowbit.gather {{.*}}, tensor<?x2xi32> to tensor<?x2x3x
func.func @gather(%x: tensor<?x4x3x!u8>, %i: tensor<1x7xi32>, %j: tensor<?x2xi32>)
    -> tensor<?x2x3x!u8> {
  %y = lowbit.gather %x, %i : tensor<?x4x3x!u8>, tensor<1x7xi32> to tensor<?x7x3x!u8>
  %z = lowbit.gather %y, %j : tensor<?x7x3x!u8>, tensor<?x2xi32> to tensor<?x2x3x!u8>
  return %z : tensor<?x2x3x!u8>
}

// CHECK-LABEL: func.func @sum
// CHECK: lowbit.sum {{.*}} {dimensions = array<i64: 0, 2>} : tensor<4x?x5x!quant{{.*}}> to tensor<1x?x1x
func.func @sum(%x: tensor<4x?x5x!u8>) -> tensor<1x?x1x!quant.uniform<i32:f32, 0.5>> {
  %y = lowbit.sum %x {dimensions = array<i64: 0, 2>}
    : tensor<4x?x5x!u8> to tensor<1x?x1x!quant.uniform<i32:f32, 0.5>>
  return %y : tensor<1x?x1x!quant.uniform<i32:f32, 0.5>>
}

// CHECK-LABEL: func.func @arg_max
// CHECK: lowbit.arg_max {{.*}} {axis = 1 : i64} : tensor<?x5x!quant{{.*}}> to tensor<?xi32>
func.func @arg_max(%x: tensor<?x5x!u8>) -> tensor<?xi32> {
  %y = lowbit.arg_max %x {axis = 1 : i64} : tensor<?x5x!u8> to tensor<?xi32>
  return %y : tensor<?xi32>
}

!sign = !lowbit.planes<sign x 1, [0.5]>
!ternary = !lowbit.planes<bit x 2, [0.5, -0.5]>

// CHECK-LABEL: func.func @steps
// CHECK: lowbit.steps {{.*}} : tensor<4x!lowbit.planes<bit x 2, [5.000000e-01, -5.000000e-01]>> to
func.func @steps(%q: tensor<4x!ternary>) -> tensor<4x!quant.uniform<i8<-1:1>:f32, 0.5>> {
  %s = lowbit.steps %q : tensor<4x!ternary> to tensor<4x!quant.uniform<i8<-1:1>:f32, 0.5>>
  return %s : tensor<4x!quant.uniform<i8<-1:1>:f32, 0.5>>
}

// CHECK-LABEL: func.func @packed_codes
// CHECK: lowbit.pack_bits {{.*}} {plane = 1 : i64, width = 2 : i64} : tensor<2x100x!quant.uniform<u4:f32, 5.000000e-01>> to tensor<2x25xi8>
// CHECK: lowbit.contract
// CHECK-SAME: lhs_values = array<i64: 0, 1, 2, 3>, packed_bits = 2 : i64, packs, product = #lowbit.product<multiply_packed>, rhs_values = array<i64: -1, 0, 1, 1>
func.func @packed_codes(%q: tensor<2x100x!quant.uniform<u4:f32, 0.5>>, %w: tensor<9x25xi8>) -> tensor<2x2xi16> {
  %b = lowbit.pack_bits %q {plane = 1 : i64, width = 2 : i64} : tensor<2x100x!quant.uniform<u4:f32, 0.5>> to tensor<2x25xi8>
  %i = tensor.empty() : tensor<2x2xi16>
  %y = lowbit.contract ins(%b, %w : tensor<2x25xi8>, tensor<9x25xi8>) outs(%i : tensor<2x2xi16>)
       maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
       attributes {product = #lowbit.product<multiply_packed>, lhs_values = array<i64: 0, 1, 2, 3>,
                   rhs_values = array<i64: -1, 0, 1, 1>, packs, packed_bits = 2 : i64} {
    ^bb0(%acc: i32):
      lowbit.yield %acc : i32
  } -> tensor<2x2xi16>
  return %y : tensor<2x2xi16>
}

// CHECK-LABEL: func.func @pack_bits
// CHECK: lowbit.pack_bits {{.*}} {plane = 0 : i64} : tensor<1x100x!lowbit.planes<sign x 1, [5.000000e-01]>> to tensor<1x2xi64>
func.func @pack_bits(%q: tensor<1x100x!sign>) -> tensor<1x2xi64> {
  %w = lowbit.pack_bits %q {plane = 0 : i64} : tensor<1x100x!sign> to tensor<1x2xi64>
  return %w : tensor<1x2xi64>
}

// Counting thresholds, with a table of codes, and without any.
// CHECK-LABEL: func.func @encode_ranks
// CHECK: lowbit.encode %{{.*}} : tensor<4xf32> to tensor<4x!lowbit.planes<sign x 1, [5.000000e-01]>>
// CHECK: lowbit.encode %{{.*}} {codes = array<i64: 0, 2>, thresholds = array<f32: 5.000000e-01>}
func.func @encode_ranks(%x: tensor<4xf32>) -> (tensor<4x!sign>, tensor<4x!ternary>) {
  %a = lowbit.encode %x : tensor<4xf32> to tensor<4x!sign>
  %b = lowbit.encode %x {thresholds = array<f32: 0.5>, codes = array<i64: 0, 2>} : tensor<4xf32> to tensor<4x!ternary>
  return %a, %b : tensor<4x!sign>, tensor<4x!ternary>
}
