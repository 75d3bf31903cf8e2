//===- NpyTest.cpp - Reading and writing .npy files ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Support/Npy.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace mlir::lowbit;
using llvm::ArrayRef;
using llvm::StringRef;

namespace {

constexpr StringRef f4Header("{'descr': '<f4', 'fortran_order': False, "
                             "'shape': (2, 3), }");

/// A file of the given header and elements.
std::string makeNpy(StringRef header, StringRef data, uint8_t major = 1,
                    uint8_t minor = 0) {
  std::string file = "\x93NUMPY";
  file += char(major);
  file += char(minor);
  char length[4];
  llvm::support::endian::write32le(length, header.size());
  file.append(length, major == 1 ? 2 : 4);
  return (file + header + data).str();
}

class NpyTest : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("npy", directory));
  }
  void TearDown() override {
    EXPECT_FALSE(llvm::sys::fs::remove_directories(directory));
  }

  std::string pathOf(StringRef name) {
    llvm::SmallString<128> path(directory);
    llvm::sys::path::append(path, name);
    return std::string(path);
  }

  std::string write(StringRef content) {
    std::string path = pathOf("x.npy");
    std::error_code error;
    llvm::raw_fd_ostream stream(path, error);
    stream << content;
    return path;
  }

  /// The error of reading a file with `content`, without the file's name.
  std::string errorOf(StringRef content) {
    std::string path = write(content);
    llvm::Expected<NpyArray> array = readNpy(path);
    if (array)
      return "no error";
    std::string message = llvm::toString(array.takeError());
    StringRef rest = message;
    EXPECT_TRUE(rest.consume_front("'" + path + "' ")) << message;
    return rest.str();
  }

  unsigned countFiles() {
    unsigned count = 0;
    std::error_code error;
    for (llvm::sys::fs::directory_iterator it(directory, error), end;
         it != end && !error; it.increment(error))
      ++count;
    return count;
  }

  llvm::SmallString<128> directory;
};

std::string bytesOf(ArrayRef<float> values) {
  return std::string(reinterpret_cast<const char *>(values.data()),
                     values.size() * sizeof(float));
}

const float sixFloats[] = {1, 2, 3, -0.5f, 1e-45f, 65504};

TEST_F(NpyTest, ReadsEveryVersion) {
  for (uint8_t major : {1, 2, 3}) {
    auto array = readNpy(write(makeNpy(f4Header, bytesOf(sixFloats), major)));
    ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
    EXPECT_EQ(array->getType(), NpyType::F32);
    EXPECT_EQ(array->getShape(), (ArrayRef<int64_t>{2, 3}));
    float values[6];
    convertToF32(*array, 0, values);
    EXPECT_EQ(ArrayRef(values), ArrayRef(sixFloats));
  }
}

TEST_F(NpyTest, ReadsHeadersAsOthersWriteThem) {
  struct {
    const char *header;
    std::vector<int64_t> shape;
    NpyType type;
  } cases[] = {
      {"{'shape':(6,),'fortran_order':False,'descr':'|u1'}", {6}, NpyType::U8},
      {"{\"descr\": \"<i2\", \"fortran_order\": False, \"shape\": (3L,)}\n",
       {3},
       NpyType::I16},
      {"{'descr': '<i2', 'fortran_order': True, 'shape': (3,)}",
       {3},
       NpyType::I16},
      {"{'descr': '|b1', 'fortran_order': False, 'shape': (6,)}",
       {6},
       NpyType::Bool},
  };
  for (const auto &test : cases) {
    auto array = readNpy(write(makeNpy(test.header, "\1\1\1\1\1\1")));
    ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
    EXPECT_EQ(array->getShape(), ArrayRef<int64_t>(test.shape));
    EXPECT_EQ(array->getType(), test.type);
  }
}

