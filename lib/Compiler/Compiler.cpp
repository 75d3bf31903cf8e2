//===- Compiler.cpp - From a model to an artefact -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/Compiler.h"

#include "lowbit/Analysis/LaunchPlan.h"
#include "lowbit/Analysis/ModelInterface.h"
#include "lowbit/Conversion/Passes.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Pipelines/Pipelines.h"
#include "lowbit/Support/InputFile.h"
#include "lowbit/Target/Onnx.h"
#include "lowbit/Transforms/Calibration.h"
#include "lowbit/Transforms/Passes.h"
#include "lowbit/Transforms/Recipe.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/FileSystem.h"

#include <chrono>

using namespace mlir;
using namespace mlir::lowbit;

static constexpr llvm::StringLiteral kStageAttr = "lowbit.stage";
/// The name of the recipe, and whether it leaves everything in float.
static constexpr llvm::StringLiteral kRecipeAttr = "lowbit.recipe";
static constexpr llvm::StringLiteral kFloatAttr = "lowbit.is_float";
/// Says until then that codes are of a recipe, not of the model.
static constexpr llvm::StringLiteral kFormedAttr = "lowbit.formed_weights";
static constexpr llvm::StringLiteral kStageNames[] = {
    "import", "model",   "observed", "encoded", "integer",
    "words",  "buffers", "kernels",  "llvm"};

StringRef lowbit::stringifyStage(Stage stage) {
  return kStageNames[static_cast<int>(stage)];
}

std::optional<Stage> lowbit::parseStage(StringRef name) {
  for (auto [i, known] : llvm::enumerate(kStageNames))
    if (name == known)
      return static_cast<Stage>(i);
  return std::nullopt;
}

std::string lowbit::listStages() {
  return llvm::join(llvm::ArrayRef(kStageNames), ", ");
}

//===----------------------------------------------------------------------===//
// Input
//===----------------------------------------------------------------------===//

/// The stage that `module` says it is at.
static FailureOr<Stage> getStage(ModuleOp module, Location loc) {
  Attribute attribute = module->getAttr(kStageAttr);
  if (!attribute)
    return Stage::Import;
  auto name = dyn_cast<StringAttr>(attribute);
  std::optional<Stage> stage = parseStage(name ? name.getValue() : "");
  if (!stage)
    return emitError(loc) << "expects '" << kStageAttr << "' to be one of "
                          << listStages() << ", but got " << attribute;
  return *stage;
}

void lowbit::setStage(ModuleOp module, Stage stage) {
  module->setAttr(kStageAttr,
                  StringAttr::get(module.getContext(), stringifyStage(stage)));
}

