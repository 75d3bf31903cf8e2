//===- LowbitPooling.cpp - Verifiers of the pooling operations ----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FormatChecks.h"
#include "RescaleFactors.h"
#include "lowbit/IR/Lowbit.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The constraints (C1) to (C3) that both pooling operations have.
static LogicalResult verifyPool(Operation *op, RankedTensorType input,
                                RankedTensorType result,
                                ArrayRef<int64_t> kernel,
                                ArrayRef<int64_t> stride,
                                ArrayRef<int64_t> pad) {
  if (input.getRank() != 4 || result.getRank() != 4 ||
      input.getDimSize(0) != result.getDimSize(0) ||
      input.getDimSize(3) != result.getDimSize(3)) // (C1)
    return op->emitOpError()
           << "expects [batch, height, width, channel] with one batch and "
              "channel size, but got "
           << input << " and " << result;
  if (kernel.size() != 2 || stride.size() != 2 || pad.size() != 4)
    return op->emitOpError()
           << "expects 'kernel' and 'stride' of 2 and 'pad' of 4 entries";
  for (int i = 0; i < 2; ++i) {
    int64_t before = pad[2 * i], after = pad[2 * i + 1];
    constexpr int64_t most = std::numeric_limits<int32_t>::max();
    if (kernel[i] < 1 || kernel[i] > most || stride[i] < 1 ||
        stride[i] > most || before < 0 || after < 0 || before >= kernel[i] ||
        after >= kernel[i]) // (C2)
      return op->emitOpError()
             << "expects kernel and stride from 1 to 2^31 - 1, and pads of at "
                "least 0 and less than the kernel";
    int64_t span = input.getDimSize(1 + i) + before + after - kernel[i];
    int64_t expected = span < 0 ? 0 : span / stride[i] + 1;
    if (result.getDimSize(1 + i) != expected) // (C3)
      return op->emitOpError()
             << "expects size " << expected << " for dimension " << 1 + i
             << " of the result, but got " << result;
  }
  return success();
}

LogicalResult MaxPool2dOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  if (failed(verifyPool(*this, input, getType(), getKernel(), getStride(),
                        getPad())) ||
      failed(verifyOrdered(*this, input.getElementType())))
    return failure();
  if (input.getElementType() != getType().getElementType()) // (C1)
    return emitOpError() << "expects a result of the input's format "
                         << input.getElementType() << ", but got "
                         << getType().getElementType();
  return success();
}

LogicalResult MeanPool2dOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  if (failed(verifyPool(*this, input, getType(), getKernel(), getStride(),
                        getPad())) ||
      failed(verifyPerTensor(*this, input.getElementType())))
    return failure();
  if (input.getElementType() != getType().getElementType()) // (C1)
    return emitOpError() << "expects a result of the input's format "
                         << input.getElementType() << ", but got "
                         << getType().getElementType();
  if (input.getDimSize(1) < 1 || input.getDimSize(2) < 1) // (C4)
    return emitOpError() << "expects a static height and width of at least 1, "
                            "but got "
                         << input;
  auto [low, high] = getStorageRange(input.getElementType());
  int64_t positions = 0, sum = 0;
  if (llvm::MulOverflow(getKernel()[0], getKernel()[1], positions) ||
      llvm::MulOverflow(positions, std::max(-low, high), sum) ||
      sum > std::numeric_limits<int32_t>::max()) // (C5)
    return emitOpError() << "expects windows whose sums fit 32 bits, but got "
                         << getKernel()[0] << " x " << getKernel()[1]
                         << " codes of " << input.getElementType();
  return success();
}

LogicalResult AvgPool2dOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  if (failed(verifyPool(*this, input, getType(), getKernel(), getStride(),
                        getPad())) ||
      failed(verifyPerTensor(*this, input.getElementType())) ||
      failed(verifyPerTensor(*this, getType().getElementType())))
    return failure();
  ArrayRef<int64_t> factors =
      cast<ShapedType>(getMultiplier().getType()).getShape();
  if (factors != ArrayRef<int64_t>({1, 1}) &&
      factors != getType().getShape().slice(1, 2)) // (C4)
    return emitOpError() << "expects multiplier and shift of [1, 1] or [height,"
                            " width] of the result, but got "
                         << getMultiplier().getType();
  return verifyConstantFactors(*this, getMultiplier(), getShift());
}
