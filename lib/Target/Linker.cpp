//===- Linker.cpp - Shared objects, by the system's linker ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The object needs at most three functions of libc, some of libm, and OpenMP's
// runtime where it has threads, which was checked when it was made. They are linked by the path under which this
// process has them loaded: headers and development packages of libc need not be
// installed, and references get the versions that the host has.

#include "lowbit/Target/Artefact.h"
#include "lowbit/Target/OpenMP.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

#include <dlfcn.h>

using namespace llvm;
using namespace mlir::lowbit;

namespace {
struct Linker {
  StringRef name;
  /// What comes before the options of a plain linker.
  SmallVector<StringRef, 2> start;
  /// A compiler driver takes the linker's options behind -Wl.
  bool isDriver;
};
} // namespace

static ArrayRef<Linker> knownLinkers() {
  static const Linker linkers[] = {{"ld.lld-22", {}, false},
                                   {"ld.lld", {}, false},
                                   {"lld", {"-flavor", "gnu"}, false},
                                   {"ld.gold", {}, false},
                                   {"ld", {}, false},
                                   {"cc", {"-nostdlib"}, true}};
  return linkers;
}

/// The file of the loaded library that defines `symbol`; empty if none does.
static std::string findLoadedLibrary(const char *symbol) {
  Dl_info info;
  void *address = dlsym(RTLD_DEFAULT, symbol);
  if (!address || !dladdr(address, &info) || !info.dli_fname)
    return "";
  return info.dli_fname;
}

static Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

static Error cannotWrite(StringRef path, std::error_code error) {
  return makeError("cannot write '" + path + "': " + error.message());
}

/// Runs the linker; what it says becomes the error.
static Error runLinker(StringRef program, const Linker &linker,
                       ArrayRef<std::string> options, StringRef messages) {
  SmallVector<StringRef> arguments{program};
  llvm::append_range(arguments, linker.start);
  SmallVector<std::string> wrapped;
  for (const std::string &option : options)
    wrapped.push_back(linker.isDriver && StringRef(option).starts_with("-")
                          ? "-Wl," + option
                          : option);
  llvm::append_range(arguments, wrapped);

  std::optional<StringRef> redirects[] = {StringRef(), messages, messages};
  std::string problem;
  int status =
      sys::ExecuteAndWait(program, arguments, std::nullopt, redirects,
                          /*SecondsToWait=*/0, /*MemoryLimit=*/0, &problem);
  if (status == 0)
    return Error::success();
  if (problem.empty())
    if (auto said = MemoryBuffer::getFile(messages))
      problem = (*said)->getBuffer().trim().str();
  return makeError(
      "linking with '" + program + "' failed: " +
      (problem.empty() ? "exit code " + std::to_string(status) : problem));
}

namespace {
struct FoundLinker {
  const Linker *known;
  std::string program;
};
} // namespace

/// The first of `linkers` that is on PATH.
static Expected<FoundLinker> findLinker(ArrayRef<const Linker *> linkers) {
  for (const Linker *candidate : linkers)
    if (ErrorOr<std::string> found = sys::findProgramByName(candidate->name))
      return FoundLinker{candidate, *found};
  std::string tried = llvm::join(
      llvm::map_range(linkers, [](const Linker *l) { return l->name; }), ", ");
  return makeError("found no linker on PATH, tried " + tried +
                   "; install lld, or write an object file (.o) and link it "
                   "yourself");
}

static Error cannotFind(StringRef what, const ObjectFile &object,
                        StringRef why) {
  return makeError("cannot find the " + what + " of '" + object.triple +
                   "', which " + why +
                   "; write an object file (.o) and link it yourself");
}

static Error cannotFindMath(const ObjectFile &object) {
  return cannotFind("math library", object,
                    "the program needs for '" + object.mathFunctions[0] + "'");
}

