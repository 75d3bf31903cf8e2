//===- lowbit-test-emit.cpp - from the LLVM dialect to files --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Reaches the library functions that make artefacts without the rest of the
// compiler. The suffix of the output says what to write: .o, .a, .so or .h;
// with --jit the code is run in this process instead.

#include "lowbit/InitAll.h"
#include "lowbit/Runner/Runner.h"
#include "lowbit/Target/Artefact.h"
#include "lowbit/Target/LoadedModel.h"

#include "lowbit/Analysis/ModelInterface.h"
#include "lowbit/Support/AtomicFile.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::lowbit;
namespace cl = llvm::cl;

static cl::opt<std::string> input(cl::Positional, cl::init("-"));
static cl::list<std::string> outputs("o", cl::desc("x.o, x.a, x.so or x.h"));
static cl::opt<std::string> triple("triple"), cpu("cpu"), features("features");
static cl::opt<bool> loopVectorize("loop-vectorize", cl::init(true));
static cl::opt<bool> showMath("show-math");
static cl::opt<bool> jit("jit");
static cl::list<std::string> jitInputs("jit-input"), jitOutputs("jit-output");

static int fail(llvm::Error error) {
  llvm::errs() << "error: " << llvm::toString(std::move(error)) << "\n";
  return 1;
}

static llvm::Error write(ModuleOp module, const ObjectFile &object,
                         StringRef prefix, StringRef path) {
  if (path.ends_with(".so"))
    return writeSharedObject(object, path);
  if (path.ends_with(".a"))
    return writeArchive(object, prefix, path);
  if (path.ends_with(".o"))
    return writeObject(object, path);
  return writeFileAtomically(path, [&](llvm::raw_ostream &os) {
    if (failed(emitHeader(module, os)))
      llvm::errs() << "error: no header\n";
  });
}

static llvm::Error runInProcess(const ObjectFile &object, StringRef prefix) {
  llvm::Expected<LoadedModel> model = LoadedModel::loadInMemory(object, prefix);
  if (!model)
    return model.takeError();
  RunOptions options;
  options.inputs = jitInputs;
  options.outputs = jitOutputs;
  options.info = true;
  llvm::Expected<bool> isEqual = runModel(model->get(), options, llvm::outs());
  return isEqual ? llvm::Error::success() : isEqual.takeError();
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv);
  DialectRegistry registry;
  lowbit::registerAllDialects(registry);
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(input, &context);
  if (!module)
    return 1;

  lowbit::TargetOptions options;
  options.triple = triple;
  options.cpu = cpu;
  options.features = features;
  options.loopVectorize = loopVectorize;
  FailureOr<ObjectFile> object = emitObject(*module, options);
  if (failed(object))
    return 1;
  if (showMath)
    llvm::outs() << "math: " << llvm::join(object->mathFunctions, ", ") << "\n";
  FailureOr<ModelIdentity> identity = readModelIdentity(*module);
  if (failed(identity))
    return 1;
  for (const std::string &path : outputs)
    if (llvm::Error error = write(*module, *object, identity->prefix, path))
      return fail(std::move(error));
  if (jit)
    if (llvm::Error error = runInProcess(*object, identity->prefix))
      return fail(std::move(error));
  return 0;
}
