//===- OpenMP.cpp - Where OpenMP's runtime is -----------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Programs with threads call three functions that GCC's runtime and LLVM's both
// have. Whichever is loaded already is taken: two in one process would each have
// threads of their own.

#include "lowbit/Target/OpenMP.h"

#include "llvm/ADT/STLExtras.h"

#include <dlfcn.h>

using namespace llvm;
using namespace mlir::lowbit;

static constexpr StringLiteral kFunctions[] = {
    "GOMP_parallel", "omp_get_num_threads", "omp_get_thread_num"};

bool mlir::lowbit::isOpenMPFunction(StringRef name) {
  return is_contained(kFunctions, name);
}

/// The file that defines OpenMP's functions for this handle; empty if none does.
static std::string findFile(void *handle) {
  Dl_info info;
  void *address = dlsym(handle, kFunctions[0].data());
  if (!address || !dladdr(address, &info) || !info.dli_fname)
    return "";
  return info.dli_fname;
}

Expected<std::string> mlir::lowbit::loadOpenMPRuntime() {
  std::string file = findFile(RTLD_DEFAULT);
  if (!file.empty())
    return file;
  static constexpr StringLiteral names[] = {"libgomp.so.1", "libomp.so.5",
                                            "libomp.so"};
  std::string tried;
  for (StringRef name : names) {
    if (void *handle = dlopen(name.data(), RTLD_NOW | RTLD_GLOBAL))
      if (file = findFile(handle); !file.empty())
        return file;
    tried += (tried.empty() ? "" : ", ") + name.str();
  }
  return createStringError(
      inconvertibleErrorCode(),
      "found no OpenMP runtime, tried " + tried +
          "; install libgomp1 (Debian), or compile with --threads=none");
}
