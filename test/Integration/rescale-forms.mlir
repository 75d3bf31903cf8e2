// RUN: lowbit-opt %s -lowbit-expand-rescale -convert-vector-to-llvm -expand-strided-metadata \
// RUN:   -convert-arith-to-llvm -finalize-memref-to-llvm -convert-func-to-llvm -reconcile-unrealized-casts \
// RUN:   | mlir-runner -e main -entry-point-result=void \
// RUN:     -shared-libs=%mlir_lib/libmlir_runner_utils.so,%mlir_lib/libmlir_c_runner_utils.so \
// RUN:   | FileCheck %s

// The short forms of changes of scale, at the ends of their ranges and around where they
// clamp; the numbers are those of exact integers.

module attributes {lowbit.target = "x86_64-unknown-linux-gnu x86-64-v3"} {
  memref.global "private" @values : memref<16xi32> = dense<[-2147483648, 2147483647, 131072, -131072, 131073, -131073, 12345, -1, 0, 1, -131071, 131071, 99999, -54321, 1048576, -1048576]>
  memref.global "private" @bytes : memref<8xi8> = dense<[0, -1, 1, -128, -114, 127, 13, -56]>
  memref.global "private" constant @multipliers : memref<8xi32> = dense<[1073741824, 2147483647, 1073741824, 2147483647, 1922038624, 1376297724, 1239579518, 1611043860]>
  memref.global "private" constant @shifts : memref<8xi32> = dense<[2, 31, 18, 18, 18, 18, 20, 25]>

  func.func private @printMemrefI32(memref<*xi32>) attributes {llvm.emit_c_interface}

  func.func private @show(%value: vector<8xi32>) {
    %c0 = arith.constant 0 : index
    %buffer = memref.alloca() : memref<8xi32>
    vector.store %value, %buffer[%c0] : memref<8xi32>, vector<8xi32>
    %any = memref.cast %buffer : memref<8xi32> to memref<*xi32>
    call @printMemrefI32(%any) : (memref<*xi32>) -> ()
    return
  }

  func.func @main() {
    %c0 = arith.constant 0 : index
    %c8 = arith.constant 8 : index
    %values = memref.get_global @values : memref<16xi32>
    %bytes = memref.get_global @bytes : memref<8xi8>
    %multipliers = memref.get_global @multipliers : memref<8xi32>
    %shifts = memref.get_global @shifts : memref<8xi32>
    %m = vector.load %multipliers[%c0] : memref<8xi32>, vector<8xi32>
    %s = vector.load %shifts[%c0] : memref<8xi32>, vector<8xi32>
    // CHECK: {{\[}}-536870912, 536870912, 536870912, -536870912, 536870912, -536870912, 14593705, -48]
    %x = vector.load %values[%c0] : memref<16xi32>, vector<8xi32>
    %0 = lowbit.rescale %x, %m, %s {min = -536870912 : i32, max = 536870912 : i32} : vector<8xi32>, vector<8xi32> to vector<8xi32>
    call @show(%0) : (vector<8xi32>) -> ()
    // CHECK: {{\[}}0, 1, -536866816, 536870912, 536870912, -285193896, 536870912, -50345121]
    %y = vector.load %values[%c8] : memref<16xi32>, vector<8xi32>
    %1 = lowbit.rescale %y, %m, %s {min = -536870912 : i32, max = 536870912 : i32} : vector<8xi32>, vector<8xi32> to vector<8xi32>
    call @show(%1) : (vector<8xi32>) -> ()
    %b = vector.load %bytes[%c0] : memref<8xi8>, vector<8xi8>
    // CHECK: {{\[}}-33316587, 26512496, -33081964, -3284734, 0, -3519358, -30266477, 13608184]
    %unsigned = arith.extui %b : vector<8xi8> to vector<8xi32>
    %m2 = arith.constant dense<1922038624> : vector<8xi32>
    %s2 = arith.constant dense<13> : vector<8xi32>
    %2 = lowbit.rescale %unsigned, %m2, %s2 {input_zero_point = 142 : i32} : vector<8xi32>, vector<8xi32> to vector<8xi32>
    call @show(%2) : (vector<8xi32>) -> ()
    // CHECK: {{\[}}77473720, 76868456, 78078983, 0, 8473688, 154342176, 85342145, 43578967]
    %signed = arith.extsi %b : vector<8xi8> to vector<8xi32>
    %m3 = arith.constant dense<1239579518> : vector<8xi32>
    %s3 = arith.constant dense<11> : vector<8xi32>
    %3 = lowbit.rescale %signed, %m3, %s3 {input_zero_point = -128 : i32} : vector<8xi32>, vector<8xi32> to vector<8xi32>
    call @show(%3) : (vector<8xi32>) -> ()
    return
  }
}
