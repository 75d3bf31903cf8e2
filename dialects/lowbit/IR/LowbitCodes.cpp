//===- LowbitCodes.cpp - Between real numbers and codes -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Verifiers of encode, decode and what holds codes. The tags (C1), (C2), ... are
// those of the constraints in the operations' descriptions.

#include "FormatChecks.h"
#include "lowbit/IR/Lowbit.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

/// The axis of a format is one of `coded`, and has its scales.
static LogicalResult verifyAxis(Operation *op, ShapedType coded) {
  auto format = dyn_cast<Format>(coded.getElementType());
  if (!format)
    return success();
  return verifyShape(format, coded.getShape(),
                     [&] { return op->emitOpError(); });
}

/// (C2) and (C3) of encode and decode.
static LogicalResult verifyFormat(Operation *op, ShapedType coded) {
  Type format = coded.getElementType();
  if (auto quantized = dyn_cast<quant::QuantizedType>(format);
      quantized &&
      (!quantized.getExpressedType() || !quantized.getExpressedType().isF32()))
    return op->emitOpError()
           << "expects a format that expresses f32, but got " << format;
  if (!isa<Format>(format))
    return op->emitOpError() << "expects a number format, as '!quant.uniform' "
                                "per tensor or per axis, but got "
                             << format;
  return verifyAxis(op, coded);
}

/// True for formats whose parameters lowbit.encode_dynamic computes.
static bool hasRuntimeScales(Type type) {
  if (auto planes = dyn_cast<PlanesType>(type))
    return planes.isDynamic();
  auto affine = dyn_cast<AffineType>(type);
  return affine && affine.getGroup() == 0 && affine.getMin() <= 0 &&
         affine.getMax() > 0;
}

LogicalResult ObserveOp::verify() {
  if (getFormat() && getReason()) // (C2)
    return emitOpError() << "expects 'format' or 'reason', but got both";
  if ((getChannels() || getBalanced() || getSeed()) &&
      getRole() != Role::Weight) // (C3)
    return emitOpError() << "expects 'channels', 'balanced' and 'seed' with "
                            "the role 'weight' only";
  if (getSeed() && getBalanced()) // (C4)
    return emitOpError() << "expects 'balanced' or 'seed', but got both";
  if (getSeed() && !llvm::isUInt<32>(*getSeed()))
    return emitOpError() << "expects 'seed' from 0 to 2^32 - 1, but got "
                         << static_cast<int64_t>(*getSeed());
  if (!getFormat())
    return success();
  auto format = dyn_cast<quant::QuantizedType>(*getFormat()); // (C1)
  if (auto codes = dyn_cast<Format>(*getFormat());
      codes && codes.hasParameters() &&
      (getRole() == Role::Weight || !hasRuntimeScales(codes)))
    return emitOpError() << "expects 'format' to be a format without "
                            "parameters, but got "
                         << *getFormat();
  bool isOurs = !format && isa<Format>(*getFormat());
  if (!isOurs && (!format || !format.getExpressedType() ||
                  !format.getExpressedType().isF32()))
    return emitOpError() << "expects 'format' to be a format of f32 numbers, "
                            "but got "
                         << *getFormat();
  return success();
}

bool EncodeOp::countsThresholds() {
  return getThresholds() ||
         !isa<quant::QuantizedType>(getType().getElementType());
}

/// (C7) of encode.
static LogicalResult verifyRandomWords(EncodeOp op) {
  if (op.getRounding() != Rounding::Stochastic) {
    if (op.getSeed() || op.getTensorId())
      return op.emitOpError() << "expects 'seed' and 'tensor_id' with the "
                                 "rounding 'stochastic' only";
    return success();
  }
  if (!op.getSeed() || !op.getTensorId())
    return op.emitOpError() << "expects 'seed' and 'tensor_id' with the "
                               "rounding 'stochastic'";
  for (uint64_t value : {*op.getSeed(), *op.getTensorId()})
    if (!llvm::isUInt<32>(value))
      return op.emitOpError()
             << "expects 'seed' and 'tensor_id' from 0 to 2^32 - 1, but got "
             << static_cast<int64_t>(value);
  return success();
}

