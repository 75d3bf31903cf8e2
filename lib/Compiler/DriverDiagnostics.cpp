//===- DriverDiagnostics.cpp - How drivers print diagnostics --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/DriverDiagnostics.h"

#include "llvm/Support/WithColor.h"

using namespace mlir;
using namespace mlir::lowbit;

DriverDiagnostics::DriverDiagnostics(MLIRContext &context, StringRef tool,
                                     StringRef model)
    : SourceMgrDiagnosticHandler(sources, &context), tool(tool), model(model) {
  context.printOpOnDiagnostic(false);
  setHandler([this](Diagnostic &diagnostic) { print(diagnostic); });
}

static llvm::raw_ostream &printSeverity(llvm::raw_ostream &os, StringRef prefix,
                                        DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return llvm::WithColor::error(os, prefix);
  case DiagnosticSeverity::Warning:
    return llvm::WithColor::warning(os, prefix);
  case DiagnosticSeverity::Note:
    return llvm::WithColor::note(os, prefix);
  case DiagnosticSeverity::Remark:
    return llvm::WithColor::remark(os, prefix);
  }
  llvm_unreachable("unknown severity");
}

void DriverDiagnostics::printOne(Location loc, DiagnosticSeverity severity,
                                 const llvm::Twine &message) {
  auto line = loc->findInstanceOf<FileLineColLoc>();
  if (line && line.getLine() > 0)
    return emitDiagnostic(loc, message, severity);
  auto name = loc->findInstanceOf<NameLoc>();
  StringRef prefix = line ? line.getFilename().getValue() : StringRef(tool);
  if (name && !line)
    prefix = model;
  llvm::raw_ostream &os = printSeverity(llvm::errs(), prefix, severity);
  if (name && !name.getName().empty())
    os << "in '" << name.getName().getValue() << "': ";
  os << message << "\n";
}

void DriverDiagnostics::print(Diagnostic &diagnostic) {
  printOne(diagnostic.getLocation(), diagnostic.getSeverity(),
           diagnostic.str());
  for (Diagnostic &note : diagnostic.getNotes())
    printOne(note.getLocation(), note.getSeverity(), note.str());
}

int lowbit::finishOutput(StringRef tool, int status) {
  llvm::outs().flush();
  std::error_code error = llvm::outs().error();
  if (!error)
    return status;
  llvm::outs().clear_error(); // The stream's destructor would abort.
  llvm::WithColor::error(llvm::errs(), tool)
      << "cannot write to the standard output: " << error.message() << "\n";
  return 1;
}
