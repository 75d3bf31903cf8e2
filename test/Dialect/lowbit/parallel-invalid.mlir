// RUN: lowbit-opt %s -split-input-file -verify-diagnostics

func.func @trips() {
  // expected-error@+1 {{attribute 'trips' failed to satisfy constraint: 64-bit signless integer attribute whose value is positive}}
  lowbit.parallel 0 {
  ^bb0(%first: index, %last: index):
  }
  return
}

// -----

func.func @one() {
  // expected-error@+1 {{expects a region of two values of type index, but got 1 of types ('index')}}
  lowbit.parallel 4 {
  ^bb0(%first: index):
  }
  return
}

// -----

func.func @types() {
  // expected-error@+1 {{expects a region of two values of type index, but got 2 of types ('index', 'i64')}}
  lowbit.parallel 4 {
  ^bb0(%first: index, %last: i64):
  }
  return
}
