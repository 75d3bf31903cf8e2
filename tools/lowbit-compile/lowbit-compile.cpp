//===- lowbit-compile.cpp - compiles a model ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../CompileFlags.h"

#include "lowbit/Analysis/ModelInterface.h"
#include "lowbit/Compiler/Codec.h"
#include "lowbit/Compiler/DriverDiagnostics.h"
#include "lowbit/Compiler/Report.h"
#include "lowbit/Compiler/SensitivityReport.h"
#include "lowbit/Encoders/Encoder.h"
#include "lowbit/InitAll.h"
#include "lowbit/Support/AtomicFile.h"
#include "lowbit/Support/FileRoles.h"
#include "lowbit/Target/Artefact.h"
#include "lowbit/Transforms/Recipe.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;
using namespace mlir::lowbit;
namespace cl = llvm::cl;

static cl::OptionCategory category("lowbit-compile options");
static cl::opt<std::string> input(cl::Positional,
                                  cl::desc("<model.onnx|model.mlir>"),
                                  cl::cat(category));
static cl::opt<std::string> output("o", cl::cat(category),
                                   cl::value_desc("x.so|x.o|x.a|x.wasm|x.mlir"),
                                   cl::desc("The artefact; its C header is "
                                            "written beside it as x.h"));
static cl::opt<std::string> emit("emit", cl::cat(category),
                                 cl::value_desc("stage"),
                                 cl::desc("Stop after a stage and print MLIR: "
                                          "import, model, observed, encoded, "
                                          "integer, words, buffers, kernels, "
                                          "llvm; or print the assembly of a "
                                          "device's kernels: assembly"));
static cl::opt<std::string> symbolPrefix("symbol-prefix", cl::cat(category),
                                         cl::desc("Start of the exported names "
                                                  "(default: from -o)"));
static cl::opt<std::string> report("report", cl::cat(category),
                                   cl::value_desc("file.json|file.html"),
                                   cl::desc("Write figures of the network and "
                                            "the compilation"));
static cl::opt<bool> explain("explain", cl::cat(category),
                             cl::desc("Print what is not quantized or not "
                                      "fused, with its cost and the reason, "
                                      "and which primitive each layer has"));
static cl::opt<bool>
    debugPorts("debug-ports", cl::cat(category),
               cl::desc("Leave the codes of each layer in the workspace; the "
                        "artefact's description says where"));
static cl::opt<bool> verbose("v", cl::cat(category),
                             cl::desc("Print the time of each stage"));

static cl::opt<std::string> sensitivity(
    "sensitivity", cl::ValueOptional, cl::cat(category),
    cl::value_desc("mixed.yaml"),
    cl::desc("Rank layers by the error that quantizing each alone causes, and "
             "write a recipe for --target-sqnr or --max-bytes"));
static cl::opt<double> targetSqnr("target-sqnr", cl::cat(category),
                                  cl::value_desc("dB"),
                                  cl::desc("What --sensitivity's recipe keeps "
                                           "of the outputs"));
static cl::opt<int64_t> maxBytes("max-bytes", cl::cat(category),
                                 cl::value_desc("bytes"),
                                 cl::desc("What the weights of --sensitivity's "
                                          "recipe take"));
static cl::opt<bool> listRecipes("list-recipes", cl::cat(category),
                                 cl::desc("Print the built-in recipes"));
static cl::opt<bool>
    listEncoders("list-encoders", cl::cat(category),
                 cl::desc("Print the encoders of weights that recipes name"));

static cl::opt<std::string> codec(
    "codec", cl::cat(category), cl::value_desc("name[:key=value,...]"),
    cl::desc("Compile a gradient codec instead of a model, for gradients of "
             "--size numbers"));
static cl::opt<int64_t> size("size", cl::cat(category), cl::value_desc("N"),
                             cl::desc("See --codec"));
static cl::opt<bool> listCodecs("list-codecs", cl::cat(category),
                                cl::desc("Print the gradient codecs"));

