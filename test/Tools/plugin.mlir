// The distribution's mlir-opt knows our dialect, passes and pipelines through the
// plugin, which brings no second copy of MLIR and hides all but its entries.

// REQUIRES: mlir-opt
// UNSUPPORTED: sanitizer

// RUN: llvm-readelf --dynamic-table %build/lib/LowbitPlugin.so | FileCheck %s --check-prefix=NEEDED
// NEEDED-DAG: NEEDED{{.*}}libMLIR.so
// NEEDED-NOT: NEEDED{{.*}}protobuf
// RUN: llvm-nm -D --defined-only --format=just-symbols %build/lib/LowbitPlugin.so \
// RUN:   | FileCheck %s --check-prefix=SYMBOLS --implicit-check-not={{.}} --match-full-lines
// SYMBOLS: mlirGetDialectPluginInfo
// SYMBOLS-NEXT: mlirGetPassPluginInfo

// DEFINE: %{opt} = mlir-opt --load-dialect-plugin=%build/lib/LowbitPlugin.so \
// DEFINE:   --load-pass-plugin=%build/lib/LowbitPlugin.so %s

// RUN: %{opt} | FileCheck %s --check-prefix=READ
// READ: lowbit.observe {{.*}} stats = #lowbit.stats<

// RUN: %{opt} --pass-pipeline='builtin.module(lowbit-observe,lowbit-assign{recipe=int8},lowbit-encode)' \
// RUN:   | FileCheck %s --check-prefix=ENCODED
// ENCODED-COUNT-2: lowbit.encode

// RUN: %{opt} --pass-pipeline='builtin.module(lowbit-quantize-pipeline{require-integer=true})' \
// RUN:   | FileCheck %s --check-prefix=INTEGER
// INTEGER: lowbit.encode
// INTEGER-NOT: tosa.sigmoid
// INTEGER: lowbit.decode

// RUN: %{opt} --pass-pipeline='builtin.module(lowbit-quantize-pipeline,lowbit-cpu-pipeline{features=avx2})' \
// RUN:   | FileCheck %s --check-prefix=LLVM
// LLVM: llvm.func @main

// The same as Lowbit's own tool says.
// RUN: %{opt} --pass-pipeline='builtin.module(lowbit-quantize-pipeline,lowbit-reference-pipeline)' > %t
// RUN: lowbit-opt %s -lowbit-quantize-pipeline -lowbit-reference-pipeline | diff %t -

!x = tensor<1x4xf32>
#unit = #lowbit.stats<count = 2, min = -1.0 : f64, max = 1.0 : f64, average_min = -1.0 : f64,
    average_max = 1.0 : f64, bin_width = 0.0 : f64, first_bin = 0, histogram = []>

func.func @main(%x: !x) -> !x {
  %xo = lowbit.observe %x {name = "x", role = #lowbit.role<activation>, stats = #unit} : !x
  %y = tosa.sigmoid %xo : (!x) -> !x
  %yo = lowbit.observe %y {name = "y", role = #lowbit.role<activation>} : !x
  return %yo : !x
}
