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
#include "llvm/Support/Path.h"
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

  llvm::Expected<fs::TempFile> file =
      fs::TempFile::create(path + ".%%%%%%.tmp", fs::all_read | fs::all_write);
  if (!file)
    return cannotWrite(path, llvm::toString(file.takeError()));
  if (std::error_code error = writeTo(file->FD, write)) {
    llvm::consumeError(file->discard());
    return cannotWrite(path, error.message());
  }
  if (Error error = file->keep(path))
    return cannotWrite(path, llvm::toString(std::move(error)));
  return Error::success();
}

Error lowbit::checkFolder(StringRef path) {
  StringRef folder = llvm::sys::path::parent_path(path);
  llvm::sys::fs::file_status status;
  if (folder.empty())
    return Error::success();
  if (std::error_code error = llvm::sys::fs::status(folder, status))
    return cannotWrite(path, error.message());
  if (!llvm::sys::fs::is_directory(status))
    return cannotWrite(
        path, std::make_error_code(std::errc::not_a_directory).message());
  return Error::success();
}
