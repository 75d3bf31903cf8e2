// The passes on the float model only move data here, so every bit is the same
// with and without them. Sizes all differ, so that no mix-up of dimensions fits.

// DEFINE: %{lower} = lowbit-opt \
// DEFINE:   -pass-pipeline='builtin.module(func.func(tosa-to-linalg-named,tosa-to-linalg, \
// DEFINE:     tosa-to-arith,tosa-to-tensor),func.func(convert-elementwise-to-linalg), \
// DEFINE:     one-shot-bufferize{bufferize-function-boundaries}, \
// DEFINE:     func.func(convert-linalg-to-loops),lower-affine,convert-scf-to-cf, \
// DEFINE:     convert-math-to-llvm,convert-math-to-libm,expand-strided-metadata,lower-affine, \
// DEFINE:     convert-arith-to-llvm,finalize-memref-to-llvm,convert-func-to-llvm, \
// DEFINE:     convert-cf-to-llvm,reconcile-unrealized-casts)'
// DEFINE: %{run} = mlir-runner -e main -entry-point-result=void \
// DEFINE:   -shared-libs=%mlir_lib/libmlir_runner_utils.so,%mlir_lib/libmlir_c_runner_utils.so

// RUN: %{lower} %s | %{run} | sed 's/base@ = 0x[0-9a-f]*//' > %t.plain
// RUN: lowbit-opt %s -lowbit-propagate-layout -lowbit-fold-batch-norm -lowbit-fold-constants \
// RUN:   -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: %{lower} %t.mlir | %{run} | sed 's/base@ = 0x[0-9a-f]*//' > %t.moved
// RUN: diff %t.plain %t.moved
// RUN: FileCheck %s --check-prefix=OUT < %t.moved

// OUT: sizes = [1, 7, 9, 4]
// OUT: sizes = [2, 1, 1, 3]

func.func private @printMemrefF32(tensor<*xf32> {bufferization.access = "read"})
  attributes {llvm.emit_c_interface}

