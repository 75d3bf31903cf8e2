//===- lowbit-run.cpp - runs compiled models ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../CompileFlags.h"

#include "lowbit/Analysis/ModelInterface.h"
#include "lowbit/Compiler/DriverDiagnostics.h"
#include "lowbit/Compiler/ObservedReference.h"
#include "lowbit/InitAll.h"
#include "lowbit/Runner/Runner.h"
#include "lowbit/Target/LoadedModel.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;
using namespace mlir::lowbit;
namespace cl = llvm::cl;

static cl::OptionCategory category("lowbit-run options");

static cl::opt<std::string> modelFile(cl::Positional, cl::Required,
                                      cl::desc("<model.so|.onnx|.mlir>"),
                                      cl::cat(category));
static cl::opt<std::string>
    modelPrefix("model", cl::desc("Which model, if the file holds several"),
                cl::value_desc("prefix"), cl::cat(category));
static cl::list<std::string>
    inputs("input", cl::desc("Array for the next input, or the named one"),
           cl::value_desc("[name:]x.npy"), cl::cat(category));
static cl::list<std::string>
    outputs("output", cl::desc("Where to write the next output, or the named"),
            cl::value_desc("[name:]y.npy"), cl::cat(category));
static cl::list<std::string>
    expected("expect",
             cl::desc("What the next output, or the named one, is "
                      "to be; exit code 1 where it differs"),
             cl::value_desc("[name:]ref.npy"), cl::cat(category));
static cl::opt<double>
    tolerance("tolerance",
              cl::desc("Largest difference of floats that --expect accepts; 0 "
                       "(default) compares bits"),
              cl::init(0), cl::cat(category));
static cl::opt<std::string>
    labels("labels",
           cl::desc("Correct classes: print top-1 accuracy of the "
                    "first output"),
           cl::value_desc("y.npy"), cl::cat(category));
static cl::opt<std::string>
    compare("compare", cl::ValueOptional,
            cl::desc("Compare the codes of each layer with the float program, "
                     "on some samples (default: all), worst first"),
            cl::value_desc("samples"), cl::cat(category));
static cl::opt<double> bench("bench", cl::ValueOptional,
                             cl::desc("Measure the latency for some seconds "
                                      "(default 1) on one processor"),
                             cl::value_desc("seconds"), cl::cat(category));
static cl::opt<std::string>
    variant("variant",
            cl::desc("Which code runs, of a model with code for "
                     "several processors"),
            cl::value_desc("name"), cl::cat(category));
static cl::opt<bool> info("info",
                          cl::desc("Print the model's description of itself"),
                          cl::cat(category));
static cl::opt<bool> json("json", cl::desc("Print one JSON object"),
                          cl::cat(category));

static int fail(const llvm::Twine &message) {
  llvm::WithColor::error(llvm::errs(), "lowbit-run") << message << "\n";
  return 1;
}

static int run(const LoadedModel &model, const RunOptions &options) {
  llvm::Expected<bool> isEqual = runModel(model.get(), options, llvm::outs());
  if (!isEqual)
    return fail(llvm::toString(isEqual.takeError()));
  return *isEqual ? 0 : 1;
}

/// True for what is to be compiled first.
static bool isSource(StringRef path) {
  return llvm::is_contained({".onnx", ".mlir", ".mlirbc"},
                            llvm::sys::path::extension(path));
}

/// Why a number among the flags makes no sense; empty if all do.
static std::string checkNumbers(const CompileFlags &flags) {
  // 0 is what LLVM's library has for the flag without a number.
  if (!std::isfinite(bench) || bench < 0)
    return "--bench expects a number of seconds above 0";
  if (std::isnan(tolerance) || tolerance < 0)
    return "--tolerance expects a number of at least 0";
  return flags.checkScale();
}

static int compileAndRun(const CompileFlags &flags, RunOptions options) {
  CompileOptions compileOptions;
  std::string message;
  if (!flags.fill(compileOptions, message))
    return fail(message);
  FileRoles files;
  files.addRead(modelFile, "the model");
  if (llvm::Error error = flags.addFiles(files))
    return fail(llvm::toString(std::move(error)));
  compileOptions.symbolPrefix =
      sanitizeToCIdentifier(llvm::sys::path::stem(modelFile));
  bool compares = compare.getNumOccurrences() > 0;
  if (compares && compileOptions.quantizedInterface)
    return fail("--compare gives both programs the same inputs, and needs "
                "--io=float");
  compileOptions.debugPorts = compares;
  DialectRegistry registry;
  lowbit::registerAllDialects(registry);
  MLIRContext context(registry);
  DriverDiagnostics diagnostics(context, "lowbit-run", modelFile);
  Compiler compiler(context, std::move(compileOptions));
  OwningOpRef<ModuleOp> module = compiler.load(modelFile);
  if (!module)
    return 1;
  std::unique_ptr<ObservedReference> reference;
  if (compares) {
    if (failed(compiler.lower(*module, Stage::Observed)))
      return 1;
    auto created =
        ObservedReference::create(*module, compiler.getOptions().recipe);
    if (failed(created))
      return 1;
    reference = std::move(*created);
    options.reference = reference.get();
  }
  FailureOr<ObjectFile> object = compiler.compile(*module);
  if (failed(object))
    return 1;
  llvm::Expected<LoadedModel> model =
      LoadedModel::loadInMemory(*object, compiler.getOptions().symbolPrefix);
  if (!model)
    return fail(llvm::toString(model.takeError()));
  return run(*model, options);
}

static int runTool(int argc, char **argv) {
  cl::OptionCategory compiling("Flags of lowbit-compile, for models");
  CompileFlags flags(compiling);
  cl::HideUnrelatedOptions({&category, &compiling});
  cl::ParseCommandLineOptions(argc, argv, "Lowbit: runs models\n");

  if (std::string message = checkNumbers(flags); !message.empty())
    return fail(message);
  RunOptions options;
  options.source = modelFile;
  options.inputs = inputs;
  options.outputs = outputs;
  options.expected = expected;
  options.labels = labels;
  options.tolerance = tolerance;
  options.scale = flags.getScale();
  options.offset = flags.getOffset();
  if (bench.getNumOccurrences())
    options.benchSeconds = bench.getValue() == 0 ? 1.0 : bench.getValue();
  options.info = info;
  options.variant = variant;
  options.json = json;

  if (!compare.empty() &&
      (StringRef(compare).getAsInteger(10, options.compareSamples) ||
       options.compareSamples < 1))
    return fail("--compare expects a number of samples of at least 1, but got "
                "'" +
                compare + "'");
  if (isSource(modelFile))
    return compileAndRun(flags, options);
  if (compare.getNumOccurrences())
    return fail("--compare needs the model: '" + modelFile +
                "' holds no float program");
  for (const auto &[name, option] : cl::getRegisteredOptions())
    if (option->getNumOccurrences() > 0 && name != "scale" &&
        name != "offset" && llvm::is_contained(option->Categories, &compiling))
      return fail("--" + name + " is of no use for '" + modelFile +
                  "', which is compiled already");
  llvm::Expected<LoadedModel> model =
      LoadedModel::loadShared(modelFile, modelPrefix);
  if (!model)
    return fail(llvm::toString(model.takeError()));
  return run(*model, options);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  return finishOutput("lowbit-run", runTool(argc, argv));
}
