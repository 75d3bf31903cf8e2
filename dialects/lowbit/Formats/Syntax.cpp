//===- Syntax.cpp - Parsing and printing of formats -----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Syntax.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lowbit;

void lowbit::printFloatList(AsmPrinter &printer, DenseF32ArrayAttr values) {
  printer << '[';
  llvm::interleaveComma(values.asArrayRef(), printer, [&](float value) {
    printer.printFloat(APFloat(value));
  });
  printer << ']';
}

ParseResult lowbit::parseFloatList(AsmParser &parser,
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

/// `i` or `u` and a number of bits.
static ParseResult parseInteger(AsmParser &parser, bool &isSigned,
                                unsigned &width) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  isSigned = keyword.consume_front("i");
  if ((!isSigned && !keyword.consume_front("u")) ||
      keyword.getAsInteger(10, width) || width < 1 || width > 32)
    return parser.emitError(loc, "expected an integer of 1 to 32 bits, as i4 "
                                 "or u4");
  return success();
}

static void printInteger(AsmPrinter &printer, bool isSigned, unsigned width) {
  printer << (isSigned ? 'i' : 'u') << width;
}

/// A number from `least` to 2^31 - 1.
template <typename Int>
static ParseResult parseNumber(AsmParser &parser, Int &value, int64_t least) {
  int64_t number = 0;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseInteger(number))
    return failure();
  if (number < least || number > std::numeric_limits<int32_t>::max())
    return parser.emitError(loc, "expected a number from ")
           << least << " to 2^31 - 1";
  value = static_cast<Int>(number);
  return success();
}

/// `= N`, at least `least`.
template <typename Int>
static ParseResult parseValue(AsmParser &parser, Int &value, int64_t least) {
  return failure(parser.parseEqual() || parseNumber(parser, value, least));
}

/// One of `keys`, which is taken from them: each is given once.
static ParseResult parseKey(AsmParser &parser, StringRef &key,
                            SmallVectorImpl<StringRef> &keys) {
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&key))
    return failure();
  auto found = llvm::find(keys, key);
  if (found == keys.end()) {
    InFlightDiagnostic diagnostic = parser.emitError(loc);
    if (keys.empty())
      return diagnostic << "expected '>', since all is given";
    diagnostic << "expected ";
    llvm::interleave(
        keys, [&](StringRef left) { diagnostic << "'" << left << "'"; },
        [&] { diagnostic << " or "; });
    return diagnostic;
  }
  keys.erase(found);
  return success();
}

void lowbit::printCount(AsmPrinter &printer, unsigned value) {
  printer << value;
}

ParseResult lowbit::parseCount(AsmParser &parser, unsigned &value) {
  return parseNumber(parser, value, 0);
}

static void printAxis(AsmPrinter &printer, std::optional<int64_t> axis) {
  if (axis)
    printer << "axis = " << *axis << ", ";
}

static ParseResult parseAxis(AsmParser &parser, std::optional<int64_t> &axis) {
  if (failed(parser.parseOptionalKeyword("axis")))
    return success();
  int64_t value = 0;
  if (parseValue(parser, value, 0) || parser.parseComma())
    return failure();
  axis = value;
  return success();
}

void lowbit::printScales(AsmPrinter &printer, std::optional<int64_t> axis,
                         DenseF32ArrayAttr scales) {
  printAxis(printer, axis);
  printFloatList(printer, scales);
}

ParseResult lowbit::parseScales(AsmParser &parser, std::optional<int64_t> &axis,
                                DenseF32ArrayAttr &scales) {
  return failure(parseAxis(parser, axis) || parseFloatList(parser, scales));
}

void lowbit::printPlaneScales(AsmPrinter &printer, std::optional<int64_t> axis,
                              DenseF32ArrayAttr scales) {
  printAxis(printer, axis);
  if (scales.empty())
    printer << "dynamic";
  else
    printFloatList(printer, scales);
}

ParseResult lowbit::parsePlaneScales(AsmParser &parser,
                                     std::optional<int64_t> &axis,
                                     DenseF32ArrayAttr &scales) {
  if (parseAxis(parser, axis))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("dynamic"))) {
    scales = DenseF32ArrayAttr::get(parser.getContext(), {});
    return success();
  }
  SMLoc loc = parser.getCurrentLocation();
  if (parseFloatList(parser, scales))
    return failure();
  if (scales.empty())
    return parser.emitError(loc, "expected scales, or 'dynamic'");
  return success();
}