TEST_F(NpyTest, ReadsScalarsAndEmptyArrays) {
  auto scalar = readNpy(write(makeNpy(
      "{'descr': '<f4', 'fortran_order': False, 'shape': ()}", "abcd")));
  ASSERT_TRUE(bool(scalar)) << llvm::toString(scalar.takeError());
  EXPECT_EQ(scalar->getNumElements(), 1);
  auto empty = readNpy(write(makeNpy("{'descr': '<f4', 'fortran_order': False, "
                                     "'shape': (0, 9223372036854775807, 3)}",
                                     "")));
  ASSERT_TRUE(bool(empty)) << llvm::toString(empty.takeError());
  EXPECT_EQ(empty->getNumElements(), 0);
}

TEST_F(NpyTest, NamesMissingFile) {
  auto array = readNpy(pathOf("missing.npy"));
  ASSERT_FALSE(bool(array));
  EXPECT_EQ(llvm::toString(array.takeError()),
            "cannot read '" + pathOf("missing.npy") +
                "': No such file or directory");
}

TEST_F(NpyTest, RefusesForeignFiles) {
  EXPECT_EQ(errorOf(""),
            "is not a .npy file: it does not start with \\x93NUMPY");
  EXPECT_EQ(errorOf("PK\3\4"),
            "is not a .npy file: it does not start with \\x93NUMPY");
  EXPECT_EQ(errorOf(makeNpy(f4Header, "", 4)),
            "is of version 4.0 of the format, but 1.0 to 3.0 are known");
  EXPECT_EQ(errorOf(makeNpy(f4Header, "", 1, 1)),
            "is of version 1.1 of the format, but 1.0 to 3.0 are known");
}

TEST_F(NpyTest, RefusesEveryTruncation) {
  std::string whole = makeNpy(f4Header, bytesOf(sixFloats));
  for (size_t size = 6; size < whole.size() - 24; ++size)
    EXPECT_EQ(errorOf(StringRef(whole).take_front(size)),
              "ends in the middle of its header");
  for (size_t size = whole.size() - 24; size < whole.size(); ++size)
    EXPECT_EQ(errorOf(StringRef(whole).take_front(size)),
              "is truncated: a 2x3 array of float32 has 24 bytes, but " +
                  std::to_string(size + 24 - whole.size()) +
                  " follow the header");
  EXPECT_EQ(errorOf(whole + "z"),
            "has bytes to spare: a 2x3 array of float32 has 24 bytes, but 25 "
            "follow the header");
}

TEST_F(NpyTest, RefusesOversizedHeader) {
  std::string header = f4Header.str() + std::string(10000, ' ');
  EXPECT_EQ(errorOf(makeNpy(header, "")),
            "has a header of 10059 bytes, but at most 10000 are expected");
}

TEST_F(NpyTest, RefusesMalformedHeaders) {
  const std::pair<const char *, const char *> cases[] = {
      {"", "expected a dictionary, but found its end"},
      {"[]", "expected a dictionary, but found '[]'"},
      {"{'descr' '<f4'}", "expected ':', but found ''<f4'}'"},
      {"{'descr': <f4}", "expected a string, but found '<f4}'"},
      {"{'descr': '<f4}", "expected the end of a string, but found ''<f4}'"},
      {"{'descr': '<f4' 1}", "expected ',' or '}', but found '1}'"},
      {"{'fortran_order': 0}", "expected True or False, but found '0}'"},
      {"{'shape': 3}", "expected a tuple of sizes, but found '3}'"},
      {"{'shape': (-1,)}", "expected a size, but found '-1,)}'"},
      {"{'shape': (1 2)}", "expected ',' or ')', but found '2)}'"},
      {"{'shape': (1,)} x", "expected nothing after the dictionary, but found "
                            "' x'"},
  };
  for (auto [header, message] : cases) {
    EXPECT_EQ(errorOf(makeNpy(header, "")),
              std::string("has a malformed header: ") + message);
  }
}

TEST_F(NpyTest, RefusesHeadersThatSayTooLittleOrTooMuch) {
  EXPECT_EQ(errorOf(makeNpy("{'descr': '<f4', 'shape': (1,)}", "abcd")),
            "has a header without 'descr', 'fortran_order' or 'shape'");
  EXPECT_EQ(errorOf(makeNpy("{'shape': (1,), 'shape': (1,)}", "abcd")),
            "has a header with two entries 'shape'");
  EXPECT_EQ(errorOf(makeNpy("{'order': 'C'}", "abcd")),
            "has a header with an unknown entry 'order'");
}

