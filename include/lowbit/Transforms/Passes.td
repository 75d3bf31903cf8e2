//===- Passes.td - Passes that stay in their dialects -*- tablegen -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_TRANSFORMS_PASSES_TD
#define LOWBIT_TRANSFORMS_PASSES_TD

include "lowbit/Transforms/AccuracyPasses.td"
include "lowbit/Transforms/FormatPasses.td"
include "lowbit/Transforms/ModelPasses.td"
include "lowbit/Transforms/QuantizePasses.td"
include "lowbit/Transforms/ProgramPasses.td"

#endif // LOWBIT_TRANSFORMS_PASSES_TD
