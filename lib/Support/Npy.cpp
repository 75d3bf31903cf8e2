//===- Npy.cpp - Arrays in NumPy's .npy format --------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A file is "\x93NUMPY", a major and a minor version byte, the header's length
// (2 bytes in version 1, else 4), the header, and the elements. The header is
// the text of a Python dictionary:
//
//   {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
//
// `HeaderParser` reads that dictionary and nothing else of Python.

#include "lowbit/Support/Npy.h"

#include "lowbit/Support/AtomicFile.h"
#include "lowbit/Support/InputFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>

using namespace mlir;
using namespace mlir::lowbit;
using llvm::ArrayRef;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

static constexpr StringRef magic("\x93NUMPY", 6);

/// Headers of numeric arrays have about 100 bytes; NumPy itself stops at 10000.
static constexpr size_t maxHeaderSize = 10000;

namespace {

struct TypeInfo {
  NpyType type;
  StringRef code; ///< Without the byte order.
  StringRef name;
  unsigned size;
};

struct Header {
  std::optional<NpyType> type;
  std::optional<bool> isFortranOrder;
  std::optional<llvm::SmallVector<int64_t>> shape;
};

} // namespace

/// In the order of the enumeration.
static constexpr TypeInfo typeInfos[] = {
    {NpyType::Bool, "b1", "bool", 1},   {NpyType::I8, "i1", "int8", 1},
    {NpyType::U8, "u1", "uint8", 1},    {NpyType::I16, "i2", "int16", 2},
    {NpyType::U16, "u2", "uint16", 2},  {NpyType::I32, "i4", "int32", 4},
    {NpyType::U32, "u4", "uint32", 4},  {NpyType::I64, "i8", "int64", 8},
    {NpyType::U64, "u8", "uint64", 8},  {NpyType::F16, "f2", "float16", 2},
    {NpyType::F32, "f4", "float32", 4}, {NpyType::F64, "f8", "float64", 8},
};

static const TypeInfo &getInfo(NpyType type) {
  return typeInfos[static_cast<unsigned>(type)];
}

StringRef lowbit::stringifyNpyType(NpyType type) { return getInfo(type).name; }

unsigned lowbit::getNpyTypeSize(NpyType type) { return getInfo(type).size; }

std::string lowbit::formatShape(ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "scalar";
  return llvm::join(
      llvm::map_range(shape, [](int64_t size) { return std::to_string(size); }),
      "x");
}

static Error fail(const Twine &message) {
  return llvm::createStringError(message);
}

/// The element type that `code` (the value of 'descr') names.
static Expected<NpyType> parseType(StringRef code) {
  StringRef name = code;
  char order = '|';
  if (!name.empty() && StringRef("<>=|").contains(name.front())) {
    order = name.front();
    name = name.drop_front();
  }
  if (name.starts_with("O"))
    return fail("holds Python objects, which are not read; save an array of "
                "numbers, as by array.astype(numpy.float32)");
  const auto *info = llvm::find_if(
      typeInfos, [&](const TypeInfo &info) { return info.code == name; });
  if (info == std::end(typeInfos))
    return fail("has elements of type '" + code +
                "', but expected bool, float16 to float64 or an integer of 8 "
                "to 64 bits; convert it as by array.astype(numpy.float32)");
  if (order == '>' && info->size > 1)
    return fail("is big-endian ('" + code +
                "'); save array.astype(array.dtype.newbyteorder('<'))");
  return info->type;
}

namespace {

/// Reads the dictionary. Every error is about `text` alone; the caller adds the
/// file's name.
class HeaderParser {
public:
  explicit HeaderParser(StringRef text) : rest(text) {}

  Expected<Header> parse() {
    Header header;
    if (!consume("{"))
      return malformed("a dictionary");
    while (!consume("}")) {
      if (Error error = parseEntry(header))
        return error;
      if (consume(","))
        continue;
      if (consume("}"))
        break;
      return malformed("',' or '}'");
    }
    if (!rest.trim().empty())
      return malformed("nothing after the dictionary");
    if (!header.type || !header.isFortranOrder || !header.shape)
      return fail("has a header without 'descr', 'fortran_order' or 'shape'");
    return header;
  }

private:
  Error malformed(StringRef expected) {
    std::string found;
    llvm::raw_string_ostream stream(found);
    stream << "'";
    llvm::printEscapedString(rest.take_front(20), stream);
    stream << "'";
    return fail("has a malformed header: expected " + expected +
                ", but found " + (rest.trim().empty() ? "its end" : found));
  }

