// RUN: lowbit-opt %s -lowbit-emit-device-interface="api=cuda chip=sm_90 symbol-prefix=net" | FileCheck %s

// CHECK: module attributes {lowbit.device = {api = "cuda", chip = "sm_90"}, lowbit.identity = {
// CHECK-NOT: gpu.binary
// CHECK-NOT: memref.global

// Each kernel has a number: that of its first launch.
// CHECK-DAG: llvm.mlir.global internal constant @net_lowbit_launches(dense<[0, 2, 1, 1, 32, 1, 1, 0, 0, 2, 1, 1, 1, 1, 64, 1, 1, 4096, 2, 2]> : tensor<20xi32>)

// Kind and index, offset, size; of a scalar its bits.
// CHECK-DAG: llvm.mlir.global internal constant @net_lowbit_arguments(dense<[1, 0, 8, 3, 256, 8, 2, 0, 8, 4, 1065353216, 4]> : tensor<12xi64>)
// CHECK-DAG: llvm.mlir.global internal constant @net_lowbit_image0("code") {{.*}}alignment = 64
// CHECK-DAG: llvm.mlir.global internal constant @net_lowbit_image1("text\00")
// CHECK-DAG: llvm.mlir.global internal constant @net_lowbit_constants(dense<1> : tensor<512xi8>)
// CHECK-DAG: llvm.mlir.global internal constant @net_lowbit_name_of_second("second\00")

// CHECK-DAG: llvm.func @lowbit_cuda_run(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> i32
// CHECK-DAG: llvm.func @net_run(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr) -> i32
// CHECK-DAG: llvm.func @net_create_workspace(%{{.*}}: i32, %{{.*}}: !llvm.ptr) -> i32
// CHECK-DAG: llvm.func @net_enqueue(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr) -> i32
// CHECK-DAG: llvm.func @net_destroy_workspace(%{{.*}}: !llvm.ptr)
// CHECK-DAG: llvm.mlir.global external constant @net_lowbit_model()
module attributes {lowbit.workspace_size = 256 : i64, lowbit.interface = {
    inputs = [{name = "x", type = tensor<8xi8>}], outputs = [{name = "y", type = tensor<8xi8>}]},
  lowbit.launches = [
    {arguments = [{buffer = "input", index = 0 : i64, offset = 0 : i64, size = 8 : i64},
                  {buffer = "constants", offset = 256 : i64, size = 8 : i64}],
     block = array<i32: 32, 1, 1>, grid = array<i32: 2, 1, 1>, kernel = @kernels::@first, shared = 0 : i32},
    {arguments = [{buffer = "output", index = 0 : i64, offset = 0 : i64, size = 8 : i64},
                  {scalar = 1.0 : f32}],
     block = array<i32: 64, 1, 1>, grid = array<i32: 1, 1, 1>, kernel = @kernels::@second, shared = 4096 : i32}]} {
  memref.global "private" constant @lowbit_constants : memref<512xi8> = dense<1>
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90">, bin = "code">,
                       #gpu.object<#nvvm.target<chip = "sm_90">, assembly = "text">]
}
