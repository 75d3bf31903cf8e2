//===- CudaTools.cpp - From NVVM to PTX and cubin -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaTools.h"

#include "mlir/Target/LLVMIR/Export.h"

#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The version of PTX that is written: that of CUDA 12.0, so that every driver
/// from then on reads it. LLVM's own choice is too old for these chips.
static constexpr StringLiteral kPtxFeature = "+ptx80";

static std::unique_ptr<llvm::TargetMachine>
createTargetMachine(StringRef chip) {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
  llvm::Triple triple("nvptx64-nvidia-cuda");
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, chip, kPtxFeature, options, llvm::Reloc::PIC_,
      /*CM=*/std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PassBuilder passes(&machine);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(components);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, components, modules);
  passes.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
}

FailureOr<std::string> lowbit::emitPtx(gpu::GPUModuleOp kernels,
                                       StringRef chip) {
  std::unique_ptr<llvm::TargetMachine> machine = createTargetMachine(chip);
  if (!machine)
    return kernels.emitError(
        "this LLVM has no code generator for NVIDIA's GPUs");
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> program =
      translateModuleToLLVMIR(kernels, context, kernels.getName());
  if (!program)
    return kernels.emitError("has operations that have no lowering to NVVM");
  program->setTargetTriple(machine->getTargetTriple());
  program->setDataLayout(machine->createDataLayout());
  optimize(*program, *machine);
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager emit;
  if (machine->addPassesToEmitFile(emit, stream, nullptr,
                                   llvm::CodeGenFileType::AssemblyFile))
    return kernels.emitError("cannot emit PTX");
  emit.run(*program);
  return text.str().str();
}

/// The path of ptxas; empty if there is none.
static std::string findPtxas() {
  if (llvm::ErrorOr<std::string> found = llvm::sys::findProgramByName("ptxas"))
    return *found;
  SmallVector<std::string> folders;
  for (const char *variable : {"CUDA_HOME", "CUDA_PATH", "CUDA_ROOT"})
    if (auto folder = llvm::sys::Process::GetEnv(variable))
      folders.push_back(*folder);
  folders.push_back("/usr/local/cuda");
  for (StringRef folder : folders) {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, "bin", "ptxas");
    if (llvm::sys::fs::can_execute(path))
      return path.str().str();
  }
  return "";
}

FailureOr<std::string> lowbit::assemblePtx(Location loc, StringRef ptx,
                                           StringRef chip) {
  std::string program = findPtxas();
  if (program.empty())
    return emitError(loc)
           << "cannot assemble kernels for '" << chip
           << "': found no ptxas on PATH, in CUDA_HOME or in /usr/local/cuda; "
              "install NVIDIA's CUDA toolkit";
  llvm::SmallString<128> input, output, messages;
  int descriptor = -1;
  llvm::sys::fs::createTemporaryFile("lowbit", "ptx", descriptor, input);
  llvm::sys::fs::createTemporaryFile("lowbit", "cubin", output);
  llvm::sys::fs::createTemporaryFile("lowbit", "txt", messages);
  llvm::FileRemover removers[] = {llvm::FileRemover(input),
                                  llvm::FileRemover(output),
                                  llvm::FileRemover(messages)};
  if (descriptor < 0)
    return emitError(loc) << "cannot write a temporary file for ptxas";
  llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
  os << ptx;
  os.close();
  if (std::error_code error = os.error()) {
    os.clear_error(); // The stream's destructor would abort.
    return emitError(loc) << "cannot write a temporary file for ptxas: "
                          << error.message();
  }
  std::string architecture = ("-arch=" + chip).str();
  StringRef arguments[] = {program, architecture, "-O3", "-o", output, input};
  std::optional<StringRef> redirects[] = {StringRef(), StringRef(messages),
                                          StringRef(messages)};
  std::string problem;
  int status = llvm::sys::ExecuteAndWait(program, arguments, std::nullopt,
                                         redirects, /*SecondsToWait=*/0,
                                         /*MemoryLimit=*/0, &problem);
  if (status != 0) {
    if (problem.empty())
      if (auto said = llvm::MemoryBuffer::getFile(messages))
        problem = (*said)->getBuffer().trim().str();
    return emitError(loc) << "'" << program << "' failed for '" << chip
                          << "': " << problem;
  }
  auto cubin = llvm::MemoryBuffer::getFile(output);
  if (!cubin || (*cubin)->getBufferSize() == 0)
    return emitError(loc) << "'" << program << "' wrote nothing";
  return (*cubin)->getBuffer().str();
}
