//===- Syntax.h - Parsing and printing of formats ---------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The custom directives of the types' assembly formats.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_FORMATS_SYNTAX_H
#define LOWBIT_FORMATS_SYNTAX_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/OpImplementation.h"

#include <optional>

namespace mlir::lowbit {

/// Numbers in brackets, as exact as attributes print them.
void printFloatList(AsmPrinter &printer, DenseF32ArrayAttr values);
ParseResult parseFloatList(AsmParser &parser, DenseF32ArrayAttr &values);

/// A number from 0 on.
void printCount(AsmPrinter &printer, unsigned value);
ParseResult parseCount(AsmParser &parser, unsigned &value);

/// A list of numbers, with `axis = N, ` before it where there is an axis.
void printScales(AsmPrinter &printer, std::optional<int64_t> axis,
                 DenseF32ArrayAttr scales);
ParseResult parseScales(AsmParser &parser, std::optional<int64_t> &axis,
                        DenseF32ArrayAttr &scales);

/// The same, or `dynamic` in the place of the list where that is empty.
void printPlaneScales(AsmPrinter &printer, std::optional<int64_t> axis,
                      DenseF32ArrayAttr scales);
ParseResult parsePlaneScales(AsmParser &parser, std::optional<int64_t> &axis,
                             DenseF32ArrayAttr &scales);

/// `i4`, `u4`, with `x 2 drop 1` for several fields.
void printFields(AsmPrinter &printer, bool isSigned, unsigned width,
                 unsigned fields, unsigned drop);
ParseResult parseFields(AsmParser &parser, bool &isSigned, unsigned &width,
                        unsigned &fields, unsigned &drop);

/// `i4`, `u4`, with `<-7:7>` where that is not all of the storage.
void printStorage(AsmPrinter &printer, bool isSigned, unsigned width,
                  int64_t min, int64_t max);
ParseResult parseStorage(AsmParser &parser, bool &isSigned, unsigned &width,
                         int64_t &min, int64_t &max);

/// `, axis = N`, `, group = N` and `, zero`, each where it is not the default.
void printGroups(AsmPrinter &printer, std::optional<int64_t> axis,
                 int64_t group, bool zero);
ParseResult parseGroups(AsmParser &parser, std::optional<int64_t> &axis,
                        int64_t &group, bool &zero);

/// `u4`, with `, stages = N`, `, dim = N` and `, axis = N`, each where it is not
/// the default.
void printVectors(AsmPrinter &printer, unsigned width, unsigned stages,
                  int64_t dim, std::optional<int64_t> axis);
ParseResult parseVectors(AsmParser &parser, unsigned &width, unsigned &stages,
                         int64_t &dim, std::optional<int64_t> &axis);

} // namespace mlir::lowbit

#endif // LOWBIT_FORMATS_SYNTAX_H
