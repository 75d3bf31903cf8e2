//===- Arrays.cpp - A model's tensors and .npy arrays ---------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arrays.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"

#include <cstdlib>
#include <cstring>

using namespace llvm;
using namespace mlir::lowbit;

Error mlir::lowbit::makeRunError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

ArrayRef<lowbit_tensor> mlir::lowbit::getInputs(const lowbit_model &model) {
  return {model.inputs, model.input_count};
}
ArrayRef<lowbit_tensor> mlir::lowbit::getOutputs(const lowbit_model &model) {
  return {model.outputs, model.output_count};
}
ArrayRef<lowbit_port> mlir::lowbit::getPorts(const lowbit_model &model) {
  // Made before there were ports.
  if (model.struct_size < offsetof(lowbit_model, device))
    return {};
  return {model.ports, static_cast<size_t>(model.port_count)};
}
const lowbit_device *mlir::lowbit::getDevice(const lowbit_model &model) {
  return model.struct_size <
                 offsetof(lowbit_model, device) + sizeof(model.device)
             ? nullptr
             : model.device;
}

const lowbit_variants *mlir::lowbit::getVariants(const lowbit_model &model) {
  bool isOlder = model.struct_size <= offsetof(lowbit_model, variants);
  return isOlder ? nullptr : model.variants;
}
std::string mlir::lowbit::listVariants(const lowbit_variants &variants) {
  return llvm::join(ArrayRef(variants.names, variants.count), ", ");
}

ArrayRef<int64_t> mlir::lowbit::getDims(const lowbit_tensor &tensor) {
  return {tensor.dims, tensor.rank};
}

int64_t mlir::lowbit::getNumElements(const lowbit_tensor &tensor) {
  int64_t product = 1;
  for (int64_t dim : getDims(tensor))
    product *= dim;
  return product;
}

NpyType mlir::lowbit::getNpyType(const lowbit_tensor &tensor) {
  switch (tensor.element_type) {
  case LOWBIT_I8:
    return NpyType::I8;
  case LOWBIT_U8:
    return NpyType::U8;
  case LOWBIT_I16:
    return NpyType::I16;
  case LOWBIT_U16:
    return NpyType::U16;
  case LOWBIT_I32:
    return NpyType::I32;
  case LOWBIT_I64:
    return NpyType::I64;
  case LOWBIT_BOOL:
    return NpyType::Bool;
  default:
    return NpyType::F32;
  }
}

int64_t mlir::lowbit::getNumBytes(const lowbit_tensor &tensor) {
  return getNumElements(tensor) * getNpyTypeSize(getNpyType(tensor));
}

int64_t mlir::lowbit::getBatchSize(const lowbit_model &model) {
  std::optional<int64_t> size;
  for (ArrayRef<lowbit_tensor> side : {getInputs(model), getOutputs(model)})
    for (const lowbit_tensor &tensor : side) {
      if (tensor.rank == 0 || (size && *size != tensor.dims[0]))
        return 0;
      size = tensor.dims[0];
    }
  return size.value_or(0);
}

static std::string listNames(ArrayRef<lowbit_tensor> tensors) {
  return llvm::join(map_range(tensors,
                              [](const lowbit_tensor &tensor) {
                                return "'" + std::string(tensor.name) + "'";
                              }),
                    ", ");
}

/// Splits "name:file" where `name` is that of a tensor; names may hold colons.
static std::optional<size_t>
findNamed(StringRef text, ArrayRef<lowbit_tensor> tensors, StringRef &file) {
  for (size_t colon = text.find(':'); colon != StringRef::npos;
       colon = text.find(':', colon + 1))
    for (auto [i, tensor] : enumerate(tensors))
      if (text.take_front(colon) == tensor.name) {
        file = text.drop_front(colon + 1);
        return i;
      }
  return std::nullopt;
}

Expected<std::vector<std::string>>
mlir::lowbit::assignFiles(ArrayRef<std::string> files,
                          ArrayRef<lowbit_tensor> tensors, StringRef kind) {
  std::vector<std::string> result(tensors.size());
  size_t next = 0;
  for (StringRef text : files) {
    StringRef file = text;
    std::optional<size_t> place = findNamed(text, tensors, file);
    if (!place && text.contains(':'))
      return makeRunError("no " + kind + " is named '" + text.split(':').first +
                          "', the model has " + listNames(tensors));
    if (!place)
      place = next++;
    if (*place >= tensors.size())
      return makeRunError("more files than " + kind + "s, the model has " +
                          listNames(tensors));
    if (!result[*place].empty())
      return makeRunError(kind + " '" + tensors[*place].name +
                          "' is given twice");
    result[*place] = file.str();
  }
  return result;
}

Expected<int64_t> mlir::lowbit::checkShape(const NpyArray &array,
                                           const lowbit_tensor &tensor,
                                           int64_t batchSize, StringRef file) {
  ArrayRef<int64_t> shape = array.getShape(), dims = getDims(tensor);
  if (batchSize == 0) {
    if (shape == dims)
      return 1;
    return makeRunError("'" + file + "' has the shape " + formatShape(shape) +
                        ", but '" + tensor.name + "' has " + formatShape(dims));
  }
  if (shape.size() == dims.size() && shape.drop_front() == dims.drop_front() &&
      shape.front() > 0)
    return shape.front();
  std::string samples = "N";
  for (int64_t dim : dims.drop_front())
    samples += "x" + std::to_string(dim);
  return makeRunError("'" + file + "' has the shape " + formatShape(shape) +
                      ", but '" + tensor.name + "' takes " + samples +
                      " for N samples of at least 1");
}

AlignedBuffer::AlignedBuffer(size_t size, size_t alignment)
    : memory(static_cast<char *>(std::aligned_alloc(
          alignment, alignTo(std::max<size_t>(size, 1), alignment)))),
      numBytes(size) {
  if (memory)
    std::memset(memory.get(), 0, size);
}

void AlignedBuffer::Free::operator()(char *memory) const { std::free(memory); }
