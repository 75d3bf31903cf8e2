//===- KernelConstants.cpp - Globals that kernels read ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Conversion/KernelLayout.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::lowbit;

memref::GlobalOp lowbit::createPackedGlobal(OpBuilder &builder,
                                            memref::GlobalOp original,
                                            StringRef suffix,
                                            ArrayRef<char> packed, Type element,
                                            unsigned alignment) {
  int64_t count = packed.size() / (element.getIntOrFloatBitWidth() / 8);
  auto type = RankedTensorType::get({count}, element);
  std::string name = (original.getSymName() + suffix).str();
  auto value = DenseResourceElementsAttr::get(
      type, name,
      HeapAsmResourceBlob::allocateAndCopyWithAlign(packed, alignment));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(original);
  auto global = memref::GlobalOp::create(
      builder, original.getLoc(), name, builder.getStringAttr("private"),
      MemRefType::get({count}, element), value, /*constant=*/true,
      builder.getI64IntegerAttr(alignment));
  SymbolTable(original->getParentOp()).insert(global); // makes it unique
  return global;
}

void lowbit::keepWords(memref::GlobalOp packed) {
  packed->setAttr(kStorageAttr,
                  StorageAttr::get(packed.getContext(), StorageKind::Words,
                                   /*gap=*/0));
}

memref::GlobalOp lowbit::getConstantGlobal(ContractOp op, Value source,
                                           int64_t offset) {
  auto getGlobal = source.getDefiningOp<memref::GetGlobalOp>();
  if (!getGlobal || offset != 0)
    return nullptr;
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      op, getGlobal.getNameAttr());
  return global && global.getConstant() ? global : nullptr;
}

memref::GlobalOp lowbit::getConstantGlobal(ContractOp op,
                                           const LinearOperand &rhs) {
  return getConstantGlobal(op, op.getRhs(), rhs.offset);
}

void lowbit::eraseUnusedConstants(ModuleOp module) {
  module.walk([](memref::GetGlobalOp op) {
    if (op.use_empty())
      op.erase();
  });
  // An operation of no dialect may hold a symbol table, and what uses symbols in
  // there is not known.
  if (module
          .walk([](Operation *op) {
            return !op->getDialect() && op->getNumRegions() == 1
                       ? WalkResult::interrupt()
                       : WalkResult::advance();
          })
          .wasInterrupted())
    return;
  SmallVector<memref::GlobalOp> unused;
  SymbolTableCollection collection;
  SymbolUserMap users(collection, module);
  for (auto global : module.getOps<memref::GlobalOp>())
    if (global.isPrivate() && users.useEmpty(global))
      unused.push_back(global);
  for (memref::GlobalOp global : unused)
    global.erase();
}