TEST_F(NpyTest, RefusesOrdersAndTypes) {
  auto withType = [](StringRef descr) {
    return makeNpy(
        ("{'descr': " + descr + ", 'fortran_order': False, 'shape': (1,), }")
            .str(),
        "abcd");
  };
  EXPECT_EQ(errorOf(makeNpy("{'descr': '<f4', 'fortran_order': True, 'shape': "
                            "(2, 3), }",
                            bytesOf(sixFloats))),
            "is in Fortran order; save numpy.ascontiguousarray(array)");
  EXPECT_EQ(errorOf(withType("'>f4'")),
            "is big-endian ('>f4'); save "
            "array.astype(array.dtype.newbyteorder('<'))");
  EXPECT_EQ(errorOf(withType("'|O'")),
            "holds Python objects, which are not read; save an array of "
            "numbers, as by array.astype(numpy.float32)");
  EXPECT_EQ(errorOf(withType("[('a', '<f4')]")),
            "holds records, which are not read; save each field as an array "
            "of its own");
  EXPECT_EQ(errorOf(withType("'<c8'")),
            "has elements of type '<c8', but expected bool, float16 to float64 "
            "or an integer of 8 to 64 bits; convert it as by "
            "array.astype(numpy.float32)");
}

TEST_F(NpyTest, RefusesBoolsOfOtherBytes) {
  EXPECT_EQ(errorOf(makeNpy("{'descr': '|b1', 'fortran_order': False, "
                            "'shape': (3,), }",
                            StringRef("\0\1\2", 3))),
            "holds a bool that is neither 0 nor 1");
}

TEST_F(NpyTest, RefusesShapesThatOverflow) {
  auto withShape = [](StringRef shape) {
    return makeNpy(
        ("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }")
            .str(),
        "abcd");
  };
  EXPECT_EQ(errorOf(withShape("(18446744073709551617,)")),
            "has a size that does not fit 64 bits: 18446744073709551617");
  EXPECT_EQ(errorOf(withShape("(9223372036854775808,)")),
            "has a size that does not fit 64 bits: 9223372036854775808");
  // 2^62 elements of 4 bytes are 2^64 bytes, which wraps to 0.
  EXPECT_EQ(errorOf(withShape("(4611686018427387904,)")),
            "has a shape too large to address: 4611686018427387904");
  EXPECT_EQ(errorOf(withShape("(2147483648, 2147483648, 2)")),
            "has a shape too large to address: 2147483648x2147483648x2");
}

TEST_F(NpyTest, WritesWhatItReads) {
  for (NpyType type : {NpyType::Bool, NpyType::I8, NpyType::U8, NpyType::I16,
                       NpyType::U16, NpyType::I32, NpyType::U32, NpyType::I64,
                       NpyType::U64, NpyType::F16, NpyType::F32, NpyType::F64})
    for (const std::vector<int64_t> &shape :
         std::vector<std::vector<int64_t>>{{}, {5}, {2, 0, 3}, {2, 1, 3}}) {
      NpyArray written = NpyArray::create(type, shape);
      for (auto [i, byte] : llvm::enumerate(written.mutableBytes()))
        byte = type == NpyType::Bool ? char(i % 2) : char(i * 37 + 1);
      std::string path = pathOf("y.npy");
      ASSERT_FALSE(bool(writeNpy(path, written)));
      auto read = readNpy(path);
      ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
      EXPECT_EQ(read->getType(), type);
      EXPECT_EQ(read->getShape(), ArrayRef(shape));
      EXPECT_EQ(read->bytes(), written.bytes());
      uint64_t fileSize;
      ASSERT_FALSE(llvm::sys::fs::file_size(path, fileSize));
      EXPECT_EQ((fileSize - read->bytes().size()) % 64, 0u);
    }
  EXPECT_EQ(countFiles(), 1u) << "a temporary file is left";
}

