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

/// What an op may do with integers of 2 to 16 bits (see CodeType.h).
enum class CodeUse {
  None,    ///< The importer asks for them, or does not take them.
  Move,    ///< Moves or selects them, whatever they stand for.
  Plainly, ///< The same, but adds constants to them, as padding does.
};

struct Operator {
  Arity inputs;
  OperatorImporter import;
  /// For nodes whose first input is not float; empty where `import` takes them,
  /// too.
  OperatorImporter importIntegers;
  /// For nodes with constant inputs only; empty where the others do for them.
  OperatorImporter importConstants;
  CodeUse codes = CodeUse::None;
  /// Constants that the model decodes from integers stay decodes: the op may
  /// compute on codes. Elsewhere they are floats like others.
  bool keepsDecodes = false;
  /// The last opset of the op's domain whose definition of it the importer was
  /// checked against.
  int64_t lastOpset = 21;
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
  void addCodeUses();
  void addOpsets();

  llvm::StringMap<llvm::StringMap<Operator>> domains;
};

/// Imports the node by `op`, after what all ops have to be checked for.
LogicalResult importOperator(const Operator &op, NodeContext &node);

void addActivationOperators(OperatorTable &table);
void addCastOperators(OperatorTable &table);
void addComparisonOperators(OperatorTable &table);
void addConvolutionOperators(OperatorTable &table);
void addDataMovementOperators(OperatorTable &table);
void addElementwiseOperators(OperatorTable &table);
void addFoldingOperators(OperatorTable &table);
void addFullyConnectedOperators(OperatorTable &table);
void addGatherOperators(OperatorTable &table);
void addIntegerOperators(OperatorTable &table);
void addMaskOperators(OperatorTable &table);
void addConstantOperators(OperatorTable &table);
void addIntegerProductOperators(OperatorTable &table);
void addNormalizationOperators(OperatorTable &table);
void addPaddingOperators(OperatorTable &table);
void addPoolingOperators(OperatorTable &table);
void addReductionOperators(OperatorTable &table);
void addResizeOperators(OperatorTable &table);
void addSearchOperators(OperatorTable &table);
void addQOperators(OperatorTable &table);
void addQonnxOperators(OperatorTable &table);
void addQuantizeOperators(OperatorTable &table);
void addShapeOperators(OperatorTable &table);
void addSlicingOperators(OperatorTable &table);
void addSoftmaxOperators(OperatorTable &table);

} // namespace mlir::lowbit::onnximport

#endif // LOWBIT_LIB_TARGET_ONNX_OPERATORS_H