  bool consume(StringRef token) {
    rest = rest.ltrim();
    return rest.consume_front(token);
  }

  Expected<StringRef> parseString() {
    rest = rest.ltrim();
    if (rest.empty() || (rest.front() != '\'' && rest.front() != '"'))
      return malformed("a string");
    size_t end = rest.find(rest.front(), 1);
    if (end == StringRef::npos)
      return malformed("the end of a string");
    StringRef value = rest.slice(1, end);
    rest = rest.drop_front(end + 1);
    return value;
  }

  Expected<llvm::SmallVector<int64_t>> parseShape() {
    llvm::SmallVector<int64_t> shape;
    if (!consume("("))
      return malformed("a tuple of sizes");
    while (!consume(")")) {
      rest = rest.ltrim();
      uint64_t size;
      StringRef digits = rest.take_while(llvm::isDigit);
      if (digits.empty())
        return malformed("a size");
      if (digits.getAsInteger(10, size) || size > INT64_MAX)
        return fail("has a size that does not fit 64 bits: " + digits);
      rest = rest.drop_front(digits.size());
      rest.consume_front("L"); // As written by Python 2.
      shape.push_back(size);
      if (consume(","))
        continue;
      if (consume(")"))
        break;
      return malformed("',' or ')'");
    }
    return shape;
  }

  /// Sets `field` to what `parse` yields, once.
  template <typename T>
  Error set(StringRef key, std::optional<T> &field, Expected<T> value) {
    if (!value)
      return value.takeError();
    if (field)
      return fail("has a header with two entries '" + key + "'");
    field = std::move(*value);
    return Error::success();
  }

  Error parseEntry(Header &header) {
    Expected<StringRef> key = parseString();
    if (!key)
      return key.takeError();
    if (!consume(":"))
      return malformed("':'");
    if (*key == "shape")
      return set(*key, header.shape, parseShape());
    if (*key == "fortran_order") {
      if (consume("True"))
        return set(*key, header.isFortranOrder, Expected<bool>(true));
      if (consume("False"))
        return set(*key, header.isFortranOrder, Expected<bool>(false));
      return malformed("True or False");
    }
    if (*key != "descr")
      return fail("has a header with an unknown entry '" + *key + "'");
    if (consume("["))
      return fail("holds records, which are not read; save each field as an "
                  "array of its own");
    Expected<StringRef> code = parseString();
    if (!code)
      return code.takeError();
    return set(*key, header.type, parseType(*code));
  }

  StringRef rest;
};

} // namespace

/// Takes everything before the elements off `data`.
static Expected<Header> parsePrologue(StringRef &data) {
  if (!data.consume_front(magic))
    return fail("is not a .npy file: it does not start with \\x93NUMPY");
  if (data.size() < 2)
    return fail("ends in the middle of its header");
  unsigned major = data.bytes_begin()[0], minor = data.bytes_begin()[1];
  if (major < 1 || major > 3 || minor != 0)
    return fail("is of version " + Twine(major) + "." + Twine(minor) +
                " of the format, but 1.0 to 3.0 are known");
  data = data.drop_front(2);
  size_t lengthSize = major == 1 ? 2 : 4;
  if (data.size() < lengthSize)
    return fail("ends in the middle of its header");
  size_t length = major == 1 ? llvm::support::endian::read16le(data.data())
                             : llvm::support::endian::read32le(data.data());
  data = data.drop_front(lengthSize);
  if (length > maxHeaderSize)
    return fail("has a header of " + Twine(length) + " bytes, but at most " +
                Twine(maxHeaderSize) + " are expected");
  if (data.size() < length)
    return fail("ends in the middle of its header");
  StringRef text = data.take_front(length);
  data = data.drop_front(length);
  return HeaderParser(text).parse();
}

