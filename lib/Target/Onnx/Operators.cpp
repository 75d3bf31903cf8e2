//===- Operators.cpp - the ops that can be imported ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Operators.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

OperatorTable::OperatorTable() {
  addActivationOperators(*this);
  addCastOperators(*this);
  addComparisonOperators(*this);
  addConstantOperators(*this);
  addConvolutionOperators(*this);
  addDataMovementOperators(*this);
  addElementwiseOperators(*this);
  addFoldingOperators(*this);
  addFullyConnectedOperators(*this);
  addGatherOperators(*this);
  addIntegerOperators(*this);
  addMaskOperators(*this);
  addNormalizationOperators(*this);
  addPaddingOperators(*this);
  addPoolingOperators(*this);
  addReductionOperators(*this);
  addResizeOperators(*this);
  addSearchOperators(*this);
  addShapeOperators(*this);
  addSlicingOperators(*this);
  addSoftmaxOperators(*this);
}

void OperatorTable::add(StringRef name, Arity inputs, OperatorImporter import,
                        StringRef domain) {
  Operator &added = domains[domain][name];
  assert(!added.import && "two importers for one op");
  added.inputs = inputs;
  added.import = std::move(import);
}

void OperatorTable::addForIntegers(StringRef name, Arity inputs,
                                   OperatorImporter import) {
  Operator &added = domains[""][name];
  assert(!added.importIntegers && "two importers for one op on integers");
  if (!added.import)
    added.inputs = inputs;
  added.importIntegers = std::move(import);
}

void OperatorTable::addForConstants(StringRef name, Arity inputs,
                                    OperatorImporter import) {
  Operator &added = domains[""][name];
  assert(!added.importConstants && "two importers for one op on constants");
  if (!added.import && !added.importIntegers)
    added.inputs = inputs;
  added.importConstants = std::move(import);
}

const Operator *OperatorTable::find(StringRef domain, StringRef name) const {
  auto operators = domains.find(domain);
  if (operators == domains.end())
    return nullptr;
  auto found = operators->second.find(name);
  return found == operators->second.end() ? nullptr : &found->second;
}
