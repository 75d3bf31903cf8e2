//===- Primitives.cpp - The table of multiply-accumulate primitives -===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Conversion/Primitive.h"

#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// vpmaddwd: sixteen 16-bit products, added in pairs. Exact for all operands
/// but two pairs of -32768, which 8-bit codes never reach.
static Value emitPmaddwd(OpBuilder &builder, Location loc, Value acc, Value lhs,
                         Value rhs) {
  auto call = LLVM::CallIntrinsicOp::create(
      builder, loc, acc.getType(),
      builder.getStringAttr("llvm.x86.avx2.pmadd.wd"), ValueRange{lhs, rhs});
  return arith::AddIOp::create(builder, loc, acc, call.getResult(0));
}

/// vpmaddubsw: 32 products of an unsigned and a signed byte, added in pairs to
/// 16 bits. It saturates, so that it is for sums that are proven to fit.
static Value emitPmaddubsw(OpBuilder &builder, Location loc, Value partial,
                           Value lhs, Value rhs) {
  auto words = VectorType::get({16}, builder.getI16Type());
  Value sums = LLVM::CallIntrinsicOp::create(
                   builder, loc, words,
                   builder.getStringAttr("llvm.x86.avx2.pmadd.ub.sw"),
                   ValueRange{lhs, rhs})
                   .getResult(0);
  return partial ? arith::AddIOp::create(builder, loc, partial, sums) : sums;
}

/// Pairs of 16-bit sums, added to 32 bits.
static Value widenPairs(OpBuilder &builder, Location loc, Value acc,
                        Value partial) {
  Value ones = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(cast<VectorType>(partial.getType()),
                             builder.getI16IntegerAttr(1)));
  return emitPmaddwd(builder, loc, acc, partial, ones);
}

/// The same as vpmaddwd in terms that any target can vectorize.
static Value emitDot2(OpBuilder &builder, Location loc, Value acc, Value lhs,
                      Value rhs) {
  auto type = cast<VectorType>(lhs.getType()).clone(builder.getI32Type());
  Value product = arith::MulIOp::create(
      builder, loc, arith::ExtSIOp::create(builder, loc, type, lhs),
      arith::ExtSIOp::create(builder, loc, type, rhs));
  auto halves = vector::DeinterleaveOp::create(builder, loc, product);
  Value sum =
      arith::AddIOp::create(builder, loc, halves.getRes1(), halves.getRes2());
  return arith::AddIOp::create(builder, loc, acc, sum);
}

static Value emitMulAdd(OpBuilder &builder, Location loc, Value acc, Value lhs,
                        Value rhs) {
  Value product = arith::MulIOp::create(builder, loc, lhs, rhs);
  return arith::AddIOp::create(builder, loc, acc, product);
}

/// An explicit fused multiply-add: f32 sums are chains of them. (vector.fma
/// becomes llvm.intr.fmuladd, which need not fuse.)
static Value emitFma(OpBuilder &builder, Location loc, Value acc, Value lhs,
                     Value rhs) {
  return math::FmaOp::create(builder, loc, lhs, rhs, acc);
}

ArrayRef<Primitive> lowbit::getPrimitives() {
  static constexpr Primitive table[] = {
      {"avx2.pmaddubsw", LaneKind::Columns, 4, 8, 8, 8, false, "avx2", nullptr,
       8, emitPmaddubsw, widenPairs},
      {"avx2.pmaddwd", LaneKind::Columns, 2, 8, 16, 8, false, "avx2",
       emitPmaddwd, 16},
      {"generic.dot2", LaneKind::Columns, 2, 8, 16, 8, false, "", emitDot2, 16},
      {"avx2.pmaddwd.words", LaneKind::Columns, 2, 8, 16, 16, false, "avx2",
       emitPmaddwd, 16},
      {"generic.dot2.words", LaneKind::Columns, 2, 8, 16, 16, false, "",
       emitDot2, 16},
      {"generic.mul", LaneKind::Channels, 1, 8, 8, 8, false, "", emitMulAdd,
       32},
      {"generic.mul.words", LaneKind::Channels, 1, 8, 8, 16, false, "",
       emitMulAdd, 32},
      {"generic.fma", LaneKind::Columns, 1, 8, 32, 32, true, "", emitFma, 32},
      {"generic.fma.channels", LaneKind::Channels, 1, 8, 32, 32, true, "",
       emitFma, 32},
  };
  return table;
}

const Primitive *lowbit::lookupPrimitive(StringRef name) {
  for (const Primitive &primitive : getPrimitives())
    if (primitive.name == name)
      return &primitive;
  return nullptr;
}

/// True if any two products add up in 16 bits: unsigned codes times constant
/// weights that are small enough.
static bool fitsPairs(ContractOp op) {
  auto constant = op.getRhs().getDefiningOp<arith::ConstantOp>();
  auto elements =
      constant ? dyn_cast<ElementsAttr>(constant.getValue()) : ElementsAttr();
  if (!elements || isSignedStorage(op.getFormat(0)) ||
      !isSignedStorage(op.getFormat(1)))
    return false;
  std::optional<SmallVector<int8_t>> weights = readElements<int8_t>(elements);
  if (!weights)
    return false;
  int64_t most = 0;
  for (int64_t weight : *weights)
    most = std::max(most, std::abs(weight));
  return 2 * most * getStorageRange(op.getFormat(0)).second <=
         std::numeric_limits<int16_t>::max();
}

const Primitive *lowbit::selectPrimitive(ContractOp op,
                                         const ContractionLoops &loops,
                                         ArrayRef<StringRef> features) {
  for (const Primitive &primitive : getPrimitives()) {
    if (primitive.kind != loops.kind ||
        primitive.isFloat != op.getAccumulatorType().isF32())
      continue;
    if (!primitive.feature.empty() &&
        !llvm::is_contained(features, primitive.feature))
      continue;
    // Integer rows take codes of up to 8 bits on the left, and on the right
    // such as fill the words that they read.
    auto width = [&](unsigned operand) {
      return getWordType(op.getFormat(operand)).getIntOrFloatBitWidth();
    };
    if (primitive.isFloat)
      return &primitive;
    // Words that are wider already stay so.
    if (getElementTypeOrSelf(op.getLhs().getType()).getIntOrFloatBitWidth() >
            primitive.lhsWidth &&
        primitive.kind == LaneKind::Columns)
      continue;
    if (primitive.emitPartial && !fitsPairs(op))
      continue;
    if (width(0) <= 8 && width(1) == primitive.rhsWidth &&
        (width(1) <= 8 || isSignedStorage(op.getFormat(1))))
      return &primitive;
  }
  return nullptr;
}
