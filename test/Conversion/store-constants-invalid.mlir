// RUN: lowbit-opt %s -lowbit-store-constants -split-input-file -verify-diagnostics

// expected-error @+1 {{has a 'lowbit.storage', but is no constant of integers whose data is there}}
memref.global "private" constant @w : memref<4xf32> = dense<1.0> {lowbit.storage = #lowbit.storage<packed>}

// -----

// expected-error @+1 {{has a 'lowbit.storage', but is no constant of integers whose data is there}}
memref.global "private" @w : memref<4xi8> = dense<1> {lowbit.storage = #lowbit.storage<packed>}

// -----

// expected-error @+1 {{has a 'lowbit.storage', but is no constant of integers whose data is there}}
memref.global "private" constant @w : memref<4xi8> = dense_resource<gone> {lowbit.storage = #lowbit.storage<packed>}

// -----

memref.global "private" constant @w : memref<400xi8> = dense<1> {lowbit.storage = #lowbit.storage<packed>}
// expected-error @+1 {{the name 'lowbit_load' is taken; it is that of stored constants}}
func.func private @lowbit_load()
