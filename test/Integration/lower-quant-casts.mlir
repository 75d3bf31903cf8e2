// RUN: lowbit-opt %s -lowbit-lower-quant-casts -convert-elementwise-to-linalg \
// RUN:   -one-shot-bufferize=bufferize-function-boundaries -convert-linalg-to-loops \
// RUN:   -lower-affine -convert-scf-to-cf -convert-math-to-llvm -expand-strided-metadata \
// RUN:   -lower-affine -convert-vector-to-llvm -convert-arith-to-llvm -finalize-memref-to-llvm \
// RUN:   -convert-func-to-llvm -convert-cf-to-llvm -reconcile-unrealized-casts \
// RUN:   | mlir-runner -e main -entry-point-result=void \
// RUN:     -shared-libs=%mlir_lib/libmlir_runner_utils.so,%mlir_lib/libmlir_c_runner_utils.so \
// RUN:   | FileCheck %s

!i8 = !quant.uniform<i8:f32, 0.1>
!u8 = !quant.uniform<u8:f32, 0.1:128>
!narrow = !quant.uniform<i8<-127:127>:f32, 0.1:-7>
!half = !quant.uniform<i8:f32, 1.0>
!axis = !quant.uniform<u8:f32:1, {0.5:10, 2.0, 0.25:255}>
!block = !quant.uniform<i8:f32:{0:1, 1:2}, {{0.5:1, 0.25}, {2.0, 1.0:-128}}>
!i16 = !quant.uniform<i16:f32, 0.5:-32768>
!i32 = !quant.uniform<i32:f32, 1.0:5>
!u32 = !quant.uniform<u32:f32, 1.0:5>
!u2 = !quant.uniform<u2:f32, 1.0:1>
!f16 = !quant.uniform<i8:f16, 0.1:3>

func.func private @printMemrefI32(tensor<*xi32> {bufferization.access = "read"})
  attributes {llvm.emit_c_interface}
func.func private @printMemrefF32(tensor<*xf32> {bufferization.access = "read"})
  attributes {llvm.emit_c_interface}

func.func private @showI8(%codes: tensor<?xi8>) {
  %wide = arith.extsi %codes : tensor<?xi8> to tensor<?xi32>
  %any = tensor.cast %wide : tensor<?xi32> to tensor<*xi32>
  call @printMemrefI32(%any) : (tensor<*xi32>) -> ()
  return
}

func.func private @showU8(%codes: tensor<?xi8>) {
  %wide = arith.extui %codes : tensor<?xi8> to tensor<?xi32>
  %any = tensor.cast %wide : tensor<?xi32> to tensor<*xi32>
  call @printMemrefI32(%any) : (tensor<*xi32>) -> ()
  return
}

func.func private @showF32(%numbers: tensor<?xf32>) {
  %any = tensor.cast %numbers : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%any) : (tensor<*xf32>) -> ()
  return
}

// Quantized values cross calls; the casts see dynamic shapes.
func.func private @encode_i8(%x: tensor<?xf32>) -> tensor<?x!i8> {
  %q = quant.qcast %x : tensor<?xf32> to tensor<?x!i8>
  return %q : tensor<?x!i8>
}

