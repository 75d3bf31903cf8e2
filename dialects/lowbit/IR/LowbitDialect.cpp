//===- LowbitDialect.cpp - The dialect's registration -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/IR/Lowbit.h"

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

/// Numbers in brackets, as exact as attributes print them.
static void printFloatList(AsmPrinter &printer, DenseF32ArrayAttr values) {
  printer << '[';
  llvm::interleaveComma(values.asArrayRef(), printer, [&](float value) {
    printer.printFloat(APFloat(value));
  });
  printer << ']';
}

static ParseResult parseFloatList(AsmParser &parser,
                                  DenseF32ArrayAttr &values) {
  SmallVector<float> elements;
  auto parseElement = [&]() -> ParseResult {
    APFloat element(APFloat::IEEEsingle());
    if (parser.parseFloat(APFloat::IEEEsingle(), element))
      return failure();
    elements.push_back(element.convertToFloat());
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square,
                                     parseElement))
    return failure();
  values = DenseF32ArrayAttr::get(parser.getContext(), elements);
  return success();
}

#define GET_ATTRDEF_CLASSES
#include "lowbit/IR/LowbitAttrs.cpp.inc"

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
  addOperations<
#define GET_OP_LIST
#include "lowbit/IR/Lowbit.cpp.inc"
      >();
}
