//===- ConvertGradientsToLoops.cpp - codecs to scf and vector -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GradientLoops.h"

#include "lowbit/Conversion/Passes.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_CONVERTGRADIENTSTOLOOPSPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

static int64_t countNumbers(Value buffer) {
  return cast<MemRefType>(buffer.getType()).getDimSize(0);
}

namespace {

struct ConvertGradientsToLoopsPass
    : lowbit::impl::ConvertGradientsToLoopsPassBase<
          ConvertGradientsToLoopsPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isa<EncodeGradientOp, DecodeGradientOp, MeasureGradientOp,
              MergeGradientsOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      convert(op);
  }

private:
  void convert(Operation *op) {
    ImplicitLocOpBuilder builder(op->getLoc(), op);
    auto loops = [&](CodecAttr codec, int64_t size) {
      return GradientLoops{builder, codec, size, vectorize};
    };
    Value status;
    if (auto encode = dyn_cast<EncodeGradientOp>(op)) {
      GradientLoops all =
          loops(encode.getCodec(), countNumbers(encode.getGradient()));
      bool isLargest = all.codec.getKind() == CodecKind::Largest;
      status =
          isLargest ? all.encodeLargest(encode) : all.encodeBuckets(encode);
    } else if (auto decode = dyn_cast<DecodeGradientOp>(op)) {
      CodecAttr codec = decode.getCodec();
      GradientLoops all =
          loops(codec, countNumbers(decode.getNumbers()) / codec.getSamples());
      bool isLargest = codec.getKind() == CodecKind::Largest;
      status =
          isLargest ? all.decodeLargest(decode) : all.decodeBuckets(decode);
    } else if (auto measure = dyn_cast<MeasureGradientOp>(op)) {
      status = loops(measure.getCodec(), countNumbers(measure.getGradient()))
                   .measureSteps(measure);
    } else {
      auto merge = cast<MergeGradientsOp>(op);
      loops(merge.getCodec(), merge.getSize()).merge(merge);
    }
    if (status)
      op->getResult(0).replaceAllUsesWith(status);
    op->erase();
  }
};

} // namespace
