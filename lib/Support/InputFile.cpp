//===- InputFile.cpp - Files whose size is known --------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/InputFile.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

Error lowbit::checkInputFile(StringRef path, uint64_t mostBytes) {
  fs::file_status status;
  if (std::error_code error = fs::status(path, status))
    return llvm::createStringError(error.message());
  if (fs::is_directory(status))
    return llvm::createStringError(
        std::make_error_code(std::errc::is_a_directory).message());
  if (!fs::is_regular_file(status))
    return llvm::createStringError("it is a device or a pipe, whose end is not "
                                   "known; save what it gives as a file");
  if (status.getSize() > mostBytes)
    return llvm::createStringError("it has " + llvm::Twine(status.getSize()) +
                                   " bytes, but at most " +
                                   llvm::Twine(mostBytes) + " are read");
  return Error::success();
}

static Expected<std::unique_ptr<llvm::MemoryBuffer>>
read(StringRef path, uint64_t mostBytes, bool isText) {
  if (Error error = lowbit::checkInputFile(path, mostBytes))
    return std::move(error);
  auto file = llvm::MemoryBuffer::getFile(path, isText,
                                          /*RequiresNullTerminator=*/isText);
  if (!file)
    return llvm::createStringError(file.getError().message());
  return std::move(*file);
}

Expected<std::unique_ptr<llvm::MemoryBuffer>>
lowbit::readInputFile(StringRef path) {
  return read(path, UINT64_MAX, /*isText=*/false);
}

Expected<std::unique_ptr<llvm::MemoryBuffer>>
lowbit::readInputText(StringRef path, uint64_t mostBytes) {
  return read(path, mostBytes, /*isText=*/true);
}
