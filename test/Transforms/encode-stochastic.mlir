// RUN: lowbit-opt %s -lowbit-encode -split-input-file | FileCheck %s

// The words of Philox4x32-10 for key (seed, FNV-1a of the name) decide; what is a
// code already stays.
// CHECK-LABEL: func.func @constants
// CHECK: lowbit.constant dense<[0, 0, 1, 0, -1, 0, 0, 0, 1, 1, 2, -3]>
// Another name, and another seed.
// CHECK: lowbit.constant dense<[0, 0, 0, 1, -1, 0, -1, 0, 2, 2, 2, -3]>
// CHECK: lowbit.constant dense<[0, 1, 1, 0, 0, -1, -1, 0, 2, 2, 2, -3]>
func.func @constants() -> (tensor<12xf32>, tensor<12xf32>, tensor<12xf32>) {
  %w = "tosa.const"() <{values = dense<[0.4, 0.4, 0.4, 0.4, -0.25, -0.25, -0.25, -0.25,
      1.5, 1.5, 2.0, -3.0]> : tensor<12xf32>}> : () -> tensor<12xf32>
  %a = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>, seed = 7 : i64,
      format = !quant.uniform<i8<-127:127>:f32, 1.0>} : tensor<12xf32>
  %b = lowbit.observe %w {name = "b.weight", role = #lowbit.role<weight>, seed = 7 : i64,
      format = !quant.uniform<i8<-127:127>:f32, 1.0>} : tensor<12xf32>
  %c = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>, seed = 8 : i64,
      format = !quant.uniform<i8<-127:127>:f32, 1.0>} : tensor<12xf32>
  return %a, %b, %c : tensor<12xf32>, tensor<12xf32>, tensor<12xf32>
}

// -----

// Elements are numbered through all channels, and infinities saturate.
// CHECK-LABEL: func.func @channels
// CHECK: lowbit.constant dense<{{\[\[}}0, 0, 1, 0, -1, 0], [-1, 0, 3, 3, 127, -127]]>
func.func @channels() -> tensor<2x6xf32> {
  %w = "tosa.const"() <{values = dense<[[0.4, 0.4, 0.4, 0.4, -0.25, -0.25],
      [-0.25, -0.25, 1.5, 1.5, 0x7F800000, 0xFF800000]]> : tensor<2x6xf32>}> : () -> tensor<2x6xf32>
  %a = lowbit.observe %w {name = "a.weight", role = #lowbit.role<weight>, seed = 7 : i64,
      format = !quant.uniform<i8<-127:127>:f32:0, {1.0, 0.5}>} : tensor<2x6xf32>
  return %a : tensor<2x6xf32>
}
