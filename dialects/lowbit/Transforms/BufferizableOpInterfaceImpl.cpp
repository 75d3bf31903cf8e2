//===- BufferizableOpInterfaceImpl.cpp - tensors to buffers ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Transforms/BufferizableOpInterfaceImpl.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/IR/DialectRegistry.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::bufferization;

namespace {

struct ContractOpInterface
    : DstBufferizableOpInterfaceExternalModel<ContractOpInterface, ContractOp> {
  /// Unlike other destinations, this one is overwritten as a whole.
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return !cast<ContractOp>(op).isDpsInit(&operand);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto contract = cast<ContractOp>(op);
    if (!contract.hasPureTensorSemantics())
      return contract.emitOpError()
             << "expects all operands to be tensors, or all to be buffers";
    SmallVector<Value> buffers;
    for (Value tensor : contract->getOperands()) {
      FailureOr<Value> buffer = getBuffer(rewriter, tensor, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    auto replacement =
        ContractOp::create(rewriter, op->getLoc(), TypeRange(), buffers,
                           op->getAttrDictionary().getValue());
    rewriter.inlineRegionBefore(contract.getEpilogue(),
                                replacement.getEpilogue(),
                                replacement.getEpilogue().begin());
    replaceOpWithBufferizedValues(rewriter, op, buffers.back());
    return success();
  }
};

struct PortOpInterface
    : BufferizableOpInterface::ExternalModel<PortOpInterface, PortOp> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto port = cast<PortOp>(op);
    FailureOr<Value> buffer =
        getBuffer(rewriter, port.getCodes(), options, state);
    if (failed(buffer))
      return failure();
    PortOp::create(rewriter, op->getLoc(), *buffer, port.getNameAttr(),
                   port.getFormatAttr());
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void lowbit::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, LowbitDialect *) {
    ContractOp::attachInterface<ContractOpInterface>(*context);
    PortOp::attachInterface<PortOpInterface>(*context);
  });
}