static int fail(const llvm::Twine &message) {
  llvm::WithColor::error(llvm::errs(), "lowbit-compile") << message << "\n";
  return 1;
}

/// What to write, from -o and --emit.
static bool isArtefact(StringRef path) {
  return llvm::is_contained({".so", ".o", ".a", ".wasm"},
                            llvm::sys::path::extension(path));
}

/// The header beside the artefact.
static std::string getHeaderPath() {
  llvm::SmallString<128> header(output);
  llvm::sys::path::replace_extension(header, ".h");
  return header.str().str();
}

/// An error where a file would be lost, or cannot be written, before any work is done.
static llvm::Error checkFiles(const CompileFlags &flags) {
  FileRoles files;
  files.addRead(input, "the model");
  if (llvm::Error error = flags.addFiles(files))
    return error;
  if (llvm::Error error = files.addWritten(sensitivity, "--sensitivity"))
    return error;
  if (llvm::Error error = files.addWritten(output, "-o"))
    return error;
  if (emit.empty() && !output.empty())
    if (llvm::Error error =
            files.addWritten(getHeaderPath(), "the header of -o"))
      return error;
  return files.addWritten(report, "--report");
}

static llvm::Error
writeArtefact(const ObjectFile &object, StringRef prefix,
              llvm::function_ref<void(llvm::raw_ostream &)> writeHeader) {
  StringRef extension = llvm::sys::path::extension(output);
  // Before the artefact, so that none of the two is there alone.
  llvm::Expected<PendingFile> header =
      PendingFile::create(getHeaderPath(), writeHeader);
  if (!header)
    return header.takeError();
  llvm::Error error = extension == ".so"  ? writeSharedObject(object, output)
                      : extension == ".a" ? writeArchive(object, prefix, output)
                      : extension == ".wasm"
                          ? writeWebAssembly(object, prefix, output)
                          : writeObject(object, output);
  return error ? std::move(error) : header->keep();
}

/// Prints where -o says. 1 after an error.
static int printOutput(llvm::function_ref<void(llvm::raw_ostream &)> print) {
  if (output.empty() || output == "-") {
    print(llvm::outs());
    llvm::outs() << "\n";
  } else if (llvm::Error error = writeFileAtomically(output, print)) {
    return fail(llvm::toString(std::move(error)));
  }
  return 0;
}

/// The first option by name that was given and says something of networks only.
static StringRef findNetworkOption() {
  StringRef first;
  for (auto &[name, option] : cl::getRegisteredOptions()) {
    bool isOfCodec =
        llvm::is_contained({"codec", "size", "o", "emit", "symbol-prefix",
                            "lowering", "target", "cpu", "features", "v"},
                           StringRef(name));
    if (!isOfCodec && option->getNumOccurrences() > 0 &&
        llvm::is_contained(option->Categories, &category) &&
        (first.empty() || name < first))
      first = name;
  }
  return first;
}

static int compileCodec(MLIRContext &context, const CompileOptions &options) {
  if (!input.empty())
    return fail("--codec takes no model, but got '" + input + "'");
  if (options.device)
    return fail("--codec makes programs for processors, so that it excludes "
                "--target=" +
                options.device.describe());
  if (StringRef option = findNetworkOption(); !option.empty())
    return fail("--codec compiles no network, so that it excludes --" + option);
  bool isPrinted =
      llvm::is_contained({"integer", "kernels", "llvm"}, StringRef(emit));
  if (!emit.empty() && !isPrinted)
    return fail("--emit expects one of integer, kernels, llvm for a codec, but "
                "got '" +
                emit + "'");
  if (!isPrinted &&
      (!isArtefact(output) || StringRef(output).ends_with(".wasm")))
    return fail("--codec expects -o with a file that ends in .so, .o or .a, or "
                "--emit=<stage>");
  llvm::Expected<CodecProgram> program = parseCodec(context, codec, size);
  if (!program)
    return fail(llvm::toString(program.takeError()));
  TargetOptions target = options.target;
  target.resolve();
  program->prefix = options.symbolPrefix;
  program->target = target.describe();
  OwningOpRef<ModuleOp> module = buildCodecModule(context, *program);
  if (emit != "integer" &&
      failed(lowerCodecModule(*module, *program, options.reference,
                              /*kernels=*/emit == "kernels")))
    return 1;
  if (isPrinted)
    return printOutput([&](llvm::raw_ostream &os) { module->print(os); });
  FailureOr<ObjectFile> object = emitObject(*module, target);
  if (failed(object))
    return 1;
  auto writeHeader = [&](llvm::raw_ostream &os) {
    emitCodecHeader(*program, os);
  };
  if (llvm::Error error = writeArtefact(*object, program->prefix, writeHeader))
    return fail(llvm::toString(std::move(error)));
  return 0;
}

