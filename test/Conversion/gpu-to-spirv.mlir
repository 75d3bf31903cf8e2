// RUN: lowbit-opt %s -split-input-file -convert-lowbit-gpu-to-spirv=serialize=false | FileCheck %s
// RUN: lowbit-opt %s -split-input-file -convert-lowbit-gpu-to-spirv | FileCheck %s --check-prefix=BINARY

// Buffers of every width; what they need of a device is declared, and no more.

// BINARY: gpu.binary @kernels [#gpu.object<#spirv.target_env<#spirv.vce<v1.6, {{.*}}bin = "\03\02#\07\00\06\01\00
// CHECK:       spirv.module {{.*}} requires #spirv.vce<v1.6, [StorageBuffer8BitAccess, Shader, StorageBuffer16BitAccess, Int64, Int8, Int16, Matrix], [
// CHECK:       spirv.GlobalVariable @[[A:.*]] bind(0, 0) : !spirv.ptr<!spirv.struct<(!spirv.array<8 x i8, stride=1> [0])>, StorageBuffer>
// CHECK:       spirv.GlobalVariable @[[B:.*]] bind(0, 1) : !spirv.ptr<!spirv.struct<(!spirv.array<8 x i16, stride=2> [0])>, StorageBuffer>
// CHECK:       spirv.GlobalVariable @[[C:.*]] bind(0, 2) : !spirv.ptr<!spirv.struct<(!spirv.array<8 x i64, stride=8> [0])>, StorageBuffer>
// CHECK:       spirv.func @widths
// CHECK:         spirv.SConvert {{.*}} : i8 to i64
// CHECK:       spirv.EntryPoint "GLCompute" @widths, @[[A]], @[[B]], @[[C]], @__builtin__LocalInvocationId__
// CHECK-NEXT:  spirv.ExecutionMode @widths "LocalSize", 8, 1, 1
gpu.module @kernels {
  gpu.func @widths(%a: memref<8xi8>, %b: memref<8xi16>, %c: memref<8xi64>) kernel
      attributes {known_block_size = array<i32: 8, 1, 1>} {
    %i = gpu.thread_id x
    %x = memref.load %a[%i] : memref<8xi8>
    %y = memref.load %b[%i] : memref<8xi16>
    %xw = arith.extsi %x : i8 to i64
    %yw = arith.extsi %y : i16 to i64
    %p = arith.muli %xw, %yw : i64
    memref.store %p, %c[%i] : memref<8xi64>
    gpu.return
  }
}

// -----

// Vulkan counts bits of 32-bit words only.

// CHECK-LABEL: spirv.func @counts
// CHECK:         %[[WORD:.*]] = spirv.Load "StorageBuffer" %{{.*}} : i64
// CHECK:         %[[SHIFTED:.*]] = spirv.ShiftRightLogical %[[WORD]], %{{.*}} : i64, i64
// CHECK:         %[[LOW:.*]] = spirv.UConvert %[[WORD]] : i64 to i32
// CHECK:         %[[LOWS:.*]] = spirv.BitCount %[[LOW]] : i32
// CHECK:         %[[HIGH:.*]] = spirv.UConvert %[[SHIFTED]] : i64 to i32
// CHECK:         %[[HIGHS:.*]] = spirv.BitCount %[[HIGH]] : i32
// CHECK:         spirv.IAdd %[[LOWS]], %[[HIGHS]] : i32
// CHECK:         spirv.UConvert %{{.*}} : i8 to i32
// CHECK-NEXT:    spirv.BitCount %{{.*}} : i32
gpu.module @kernels {
  gpu.func @counts(%a: memref<8xi64>, %b: memref<8xi8>, %c: memref<8xi32>) kernel
      attributes {known_block_size = array<i32: 8, 1, 1>} {
    %i = gpu.thread_id x
    %x = memref.load %a[%i] : memref<8xi64>
    %n = math.ctpop %x : i64
    %t = arith.trunci %n : i64 to i32
    %y = memref.load %b[%i] : memref<8xi8>
    %m = math.ctpop %y : i8
    %u = arith.extui %m : i8 to i32
    %s = arith.addi %t, %u : i32
    memref.store %s, %c[%i] : memref<8xi32>
    gpu.return
  }
}

// -----

// Four bytes at once: unsigned by signed, signed by signed.

