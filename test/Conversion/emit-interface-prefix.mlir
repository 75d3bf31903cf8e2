// RUN: not lowbit-opt %s -lowbit-emit-interface=symbol-prefix=2nd 2>&1 | FileCheck %s
// RUN: not lowbit-opt %s -lowbit-emit-interface=symbol-prefix=a-b 2>&1 \
// RUN:   | FileCheck %s --check-prefix=DASH
// RUN: not lowbit-opt %s -lowbit-emit-interface=symbol-prefix= 2>&1 \
// RUN:   | FileCheck %s --check-prefix=EMPTY

// CHECK: error: expects a symbol prefix of letters, digits and underscores that starts with no digit, but got '2nd'
// DASH: but got 'a-b'
// EMPTY: but got ''
module {
}
