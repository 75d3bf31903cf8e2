//===- LowbitDialect.cpp - The dialect's registration -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/IR/Lowbit.h"

#include "../Formats/Syntax.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lowbit;

#include "lowbit/IR/LowbitDialect.cpp.inc"

#include "lowbit/IR/LowbitEnums.cpp.inc"

#include "lowbit/Formats/FormatEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "lowbit/IR/LowbitAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "lowbit/Formats/Formats.cpp.inc"

/// One type that stands for several operands: `custom<SameType>`.
static ParseResult parseSameType(OpAsmParser &parser, Type &first,
                                 Type &second) {
  if (parser.parseType(first))
    return failure();
  second = first;
  return success();
}
static void printSameType(OpAsmPrinter &printer, Operation *, Type first,
                          Type second) {
  printer << first;
}
static ParseResult parseSameType(OpAsmParser &parser, Type &first, Type &second,
                                 Type &third, Type &fourth) {
  if (parser.parseType(first))
    return failure();
  second = third = fourth = first;
  return success();
}
static void printSameType(OpAsmPrinter &printer, Operation *, Type first, Type,
                          Type, Type) {
  printer << first;
}

#define GET_OP_CLASSES
#include "lowbit/IR/Lowbit.cpp.inc"

void LowbitDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "lowbit/IR/LowbitAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "lowbit/Formats/Formats.cpp.inc"
      >();
  attachUniformFormats(*getContext());
  addOperations<
#define GET_OP_LIST
#include "lowbit/IR/Lowbit.cpp.inc"
      >();
}
