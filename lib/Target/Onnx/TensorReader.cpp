//===- TensorReader.cpp - reads the tensors of a model ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor holds its elements in one of three places: as little-endian bytes,
// as a repeated field of a wider type, or in a file of its own. All three are
// checked against the shape before an element is read.
//
//===----------------------------------------------------------------------===//

#include "TensorReader.h"

#include "NarrowElements.h"

#include "onnx.pb.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"

#include <limits>

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;
using ::onnx::TensorProto;

static llvm::Error error(const TensorProto &tensor, const Twine &reason) {
  return llvm::createStringError("tensor " + quote(tensor.name()) + " " +
                                 reason);
}

namespace {

/// The bit pattern of a 16-bit float in the format `semantics`.
template <const llvm::fltSemantics &(*semantics)()> struct NarrowFloat {
  static float toFloat(uint16_t bits) {
    return llvm::APFloat(semantics(), llvm::APInt(16, bits)).convertToFloat();
  }
};
using Half = NarrowFloat<llvm::APFloat::IEEEhalf>;
using BFloat = NarrowFloat<llvm::APFloat::BFloat>;

} // namespace

/// The number of bits of one element of `type`, 0 if it cannot be read.
static uint64_t getElementWidth(int32_t type) {
  switch (type) {
  case TensorProto::BOOL:
  case TensorProto::INT8:
  case TensorProto::UINT8:
    return 8;
  case TensorProto::INT16:
  case TensorProto::UINT16:
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
    return 16;
  case TensorProto::FLOAT:
  case TensorProto::INT32:
  case TensorProto::UINT32:
    return 32;
  case TensorProto::DOUBLE:
  case TensorProto::INT64:
  case TensorProto::UINT64:
    return 64;
  default:
    return getNarrowWidth(type);
  }
}

/// Elements of the type `Source` in `bytes`, each converted.
template <typename Source, typename Convert>
static auto decode(ArrayRef<char> bytes, Convert convert) {
  std::vector<decltype(convert(Source()))> elements;
  elements.reserve(bytes.size() / sizeof(Source));
  for (size_t offset = 0; offset < bytes.size(); offset += sizeof(Source))
    elements.push_back(
        convert(llvm::support::endian::read<Source, llvm::endianness::little>(
            bytes.data() + offset)));
  return elements;
}

static float toFloat(double value) {
  // Beyond float32's range the conversion is undefined in C++: say infinity,
  // which is refused wherever it matters.
  constexpr double limit = std::numeric_limits<float>::max();
  if (value > limit || value < -limit)
    return std::copysign(std::numeric_limits<float>::infinity(), value);
  return static_cast<float>(value);
}

static int64_t widen(int64_t value) { return value; }

/// The elements in `bytes`, which `owner` keeps alive.
static llvm::Expected<ConstantTensor>
decodeBytes(const TensorProto &tensor, ArrayRef<int64_t> shape,
            ArrayRef<char> bytes, std::shared_ptr<const void> owner) {
  if (getNarrowWidth(tensor.data_type()))
    return decodeNarrow(tensor.data_type(), shape, bytes);
  auto integers = [&](auto zero) {
    using Source = decltype(zero);
    return ConstantTensor::get(shape, decode<Source>(bytes, [](Source value) {
                                 return widen(value);
                               }));
  };
  switch (tensor.data_type()) {
  case TensorProto::FLOAT: {
    bool aligned =
        reinterpret_cast<uintptr_t>(bytes.data()) % alignof(float) == 0;
    if (aligned && llvm::endianness::native == llvm::endianness::little)
      return ConstantTensor::view(
          shape,
          ArrayRef(reinterpret_cast<const float *>(bytes.data()),
                   bytes.size() / sizeof(float)),
          std::move(owner));
    return ConstantTensor::get(
        shape, decode<uint32_t>(bytes, llvm::bit_cast<float, uint32_t>));
  }
  case TensorProto::DOUBLE:
    return ConstantTensor::get(shape,
                               decode<uint64_t>(bytes, [](uint64_t bits) {
                                 return toFloat(llvm::bit_cast<double>(bits));
                               }));
  case TensorProto::FLOAT16:
    return ConstantTensor::get(shape, decode<uint16_t>(bytes, Half::toFloat));
  case TensorProto::BFLOAT16:
    return ConstantTensor::get(shape, decode<uint16_t>(bytes, BFloat::toFloat));
  case TensorProto::BOOL:
    return ConstantTensor::get(shape, decode<uint8_t>(bytes, [](uint8_t value) {
                                 return int64_t(value != 0);
                               }));
  case TensorProto::INT8:
    return integers(int8_t());
  case TensorProto::UINT8:
    return integers(uint8_t());
  case TensorProto::INT16:
    return integers(int16_t());
  case TensorProto::UINT16:
    return integers(uint16_t());
  case TensorProto::INT32:
    return integers(int32_t());
  case TensorProto::UINT32:
    return integers(uint32_t());
  default:
    assert((tensor.data_type() == TensorProto::INT64 ||
            tensor.data_type() == TensorProto::UINT64) &&
           "other types have no size");
    break;
  }
  std::vector<int64_t> elements = decode<int64_t>(bytes, widen);
  if (tensor.data_type() == TensorProto::UINT64 &&
      llvm::any_of(elements, [](int64_t value) { return value < 0; }))
    return error(tensor, "holds a number of 2^63 or more");
  return ConstantTensor::get(shape, std::move(elements));
}