/// (C4) to (C6) of encode.
static LogicalResult verifyThresholds(EncodeOp op) {
  auto format = cast<Format>(op.getType().getElementType());
  if (format.getStorageWidth() > 8)
    return op.emitOpError() << "expects a format of at most 8 bits, or an "
                               "affine one without 'thresholds', but got "
                            << format;
  if (op.getRounding() != Rounding::NearestEven ||
      op.getSaturation() != Saturation::Saturate ||
      op.getScaling() != Scaling::Multiply)
    return op.emitOpError() << "expects no 'rounding', 'saturation' or "
                               "'scaling' where thresholds are counted";
  if (!op.getThresholds()) {
    if (op.getCodes())
      return op.emitOpError() << "expects 'codes' beside 'thresholds' only";
    return success();
  }
  ArrayRef<float> thresholds = *op.getThresholds();
  for (auto [i, threshold] : llvm::enumerate(thresholds))
    if (std::isnan(threshold) || (i > 0 && threshold < thresholds[i - 1]))
      return op.emitOpError() << "expects 'thresholds' in ascending order";
  int64_t channels = op.getCodes() ? 1 : format.getNumChannels();
  for (int64_t channel = 0; channel < channels; ++channel) {
    size_t codes = op.getCodes() ? op.getCodes()->size()
                                 : format.getOrderedCodes(channel).size();
    if (codes == 0)
      return op.emitOpError() << "expects at least one of 'codes'";
    if (thresholds.size() + 1 != codes)
      return op.emitOpError()
             << "expects " << codes - 1 << " thresholds between " << codes
             << " codes, but got " << thresholds.size();
  }
  auto [low, high] = format.getCodeRange();
  for (int64_t code : op.getCodes().value_or(ArrayRef<int64_t>()))
    if (code < low || code > high)
      return op.emitOpError() << "expects 'codes' from " << low << " to "
                              << high << ", but got " << code;
  return success();
}

LogicalResult EncodeOp::verify() {
  if (failed(verifySameShape(*this, cast<ShapedType>(getInput().getType()),
                             getType())) ||
      failed(verifyFormat(*this, getType())) ||
      failed(verifyRandomWords(*this)))
    return failure();
  auto format = cast<Format>(getType().getElementType());
  if (format.hasParameters()) // (C3)
    return emitOpError() << "expects a format without parameters, but got "
                         << format;
  return countsThresholds() ? verifyThresholds(*this) : success();
}

LogicalResult EncodeDynamicOp::verify() {
  RankedTensorType coded = getResult().getType();
  if (failed(verifySameShape(*this, cast<ShapedType>(getInput().getType()),
                             coded))) // (C1)
    return failure();
  if (!hasRuntimeScales(coded.getElementType())) // (C2)
    return emitOpError() << "expects '!lowbit.affine' without 'group' and with "
                            "codes on both sides of 0, or '!lowbit.planes' "
                            "with 'dynamic', but got "
                         << coded.getElementType();
  if (failed(verifyAxis(*this, coded))) // (C4)
    return failure();
  auto format = cast<Format>(coded.getElementType());
  auto planes = dyn_cast<PlanesType>(format);
  bool hasRounds = planes && planes.getPlanes() >= 2 && planes.getPlanes() <= 4;
  if (getRounds() != 0 && (!hasRounds || getRounds() > 8)) // (C5)
    return emitOpError()
           << "expects 'rounds' up to 8, for 2 to 4 planes, but got "
           << getRounds() << " for " << format;
  SmallVector<RankedTensorType> types =
      format.getParameterTypes(coded.getShape());
  if (!llvm::equal(getParameters().getTypes(), types)) // (C3)
    return emitOpError() << "expects parameters of types " << ArrayRef(types)
                         << " beside codes of " << format;
  return success();
}

/// (C1) of decode: a codebook's vectors lie along its axis.
static LogicalResult verifyDecodedShape(DecodeOp op) {
  auto coded = cast<ShapedType>(op.getInput().getType());
  ShapedType real = op.getType();
  auto codebook = dyn_cast<CodebookType>(coded.getElementType());
  if (!codebook || codebook.getDim() == 1)
    return verifySameShape(op, coded, real);
  int64_t axis = *codebook.getAxis(), dim = codebook.getDim();
  SmallVector<int64_t> shape(real.getShape());
  if (axis < real.getRank() && !real.isDynamicDim(axis) &&
      real.getRank() == coded.getRank()) {
    shape[axis] = llvm::divideCeil(shape[axis], dim);
    if (coded.getShape() == ArrayRef<int64_t>(shape))
      return success();
  }
  return op.emitOpError() << "expects codes of " << dim
                          << " numbers each along dimension " << axis << " of "
                          << real << ", but got " << coded;
}

LogicalResult DecodeOp::verify() {
  auto coded = cast<ShapedType>(getInput().getType());
  if (failed(verifyFormat(*this, coded)) || failed(verifyDecodedShape(*this)))
    return failure();
  auto format = cast<Format>(coded.getElementType());
  SmallVector<RankedTensorType> types =
      format.getParameterTypes(coded.getShape());
  auto fits = [](std::tuple<RankedTensorType, Value> pair) {
    auto [expected, value] = pair;
    auto type = cast<RankedTensorType>(value.getType());
    return succeeded(verifyCompatibleShape(expected, type)) &&
           expected.getElementType() == type.getElementType();
  };
  if (types.size() != getParameters().size() ||
      !llvm::all_of(llvm::zip(types, getParameters()), fits)) { // (C4)
    InFlightDiagnostic diagnostic = emitOpError();
    diagnostic << "expects ";
    if (types.empty())
      diagnostic << "no parameters";
    else
      diagnostic << "parameters of types " << ArrayRef(types);
    return diagnostic << " beside codes of " << format;
  }
  if (auto codebook = dyn_cast<CodebookType>(format)) {
    auto book = cast<RankedTensorType>(getParameters().front().getType());
    int64_t vectors = book.getDimSize(0), entries = book.getDimSize(2);
    bool perVector =
        codebook.getAxis() && vectors == coded.getDimSize(*codebook.getAxis());
    if (!book.hasStaticShape() || (vectors != 1 && !perVector) || entries < 1 ||
        entries > int64_t(1) << codebook.getWidth())
      return emitOpError()
             << "expects a codebook of [1 or the codes along the axis, "
             << codebook.getStages() << ", 1 to "
             << (int64_t(1) << codebook.getWidth()) << ", " << codebook.getDim()
             << "] numbers, but got " << book;
  }
  return success();
}

