// Beside operations of no dialect, which may hold symbol tables, globals stay that nobody
// is seen to use.

// RUN: lowbit-opt %s -allow-unregistered-dialect -convert-lowbit-contract-to-vector | FileCheck %s
// RUN: lowbit-opt %s -allow-unregistered-dialect -convert-lowbit-contract-to-gpu | FileCheck %s
// RUN: sed '/unknown/d' %s | lowbit-opt -convert-lowbit-contract-to-vector | FileCheck %s --check-prefix=KNOWN
// RUN: sed '/unknown/d' %s | lowbit-opt -convert-lowbit-contract-to-gpu | FileCheck %s --check-prefix=KNOWN

// CHECK: memref.global "private" constant @unused
// CHECK: "unknown.table"() ({
// KNOWN-NOT: @unused
memref.global "private" constant @unused : memref<2xi8> = dense<[1, 2]>
module {
  "unknown.table"() ({ "unknown.end"() : () -> () }) : () -> ()
}