TEST_F(NpyTest, ReportsFilesThatCannotBeWritten) {
  std::string path = pathOf("no/such/folder.npy");
  std::string message =
      llvm::toString(writeNpy(path, NpyArray::create(NpyType::F32, {1})));
  EXPECT_TRUE(StringRef(message).starts_with("cannot write '" + path + "': "))
      << message;
  EXPECT_EQ(countFiles(), 0u);
}

TEST_F(NpyTest, ReportsFullDevice) {
  if (!llvm::sys::fs::exists("/dev/full"))
    GTEST_SKIP() << "needs /dev/full";
  EXPECT_EQ(llvm::toString(
                writeNpy("/dev/full", NpyArray::create(NpyType::F32, {1}))),
            "cannot write '/dev/full': No space left on device");
}

template <typename T>
std::vector<float> convert(NpyType type, std::vector<T> values,
                           double scale = 1, double offset = 0) {
  std::vector<float> result(values.size());
  convertToF32(
      NpyArray::create(type, {int64_t(values.size())}, ArrayRef<T>(values)), 0,
      result, scale, offset);
  return result;
}

TEST(ConvertToF32, ConvertsEveryType) {
  using Floats = std::vector<float>;
  EXPECT_EQ(convert<uint8_t>(NpyType::Bool, {0, 1}), Floats({0, 1}));
  EXPECT_EQ(convert<int8_t>(NpyType::I8, {-128, 127}), Floats({-128, 127}));
  EXPECT_EQ(convert<uint8_t>(NpyType::U8, {255, 0}), Floats({255, 0}));
  EXPECT_EQ(convert<int16_t>(NpyType::I16, {-2}), Floats({-2}));
  EXPECT_EQ(convert<uint16_t>(NpyType::U16, {65535}), Floats({65535}));
  EXPECT_EQ(convert<int32_t>(NpyType::I32, {-3}), Floats({-3}));
  EXPECT_EQ(convert<uint32_t>(NpyType::U32, {4294967295u}),
            Floats({4294967296.0f}));
  EXPECT_EQ(convert<int64_t>(NpyType::I64, {-4}), Floats({-4}));
  EXPECT_EQ(convert<uint64_t>(NpyType::U64, {UINT64_MAX}),
            Floats({18446744073709551616.0f}));
  EXPECT_EQ(convert<uint16_t>(NpyType::F16, {0x3c00, 0xbe00, 0x0001}),
            Floats({1, -1.5, 0x1p-24f}));
  EXPECT_EQ(convert<float>(NpyType::F32, {1e-45f, -2}), Floats({1e-45f, -2}));
  EXPECT_EQ(convert<double>(NpyType::F64, {0.1}), Floats({0.1f}));
}

TEST(ConvertToF32, KeepsNaNAndInfinity) {
  std::vector<float> values =
      convert<float>(NpyType::F32, {std::numeric_limits<float>::quiet_NaN(),
                                    -std::numeric_limits<float>::infinity()});
  EXPECT_TRUE(std::isnan(values[0]));
  EXPECT_EQ(values[1], -std::numeric_limits<float>::infinity());
}

TEST(ConvertToF32, ScalesInDouble) {
  double scale = 0.5847029, offset = -123.372;
  std::vector<float> values =
      convert<uint8_t>(NpyType::U8, {0, 1, 211, 255}, scale, offset);
  for (auto [value, code] :
       llvm::zip(values, std::vector<double>{0, 1, 211, 255}))
    EXPECT_EQ(value, float(code * scale + offset));
}

TEST(ConvertToF32, StartsAnywhere) {
  NpyArray array =
      NpyArray::create(NpyType::I16, {4}, ArrayRef<int16_t>{1, 2, 3, 4});
  float values[2];
  convertToF32(array, 1, values);
  EXPECT_EQ(values[0], 2);
  EXPECT_EQ(values[1], 3);
}

TEST(FormatShape, JoinsSizes) {
  EXPECT_EQ(formatShape({2, 3, 4}), "2x3x4");
  EXPECT_EQ(formatShape({}), "scalar");
}

} // namespace
