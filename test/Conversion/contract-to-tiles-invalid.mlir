// RUN: not lowbit-opt %s -convert-lowbit-contract-to-tiles=threads=0 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: not lowbit-opt %s -convert-lowbit-contract-to-tiles="rows=17 columns=0" 2>&1 | FileCheck %s --check-prefix=TILE

// THREADS: error: expects from 1 to 1024 threads, and from 1 to 16 rows and columns, but got threads=0 rows=4 columns=4
// TILE: error: expects from 1 to 1024 threads, and from 1 to 16 rows and columns, but got threads=64 rows=17 columns=0
module {}