void lowbit::printFields(AsmPrinter &printer, bool isSigned, unsigned width,
                         unsigned fields, unsigned drop) {
  printInteger(printer, isSigned, width);
  if (fields != 1)
    printer << " x " << fields;
  if (drop != 0)
    printer << " drop " << drop;
}

ParseResult lowbit::parseFields(AsmParser &parser, bool &isSigned,
                                unsigned &width, unsigned &fields,
                                unsigned &drop) {
  fields = 1;
  drop = 0;
  if (parseInteger(parser, isSigned, width))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("x")) &&
      parseNumber(parser, fields, 0))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("drop")) &&
      parseNumber(parser, drop, 0))
    return failure();
  return success();
}

static std::pair<int64_t, int64_t> wholeRange(bool isSigned, unsigned width) {
  return isSigned ? std::pair<int64_t, int64_t>(llvm::minIntN(width),
                                                llvm::maxIntN(width))
                  : std::pair<int64_t, int64_t>(0, llvm::maxUIntN(width));
}

void lowbit::printStorage(AsmPrinter &printer, bool isSigned, unsigned width,
                          int64_t min, int64_t max) {
  printInteger(printer, isSigned, width);
  if (std::pair(min, max) != wholeRange(isSigned, width))
    printer << '<' << min << ':' << max << '>';
}

ParseResult lowbit::parseStorage(AsmParser &parser, bool &isSigned,
                                 unsigned &width, int64_t &min, int64_t &max) {
  if (parseInteger(parser, isSigned, width))
    return failure();
  std::tie(min, max) = wholeRange(isSigned, width);
  if (failed(parser.parseOptionalLess()))
    return success();
  return failure(parser.parseInteger(min) || parser.parseColon() ||
                 parser.parseInteger(max) || parser.parseGreater());
}

void lowbit::printGroups(AsmPrinter &printer, std::optional<int64_t> axis,
                         int64_t group, bool zero) {
  if (axis)
    printer << ", axis = " << *axis;
  if (group != 0)
    printer << ", group = " << group;
  if (zero)
    printer << ", zero";
}

ParseResult lowbit::parseGroups(AsmParser &parser, std::optional<int64_t> &axis,
                                int64_t &group, bool &zero) {
  group = 0;
  zero = false;
  SmallVector<StringRef> keys = {"axis", "group", "zero"};
  while (succeeded(parser.parseOptionalComma())) {
    StringRef key;
    if (parseKey(parser, key, keys))
      return failure();
    int64_t value = 0;
    if (key == "zero") {
      zero = true;
      continue;
    }
    if (parseValue(parser, value, key == "axis" ? 0 : 1))
      return failure();
    if (key == "axis")
      axis = value;
    else
      group = value;
  }
  return success();
}

void lowbit::printVectors(AsmPrinter &printer, unsigned width, unsigned stages,
                          int64_t dim, std::optional<int64_t> axis) {
  printInteger(printer, /*isSigned=*/false, width);
  if (stages != 1)
    printer << ", stages = " << stages;
  if (dim != 1)
    printer << ", dim = " << dim;
  if (axis)
    printer << ", axis = " << *axis;
}

ParseResult lowbit::parseVectors(AsmParser &parser, unsigned &width,
                                 unsigned &stages, int64_t &dim,
                                 std::optional<int64_t> &axis) {
  stages = 1;
  dim = 1;
  bool isSigned = false;
  SMLoc start = parser.getCurrentLocation();
  if (parseInteger(parser, isSigned, width))
    return failure();
  if (isSigned)
    return parser.emitError(start, "expected an unsigned integer, as u4");
  SmallVector<StringRef> keys = {"stages", "dim", "axis"};
  while (succeeded(parser.parseOptionalComma())) {
    StringRef key;
    if (parseKey(parser, key, keys))
      return failure();
    int64_t value = 0;
    if (parseValue(parser, value, key == "axis" ? 0 : 1))
      return failure();
    if (key == "stages")
      stages = static_cast<unsigned>(value);
    else if (key == "dim")
      dim = value;
    else
      axis = value;
  }
  return success();
}
