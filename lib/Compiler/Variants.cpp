//===- Variants.cpp - One program for several processors ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The integer graph is compiled once for each processor. Constants that several of
// the programs read are kept once: since their kernels are built around rows that
// share packed weights, that is all weights.

#include "lowbit/Compiler/Compiler.h"

#include "lowbit/Conversion/Primitive.h"
#include "lowbit/Conversion/Variants.h"
#include "lowbit/Target/Variants.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::lowbit;

LogicalResult Compiler::checkVariants(Stage current, Stage target) {
  if (options.variants.empty())
    return success();
  options.target.resolve();
  if (current >= Stage::Words)
    return emitError(source)
           << "is at stage '" << stringifyStage(current)
           << "', where it is too late for several variants; start from the "
              "stage 'integer'";
  if (target >= Stage::Words && target != Stage::LLVM)
    return emitError(source)
           << "has no stage '" << stringifyStage(target)
           << "' with --multiversion: each variant has its own";
  if (options.debugPorts)
    return emitError(source) << "debug ports are in the workspace of one "
                                "program; each variant of "
                                "--multiversion has its own";
  llvm::Expected<SmallVector<Variant>> variants =
      parseVariants(options.target.triple, options.variants);
  if (!variants)
    return emitError(source) << llvm::toString(variants.takeError());
  options.target = getCommonTarget(options.target.triple);
  return success();
}

/// The raw contents of a constant, or nothing.
static ArrayRef<char> getBytes(Attribute value) {
  if (auto resource = dyn_cast_if_present<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob ? blob->getData() : ArrayRef<char>();
  }
  auto dense = dyn_cast_if_present<DenseElementsAttr>(value);
  return dense && !dense.isSplat() ? dense.getRawData() : ArrayRef<char>();
}

namespace {

/// Moves programs into one module.
class ProgramMerger {
public:
  ProgramMerger(ModuleOp module) : module(module), symbols(module) {
    module.getBody()->clear();
  }

  /// Moves all of `program`, whose own symbols start with `prefix`, into the module.
  void add(ModuleOp program, const std::string &prefix,
           const TargetOptions &target) {
    llvm::StringMap<std::string> names;
    for (Operation &op : llvm::make_early_inc_range(*program.getBody())) {
      StringAttr name = SymbolTable::getSymbolName(&op);
      auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
      if (function && function.isExternal()) {
        if (symbols.lookup(name))
          op.erase();
        else
          move(&op);
        continue;
      }
      if (function)
        setTarget(function, target);
      auto global = dyn_cast<LLVM::GlobalOp>(op);
      if (global && global.getName() == prefix + "_lowbit_model") {
        op.erase(); // the module has one of its own
        continue;
      }
      LLVM::GlobalOp same = global ? findSame(global) : nullptr;
      std::string renamed = same ? same.getSymName().str() : name.str();
      if (!same && !StringRef(renamed).starts_with(prefix + "_"))
        renamed = prefix + "_" + renamed;
      names[name] = renamed;
      if (same) {
        op.erase();
        continue;
      }
      SymbolTable::setSymbolName(&op, renamed);
      SymbolTable::setSymbolVisibility(&op, SymbolTable::Visibility::Private);
      if (function)
        function.setLinkage(LLVM::Linkage::Internal);
      move(&op);
    }
    rename(names);
    countConstants();
  }

  /// Bytes of constants that one program alone reads, in the order of programs, and
  /// of those that several do.
  SmallVector<int64_t> ownBytes;
  int64_t sharedBytes = 0;

private:
  void move(Operation *op) {
    op->remove();
    symbols.insert(op);
    added.push_back(op);
  }

  static void setTarget(LLVM::LLVMFuncOp function,
                        const TargetOptions &target) {
    function.setTargetCpu(target.cpu);
    if (target.features.empty())
      return;
    SmallVector<StringRef> features;
    StringRef(target.features).split(features, ',');
    function.setTargetFeaturesAttr(
        LLVM::TargetFeaturesAttr::get(function.getContext(), features));
  }

  /// A constant of another program with the same contents.
  LLVM::GlobalOp findSame(LLVM::GlobalOp global) {
    ArrayRef<char> bytes = getBytes(global.getValueOrNull());
    if (!global.getConstant() || bytes.empty())
      return nullptr;
    StringRef key(bytes.data(), bytes.size());
    for (LLVM::GlobalOp known : constants.lookup(llvm::hash_value(key)))
      if (known.getType() == global.getType() &&
          known.getAlignment() == global.getAlignment() &&
          getBytes(known.getValueOrNull()) == bytes)
        return known;
    constants[llvm::hash_value(key)].push_back(global);
    return nullptr;
  }

  /// Gives what was added last the symbols' new names.
  void rename(const llvm::StringMap<std::string> &names) {
    AttrTypeReplacer replacer;
    replacer.addReplacement([&](FlatSymbolRefAttr symbol) -> Attribute {
      auto found = names.find(symbol.getValue());
      return found == names.end()
                 ? symbol
                 : FlatSymbolRefAttr::get(symbol.getContext(), found->second);
    });
    for (Operation *op : added)
      replacer.recursivelyReplaceElementsIn(op);
  }

