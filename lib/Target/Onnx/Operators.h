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
// may have up to three such functions: for floats, for integers, and for nodes
// of which all inputs are constants.
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
  /// For nodes whose first input is not float; empty where `import` takes them,
  /// too.
  OperatorImporter importIntegers;
  /// For nodes with constant inputs only; empty where the others do for them.
  OperatorImporter importConstants;
};

/// Finds the importer of an op by domain and name. ONNX's own domain is "".
class OperatorTable {
public:
  OperatorTable();
  void add(StringRef name, Arity inputs, OperatorImporter import,
           StringRef domain = "");
  /// Adds importers of ONNX's own op `name` for some nodes; see Operator.
  void addForIntegers(StringRef name, Arity inputs, OperatorImporter import);
  void addForConstants(StringRef name, Arity inputs, OperatorImporter import);
  const Operator *find(StringRef domain, StringRef name) const;

private:
  llvm::StringMap<llvm::StringMap<Operator>> domains;
};

void addActivationOperators(OperatorTable &table);
void addCastOperators(OperatorTable &table);
void addComparisonOperators(OperatorTable &table);
void addConstantOperators(OperatorTable &table);
void addConvolutionOperators(OperatorTable &table);
void addDataMovementOperators(OperatorTable &table);
void addElementwiseOperators(OperatorTable &table);
void addFoldingOperators(OperatorTable &table);
void addFullyConnectedOperators(OperatorTable &table);
void addGatherOperators(OperatorTable &table);
void addIntegerOperators(OperatorTable &table);
void addMaskOperators(OperatorTable &table);
void addNormalizationOperators(OperatorTable &table);
void addPaddingOperators(OperatorTable &table);
void addPoolingOperators(OperatorTable &table);
void addReductionOperators(OperatorTable &table);
void addResizeOperators(OperatorTable &table);
void addSearchOperators(OperatorTable &table);
void addShapeOperators(OperatorTable &table);
void addSlicingOperators(OperatorTable &table);
void addSoftmaxOperators(OperatorTable &table);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_OPERATORS_H
