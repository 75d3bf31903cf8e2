// RUN: lowbit-opt %s -split-input-file -verify-diagnostics -lowbit-emit-device-interface

// expected-error@below {{expects the array 'lowbit.launches', which -lowbit-plan-launches makes}}
module attributes {lowbit.interface = {inputs = [], outputs = []}} {
}

// -----

// expected-error@below {{expects a gpu.binary 'kernels': compile the kernels first}}
module attributes {lowbit.interface = {inputs = [], outputs = []}, lowbit.launches = []} {
}

// -----

// expected-error@below {{expects a kernel, a grid, a block, shared memory and arguments in each of 'lowbit.launches', but got 7 : i64}}
module attributes {lowbit.interface = {inputs = [], outputs = []}, lowbit.launches = [7]} {
}

// -----

// expected-error@below {{expects a kernel, a grid, a block, shared memory and arguments in each of 'lowbit.launches', but got}}
module attributes {lowbit.interface = {inputs = [], outputs = []}, lowbit.launches = [
    {arguments = [], block = array<i32: 0, 1, 1>, grid = array<i32: 1, 1, 1>, kernel = @kernels::@k, shared = 0 : i32}]} {
}

// -----

// The buffer is smaller.
// expected-error@below {{expects arguments of 'lowbit.launches' that are scalars, or within the program's buffers, but got {buffer = "input", index = 0 : i64, offset = 4 : i64, size = 8 : i64}}}
module attributes {lowbit.interface = {inputs = [{name = "x", type = tensor<8xi8>}], outputs = []}, lowbit.launches = [
    {arguments = [{buffer = "input", index = 0 : i64, offset = 4 : i64, size = 8 : i64}],
     block = array<i32: 1, 1, 1>, grid = array<i32: 1, 1, 1>, kernel = @kernels::@k, shared = 0 : i32}]} {
}

// -----

// There is no such buffer.
// expected-error@below {{expects arguments of 'lowbit.launches' that are scalars, or within the program's buffers, but got {buffer = "constants", offset = 0 : i64, size = 0 : i64}}}
module attributes {lowbit.interface = {inputs = [], outputs = []}, lowbit.launches = [
    {arguments = [{buffer = "constants", offset = 0 : i64, size = 0 : i64}],
     block = array<i32: 1, 1, 1>, grid = array<i32: 1, 1, 1>, kernel = @kernels::@k, shared = 0 : i32}]} {
}
