//===- LowbitGradients.cpp - Gradient codecs ------------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The sizes that a codec implies, and the verifiers of its operations. The tags
// (C1), (C2), ... are those of the constraints in the operations' descriptions.

#include "lowbit/IR/Lowbit.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

int64_t CodecAttr::getBucketSize(int64_t size) const {
  return getBucket() == 0 ? size : std::min(getBucket(), size);
}

int64_t CodecAttr::getNumBuckets(int64_t size) const {
  return llvm::divideCeil(size, getBucketSize(size));
}

int64_t CodecAttr::getParametersPerBucket() const {
  switch (getKind()) {
  case CodecKind::Signs:
    return 2;
  case CodecKind::Levels:
    return getGrid() == CodecGrid::Optimal ? 2 * getLevels() + 1 : 1;
  case CodecKind::Largest:
    break;
  }
  return 0;
}

/// The largest sum of codes of all ranks.
static int64_t getLargestSum(CodecGrid grid, int64_t levels, int64_t ranks) {
  return (grid == CodecGrid::MidRise ? 1 : 2) * levels * ranks;
}

int64_t CodecAttr::getFieldBits() const {
  if (getKind() == CodecKind::Signs)
    return 1;
  int64_t largest = getLargestSum(getGrid(), getLevels(), getRanks());
  int64_t bits = 2;
  while (largest >> bits != 0)
    bits *= 2;
  return bits;
}

int64_t CodecAttr::getBucketWords(int64_t numbers) const {
  int64_t block = 8 * getFieldsPerWord();
  return numbers / block * 8 + std::min<int64_t>(8, numbers % block);
}

int64_t CodecAttr::getSampleWords(int64_t size) const {
  int64_t bucket = getBucketSize(size);
  int64_t last = size - (getNumBuckets(size) - 1) * bucket;
  return (getNumBuckets(size) - 1) * getBucketWords(bucket) +
         getBucketWords(last);
}

int64_t CodecAttr::getCodeOffset(int64_t size) const {
  if (getKind() == CodecKind::Largest)
    return 0;
  int64_t counts = getCoding() == CodecCoding::EliasGamma ? 2 : getRanks() > 1;
  return getNumBuckets(size) * getParametersPerBucket() + counts;
}

int64_t CodecAttr::getStreamBits() const {
  // Distances: 2 floor(log2 d) <= 3 (d - 1), so that those to the place next to
  // the last one cost most.
  return 3 + 2 * static_cast<int64_t>(llvm::Log2_64(getLevels()));
}

int64_t CodecAttr::getWireWords(int64_t size) const {
  if (getKind() == CodecKind::Largest)
    return 2 * getCount();
  int64_t codes = getCoding() == CodecCoding::EliasGamma
                      ? llvm::divideCeil(size * getStreamBits(), 32)
                      : getSamples() * getSampleWords(size);
  return getCodeOffset(size) + codes;
}

int64_t CodecAttr::getStateSize(int64_t size) const {
  return getKind() == CodecKind::Largest && getMomentum() ? 2 * size : size;
}

int64_t CodecAttr::getScratchWords(int64_t size, bool hasState) const {
  if (getKind() == CodecKind::Largest)
    return 0;
  // Codes before they become a stream; a wire that may turn out to be of no use.
  if (getCoding() == CodecCoding::EliasGamma)
    return getNumBuckets(size) + getSampleWords(size);
  return hasState || getNumBuckets(size) == 1 ? 0 : getWireWords(size);
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

LogicalResult CodecAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                CodecKind kind, int64_t bucket,
                                CodecScale scale, int64_t levels,
                                CodecGrid grid, int64_t samples,
                                CodecCoding coding, int64_t ranks,
                                FloatAttr clip, FloatAttr momentum,
                                int64_t count) {
  if (bucket < 0)
    return emitError() << "expects 'bucket' of at least 0, but got " << bucket;
  bool plain = scale == CodecScale::Max && levels == 1 &&
               grid == CodecGrid::MidTread && samples == 1 &&
               coding == CodecCoding::Fields && ranks == 1 && !clip;
  if (kind != CodecKind::Levels && !plain)
    return emitError() << "expects 'scale', 'levels', 'grid', 'samples', "
                          "'coding', 'ranks' and 'clip' for the kind 'levels' "
                          "only";
  bool isLargest = kind == CodecKind::Largest;
  if (isLargest ? bucket != 0 : count != 0 || momentum)
    return emitError() << "expects "
                       << (isLargest ? "no 'bucket' for the kind 'largest'"
                                     : "'count' and 'momentum' for the kind "
                                       "'largest' only");
  if (isLargest && count < 1)
    return emitError() << "expects 'count' of at least 1, but got " << count;
  if (momentum &&
      !(momentum.getValueAsDouble() >= 0 && momentum.getValueAsDouble() < 1))
    return emitError() << "expects 'momentum' from 0 to below 1, but got "
                       << momentum;
  if (levels < 1 || levels > 32767 ||
      (grid == CodecGrid::MidRise && levels % 2 == 0))
    return emitError() << "expects 'levels' from 1 to 32767, odd for the grid "
                          "'mid_rise', but got "
                       << levels;
  if (samples != 1 && samples != 2)
    return emitError() << "expects 1 or 2 'samples', but got " << samples;
  if (ranks < 1 || ranks > 65535 || getLargestSum(grid, levels, ranks) > 65535)
    return emitError() << "expects codes of " << ranks
                       << " 'ranks' with sums of at most 16 bits";
  bool isStream = coding == CodecCoding::EliasGamma;
  if (isStream && (grid != CodecGrid::MidTread || samples != 1 || ranks != 1))
    return emitError() << "expects the coding 'elias_gamma' with the grid "
                          "'mid_tread', one sample and one rank";
  if (scale == CodecScale::Shift && levels < 2)
    return emitError() << "expects 'levels' of at least 2 for the scale "
                          "'shift'";
  if (grid == CodecGrid::Optimal &&
      (levels > 15 || scale != CodecScale::Max || ranks != 1))
    return emitError() << "expects the grid 'optimal' with at most 15 "
                          "'levels', the scale 'max' and one rank";
  bool isClipped = scale == CodecScale::Clipped;
  if (isClipped != bool(clip) ||
      (clip && !(clip.getValueAsDouble() > 0 &&
                 std::isfinite(clip.getValueAsDouble()))))
    return emitError() << "expects a positive, finite 'clip' for the scale "
                          "'clipped', and only there";
  return success();
}

