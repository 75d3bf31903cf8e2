//===- lowbit-run.cpp - runs compiled models ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Runner/Runner.h"
#include "lowbit/Target/LoadedModel.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

using namespace mlir::lowbit;
namespace cl = llvm::cl;

static cl::OptionCategory category("lowbit-run options");

static cl::opt<std::string> modelFile(cl::Positional, cl::Required,
                                      cl::desc("<model.so>"),
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
static cl::opt<double> scale("scale",
                             cl::desc("Convert inputs to f32 as x * scale + "
                                      "offset (default 1)"),
                             cl::cat(category));
static cl::opt<double> offset("offset", cl::desc("See --scale (default 0)"),
                              cl::cat(category));
static cl::opt<double> bench("bench", cl::ValueOptional,
                             cl::desc("Measure the latency for some seconds "
                                      "(default 1) on one processor"),
                             cl::value_desc("seconds"), cl::cat(category));
static cl::opt<bool> info("info",
                          cl::desc("Print the model's description of itself"),
                          cl::cat(category));
static cl::opt<bool> json("json", cl::desc("Print one JSON object"),
                          cl::cat(category));

static int fail(llvm::Error error) {
  llvm::WithColor::error(llvm::errs(), "lowbit-run")
      << llvm::toString(std::move(error)) << "\n";
  return 1;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv, "Lowbit: runs compiled models\n");

  RunOptions options;
  options.inputs = inputs;
  options.outputs = outputs;
  options.expected = expected;
  options.labels = labels;
  options.tolerance = tolerance;
  if (scale.getNumOccurrences())
    options.scale = scale;
  if (offset.getNumOccurrences())
    options.offset = offset;
  if (bench.getNumOccurrences())
    options.benchSeconds = bench.getValue() > 0 ? bench.getValue() : 1.0;
  options.info = info;
  options.json = json;

  llvm::Expected<LoadedModel> model =
      LoadedModel::loadShared(modelFile, modelPrefix);
  if (!model)
    return fail(model.takeError());
  llvm::Expected<bool> isEqual = runModel(model->get(), options, llvm::outs());
  if (!isEqual)
    return fail(isEqual.takeError());
  return *isEqual ? 0 : 1;
}
