//===- WeightNumbers.cpp - Weights of few values ----------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Whatever the format of weights was, what a kernel multiplies by are bytes, or words of
// 16 bits. If they have few values it reads numbers among them, of 1 to 4 bits: those of
// integers of 4 bits, of ternary weights and signs, of powers of two and codebooks alike.

#include "KernelBuilder.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <numeric>
#include <vector>

using namespace mlir;
using namespace mlir::lowbit;

/// Fewer bytes than a few lines of cache are not worth an instruction.
static constexpr int64_t leastBytes = 4096;

/// Values that numbers stand for: what one byte shuffle looks up; and what several do, where
/// bytes are widened for all rows at once, and of words.
static constexpr size_t mostValues = 16, mostBytes = 64, mostWords = 256;

static size_t countMost(const Primitive &primitive) {
  if (!primitive.feature.starts_with("avx"))
    return mostValues;
  return primitive.rhsWidth > 8       ? mostWords
         : primitive.operandWidth > 8 ? mostBytes
                                      : mostValues;
}

/// Numbers among `values`, which are in ascending order. Values that would be equally
/// far apart if it were not for some that do not occur are filled up, where that takes no
/// further bit: numbers of them need not be looked up.
static WeightNumbers numberValues(SmallVector<int16_t> values) {
  WeightNumbers codes;
  if (values.size() < 2)
    return codes;
  codes.bits = llvm::Log2_64_Ceil(values.size());
  if (!llvm::all_of(values, llvm::isInt<8>)) {
    codes.values = std::move(values);
    codes.valueWidth = 16;
    return codes;
  }
  int64_t distance = 0, least = values.front();
  for (int64_t value : values)
    distance = std::gcd(distance, value - least);
  int64_t steps = (values.back() - least) / distance;
  if (llvm::isPowerOf2_64(distance) && steps < int64_t(1) << codes.bits) {
    values.clear();
    for (int64_t i = 0; i <= steps; ++i)
      values.push_back(static_cast<int16_t>(least + i * distance));
  }
  codes.values = std::move(values);
  return codes;
}

/// The different elements of `words`, in ascending order; none if there are more than
/// `most`.
template <typename T>
static SmallVector<int16_t> listDifferent(ArrayRef<T> words, size_t most) {
  std::vector<bool> isSeen(size_t(1) << (8 * sizeof(T)));
  SmallVector<int16_t> values;
  for (T word : words) {
    auto seen = isSeen[static_cast<std::make_unsigned_t<T>>(word)];
    if (seen)
      continue;
    if (values.size() == most)
      return {};
    seen = true;
    values.push_back(word);
  }
  llvm::sort(values);
  return values;
}

SmallVector<int16_t> lowbit::listValues(Attribute constant, size_t most) {
  ArrayRef<char> bytes;
  if (auto dense = dyn_cast_if_present<DenseElementsAttr>(constant))
    bytes = dense.getRawData();
  else if (auto resource =
               dyn_cast_if_present<DenseResourceElementsAttr>(constant))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      bytes = blob->getData();
  if (bytes.empty())
    return {};
  Type element = cast<ElementsAttr>(constant).getElementType();
  if (element.isInteger(16))
    return listDifferent(
        ArrayRef(reinterpret_cast<const int16_t *>(bytes.data()),
                 bytes.size() / sizeof(int16_t)),
        most);
  return listDifferent(
      ArrayRef(reinterpret_cast<const int8_t *>(bytes.data()), bytes.size()),
      most);
}

std::optional<int64_t> WeightNumbers::getDistance() const {
  if (isWide())
    return std::nullopt;
  int64_t distance = values.size() < 2 ? 1 : values[1] - values[0];
  for (size_t i = 1; i < values.size(); ++i)
    if (values[i] - values[i - 1] != distance)
      return std::nullopt;
  if (!llvm::isPowerOf2_64(distance) || llvm::Log2_64(distance) + bits > 8)
    return std::nullopt;
  return distance;
}

unsigned WeightNumbers::find(int16_t value) const {
  const int16_t *found = llvm::lower_bound(values, value);
  return found == values.end() || *found != value ? 0 : found - values.begin();
}

SmallVector<WeightNumbers::Piece>
WeightNumbers::getPieces(int64_t place) const {
  int64_t width = bits, whole = 8 / width, spare = 8 % width;
  if (place < countVectors() * whole)
    return {{place / whole, place % whole * width, width, 0}};
  // What is left of the bytes holds the last numbers, one behind the other.
  SmallVector<Piece> pieces;
  int64_t first = (place - countVectors() * whole) * width;
  for (int64_t to = 0; to < width; to += pieces.back().count) {
    int64_t within = (first + to) % spare;
    pieces.push_back({(first + to) / spare, 8 - spare + within,
                      std::min(spare - within, width - to), to});
  }
  return pieces;
}

