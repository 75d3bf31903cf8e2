// RUN: lowbit-opt %s -verify-diagnostics -convert-lowbit-program-to-llvm

func.func @rounds_up(%a: i32, %b: i32) -> i32 {
  // expected-error@below {{failed to legalize operation 'arith.ceildivsi' that was explicitly marked illegal}}
  %c = arith.ceildivsi %a, %b : i32
  return %c : i32
}
