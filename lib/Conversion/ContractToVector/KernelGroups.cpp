//===- KernelGroups.cpp - Scales for groups of terms ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where the epilogue has operands for each group of terms: the loops over groups, and
// how these operands lie.

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The constant global that `operand` reads from its start, or null.
static memref::GlobalOp getConstantSource(ContractOp op,
                                          const LinearOperand &operand) {
  Value source = operand.flat;
  if (auto view = source.getDefiningOp<memref::ReinterpretCastOp>())
    source = view.getSource();
  return getConstantGlobal(op, source, operand.offset);
}

static int32_t readWord(ArrayRef<char> words, size_t at) {
  int32_t word;
  std::memcpy(&word, words.data() + at, sizeof(word));
  return word;
}

/// Half of each i32 in `words`; nothing if one does not fit.
static std::optional<SmallVector<char>> narrowToHalves(ArrayRef<char> words) {
  SmallVector<char> halves;
  for (size_t at = 0; at < words.size(); at += sizeof(int32_t)) {
    int32_t word = readWord(words, at);
    auto half = static_cast<int16_t>(word);
    if (half != word)
      return std::nullopt;
    const char *bytes = reinterpret_cast<const char *>(&half);
    halves.append(bytes, bytes + sizeof(half));
  }
  return halves;
}

/// Looks for `f32(sum - zero * weights)`, of a zero point of a row and what the weights of
/// a group add up to. In f32 a multiply-add comes to the same: all three numbers are exact
/// there, and it rounds once, as the conversion does.
void KernelBuilder::planFloatZeros() {
  constexpr int64_t exact = int64_t(1) << 24;
  if (run.numGroups == 0 || numRows == 1 || op->hasAttr(kSharingAttr) ||
      !op->hasAttr(kFmaAttr) || !op->hasAttr(kZeroCodesAttr) ||
      primitive.isFloat || primitive.product != Product::Multiply ||
      shiftsCodes(primitive))
    return;
  Block &body = op.getEpilogue().front();
  Value sum = body.getArgument(0);
  if (!sum.hasOneUse())
    return;
  auto difference = dyn_cast<arith::SubIOp>(*sum.user_begin());
  if (!difference || difference.getLhs() != sum || !difference->hasOneUse())
    return;
  auto real = dyn_cast<arith::SIToFPOp>(*difference->user_begin());
  auto product = difference.getRhs().getDefiningOp<arith::MulIOp>();
  if (!real || !real.getType().isF32() || !product || !product->hasOneUse())
    return;
  auto zeroPoint = dyn_cast<BlockArgument>(product.getLhs());
  auto weightSum = dyn_cast<BlockArgument>(product.getRhs());
  if (!zeroPoint || !weightSum || !zeroPoint.hasOneUse() ||
      !weightSum.hasOneUse())
    return;
  auto getMost = [&](unsigned operand) {
    auto [low, high] = getStorageRange(op.getFormat(operand));
    return std::max(-low, high);
  };
  int64_t mostSum = run.length * getMost(1);
  const LinearOperand &added = operands[weightSum.getArgNumber() + 1];
  memref::GlobalOp global = getConstantSource(op, added);
  bool isSplat = false;
  ArrayRef<char> words =
      global ? getGlobalBytes(global, isSplat) : ArrayRef<char>();
  if (words.empty() || !added.elementType.isInteger(32) ||
      mostSum * getMost(0) > exact)
    return;
  for (size_t at = 0; at < words.size(); at += sizeof(int32_t))
    if (std::abs(int64_t(readWord(words, at))) > mostSum)
      return;
  floatZeros = {product, difference, real, zeroPoint.getArgNumber(),
                weightSum.getArgNumber()};
}

/// The same by a multiply-add.
Value KernelBuilder::subtractInFloat(ArrayRef<Value> arguments) {
  auto type = VectorType::get({primitive.lanes}, builder.getF32Type());
  auto convert = [&](Value value) -> Value {
    return value.getType() == type
               ? value
               : arith::SIToFPOp::create(builder, loc, type, value).getResult();
  };
  Value zeroPoint = convert(arguments[floatZeros->zeroPoint]);
  return math::FmaOp::create(
      builder, loc, arith::NegFOp::create(builder, loc, zeroPoint),
      convert(arguments[floatZeros->weightSum]), convert(arguments[0]));
}

/// Floats of the i32 in `words`.
static SmallVector<char> convertToFloats(ArrayRef<char> words) {
  SmallVector<char> floats(words);
  for (size_t at = 0; at < words.size(); at += sizeof(int32_t)) {
    auto real = static_cast<float>(readWord(words, at));
    std::memcpy(floats.data() + at, &real, sizeof(real));
  }
  return floats;
}

