// RUN: lowbit-opt %s -lowbit-quantize-pipeline | FileCheck %s
// RUN: lowbit-opt %s -lowbit-quantize-pipeline > %t
// RUN: lowbit-opt %t -lowbit-quantize-pipeline | diff %t -
// RUN: lowbit-opt %s -lowbit-observe -lowbit-quantize-pipeline | diff %t -
// RUN: not lowbit-opt %s -lowbit-quantize-pipeline=profile=tflite 2>&1 \
// RUN:   | FileCheck %s --check-prefix=PROFILE
// RUN: not lowbit-opt %s -lowbit-quantize-pipeline="recipe=float require-integer" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=FLOAT

// Ranges stand in the program; constants need none.

!x = tensor<1x2x2x1xf32>
#unit = #lowbit.stats<count = 2, min = -1.0 : f64, max = 1.0 : f64, average_min = -1.0 : f64,
    average_max = 1.0 : f64, bin_width = 0.0 : f64, first_bin = 0, histogram = []>

// CHECK-LABEL: func.func @main
// PROFILE: error: there is no profile 'tflite'
func.func @main(%x: !x) -> !x {
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #unit} : !x
  %c = "tosa.const"() <{values = dense<[[[[0.5], [0.25]], [[0.0], [1.0]]]]> : !x}> : () -> !x
  // CHECK: %[[X:.*]] = lowbit.encode
  // CHECK: %[[Y:.*]] = lowbit.add {{.*}}%[[X]]
  // CHECK: lowbit.decode %[[Y]]
  // FLOAT: the recipe leaves it in float
  %y = tosa.add %xo, %c : (!x, !x) -> !x
  %yo = lowbit.observe %y {name = "y", role = #lowbit.role<activation>, stats = #unit} : !x
  return %yo : !x
}
