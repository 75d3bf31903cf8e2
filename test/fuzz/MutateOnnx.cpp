//===- MutateOnnx.cpp - Mutates models as messages ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random bytes are hardly ever a model. This takes a model apart by protobuf's
// wire format, which needs no schema, changes one field somewhere and puts it
// together again, so that most mutants get past the parser. Every eighth one is
// mutated as bytes all the same.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

namespace {

/// The kinds of values on the wire, in the low three bits of a field's key.
enum Kind { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

struct Field {
  uint64_t key = 0;
  uint64_t number = 0; ///< The value, of Varint.
  std::string bytes;   ///< The value, of all others.

  Kind getKind() const { return static_cast<Kind>(key & 7); }
};

using Fields = std::vector<Field>;

class Mutator {
public:
  explicit Mutator(unsigned seed) : random(seed) {}

  /// The message with one field changed in it or below.
  std::string mutate(std::string_view message);

private:
  void collect(const Fields &fields);
  std::string mutateFields(Fields fields, unsigned depth);
  uint64_t pickNumber(uint64_t old);
  std::string pickBytes(std::string old);
  size_t below(size_t bound) { return random() % bound; }

  std::minstd_rand random;
  /// Names and other short strings of the model, and some that it may know.
  std::vector<std::string> strings = {
      "",        "Add",     "Conv",   "Gemm",          "Mul",
      "Reshape", "Concat",  "Gather", "Slice",         "Expand",
      "Softmax", "Resize",  "Where",  "ReduceSum",     "QuantizeLinear",
      "axis",    "perm",    "pads",   "com.microsoft", "DequantizeLinear",
      "axes",    "strides", "dim_0",  "SAME_UPPER",    "QLinearConv"};
};

} // namespace

static std::optional<uint64_t> readVarint(std::string_view &data) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !data.empty(); shift += 7) {
    uint8_t byte = data.front();
    data.remove_prefix(1);
    value |= uint64_t(byte & 0x7F) << shift;
    if (byte < 0x80)
      return value;
  }
  return std::nullopt;
}

static void writeVarint(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

/// Nothing for bytes that are no message.
static std::optional<Fields> parse(std::string_view data) {
  Fields fields;
  while (!data.empty()) {
    std::optional<uint64_t> key = readVarint(data);
    // ONNX's fields have small numbers: others are letters of a string.
    if (!key || *key < 8 || *key >= 64 * 8)
      return std::nullopt;
    Field field;
    field.key = *key;
    std::optional<uint64_t> size;
    switch (field.getKind()) {
    case Varint: {
      std::optional<uint64_t> number = readVarint(data);
      if (!number)
        return std::nullopt;
      field.number = *number;
      size = 0;
      break;
    }
    case Fixed64:
      size = 8;
      break;
    case Bytes:
      size = readVarint(data);
      break;
    case Fixed32:
      size = 4;
      break;
    }
    if (!size || *size > data.size())
      return std::nullopt;
    field.bytes = data.substr(0, *size);
    data.remove_prefix(*size);
    fields.push_back(std::move(field));
  }
  return fields;
}

static std::string serialize(const Fields &fields) {
  std::string out;
  for (const Field &field : fields) {
    writeVarint(out, field.key);
    if (field.getKind() == Varint)
      writeVarint(out, field.number);
    else if (field.getKind() == Bytes)
      writeVarint(out, field.bytes.size());
    out += field.bytes;
  }
  return out;
}

void Mutator::collect(const Fields &fields) {
  for (const Field &field : fields) {
    if (field.getKind() != Bytes || field.bytes.empty())
      continue;
    if (std::optional<Fields> nested = parse(field.bytes))
      collect(*nested);
    else if (field.bytes.size() < 32)
      strings.push_back(field.bytes);
  }
}

uint64_t Mutator::pickNumber(uint64_t old) {
  static constexpr int64_t interesting[] = {
      0,  1,   -1,  2,         3,         7,         8,        16,
      21, 255, 256, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
  switch (below(4)) {
  case 0:
    return interesting[below(std::size(interesting))];
  case 1:
    return old + 1;
  case 2:
    return old - 1;
  default:
    return below(26);
  }
}

std::string Mutator::pickBytes(std::string old) {
  if (below(2))
    return strings[below(strings.size())];
  size_t size = old.size();
  old.resize(size + 16);
  old.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t *>(old.data()), size,
                              old.size()));
  return old;
}

std::string Mutator::mutateFields(Fields fields, unsigned depth) {
  size_t index = below(fields.size());
  Field &field = fields[index];
  if (field.getKind() == Bytes && depth < 16 && below(6) != 0)
    if (std::optional<Fields> nested = parse(field.bytes);
        nested && !nested->empty()) {
      field.bytes = mutateFields(std::move(*nested), depth + 1);
      return serialize(fields);
    }
  switch (below(6)) {
  case 0:
    fields.erase(fields.begin() + index);
    break;
  case 1:
    fields.insert(fields.begin() + index, Field(field));
    break;
  case 2:
    std::swap(field, fields[below(fields.size())]);
    break;
  default:
    if (field.getKind() == Varint)
      field.number = pickNumber(field.number);
    else if (field.getKind() == Bytes)
      field.bytes = pickBytes(std::move(field.bytes));
    else
      std::generate(field.bytes.begin(), field.bytes.end(),
                    [&] { return static_cast<char>(below(256)); });
    break;
  }
  return serialize(fields);
}

std::string Mutator::mutate(std::string_view message) {
  std::optional<Fields> fields = parse(message);
  if (!fields || fields->empty())
    return std::string(message);
  collect(*fields);
  return mutateFields(std::move(*fields), 0);
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t maxSize, unsigned seed) {
  if (seed % 8 != 0) {
    std::string message(reinterpret_cast<char *>(data), size);
    for (unsigned i = 0; i <= seed % 3; ++i)
      message = Mutator(seed / 8 + i).mutate(message);
    if (message.size() <= maxSize) {
      std::copy(message.begin(), message.end(), data);
      return message.size();
    }
  }
  return LLVMFuzzerMutate(data, size, maxSize);
}
