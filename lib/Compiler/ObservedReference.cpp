//===- ObservedReference.cpp - The float program of a model ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/ObservedReference.h"

#include "ParameterCopy.h"

#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Calibration.h"

using namespace mlir;
using namespace mlir::lowbit;

FailureOr<std::unique_ptr<ObservedReference>>
ObservedReference::create(ModuleOp module, StringRef recipe) {
  loadCalibrationDialects(*module.getContext());
  // Values between layers are what the recipe makes of them.
  ModuleOp copy;
  OwningOpRef<ModuleOp> outer = copyWithParameters(module, recipe, copy);
  if (!outer)
    return failure();
  auto main = copy.lookupSymbol<func::FuncOp>("main");
  if (!main || main.isExternal())
    return module.emitError("expects a function @main with a body");
  FailureOr<FloatProgram> program = FloatProgram::compile(main);
  if (failed(program))
    return failure();
  std::unique_ptr<ObservedReference> reference(
      new ObservedReference(std::move(*program)));
  main.walk(
      [&](ObserveOp op) { reference->names.push_back(op.getName().str()); });
  return reference;
}

llvm::Error ObservedReference::run(ArrayRef<ArrayRef<char>> inputs,
                                   Visit visit) {
  std::vector<std::vector<char>> copies;
  for (ArrayRef<char> input : inputs)
    copies.emplace_back(input.begin(), input.end());
  auto probe = [&](int64_t observation, ArrayRef<float> elements) {
    visit(names[observation], elements);
  };
  if (failed(program.run(copies, probe)))
    return llvm::createStringError("the float program cannot run");
  return llvm::Error::success();
}
