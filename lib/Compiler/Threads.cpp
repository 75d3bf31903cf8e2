//===- Threads.cpp - Programs that threads compute ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/Compiler.h"
#include "lowbit/Conversion/Passes.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::lowbit;

static constexpr llvm::StringLiteral kThreadsAttr = "lowbit.threads";

/// Kernels are divided, or not, once they are made.
LogicalResult Compiler::resolveThreads(ModuleOp module, Stage current) {
  auto recorded = module->getAttrOfType<StringAttr>(kThreadsAttr);
  StringRef made = recorded ? recorded.getValue() : "none";
  if (options.threads.empty() || options.threads == "1")
    options.threads = options.threads.empty() ? made.str() : "none";
  if (current >= Stage::Kernels && made != options.threads)
    return emitError(source) << "is at stage '" << stringifyStage(current)
                             << "' for --threads=" << made
                             << ", but --threads=" << options.threads
                             << " was asked for; start from an earlier stage";
  if (options.threads != "none")
    module->setAttr(kThreadsAttr, StringAttr::get(&context, options.threads));
  return success();
}

void Compiler::forkThreads(PassManager &pm) {
  if (!hasThreads())
    return;
  ForkParallelPassOptions fork;
  if (options.threads != "openmp")
    (void)StringRef(options.threads).getAsInteger(10, fork.threads);
  pm.addPass(createForkParallelPass(fork));
}
