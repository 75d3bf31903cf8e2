//===- Report.cpp - What a compilation tells its user -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/Report.h"

#include "lowbit/Analysis/ModelInterface.h"
#include "lowbit/Analysis/StoredConstants.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::lowbit;

static double getIntegerShare(const ModelStatistics &statistics) {
  if (statistics.macs == 0)
    return 0;
  return 100.0 * statistics.integerMacs / statistics.macs;
}

static std::optional<int64_t> getWorkspaceBytes(ModuleOp module) {
  auto size = module->getAttrOfType<IntegerAttr>(kWorkspaceSizeAttr);
  if (!size)
    return std::nullopt;
  return size.getInt();
}

/// Bytes of the constants of a compiled program, as they lie in it.
static int64_t countConstantBytes(ModuleOp module) {
  DataLayout layout(module);
  int64_t bytes = 0;
  for (auto global : module.getOps<LLVM::GlobalOp>())
    if (global.getConstant())
      bytes += layout.getTypeSize(global.getType());
  return bytes;
}

/// "1 lowbit.encode, 2 lowbit.decode", in the order of the names.
static std::string listGlue(const ModelStatistics &statistics) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(statistics.glue, os, [&](const auto &entry) {
    os << entry.second << " " << entry.first;
  });
  return text;
}

/// "packed" or "sparse, gaps of 5 bits".
static std::string describeStorage(const StoredConstant &constant) {
  if (constant.gap == 0)
    return constant.storage;
  return constant.storage + ", gaps of " + std::to_string(constant.gap) +
         (constant.gap == 1 ? " bit" : " bits");
}

/// Bytes on disk and in memory.
static std::pair<int64_t, int64_t> addUp(ArrayRef<StoredConstant> constants) {
  int64_t disk = 0, memory = 0;
  for (const StoredConstant &constant : constants) {
    disk += constant.diskBytes;
    memory += constant.memoryBytes;
  }
  return {disk, memory};
}

std::vector<Figure> lowbit::collectFigures(const Compiler &compiler,
                                           ModuleOp module) {
  std::vector<Figure> figures = {{"recipe", compiler.getRecipeName().str()}};
  if (const auto &statistics = compiler.getStatistics()) {
    auto add = [&](StringRef label, int64_t value) {
      figures.push_back({label.str(), std::to_string(value)});
    };
    add("integer operations", statistics->integerOps);
    add("float operations", statistics->floatOps);
    figures.push_back({"float glue", statistics->glue.empty()
                                         ? "none"
                                         : listGlue(*statistics)});
    add("bytes of weights before packing", statistics->weightBytes);
    add("bytes of constants", countConstantBytes(module));
    if (auto stored = readStoredConstants(module); !stored.empty()) {
      auto [disk, memory] = addUp(stored);
      add("bytes of codes on disk", disk);
      add("bytes of codes in memory", memory);
    }
    if (auto variants = readModelVariants(module)) {
      figures.push_back({"variants", llvm::join(variants->names, ", ")});
      add("bytes of constants of all variants", variants->getNumBytes());
      add("of them read by several", variants->sharedBytes);
    }
    if (std::optional<int64_t> bytes = getWorkspaceBytes(module))
      add("bytes of workspace", *bytes);
    add("multiply-accumulates", statistics->macs);
    figures.push_back(
        {"of them in integers",
         llvm::formatv("{0:f1} %", getIntegerShare(*statistics)).str()});
  }
  return figures;
}

void lowbit::printSummary(const Compiler &compiler, ModuleOp module,
                          llvm::raw_ostream &os) {
  const auto &statistics = compiler.getStatistics();
  if (!statistics)
    return;
  os << "recipe " << compiler.getRecipeName() << ": " << statistics->integerOps
     << " integer operations, " << statistics->floatOps << " float operations, "
     << statistics->weightBytes << " bytes of weights before packing, "
     << llvm::format("%.1f", getIntegerShare(*statistics))
     << " % of multiply-accumulates in integers\n";
  os << "  ";
  if (std::optional<int64_t> bytes = getWorkspaceBytes(module))
    os << *bytes << " bytes of workspace, ";
  os << countConstantBytes(module) << " bytes of constants, ";
  os << "float glue inside: "
     << (statistics->glue.empty() ? "none" : listGlue(*statistics)) << "\n";
}

