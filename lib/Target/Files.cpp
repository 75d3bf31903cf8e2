//===- Files.cpp - Objects and archives on disk ---------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/AtomicFile.h"
#include "lowbit/Target/Artefact.h"

#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir::lowbit;

Error mlir::lowbit::writeObject(const ObjectFile &object, StringRef path) {
  return writeFileAtomically(
      path, [&](raw_ostream &os) { os << object.getBuffer(); });
}

Error mlir::lowbit::writeArchive(const ObjectFile &object, StringRef prefix,
                                 StringRef path) {
  std::string member = (prefix + ".o").str();
  NewArchiveMember members[] = {
      NewArchiveMember(MemoryBufferRef(object.getBuffer(), member))};
  // Deterministic: no times, no owners.
  Expected<std::unique_ptr<MemoryBuffer>> archive = writeArchiveToBuffer(
      members, SymtabWritingMode::NormalSymtab, object::Archive::K_GNU,
      /*Deterministic=*/true, /*Thin=*/false);
  if (!archive)
    return createStringError("cannot make the archive '" + path +
                             "': " + toString(archive.takeError()));
  return writeFileAtomically(
      path, [&](raw_ostream &os) { os << (*archive)->getBuffer(); });
}
