// RUN: lowbit-opt %s | FileCheck %s --match-full-lines --strict-whitespace
// RUN: lowbit-opt %s | lowbit-opt | FileCheck %s --match-full-lines --strict-whitespace

// Each form of each type's syntax, as it is printed: what is the default is left out.

//      CHECK:  func.func private @binary() -> tensor<4x!lowbit.planes<sign x 1, [5.000000e-01]>>
func.func private @binary() -> tensor<4x!lowbit.planes<sign x 1, [0.5]>>
// CHECK-NEXT:  func.func private @two_levels() -> tensor<4x!lowbit.planes<bit x 2, [5.000000e-01, -2.500000e-01]>>
func.func private @two_levels() -> tensor<4x!lowbit.planes<bit x 2, [0.5, -0.25]>>
// CHECK-NEXT:  func.func private @planes_axis() -> tensor<2x!lowbit.planes<sign x 2, axis = 0, [5.000000e-01, 2.500000e-01, 4.000000e-01, 0.199999988]>>
func.func private @planes_axis() -> tensor<2x!lowbit.planes<sign x 2, axis = 0, [0.5, 0.25, 0.4, 0.19999999]>>
// CHECK-NEXT:  func.func private @pow2() -> tensor<4x!lowbit.pow2<i4, -6 : 0, [1.000000e+00]>>
func.func private @pow2() -> tensor<4x!lowbit.pow2<i4, -6 : 0, [1.0]>>
// CHECK-NEXT:  func.func private @pow2_one_field() -> tensor<4x!lowbit.pow2<u3, 0 : 3, [1.000000e+00]>>
func.func private @pow2_one_field() -> tensor<4x!lowbit.pow2<u3 x 1 drop 0, 0 : 3, [1.0]>>
// CHECK-NEXT:  func.func private @pow2_fields() -> tensor<4x!lowbit.pow2<i4 x 2, -6 : 0, [1.000000e+00]>>
func.func private @pow2_fields() -> tensor<4x!lowbit.pow2<i4 x 2, -6 : 0, [1.0]>>
// CHECK-NEXT:  func.func private @pow2_drop() -> tensor<2x!lowbit.pow2<i4 x 2 drop 1, -6 : 0, axis = 0, [1.000000e+00, 2.000000e+00]>>
func.func private @pow2_drop() -> tensor<2x!lowbit.pow2<i4 x 2 drop 1, -6 : 0, axis = 0, [1.0, 2.0]>>
// CHECK-NEXT:  func.func private @affine() -> tensor<4x!lowbit.affine<i4>>
func.func private @affine() -> tensor<4x!lowbit.affine<i4<-8:7>>>
// CHECK-NEXT:  func.func private @affine_range() -> tensor<4x!lowbit.affine<i4<-7:7>, zero>>
func.func private @affine_range() -> tensor<4x!lowbit.affine<i4<-7:7>, zero>>
// CHECK-NEXT:  func.func private @affine_axis() -> tensor<4x!lowbit.affine<u16, axis = 0>>
func.func private @affine_axis() -> tensor<4x!lowbit.affine<u16, axis = 0>>
// CHECK-NEXT:  func.func private @affine_groups() -> tensor<4x!lowbit.affine<u1, axis = 0, group = 3, zero>>
func.func private @affine_groups() -> tensor<4x!lowbit.affine<u1, zero, group = 3, axis = 0>>
// CHECK-NEXT:  func.func private @codebook() -> tensor<4x!lowbit.codebook<u4>>
func.func private @codebook() -> tensor<4x!lowbit.codebook<u4, stages = 1, dim = 1>>
// CHECK-NEXT:  func.func private @codebook_axis() -> tensor<4x!lowbit.codebook<u4, axis = 0>>
func.func private @codebook_axis() -> tensor<4x!lowbit.codebook<u4, axis = 0>>
// CHECK-NEXT:  func.func private @codebook_residual() -> tensor<4x!lowbit.codebook<u8, stages = 2, dim = 4, axis = 0>>
func.func private @codebook_residual() -> tensor<4x!lowbit.codebook<u8, axis = 0, dim = 4, stages = 2>>
// CHECK-NEXT:  func.func private @block() -> tensor<4x!lowbit.block<i8, axis = 0, size = 32>>
func.func private @block() -> tensor<4x!lowbit.block<i8, axis = 0, size = 32>>
// CHECK-NEXT:  func.func private @block_mx() -> tensor<4x!lowbit.block<f4E2M1FN, axis = 0, size = 32>>
func.func private @block_mx() -> tensor<4x!lowbit.block<f4E2M1FN, axis = 0, size = 32>>

//      CHECK:    %[[Q:.*]] = lowbit.encode %{{.*}} : tensor<4xf32> to tensor<4x!lowbit.planes<sign x 1, [5.000000e-01]>>
// CHECK-NEXT:    %{{.*}} = lowbit.decode %[[Q]] : tensor<4x!lowbit.planes<sign x 1, [5.000000e-01]>> to tensor<4xf32>
func.func @crossings(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = lowbit.encode %x : tensor<4xf32> to tensor<4x!lowbit.planes<sign x 1, [0.5]>>
  %y = lowbit.decode %q : tensor<4x!lowbit.planes<sign x 1, [0.5]>> to tensor<4xf32>
  return %y : tensor<4xf32>
}

