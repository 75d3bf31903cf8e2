//===- Buckets.cpp - Signs and levels of a gradient -----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Nothing is written before it is known that all numbers are finite. One bucket is
// measured before it is encoded, anyway. Several are measured and encoded in
// turn, each while it is in the cache: into a copy, which takes few bytes, or, where
// there is a state to change, after a pass over the gradient that only looks.

#include "GradientLoops.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::lowbit;

GradientLoops::Parameters
GradientLoops::loadParameters(Value wire, const Bucket &bucket) const {
  Lanes scalar(builder);
  int64_t count = codec.getParametersPerBucket();
  Parameters parameters;
  parameters.wire = wire;
  parameters.first = mulIndex(builder, bucket.number, count);
  if (isOptimal())
    return parameters;
  for (int64_t i = 0; i < count; ++i) {
    Value place = addIndex(builder, parameters.first, i);
    parameters.numbers.push_back(scalar.realOf(scalar.load(wire, place)));
  }
  return parameters;
}

void GradientLoops::storeParameters(const Parameters &parameters, Value wire,
                                    const Bucket &bucket) const {
  Lanes scalar(builder);
  int64_t count = codec.getParametersPerBucket();
  Value first = mulIndex(builder, bucket.number, count);
  if (isOptimal()) {
    auto loop = scf::ForOp::create(builder, index(0), index(count), index(1));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value code = loop.getInductionVar();
    Value point = scalar.mul(scalar.load(parameters.multiples, code),
                             parameters.numbers[0]);
    scalar.store(scalar.bitsOf(point), wire, addIndex(builder, first, code));
    return;
  }
  for (auto [i, parameter] : llvm::enumerate(parameters.numbers))
    scalar.store(scalar.bitsOf(parameter), wire, addIndex(builder, first, i));
}

Value lowbit::buildIfFinite(ImplicitLocOpBuilder &builder, Value condition,
                            llvm::function_ref<void()> then) {
  Lanes scalar(builder);
  auto branch = scf::IfOp::create(builder, TypeRange(builder.getI32Type()),
                                  condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  then();
  scf::YieldOp::create(builder, scalar.integer(0));
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, scalar.integer(3));
  return branch.getResult(0);
}

Value GradientLoops::encodeBuckets(EncodeGradientOp op) const {
  Lanes scalar(builder);
  bool isStream = codec.getCoding() == CodecCoding::EliasGamma;
  bool isChecked = op.getState() || op.getSteps();
  bool isCopied = !isStream && !isChecked && codec.getNumBuckets(size) > 1;
  Value target = isStream || isCopied ? op.getScratch() : op.getWire();
  int64_t offset =
      isStream ? codec.getNumBuckets(size) : codec.getCodeOffset(size);
  Source source = {op.getGradient(), op.getState()};
  Chains chains = makeChains();
  RandomSource random(builder, op.getSeed(), op.getTensor(), op.getStep());
  bool isRandom = codec.getKind() == CodecKind::Levels;
  Points points = isOptimal() ? makePoints() : Points();

  auto write = [&](const Source &from, const Bucket &bucket,
                   Parameters parameters) {
    if (isOptimal()) {
      findPoints(from, bucket, parameters.numbers[0], points);
      parameters.multiples = points.multiples;
      parameters.wire = target;
      parameters.first =
          mulIndex(builder, bucket.number, codec.getParametersPerBucket());
    }
    storeParameters(parameters, target, bucket);
    for (int64_t sample = 0; sample < codec.getSamples(); ++sample) {
      random.setSample(sample);
      Value first = addIndex(builder, bucket.words,
                             offset + sample * codec.getSampleWords(size));
      writeCodes(bucket, target, first, isRandom ? &random : nullptr,
                 [&](const Lanes &lanes, Value place, Value word) {
                   Value x = from.load(lanes, place);
                   Value code = encode(lanes, x, parameters, word);
                   if (op.getState())
                     lanes.store(
                         lanes.sub(x, decode(lanes, code, parameters, Value())),
                         op.getState(), place);
                   return code;
                 });
    }
  };
  auto encodeAll = [&] {
    return forBuckets([&](const Bucket &bucket) -> Value {
      if (op.getSteps()) {
        Parameters shared;
        shared.numbers = {scalar.load(op.getSteps(), bucket.number)};
        write(source, bucket, shared);
        return scalar.integer(1, 1);
      }
      Measured measured = measure(source, bucket, chains);
      if (op.getState()) { // checked before
        write(source.getTaken(), bucket, measured.parameters);
        return scalar.integer(1, 1);
      }
      auto branch = scf::IfOp::create(builder, measured.isFinite);
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(branch.thenBlock());
      write(source.getTaken(), bucket, measured.parameters);
      return measured.isFinite;
    });
  };
  auto finish = [&] {
    if (isStream)
      writeStream(op.getScratch(), op.getWire());
    else if (codec.getRanks() > 1)
      scalar.store(scalar.integer(1), target, index(codec.getNumBuckets(size)));
    if (isCopied)
      memref::CopyOp::create(builder, target, op.getWire());
  };
  if (!isChecked)
    return buildIfFinite(builder, encodeAll(), finish);
  return buildIfFinite(builder, checkFinite(op.getGradient()), [&] {
    encodeAll();
    finish();
  });
}

void GradientLoops::put(const Lanes &lanes, DecodeGradientOp op, Value value,
                        Value index) {
  if (op.getAccumulate())
    value = lanes.add(lanes.load(op.getNumbers(), index), value);
  lanes.store(value, op.getNumbers(), index);
}

Value GradientLoops::decodeBuckets(DecodeGradientOp op) const {
  if (codec.getCoding() == CodecCoding::EliasGamma)
    return readStream(op);
  Lanes scalar(builder);
  Value wire = op.getWire(), gradients;
  if (codec.getRanks() > 1)
    gradients = scalar.load(wire, index(codec.getNumBuckets(size)));
  forBuckets([&](const Bucket &bucket) {
    Parameters parameters = loadParameters(wire, bucket);
    for (int64_t sample = 0; sample < codec.getSamples(); ++sample)
      readCodes(bucket, wire,
                addIndex(builder, bucket.words,
                         codec.getCodeOffset(size) +
                             sample * codec.getSampleWords(size)),
                [&](const Lanes &lanes, Value place, Value code) {
                  put(lanes, op, decode(lanes, code, parameters, gradients),
                      addIndex(builder, place, sample * size));
                });
    return scalar.integer(1, 1);
  });
  return scalar.integer(0);
}

void GradientLoops::merge(MergeGradientsOp op) const {
  int64_t first = codec.getNumBuckets(size);
  int64_t count = codec.getWireWords(size) - first;
  forNumbers(8, index(count), [&](const Lanes &lanes, Value i) {
    Value place = addIndex(builder, i, first);
    Value sum = lanes.add(lanes.load(op.getInto(), place),
                          lanes.load(op.getWire(), place));
    lanes.store(sum, op.getInto(), place);
  });
}

void GradientLoops::fillZeros(Value numbers) const {
  forNumbers(8, index(size), [&](const Lanes &lanes, Value i) {
    lanes.store(lanes.real(0), numbers, i);
  });
}
