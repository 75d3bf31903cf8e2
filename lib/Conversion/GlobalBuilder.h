//===- GlobalBuilder.h - C data as globals of the LLVM dialect --*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_CONVERSION_GLOBALBUILDER_H
#define LOWBIT_LIB_CONVERSION_GLOBALBUILDER_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {

/// Builds constant globals at the end of a module. Their names start with
/// "<prefix>_".
class GlobalBuilder {
public:
  GlobalBuilder(ModuleOp module, StringRef prefix);

protected:
  LLVM::LLVMStructType structOf(ArrayRef<Type> fields);
  LLVM::LLVMArrayType arrayOf(Type element, size_t count);
  Value integer(Type type, int64_t value);
  /// Null for an absent global: an array of no elements.
  Value address(LLVM::GlobalOp global);
  /// Of a global or function of the module; null for no name.
  Value address(StringRef symbol);

  LLVM::GlobalOp createGlobal(Type type, const Twine &name,
                              LLVM::Linkage linkage, Attribute value = nullptr);
  /// `<prefix>_lowbit_<name>`, a string that ends in a zero; internal.
  LLVM::GlobalOp buildString(const Twine &name, StringRef text);
  /// `<prefix>_lowbit_<name>`, bytes on a boundary of 64; internal.
  LLVM::GlobalOp buildBytes(const Twine &name, StringRef bytes);
  /// `<prefix>_lowbit_<name>`, an array; internal. Null if it has no elements.
  LLVM::GlobalOp buildNumbers(const Twine &name, ArrayRef<int64_t> numbers);
  LLVM::GlobalOp buildNumbers(const Twine &name, ArrayRef<int32_t> numbers);

  using Fields = llvm::function_ref<SmallVector<Value>()>;
  /// A struct or array of the values that `fields` creates inside of an
  /// initializer.
  Value buildAggregate(Type type, ArrayRef<Value> fields);
  void buildInitializer(LLVM::GlobalOp global, Fields fields);

  ImplicitLocOpBuilder builder;
  StringRef prefix;
  Type ptr, i32, i64;
};

} // namespace mlir::lowbit

#endif // LOWBIT_LIB_CONVERSION_GLOBALBUILDER_H