/// Links `object` and `libraries` to the file `path`, which stays as it is after an
/// error.
static Error link(const ObjectFile &object, StringRef path,
                  const FoundLinker &linker, std::vector<std::string> options,
                  ArrayRef<std::string> libraries) {
  // Everything happens beside the target, under names that are removed again.
  SmallString<128> objectPath, outputPath, messagePath;
  sys::fs::createUniquePath(path + "-%%%%%%%%.tmp.o", objectPath, false);
  sys::fs::createUniquePath(path + "-%%%%%%%%.tmp.out", outputPath, false);
  sys::fs::createUniquePath(path + "-%%%%%%%%.tmp.txt", messagePath, false);
  FileRemover removers[] = {FileRemover(objectPath), FileRemover(outputPath),
                            FileRemover(messagePath)};
  int descriptor;
  if (std::error_code error = sys::fs::openFileForWrite(objectPath, descriptor,
                                                        sys::fs::CD_CreateNew))
    return cannotWrite(path, error);
  raw_fd_ostream os(descriptor, /*shouldClose=*/true);
  os << object.getBuffer();
  os.close();
  if (std::error_code error = os.error()) {
    os.clear_error(); // The stream's destructor would abort.
    return cannotWrite(path, error);
  }
  options.insert(options.end(),
                 {"-o", outputPath.str().str(), objectPath.str().str()});
  llvm::append_range(options, libraries);
  if (Error error =
          runLinker(linker.program, *linker.known, options, messagePath))
    return error;
  if (std::error_code error = sys::fs::rename(outputPath, path))
    return cannotWrite(path, error);
  return Error::success();
}

Error mlir::lowbit::writeSharedObject(const ObjectFile &object,
                                      StringRef path) {
  Triple triple(object.triple);
  if (triple.isWasm())
    return makeError("cannot write '" + path + "' for '" + object.triple +
                     "': its programs are in files that end in .wasm");
  bool isHost =
      triple.getArch() == Triple(sys::getDefaultTargetTriple()).getArch();
  SmallVector<const Linker *> linkers;
  for (const Linker &candidate : knownLinkers())
    // GNU linkers and the compiler driver know the host's format only.
    if (isHost || candidate.name.contains("lld"))
      linkers.push_back(&candidate);
  Expected<FoundLinker> linker = findLinker(linkers);
  if (!linker)
    return linker.takeError();
  std::vector<std::string> options = {"-shared",
                                      "-soname=" +
                                          sys::path::filename(path).str(),
                                      "--as-needed",
                                      "--gc-sections",
                                      "--build-id=none",
                                      "--hash-style=gnu",
                                      "-znoexecstack",
                                      "-zrelro",
                                      "-znow"};
  std::vector<std::string> libraries;
  std::string libc = isHost ? findLoadedLibrary("gnu_get_libc_version") : "";
  if (!libc.empty()) {
    libraries.push_back(libc);
    // By a function that no sanitizer intercepts: the program itself would
    // seem to define it then.
    if (!object.mathFunctions.empty())
      libraries.push_back(findLoadedLibrary("fegetround"));
    if (object.needsOpenMP) {
      Expected<std::string> runtime = loadOpenMPRuntime();
      if (!runtime)
        return runtime.takeError();
      libraries.push_back(*runtime);
      // The runtime's threads outlive each call: its code must stay where it is
      // when the program closes the library.
      options.push_back("-znodelete");
    }
    options.push_back("-zdefs");
  } else if (object.needsOpenMP) {
    return cannotFind("OpenMP runtime", object, "the program's threads need");
  } else if (!object.mathFunctions.empty()) {
    return cannotFindMath(object);
  }
  return link(object, path, *linker, std::move(options), libraries);
}

Error mlir::lowbit::writeWebAssembly(const ObjectFile &object, StringRef prefix,
                                     StringRef path) {
  if (!Triple(object.triple).isWasm())
    return makeError("cannot write '" + path + "': '" + object.triple +
                     "' is no target of WebAssembly, such as wasm32");
  if (object.needsOpenMP)
    return cannotFind("OpenMP runtime", object, "the program's threads need");
  if (!object.mathFunctions.empty())
    return cannotFindMath(object);
  static const Linker known[] = {{"wasm-ld-22", {}, false},
                                 {"wasm-ld", {}, false},
                                 {"lld", {"-flavor", "wasm"}, false}};
  Expected<FoundLinker> linker = findLinker({&known[0], &known[1], &known[2]});
  if (!linker)
    return linker.takeError();
  // Buffers of the caller's go behind __heap_base.
  return link(object, path, *linker,
              {"--no-entry", "--export=" + (prefix + "_run").str(),
               "--export=" + (prefix + "_lowbit_model").str(),
               "--export=__heap_base"},
              /*libraries=*/{});
}
