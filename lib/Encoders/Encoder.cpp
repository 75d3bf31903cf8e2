//===- Encoder.cpp - From float weights to codes --------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Encoders/Encoder.h"

#include "lowbit/IR/Lowbit.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;
using llvm::Error;
using llvm::Expected;

WeightEncoder::~WeightEncoder() = default;

Error WeightEncoder::makeError(const llvm::Twine &message) const {
  return llvm::createStringError("encoder '" + info.name + "': " + message);
}

Expected<EncodedWeights>
WeightEncoder::encode(MLIRContext *context, const Weights &weights,
                      const EncoderOptions &options) const {
  size_t count = weights.values.size();
  if (count == 0)
    return makeError("there are no weights");
  if (ShapedType::getNumElements(weights.shape) != int64_t(count))
    return makeError("the shape has " +
                     llvm::Twine(ShapedType::getNumElements(weights.shape)) +
                     " elements, but there are " + llvm::Twine(count) +
                     " weights");
  if (weights.axis &&
      (*weights.axis < 0 || *weights.axis >= int64_t(weights.shape.size())))
    return makeError("the channel axis " + llvm::Twine(*weights.axis) +
                     " is none of the shape's " +
                     llvm::Twine(weights.shape.size()) + " dimensions");
  for (auto [i, value] : llvm::enumerate(weights.values))
    if (!std::isfinite(value))
      return makeError("weight " + llvm::Twine(i) + " is not finite");

  if (!weights.curvature.empty()) {
    if (weights.curvature.size() != count)
      return makeError("there are " + llvm::Twine(count) + " weights, but " +
                       llvm::Twine(weights.curvature.size()) + " curvatures");
    for (auto [i, value] : llvm::enumerate(weights.curvature))
      if (!std::isfinite(value) || value < 0)
        return makeError("curvature " + llvm::Twine(i) +
                         " is negative or not finite");
  }
  size_t inputs = weights.getNumInputs();
  if (weights.activations.size() % inputs != 0)
    return makeError("activations are no rows of " + llvm::Twine(inputs) +
                     " inputs");
  for (auto [i, value] : llvm::enumerate(weights.activations))
    if (!std::isfinite(value))
      return makeError("activation " + llvm::Twine(i) + " is not finite");
  if (!weights.secondMoments.empty() &&
      weights.secondMoments.size() != inputs * inputs)
    return makeError("second moments are no square of " + llvm::Twine(inputs) +
                     " inputs");
  for (auto [i, value] : llvm::enumerate(weights.secondMoments))
    if (!std::isfinite(value))
      return makeError("second moment " + llvm::Twine(i) + " is not finite");

  if (info.needs == EncoderNeeds::Curvature && weights.curvature.empty())
    return makeError("needs the curvature of each weight");
  if (info.needs == EncoderNeeds::Activations && weights.activations.empty())
    return makeError("needs activations from calibration");
  if (info.needs == EncoderNeeds::SecondMoments &&
      weights.secondMoments.empty() && weights.activations.empty())
    return makeError("needs second moments, or activations, from calibration");
  return encodeChecked(context, weights, options);
}

/// Codes of a codebook: see the type's description.
static std::vector<float> decodeVectors(const EncodedWeights &encoded,
                                        CodebookType type,
                                        ArrayRef<int64_t> shape) {
  const EncodedParameter &book = encoded.parameters.front();
  int64_t books = book.shape[0], stages = book.shape[1],
          centroids = book.shape[2], dim = book.shape[3];
  int64_t axis = type.getAxis().value_or(0), inner = 1;
  int64_t extent = shape.empty() ? 1 : shape[axis];
  for (int64_t size : shape.empty() ? shape : shape.drop_front(axis + 1))
    inner *= size;
  int64_t vectors = llvm::divideCeil(extent, dim);
  std::vector<float> values(ShapedType::getNumElements(shape));
  for (auto [element, value] : llvm::enumerate(values)) {
    int64_t place = int64_t(element) / inner % extent;
    int64_t outer = int64_t(element) / inner / extent;
    int64_t vector = place / dim;
    int64_t code = encoded.codes[(outer * vectors + vector) * inner +
                                 int64_t(element) % inner];
    int64_t table = books == 1 ? 0 : vector;
    for (int64_t stage = 0; stage < stages; ++stage) {
      int64_t index = (code >> (stage * type.getWidth())) &
                      llvm::maskTrailingOnes<uint64_t>(type.getWidth());
      index = std::min(index, centroids - 1);
      float number =
          book.numbers[((table * stages + stage) * centroids + index) * dim +
                       place % dim];
      value = stage == 0 ? number : value + number;
    }
  }
  return values;
}

/// Codes of groups.
static std::vector<float> decodeGroups(const EncodedWeights &encoded,
                                       AffineType type,
                                       ArrayRef<int64_t> shape) {
  int64_t axis = *type.getAxis(), inner = 1;
  for (int64_t size : shape.drop_front(axis + 1))
    inner *= size;
  int64_t groups = llvm::divideCeil(shape[axis], type.getGroup());
  std::vector<float> values;
  for (auto [element, code] : llvm::enumerate(encoded.codes)) {
    int64_t place = int64_t(element) / inner % shape[axis];
    int64_t outer = int64_t(element) / inner / shape[axis];
    int64_t group = (outer * groups + place / type.getGroup()) * inner +
                    int64_t(element) % inner;
    int64_t zero = type.getZero() ? encoded.parameters[1].integers[group] : 0;
    values.push_back(float(code - zero) * encoded.parameters[0].numbers[group]);
  }
  return values;
}

std::vector<float> lowbit::decodeWeights(const EncodedWeights &encoded,
                                         ArrayRef<int64_t> shape) {
  if (auto book = dyn_cast<CodebookType>(encoded.format))
    return decodeVectors(encoded, book, shape);
  if (auto affine = dyn_cast<AffineType>(encoded.format))
    return decodeGroups(encoded, affine, shape);
  auto format = cast<Format>(encoded.format);
  int64_t inner = 1, channels = format.getNumChannels();
  if (std::optional<int64_t> axis = format.getScaleAxis())
    for (int64_t size : shape.drop_front(*axis + 1))
      inner *= size;
  std::vector<float> values;
  std::map<std::pair<int64_t, int64_t>, float> known;
  for (auto [element, code] : llvm::enumerate(encoded.codes)) {
    int64_t channel = int64_t(element) / inner % channels;
    auto [place, isNew] = known.try_emplace({channel, code}, 0.0f);
    if (isNew)
      place->second = format.decode(code, channel);
    values.push_back(place->second);
  }
  return values;
}
