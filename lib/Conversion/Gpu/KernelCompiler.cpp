//===- KernelCompiler.cpp - From the LLVM dialect to a device's code ------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelCompiler.h"

#include "lowbit/Support/OptimizeModule.h"

#include "mlir/Target/LLVMIR/Export.h"

#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

using namespace mlir;
using namespace mlir::lowbit;

FailureOr<std::unique_ptr<llvm::TargetMachine>>
lowbit::createDeviceMachine(gpu::GPUModuleOp kernels, StringRef triple,
                            StringRef chip, StringRef features) {
  llvm::Triple parsed(triple);
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(parsed, error);
  if (!target)
    return kernels.emitError()
           << "this LLVM has no code generator for '" << triple << "'";
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      parsed, chip, features, options, llvm::Reloc::PIC_,
      /*CM=*/std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

FailureOr<std::string>
lowbit::emitDeviceCode(gpu::GPUModuleOp kernels, llvm::TargetMachine &machine,
                       llvm::CodeGenFileType kind,
                       function_ref<void(llvm::Module &)> prepare) {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> program =
      translateModuleToLLVMIR(kernels, context, kernels.getName());
  if (!program)
    return kernels.emitError("has operations that LLVM cannot translate");
  for (llvm::Function &function : *program)
    if (function.isDeclaration() && !function.isIntrinsic())
      return kernels.emitError() << "calls '" << function.getName()
                                 << "', a function that no device has";
  program->setTargetTriple(machine.getTargetTriple());
  program->setDataLayout(machine.createDataLayout());
  if (prepare)
    prepare(*program);
  optimizeModule(*program, machine, llvm::OptimizationLevel::O3);
  llvm::SmallString<0> code;
  llvm::raw_svector_ostream stream(code);
  llvm::legacy::PassManager emit;
  if (machine.addPassesToEmitFile(emit, stream, nullptr, kind))
    return kernels.emitError("LLVM cannot emit code for this device");
  emit.run(*program);
  return code.str().str();
}

FailureOr<std::string> lowbit::runAssembler(Location loc, StringRef subject,
                                            StringRef program,
                                            ArrayRef<StringRef> arguments,
                                            StringRef input) {
  llvm::SmallString<128> source, output, messages;
  int descriptor = -1;
  llvm::sys::fs::createTemporaryFile("lowbit", "in", descriptor, source);
  llvm::sys::fs::createTemporaryFile("lowbit", "out", output);
  llvm::sys::fs::createTemporaryFile("lowbit", "txt", messages);
  llvm::FileRemover removers[] = {llvm::FileRemover(source),
                                  llvm::FileRemover(output),
                                  llvm::FileRemover(messages)};
  if (descriptor < 0)
    return emitError(loc) << "cannot write a temporary file for '" << program
                          << "'";
  llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
  os << input;
  os.close();
  if (std::error_code error = os.error()) {
    os.clear_error(); // The stream's destructor would abort.
    return emitError(loc) << "cannot write a temporary file for '" << program
                          << "': " << error.message();
  }
  SmallVector<StringRef> command = {program};
  for (StringRef argument : arguments)
    command.push_back(argument == "%in"    ? StringRef(source)
                      : argument == "%out" ? StringRef(output)
                                           : argument);
  std::optional<StringRef> redirects[] = {StringRef(), StringRef(messages),
                                          StringRef(messages)};
  std::string problem;
  int status = llvm::sys::ExecuteAndWait(program, command, std::nullopt,
                                         redirects, /*SecondsToWait=*/0,
                                         /*MemoryLimit=*/0, &problem);
  if (status != 0) {
    if (problem.empty())
      if (auto said = llvm::MemoryBuffer::getFile(messages))
        problem = (*said)->getBuffer().trim().str();
    return emitError(loc) << "'" << program << "' failed for '" << subject
                          << "': " << problem;
  }
  auto made = llvm::MemoryBuffer::getFile(output);
  if (!made || (*made)->getBufferSize() == 0)
    return emitError(loc) << "'" << program << "' wrote nothing";
  return (*made)->getBuffer().str();
}

void lowbit::replaceByBinary(
    gpu::GPUModuleOp kernels, Attribute target,
    ArrayRef<std::pair<gpu::CompilationTarget, std::string>> objects) {
  OpBuilder builder(kernels);
  auto attributes = llvm::map_to_vector(objects, [&](auto &object) {
    return Attribute(gpu::ObjectAttr::get(
        builder.getContext(), target, object.first,
        builder.getStringAttr(object.second), /*properties=*/{},
        /*kernels=*/{}));
  });
  gpu::BinaryOp::create(builder, kernels.getLoc(), kernels.getName(),
                        /*offloadingHandler=*/nullptr,
                        builder.getArrayAttr(attributes));
  kernels.erase();
}