/// Every buffer of `op` is static and contiguous (C1).
static LogicalResult verifyBuffers(Operation *op) {
  for (Type type : op->getOperandTypes()) {
    auto buffer = dyn_cast<MemRefType>(type);
    if (buffer &&
        (!buffer.hasStaticShape() || !buffer.getLayout().isIdentity()))
      return op->emitOpError()
             << "expects static and contiguous buffers, but got " << buffer;
  }
  return success();
}

/// `buffer` has `expected` elements.
static LogicalResult verifySize(Operation *op, StringRef name, Value buffer,
                                int64_t expected) {
  int64_t size = cast<MemRefType>(buffer.getType()).getDimSize(0);
  if (size == expected)
    return success();
  return op->emitOpError() << "expects " << expected << " elements in '" << name
                           << "', but got " << size;
}

/// The numbers of a gradient, and of its codec.
static LogicalResult verifyGradient(Operation *op, CodecAttr codec,
                                    int64_t size) {
  if (size < 1 || size > std::numeric_limits<int32_t>::max()) // (C1)
    return op->emitOpError()
           << "expects a gradient of 1 to 2147483647 numbers, but got " << size;
  if (codec.getCoding() == CodecCoding::EliasGamma &&
      !llvm::isUInt<32>(size *
                        codec.getStreamBits())) // a word has their number
    return op->emitOpError()
           << "expects a stream of fewer than 2^32 bits, but " << size
           << " numbers may take " << size * codec.getStreamBits();
  if (codec.getKind() == CodecKind::Largest && codec.getCount() > size)
    return op->emitOpError() << "expects 'count' of at most " << size
                             << " numbers, but got " << codec.getCount();
  return success();
}

/// Each bucket has one parameter, a step.
static bool hasSteps(CodecAttr codec) {
  return codec.getKind() == CodecKind::Levels &&
         codec.getGrid() != CodecGrid::Optimal;
}

LogicalResult EncodeGradientOp::verify() {
  CodecAttr codec = getCodec();
  if (failed(verifyBuffers(*this)))
    return failure();
  int64_t size = cast<MemRefType>(getGradient().getType()).getDimSize(0);
  if (failed(verifyGradient(*this, codec, size)) || // (C6)
      failed(verifySize(*this, "wire", getWire(),
                        codec.getWireWords(size)))) // (C2)
    return failure();
  if (getState()) { // (C3)
    if (codec.getSamples() != 1)
      return emitOpError() << "expects no 'state' with two samples";
    if (failed(
            verifySize(*this, "state", getState(), codec.getStateSize(size))))
      return failure();
  } else if (codec.getKind() == CodecKind::Largest) {
    return emitOpError() << "expects 'state' with the kind 'largest'";
  }
  if (failed(verifySize(*this, "scratch", getScratch(),
                        codec.getScratchWords(size, bool(getState()))))) // (C4)
    return failure();
  if (!getSteps()) // (C5)
    return success();
  if (!hasSteps(codec))
    return emitOpError() << "expects 'steps' with the kind 'levels' only, and "
                            "not with the grid 'optimal'";
  return verifySize(*this, "steps", getSteps(), codec.getNumBuckets(size));
}

LogicalResult DecodeGradientOp::verify() {
  CodecAttr codec = getCodec();
  if (failed(verifyBuffers(*this)))
    return failure();
  int64_t numbers = cast<MemRefType>(getNumbers().getType()).getDimSize(0);
  if (numbers % codec.getSamples() != 0) // (C3)
    return emitOpError() << "expects numbers of " << codec.getSamples()
                         << " samples, but got " << numbers;
  int64_t size = numbers / codec.getSamples();
  if (failed(verifyGradient(*this, codec, size)))
    return failure();
  return verifySize(*this, "wire", getWire(),
                    codec.getWireWords(size)); // (C2)
}

LogicalResult MeasureGradientOp::verify() {
  CodecAttr codec = getCodec();
  if (failed(verifyBuffers(*this)))
    return failure();
  if (!hasSteps(codec)) // (C2)
    return emitOpError() << "expects a codec of the kind 'levels', and not of "
                            "the grid 'optimal'";
  int64_t size = cast<MemRefType>(getGradient().getType()).getDimSize(0);
  if (failed(verifyGradient(*this, codec, size)))
    return failure();
  return verifySize(*this, "steps", getSteps(),
                    codec.getNumBuckets(size)); // (C3)
}

LogicalResult MergeGradientsOp::verify() {
  CodecAttr codec = getCodec();
  int64_t size = getSize();
  if (failed(verifyBuffers(*this)) ||
      failed(verifyGradient(*this, codec, size)))
    return failure();
  if (codec.getRanks() == 1) // (C2)
    return emitOpError() << "expects a codec with 'ranks' above 1";
  return verifySize(*this, "wire", getWire(),
                    codec.getWireWords(size)); // (C3)
}
