//===- OptimizeModule.cpp - LLVM's optimizer ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/OptimizeModule.h"

#include "llvm/IR/Module.h"

void mlir::lowbit::optimizeModule(llvm::Module &module,
                                  llvm::TargetMachine &machine,
                                  llvm::OptimizationLevel level,
                                  const llvm::PipelineTuningOptions &tuning) {
  llvm::PassBuilder passes(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(components);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, components, modules);
  passes.buildPerModuleDefaultPipeline(level).run(module, modules);
}