OwningOpRef<ModuleOp> Compiler::load(StringRef path) {
  source = FileLineColLoc::get(&context, path, 0, 0);
  if (!llvm::sys::fs::exists(path)) {
    emitError(source) << "file does not exist";
    return nullptr;
  }
  OwningOpRef<ModuleOp> module;
  if (path.ends_with(".mlir") || path.ends_with(".mlirbc")) {
    if (llvm::Error error = checkInputFile(path)) {
      emitError(source) << "cannot read the model: "
                        << llvm::toString(std::move(error));
      return nullptr;
    }
    module = parseSourceFile<ModuleOp>(path, &context);
  } else {
    OnnxImportOptions import;
    import.batch = options.batch;
    module = importOnnx(path, import, &context);
  }
  if (!module)
    return nullptr;
  if (module->getOperation()->hasAttr(kIdentityAttr)) {
    FailureOr<ModelIdentity> identity = readModelIdentity(*module);
    if (failed(identity))
      return nullptr;
    options.symbolPrefix = identity->prefix;
  } else if (!module->lookupSymbol("main") &&
             !module->getOperation()->hasAttr(kLaunchesAttr)) {
    emitError(source) << "expects a function @main: the program";
    return nullptr;
  }
  if (options.name.empty())
    options.name = options.symbolPrefix;
  return module;
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

/// True if the model came with codes, before any recipe formed it.
static bool hasCodes(ModuleOp module) {
  return module
      ->walk([](Operation *op) {
        return isa<EncodeOp, DecodeOp, ReinterpretOp>(op)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// The recipe is that of the module, once it has formed it.
LogicalResult Compiler::resolveRecipe(ModuleOp module, Stage current) {
  auto recorded = module->getAttrOfType<StringAttr>(kRecipeAttr);
  if (recorded && options.recipe.empty()) {
    options.recipe = recipeName = recorded.str();
    isFloat = module->hasAttr(kFloatAttr);
    return resolveProfile(module, current, Profile::Tosa);
  }
  bool isQuantized =
      !recorded && !module->hasAttr(kFormedAttr) && hasCodes(module);
  if (options.recipe.empty())
    options.recipe = isQuantized ? "imported" : "int8";
  llvm::Expected<Recipe> recipe = loadRecipe(options.recipe);
  if (!recipe)
    return emitError(UnknownLoc::get(&context))
           << llvm::toString(recipe.takeError());
  if (recorded && recorded.getValue() != recipe->name)
    return emitError(source) << "is at stage '" << stringifyStage(current)
                             << "', where the recipe '" << recorded.getValue()
                             << "' cannot be replaced by '" << recipe->name
                             << "'; start from an earlier stage";
  isFloat = recipe->isFloat();
  importsFormats = recipe->importsFormats;
  detectsFormats = recipe->detectsFormats();
  hasEncoders = recipe->hasEncoders();
  if (importsFormats && !isQuantized && !recorded)
    return emitError(source)
           << "is not quantized, and the recipe '" << recipe->name
           << "' only takes the formats of a quantized model; use another "
              "recipe, such as int8";
  if (isQuantized && !importsFormats)
    emitWarning(source) << "is quantized already; its codes stay as they are, "
                           "and the recipe '"
                        << recipe->name << "' concerns only what is in float";
  recipeName = recipe->name;
  return resolveProfile(module, current, recipe->profile);
}

FailureOr<ObjectFile> Compiler::compile(ModuleOp module) {
  if (failed(lower(module, Stage::LLVM)))
    return failure();
  return emitObject(module, options.target);
}

LogicalResult Compiler::lower(ModuleOp module, Stage target) {
  FailureOr<Stage> current = getStage(module, source);
  if (failed(current))
    return failure();
  if (*current > target)
    return emitError(source)
           << "is at stage '" << stringifyStage(*current)
           << "', beyond the stage '" << stringifyStage(target)
           << "' that was asked for";
  if (failed(resolveRecipe(module, *current)) ||
      failed(checkVariants(*current, target)) ||
      failed(resolveTarget(module, *current)) ||
      failed(checkDevice(*current, target)) ||
      failed(resolveStorage(module, *current)) ||
      failed(resolveThreads(module, *current)))
    return failure();
  setStage(module, *current);
  if (*current == Stage::Integer)
    collect(module);
  RemarkCollector remarks(context, findings, choices);
  for (int i = static_cast<int>(*current) + 1; i <= static_cast<int>(target);
       ++i) {
    auto stage = static_cast<Stage>(i);
    auto start = std::chrono::steady_clock::now();
    if (stage == Stage::Words && !options.variants.empty())
      stage = target; // several programs take the rest of the way, as one
    if (failed(run(module, stage)))
      return failure();
    i = static_cast<int>(stage);
    setStage(module, stage);
    std::chrono::duration<double, std::milli> time =
        std::chrono::steady_clock::now() - start;
    timings.push_back({stage, time.count()});
    if (stage == Stage::Integer)
      collect(module);
  }
  return success();
}

/// Marks the values and finds their statistics.
LogicalResult Compiler::observe(ModuleOp module) {
  PassManager pm(&context);
  pm.addPass(createObservePass());
  if (failed(pm.run(module)))
    return failure();
  if (!module.walk([](ObserveOp) { return WalkResult::interrupt(); })
           .wasInterrupted())
    return options.saveStatistics.empty()
               ? success()
               : saveStatistics(module, options.saveStatistics);
  llvm::Expected<Recipe> recipe = loadRecipe(options.recipe);
  if (!recipe)
    return emitError(source) << llvm::toString(recipe.takeError());
  if (!options.statistics.empty()) {
    if (failed(loadStatistics(module, options.statistics)))
      return failure();
  } else if (options.calibration.empty() && !recipe->needsRanges()) {
    return success();
  } else if (options.calibration.empty()) {
    return emitError(source)
           << "recipe '" << recipeName
           << "' needs the range of each value; give samples with "
              "--calibrate=FILE.npy or saved statistics with "
              "--statistics=FILE.json";
  } else {
    loadCalibrationDialects(context);
    auto progress = [&](int64_t done, int64_t total) {
      if (options.progress)
        options.progress("calibrating", done, total);
    };
    if (failed(calibrate(module, getCalibrationData(), progress, &*recipe)))
      return failure();
  }
  if (!options.saveStatistics.empty())
    return saveStatistics(module, options.saveStatistics);
  return success();
}

void Compiler::recordRecipe(ModuleOp module) {
  module->setAttr(kRecipeAttr, StringAttr::get(&context, recipeName));
  module->removeAttr(kFormedAttr);
  recordProfile(module);
  if (isFloat)
    module->setAttr(kFloatAttr, UnitAttr::get(&context));
}

LogicalResult Compiler::run(ModuleOp module, Stage stage) {
  if (stage == Stage::Observed) {
    if (!isFloat && !importsFormats)
      return observe(module);
    recordRecipe(module);
    return success();
  }
  if (stage == Stage::LLVM && !options.variants.empty())
    return lowerVariants(module);
  PassManager pm(&context);
  switch (stage) {
  case Stage::Import:
  case Stage::Observed:
    break;
  case Stage::Model: {
    bool isQuantized = hasCodes(module);
    // Before the weights are changed in any way.
    if (failed(formWeights(module)))
      return failure();
    if (!isQuantized && hasCodes(module))
      module->setAttr(kFormedAttr, UnitAttr::get(&context));
    buildModelPipeline(pm);
    break;
  }
  case Stage::Encoded:
    recordRecipe(module);
    if (isFloat) {
      // What was observed for another recipe is of no use to this one.
      module.walk([](ObserveOp op) {
        op.replaceAllUsesWith(op.getInput());
        op.erase();
      });
      break;
    }
    buildFormatsPipeline(pm, options.recipe, options.debugPorts);
    pm.addPass(
        createChooseStoragePass({options.onDisk, /*gap=*/0, options.recipe}));
    break;
  case Stage::Integer: {
    if (!isFloat) {
      recordProfile(module);
      IntegerizePassOptions integerize;
      integerize.requireInteger = options.requireInteger;
      integerize.profile = stringifyProfile(profile).str();
      pm.addPass(createIntegerizePass(integerize));
      pm.addPass(createCanonicalizerPass());
    }
    if (options.quantizedInterface)
      pm.addPass(createQuantizeInterfacePass());
    pm.addPass(createDescribeInterfacePass());
    break;
  }
  case Stage::Words:
    recordTarget(module);
    if (options.fallback)
      processorModule = copyModule(module);
    buildWords(pm);
    break;
  case Stage::Buffers:
    if (options.device) {
      buildDeviceBuffersPipeline(pm);
      break;
    }
    pm.addPass(createOutlineConstantsPass());
    buildBufferizePipeline(pm);
    if (!options.reference)
      pm.addPass(createFuseSumsPass());
    buildArenaPipeline(pm);
    break;
  case Stage::Kernels:
    if (options.device) {
      buildDeviceKernelsPipeline(pm, options.device, options.explain);
      break;
    }
    pm.addPass(createConvertMemRefCopyToLinalgPass());
    buildKernelsPipeline(pm, hasThreads());
    pm.addPass(createStoreConstantsPass());
    break;
  case Stage::LLVM: {
    if (options.device)
      return finishDevice(module);
    // What LLVM has no intrinsic for is left to libm.
    pm.addPass(createConvertMathToLLVMPass());
    pm.addPass(createConvertMathToLibmPass());
    if (hasThreads())
      buildOutlineThreadsPipeline(pm);
    buildLoopsToLLVMPipeline(pm, /*barePointers=*/true);
    forkThreads(pm);
    EmitInterfacePassOptions interface;
    interface.symbolPrefix = options.symbolPrefix;
    interface.name = options.name;
    interface.profile = stringifyProfile(profile).str();
    interface.recipe = recipeName;
    interface.target = options.target.describe();
    interface.threads = options.threads;
    pm.addPass(createEmitInterfacePass(interface));
    break;
  }
  }
  return pm.run(module);
}

void Compiler::collect(ModuleOp module) {
  statistics = collectStatistics(module);
  if (!isFloat)
    collectFindings(module, findings);
}
