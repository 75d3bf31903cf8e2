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

#include <set>

using namespace mlir;
using namespace mlir::lowbit;

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
                               : "a byte shuffle looks up")
       << " before " << primitive.name << " multiplies";
  return text;
}

WeightNumbers lowbit::findWeightNumbers(ContractOp op, const LinearOperand &rhs,
                                        const Primitive &primitive,
                                        int64_t partialSteps) {
  // Fewer bytes than a few lines of cache are not worth an instruction.
  constexpr size_t leastBytes = 4096;
  memref::GlobalOp global = getConstantGlobal(op, rhs);
  if (primitive.kind != LaneKind::Columns || primitive.rhsWidth != 8 ||
      primitive.rows != 1 || primitive.product != Product::Multiply ||
      !global || global->hasAttr(kStorageAttr) || !isSignedStorage(rhs.format))
    return {};
  bool splat = false;
  ArrayRef<char> bytes = getGlobalBytes(global, splat);
  if (splat || bytes.size() < leastBytes)
    return {};
  std::set<int8_t> values;
  for (char byte : bytes) {
    values.insert(byte);
    if (values.size() > 16)
      return {};
  }
  WeightNumbers codes;
  codes.bits = values.size() <= 2 ? 1 : values.size() <= 4 ? 2 : 4;
  codes.values.assign(values.begin(), values.end());
  if ((!codes.getDistance() && !shufflesBytes(primitive)) ||
      (primitive.emitPartial && partialSteps < codes.countSteps()))
    return {};
  return codes;
}