void lowbit::printVariants(ModuleOp module, llvm::raw_ostream &os) {
  std::optional<ModelVariants> variants = readModelVariants(module);
  if (!variants)
    return;
  os << "  variants take " << variants->getNumBytes() << " bytes of constants, "
     << variants->sharedBytes << " read by several";
  for (auto [name, bytes] : llvm::zip(variants->names, variants->ownBytes))
    os << ", " << bytes << " by " << name << " only";
  os << "\n";
}

void lowbit::printFindings(const Compiler &compiler, bool explain,
                           llvm::raw_ostream &os) {
  ArrayRef<Finding> findings = compiler.getFindings();
  if (!explain && !findings.empty())
    os << "  --explain says what is not quantized or not fused, and why: "
       << findings.size()
       << (findings.size() == 1 ? " finding\n" : " findings\n");
  if (!explain)
    return;
  for (const Finding &finding : findings)
    os << "  " << describe(finding) << "\n";
  if (!compiler.getStatistics())
    os << "  what is not quantized is found on the way to the stage 'integer', "
          "which was not gone here\n";
  else if (findings.empty())
    os << "  everything is quantized and fused as the recipe says\n";
  for (const Finding &choice : compiler.getChoices())
    os << "  " << describe(choice) << "\n";
}

void lowbit::printStorage(ModuleOp module, bool explain,
                          llvm::raw_ostream &os) {
  SmallVector<StoredConstant> constants = readStoredConstants(module);
  if (constants.empty())
    return;
  auto [disk, memory] = addUp(constants);
  os << "  codes take " << disk << " bytes on disk, " << memory
     << " in memory\n";
  if (!explain)
    return;
  for (const StoredConstant &constant : constants)
    os << "  at '" << constant.name << "': stored as "
       << describeStorage(constant) << ", " << constant.diskBytes
       << " bytes on disk, " << constant.memoryBytes << " in memory\n";
}

void lowbit::printTimings(const Compiler &compiler, llvm::raw_ostream &os) {
  for (auto [stage, milliseconds] : compiler.getTimings())
    os << llvm::format("%10.1f ms  ", milliseconds) << stringifyStage(stage)
       << "\n";
}

static void writeFinding(const Finding &finding, llvm::json::OStream &json) {
  json.object([&] {
    json.attribute("op", finding.operation);
    json.attribute("at", llvm::json::fixUTF8(finding.place));
    json.attribute("node", llvm::json::fixUTF8(finding.nodeKind));
    json.attribute("macs", finding.macs);
    json.attribute("elements", finding.elements);
    json.attribute("text", llvm::json::fixUTF8(finding.text));
  });
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
      json.attribute("constant_bytes", countConstantBytes(module));
      json.attribute("integer_ops", statistics->integerOps);
      json.attribute("float_ops_between", statistics->floatOps);
      json.attributeObject("float_glue", [&] {
        for (const auto &[name, count] : statistics->glue)
          json.attribute(name, count);
      });
    }
    if (std::optional<int64_t> bytes = getWorkspaceBytes(module))
      json.attribute("workspace_bytes", *bytes);
    if (auto variants = readModelVariants(module))
      json.attributeObject("variants", [&] {
        json.attribute("shared_bytes", variants->sharedBytes);
        json.attributeObject("own_bytes", [&] {
          for (auto [name, bytes] :
               llvm::zip(variants->names, variants->ownBytes))
            json.attribute(name, bytes);
        });
      });
    if (auto stored = readStoredConstants(module); !stored.empty())
      json.attributeArray("storage", [&] {
        for (const StoredConstant &constant : stored)
          json.object([&] {
            json.attribute("at", llvm::json::fixUTF8(constant.name));
            json.attribute("storage", constant.storage);
            json.attribute("gap_bits", constant.gap);
            json.attribute("disk_bytes", constant.diskBytes);
            json.attribute("memory_bytes", constant.memoryBytes);
          });
      });
    if (!compiler.getChoices().empty())
      json.attributeArray("primitives", [&] {
        for (const Finding &choice : compiler.getChoices())
          writeFinding(choice, json);
      });
    json.attributeArray("findings", [&] {
      for (const Finding &finding : compiler.getFindings())
        writeFinding(finding, json);
    });
    json.attributeObject("stages_ms", [&] {
      for (auto [stage, milliseconds] : compiler.getTimings())
        json.attribute(stringifyStage(stage), milliseconds);
    });
  });
  os << "\n";
}