/// Empty if the flags of --sensitivity fit together.
static std::string checkSensitivityFlags() {
  bool hasSqnr = targetSqnr.getNumOccurrences();
  bool hasBytes = maxBytes.getNumOccurrences();
  if (sensitivity.empty() && (hasSqnr || hasBytes))
    return "--target-sqnr and --max-bytes need --sensitivity=FILE.yaml, where "
           "the recipe goes";
  if (!sensitivity.getNumOccurrences())
    return "";
  if (!output.empty() || !emit.empty())
    return "--sensitivity compiles nothing, so that it excludes -o and --emit";
  if (hasSqnr && hasBytes)
    return "--target-sqnr and --max-bytes exclude each other";
  if (hasSqnr && !std::isfinite(targetSqnr))
    return "--target-sqnr is a finite number of decibels";
  if (sensitivity.empty())
    return "";
  if (!hasSqnr && !hasBytes)
    return "--sensitivity=FILE.yaml needs --target-sqnr or --max-bytes: what "
           "the recipe is to reach";
  if (!StringRef(sensitivity).ends_with(".yaml"))
    return "--sensitivity expects a file that ends in .yaml, but got '" +
           sensitivity + "'";
  if (hasBytes && maxBytes < 1)
    return "--max-bytes is at least 1, but got " + std::to_string(maxBytes);
  return "";
}

/// What the flags of --sensitivity ask to be written.
static std::optional<MixedRecipeRequest> getMixedRecipeRequest() {
  if (sensitivity.empty())
    return std::nullopt;
  MixedRecipeRequest request;
  request.path = sensitivity;
  if (targetSqnr.getNumOccurrences())
    request.sqnr = targetSqnr;
  else
    request.bytes = maxBytes;
  return request;
}

