//===- Compiler.h - From a model to an artefact -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// What the drivers share: one struct of options, and the stages of the way of
// the data. Each stage's output is accepted again as input.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_COMPILER_COMPILER_H
#define LOWBIT_COMPILER_COMPILER_H

#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Compiler/Findings.h"
#include "lowbit/Conversion/Device.h"
#include "lowbit/Target/ObjectFile.h"
#include "lowbit/Transforms/Profile.h"
#include "lowbit/Transforms/Sensitivity.h"

#include "mlir/IR/OwningOpRef.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace mlir {
class OpPassManager;
class PassManager;
} // namespace mlir

namespace mlir::lowbit {

/// The stages, in order. A module records its own in `lowbit.stage`; one without
/// is at `Import`. What later stages must not change is recorded too: the recipe
/// in `lowbit.recipe`, the numerics in `lowbit.profile`, the processor in
/// `lowbit.target`, threads in `lowbit.threads`.
enum class Stage {
  Import,   ///< TOSA float and composites, as the frontend made it
  Model,    ///< channels last, batch norm and constants folded
  Observed, ///< values marked, with statistics
  Encoded,  ///< every value has a format, or a reason why not
  Integer,  ///< the integer graph
  Words,    ///< signless integers; primitives chosen
  Buffers,  ///< memrefs in one arena
  Kernels,  ///< vector code
  LLVM      ///< the LLVM dialect, with the C interface
};

StringRef stringifyStage(Stage stage);
std::optional<Stage> parseStage(StringRef name);
/// Records that `module` is at `stage`, for modules that others have taken there.
void setStage(ModuleOp module, Stage stage);
/// "import, model, ..." for messages.
std::string listStages();

struct CompileOptions {
  /// A built-in recipe's name, or a path. Empty for that of the module, or for
  /// imported where the model is quantized, or int8.
  std::string recipe;
  /// The numerics profile. Empty for that of the module, or of the recipe.
  std::string profile;
  /// How codes lie on disk: a name that -lowbit-choose-storage takes. Empty for
  /// what the recipe says.
  std::string onDisk;
  /// Calibration samples: "x.npy" or "input:x.npy".
  std::vector<std::string> calibration;
  /// How much errors of weights cost: "layer:x.npy".
  std::vector<std::string> curvature;
  /// Calibration inputs are x * scale + offset. Without both, they are f32.
  std::optional<double> scale, offset;
  /// Saved statistics to use instead of samples, and where to save them.
  std::string statistics, saveStatistics;
  /// What an open first dimension becomes.
  int64_t batch = 1;
  /// Take and return codes rather than f32.
  bool quantizedInterface = false;
  /// Make operations that stay in float an error.
  bool requireInteger = false;
  /// Keep the codes of each value in the workspace, for a debugger.
  bool debugPorts = false;
  /// Plain loops instead of vector kernels: the oracle.
  bool reference = false;
  /// Whether large layers are divided among threads: "none", "openmp", or how many
  /// threads OpenMP's runtime is asked for. Empty for what the module has, or none.
  std::string threads;
  /// Primitives that contractions are built around, instead of the fastest.
  std::vector<std::string> forcePrimitives;
  /// Say of each contraction which primitive was chosen, and from what.
  bool explain = false;
  TargetOptions target;
  /// Processors that the program has code for, in place of the one of `target`: names
  /// that parseVariants takes; empty for one.
  std::vector<std::string> variants;
  /// Each of them packs weights as suits it best, instead of all alike.
  bool packsPerVariant = false;
  /// Features of all programs that share weights, of which this is one: as
  /// -lowbit-select-primitive takes them.
  std::vector<std::string> sharing;
  /// What kernels are for, where they do not run on the processor of `target`.
  DeviceTarget device;
  /// Hold the program for the processor as well, for hosts without the device.
  bool fallback = false;
  /// Of the exported symbols, and the model's name.
  std::string symbolPrefix = "model", name;
  /// Called while samples are run, with what for; may be empty.
  std::function<void(StringRef what, int64_t done, int64_t total)> progress;
};

/// Takes one model through the stages.
class Compiler {
public:
  Compiler(MLIRContext &context, CompileOptions options)
      : context(context), options(std::move(options)),
        source(UnknownLoc::get(&context)) {}