  /// Counts the constants that functions added last read.
  void countConstants() {
    llvm::SetVector<Operation *> read;
    for (Operation *op : added)
      if (isa<LLVM::LLVMFuncOp>(op))
        op->walk([&](LLVM::AddressOfOp address) {
          auto global = symbols.lookup<LLVM::GlobalOp>(address.getGlobalName());
          if (global && global.getConstant())
            read.insert(global);
        });
    added.clear();
    unsigned program = ownBytes.size();
    ownBytes.push_back(0);
    for (Operation *op : read) {
      auto global = cast<LLVM::GlobalOp>(op);
      int64_t bytes = getBytes(global.getValueOrNull()).size();
      auto [entry, isNew] = readers.try_emplace(op, program);
      if (isNew) {
        ownBytes[program] += bytes;
        continue;
      }
      if (entry->second == kSeveral)
        continue;
      ownBytes[entry->second] -= bytes;
      sharedBytes += bytes;
      entry->second = kSeveral;
    }
  }

  static constexpr unsigned kSeveral = ~0u;
  ModuleOp module;
  SymbolTable symbols;
  SmallVector<Operation *> added;
  llvm::DenseMap<size_t, SmallVector<LLVM::GlobalOp, 1>> constants;
  /// The only program that reads a constant.
  llvm::DenseMap<Operation *, unsigned> readers;
};

} // namespace

/// Features that rows ask for, with colons between them, as -lowbit-select-primitive
/// takes them.
static std::string joinFeatures(const Variant &variant, MLIRContext *context) {
  SmallVector<StringRef> features =
      getVectorFeatures(variant.target, getPrimitiveFeatures(context));
  return features.empty() ? "none" : llvm::join(features, ":");
}

/// Integer graph -> the LLVM dialect with the code of all variants.
LogicalResult Compiler::lowerVariants(ModuleOp module) {
  SmallVector<Variant> variants = llvm::cantFail(
      parseVariants(options.target.triple, options.variants)); // checked before
  CompileOptions common = options;
  common.variants.clear();
  common.recipe.clear(); // the module records it, and a file may have gone
  if (!options.packsPerVariant)
    for (const Variant &variant : variants)
      common.sharing.push_back(joinFeatures(variant, &context));
  std::vector<Finding> known; // what each compiler finds in the integer graph
  if (!isFloat)
    collectFindings(module, known);
  SmallVector<OwningOpRef<ModuleOp>> programs;
  SmallVector<VariantProgram> entries;
  for (const Variant &variant : variants) {
    programs.push_back(copyModule(module));
    CompileOptions own = common;
    own.target = variant.target;
    own.symbolPrefix += "_" + variant.name;
    entries.push_back(
        {variant.name, own.symbolPrefix + "_run", variant.required});
    Compiler compiler(context, std::move(own));
    if (failed(compiler.lower(*programs.back(), Stage::LLVM)))
      return failure();
    for (Finding choice : compiler.getChoices()) {
      choice.text = variant.name + ": " + choice.text;
      choices.push_back(std::move(choice));
    }
    if (variant.name == variants.front().name)
      llvm::append_range(findings,
                         compiler.getFindings().drop_front(known.size()));
  }

  FailureOr<ModelInterface> interface = readModelInterface(*programs.front());
  FailureOr<ModelIdentity> identity = readModelIdentity(*programs.front());
  if (failed(interface) || failed(identity))
    return failure();
  for (NamedAttribute attribute : (*programs.front())->getAttrs())
    module->setAttr(attribute.getName(), attribute.getValue());
  recordTarget(module);
  ProgramMerger merger(module);
  for (auto [variant, program, entry] :
       llvm::zip(variants, programs, entries)) {
    FailureOr<ModelInterface> own = readModelInterface(*program);
    FailureOr<ModelIdentity> ownIdentity = readModelIdentity(*program);
    if (failed(own) || failed(ownIdentity))
      return failure();
    interface->workspaceSize =
        std::max(interface->workspaceSize, own->workspaceSize);
    if (ownIdentity->threads != "none")
      identity->threads = ownIdentity->threads;
    merger.add(*program, StringRef(entry.run).drop_back(4).str(),
               variant.target);
  }
  Builder builder(&context);
  module->setAttr(kWorkspaceSizeAttr,
                  builder.getI64IntegerAttr(interface->workspaceSize));
  ModelVariants figures{{}, merger.ownBytes, merger.sharedBytes};
  for (const Variant &variant : variants)
    figures.names.push_back(variant.name);
  setModelVariants(module, figures);
  identity->prefix = options.symbolPrefix;
  identity->name = options.name;
  identity->target = options.target.describe();
  bool isX86 =
      llvm::Triple(options.target.triple).getArch() == llvm::Triple::x86_64;
  emitVariantsInterface(module, *interface, *identity,
                        isX86 ? ProcessorWords::X86 : ProcessorWords::Linux,
                        entries);
  return success();
}