//      CHECK:    %{{.*}} = lowbit.encode %{{.*}} {codes = array<i64: 1, 0>, thresholds = array<f32: 1.000000e-01>} : tensor<?xf32> to tensor<?x!lowbit.planes<sign x 1, [5.000000e-01]>>
func.func @thresholds(%x: tensor<?xf32>) -> tensor<?x!lowbit.planes<sign x 1, [0.5]>> {
  %q = lowbit.encode %x {thresholds = array<f32: 0.1>, codes = array<i64: 1, 0>}
     : tensor<?xf32> to tensor<?x!lowbit.planes<sign x 1, [0.5]>>
  return %q : tensor<?x!lowbit.planes<sign x 1, [0.5]>>
}

//      CHECK:    %{{.*}} = lowbit.decode %{{.*}} with %{{.*}}, %{{.*}} : tensor<2x4xf32>, tensor<2x4xi32> : tensor<2x10x!lowbit.affine<i4, axis = 1, group = 3, zero>> to tensor<2x10xf32>
func.func @groups(%q: tensor<2x10x!lowbit.affine<i4, axis = 1, group = 3, zero>>, %s: tensor<2x4xf32>, %z: tensor<2x4xi32>) -> tensor<2x10xf32> {
  %y = lowbit.decode %q with %s, %z : tensor<2x4xf32>, tensor<2x4xi32>
     : tensor<2x10x!lowbit.affine<i4, axis = 1, group = 3, zero>> to tensor<2x10xf32>
  return %y : tensor<2x10xf32>
}

// A vector that reaches beyond the result is cut.
//      CHECK:    %{{.*}} = lowbit.decode %{{.*}} with %{{.*}} : tensor<1x1x9x4xf32> : tensor<2x3x!lowbit.codebook<u4, dim = 4, axis = 1>> to tensor<2x10xf32>
func.func @vectors(%q: tensor<2x3x!lowbit.codebook<u4, dim = 4, axis = 1>>, %b: tensor<1x1x9x4xf32>) -> tensor<2x10xf32> {
  %y = lowbit.decode %q with %b : tensor<1x1x9x4xf32> : tensor<2x3x!lowbit.codebook<u4, dim = 4, axis = 1>> to tensor<2x10xf32>
  return %y : tensor<2x10xf32>
}

//      CHECK:    %{{.*}} = lowbit.decode %{{.*}} with %{{.*}} : tensor<?xi8> : tensor<?x!lowbit.block<i8, axis = 0, size = 4>> to tensor<?xf32>
func.func @blocks(%q: tensor<?x!lowbit.block<i8, axis = 0, size = 4>>, %e: tensor<?xi8>) -> tensor<?xf32> {
  %y = lowbit.decode %q with %e : tensor<?xi8> : tensor<?x!lowbit.block<i8, axis = 0, size = 4>> to tensor<?xf32>
  return %y : tensor<?xf32>
}

// One term where all scales are multiples of one unit, else one for each plane.
//      CHECK:    %{{.*}} = lowbit.steps %{{.*}} : tensor<4x!lowbit.planes<bit x 2, [5.000000e-01, -1.000000e+00]>> to tensor<4x!quant.uniform<i8<-2:1>:f32, 5.000000e-01>>
// CHECK-NEXT:    %{{.*}} = lowbit.steps %{{.*}} {term = 1 : i64} : tensor<4x!lowbit.planes<sign x 2, [5.000000e-01, 7.500000e-01]>> to tensor<4x!quant.uniform<i8<-1:1>:f32, 7.500000e-01>>
func.func @steps(%a: tensor<4x!lowbit.planes<bit x 2, [0.5, -1.0]>>, %b: tensor<4x!lowbit.planes<sign x 2, [0.5, 0.75]>>) {
  %0 = lowbit.steps %a : tensor<4x!lowbit.planes<bit x 2, [0.5, -1.0]>> to tensor<4x!quant.uniform<i8<-2:1>:f32, 0.5>>
  %1 = lowbit.steps %b {term = 1} : tensor<4x!lowbit.planes<sign x 2, [0.5, 0.75]>> to tensor<4x!quant.uniform<i8<-1:1>:f32, 0.75>>
  return
}

// What steps span, as narrow as they are; the channels have scales of their own.
//      CHECK:    %{{.*}} = lowbit.steps %{{.*}} : tensor<2x!lowbit.pow2<i5 x 2, -4 : 8, axis = 0, [1.000000e+00, 5.000000e-01]>> to tensor<2x!quant.uniform<i16<-8192:8192>:f32:0, {6.250000e-02,3.125000e-02}>>
func.func @wide_steps(%a: tensor<2x!lowbit.pow2<i5 x 2, -4 : 8, axis = 0, [1.0, 0.5]>>) {
  %0 = lowbit.steps %a : tensor<2x!lowbit.pow2<i5 x 2, -4 : 8, axis = 0, [1.0, 0.5]>>
     to tensor<2x!quant.uniform<i16<-8192:8192>:f32:0, {0.0625, 0.03125}>>
  return
}

//      CHECK:    %{{.*}} = lowbit.constant dense<[0, 1, 2, 3]> : tensor<4xi8> as tensor<4x!lowbit.codebook<u2>>
func.func @constant() -> tensor<4x!lowbit.codebook<u2>> {
  %0 = lowbit.constant dense<[0, 1, 2, 3]> : tensor<4xi8> as tensor<4x!lowbit.codebook<u2>>
  return %0 : tensor<4x!lowbit.codebook<u2>>
}
