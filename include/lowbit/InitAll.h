//===- InitAll.h - Registers everything ---------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_INITALL_H
#define LOWBIT_INITALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::lowbit {

/// Adds the lowbit dialect, the upstream dialects that the compiler reads and
/// makes, and the interfaces that its passes need.
void registerAllDialects(DialectRegistry &registry);

/// Registers the passes and pipelines by name, ours and the upstream ones that
/// the pipelines are made of.
void registerAllPasses();

/// Registers the formats that lowbit-translate reads and writes.
void registerAllTranslations();

} // namespace mlir::lowbit

#endif // LOWBIT_INITALL_H
