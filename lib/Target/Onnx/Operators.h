//===- Operators.h - the ops that can be imported -*- C++ -* ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// To import one more op, write a function of a NodeContext in the file of its
// idea and add a line to the table at the end of that file. An op that computes
// on floats and on integers may have a function for each: the integer one gets
// the nodes whose first input is not float.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_LIB_TARGET_ONNX_OPERATORS_H
#define LOWBIT_LIB_TARGET_ONNX_OPERATORS_H

#include "NodeContext.h"

#include <functional>

namespace mlir::lowbit::onnximport {

/// Imports one node: sets the result or fails after NodeContext::refuse.
using OperatorImporter = std::function<LogicalResult(NodeContext &)>;

/// How many inputs an op takes. The importer may rely on the first `least`
/// being there.
struct Arity {
  unsigned least, most;
};
constexpr unsigned unlimited = ~0u;

struct Operator {
  Arity inputs;
  OperatorImporter import;
  /// For nodes on bool, int32 or int64; empty where `import` takes them, too.
  OperatorImporter importIntegers;
};

/// Finds the importer of an op by domain and name. ONNX's own domain is "".
class OperatorTable {
public:
  OperatorTable();
  void add(StringRef name, Arity inputs, OperatorImporter import,
           StringRef domain = "");
  /// Adds the importer for nodes of ONNX's own op `name` on integers.
  void addForIntegers(StringRef name, Arity inputs, OperatorImporter import);
  const Operator *find(StringRef domain, StringRef name) const;

private:
  llvm::StringMap<llvm::StringMap<Operator>> domains;
};

void addConvolutionOperators(OperatorTable &table);
void addDataMovementOperators(OperatorTable &table);
void addElementwiseOperators(OperatorTable &table);
void addFullyConnectedOperators(OperatorTable &table);
void addConstantOperators(OperatorTable &table);
void addNormalizationOperators(OperatorTable &table);
void addPoolingOperators(OperatorTable &table);
void addShapeOperators(OperatorTable &table);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_OPERATORS_H
