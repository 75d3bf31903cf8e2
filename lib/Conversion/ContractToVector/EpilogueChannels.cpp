//===- EpilogueChannels.cpp - What an epilogue has for each channel -------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EpilogueChannels.h"

#include "lowbit/Support/ConstantData.h"

#include "mlir/IR/Matchers.h"

#include <cstring>

using namespace mlir;
using namespace mlir::lowbit;

template <typename T>
std::optional<SmallVector<T>>
lowbit::readChannels(Value value, ContractOp op, const ContractionLoops &loops,
                     ArrayRef<LinearOperand> operands) {
  int64_t lanes = loops.sizes[loops.lane];
  Attribute constant;
  if (matchPattern(value, m_Constant(&constant))) {
    if constexpr (std::is_same_v<T, float>) {
      if (auto number = dyn_cast<FloatAttr>(constant))
        return SmallVector<T>(lanes, number.getValue().convertToFloat());
    } else if (auto number = dyn_cast<IntegerAttr>(constant)) {
      return SmallVector<T>(lanes, number.getInt());
    }
    return std::nullopt;
  }
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != &op.getEpilogue().front() ||
      argument.getArgNumber() == 0)
    return std::nullopt;
  unsigned position = argument.getArgNumber() + 1;
  const LinearOperand &operand = operands[position];
  for (auto [loop, stride] : llvm::enumerate(operand.strides))
    if (loop != loops.lane && stride != 0 && loops.sizes[loop] != 1)
      return std::nullopt;
  auto getGlobal =
      op.getMappedOperands()[position].getDefiningOp<memref::GetGlobalOp>();
  auto global = getGlobal
                    ? SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
                          op, getGlobal.getNameAttr())
                    : nullptr;
  auto elements =
      global && global.getConstant()
          ? dyn_cast_if_present<ElementsAttr>(global.getInitialValueAttr())
          : ElementsAttr();
  std::optional<SmallVector<T>> values =
      elements ? readElements<T>(elements) : std::nullopt;
  if (!values)
    return std::nullopt;
  SmallVector<T> result;
  for (int64_t lane = 0; lane < lanes; ++lane)
    result.push_back(
        (*values)[operand.offset + lane * operand.strides[loops.lane]]);
  return result;
}

template std::optional<SmallVector<int32_t>>
lowbit::readChannels<int32_t>(Value, ContractOp, const ContractionLoops &,
                              ArrayRef<LinearOperand>);
template std::optional<SmallVector<float>>
lowbit::readChannels<float>(Value, ContractOp, const ContractionLoops &,
                            ArrayRef<LinearOperand>);

std::optional<SmallVector<SumRange>>
lowbit::findSumRanges(ContractOp op, const ContractionLoops &loops,
                      const LinearOperand &rhs, memref::GlobalOp weights) {
  bool splat = false, isSigned = isSignedStorage(op.getFormat(1));
  ArrayRef<char> bytes = getGlobalBytes(weights, splat);
  unsigned width = rhs.elementType.getIntOrFloatBitWidth();
  if (bytes.empty() || (width != 8 && width != 16))
    return std::nullopt;
  auto read = [&](int64_t index) -> int64_t {
    index = splat ? 0 : index;
    if (width == 8)
      return isSigned ? int64_t(static_cast<int8_t>(bytes[index]))
                      : int64_t(static_cast<uint8_t>(bytes[index]));
    int16_t word;
    std::memcpy(&word, bytes.data() + 2 * index, sizeof(word));
    return isSigned ? int64_t(word) : int64_t(static_cast<uint16_t>(word));
  };
  std::pair<int64_t, int64_t> codes = getStorageRange(op.getFormat(0));
  SmallVector<SumRange> ranges(loops.sizes[loops.lane]);
  walkLoops(loops, loops.batch, rhs.strides, 0, [&](int64_t batch) {
    for (auto [lane, range] : llvm::enumerate(ranges)) {
      SumRange sum;
      walkLoops(loops, loops.reduction, rhs.strides,
                batch + lane * rhs.strides[loops.lane],
                [&](int64_t index) { sum.add(read(index), codes); });
      range.join(sum);
    }
  });
  return ranges;
}

template <typename T>
LinearOperand lowbit::createChannels(OpBuilder &builder, ContractOp op,
                                     const ContractionLoops &loops,
                                     memref::GlobalOp original,
                                     StringRef suffix, ArrayRef<T> values) {
  LinearOperand operand;
  operand.elementType = std::is_same_v<T, float> ? Type(builder.getF32Type())
                                                 : Type(builder.getI32Type());
  operand.format = operand.elementType;
  operand.strides.assign(op.getNumLoops(), 0);
  operand.strides[loops.lane] = 1;
  memref::GlobalOp global =
      createPackedGlobal(builder, original, suffix,
                         ArrayRef(reinterpret_cast<const char *>(values.data()),
                                  values.size() * sizeof(T)),
                         operand.elementType);
  operand.flat = memref::GetGlobalOp::create(
      builder, op.getLoc(), global.getType(), global.getSymName());
  return operand;
}

template LinearOperand lowbit::createChannels<int32_t>(OpBuilder &, ContractOp,
                                                       const ContractionLoops &,
                                                       memref::GlobalOp,
                                                       StringRef,
                                                       ArrayRef<int32_t>);
template LinearOperand
lowbit::createChannels<float>(OpBuilder &, ContractOp, const ContractionLoops &,
                              memref::GlobalOp, StringRef, ArrayRef<float>);
