// RUN: lowbit-opt %s -split-input-file -verify-diagnostics -lowbit-compile-cuda=format=ptx

// expected-error@below {{expects a gpu.module 'kernels'}}
module {
}