// CHECK-LABEL: func.func @movement
// CHECK-NOT: tosa.transpose
func.func @movement(%x: tensor<1x4x5x2xf32>, %y: tensor<1x4x5x2xf32>) -> tensor<1x7x9x4xf32> {
  %zero = "tosa.const"() {values = dense<0.5> : tensor<1xf32>} : () -> tensor<1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %c = "tosa.const"() {values = dense<[[[[1.0]], [[-2.0]]]]> : tensor<1x2x1x1xf32>}
    : () -> tensor<1x2x1x1xf32>
  %w = "tosa.const"() {values = dense<[[[[3.0, 4.0, 5.0, 6.0, 7.0]]]]> : tensor<1x1x1x5xf32>}
    : () -> tensor<1x1x1x5xf32>
  %full = "tosa.const"() {values = dense<[[
      [[0.0, 1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0, 9.0],
       [10.0, 11.0, 12.0, 13.0, 14.0], [15.0, 16.0, 17.0, 18.0, 19.0]],
      [[20.0, 21.0, 22.0, 23.0, 24.0], [25.0, 26.0, 27.0, 28.0, 29.0],
       [30.0, 31.0, 32.0, 33.0, 34.0], [35.0, 36.0, 37.0, 38.0, 39.0]]]]>
      : tensor<1x2x4x5xf32>} : () -> tensor<1x2x4x5xf32>
  %pads = tosa.const_shape {values = dense<[0, 0, 1, 2, 3, 4, 5, 6]> : tensor<8xindex>}
    : () -> !tosa.shape<8>
  %start = tosa.const_shape {values = dense<[0, 1, 2, 3]> : tensor<4xindex>}
    : () -> !tosa.shape<4>
  %size = tosa.const_shape {values = dense<[1, 2, 7, 9]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<1x4x5x2xf32>) -> tensor<1x2x4x5xf32>
  %1 = tosa.transpose %y {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<1x4x5x2xf32>) -> tensor<1x2x4x5xf32>
  %2 = tosa.mul %0, %c, %shift
    : (tensor<1x2x4x5xf32>, tensor<1x2x1x1xf32>, tensor<1xi8>) -> tensor<1x2x4x5xf32>
  %3 = tosa.sub %w, %2 : (tensor<1x1x1x5xf32>, tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
  %4 = tosa.add %3, %full : (tensor<1x2x4x5xf32>, tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
  %5 = tosa.reduce_max %1 {axis = 2 : i32} : (tensor<1x2x4x5xf32>) -> tensor<1x2x1x5xf32>
  %6 = tosa.maximum %4, %5
    : (tensor<1x2x4x5xf32>, tensor<1x2x1x5xf32>) -> tensor<1x2x4x5xf32>
  %7 = tosa.reverse %6 {axis = 3 : i32} : (tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
  %8 = tosa.pad %7, %pads, %zero
    : (tensor<1x2x4x5xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<1x5x11x16xf32>
  %9 = tosa.slice %8, %start, %size
    : (tensor<1x5x11x16xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<1x2x7x9xf32>
  %10 = tosa.concat %9, %9 {axis = 1 : i32}
    : (tensor<1x2x7x9xf32>, tensor<1x2x7x9xf32>) -> tensor<1x4x7x9xf32>
  %11 = tosa.transpose %10 {perms = array<i32: 0, 2, 3, 1>}
    : (tensor<1x4x7x9xf32>) -> tensor<1x7x9x4xf32>
  return %11 : tensor<1x7x9x4xf32>
}

// Small integers: the sums are exact in any order.
// CHECK-LABEL: func.func @flatten
// CHECK-NOT: tosa.transpose
// CHECK-NOT: lowbit.batch_norm
func.func @flatten(%x: tensor<2x1x3x2xf32>) -> tensor<2x1x1x3xf32> {
  %w = "tosa.const"() {values = dense<[[[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]]],
    [[[9.0, 1.0, -2.0, 3.0, 4.0, 5.0]]], [[[0.0, 1.0, 2.0, 7.0, -4.0, 5.0]]]]>
    : tensor<3x1x1x6xf32>} : () -> tensor<3x1x1x6xf32>
  %b = "tosa.const"() {values = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %factor = "tosa.const"() {values = dense<[[[[2.0, -4.0, 8.0]]]]> : tensor<1x1x1x3xf32>}
    : () -> tensor<1x1x1x3xf32>
  %s = tosa.const_shape {values = dense<[2, 1, 1, 6]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.transpose %x {perms = array<i32: 0, 3, 1, 2>}
    : (tensor<2x1x3x2xf32>) -> tensor<2x2x1x3xf32>
  %1 = tosa.reshape %0, %s : (tensor<2x2x1x3xf32>, !tosa.shape<4>) -> tensor<2x1x1x6xf32>
  %2 = tosa.conv2d %1, %w, %b, %z, %z {acc_type = f32, pad = array<i64: 0, 0, 0, 0>,
    stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
    : (tensor<2x1x1x6xf32>, tensor<3x1x1x6xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>)
    -> tensor<2x1x1x3xf32>
  %3 = tosa.mul %2, %factor, %shift
    : (tensor<2x1x1x3xf32>, tensor<1x1x1x3xf32>, tensor<1xi8>) -> tensor<2x1x1x3xf32>
  return %3 : tensor<2x1x1x3xf32>
}

func.func @main() {
  %x = arith.constant dense<[[
    [[1.0, -7.0], [2.0, 5.0], [3.0, 4.0], [-9.0, 8.0], [0.0, 6.0]],
    [[11.0, 17.0], [12.0, -15.0], [13.0, 14.0], [19.0, 18.0], [10.0, 16.0]],
    [[21.0, -27.0], [22.0, 25.0], [23.0, 24.0], [-29.0, 28.0], [20.0, 26.0]],
    [[31.0, 37.0], [-32.0, 35.0], [33.0, 34.0], [39.0, 38.0], [30.0, -36.0]]]]>
    : tensor<1x4x5x2xf32>
  %y = arith.constant dense<[[
    [[0.5, 1.5], [2.5, 3.5], [4.5, 5.5], [6.5, 7.5], [8.5, 9.5]],
    [[-0.5, 91.5], [2.5, 3.5], [4.5, 5.5], [6.5, 7.5], [8.5, -9.5]],
    [[0.5, 1.5], [2.5, 3.5], [54.5, 5.5], [6.5, 7.5], [8.5, 9.5]],
    [[0.5, 1.5], [2.5, 83.5], [4.5, 5.5], [6.5, 7.5], [8.5, 9.5]]]]>
    : tensor<1x4x5x2xf32>
  %0 = call @movement(%x, %y)
    : (tensor<1x4x5x2xf32>, tensor<1x4x5x2xf32>) -> tensor<1x7x9x4xf32>
  %1 = tensor.cast %0 : tensor<1x7x9x4xf32> to tensor<*xf32>
  call @printMemrefF32(%1) : (tensor<*xf32>) -> ()
  %f = arith.constant dense<[[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]],
                             [[[7.0, -8.0], [9.0, 10.0], [-11.0, 12.0]]]]> : tensor<2x1x3x2xf32>
  %2 = call @flatten(%f) : (tensor<2x1x3x2xf32>) -> tensor<2x1x1x3xf32>
  %3 = tensor.cast %2 : tensor<2x1x1x3xf32> to tensor<*xf32>
  call @printMemrefF32(%3) : (tensor<*xf32>) -> ()
  return
}