static int compile(MLIRContext &context, const CompileFlags &flags,
                   CompileOptions options) {
  if (std::string message = checkSensitivityFlags(); !message.empty())
    return fail(message);
  Stage target = Stage::LLVM;
  bool isAssembly = emit == "assembly";
  if (!emit.empty() && !isAssembly) {
    std::optional<Stage> stage = parseStage(emit);
    if (!stage)
      return fail("--emit expects one of " + listStages() +
                  ", assembly, but got '" + emit + "'");
    target = *stage;
  } else if (!isAssembly && !sensitivity.getNumOccurrences() &&
             !isArtefact(output)) {
    return fail(output.empty()
                    ? llvm::Twine("expects -o with a file that ends in .so, "
                                  ".o, .a or .wasm, or --emit=<stage>")
                    : "cannot tell what to write to '" + output +
                          "': expects a file that ends in .so, .o, .a or "
                          ".wasm, or "
                          "--emit=<stage>");
  }
  if (llvm::Error error = checkFiles(flags))
    return fail(llvm::toString(std::move(error)));
  if (verbose || llvm::sys::Process::StandardErrIsDisplayed())
    options.progress = [](StringRef what, int64_t done, int64_t total) {
      if (!llvm::sys::Process::StandardErrIsDisplayed())
        return;
      llvm::errs() << "\r" << what << ": " << done << " of " << total
                   << (done == total ? "\n" : "");
    };

  Compiler compiler(context, std::move(options));
  OwningOpRef<ModuleOp> module = compiler.load(input);
  if (!module)
    return 1;
  StringRef prefix = compiler.getOptions().symbolPrefix;
  if (!symbolPrefix.empty() && prefix != symbolPrefix)
    return fail("--symbol-prefix comes too late for '" + input +
                "': its symbols start with '" + prefix + "'");
  if (sensitivity.getNumOccurrences())
    return failed(reportSensitivity(compiler, *module, getMixedRecipeRequest(),
                                    llvm::outs()));
  FailureOr<std::string> assembly = failure();
  if (isAssembly && failed(assembly = compiler.emitAssembly(*module)))
    return 1;
  FailureOr<ObjectFile> object = failure();
  if (emit.empty())
    object = compiler.compile(*module);
  else if (!isAssembly && failed(compiler.lower(*module, target)))
    return 1;
  if (emit.empty() && failed(object))
    return 1;
  if (verbose)
    printTimings(compiler, llvm::errs());
  if (!emit.empty()) {
    // With locations: they hold the names of nodes, which recipes and
    // statistics refer to.
    int status = printOutput([&](llvm::raw_ostream &os) {
      if (isAssembly)
        os << *assembly;
      else
        module->print(os, OpPrintingFlags().enableDebugInfo());
    });
    if (status != 0)
      return status;
  } else {
    auto writeHeader = [&](llvm::raw_ostream &os) {
      (void)emitHeader(*module, os); // attributes are ours and complete
    };
    if (llvm::Error error = writeArtefact(*object, prefix, writeHeader))
      return fail(llvm::toString(std::move(error)));
    printSummary(compiler, *module, llvm::errs());
    printVariants(*module, llvm::errs());
    printStorage(*module, explain, llvm::errs());
  }
  if (emit.empty() || explain)
    printFindings(compiler, explain, llvm::errs());
  if (!report.empty()) {
    bool isPage = StringRef(report).ends_with(".html");
    auto print = [&](llvm::raw_ostream &os) {
      (isPage ? writeHtmlReport : writeReport)(compiler, *module, os);
    };
    if (llvm::Error error = writeFileAtomically(report, print))
      return fail(llvm::toString(std::move(error)));
  }
  return 0;
}

static int runTool(int argc, char **argv) {
  CompileFlags flags(category);
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv,
                              "Lowbit: compiles networks to integer code\n");
  if (listRecipes) {
    llvm::Error error = printRecipes(llvm::outs());
    return error ? fail(llvm::toString(std::move(error))) : 0;
  }
  if (listEncoders) {
    printWeightEncoders(llvm::outs());
    return 0;
  }
  if (listCodecs) {
    printCodecs(llvm::outs());
    return 0;
  }
  if (input.empty() && codec.empty())
    return fail("expects a model; see --help");
  if (codec.empty() && size.getNumOccurrences() > 0)
    return fail("--size says how long the gradients of a --codec are");
  CompileOptions options;
  std::string message;
  if (!flags.fill(options, message))
    return fail(message);
  options.debugPorts = debugPorts;
  options.explain = explain;
  options.symbolPrefix = symbolPrefix.empty()
                             ? sanitizeToCIdentifier(llvm::sys::path::stem(
                                   !output.empty()  ? output
                                   : !input.empty() ? input
                                                    : codec))
                             : symbolPrefix;
  if (!isCIdentifier(options.symbolPrefix))
    return fail("--symbol-prefix expects an identifier of C, but got '" +
                options.symbolPrefix + "'");

  DialectRegistry registry;
  lowbit::registerAllDialects(registry);
  MLIRContext context(registry);
  DriverDiagnostics diagnostics(context, "lowbit-compile", input);
  if (!codec.empty())
    return compileCodec(context, options);
  return compile(context, flags, std::move(options));
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  return finishOutput("lowbit-compile", runTool(argc, argv));
}
