//===- FuzzNpy.cpp - Reads arbitrary bytes as an array --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/Npy.h"

#include "llvm/Support/Error.h"

#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

using namespace mlir::lowbit;

/// Reads all elements, so that a wrong size shows.
static void use(const NpyArray &array) {
  std::string shape = formatShape(array.getShape());
  int64_t count = std::min<int64_t>(array.getNumElements(), 1 << 16);
  llvm::SmallVector<float> values(count);
  convertToF32(array, array.getNumElements() - count, values, 2.0, 1.0);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int file = memfd_create("array", 0);
  if (file < 0 || write(file, data, size) != static_cast<ssize_t>(size))
    std::abort();
  llvm::Expected<NpyArray> array =
      readNpy("/proc/self/fd/" + std::to_string(file));
  if (array)
    use(*array);
  else
    llvm::consumeError(array.takeError());
  close(file);
  return 0;
}