/// Lays an operand that is constant for each lane and group out as weights lie, so that
/// both are read from front to back: [panel][groups][lane]. Integers that fit in 16 bits
/// take no more.
void KernelBuilder::packGroupOperand(LinearOperand &operand, bool asFloats) {
  ArrayRef<unsigned> groups = ArrayRef(run.outer).take_front(run.numGroups);
  for (auto [loop, stride] : llvm::enumerate(operand.strides))
    if (stride != 0 && loop != loops.lane && !llvm::is_contained(groups, loop))
      return;
  auto varies = [&](unsigned loop) { return operand.strides[loop] != 0; };
  memref::GlobalOp global = getConstantSource(op, operand);
  if (!global || !varies(loops.lane) || llvm::none_of(groups, varies))
    return;
  bool isSplat = false;
  ArrayRef<char> source = getGlobalBytes(global, isSplat);
  if (source.empty() || isSplat)
    return;

  int64_t lanes = loops.sizes[loops.lane];
  int64_t width = tile.vectors * primitive.lanes;
  size_t size = operand.elementType.getIntOrFloatBitWidth() / 8;
  SmallVector<char> packed;
  for (int64_t panel = 0; panel < lanes; panel += width)
    walkLoops(loops, groups, operand.strides, 0, [&](int64_t offset) {
      for (int64_t lane = panel; lane < panel + width; ++lane) {
        int64_t at = offset + lane * operand.strides[loops.lane];
        if (lane < lanes)
          llvm::append_range(packed, source.slice(at * size, size));
        else
          packed.append(size, 0);
      }
    });
  if (asFloats) {
    packed = convertToFloats(packed);
    operand.elementType = operand.format = builder.getF32Type();
  } else if (operand.elementType.isInteger(32))
    if (std::optional<SmallVector<char>> halves = narrowToHalves(packed)) {
      packed = std::move(*halves);
      operand.elementType = operand.format = builder.getIntegerType(16);
    }

  Operation *view = operand.flat.getDefiningOp();
  memref::GlobalOp made = createPackedGlobal(builder, global, "_panels", packed,
                                             operand.elementType);
  operand.flat = memref::GetGlobalOp::create(builder, loc, made.getType(),
                                             made.getSymName());
  view->erase();
  operand.strides.assign(operand.strides.size(), 0);
  int64_t stride = width;
  for (unsigned loop : llvm::reverse(groups)) {
    operand.strides[loop] = stride;
    stride *= loops.sizes[loop];
  }
  operand.strides[loops.lane] = 1;
  operand.panelStride = stride / width;
}

void KernelBuilder::packGroupOperands() {
  planFloatZeros();
  // Programs that share weights have panels of their own.
  if (run.numGroups == 0 || op->hasAttr(kSharingAttr))
    return;
  for (unsigned i = 2; i < 2 + getNumAdded(); ++i)
    packGroupOperand(operands[i], floatZeros && floatZeros->weightSum == i - 1);
}

/// Adds each group's sums, which go through the epilogue, to `sums`, of floats. What
/// `rows` says of lhs is in `lhs`.
KernelBuilder::Accumulators
KernelBuilder::reduceGroups(const Panel &panel, ArrayRef<Index> lhs,
                            ArrayRef<SmallVector<Index>> rows, const Index &rhs,
                            ArrayRef<Value> uniform, unsigned depth,
                            Accumulators sums) {
  if (depth == run.numGroups) {
    prefetchWeights(rhs, panel.outerStride);
    Accumulators group =
        reduce(panel, lhs, rhs, depth, Index(), createZeros(panel));
    finish(panel, rows, group, uniform, [&](size_t i, Value value) {
      sums[i] = arith::AddFOp::create(builder, loc, sums[i], value);
    });
    return sums;
  }
  unsigned loop = run.outer[depth];
  int64_t rhsStride = getRhsStride(panel, depth);
  Accumulators results;
  buildFor(
      loops.sizes[loop], sums,
      [&](Value iv, ValueRange carried) {
        SmallVector<Index> moved;
        for (const Index &row : lhs)
          moved.push_back(row.plus(iv, operands[0].strides[loop]));
        SmallVector<SmallVector<Index>> movedRows(rows);
        for (SmallVector<Index> &row : movedRows)
          for (auto [index, operand] : llvm::zip(row, operands))
            index = index.plus(iv, operand.strides[loop]);
        return reduceGroups(panel, moved, movedRows, rhs.plus(iv, rhsStride),
                            uniform, depth + 1, Accumulators(carried));
      },
      results);
  return results;
}
