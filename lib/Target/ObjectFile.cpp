//===- ObjectFile.cpp - From the LLVM dialect to object code --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Target/ObjectFile.h"

#include "lowbit/Analysis/ModelInterface.h"
#include "lowbit/Runtime/HostLibrary.h"
#include "lowbit/Support/OptimizeModule.h"
#include "lowbit/Target/OpenMP.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"

#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mlir::lowbit;

static void initializeTargets() {
  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargets();
  llvm::InitializeAllTargetMCs();
}

/// What processors of the kind `cpu` have, but this machine has not: its firmware
/// or a virtual machine may hide features. As LLVM spells it: "-f,-g".
static std::string listMissingOnHost(StringRef triple, StringRef cpu) {
  initializeTargets();
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(llvm::Triple(triple), error);
  if (!target)
    return ""; // reported when the object is made
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(llvm::Triple(triple), "", ""));
  if (!subtarget->isCPUStringValid(cpu))
    return "";
  subtarget.reset(target->createMCSubtargetInfo(llvm::Triple(triple), cpu, ""));
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  SmallVector<std::string> missing;
  for (const llvm::SubtargetFeatureKV &feature :
       subtarget->getAllProcessorFeatures()) {
    auto found = host.find(feature.Key);
    if (found != host.end() && !found->second &&
        subtarget->getFeatureBits().test(feature.Value))
      missing.push_back("-" + std::string(feature.Key));
  }
  return llvm::join(missing, ",");
}

void lowbit::TargetOptions::resolve() {
  if (triple.empty())
    triple = llvm::sys::getDefaultTargetTriple();
  if (cpu == "native") {
    cpu = llvm::sys::getHostCPUName();
    std::string missing = listMissingOnHost(triple, cpu);
    if (!missing.empty())
      features = features.empty() ? missing : missing + "," + features;
  }
  if (cpu.empty())
    cpu = llvm::Triple(triple).getArch() == llvm::Triple::x86_64 ? "x86-64-v3"
                                                                 : "generic";
}

std::string lowbit::TargetOptions::describe() const {
  std::string text = triple + " " + cpu;
  return features.empty() ? text : text + " " + features;
}

LogicalResult lowbit::checkTarget(Location loc, lowbit::TargetOptions options) {
  initializeTargets();
  options.resolve();
  llvm::Triple triple(options.triple);
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return emitError(loc) << "cannot compile for '" << options.triple
                          << "': " << error;
  bool isWasm = triple.getArch() == llvm::Triple::wasm32;
  if (!isWasm && (!triple.isOSBinFormatELF() || !triple.isArch64Bit()))
    return emitError(loc) << "cannot compile for '" << options.triple
                          << "': expects a 64-bit target with ELF objects, or "
                             "wasm32";
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(triple, "", ""));
  if (!subtarget->isCPUStringValid(options.cpu))
    return emitError(loc) << "'" << options.cpu << "' is not a processor of '"
                          << options.triple << "'";

  for (StringRef feature : llvm::split(options.features, ',')) {
    StringRef name = feature;
    if (name.empty())
      continue;
    bool isSigned = name.consume_front("+") || name.consume_front("-");
    if (!isSigned ||
        llvm::none_of(subtarget->getAllProcessorFeatures(),
                      [&](const auto &known) { return name == known.Key; }))
      return emitError(loc)
             << "'" << feature << "' is not a feature of '" << options.triple
             << "' with + or - before it, such as +avx2";
  }
  return success();
}

static FailureOr<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(Location loc, const lowbit::TargetOptions &options) {
  if (failed(checkTarget(loc, options)))
    return failure();
  llvm::InitializeAllAsmPrinters();
  llvm::InitializeAllAsmParsers(); // for inline assembly
  llvm::Triple triple(options.triple);
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  llvm::TargetOptions codegen;
  codegen.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  // Sections of their own let the linker drop what no one uses.
  codegen.FunctionSections = codegen.DataSections = true;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, options.cpu, options.features, codegen,
      // Modules of WebAssembly are placed once, when they are linked.
      triple.isWasm() ? llvm::Reloc::Static : llvm::Reloc::PIC_,
      /*CM=*/std::nullopt, llvm::CodeGenOptLevel::Default));
  if (!machine)
    return emitError(loc) << "cannot make code for '" << options.triple << "'";
  return machine;
}

SmallVector<StringRef> lowbit::getVectorFeatures(lowbit::TargetOptions options,
                                                 ArrayRef<StringRef> known) {
  initializeTargets();
  options.resolve();
  llvm::Triple triple(options.triple);
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return {};
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(triple, "", ""));
  if (!subtarget->isCPUStringValid(options.cpu))
    return {}; // reported when the object is made
  subtarget.reset(
      target->createMCSubtargetInfo(triple, options.cpu, options.features));
  SmallVector<StringRef> features;
  auto isKnown = [&](StringRef feature) {
    return llvm::any_of(subtarget->getAllProcessorFeatures(),
                        [&](const auto &own) { return feature == own.Key; });
  };
  for (StringRef feature : known)
    if (isKnown(feature) && subtarget->checkFeatures(("+" + feature).str()))
      features.push_back(feature);
  return features;
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine,
                     const lowbit::TargetOptions &options) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = options.loopVectorize;
  tuning.LoopInterleaving = options.loopVectorize;
  tuning.SLPVectorization = false;
  optimizeModule(module, machine, llvm::OptimizationLevel::O2, tuning);
}

