//===- Words.cpp - From the integer graph to words ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/Compiler.h"

#include "lowbit/Conversion/Passes.h"
#include "lowbit/Conversion/Primitive.h"
#include "lowbit/Pipelines/Pipelines.h"
#include "lowbit/Target/ObjectFile.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The numerics profile.
static constexpr llvm::StringLiteral kProfileAttr = "lowbit.profile";
/// What words and kernels are chosen for.
static constexpr llvm::StringLiteral kTargetAttr = "lowbit.target";

/// The profile that was asked for, or recorded, or else `byRecipe`. It stays
/// what it is once scales have been changed after it.
LogicalResult Compiler::resolveProfile(ModuleOp module, Stage current,
                                       Profile byRecipe) {
  auto resolve = [&](StringRef name) -> LogicalResult {
    llvm::Expected<Profile> known = parseProfile(name);
    if (!known)
      return emitError(source) << llvm::toString(known.takeError());
    profile = *known;
    return success();
  };
  profile = byRecipe;
  auto recorded = module->getAttrOfType<StringAttr>(kProfileAttr);
  if (recorded && failed(resolve(recorded)))
    return failure();
  if (options.profile.empty())
    return success();
  if (failed(resolve(options.profile)))
    return failure();
  if (current < Stage::Integer || !recorded || recorded == options.profile)
    return success();
  return emitError(source) << "is at stage '" << stringifyStage(current)
                           << "', where the profile '" << recorded.getValue()
                           << "' cannot be replaced by '" << options.profile
                           << "'; start from an earlier stage";
}

void Compiler::recordProfile(ModuleOp module) {
  module->setAttr(kProfileAttr,
                  StringAttr::get(&context, stringifyProfile(profile)));
}

/// Codes that are there already lie on disk as --on-disk says, too.
LogicalResult Compiler::resolveStorage(ModuleOp module, Stage current) {
  if (options.onDisk.empty() || current < Stage::Encoded)
    return success();
  if (current > Stage::Encoded)
    return emitError(source)
           << "is at stage '" << stringifyStage(current)
           << "', where it is too late to say how codes lie on disk; leave out "
              "--on-disk, or start from the stage 'encoded'";
  PassManager pm(&context);
  pm.addPass(
      createChooseStoragePass({options.onDisk, /*gap=*/0, options.recipe}));
  return pm.run(module);
}

/// The processor is that of the module, once its kernels are chosen.
LogicalResult Compiler::resolveTarget(ModuleOp module, Stage current) {
  options.target.resolve();
  // Before samples are run for nothing.
  if (!options.device &&
      failed(checkTarget(UnknownLoc::get(&context), options.target)))
    return failure();
  std::string asked = describeTarget();
  auto recorded = module->getAttrOfType<StringAttr>(kTargetAttr);
  if (current < Stage::Words || !recorded || recorded.getValue() == asked)
    return success();
  return emitError(source)
         << "is at stage '" << stringifyStage(current) << "' for '"
         << recorded.getValue() << "', but '" << asked
         << "' was asked for; start from the stage 'integer', or give the same "
            "--target, --cpu and --features";
}

void Compiler::recordTarget(ModuleOp module) {
  module->setAttr(kTargetAttr, StringAttr::get(&context, describeTarget()));
}

/// What a kernel may use of the processor that the object is for.
static void setCpuOptions(CpuPipelineOptions &cpu,
                          const CompileOptions &options, MLIRContext *context) {
  SmallVector<StringRef> known = getPrimitiveFeatures(context);
  // By which kernels change scales, with the same codes.
  if (!options.requireInteger)
    known.push_back("fma");
  for (StringRef feature : getVectorFeatures(options.target, known))
    cpu.features.push_back(feature.str());
  TargetOptions target = options.target;
  target.resolve();
  llvm::Triple::ArchType architecture = llvm::Triple(target.triple).getArch();
  cpu.features.push_back(llvm::Triple::getArchTypePrefix(architecture).str());
  for (const std::string &name : options.forcePrimitives)
    cpu.force.push_back(name);
  for (const std::string &features : options.sharing)
    cpu.variants.push_back(features);
  cpu.explain = options.explain;
}

/// Integer graph -> words, with the kernels that the target has.
void Compiler::buildWords(OpPassManager &pm) {
  CpuPipelineOptions cpu;
  if (!options.device)
    setCpuOptions(cpu, options, &context);
  pm.addPass(createRaiseToContractPass());
  if (isFloat)
    buildFloatToLinalgPipeline(pm);
  else {
    if (options.device && !options.reference)
      pm.addPass(createToBitwisePass());
    else if (!options.reference)
      buildBitsPipeline(pm, cpu);
    buildWordsPipeline(pm);
    if (options.device && !options.reference)
      pm.addPass(createFuseGroupsPass());
  }
  if (options.reference)
    pm.addPass(createConvertLowbitContractToLinalgPass());
  else if (!options.device)
    buildSelectKernelsPipeline(pm, cpu);
}
