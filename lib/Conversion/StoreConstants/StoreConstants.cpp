//===- StoreConstants.cpp - Constants in few bytes, and their memory ------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoadBuilder.h"

#include "lowbit/Analysis/StoredConstants.h"
#include "lowbit/Conversion/Passes.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_STORECONSTANTSPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// The words of a constant global; nothing if they are not of 8 or 16 bits, or
/// missing.
static std::optional<SmallVector<int64_t>> readWords(memref::GlobalOp global) {
  auto elements =
      dyn_cast_if_present<ElementsAttr>(global.getInitialValueAttr());
  if (!elements)
    return std::nullopt;
  if (auto bytes = readElements<int8_t>(elements))
    return SmallVector<int64_t>(llvm::to_vector_of<int64_t>(*bytes));
  if (auto words = readElements<int16_t>(elements))
    return SmallVector<int64_t>(llvm::to_vector_of<int64_t>(*words));
  return std::nullopt;
}

namespace {

struct StoreConstantsPass
    : lowbit::impl::StoreConstantsPassBase<StoreConstantsPass> {
  using Base::Base;

  void runOnOperation() override {
    BlobScope blobs(getOperation());
    reports.clear();
    stored.clear();
    globals.clear();
    places.clear();
    memoryBytes = 0;
    for (auto global : getOperation().getOps<memref::GlobalOp>())
      if (failed(encode(global)))
        return signalPassFailure();
    if (!reports.empty())
      setStoredConstants(getOperation(), reports);
    if (globals.empty())
      return;
    for (StringRef name :
         {kStoredSymbol, kStoredIndexSymbol, kResidentSymbol, kLoadSymbol})
      if (Operation *taken = getOperation().lookupSymbol(name)) {
        taken->emitError() << "the name '" << name
                           << "' is taken; it is that of stored constants";
        return signalPassFailure();
      }
    if (memoryBytes > std::numeric_limits<int32_t>::max()) {
      getOperation().emitError()
          << "stored constants take " << memoryBytes
          << " bytes of memory, but at most "
          << std::numeric_limits<int32_t>::max() << " can be stored";
      return signalPassFailure();
    }
    build();
  }

private:
  /// Encodes one constant, or says why it stays as it is.
  LogicalResult encode(memref::GlobalOp global) {
    if (!global->hasAttr(kStorageAttr)) {
      pack(global);
      return success();
    }
    StorageAttr storage = getStorage(global);
    if (!storage) { // words
      global->removeAttr(kStorageAttr);
      return success();
    }
    Type element = global.getType().getElementType();
    bool isInteger = element.isInteger() && global.getConstant() &&
                     element.getIntOrFloatBitWidth() % 8 == 0;
    unsigned wordBytes = isInteger ? element.getIntOrFloatBitWidth() / 8 : 0;
    int64_t size = global.getType().getNumElements() * wordBytes;
    if (wordBytes > 2) {
      global->removeAttr(kStorageAttr);
      report(global, nullptr, size);
      return success();
    }
    std::optional<SmallVector<int64_t>> words = readWords(global);
    if (!isInteger || !words)
      return global.emitOpError()
             << "has a '" << kStorageAttr
             << "', but is no constant of integers whose data is there";
    global->removeAttr(kStorageAttr);
    StoredWords encoded = StoredWords::encode(*words, wordBytes, storage);
    bool pays = encoded.countBytes() < size;
    report(global, pays ? &encoded : nullptr, size);
    if (pays)
      store(global, std::move(encoded), size);
    return success();
  }

  /// Packs a large constant of which nothing is said, where that saves more than one
  /// percent.
  void pack(memref::GlobalOp global) {
    Type element = global.getType().getElementType();
    int64_t count = global.getType().getNumElements();
    if (count < leastPacked || !global.getConstant() ||
        !(element.isInteger(8) || element.isInteger(16)))
      return;
    std::optional<SmallVector<int64_t>> words = readWords(global);
    if (!words)
      return;
    int64_t size = count * element.getIntOrFloatBitWidth() / 8;
    StoredWords encoded =
        StoredWords::encode(*words, size / count,
                            StorageAttr::get(&getContext(), StorageKind::Packed,
                                             /*gap=*/0));
    if (encoded.countBytes() * 100 >= size * 99)
      return;
    report(global, &encoded, size);
    store(global, std::move(encoded), size);
  }

  void store(memref::GlobalOp global, StoredWords encoded, int64_t size) {
    globals.push_back(global);
    places.push_back(memoryBytes);
    memoryBytes += llvm::alignTo(size, kStoredAlignment);
    stored.push_back(std::move(encoded));
  }

  void report(memref::GlobalOp global, const StoredWords *encoded,
              int64_t size) {
    auto name = global->getLoc()->findInstanceOf<NameLoc>();
    StoredConstant constant;
    constant.name = (name ? name.getName() : global.getSymNameAttr()).str();
    constant.storage =
        (encoded ? stringifyStorageKind(encoded->kind) : "words").str();
    constant.gap = encoded ? encoded->gapBits : 0;
    constant.diskBytes = encoded ? encoded->countBytes() : size;
    constant.memoryBytes = size;
    reports.push_back(std::move(constant));
  }

  void build() {
    StoredSection section = StoredSection::build(stored, places);
    ImplicitLocOpBuilder builder(getOperation().getLoc(),
                                 getOperation().getBody(),
                                 getOperation().getBody()->begin());
    auto constant = [&](StringRef name, auto values, Type element) {
      auto type =
          RankedTensorType::get({static_cast<int64_t>(values.size())}, element);
      using Value = typename decltype(values)::value_type;
      return createGlobal(builder, name, values.size(), element,
                          makeElements<Value>(type, values, name));
    };
    memref::GlobalOp bytes = constant(
        kStoredSymbol,
        SmallVector<int8_t, 0>(section.bytes.begin(), section.bytes.end()),
        builder.getI8Type());
    memref::GlobalOp index = constant(
        kStoredIndexSymbol,
        SmallVector<int32_t, 0>(section.index.begin(), section.index.end()),
        builder.getI32Type());
    memref::GlobalOp memory =
        createGlobal(builder, kResidentSymbol, memoryBytes, builder.getI8Type(),
                     builder.getUnitAttr());

    auto load = func::FuncOp::create(builder, kLoadSymbol,
                                     builder.getFunctionType({}, {}));
    load.setPrivate();
    replaceUses(memory);
    builder.setInsertionPointToStart(load.addEntryBlock());
    LoadBuilder(builder, bytes, index, memory).build(stored.size());
    func::ReturnOp::create(builder);
  }

  static memref::GlobalOp createGlobal(ImplicitLocOpBuilder &builder,
                                       StringRef name, int64_t count,
                                       Type element, Attribute value) {
    return memref::GlobalOp::create(
        builder, name, builder.getStringAttr("private"),
        MemRefType::get({count}, element), value,
        /*constant=*/!isa<UnitAttr>(value),
        builder.getI64IntegerAttr(kStoredAlignment));
  }

  /// The constants are views of `memory` now.
  void replaceUses(memref::GlobalOp memory) {
    llvm::DenseMap<StringAttr, int64_t> known;
    for (auto [global, place] : llvm::zip_equal(globals, places))
      known[global.getSymNameAttr()] = place;
    getOperation().walk([&](memref::GetGlobalOp op) {
      auto found = known.find(op.getNameAttr().getAttr());
      if (found == known.end())
        return;
      ImplicitLocOpBuilder builder(op.getLoc(), op);
      Value resident = memref::GetGlobalOp::create(builder, memory.getType(),
                                                   kResidentSymbol);
      Value place = arith::ConstantIndexOp::create(builder, found->second);
      op.replaceAllUsesWith(memref::ViewOp::create(builder, op.getType(),
                                                   resident, place,
                                                   ValueRange())
                                .getResult());
      op.erase();
    });
    for (memref::GlobalOp global : globals)
      global.erase();
  }

  SmallVector<StoredConstant> reports;
  /// What is stored, and where it lies in memory.
  SmallVector<memref::GlobalOp> globals;
  SmallVector<StoredWords> stored;
  SmallVector<int64_t> places;
  int64_t memoryBytes = 0;
};

} // namespace
