//===- HtmlReport.cpp - A report as a page --------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One file that needs no other: a table of figures, one of findings, one of
// times.

#include "lowbit/Compiler/Report.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::lowbit;

static constexpr llvm::StringLiteral kStyle = R"(
  body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; }
  table { border-collapse: collapse; }
  td, th { padding: 0.2em 1em 0.2em 0; border-bottom: 1px solid #ccc;
           text-align: left; vertical-align: top; }
  td.number { text-align: right; font-variant-numeric: tabular-nums; }
)";

namespace {

class Page {
public:
  explicit Page(llvm::raw_ostream &os) : os(os) {}

  void begin(StringRef title) {
    os << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
       << "<meta charset=\"utf-8\">\n<title>";
    text(title);
    os << "</title>\n<style>" << kStyle << "</style>\n</head>\n<body>\n<h1>";
    text(title);
    os << "</h1>\n";
  }
  void end() { os << "</body>\n</html>\n"; }

  void heading(StringRef title) {
    os << "<h2>";
    text(title);
    os << "</h2>\n";
  }
  void paragraph(StringRef words) {
    os << "<p>";
    text(words);
    os << "</p>\n";
  }
  void beginTable(ArrayRef<StringRef> columns = {}) {
    os << "<table>\n";
    if (columns.empty())
      return;
    os << "<tr>";
    for (StringRef column : columns) {
      os << "<th>";
      text(column);
      os << "</th>";
    }
    os << "</tr>\n";
  }
  void endTable() { os << "</table>\n"; }
  void beginRow() { os << "<tr>"; }
  void endRow() { os << "</tr>\n"; }
  void cell(StringRef words) {
    os << "<td>";
    text(words);
    os << "</td>";
  }
  void number(StringRef value) {
    os << "<td class=\"number\">";
    text(value);
    os << "</td>";
  }

private:
  void text(StringRef words) { llvm::printHTMLEscaped(words, os); }

  llvm::raw_ostream &os;
};

} // namespace

void lowbit::writeHtmlReport(const Compiler &compiler, ModuleOp module,
                             llvm::raw_ostream &os) {
  Page page(os);
  page.begin(compiler.getOptions().name);
  page.beginTable();
  for (const Figure &figure : collectFigures(compiler, module)) {
    page.beginRow();
    page.cell(figure.label);
    page.number(figure.value);
    page.endRow();
  }
  page.endTable();

  page.heading("What is not quantized or not fused");
  if (compiler.getFindings().empty()) {
    page.paragraph("Nothing.");
  } else {
    page.beginTable({"Operation", "Where", "Node", "Multiply-accumulates",
                     "Elements", "What and why"});
    for (const Finding &finding : compiler.getFindings()) {
      page.beginRow();
      page.cell(finding.operation);
      page.cell(finding.place);
      page.cell(finding.nodeKind);
      page.number(finding.macs ? std::to_string(finding.macs) : "");
      page.number(finding.elements ? std::to_string(finding.elements) : "");
      page.cell(finding.text);
      page.endRow();
    }
    page.endTable();
  }

  page.heading("Milliseconds of each stage");
  page.beginTable();
  for (auto [stage, milliseconds] : compiler.getTimings()) {
    page.beginRow();
    page.cell(stringifyStage(stage));
    page.number(llvm::formatv("{0:f1}", milliseconds).str());
    page.endRow();
  }
  page.endTable();
  page.end();
}
