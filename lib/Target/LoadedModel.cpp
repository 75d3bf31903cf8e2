//===- LoadedModel.cpp - A compiled model in this process -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Target/LoadedModel.h"

#include "lowbit/Support/InputFile.h"
#include "lowbit/Target/OpenMP.h"

#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

#include <dlfcn.h>

using namespace llvm;
using namespace mlir::lowbit;

static Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

/// Code for another processor would stop the process with an illegal
/// instruction. `target` is "<triple> <cpu> [<features>]".
static Error checkProcessor(StringRef target) {
  auto [tripleText, rest] = target.split(' ');
  auto [cpu, features] = rest.split(' ');
  Triple triple(tripleText), host(sys::getDefaultTargetTriple());
  if (cpu.empty())
    return Error::success(); // not recorded
  if (triple.getArch() != host.getArch())
    return makeError("it is compiled for '" + tripleText +
                     "', but this machine is '" + host.str() + "'");
  InitializeNativeTarget();
  std::string problem;
  const llvm::Target *native = TargetRegistry::lookupTarget(host, problem);
  std::unique_ptr<MCSubtargetInfo> wanted(
      native ? native->createMCSubtargetInfo(host, cpu, features) : nullptr);
  if (!wanted)
    return Error::success();
  StringMap<bool> present = sys::getHostCPUFeatures();
  SmallVector<StringRef> missing;
  for (const auto &feature : present)
    if (!feature.second && wanted->checkFeatures(("+" + feature.first()).str()))
      missing.push_back(feature.first());
  if (missing.empty())
    return Error::success();
  return makeError("it is compiled for a processor with '" +
                   *llvm::min_element(missing) +
                   "', which this one does not have; compile with --cpu=native "
                   "on this machine");
}

/// The fields before these two are where they are in every version. A struct
/// that ends behind `run` has no ports.
static Error checkModel(const lowbit_model &model) {
  if (model.abi_version != LOWBIT_ABI_VERSION ||
      model.struct_size < offsetof(lowbit_model, port_count))
    return makeError("it has version " + Twine(model.abi_version) +
                     " of the interface in " + Twine(model.struct_size) +
                     " bytes, but this program knows version " +
                     Twine(LOWBIT_ABI_VERSION) + " in at least " +
                     Twine(offsetof(lowbit_model, port_count)) + " bytes");
  return checkProcessor(model.target);
}

Expected<LoadedModel> LoadedModel::loadInMemory(const ObjectFile &object,
                                                StringRef prefix) {
  if (Triple(object.triple).getArch() !=
      Triple(sys::getDefaultTargetTriple()).getArch())
    return makeError("cannot run code for '" + object.triple +
                     "' on this machine");
  if (object.needsOpenMP)
    if (Expected<std::string> runtime = loadOpenMPRuntime(); !runtime)
      return runtime.takeError();
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  auto jit = orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  if (Error error = (*jit)->addObjectFile(
          MemoryBuffer::getMemBufferCopy(object.getBuffer(), prefix)))
    return error;
  auto symbol = (*jit)->lookup((prefix + "_lowbit_model").str());
  if (!symbol)
    return symbol.takeError();
  const auto *model = symbol->toPtr<const lowbit_model *>();
  if (Error error = checkModel(*model))
    return makeError("cannot run the model: " + toString(std::move(error)));
  return LoadedModel(std::shared_ptr<orc::LLJIT>(std::move(*jit)), model);
}

/// The prefixes of the models that the file exports, in the file's order.
static Expected<std::vector<std::string>> findModels(StringRef path) {
  Expected<object::OwningBinary<object::ObjectFile>> file =
      object::ObjectFile::createObjectFile(path);
  if (!file)
    return file.takeError();
  auto *elf = dyn_cast<object::ELFObjectFileBase>(file->getBinary());
  if (!elf)
    return makeError("it is no ELF file");
  if (elf->getEType() != ELF::ET_DYN)
    return makeError("it is no shared object");
  if (elf->getArch() != Triple(sys::getDefaultTargetTriple()).getArch())
    return makeError("it is compiled for " +
                     Triple::getArchTypeName(elf->getArch()) +
                     ", but this machine is " +
                     Triple::getArchTypeName(
                         Triple(sys::getDefaultTargetTriple()).getArch()));
  std::vector<std::string> prefixes;
  for (object::ELFSymbolRef symbol : elf->getDynamicSymbolIterators()) {
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    if (symbol.getBinding() == ELF::STB_GLOBAL && symbol.getSize() > 0 &&
        name->consume_back("_lowbit_model"))
      prefixes.push_back(name->str());
  }
  if (prefixes.empty())
    return makeError("no symbol in it ends in '_lowbit_model'");
  return prefixes;
}

Expected<LoadedModel> LoadedModel::loadShared(StringRef path,
                                              StringRef prefix) {
  auto refuse = [&](Error reason) {
    return makeError("'" + path +
                     "' is not an artefact of Lowbit that can be "
                     "run here: " +
                     toString(std::move(reason)));
  };
  if (!sys::fs::exists(path))
    return makeError("cannot open '" + path + "': no such file");
  if (Error error = checkInputFile(path))
    return refuse(std::move(error));
  Expected<std::vector<std::string>> prefixes = findModels(path);
  if (!prefixes)
    return refuse(prefixes.takeError());
  std::string all = llvm::join(*prefixes, ", ");
  if (prefix.empty() && prefixes->size() > 1)
    return makeError("'" + path + "' holds several models, choose one of " +
                     all);
  if (prefix.empty())
    prefix = prefixes->front();
  if (!is_contained(*prefixes, prefix))
    return makeError("'" + path + "' holds no model '" + prefix + "', but " +
                     all);

  // Without a slash, dlopen would look for the file along the library path.
  SmallString<128> absolute(path);
  if (std::error_code error = sys::fs::make_absolute(absolute))
    return refuse(errorCodeToError(error));
  void *handle = dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    StringRef reason = dlerror();
    bool lacksRuntime =
        reason.starts_with("libgomp.") || reason.starts_with("libomp.");
    return refuse(makeError(
        reason + (lacksRuntime ? "; it has threads and needs this OpenMP "
                                 "runtime: install it (on Debian libgomp1 or "
                                 "libomp5), or compile with --threads=none"
                               : "")));
  }
  std::shared_ptr<void> code(handle, [](void *h) { dlclose(h); });
  const auto *model = static_cast<const lowbit_model *>(
      dlsym(handle, (prefix + "_lowbit_model").str().c_str()));
  if (!model)
    return refuse(makeError("its symbols cannot be found"));
  if (Error error = checkModel(*model))
    return refuse(std::move(error));
  return LoadedModel(std::move(code), model);
}
