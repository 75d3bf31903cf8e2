//===- GlobalBuilder.cpp - C data as globals of the LLVM dialect ----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GlobalBuilder.h"

using namespace mlir;
using namespace mlir::lowbit;

GlobalBuilder::GlobalBuilder(ModuleOp module, StringRef prefix)
    : builder(module.getLoc(), module.getBodyRegion()), prefix(prefix),
      ptr(LLVM::LLVMPointerType::get(module.getContext())),
      i32(builder.getI32Type()), i64(builder.getI64Type()) {
  builder.setInsertionPointToEnd(module.getBody());
}

LLVM::LLVMStructType GlobalBuilder::structOf(ArrayRef<Type> fields) {
  return LLVM::LLVMStructType::getLiteral(builder.getContext(), fields);
}

LLVM::LLVMArrayType GlobalBuilder::arrayOf(Type element, size_t count) {
  return LLVM::LLVMArrayType::get(element, count);
}

Value GlobalBuilder::integer(Type type, int64_t value) {
  return LLVM::ConstantOp::create(builder, type, value);
}

Value GlobalBuilder::address(LLVM::GlobalOp global) {
  return address(global ? global.getSymName() : StringRef());
}

Value GlobalBuilder::address(StringRef symbol) {
  if (symbol.empty())
    return LLVM::ZeroOp::create(builder, ptr);
  return LLVM::AddressOfOp::create(builder, ptr, symbol);
}

LLVM::GlobalOp GlobalBuilder::createGlobal(Type type, const Twine &name,
                                           LLVM::Linkage linkage,
                                           Attribute value) {
  return LLVM::GlobalOp::create(builder, type, /*isConstant=*/true, linkage,
                                (prefix + "_" + name).str(), value);
}

LLVM::GlobalOp GlobalBuilder::buildString(const Twine &name, StringRef text) {
  std::string zeroTerminated = text.str() + '\0';
  return createGlobal(arrayOf(builder.getI8Type(), zeroTerminated.size()),
                      "lowbit_" + name, LLVM::Linkage::Internal,
                      builder.getStringAttr(zeroTerminated));
}

LLVM::GlobalOp GlobalBuilder::buildBytes(const Twine &name, StringRef bytes) {
  LLVM::GlobalOp global =
      createGlobal(arrayOf(builder.getI8Type(), bytes.size()), "lowbit_" + name,
                   LLVM::Linkage::Internal, builder.getStringAttr(bytes));
  global.setAlignment(64);
  return global;
}

LLVM::GlobalOp GlobalBuilder::buildNumbers(const Twine &name,
                                           ArrayRef<int64_t> numbers) {
  if (numbers.empty())
    return nullptr;
  return createGlobal(arrayOf(i64, numbers.size()), "lowbit_" + name,
                      LLVM::Linkage::Internal,
                      builder.getI64TensorAttr(numbers));
}

LLVM::GlobalOp GlobalBuilder::buildNumbers(const Twine &name,
                                           ArrayRef<int32_t> numbers) {
  if (numbers.empty())
    return nullptr;
  return createGlobal(arrayOf(i32, numbers.size()), "lowbit_" + name,
                      LLVM::Linkage::Internal,
                      builder.getI32TensorAttr(numbers));
}

Value GlobalBuilder::buildAggregate(Type type, ArrayRef<Value> fields) {
  Value aggregate = LLVM::UndefOp::create(builder, type);
  for (auto [i, field] : llvm::enumerate(fields))
    aggregate = LLVM::InsertValueOp::create(builder, aggregate, field, i);
  return aggregate;
}

void GlobalBuilder::buildInitializer(LLVM::GlobalOp global, Fields fields) {
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&global.getInitializerRegion());
  LLVM::ReturnOp::create(builder, buildAggregate(global.getType(), fields()));
}
