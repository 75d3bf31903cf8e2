//===- WeightNumbers.cpp - Weights of few values ----------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Whatever the format of weights was, what a kernel multiplies by are bytes. If they
// have few values it reads numbers among them, of 1, 2 or 4 bits: those of integers
// of 4 bits, of ternary weights and signs, of powers of two and codebooks alike.

#include "KernelBuilder.h"
#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <array>

using namespace mlir;
using namespace mlir::lowbit;

/// Fewer bytes than a few lines of cache are not worth an instruction.
static constexpr int64_t leastBytes = 4096;

/// Bits of the numbers among so many values.
static unsigned countBits(size_t values) {
  return values <= 2 ? 1 : values <= 4 ? 2 : 4;
}

SmallVector<int8_t> lowbit::listValues(Attribute constant, size_t most) {
  ArrayRef<char> bytes;
  if (auto dense = dyn_cast_if_present<DenseElementsAttr>(constant))
    bytes = dense.getRawData();
  else if (auto resource =
               dyn_cast_if_present<DenseResourceElementsAttr>(constant))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      bytes = blob->getData();
  std::array<bool, 256> isSeen = {};
  SmallVector<int8_t> values;
  for (char byte : bytes) {
    bool &seen = isSeen[static_cast<uint8_t>(byte)];
    if (seen)
      continue;
    if (values.size() == most)
      return {};
    seen = true;
    values.push_back(byte);
  }
  llvm::sort(values);
  return values;
}

std::optional<int64_t> WeightNumbers::getDistance() const {
  int64_t distance = values.size() < 2 ? 1 : values[1] - values[0];
  for (size_t i = 1; i < values.size(); ++i)
    if (values[i] - values[i - 1] != distance)
      return std::nullopt;
  if (!llvm::isPowerOf2_64(distance) || llvm::Log2_64(distance) + bits > 8)
    return std::nullopt;
  return distance;
}

unsigned WeightNumbers::find(int8_t value) const {
  const int8_t *found = llvm::lower_bound(values, value);
  return found == values.end() || *found != value ? 0 : found - values.begin();
}

std::string KernelBuilder::describeWeights() const {
  if (!packed)
    return "";
  const WeightNumbers &codes = packed->codes;
  int64_t count = loops.sizes[loops.lane];
  for (const auto &list : {loops.batch, loops.groups, loops.reduction})
    for (unsigned loop : list)
      count *= loops.sizes[loop];
  unsigned bits = codes.isPacked() ? codes.bits : primitive.rhsWidth;
  int64_t bytes = cast<MemRefType>(packed->flat.getType()).getNumElements() *
                  (operands[1].elementType.getIntOrFloatBitWidth() / 8);
  int64_t needed = llvm::divideCeil(count * bits, 8);
  std::string text;
  llvm::raw_string_ostream os(text);
  os << kWeightPacking << ", " << count << " of " << bits << " bits in "
     << bytes << " bytes, " << bytes - needed << " of them padding";
  if (packed->excess)
    os << ", and "
       << cast<MemRefType>(packed->excess->offsets.getType()).getNumElements()
       << " further steps for what 16-bit sums of " << partialSteps
       << " steps do not hold";
  if (primitive.looksUpSums)
    os << ": numbers of 2 values, four of which " << primitive.name
       << " looks up a sum of activations by";
  else if (codes.isPacked())
    os << ": numbers of " << codes.values.size() << " values, which "
       << (codes.getDistance() ? "a shift and a mask take out"
           : expands           ? "a byte shuffle looks up, once for each panel,"
                               : "a byte shuffle looks up")
       << " before " << primitive.name << " multiplies";
  return text;
}

WeightNumbers lowbit::findWeightNumbers(ContractOp op, const LinearOperand &rhs,
                                        const Primitive &primitive,
                                        int64_t partialSteps) {
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  if (primitive.kind != LaneKind::Columns || primitive.rhsWidth != 8 ||
      primitive.rows != 1 || primitive.product != Product::Multiply ||
      !global || global->hasAttr(kStorageAttr) || !isSignedStorage(rhs.format))
    return {};
  if (cast<MemRefType>(global.getType()).getNumElements() < leastBytes)
    return {};
  WeightNumbers codes;
  codes.values = listValues(global.getInitialValueAttr(), 16);
  if (codes.values.size() < 2)
    return {};
  codes.bits = countBits(codes.values.size());
  if ((!codes.getDistance() && !shufflesBytes(primitive)) ||
      (primitive.emitPartial && partialSteps < codes.countSteps()))
    return {};
  return codes;
}

bool lowbit::looksUpWeights(ContractOp op) {
  auto constant = op.getRhs().getDefiningOp<arith::ConstantOp>();
  if (!constant || constant->hasAttr(kStorageAttr) ||
      cast<ShapedType>(constant.getType()).getNumElements() < leastBytes)
    return false;
  WeightNumbers codes;
  codes.values = listValues(constant.getValue(), 16);
  codes.bits = countBits(codes.values.size());
  return codes.values.size() > 2 && !codes.getDistance();
}