func.func @main() {
  %fixed = arith.constant dense<[0.19, -0.19, 0.26, 50.0, -50.0, 1.0e9, 0x7FC00000, 12.79, -12.85,
                                 0x7F800000, 0xFF800000, -0.0]> : tensor<12xf32>
  %x = tensor.cast %fixed : tensor<12xf32> to tensor<?xf32>

  // CHECK: [2,  -2,  3,  127,  -128,  127,  0,  127,  -128,  127,  -128,  0]
  %i8 = call @encode_i8(%x) : (tensor<?xf32>) -> tensor<?x!i8>
  %i8s = quant.scast %i8 : tensor<?x!i8> to tensor<?xi8>
  call @showI8(%i8s) : (tensor<?xi8>) -> ()
  // CHECK: [0.2,  -0.2,  0.3,  12.7,  -12.8,  12.7,  0,  12.7,  -12.8,  12.7,  -12.8,  0]
  %i8d = quant.dcast %i8 : tensor<?x!i8> to tensor<?xf32>
  call @showF32(%i8d) : (tensor<?xf32>) -> ()

  // CHECK: [130,  126,  131,  255,  0,  255,  128,  255,  0,  255,  0,  128]
  %u8 = quant.qcast %x : tensor<?xf32> to tensor<?x!u8>
  %u8s = quant.scast %u8 : tensor<?x!u8> to tensor<?xi8>
  call @showU8(%u8s) : (tensor<?xi8>) -> ()
  // CHECK: [0.2,  -0.2,  0.3,  12.7,  -12.8,  12.7,  0,  12.7,  -12.8,  12.7,  -12.8,  0]
  %u8d = quant.dcast %u8 : tensor<?x!u8> to tensor<?xf32>
  call @showF32(%u8d) : (tensor<?xf32>) -> ()

  // CHECK: [-5,  -9,  -4,  127,  -127,  127,  -7,  121,  -127,  127,  -127,  -7]
  %narrow = quant.qcast %x : tensor<?xf32> to tensor<?x!narrow>
  %narrows = quant.scast %narrow : tensor<?x!narrow> to tensor<?xi8>
  call @showI8(%narrows) : (tensor<?xi8>) -> ()

  // Ties go to even.
  // CHECK: [0,  0,  2,  -2,  2,  -2,  4]
  %ties = arith.constant dense<[0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 3.5]> : tensor<7xf32>
  %half = quant.qcast %ties : tensor<7xf32> to tensor<7x!half>
  %halfs = quant.scast %half : tensor<7x!half> to tensor<7xi8>
  %halfd = tensor.cast %halfs : tensor<7xi8> to tensor<?xi8>
  call @showI8(%halfd) : (tensor<?xi8>) -> ()

  // f32(1 / 0.1) is 10: 0.05 gives 0.5 (to 0), 0.15 gives 1.5 (to 2), 0.25 gives 2.5 (to 2).
  // CHECK: [0,  2,  2,  4]
  %tenths = arith.constant dense<[0.05, 0.15, 0.25, 0.35]> : tensor<4xf32>
  %tenth = quant.qcast %tenths : tensor<4xf32> to tensor<4x!i8>
  %tenthss = quant.scast %tenth : tensor<4x!i8> to tensor<4xi8>
  %tenthsd = tensor.cast %tenthss : tensor<4xi8> to tensor<?xi8>
  call @showI8(%tenthsd) : (tensor<?xi8>) -> ()

  // CHECK: [12,  0,  255,  6,  255,  251]
  // CHECK: [1,  0,  0,  -2,  510,  -1]
  %rows = arith.constant dense<[[1.0, -1.0, 3.0], [-2.0, 1.0e30, -1.0]]> : tensor<2x3xf32>
  %axis = quant.qcast %rows : tensor<2x3xf32> to tensor<2x3x!axis>
  %axiss = quant.scast %axis : tensor<2x3x!axis> to tensor<2x3xi8>
  %axisf = tensor.collapse_shape %axiss [[0, 1]] : tensor<2x3xi8> into tensor<6xi8>
  %axisd = tensor.cast %axisf : tensor<6xi8> to tensor<?xi8>
  call @showU8(%axisd) : (tensor<?xi8>) -> ()
  %axisx = quant.dcast %axis : tensor<2x3x!axis> to tensor<2x3xf32>
  %axisxf = tensor.collapse_shape %axisx [[0, 1]] : tensor<2x3xf32> into tensor<6xf32>
  %axisxd = tensor.cast %axisxf : tensor<6xf32> to tensor<?xf32>
  call @showF32(%axisxd) : (tensor<?xf32>) -> ()

  // Blocks of 2 along dimension 1 in each row.
  // CHECK: [3,  5,  12,  16,  2,  3,  -123,  -122]
  // CHECK: [1,  2,  3,  4,  4,  6,  5,  6]
  %grid = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [4.0, 6.0, 5.0, 6.0]]> : tensor<2x4xf32>
  %block = quant.qcast %grid : tensor<2x4xf32> to tensor<2x4x!block>
  %blocks = quant.scast %block : tensor<2x4x!block> to tensor<2x4xi8>
  %blockf = tensor.collapse_shape %blocks [[0, 1]] : tensor<2x4xi8> into tensor<8xi8>
  %blockd = tensor.cast %blockf : tensor<8xi8> to tensor<?xi8>
  call @showI8(%blockd) : (tensor<?xi8>) -> ()
  %blockx = quant.dcast %block : tensor<2x4x!block> to tensor<2x4xf32>
  %blockxf = tensor.collapse_shape %blockx [[0, 1]] : tensor<2x4xf32> into tensor<8xf32>
  %blockxd = tensor.cast %blockxf : tensor<8xf32> to tensor<?xf32>
  call @showF32(%blockxd) : (tensor<?xf32>) -> ()

  // CHECK: [-32766,  -32768,  32767]
  // CHECK: [1,  0,  32767.5]
  %wide = arith.constant dense<[1.0, -1.0, 1.0e9]> : tensor<3xf32>
  %i16 = quant.qcast %wide : tensor<3xf32> to tensor<3x!i16>
  %i16s = quant.scast %i16 : tensor<3x!i16> to tensor<3xi16>
  %i16w = arith.extsi %i16s : tensor<3xi16> to tensor<3xi32>
  %i16a = tensor.cast %i16w : tensor<3xi32> to tensor<*xi32>
  call @printMemrefI32(%i16a) : (tensor<*xi32>) -> ()
  %i16x = quant.dcast %i16 : tensor<3x!i16> to tensor<3xf32>
  %i16d = tensor.cast %i16x : tensor<3xf32> to tensor<?xf32>
  call @showF32(%i16d) : (tensor<?xf32>) -> ()

  // 2147483520 is the largest f32 below 2^31; adding 5 is exact in 64 bits.
  // CHECK: [7,  2147483525,  2147483647,  -2147483648,  5]
  %large = arith.constant dense<[2.0, 2147483520.0, 4.0e9, -1.0e20, 0x7FC00000]> : tensor<5xf32>
  %i32 = quant.qcast %large : tensor<5xf32> to tensor<5x!i32>
  %i32s = quant.scast %i32 : tensor<5x!i32> to tensor<5xi32>
  %i32a = tensor.cast %i32s : tensor<5xi32> to tensor<*xi32>
  call @printMemrefI32(%i32a) : (tensor<*xi32>) -> ()

  // Unsigned: 4e9 + 5 = 2^32 - 294967291.
  // CHECK: [7,  2147483525,  -294967291,  0,  5]
  // CHECK: [2,  2.14748e+09,  4e+09,  -5,  0]
  %u32 = quant.qcast %large : tensor<5xf32> to tensor<5x!u32>
  %u32s = quant.scast %u32 : tensor<5x!u32> to tensor<5xi32>
  %u32a = tensor.cast %u32s : tensor<5xi32> to tensor<*xi32>
  call @printMemrefI32(%u32a) : (tensor<*xi32>) -> ()
  %u32x = quant.dcast %u32 : tensor<5x!u32> to tensor<5xf32>
  %u32d = tensor.cast %u32x : tensor<5xf32> to tensor<?xf32>
  call @showF32(%u32d) : (tensor<?xf32>) -> ()

  // Scalars, two bits, f16.
  // CHECK: -1
  // CHECK-NEXT: 2
  // CHECK-NEXT: 0
  // CHECK-NEXT: 8
  // CHECK-NEXT: 0.5
  %minus9 = arith.constant -9.0 : f32
  %plus9 = arith.constant 9.0 : f32
  %low = quant.qcast %minus9 : f32 to !u2
  %high = quant.qcast %plus9 : f32 to !u2
  %lowx = quant.dcast %low : !u2 to f32
  %highx = quant.dcast %high : !u2 to f32
  vector.print %lowx : f32
  vector.print %highx : f32
  %lows = quant.scast %low : !u2 to i2
  %loww = arith.extui %lows : i2 to i32
  vector.print %loww : i32
  %h = arith.constant 0.52 : f16
  %hq = quant.qcast %h : f16 to !f16
  %hs = quant.scast %hq : !f16 to i8
  vector.print %hs : i8
  %hx = quant.dcast %hq : !f16 to f16
  %hf = arith.extf %hx : f16 to f32
  vector.print %hf : f32
  return
}
