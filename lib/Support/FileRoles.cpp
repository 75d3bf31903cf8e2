//===- FileRoles.cpp - What one command reads and writes ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/FileRoles.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir::lowbit;
using llvm::Error;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

/// The folder that holds `file`.
static StringRef getFolder(StringRef file) {
  StringRef folder = path::parent_path(file);
  return folder.empty() ? "." : folder;
}

/// True if both are one entry of one folder. Files are replaced by renaming, so that
/// other links to one stay.
static bool isSameEntry(StringRef a, StringRef b) {
  return path::filename(a) == path::filename(b) &&
         fs::equivalent(getFolder(a), getFolder(b));
}

static Error cannotWrite(StringRef file, std::error_code reason) {
  return llvm::createStringError("cannot write '" + llvm::Twine(file) +
                                 "': " + reason.message());
}

void FileRoles::addRead(StringRef path, StringRef role) {
  if (!path.empty())
    files.push_back({path.str(), role.str()});
}

Error FileRoles::addWritten(StringRef path, StringRef role) {
  if (path.empty())
    return Error::success();
  fs::file_status status;
  if (std::error_code error = fs::status(getFolder(path), status))
    return cannotWrite(path, error);
  if (!fs::is_directory(status))
    return cannotWrite(path, std::make_error_code(std::errc::not_a_directory));
  bool exists = !fs::status(path, status);
  if (exists && fs::is_directory(status))
    return cannotWrite(path, std::make_error_code(std::errc::is_a_directory));
  // Devices and pipes hold nothing that could be lost.
  if (!exists || fs::is_regular_file(status))
    for (const File &file : files)
      if (isSameEntry(file.path, path))
        return llvm::createStringError(
            "'" + llvm::Twine(path) + "' is given twice, as " + file.role +
            " and as " + role + ", which would overwrite it");
  files.push_back({path.str(), role.str()});
  return Error::success();
}