// CHECK:       requires #spirv.vce<v1.6, [{{.*}}DotProduct{{.*}}]
// CHECK-LABEL: spirv.func @dots
// CHECK:         %[[X:.*]] = spirv.Bitcast %{{.*}} : i32 to vector<4xi8>
// CHECK:         %[[Y:.*]] = spirv.Bitcast %{{.*}} : i32 to vector<4xi8>
// CHECK:         spirv.SUDotAccSat %[[Y]], %[[X]], %{{.*}} : vector<4xi8> -> i32
// CHECK:         spirv.SDotAccSat %[[X]], %[[Y]], %{{.*}} : vector<4xi8> -> i32
gpu.module @kernels {
  gpu.func @dots(%a: memref<8xi32>, %b: memref<8xi32>, %c: memref<8xi32>) kernel
      attributes {known_block_size = array<i32: 8, 1, 1>} {
    %i = gpu.thread_id x
    %zero = arith.constant 0 : i32
    %x = memref.load %a[%i] : memref<8xi32>
    %y = memref.load %b[%i] : memref<8xi32>
    %x1 = vector.broadcast %x : i32 to vector<1xi32>
    %y1 = vector.broadcast %y : i32 to vector<1xi32>
    %xb = vector.bitcast %x1 : vector<1xi32> to vector<4xi8>
    %yb = vector.bitcast %y1 : vector<1xi32> to vector<4xi8>
    %xu = arith.extui %xb : vector<4xi8> to vector<4xi32>
    %xs = arith.extsi %xb : vector<4xi8> to vector<4xi32>
    %ys = arith.extsi %yb : vector<4xi8> to vector<4xi32>
    %p = arith.muli %xu, %ys : vector<4xi32>
    %s = vector.reduction <add>, %p, %zero : vector<4xi32> into i32
    %q = arith.muli %xs, %ys : vector<4xi32>
    %t = vector.reduction <add>, %q, %s : vector<4xi32> into i32
    memref.store %t, %c[%i] : memref<8xi32>
    gpu.return
  }
}

// -----

// A part of a buffer; no product of f32 is fused with a sum.

// CHECK-LABEL: spirv.func @part
// CHECK:         %[[THREE:.*]] = spirv.Constant 3 : i32
// CHECK:         spirv.IAdd %{{.*}}, %[[THREE]] : i32
// CHECK:         spirv.FMul %{{.*}} {no_contraction} : f32
// CHECK:         spirv.FAdd %{{.*}} {no_contraction} : f32
// CHECK:         spirv.FSub %{{.*}} {no_contraction} : f32
gpu.module @kernels {
  gpu.func @part(%a: memref<16xf32>, %b: memref<8xf32>) kernel
      attributes {known_block_size = array<i32: 8, 1, 1>} {
    %i = gpu.thread_id x
    %part = memref.subview %a[3] [8] [1] : memref<16xf32> to memref<8xf32, strided<[1], offset: 3>>
    %x = memref.load %part[%i] : memref<8xf32, strided<[1], offset: 3>>
    %m = arith.mulf %x, %x : f32
    %s = arith.addf %m, %x : f32
    %d = arith.subf %s, %m : f32
    memref.store %d, %b[%i] : memref<8xf32>
    gpu.return
  }
}

// -----

// Vulkan's quotients are approximations: they are computed on integers. Numbers of 64
// bits are compared by halves.

// CHECK-LABEL: spirv.func @quotient
// CHECK-NOT:     spirv.FDiv
// CHECK:         spirv.UDiv %{{.*}} : i64
// CHECK-NOT:     spirv.FDiv
// CHECK-NOT:     spirv.SLessThan %{{.*}} : i64
gpu.module @kernels {
  gpu.func @quotient(%a: memref<8xf32>, %b: memref<8xi64>) kernel
      attributes {known_block_size = array<i32: 8, 1, 1>} {
    %i = gpu.thread_id x
    %x = memref.load %a[%i] : memref<8xf32>
    %y = memref.load %b[%i] : memref<8xi64>
    %zero = arith.constant 0 : i64
    %q = arith.divf %x, %x : f32
    %c = arith.cmpi slt, %y, %zero : i64
    %r = arith.select %c, %q, %x : f32
    memref.store %r, %a[%i] : memref<8xf32>
    gpu.return
  }
}
