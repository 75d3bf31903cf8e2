//===- HostLibrary.cpp - What artefacts for devices have within -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Runtime/HostLibrary.h"

#include "mlir/IR/Diagnostics.h"

#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Linker/Linker.h"

using namespace mlir;
using namespace mlir::lowbit;

// Bitcode of the files beside this one.
static const unsigned char cudaLibrary[] = {
#include "cuda.inc"
};
static const unsigned char amdgpuLibrary[] = {
#include "amdgpu.inc"
};
static const unsigned char vulkanLibrary[] = {
#include "vulkan.inc"
};

namespace {
struct HostLibrary {
  StringRef api;
  ArrayRef<unsigned char> bitcode;
};
} // namespace

static ArrayRef<HostLibrary> getHostLibraries() {
  static const HostLibrary libraries[] = {{"cuda", cudaLibrary},
                                          {"amdgpu", amdgpuLibrary},
                                          {"vulkan", vulkanLibrary}};
  return libraries;
}

/// The api in "lowbit_<api>_run"; empty in other names.
static StringRef getApi(StringRef name) {
  if (name.consume_front("lowbit_") && name.consume_back("_run"))
    return name;
  return "";
}

static LogicalResult link(Location loc, llvm::Module &program,
                          const HostLibrary &library) {
  StringRef bytes(reinterpret_cast<const char *>(library.bitcode.data()),
                  library.bitcode.size());
  auto parsed =
      llvm::parseBitcodeFile({bytes, library.api}, program.getContext());
  if (!parsed)
    return emitError(loc) << "cannot read the host library of '" << library.api
                          << "': " << llvm::toString(parsed.takeError());
  // It is for every host of 64 bits.
  (*parsed)->setTargetTriple(program.getTargetTriple());
  (*parsed)->setDataLayout(program.getDataLayout());
  SmallVector<std::string> names;
  for (llvm::Function &function : **parsed) {
    if (function.isDeclaration())
      continue;
    for (StringRef attribute : {"target-cpu", "target-features", "tune-cpu"})
      function.removeFnAttr(attribute);
    if (!function.hasLocalLinkage())
      names.push_back(function.getName().str());
  }
  if (llvm::Linker::linkModules(program, std::move(*parsed)))
    return emitError(loc) << "cannot link the host library of '" << library.api
                          << "'";
  for (const std::string &name : names)
    program.getFunction(name)->setLinkage(llvm::GlobalValue::InternalLinkage);
  return success();
}

LogicalResult lowbit::linkHostLibraries(Location loc, llvm::Module &program,
                                        bool &isLinked) {
  isLinked = false;
  SmallVector<StringRef> apis;
  for (llvm::Function &function : program)
    if (StringRef api = getApi(function.getName());
        function.isDeclaration() && !api.empty())
      apis.push_back(api);
  for (StringRef api : apis) {
    const HostLibrary *found =
        llvm::find_if(getHostLibraries(), [&](const HostLibrary &library) {
          return library.api == api;
        });
    if (found == getHostLibraries().end())
      return emitError(loc) << "there is no host library for '" << api << "'";
    if (failed(link(loc, program, *found)))
      return failure();
    isLinked = true;
  }
  return success();
}

bool lowbit::isHostLibraryFunction(StringRef name) {
  static constexpr StringLiteral names[] = {"calloc", "dlclose", "dlopen",
                                            "dlsym",  "free",    "malloc"};
  return llvm::is_contained(names, name);
}
