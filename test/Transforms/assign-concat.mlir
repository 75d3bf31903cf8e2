// RUN: lowbit-opt %s -lowbit-assign=recipe=%S/Inputs/min-max.yaml -split-input-file | FileCheck %s
// RUN: lowbit-opt %s -lowbit-assign=recipe=%S/Inputs/joined-rule.yaml -split-input-file 2>/dev/null \
// RUN:   | FileCheck %s --check-prefix=RULE

#small = #lowbit.stats<count = 1, min = 0.0 : f64, max = 63.75 : f64, average_min = 0.0 : f64,
    average_max = 63.75 : f64, bin_width = 64.0 : f64, first_bin = 0, histogram = [1]>
#large = #lowbit.stats<count = 1, min = 0.0 : f64, max = 255.0 : f64, average_min = 0.0 : f64,
    average_max = 255.0 : f64, bin_width = 256.0 : f64, first_bin = 0, histogram = [1]>
!x = tensor<1x2x2x2xf32>
!y = tensor<1x2x2x4xf32>
!z = tensor<1x2x2x6xf32>

// What only the concat reads is made in its format, pooled in between or not, joined once more or
// not. What something else reads keeps its own, and so does the network's input.
// CHECK-LABEL: func.func @joined
// CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 2.500000e-01>, name = "x"
// CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 1.000000e+00>, name = "alone"
// CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 1.000000e+00>, name = "pooled"
// CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 2.500000e-01>, name = "read"
// CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 1.000000e+00>, name = "inner"
// CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 1.000000e+00>, name = "outer"
// RULE: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 1.000000e+00>, name = "alone"
// RULE: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 2.500000e-01>, name = "pooled"
func.func @joined(%x: !x) -> (!z, !x) {
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #small} : !x
  %a = tosa.abs %xo : (!x) -> !x
  %ao = lowbit.observe %a {name = "alone", role = #lowbit.role<activation>, stats = #small} : !x
  %b = tosa.exp %xo : (!x) -> !x
  %bo = lowbit.observe %b {name = "pooled", role = #lowbit.role<activation>, stats = #small} : !x
  %p = tosa.max_pool2d %bo {kernel = array<i64: 1, 1>, stride = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>}
    : (!x) -> !x
  %c = tosa.floor %xo : (!x) -> !x
  %co = lowbit.observe %c {name = "read", role = #lowbit.role<activation>, stats = #small} : !x
  %i = tosa.concat %ao, %p {axis = 3 : i32} : (!x, !x) -> !y
  %io = lowbit.observe %i {name = "inner", role = #lowbit.role<activation>, stats = #small} : !y
  %o = tosa.concat %io, %co {axis = 3 : i32} : (!y, !x) -> !z
  %oo = lowbit.observe %o {name = "outer", role = #lowbit.role<activation>, stats = #large} : !z
  return %oo, %co : !z, !x
}

// -----

// Codes of 16 bits and known ranges of probabilities stay what they are.
#small = #lowbit.stats<count = 1, min = 0.0 : f64, max = 63.75 : f64, average_min = 0.0 : f64,
    average_max = 63.75 : f64, bin_width = 64.0 : f64, first_bin = 0, histogram = [1]>
#large = #lowbit.stats<count = 1, min = 0.0 : f64, max = 255.0 : f64, average_min = 0.0 : f64,
    average_max = 255.0 : f64, bin_width = 256.0 : f64, first_bin = 0, histogram = [1]>
!x = tensor<1x2xf32>
// CHECK-LABEL: func.func @other
// CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<u8:f32, 3.906250e-03>, name = "p"
// CHECK: lowbit.observe %{{.*}} {format = !quant.uniform<i16:f32, {{.*}}>, name = "head"
func.func @other(%x: !x) -> tensor<1x4xf32> {
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #small} : !x
  %p = lowbit.softmax %xo {axis = 1 : i64} : !x
  %po = lowbit.observe %p {name = "p", role = #lowbit.role<activation>, stats = #small} : !x
  %h = tosa.abs %xo : (!x) -> !x
  %ho = lowbit.observe %h {name = "head", role = #lowbit.role<head>, stats = #small} : !x
  %c = tosa.concat %po, %ho {axis = 1 : i32} : (!x, !x) -> tensor<1x4xf32>
  %co = lowbit.observe %c {name = "c", role = #lowbit.role<activation>, stats = #large} : tensor<1x4xf32>
  return %co : tensor<1x4xf32>
}
