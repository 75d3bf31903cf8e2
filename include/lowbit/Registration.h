//===- Registration.h - Registers what is Lowbit's own ----------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For a program with an MLIR of its own choice: a plugin, a compiler that embeds
// Lowbit. InitAll.h adds everything upstream that Lowbit's own tools know.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_REGISTRATION_H
#define LOWBIT_REGISTRATION_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::lowbit {

/// Adds the lowbit dialect, and the interfaces that its passes need.
void registerLowbitDialects(DialectRegistry &registry);

/// Registers our passes and pipelines by name.
void registerLowbitPasses();

} // namespace mlir::lowbit

#endif // LOWBIT_REGISTRATION_H
