//===- CalibrationSamples.cpp - Samples for a float program ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Transforms/CalibrationSamples.h"

#include "lowbit/IR/Lowbit.h"

#include <cmath>

using namespace mlir;
using namespace mlir::lowbit;

int64_t CalibrationSamples::Input::getSize() const {
  return getNpyTypeSize(type) *
         llvm::product_of(array.getShape().drop_front(), int64_t(1));
}

bool CalibrationSamples::Input::read(int64_t number,
                                     MutableArrayRef<char> bytes) const {
  int64_t count = bytes.size() / getNpyTypeSize(type);
  if (type != NpyType::F32) {
    llvm::copy(array.bytes().slice(number * bytes.size(), bytes.size()),
               bytes.begin());
    return true;
  }
  MutableArrayRef floats(reinterpret_cast<float *>(bytes.data()), count);
  convertToF32(array, number * count, floats, scale, offset);
  return llvm::all_of(floats, [](float x) { return std::isfinite(x); });
}

/// The type of samples for an argument with elements of `type`. Those of codes
/// are their words.
static std::optional<NpyType> getSampleType(Type type) {
  if (auto format = dyn_cast<quant::QuantizedType>(type)) {
    switch (getWordType(format).getIntOrFloatBitWidth()) {
    case 8:
      return format.isSigned() ? NpyType::I8 : NpyType::U8;
    case 16:
      return format.isSigned() ? NpyType::I16 : NpyType::U16;
    default:
      return NpyType::I32;
    }
  }
  if (type.isF32())
    return NpyType::F32;
  if (type.isSignlessInteger(1))
    return NpyType::Bool;
  if (type.isSignlessInteger(32))
    return NpyType::I32;
  if (type.isSignlessInteger(64))
    return NpyType::I64;
  return std::nullopt;
}

/// The name of argument `number`.
static std::string getArgumentName(func::FuncOp function, unsigned number) {
  auto name = function.getArgAttrOfType<StringAttr>(number, "lowbit.name");
  return name ? name.str() : "arg" + std::to_string(number);
}

LogicalResult CalibrationSamples::checkArguments(func::FuncOp function) {
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !getSampleType(tensor.getElementType()) ||
        !tensor.hasStaticShape() || tensor.getRank() == 0 ||
        tensor.getNumElements() == 0)
      return function.emitError()
             << "calibration expects inputs of static shape with a batch "
                "dimension and f32, i1, i32 or i64 elements or codes, but "
                "input '"
             << getArgumentName(function, i) << "' has type " << type;
    if (i > 0 && tensor.getDimSize(0) != batchSize)
      return function.emitError()
             << "calibration expects the same first dimension of all inputs, "
                "but input '"
             << getArgumentName(function, 0) << "' has " << batchSize
             << " and input '" << getArgumentName(function, i) << "' has "
             << tensor.getDimSize(0);
    batchSize = tensor.getDimSize(0);
  }
  return success();
}

LogicalResult CalibrationSamples::open(func::FuncOp function,
                                       const CalibrationData &data) {
  if (failed(checkArguments(function)))
    return failure();
  loc = function.getLoc();
  unsigned numArguments = function.getNumArguments();
  SmallVector<const CalibrationInput *> given(numArguments, nullptr);
  for (const CalibrationInput &input : data.inputs) {
    unsigned number = 0;
    if (!input.name.empty() || numArguments != 1)
      while (number < numArguments &&
             getArgumentName(function, number) != input.name)
        ++number;
    if (number == numArguments) {
      InFlightDiagnostic diagnostic = emitError(*loc);
      if (input.name.empty())
        diagnostic << "calibration data '" << input.path
                   << "' names no input; write <input>=" << input.path;
      else
        diagnostic << "calibration data names '" << input.name
                   << "', which is not an input";
      diagnostic << "; the inputs are ";
      llvm::interleaveComma(
          llvm::seq(numArguments), diagnostic, [&](unsigned i) {
            diagnostic << "'" << getArgumentName(function, i) << "'";
          });
      return diagnostic;
    }
    if (given[number])
      return emitError(*loc)
             << "calibration data for input '"
             << getArgumentName(function, number) << "' is given twice";
    given[number] = &input;
  }

  for (auto [i, input] : llvm::enumerate(given)) {
    std::string name = getArgumentName(function, i);
    if (!input)
      return emitError(*loc)
             << "there is no calibration data for input '" << name << "'";
    llvm::Expected<NpyArray> array = readNpy(input->path);
    if (!array)
      return emitError(*loc)
             << "calibration data: " << llvm::toString(array.takeError());
    auto type = cast<RankedTensorType>(function.getArgumentTypes()[i]);
    ArrayRef<int64_t> shape = array->getShape();
    if (shape.empty() || shape.drop_front() != type.getShape().drop_front())
      return emitError(*loc)
             << "calibration data '" << input->path << "' has shape "
             << formatShape(shape) << ", but input '" << name
             << "' expects any number of samples of shape "
             << formatShape(type.getShape().drop_front());
    if (shape[0] == 0)
      return emitError(*loc)
             << "calibration data '" << input->path << "' holds no samples";
    if (i > 0 && shape[0] != numSamples)
      return emitError(*loc)
             << "calibration data '" << input->path << "' holds " << shape[0]
             << " samples, but '" << inputs[0].path << "' holds " << numSamples;
    NpyType wanted = *getSampleType(type.getElementType());
    bool isScaled = wanted == NpyType::F32 && (input->scale || input->offset);
    if (array->getType() != wanted && !isScaled) {
      InFlightDiagnostic diagnostic =
          emitError(*loc) << "calibration data '" << input->path << "' holds "
                          << stringifyNpyType(array->getType())
                          << ", but input '" << name << "' takes "
                          << stringifyNpyType(wanted);
      if (wanted == NpyType::F32)
        diagnostic << "; a scale and an offset convert";
      return diagnostic;
    }
    numSamples = shape[0];
    inputs.push_back({name, input->path, std::move(*array), wanted,
                      input->scale.value_or(1.0), input->offset.value_or(0.0)});
  }
  return success();
}

LogicalResult CalibrationSamples::read(int64_t first,
                                       std::vector<std::vector<char>> &batch) {
  batch.resize(inputs.size());
  for (auto [input, values] : llvm::zip_equal(inputs, batch)) {
    int64_t size = input.getSize();
    values.resize(batchSize * size);
    for (int64_t i = 0; i < batchSize; ++i) {
      int64_t sample = std::min(first + i, numSamples - 1);
      if (!input.read(sample, MutableArrayRef(values).slice(i * size, size)))
        return emitError(*loc)
               << "calibration data '" << input.path
               << "' holds NaN or infinity in sample " << sample;
    }
  }
  return success();
}
