//===- QuantizeInterface.cpp - codes at the function's boundary ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_QUANTIZEINTERFACEPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

struct QuantizeInterfacePass
    : lowbit::impl::QuantizeInterfacePassBase<QuantizeInterfacePass> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || main.isExternal()) {
      getOperation().emitError() << "expects a function @main with a body";
      return signalPassFailure();
    }
    if (!main.getBody().hasOneBlock()) {
      main.emitError() << "expects one block in @main, but got "
                       << main.getBlocks().size()
                       << "; compile with --io=float";
      return signalPassFailure();
    }
    if (!SymbolTable::symbolKnownUseEmpty(main, getOperation())) {
      main.emitError() << "expects no use of @main in the module, but there is "
                          "one; compile with --io=float";
      return signalPassFailure();
    }
    for (BlockArgument argument : main.getArguments())
      if (isF32Tensor(argument.getType()) &&
          failed(quantizeArgument(main, argument)))
        return signalPassFailure();
    auto terminator = dyn_cast<func::ReturnOp>(main.front().getTerminator());
    if (!terminator) {
      main.emitError() << "expects @main to return";
      return signalPassFailure();
    }
    if (failed(quantizeResults(terminator)))
      return signalPassFailure();
    main.setType(FunctionType::get(&getContext(),
                                   main.front().getArgumentTypes(),
                                   terminator.getOperandTypes()));
  }

private:
  static bool isAlike(EncodeOp a, EncodeOp b) {
    return a.getType() == b.getType() && a.getRounding() == b.getRounding() &&
           a.getSaturation() == b.getSaturation() &&
           a.getScaling() == b.getScaling();
  }

  static LogicalResult quantizeArgument(func::FuncOp main,
                                        BlockArgument argument) {
    SmallVector<EncodeOp> encodes;
    for (Operation *user : argument.getUsers()) {
      auto encode = dyn_cast<EncodeOp>(user);
      // Thresholds of its own give a code to other numbers than the format does,
      // and whoever calls the program does not round at random.
      if (!encode || encode.getThresholds() ||
          encode.getRounding() == Rounding::Stochastic ||
          (!encodes.empty() && !isAlike(encode, encodes.front()))) {
        InFlightDiagnostic diagnostic =
            main.emitError()
            << "expects argument " << argument.getArgNumber()
            << " to be encoded in one format before any other use, but it is "
               "not; compile with --io=float";
        diagnostic.attachNote(user->getLoc()) << "used here";
        return diagnostic;
      }
      encodes.push_back(encode);
    }
    if (encodes.empty())
      return success();
    argument.setType(encodes.front().getType());
    for (EncodeOp encode : encodes) {
      encode.getResult().replaceAllUsesWith(argument);
      encode.erase();
    }
    return success();
  }

  static LogicalResult quantizeResults(func::ReturnOp op) {
    for (OpOperand &operand : op->getOpOperands()) {
      if (!isF32Tensor(operand.get().getType()))
        continue;
      auto decode = operand.get().getDefiningOp<DecodeOp>();
      if (!decode)
        return op.emitOpError()
               << "expects result " << operand.getOperandNumber()
               << " to be decoded from codes, but it is not; compile with "
                  "--io=float";
      operand.set(decode.getInput());
      if (decode->use_empty())
        decode->erase();
    }
    return success();
  }
};

} // namespace
