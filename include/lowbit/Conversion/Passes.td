//===- Passes.td - Passes from one dialect to another -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_CONVERSION_PASSES_TD
#define LOWBIT_CONVERSION_PASSES_TD

include "lowbit/Conversion/ArtefactPasses.td"
include "lowbit/Conversion/ContractionPasses.td"
include "lowbit/Conversion/GpuPasses.td"
include "lowbit/Conversion/LoopPasses.td"

#endif // LOWBIT_CONVERSION_PASSES_TD
