//===- Report.cpp - What a compilation tells its user -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/Report.h"

#include "lowbit/Analysis/ModelInterface.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::lowbit;

void lowbit::printSummary(const Compiler &compiler, bool listFloat,
                          llvm::raw_ostream &os) {
  const auto &statistics = compiler.getStatistics();
  if (!statistics)
    return;
  double share = statistics->macs == 0
                     ? 0
                     : 100.0 * statistics->integerMacs / statistics->macs;
  os << "recipe " << compiler.getRecipeName() << ": " << statistics->integerOps
     << " integer operations, " << compiler.getFloatOperations().size()
     << " float operations, " << statistics->weightBytes
     << " bytes of weights, " << llvm::format("%.1f", share)
     << " % of multiply-accumulates in integers\n";
  if (listFloat)
    for (const std::string &text : compiler.getFloatOperations())
      os << "  in float: " << text << "\n";
  else if (statistics->integerOps != 0 &&
           !compiler.getFloatOperations().empty())
    os << "  -v lists what stays in float, and why\n";
}

void lowbit::printTimings(const Compiler &compiler, llvm::raw_ostream &os) {
  for (auto [stage, milliseconds] : compiler.getTimings())
    os << llvm::format("%10.1f ms  ", milliseconds) << stringifyStage(stage)
       << "\n";
}

void lowbit::writeReport(const Compiler &compiler, ModuleOp module,
                         llvm::raw_ostream &os) {
  llvm::json::OStream json(os, 2);
  json.object([&] {
    json.attribute("recipe", compiler.getRecipeName());
    if (const auto &statistics = compiler.getStatistics()) {
      json.attribute("macs_total", statistics->macs);
      json.attribute("macs_integer", statistics->integerMacs);
      json.attribute("weight_bytes", statistics->weightBytes);
      json.attribute("integer_ops", statistics->integerOps);
      json.attribute(
          "float_ops_between",
          static_cast<int64_t>(compiler.getFloatOperations().size()));
      json.attributeArray("float_ops", [&] {
        for (const std::string &text : compiler.getFloatOperations())
          json.value(text);
      });
    }
    if (auto size = module->getAttrOfType<IntegerAttr>(kWorkspaceSizeAttr))
      json.attribute("workspace_bytes", size.getInt());
    json.attributeObject("stages_ms", [&] {
      for (auto [stage, milliseconds] : compiler.getTimings())
        json.attribute(stringifyStage(stage), milliseconds);
    });
  });
  os << "\n";
}