/// Checks that `header` describes exactly `size` bytes.
static Error checkSize(const Header &header, uint64_t size) {
  uint64_t expected = getNpyTypeSize(*header.type);
  bool overflows = false;
  if (llvm::is_contained(*header.shape, 0))
    expected = 0;
  else
    for (int64_t dim : *header.shape) {
      bool once = false;
      expected = llvm::SaturatingMultiply<uint64_t>(expected, dim, &once);
      overflows |= once;
    }
  if (overflows || expected > INT64_MAX)
    return fail("has a shape too large to address: " +
                formatShape(*header.shape));
  if (size == expected)
    return Error::success();
  return fail((size < expected ? "is truncated: " : "has bytes to spare: ") +
              Twine("a ") + formatShape(*header.shape) + " array of " +
              stringifyNpyType(*header.type) + " has " + Twine(expected) +
              " bytes, but " + Twine(size) + " follow the header");
}

Expected<NpyArray> lowbit::readNpy(StringRef path) {
  Expected<std::unique_ptr<llvm::MemoryBuffer>> file = readInputFile(path);
  if (!file)
    return fail("cannot read '" + path +
                "': " + llvm::toString(file.takeError()));
  auto inFile = [&](Error error) {
    return fail("'" + path + "' " + llvm::toString(std::move(error)));
  };

  StringRef data = (*file)->getBuffer();
  Expected<Header> header = parsePrologue(data);
  if (!header)
    return inFile(header.takeError());
  if (*header->isFortranOrder && header->shape->size() > 1)
    return inFile(
        fail("is in Fortran order; save numpy.ascontiguousarray(array)"));
  if (Error error = checkSize(*header, data.size()))
    return inFile(std::move(error));

  NpyArray array;
  array.type = *header->type;
  array.shape = std::move(*header->shape);
  array.offset = data.data() - (*file)->getBufferStart();
  array.storage = std::move(*file);
  // What computes with a bool relies on it.
  if (array.type == NpyType::Bool &&
      llvm::any_of(array.bytes(), [](char byte) { return (byte & ~1) != 0; }))
    return inFile(fail("holds a bool that is neither 0 nor 1"));
  return array;
}

NpyArray NpyArray::create(NpyType type, ArrayRef<int64_t> shape) {
  NpyArray array;
  array.type = type;
  array.shape.assign(shape.begin(), shape.end());
  array.storage = llvm::WritableMemoryBuffer::getNewMemBuffer(
      array.getNumElements() * getNpyTypeSize(type));
  array.isWritable = true;
  if (!array.storage)
    llvm::report_bad_alloc_error("no memory for an array");
  return array;
}

int64_t NpyArray::getNumElements() const {
  if (llvm::is_contained(shape, 0)) // The other sizes may overflow.
    return 0;
  return llvm::product_of(shape, int64_t(1));
}

llvm::MutableArrayRef<char> NpyArray::mutableBytes() {
  assert(isWritable && "the array is a mapped file");
  return {const_cast<char *>(bytes().data()), bytes().size()};
}

Error lowbit::writeNpy(StringRef path, const NpyArray &array) {
  std::string header;
  llvm::raw_string_ostream stream(header);
  unsigned size = getNpyTypeSize(array.getType());
  stream << "{'descr': '" << (size == 1 ? '|' : '<')
         << getInfo(array.getType()).code
         << "', 'fortran_order': False, 'shape': (";
  llvm::interleave(array.getShape(), stream, ", ");
  // A tuple of one element needs its comma.
  stream << (array.getShape().size() == 1 ? ",), }" : "), }");

  // NumPy aligns the elements to 64 bytes. A header of version 1.0 reaches
  // 65535 bytes, that is, thousands of dimensions.
  size_t before = magic.size() + 4;
  header.append(
      llvm::offsetToAlignment(before + header.size() + 1, llvm::Align(64)),
      ' ');
  header += '\n';
  assert(header.size() <= UINT16_MAX && "too many dimensions");
  return writeFileAtomically(path, [&](llvm::raw_ostream &file) {
    char length[2];
    llvm::support::endian::write16le(length, header.size());
    file << magic << StringRef("\1\0", 2) << StringRef(length, 2) << header;
    file.write(array.bytes().data(), array.bytes().size());
  });
}
