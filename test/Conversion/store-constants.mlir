// RUN: lowbit-opt %s -lowbit-store-constants -split-input-file | FileCheck %s

// The bytes: 0 and 1 as symbols, 72 bits; 0 as the only gap; three of padding. The index: entries,
// place, bytes of a word; symbols, bits, shortest word, counts of words; the same of gaps; counts.
// CHECK: lowbit.stored = [{disk = 64 : i64, gap = 0 : i64, memory = 72 : i64, name = "layer", storage = "packed"}]
// CHECK-DAG: memref.global "private" constant @lowbit_stored : memref<15xi8> = dense<[0, 1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]> {alignment = 64 : i64}
// CHECK-DAG: memref.global "private" constant @lowbit_stored_index : memref<13xi32> = dense<[72, 0, 1, 0, 2, 1, 11, 11, 12, 0, 12, 2, 1]> {alignment = 64 : i64}
// CHECK-DAG: memref.global "private" @lowbit_resident : memref<128xi8> = uninitialized {alignment = 64 : i64}
// CHECK-NOT: @w
// CHECK-DAG: func.func private @lowbit_load() {
// CHECK: func.func @main() -> memref<9x8xi8>
// CHECK: %[[ALL:.*]] = memref.get_global @lowbit_resident : memref<128xi8>
// CHECK: %[[W:.*]] = memref.view %[[ALL]][%c0][] : memref<128xi8> to memref<9x8xi8>
// CHECK: return %[[W]]
memref.global "private" constant @w : memref<9x8xi8> = dense<[
  [1, 1, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0]]>
  {lowbit.storage = #lowbit.storage<packed>} loc("layer")
func.func @main() -> memref<9x8xi8> {
  %0 = memref.get_global @w : memref<9x8xi8>
  return %0 : memref<9x8xi8>
}

// -----

// Too small to get smaller: it stays, and so do wide words, and what says nothing.
// CHECK: lowbit.stored = [{disk = 4 : i64, gap = 0 : i64, memory = 4 : i64, name = "w", storage = "words"}, {disk = 800 : i64, gap = 0 : i64, memory = 800 : i64, name = "bits", storage = "words"}]
// CHECK-DAG: memref.global "private" constant @w : memref<4xi8> = dense<1>{{$}}
// CHECK-DAG: memref.global "private" constant @v : memref<400xi8> = dense<1>{{$}}
// CHECK-DAG: memref.global "private" constant @bits : memref<100xi64> = dense<1>{{$}}
// CHECK-NOT: lowbit_load
memref.global "private" constant @w : memref<4xi8> = dense<1> {lowbit.storage = #lowbit.storage<packed>}
memref.global "private" constant @v : memref<400xi8> = dense<1>
memref.global "private" constant @bits : memref<100xi64> = dense<1> {lowbit.storage = #lowbit.storage<packed>}

// -----

// Several constants share the memory, each at a multiple of 64.
// CHECK: lowbit.stored = [{disk = 54 : i64, {{.*}} name = "a", storage = "packed"}, {disk = 55 : i64, gap = 3 : i64, memory = 200 : i64, name = "b", storage = "sparse"}]
// CHECK-DAG: @lowbit_resident : memref<384xi8>
// CHECK: func.func @main
// CHECK-DAG: memref.view %{{.*}}[%c0][] : memref<384xi8> to memref<70xi8>
// CHECK-DAG: memref.view %{{.*}}[%c128][] : memref<384xi8> to memref<100xi16>
memref.global "private" constant @a : memref<70xi8> = dense<1> {lowbit.storage = #lowbit.storage<packed>}
memref.global "private" constant @b : memref<100xi16> = dense<0> {lowbit.storage = #lowbit.storage<sparse, gap = 3>}
func.func @main() -> (memref<70xi8>, memref<100xi16>) {
  %0 = memref.get_global @a : memref<70xi8>
  %1 = memref.get_global @b : memref<100xi16>
  return %0, %1 : memref<70xi8>, memref<100xi16>
}
