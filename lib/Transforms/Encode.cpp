//===- Encode.cpp - turns observed values into codes --------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Accuracy/WeightCodes.h"

#include "lowbit/Analysis/CodeData.h"
#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Formats/Constants.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Support/ConstantData.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <cmath>

namespace mlir::lowbit {
#define GEN_PASS_DEF_ENCODEPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

static constexpr StringLiteral reasonName = "lowbit.reason";

namespace {

struct EncodePass : lowbit::impl::EncodePassBase<EncodePass> {
  using Base::Base;

  void runOnOperation() override {
    // The float weights that codes replace.
    BlobScope blobs(getOperation());
    SmallVector<ObserveOp> observations;
    getOperation().walk([&](ObserveOp op) { observations.push_back(op); });
    // Everything that can fail comes before the first change.
    SmallVector<ElementsAttr> codes;
    for (ObserveOp op : observations) {
      FailureOr<ElementsAttr> value = encodeConstant(op);
      if (failed(value))
        return signalPassFailure();
      codes.push_back(*value);
    }
    for (auto [op, value] : llvm::zip_equal(observations, codes)) {
      if (!op.getFormat())
        keepReason(op);
      else
        encode(op, value);
      eraseObservation(op);
    }
  }

private:
  /// The codes of an observed constant; null for other values.
  static FailureOr<ElementsAttr> encodeConstant(ObserveOp op);

  /// The nearest codes of a format that is not affine.
  static ElementsAttr encodeRanks(Format format, RankedTensorType type,
                                  ArrayRef<float> elements, StringRef name);

  void encode(ObserveOp op, ElementsAttr codes) {
    OpBuilder builder(op);
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    auto coded = type.clone(*op.getFormat());
    Value result;
    if (codes)
      result = ConstantOp::create(builder, loc, coded, codes);
    else
      result = EncodeOp::create(builder, loc, coded, op.getInput(),
                                Rounding::NearestEven, Saturation::Saturate);
    if (ports && !codes && isa<quant::UniformQuantizedType>(*op.getFormat())) {
      OpBuilder atEnd(op->getBlock()->getTerminator());
      PortOp::create(atEnd, loc, result, op.getName(), /*format=*/TypeAttr());
    }
    op.replaceAllUsesWith(
        DecodeOp::create(builder, loc, type, result).getResult());
  }

  /// Leaves the reason where reports find it: at the operation that computes
  /// the value, or at the argument.
  static void keepReason(ObserveOp op) {
    op.replaceAllUsesWith(op.getInput());
    if (isConstant(op.getInput()))
      return;
    if (Operation *producer = op.getInput().getDefiningOp()) {
      Operation *root = getQuantizationUnit(producer).root;
      if (!root->hasAttr(reasonName))
        root->setAttr(reasonName, op.getReasonAttr());
      return;
    }
    auto argument = cast<BlockArgument>(op.getInput());
    if (auto function =
            dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()))
      function.setArgAttr(argument.getArgNumber(), reasonName,
                          op.getReasonAttr());
  }

  static void eraseObservation(ObserveOp op) {
    Operation *producer = op.getInput().getDefiningOp();
    op.erase();
    if (producer && producer->hasTrait<OpTrait::ConstantLike>() &&
        producer->use_empty())
      producer->erase();
  }
};

} // namespace

FailureOr<ElementsAttr> EncodePass::encodeConstant(ObserveOp op) {
  if (!op.getFormat() && !op.getReason())
    return op.emitError() << "'" << op.getName()
                          << "' has neither a format nor a reason; use "
                             "-lowbit-assign first";
  if (!op.getFormat())
    return ElementsAttr();
  auto format = dyn_cast<quant::QuantizedType>(*op.getFormat());
  auto type = cast<RankedTensorType>(op.getType());
  auto codes = dyn_cast<Format>(*op.getFormat());
  if (codes && codes.hasParameters())
    return op.emitError()
           << "'" << op.getName()
           << "' has scales that are known only at run time; use "
              "-lowbit-place-quantizers first";
  if (!codes || (!format && codes.getStorageWidth() > 8))
    return op.emitError() << "'" << op.getName() << "' cannot be encoded as "
                          << *op.getFormat()
                          << ", which is neither affine nor of at most 8 bits";
  if (!format && failed(verifyShape(codes, type.getShape(), [&] {
        return op.emitError() << "'" << op.getName() << "' cannot be encoded: ";
      })))
    return failure();
  if (auto perAxis =
          dyn_cast_if_present<quant::UniformQuantizedPerAxisType>(format);
      perAxis && (perAxis.getQuantizedDimension() >= type.getRank() ||
                  type.getDimSize(perAxis.getQuantizedDimension()) !=
                      static_cast<int64_t>(perAxis.getScales().size())))
    return op.emitError() << "'" << op.getName() << "' of type " << type
                          << " cannot be encoded as " << format
                          << ", which has " << perAxis.getScales().size()
                          << " scales along dimension "
                          << perAxis.getQuantizedDimension();
  if (!isConstant(op.getInput()))
    return ElementsAttr();

  std::optional<SmallVector<float>> elements =
      readConstant<float>(op.getInput());
  if (!elements)
    return op.emitError() << "the constant '" << op.getName()
                          << "' cannot be read: its data is missing";
  if (llvm::any_of(*elements, [](float x) { return std::isnan(x); }))
    return op.emitError() << "the constant '" << op.getName()
                          << "' holds NaN, which has no code";
  if (!format)
    return encodeRanks(codes, type, *elements, op.getName());
  std::optional<WeightCodes> rounded = WeightCodes::get(op, format);
  assert(rounded && "all that can fail has been checked");
  return makeCodes(type.clone(format), rounded->getCodes(), op.getName());
}

ElementsAttr EncodePass::encodeRanks(Format format, RankedTensorType type,
                                     ArrayRef<float> elements, StringRef name) {
  RankEncoder encoder(format);
  int64_t inner = 1;
  if (std::optional<int64_t> axis = format.getScaleAxis())
    for (int64_t size : type.getShape().drop_front(*axis + 1))
      inner *= size;
  SmallVector<int64_t> codes;
  codes.reserve(elements.size());
  for (auto [i, real] : llvm::enumerate(elements))
    codes.push_back(encoder.encode(real, i / inner % format.getNumChannels()));
  return makeCodes(type.clone(format), codes, name);
}
