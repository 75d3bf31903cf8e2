//===- SpirvPatterns.cpp - What MLIR's way to SPIR-V lacks ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SpirvPatterns.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SPIRV/IR/SPIRVOps.h"
#include "mlir/Dialect/SPIRV/Transforms/SPIRVConversion.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Vulkan counts the bits of 32-bit words only: wider words are counted by
/// halves, narrower ones widened.
struct ConvertPopCount : OpConversionPattern<math::CtPopOp> {
  using Base::Base;
  LogicalResult
  matchAndRewrite(math::CtPopOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Value input = adaptor.getOperand();
    auto type = dyn_cast<IntegerType>(input.getType());
    if (!type || type.getWidth() == 32)
      return rewriter.notifyMatchFailure(op, "a count that Vulkan has");
    Location loc = op.getLoc();
    Type i32 = rewriter.getI32Type();
    auto count = [&](Value word) -> Value {
      return spirv::BitCountOp::create(rewriter, loc, i32, word);
    };
    auto resize = [&](Type to, Value word) -> Value {
      return spirv::UConvertOp::create(rewriter, loc, to, word);
    };
    Value result;
    if (type.getWidth() < 32) {
      result = count(resize(i32, input));
    } else {
      Value shift = spirv::ConstantOp::create(
          rewriter, loc, type, rewriter.getIntegerAttr(type, 32));
      Value high =
          spirv::ShiftRightLogicalOp::create(rewriter, loc, type, input, shift);
      result = spirv::IAddOp::create(rewriter, loc, count(resize(i32, input)),
                                     count(resize(i32, high)));
    }
    rewriter.replaceOp(op, resize(type, result));
    return success();
  }
};

} // namespace

void lowbit::populateExactSpirvPatterns(const SPIRVTypeConverter &converter,
                                        RewritePatternSet &patterns) {
  patterns.add<ConvertPopCount>(converter, patterns.getContext(),
                                /*benefit=*/10);
}