/// The elements of a repeated field; all must be in [least, most].
template <typename Field>
static llvm::Expected<ConstantTensor>
decodeIntegers(const TensorProto &tensor, ArrayRef<int64_t> shape,
               const Field &field, int64_t least, int64_t most) {
  std::vector<int64_t> elements;
  elements.reserve(field.size());
  for (auto value : field) {
    // A uint64 of 2^63 or more would turn negative, and `least` is then 0.
    int64_t element = static_cast<int64_t>(value);
    if (element < least || element > most)
      return error(tensor, "holds " + Twine(value) + ", which is no " +
                               describeElementType(tensor.data_type()));
    elements.push_back(element);
  }
  return ConstantTensor::get(shape, std::move(elements));
}

template <typename Convert>
static llvm::Expected<ConstantTensor>
decodeNarrowFloats(const TensorProto &tensor, ArrayRef<int64_t> shape,
                   Convert convert) {
  auto bits = decodeIntegers(tensor, shape, tensor.int32_data(), 0, 0xffff);
  if (!bits)
    return bits.takeError();
  std::vector<float> elements;
  for (int64_t pattern : bits->getIntegers())
    elements.push_back(convert(static_cast<uint16_t>(pattern)));
  return ConstantTensor::get(shape, std::move(elements));
}

/// The number of elements in the repeated field for the element type.
static int64_t countFieldElements(const TensorProto &tensor) {
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
    return tensor.float_data_size();
  case TensorProto::DOUBLE:
    return tensor.double_data_size();
  case TensorProto::INT64:
    return tensor.int64_data_size();
  case TensorProto::UINT32:
  case TensorProto::UINT64:
    return tensor.uint64_data_size();
  default:
    return tensor.int32_data_size();
  }
}

static llvm::Expected<ConstantTensor> decodeField(const TensorProto &tensor,
                                                  ArrayRef<int64_t> shape) {
  constexpr int64_t int64Min = std::numeric_limits<int64_t>::min();
  constexpr int64_t int64Max = std::numeric_limits<int64_t>::max();
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
    return ConstantTensor::view(
        shape, ArrayRef(tensor.float_data().data(), tensor.float_data_size()));
  case TensorProto::DOUBLE: {
    std::vector<float> elements;
    for (double value : tensor.double_data())
      elements.push_back(toFloat(value));
    return ConstantTensor::get(shape, std::move(elements));
  }
  case TensorProto::FLOAT16:
    return decodeNarrowFloats(tensor, shape, Half::toFloat);
  case TensorProto::BFLOAT16:
    return decodeNarrowFloats(tensor, shape, BFloat::toFloat);
  case TensorProto::INT64:
    return decodeIntegers(tensor, shape, tensor.int64_data(), int64Min,
                          int64Max);
  case TensorProto::UINT32:
    return decodeIntegers(tensor, shape, tensor.uint64_data(), 0, 0xffffffff);
  case TensorProto::UINT64:
    return decodeIntegers(tensor, shape, tensor.uint64_data(), 0, int64Max);
  case TensorProto::BOOL:
    return decodeIntegers(tensor, shape, tensor.int32_data(), 0, 1);
  default:
    break;
  }
  int32_t type = tensor.data_type();
  if (getNarrowWidth(type)) {
    auto packed = decodeIntegers(tensor, {tensor.int32_data_size()},
                                 tensor.int32_data(), 0, 0xff);
    if (!packed)
      return packed.takeError();
    SmallVector<char> bytes(packed->getIntegers());
    return decodeNarrow(type, shape, bytes);
  }
  unsigned width = getElementWidth(type);
  bool isUnsigned = type == TensorProto::UINT8 || type == TensorProto::UINT16;
  return decodeIntegers(
      tensor, shape, tensor.int32_data(), isUnsigned ? 0 : llvm::minIntN(width),
      isUnsigned ? llvm::maxUIntN(width) : llvm::maxIntN(width));
}

llvm::Expected<ConstantTensor>
TensorReader::read(const TensorProto &tensor) const {
  SmallVector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  std::optional<int64_t> count = countElements(shape);
  if (!count)
    return error(tensor, "has the shape " + describeShape(shape) +
                             "; expected dimensions of at least 0 and at most "
                             "2^40 elements");
  uint64_t width = getElementWidth(tensor.data_type());
  if (width == 0)
    return error(tensor, "has elements of type " +
                             describeElementType(tensor.data_type()) +
                             ", which lowbit cannot read");
  if (tensor.has_segment())
    return error(tensor, "is stored in segments, which lowbit cannot read");

  uint64_t size = llvm::divideCeil(*count * width, 8);
  llvm::Expected<ConstantTensor> constant = ConstantTensor();
  if (tensor.data_location() == TensorProto::EXTERNAL) {
    auto buffer = readExternalData(tensor, folder, size);
    if (!buffer)
      return buffer.takeError();
    std::shared_ptr<llvm::MemoryBuffer> owner = std::move(*buffer);
    constant = decodeBytes(tensor, shape,
                           ArrayRef(owner->getBufferStart(), size), owner);
  } else if (tensor.has_raw_data()) {
    const std::string &bytes = tensor.raw_data();
    if (bytes.size() != size)
      return error(tensor, "has " + Twine(bytes.size()) + " bytes; its shape " +
                               describeShape(shape) + " of " +
                               describeElementType(tensor.data_type()) +
                               " needs " + Twine(size));
    constant = decodeBytes(tensor, shape, ArrayRef(bytes.data(), bytes.size()),
                           nullptr);
  } else {
    int64_t present = countFieldElements(tensor);
    int64_t needed = width < 8 ? size : *count;
    if (present != needed)
      return error(tensor, "has " + Twine(present) + " elements; its shape " +
                               describeShape(shape) + " needs " +
                               Twine(needed));
    constant = decodeField(tensor, shape);
  }
  if (!constant)
    return constant;
  constant->setName(tensor.name());
  return constant->withElementType(tensor.data_type());
}