/// Functions that LLVM calls for copies and fills, and takes from libc.
static bool isMemoryFunction(StringRef name) {
  return name == "memcpy" || name == "memmove" || name == "memset";
}

/// The float functions of C's math library, without suffix.
static bool isMathFunction(StringRef name) {
  static constexpr StringLiteral names[] = {
      "acos",      "acosh",  "asin",     "asinh", "atan",      "atan2", "atanh",
      "cbrt",      "ceil",   "copysign", "cos",   "cosh",      "erf",   "erfc",
      "exp",       "exp2",   "expm1",    "fabs",  "floor",     "fma",   "fmax",
      "fmin",      "fmod",   "ldexp",    "log",   "log10",     "log1p", "log2",
      "nearbyint", "pow",    "rint",     "round", "roundeven", "sin",   "sinh",
      "sqrt",      "sincos", "tan",      "tanh",  "tgamma",    "trunc"};
  return llvm::is_contained(names, name) ||
         (name.consume_back("f") && llvm::is_contained(names, name));
}

/// Names that linkers define.
static bool isLinkerSymbol(StringRef name) {
  return name == "_GLOBAL_OFFSET_TABLE_" || name == "__stack_pointer" ||
         name == "__linear_memory" || name == "__indirect_function_table";
}

/// Sorts the names that `object` does not define; fails for those that an
/// artefact must not need.
static LogicalResult collectUndefined(Location loc, ObjectFile &object,
                                      bool hasHostLibrary, bool hasVariants) {
  auto parsed = llvm::object::ObjectFile::createObjectFile(
      llvm::MemoryBufferRef(object.getBuffer(), "object"));
  if (!parsed)
    return emitError(loc) << "cannot read the object back: "
                          << llvm::toString(parsed.takeError());
  for (llvm::object::SymbolRef symbol : (*parsed)->symbols()) {
    auto flags = symbol.getFlags();
    auto name = symbol.getName();
    if (!flags || !name)
      return emitError(loc) << "cannot read the object's symbols back";
    if (!(*flags & llvm::object::SymbolRef::SF_Undefined) || name->empty() ||
        isMemoryFunction(*name) || isLinkerSymbol(*name) ||
        (hasHostLibrary && isHostLibraryFunction(*name)) ||
        (hasVariants && *name == "getauxval")) // Linux: what the processor has
      continue;
    if (isOpenMPFunction(*name)) {
      object.needsOpenMP = true;
      continue;
    }
    if (!isMathFunction(*name))
      return emitError(loc) << "the program calls '" << *name
                            << "', which an artefact must not need: it has "
                               "memcpy, memmove, memset and C's math library";
    object.mathFunctions.push_back(name->str());
  }
  llvm::sort(object.mathFunctions);
  return success();
}

FailureOr<ObjectFile> lowbit::emitObject(ModuleOp module,
                                         lowbit::TargetOptions options) {
  Location loc = module.getLoc();
  options.resolve();
  auto machine = createTargetMachine(loc, options);
  FailureOr<ModelIdentity> identity = readModelIdentity(module);
  if (failed(machine) || failed(identity))
    return failure();

  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  module->getContext()->appendDialectRegistry(registry);
  llvm::LLVMContext context;
  // The name becomes the object's file symbol.
  std::unique_ptr<llvm::Module> program =
      translateModuleToLLVMIR(module, context, identity->prefix);
  if (!program)
    return emitError(loc) << "expects a module of the LLVM dialect only";
  program->setSourceFileName(identity->prefix);
  program->setTargetTriple((*machine)->getTargetTriple());
  program->setDataLayout((*machine)->createDataLayout());
  if ((*machine)->isPositionIndependent())
    program->setPICLevel(llvm::PICLevel::BigPIC);
  bool hasHostLibrary;
  if (failed(linkHostLibraries(loc, *program, hasHostLibrary)))
    return failure();
  optimize(*program, **machine, options);

  ObjectFile object;
  object.triple = options.triple;
  llvm::raw_svector_ostream stream(object.bytes);
  llvm::legacy::PassManager emit;
  if ((*machine)->addPassesToEmitFile(emit, stream, nullptr,
                                      llvm::CodeGenFileType::ObjectFile))
    return emitError(loc) << "cannot emit objects for '" << options.triple
                          << "'";
  emit.run(*program);
  if (failed(collectUndefined(loc, object, hasHostLibrary,
                              readModelVariants(module).has_value())))
    return failure();
  return object;
}
