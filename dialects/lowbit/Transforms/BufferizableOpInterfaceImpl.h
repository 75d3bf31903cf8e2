//===- BufferizableOpInterfaceImpl.h - tensors to buffers -------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
#define LOWBIT_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::lowbit {

/// Lets one-shot-bufferize turn lowbit.contract on tensors into lowbit.contract
/// on buffers. The destination is written in place and never read, so a
/// destination that is a part of a larger buffer costs no copy.
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);

} // namespace mlir::lowbit

#endif // LOWBIT_TRANSFORMS_BUFFERIZABLEOPINTERFACEIMPL_H
