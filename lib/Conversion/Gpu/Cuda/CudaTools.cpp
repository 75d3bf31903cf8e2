//===- CudaTools.cpp - From NVVM to PTX and cubin -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaTools.h"

#include "../KernelCompiler.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The version of PTX that is written: that of CUDA 12.0, so that every driver
/// from then on reads it. LLVM's own choice is too old for these chips.
static constexpr StringLiteral kPtxFeature = "+ptx80";

FailureOr<std::string> lowbit::emitPtx(gpu::GPUModuleOp kernels,
                                       StringRef chip) {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
  auto machine = createDeviceMachine(kernels, kCudaTriple, chip, kPtxFeature);
  if (failed(machine))
    return failure();
  return emitDeviceCode(kernels, **machine,
                        llvm::CodeGenFileType::AssemblyFile);
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
  std::string architecture = ("-arch=" + chip).str();
  return runAssembler(loc, chip, program,
                      {architecture, "-O3", "-o", "%out", "%in"}, ptx);
}