LogicalResult StepsOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  if (failed(verifySameShape(*this, input, getType()))) // (C1)
    return failure();
  auto format = dyn_cast<Format>(input.getElementType());
  if (!format || isa<quant::QuantizedType>(format) ||
      (format.hasParameters() && !isa<PlanesType>(format))) // (C2)
    return emitOpError() << "expects codes of a format that is not affine and "
                            "has no parameters but scales of planes, but got "
                         << input.getElementType();
  if (failed(verifyAxis(*this, input)))
    return failure();
  if (getTerm() >= format.getNumTerms()) // (C3)
    return emitOpError() << "expects one of " << format.getNumTerms()
                         << " terms, but got "
                         << static_cast<int64_t>(getTerm());
  Type expected = getStepsFormat(format, getTerm());
  if (getType().getElementType() != expected) // (C4)
    return emitOpError() << "expects a result of " << expected << ", but got "
                         << getType().getElementType();
  return success();
}

LogicalResult PackBitsOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  if (input.getRank() < 1 || input.isDynamicDim(input.getRank() - 1))
    return emitOpError() << "expects a static last dimension, but got "
                         << input;
  unsigned word = getType().getElementTypeBitWidth();
  if (getWidth() != 1 && (getWidth() != 2 || word == 64)) // (C3)
    return emitOpError()
           << "expects a 'width' of 1, or of 2 in words of 8 or 16 "
              "bits, but got "
           << static_cast<int64_t>(getWidth()) << " in words of " << word;
  SmallVector<int64_t> shape(input.getShape());
  shape.back() = llvm::divideCeil(shape.back(), word / getWidth());
  if (getType().getShape() != ArrayRef<int64_t>(shape)) // (C1)
    return emitOpError() << "expects a result of type "
                         << RankedTensorType::get(shape,
                                                  getType().getElementType())
                         << ", but got " << getType();
  unsigned width = getStorageWidth(input.getElementType());
  if (getPlane() > width - 1 || getWidth() > width - getPlane()) // (C2)
    return emitOpError() << "expects 'plane' to be one of " << width
                         << " bits of " << input.getElementType()
                         << ", but got " << getPlane()
                         << (getWidth() > 1 ? " and the one above" : "");
  return success();
}

LogicalResult ReinterpretOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto result = cast<RankedTensorType>(getType());
  Type from = input.getElementType(), to = result.getElementType();
  if (failed(verifySameShape(*this, input, result))) // (C1)
    return failure();
  bool fromCodes = isCodeFormat(from), toCodes = isCodeFormat(to);
  if (!fromCodes && !toCodes) // (C5)
    return emitOpError() << "expects codes on one side, but got " << input
                         << " and " << result;
  if (getWordType(from) != getWordType(to) ||
      (fromCodes && toCodes && isSignedStorage(from) != isSignedStorage(to)))
    return emitOpError() << "expects formats of one word, but got " << from
                         << " and " << to; // (C2)
  if (fromCodes && toCodes) {
    auto [low, high] = getStorageRange(from);
    auto [least, most] = getStorageRange(to);
    if (low < least || high > most) // (C3)
      return emitOpError() << "expects the codes of " << from
                           << " to be codes of " << to;
  }
  return failure(failed(verifyAxis(*this, input)) ||
                 failed(verifyAxis(*this, result))); // (C4)
}

LogicalResult ConstantOp::verify() {
  auto coded = cast<RankedTensorType>(getType());
  Type format = coded.getElementType();
  auto value = cast<ShapedType>(getValue().getType());
  if (value.getShape() != coded.getShape() ||
      value.getElementType() != getWordType(format)) // (C1)
    return emitOpError() << "expects a value of type "
                         << coded.clone(getWordType(format)) << ", but got "
                         << value;
  if (failed(verifyAxis(*this, coded))) // (C3)
    return failure();
  auto elements = dyn_cast<DenseIntElementsAttr>(getValue());
  if (!elements)
    return success();
  auto [low, high] = getStorageRange(format);
  for (const APInt &element : elements.getValues<APInt>()) { // (C2)
    int64_t code = isSignedStorage(format) ? element.getSExtValue()
                                           : element.getZExtValue();
    if (code < low || code > high)
      return emitOpError() << "expects codes in the storage range of " << format
                           << ", but got " << code;
  }
  return success();
}
