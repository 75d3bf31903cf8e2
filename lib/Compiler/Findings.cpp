//===- Findings.cpp - What a compilation left undone ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/Findings.h"

#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Conversion/Primitive.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// Fills in where `loc` is. The importer's locations name the node, and what
/// kind of node it is: loc("/conv1/Conv"("Conv")).
static void setPlace(Finding &finding, Location loc) {
  if (auto name = loc->findInstanceOf<NameLoc>()) {
    finding.place = name.getName().str();
    if (auto kind = dyn_cast<NameLoc>(name.getChildLoc()))
      finding.nodeKind = kind.getName().str();
  } else if (auto line = loc->findInstanceOf<FileLineColLoc>()) {
    finding.place = line.getFilename().str() + ":" +
                    std::to_string(line.getLine()) + ":" +
                    std::to_string(line.getColumn());
  }
}

std::string lowbit::describe(const Finding &finding) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (!finding.operation.empty())
    os << "'" << finding.operation << "' ";
  if (!finding.place.empty())
    os << "at '" << finding.place << "'";
  if (!finding.nodeKind.empty())
    os << " (" << finding.nodeKind << ")";
  if (finding.macs > 0)
    os << ", " << finding.macs << " multiply-accumulates";
  else if (finding.elements > 0)
    os << ", " << finding.elements << " elements";
  os << ": " << finding.text;
  return text;
}

static Finding makeFinding(Operation *op, std::string text) {
  Finding finding;
  finding.operation = op->getName().getStringRef().str();
  setPlace(finding, op->getLoc());
  finding.macs = countMacs(op);
  for (Type type : op->getResultTypes())
    if (auto shaped = dyn_cast<ShapedType>(type);
        shaped && shaped.hasStaticShape())
      finding.elements += shaped.getNumElements();
  finding.text = std::move(text);
  return finding;
}

/// True for a transpose that has a computation before and behind it: it is not
/// one of the program's entry or exit.
static bool isBetweenLayers(TransposeOp op) {
  Operation *before = op.getInput().getDefiningOp();
  if (!before ||
      (isa<EncodeOp>(before) && isa<BlockArgument>(before->getOperand(0))))
    return false;
  return !llvm::all_of(op->getUsers(), [](Operation *user) {
    return isa<func::ReturnOp>(user) ||
           (isa<DecodeOp>(user) &&
            llvm::all_of(user->getUsers(), llvm::IsaPred<func::ReturnOp>));
  });
}

void lowbit::collectFindings(ModuleOp module, std::vector<Finding> &findings) {
  for (auto function : module.getOps<func::FuncOp>())
    for (Operation &op : function.getOps()) {
      if (computesOnReals(&op) && !isFloatGlue(&op)) {
        auto reason = op.getAttrOfType<StringAttr>("lowbit.reason");
        findings.push_back(makeFinding(
            &op, "stays in float: " +
                     (reason ? reason.str() : "no integer form fits it")));
      } else if (auto glue = op.getAttrOfType<StringAttr>(kFloatGlueAttr)) {
        findings.push_back(makeFinding(&op, "is float glue: " + glue.str()));
      } else if (auto transpose = dyn_cast<TransposeOp>(op);
                 transpose && isBetweenLayers(transpose)) {
        findings.push_back(makeFinding(
            &op, "moves data between layers, which read and write the "
                 "dimensions in different orders"));
      }
    }
}

RemarkCollector::RemarkCollector(MLIRContext &context,
                                 std::vector<Finding> &findings,
                                 std::vector<Finding> &choices)
    : ScopedDiagnosticHandler(&context) {
  setHandler([&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != DiagnosticSeverity::Remark)
      return failure();
    Finding finding;
    setPlace(finding, diagnostic.getLocation());
    finding.text = diagnostic.str();
    // A choice is no loss.
    bool isChoice = StringRef(finding.text).contains(kPrimitiveChoice) ||
                    StringRef(finding.text).contains(kWeightPacking);
    (isChoice ? choices : findings).push_back(std::move(finding));
    return success();
  });
}