std::string KernelBuilder::describeWeights() const {
  if (!packed)
    return "";
  const WeightNumbers &codes = packed->codes;
  int64_t count = loops.sizes[loops.lane];
  for (const auto &list : {loops.batch, loops.groups, loops.reduction})
    for (unsigned loop : list)
      count *= loops.sizes[loop];
  if (vectors)
    count = vectors->columns * vectors->countPlaces() * vectors->stages;
  unsigned bits = codes.isPacked() ? codes.bits
                  : vectors        ? vectors->getBits()
                                   : primitive.rhsWidth;
  auto type = cast<MemRefType>(packed->flat.getType());
  int64_t bytes = type.getNumElements() * (type.getElementTypeBitWidth() / 8) -
                  packed->joinedBytes;
  int64_t needed = llvm::divideCeil(count * bits, 8);
  std::string text;
  llvm::raw_string_ostream os(text);
  os << kWeightPacking << ", " << count << " of " << bits << " bits in "
     << bytes << " bytes, " << bytes - needed << " of them padding";
  if (packed->joinedBytes != 0)
    os << ", with " << packed->joinedBytes
       << " bytes of what their groups have among them";
  if (packed->excess)
    os << ", and "
       << cast<MemRefType>(packed->excess->offsets.getType()).getNumElements()
       << " further steps for what 16-bit sums of " << partialSteps
       << " steps do not hold";
  if (vectors)
    os << ": " << describeVectors();
  else if (primitive.looksUpSums)
    os << ": numbers of 2 values, four of which " << primitive.name
       << " looks up a sum of activations by";
  else if (codes.isPacked())
    os << ": numbers of " << codes.values.size() << " values, which "
       << (codes.getDistance() ? "a shift and a mask take out"
           : codes.isWide()    ? "byte shuffles look up"
                               : "a byte shuffle looks up")
       << (expands ? ", once for each panel," : "") << " before "
       << primitive.name << " multiplies";
  return text;
}

WeightNumbers lowbit::findWeightNumbers(ContractOp op, const LinearOperand &rhs,
                                        const Primitive &primitive) {
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  if (primitive.kind != LaneKind::Columns || primitive.isFloat ||
      primitive.rows != 1 || primitive.product != Product::Multiply ||
      !global || getStorage(global) || !isSignedStorage(rhs.format))
    return {};
  if (cast<MemRefType>(global.getType()).getNumElements() < leastBytes)
    return {};
  WeightNumbers codes = numberValues(
      listValues(global.getInitialValueAttr(), countMost(primitive)));
  // What a shift and a mask would take out of 5 bits and more is faster as bytes.
  if (codes.values.empty() ||
      (codes.values.size() > mostValues && codes.getDistance()))
    return {};
  // Words whose values are all bytes are looked up as words, too.
  codes.valueWidth = primitive.rhsWidth;
  if (!codes.isPacked() || (!codes.getDistance() && !shufflesBytes(primitive)))
    return {};
  if (codes.isWide() && primitive.feature.starts_with("avx"))
    codes.joined = 2;
  return codes;
}

unsigned lowbit::countWeightBits(Attribute constant,
                                 const Primitive &primitive) {
  if (primitive.rows != 1 ||
      cast<ShapedType>(cast<ElementsAttr>(constant).getType())
              .getNumElements() < leastBytes)
    return primitive.rhsWidth;
  WeightNumbers codes = numberValues(listValues(constant, mostValues));
  codes.valueWidth = primitive.rhsWidth;
  bool unpacks = codes.getDistance() || shufflesBytes(primitive);
  return codes.isPacked() && unpacks ? codes.bits : primitive.rhsWidth;
}

std::optional<int64_t>
lowbit::countNumberSteps(Attribute constant,
                         std::pair<int64_t, int64_t> range) {
  WeightNumbers codes = numberValues(listValues(constant, mostValues));
  if (!codes.isPacked() || !codes.getDistance())
    return std::nullopt;
  int64_t greatest = codes.values.back() - codes.values.front();
  int64_t pair = 2 * std::max(-range.first, range.second) * greatest;
  int64_t steps = std::numeric_limits<int16_t>::max() / pair;
  // Where 16 bits do not hold the long blocks of 3 bits, each step is widened.
  int64_t least =
      std::min<int64_t>(codes.countSteps(), codes.bits == 3 ? 2 : 8);
  if (greatest > std::numeric_limits<int8_t>::max() || steps < least)
    return std::nullopt;
  return std::min<int64_t>(llvm::bit_floor(uint64_t(steps)), 64);
}

bool lowbit::multipliesNumbers(ContractOp op) {
  auto constant = op.getRhs().getDefiningOp<arith::ConstantOp>();
  return constant && !getStorage(constant) &&
         cast<ShapedType>(constant.getType()).getNumElements() >= leastBytes &&
         countNumberSteps(constant.getValue(),
                          getStorageRange(op.getFormat(0)));
}

bool lowbit::looksUpWeights(ContractOp op) {
  auto constant = op.getRhs().getDefiningOp<arith::ConstantOp>();
  if (!constant || getStorage(constant) ||
      cast<ShapedType>(constant.getType()).getNumElements() < leastBytes)
    return false;
  WeightNumbers codes =
      numberValues(listValues(constant.getValue(), mostValues));
  return codes.values.size() > 2 && !codes.getDistance();
}
