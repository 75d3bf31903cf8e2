//===- Lowbit.td - The whole dialect -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TD
#define LOWBIT_TD

include "lowbit/IR/LowbitBase.td"
include "lowbit/IR/LowbitAttrs.td"
include "lowbit/Formats/Formats.td"
include "lowbit/IR/LowbitModelOps.td"
include "lowbit/IR/LowbitCodeOps.td"
include "lowbit/IR/LowbitRequantizeOp.td"
include "lowbit/IR/LowbitElementwiseOps.td"
include "lowbit/IR/LowbitIntegerOps.td"
include "lowbit/IR/LowbitReductionOps.td"
include "lowbit/IR/LowbitContractOp.td"
include "lowbit/IR/LowbitDebugOps.td"
include "lowbit/IR/LowbitGradientOps.td"
include "lowbit/IR/LowbitParallelOp.td"

#endif // LOWBIT_TD
