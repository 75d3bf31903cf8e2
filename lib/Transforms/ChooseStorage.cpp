//===- ChooseStorage.cpp - How constants of codes lie on disk -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Accuracy/LayerParameters.h"
#include "Accuracy/RecipeLayers.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/Suggestion.h"
#include "lowbit/Transforms/Passes.h"
#include "lowbit/Transforms/Recipe.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_CHOOSESTORAGEPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// Null for what StoreConstants chooses.
static std::optional<StorageKind> getKind(OnDisk onDisk) {
  switch (onDisk) {
  case OnDisk::Automatic:
    return std::nullopt;
  case OnDisk::Words:
    return StorageKind::Words;
  case OnDisk::Packed:
    return StorageKind::Packed;
  case OnDisk::Sparse:
    return StorageKind::Sparse;
  case OnDisk::Huffman:
    return StorageKind::Huffman;
  case OnDisk::SparseHuffman:
    return StorageKind::SparseHuffman;
  case OnDisk::Smallest:
    return StorageKind::Smallest;
  }
  llvm_unreachable("all ways are above");
}

/// What reads the codes of `constant`, through decodes and data movement; null
/// if nothing does.
static Operation *getReader(ConstantOp constant) {
  Operation *reader = nullptr;
  forEachCodesUse(constant.getResult(), [&](OpOperand &use) {
    if (!isa<DecodeOp>(use.getOwner())) {
      reader = reader ? reader : use.getOwner();
      return;
    }
    forEachCodesUse(use.getOwner()->getResult(0), [&](OpOperand &real) {
      reader = reader ? reader : real.getOwner();
    });
  });
  return reader ? getQuantizationUnit(reader).root : nullptr;
}

namespace {

struct ChooseStoragePass
    : lowbit::impl::ChooseStoragePassBase<ChooseStoragePass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    std::optional<Recipe> loaded;
    if (storage.empty()) {
      llvm::Expected<Recipe> read = loadRecipe(recipe);
      if (!read) {
        module.emitError() << llvm::toString(read.takeError());
        return signalPassFailure();
      }
      loaded = std::move(*read);
    }
    std::optional<OnDisk> forAll;
    ArrayRef<StringRef> names = getOnDiskNames();
    if (const auto *name = llvm::find(names, storage); name != names.end())
      forAll = static_cast<OnDisk>(name - names.begin());
    if (!loaded && !forAll) {
      module.emitError() << "there is no way on disk '" << storage << "'"
                         << suggest(storage, names)
                         << " (known: " << listQuoted(names) << ")";
      return signalPassFailure();
    }
    RecipeLayers layers(module);
    auto choose = [&](ConstantOp op) {
      if (forAll)
        return *forAll;
      Operation *reader = getReader(op);
      if (!reader)
        return *loaded->defaults.weights.onDisk;
      std::string name = getLayerName(reader);
      return *loaded->getOptions(layers.describe(reader, name)).weights.onDisk;
    };
    auto result = module.walk([&](ConstantOp op) {
      return WalkResult(setStorage(op, getKind(choose(op))));
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  LogicalResult setStorage(ConstantOp op, std::optional<StorageKind> kind) {
    op->removeAttr(kStorageAttr);
    if (!kind)
      return success();
    auto attribute = StorageAttr::getChecked(
        [&] { return op.emitOpError(); }, &getContext(), *kind, unsigned(gap));
    if (!attribute)
      return failure();
    op->setAttr(kStorageAttr, attribute);
    return success();
  }
};

} // namespace
