//===- AtomicFile.cpp - Files that are whole or absent ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/AtomicFile.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::lowbit;
using llvm::Error;
using llvm::StringRef;

/// The error of writing to `path`.
static Error cannotWrite(StringRef path, StringRef reason) {
  return llvm::createStringError(llvm::Twine("cannot write '") + path +
                                 "': " + reason);
}

/// Writes to the open file `descriptor`, which stays open.
static std::error_code
writeTo(int descriptor, llvm::function_ref<void(llvm::raw_ostream &)> write) {
  llvm::raw_fd_ostream stream(descriptor, /*shouldClose=*/false);
  write(stream);
  stream.flush();
  std::error_code error = stream.error();
  stream.clear_error(); // The stream's destructor would abort.
  return error;
}

Error lowbit::writeFileAtomically(
    StringRef path, llvm::function_ref<void(llvm::raw_ostream &)> write) {
  namespace fs = llvm::sys::fs;
  fs::file_status status;
  if (!fs::status(path, status) && fs::exists(status) &&
      !fs::is_regular_file(status)) {
    int descriptor;
    std::error_code error = fs::openFileForWrite(path, descriptor);
    if (!error) {
      error = writeTo(descriptor, write);
      std::error_code closed = fs::closeFile(descriptor);
      if (!error)
        error = closed;
    }
    return error ? cannotWrite(path, error.message()) : Error::success();
  }

  llvm::Expected<PendingFile> file = PendingFile::create(path, write);
  return file ? file->keep() : file.takeError();
}

llvm::Expected<PendingFile>
PendingFile::create(StringRef path,
                    llvm::function_ref<void(llvm::raw_ostream &)> write) {
  namespace fs = llvm::sys::fs;
  llvm::Expected<fs::TempFile> file =
      fs::TempFile::create(path + ".%%%%%%.tmp", fs::all_read | fs::all_write);
  if (!file)
    return cannotWrite(path, llvm::toString(file.takeError()));
  PendingFile pending(path, std::move(*file));
  if (std::error_code error = writeTo(pending.file.FD, write))
    return cannotWrite(path, error.message());
  return pending;
}

PendingFile::~PendingFile() {
  if (file.FD != -1)
    llvm::consumeError(file.discard());
}

Error PendingFile::keep() {
  Error error = file.keep(path);
  return error ? cannotWrite(path, llvm::toString(std::move(error)))
               : Error::success();
}