  /// Reads an ONNX model, or MLIR of any stage. Null after one error. A module
  /// whose symbols have their names already replaces `symbolPrefix`.
  OwningOpRef<ModuleOp> load(StringRef path);

  /// Lowers `module` to `target`. A module beyond it is an error.
  LogicalResult lower(ModuleOp module, Stage target);

  /// Lowers `module` to the last stage and makes its object.
  FailureOr<ObjectFile> compile(ModuleOp module);

  /// Lowers `module` to the stage `kernels`, and gives the text of a device's
  /// kernels, such as PTX.
  FailureOr<std::string> emitAssembly(ModuleOp module);

  /// Lowers `module` to the stage `observed` and measures what quantizing each
  /// layer alone costs, after `recipe` where it is not the one of the options.
  FailureOr<Sensitivity> measureSensitivity(ModuleOp module,
                                            const SensitivityOptions &options,
                                            const Recipe *recipe = nullptr);

  /// The network's work, as of the stage `Integer`; empty before.
  const std::optional<ModelStatistics> &getStatistics() const {
    return statistics;
  }
  const CompileOptions &getOptions() const { return options; }
  StringRef getRecipeName() const { return recipeName; }
  Profile getProfile() const { return profile; }
  /// What was left undone so far, stage by stage.
  ArrayRef<Finding> getFindings() const { return findings; }
  /// With `explain`: which primitive each contraction has, and why.
  ArrayRef<Finding> getChoices() const { return choices; }
  /// Milliseconds of each stage that ran.
  ArrayRef<std::pair<Stage, double>> getTimings() const { return timings; }

private:
  LogicalResult resolveRecipe(ModuleOp module, Stage current);
  void recordRecipe(ModuleOp module);
  LogicalResult resolveProfile(ModuleOp module, Stage current,
                               Profile byRecipe);
  void recordProfile(ModuleOp module);
  LogicalResult resolveTarget(ModuleOp module, Stage current);
  void recordTarget(ModuleOp module);
  LogicalResult resolveThreads(ModuleOp module, Stage current);
  LogicalResult resolveStorage(ModuleOp module, Stage current);
  /// Whether large layers are divided among threads.
  bool hasThreads() const {
    return options.threads != "none" && !options.device;
  }
  void forkThreads(PassManager &pm);
  LogicalResult run(ModuleOp module, Stage stage);
  LogicalResult checkDevice(Stage current, Stage target);
  std::string describeTarget() const;
  void buildWords(OpPassManager &pm);
  static OwningOpRef<ModuleOp> copyModule(ModuleOp module);
  LogicalResult checkVariants(Stage current, Stage target);
  LogicalResult lowerVariants(ModuleOp module);
  LogicalResult addFallback(ModuleOp module);
  LogicalResult finishDevice(ModuleOp module);
  LogicalResult formWeights(ModuleOp module);
  LogicalResult observe(ModuleOp module);
  CalibrationData getCalibrationData() const;
  void collect(ModuleOp module);

  MLIRContext &context;
  CompileOptions options;
  /// The model's file.
  Location source;
  bool isFloat = false;
  /// The recipe takes the formats of the model.
  bool importsFormats = false;
  /// The recipe keeps the grids of weights that have some.
  bool detectsFormats = false;
  /// The recipe encodes the weights of some layers.
  bool hasEncoders = false;
  /// What the recipe calls itself.
  std::string recipeName;
  Profile profile = Profile::Tosa;
  std::optional<ModelStatistics> statistics;
  std::vector<Finding> findings, choices;
  std::vector<std::pair<Stage, double>> timings;
  /// The integer graph of a program for a device, for its fallback.
  OwningOpRef<ModuleOp> processorModule;
};

} // namespace mlir::lowbit

#endif // LOWBIT_COMPILER_COMPILER_H
