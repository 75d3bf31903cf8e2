//===- ExternalData.cpp - tensors in files of their own ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model says where the bytes of a tensor lie, and a model may come from
// anywhere: the location must not lead out of the model's own folder.
//
//===----------------------------------------------------------------------===//

#include "TensorReader.h"

#include "onnx.pb.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

/// The path of the file at `location` in `folder`, with all links resolved.
static llvm::Expected<std::string> resolveLocation(StringRef location,
                                                   StringRef folder) {
  namespace path = llvm::sys::path;
  auto refuse = [&](const Twine &reason) {
    return llvm::createStringError("is stored in " + quote(location) + ", " +
                                   reason);
  };
  if (folder.empty())
    return refuse("but the model was read from standard input; give the "
                  "model's path instead");
  bool leaves = llvm::is_contained(
      llvm::make_range(path::begin(location), path::end(location)), "..");
  if (location.empty() || location.contains('\0') ||
      path::is_absolute(location) || leaves)
    return refuse("which is not a path inside the model's folder");

  SmallString<128> joined(folder), file, root;
  path::append(joined, location);
  if (std::error_code code = llvm::sys::fs::real_path(folder, root))
    return refuse("but the model's folder cannot be read: " + code.message());
  if (std::error_code code = llvm::sys::fs::real_path(joined, file))
    return refuse("which cannot be read: " + code.message() +
                  "; put the file beside the model");
  if (!path::is_separator(root.back()))
    root += path::get_separator();
  if (!file.starts_with(root))
    return refuse("which is a link that leaves the model's folder");
  if (!llvm::sys::fs::is_regular_file(file))
    return refuse("which is not a file");
  return std::string(file);
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
onnximport::readExternalData(const ::onnx::TensorProto &tensor,
                             StringRef folder, uint64_t size) {
  auto refuse = [&](const Twine &reason) {
    return llvm::createStringError("tensor " + quote(tensor.name()) + " " +
                                   reason);
  };
  StringRef location;
  uint64_t offset = 0, length = size;
  for (const ::onnx::StringStringEntryProto &entry : tensor.external_data()) {
    StringRef value = entry.value();
    uint64_t *number = nullptr;
    if (entry.key() == "location")
      location = value;
    else if (entry.key() == "offset")
      number = &offset;
    else if (entry.key() == "length")
      number = &length;
    if (number && value.getAsInteger(10, *number))
      return refuse("has the external data " + entry.key() + " " +
                    quote(value) + "; expected a number of bytes");
  }
  if (length != size)
    return refuse("has " + Twine(length) + " bytes of external data; its " +
                  "shape needs " + Twine(size));

  llvm::Expected<std::string> file = resolveLocation(location, folder);
  if (!file)
    return refuse(llvm::toString(file.takeError()));
  uint64_t fileSize = 0;
  std::error_code code = llvm::sys::fs::file_size(*file, fileSize);
  if (!code && (offset > fileSize || size > fileSize - offset))
    return refuse("needs " + Twine(size) + " bytes at offset " + Twine(offset) +
                  " of " + quote(location) + ", which has " + Twine(fileSize));
  if (!code) {
    auto buffer = llvm::MemoryBuffer::getFileSlice(*file, size, offset);
    if (buffer)
      return std::move(*buffer);
    code = buffer.getError();
  }
  return refuse("is stored in " + quote(location) +
                ", which cannot be read: " + code.message());
}
