//===- RealNorm.cpp - Batch norms of real numbers -------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RealNorm.h"

#include "lowbit/Analysis/ModelStatistics.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace mlir::lowbit;

void lowbit::expressAsPairs(Operation *norm) {
  auto conv = cast<tosa::DepthwiseConv2DOp>(norm);
  RankedTensorType type = cast<RankedTensorType>(conv.getType());
  ImplicitLocOpBuilder builder(norm->getLoc(), norm);
  auto spread = [&](Value constant, StringRef name) -> Value {
    SmallVector<float> numbers = *readConstant<float>(constant);
    auto spreadType = RankedTensorType::get(
        {1, 1, 1, static_cast<int64_t>(numbers.size())}, type.getElementType());
    return tosa::ConstOp::create(
        builder, spreadType, makeElements<float>(spreadType, numbers, name));
  };
  auto shiftType = RankedTensorType::get({1}, builder.getI8Type());
  Value shift = tosa::ConstOp::create(
      builder, shiftType,
      DenseElementsAttr::get(shiftType, builder.getI8IntegerAttr(0)));
  Value product =
      tosa::MulOp::create(builder, type, conv.getInput(),
                          spread(conv.getWeight(), "factors"), shift);
  Value sum = tosa::AddOp::create(builder, type, product,
                                  spread(conv.getBias(), "terms"));
  for (Value value : {product, sum})
    value.getDefiningOp()->setAttr(
        kFloatGlueAttr, builder.getStringAttr("it is the batch norm of a layer "
                                              "that computes real numbers"));
  norm->getResult(0).replaceAllUsesWith(sum);
  norm->erase();
}
