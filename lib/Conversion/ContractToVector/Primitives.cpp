//===- Primitives.cpp - The table of multiply-accumulate primitives -===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PrimitiveTables.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

/// vpmaddwd: 16-bit products, added in pairs. Exact for all operands but two
/// pairs of -32768, which 8-bit codes never reach.
static Value emitPmaddwd(OpBuilder &builder, Location loc, Value acc, Value lhs,
                         Value rhs) {
  bool wide = cast<VectorType>(acc.getType()).getNumElements() == 16;
  Value sums = callIntrinsic(builder, loc, acc.getType(),
                             wide ? "llvm.x86.avx512.pmaddw.d.512"
                                  : "llvm.x86.avx2.pmadd.wd",
                             {lhs, rhs});
  return arith::AddIOp::create(builder, loc, acc, sums);
}

/// Pairs of bytes, of which `emitPair` adds up the even ones, then the odd ones, as
/// words: for weights that are packed by four bytes.
static Value emitByteQuads(OpBuilder &builder, Location loc, Value acc,
                           Value lhs, Value rhs,
                           function_ref<Value(Value, Value, Value)> emitPair) {
  auto bytes = cast<VectorType>(lhs.getType());
  auto words =
      VectorType::get({bytes.getNumElements() / 2}, builder.getI16Type());
  auto splat = [&](int16_t value) -> Value {
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(words, builder.getI16IntegerAttr(value)));
  };
  Value codes = vector::BitCastOp::create(builder, loc, words, lhs);
  Value weights = vector::BitCastOp::create(builder, loc, words, rhs);
  Value eight = splat(8);
  Value low = arith::ShLIOp::create(builder, loc, weights, eight);
  acc = emitPair(acc, arith::AndIOp::create(builder, loc, codes, splat(0xff)),
                 arith::ShRSIOp::create(builder, loc, low, eight));
  return emitPair(acc, arith::ShRUIOp::create(builder, loc, codes, eight),
                  arith::ShRSIOp::create(builder, loc, weights, eight));
}

/// Two vpmaddwd of unsigned and signed bytes. Exact for all operands.
static Value emitPmaddwdBytes(OpBuilder &builder, Location loc, Value acc,
                              Value lhs, Value rhs) {
  return emitByteQuads(builder, loc, acc, lhs, rhs,
                       [&](Value sums, Value codes, Value weights) {
                         return emitPmaddwd(builder, loc, sums, codes, weights);
                       });
}

/// vpdpbusd: products of an unsigned and a signed byte, four added to 32 bits.
/// Nothing saturates: exact for all operands.
static Value emitVpdpbusd(OpBuilder &builder, Location loc, Value acc,
                          Value lhs, Value rhs) {
  bool wide = cast<VectorType>(acc.getType()).getNumElements() == 16;
  return callIntrinsic(builder, loc, acc.getType(),
                       wide ? "llvm.x86.avx512.vpdpbusd.512"
                            : "llvm.x86.avx512.vpdpbusd.256",
                       {acc, lhs, rhs});
}

/// vpdpbssd: the same of two signed bytes.
static Value emitVpdpbssd(OpBuilder &builder, Location loc, Value acc,
                          Value lhs, Value rhs) {
  return callIntrinsic(builder, loc, acc.getType(),
                       "llvm.x86.avx2.vpdpbssd.256", {acc, lhs, rhs});
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

/// vpmaddubsw: 32 products of an unsigned and a signed byte, added in pairs to
/// 16 bits. It saturates, so that it is for sums that are made to fit.
static Value emitPmaddubsw(OpBuilder &builder, Location loc, Value partial,
                           Value lhs, Value rhs) {
  auto words = VectorType::get({16}, builder.getI16Type());
  Value sums = callIntrinsic(builder, loc, words, "llvm.x86.avx2.pmadd.ub.sw",
                             {lhs, rhs});
  return partial ? arith::AddIOp::create(builder, loc, partial, sums) : sums;
}

/// Two signed bytes, by absolute values of codes and weights with the codes' signs:
/// pairs are of at most 2 * 128 * 127, which 16 bits hold.
static Value emitPsignb(OpBuilder &builder, Location loc, Value acc, Value lhs,
                        Value rhs) {
  Value signedWeights = callIntrinsic(builder, loc, rhs.getType(),
                                      "llvm.x86.avx2.psign.b", {rhs, lhs});
  Value codes = math::AbsIOp::create(builder, loc, lhs);
  Value pairs = emitPmaddubsw(builder, loc, nullptr, codes, signedWeights);
  return widenPairs(builder, loc, acc, pairs);
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

/// The same as two vpmaddwd.
static Value emitDot4(OpBuilder &builder, Location loc, Value acc, Value lhs,
                      Value rhs) {
  return emitByteQuads(builder, loc, acc, lhs, rhs,
                       [&](Value sums, Value codes, Value weights) {
                         return emitDot2(builder, loc, sums, codes, weights);
                       });
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

/// vpopcntd: the bits of four bytes.
template <Product product>
static Value emitPopcount(OpBuilder &builder, Location loc, Value acc,
                          Value lhs, Value rhs) {
  Value bits = combineBits(builder, loc, product, lhs, rhs);
  Value words = vector::BitCastOp::create(builder, loc, acc.getType(), bits);
  return arith::AddIOp::create(builder, loc, acc,
                               math::CtPopOp::create(builder, loc, words));
}

/// Four unsigned bytes, added to 32 bits.
static Value widenBytes(OpBuilder &builder, Location loc, Value acc,
                        Value partial) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(cast<VectorType>(acc.getType()),
                               builder.getI32IntegerAttr(value)));
  };
  Value sum = vector::BitCastOp::create(builder, loc, acc.getType(), partial);
  for (auto [shift, mask] : {std::pair(8, 0x00ff00ff), {16, 0x0000ffff}}) {
    Value high = arith::ShRUIOp::create(builder, loc, sum, constant(shift));
    high = arith::AndIOp::create(builder, loc, high, constant(mask));
    Value low = arith::AndIOp::create(builder, loc, sum, constant(mask));
    sum = arith::AddIOp::create(builder, loc, low, high);
  }
  return arith::AddIOp::create(builder, loc, acc, sum);
}

/// `row`, which negates weights where codes are negative.
static constexpr Primitive negatesWeights(Primitive row) {
  row.negatesWeights = true;
  return row;
}

/// `row`, which looks up sums of activations.
static constexpr Primitive looksUpSums(Primitive row) {
  row.looksUpSums = true;
  return row;
}

/// `row`, which looks up inner products of activations with vectors.
static constexpr Primitive looksUpVectors(Primitive row) {
  row.looksUpVectors = true;
  return looksUpSums(row);
}

/// `row`, whose widening of single steps takes this share of its cycles.
static constexpr Primitive widens(double share, Primitive row) {
  row.widening = share;
  return row;
}

static ArrayRef<Primitive> getBuiltinPrimitives() {
  constexpr LaneKind columns = LaneKind::Columns, channels = LaneKind::Channels;
  constexpr Product xors = Product::XorPopcount, ands = Product::AndPopcount,
                    codes = Product::MultiplyPacked;
  // Rates are those of AVX2 on one core of an AMD EPYC (of the first rows in whole
  // products of 1024 by 1024 on Zen 4), and twice as much for vectors of twice the width.
  // clang-format off
  static constexpr Primitive table[] = {
      // name, kind, products, lanes, lhs, rhs, float, feature, registers, instructions, rate
      {"avxvnni.vpdpbusd", columns, 4, 8, 8, 8, false, "avxvnni", 16, 1, 64, emitVpdpbusd, 8},
      readsSigned({"avxvnniint8.vpdpbssd", columns, 4, 8, 8, 8, false, "avxvnniint8", 16, 1, 64,
                   emitVpdpbssd, 8}),
      {"avx512.vpdpbusd", columns, 4, 16, 8, 8, false, "avx512vnni", 32, 1, 128, emitVpdpbusd, 8},
      widens(0.36, {"avx2.pmaddubsw", columns, 4, 8, 8, 8, false, "avx2", 16, 3, 30, nullptr, 8,
                    emitPmaddubsw, widenPairs}),
      negatesWeights(readsSigned(
          {"avx2.psignb", columns, 4, 8, 8, 8, false, "avx2", 16, 4, 17.6, emitPsignb, 8})),
      {"avx2.pmaddwd", columns, 2, 8, 16, 8, false, "avx2", 16, 2, 22.2, emitPmaddwd, 16},
      {"avx512.pmaddwd", columns, 2, 16, 16, 8, false, "avx512bw", 32, 2, 44.4, emitPmaddwd, 16},
      // By fours, or one by one, for weights that others read so.
      {"avx2.pmaddwd.bytes", columns, 4, 8, 8, 8, false, "avx2", 16, 4, 20, emitPmaddwdBytes, 8},
      {"avx512.pmaddwd.bytes", columns, 4, 16, 8, 8, false, "avx512bw", 32, 4, 40,
       emitPmaddwdBytes, 8},
      looksUpSums({"avx2.sum_table", columns, 1, 32, 8, 8, false, "avx2", 16, 4, 58, nullptr, 8}),
      looksUpVectors({"avx2.vector_table", columns, 1, 32, 8, 8, false, "avx2", 16, 4, 29, nullptr,
                      8}),
      looksUpVectors({"avx2.vector_table.words", columns, 1, 32, 8, 16, false, "avx2", 16, 4, 29,
                      nullptr, 8}),
      // Their tables hold words of 32 bits.
      looksUpVectors({"generic.vector_table", columns, 1, 8, 8, 8, false, "", 16, 4, 1, nullptr,
                      32}),
      looksUpVectors({"generic.vector_table.words", columns, 1, 8, 8, 16, false, "", 16, 4, 1,
                      nullptr, 32}),
      {"generic.dot2", columns, 2, 8, 16, 8, false, "", 16, 6, 5, emitDot2, 16},
      {"generic.dot4", columns, 4, 8, 8, 8, false, "", 16, 12, 4, emitDot4, 8},
      {"generic.mla", columns, 1, 8, 16, 8, false, "", 16, 4, 4, emitWideningMulAdd, 16},
      {"avx2.pmaddwd.words", columns, 2, 8, 16, 16, false, "avx2", 16, 2, 22.2, emitPmaddwd, 16},
      {"avx512.pmaddwd.words", columns, 2, 16, 16, 16, false, "avx512bw", 32, 2, 44.4, emitPmaddwd,
       16},
      {"generic.dot2.words", columns, 2, 8, 16, 16, false, "", 16, 6, 5, emitDot2, 16},
      {"avx2.pmaddwd.channels", channels, 2, 8, 8, 8, false, "avx2", 16, 6, 8, emitPmaddwd, 16},
      {"avx512.pmaddwd.channels", channels, 2, 16, 8, 8, false, "avx512bw", 32, 8, 12, emitPmaddwd,
       16},
      {"avx512.xor_popcnt", columns, 4, 16, 8, 8, false, "avx512vpopcntdq", 32, 3, 38,
       emitPopcount<xors>, 8, nullptr, nullptr, xors},
      {"avx512.and_popcnt", columns, 4, 16, 8, 8, false, "avx512vpopcntdq", 32, 3, 38,
       emitPopcount<ands>, 8, nullptr, nullptr, ands},
      {"avx2.xor_table", columns, 1, 32, 8, 8, false, "avx2", 16, 4, 20, nullptr, 8, nullptr,
       nullptr, xors, 0, true},
      {"avx2.and_table", columns, 1, 32, 8, 8, false, "avx2", 16, 4, 20, nullptr, 8, nullptr,
       nullptr, ands, 0, true},
      // Codes of two bits, and signs with those of two.
      {"avx2.code_table", columns, 1, 32, 8, 8, false, "avx2", 16, 4, 17, nullptr, 8, nullptr,
       nullptr, codes, 0, true},
      {"avx2.sign_table", columns, 1, 32, 16, 8, false, "avx2", 16, 4, 15, nullptr, 8, nullptr,
       nullptr, codes, 0, true},
      {"generic.xor_popcnt", columns, 4, 8, 8, 8, false, "", 16, 8, 13, nullptr, 8,
       countBytes<xors>, widenBytes, xors, 8},
      {"generic.and_popcnt", columns, 4, 8, 8, 8, false, "", 16, 8, 13, nullptr, 8,
       countBytes<ands>, widenBytes, ands, 8},
      {"generic.mul", channels, 1, 8, 8, 8, false, "", 16, 2, 4, emitMulAdd, 32},
      {"generic.mul.words", channels, 1, 8, 8, 16, false, "", 16, 2, 4, emitMulAdd, 32},
      {"generic.fma", columns, 1, 8, 32, 32, true, "", 16, 1, 16, emitFma, 32},
      {"avx512.fma", columns, 1, 16, 32, 32, true, "avx512f", 32, 1, 32, emitFma, 32},
      {"generic.fma.channels", channels, 1, 8, 32, 32, true, "", 16, 1, 8, emitFma, 32},
      {"avx512.fma.channels", channels, 1, 16, 32, 32, true, "avx512f", 32, 1, 16, emitFma, 32},
  };
  // clang-format on
  return table;
}

SmallVector<const Primitive *> lowbit::getPrimitives(MLIRContext *context) {
  SmallVector<const Primitive *> rows;
  auto append = [&](ArrayRef<Primitive> table) {
    for (const Primitive &primitive : table)
      rows.push_back(&primitive);
  };
  append(getBuiltinPrimitives());
  append(getArmPrimitives());
  append(getRiscvPrimitives());
  append(getWebAssemblyPrimitives());
  DialectInterfaceCollection<PrimitiveDialectInterface> dialects(context);
  SmallVector<const PrimitiveDialectInterface *> sorted;
  for (const PrimitiveDialectInterface &dialect : dialects)
    sorted.push_back(&dialect);
  llvm::sort(sorted, [](auto *a, auto *b) {
    return a->getDialect()->getNamespace() < b->getDialect()->getNamespace();
  });
  for (const PrimitiveDialectInterface *dialect : sorted)
    append(dialect->getPrimitives());
  return rows;
}

bool lowbit::suitsArchitecture(const Primitive &primitive,
                               StringRef architecture) {
  if (primitive.feature.empty())
    return true;
  for (auto [name, table] : {std::pair("x86", getBuiltinPrimitives()),
                             {"aarch64", getArmPrimitives()},
                             {"riscv", getRiscvPrimitives()}})
    if (&primitive >= table.begin() && &primitive < table.end())
      return name == architecture;
  return true;
}

SmallVector<StringRef> lowbit::getPrimitiveFeatures(MLIRContext *context) {
  SmallVector<StringRef> features;
  for (const Primitive *primitive : getPrimitives(context))
    if (!primitive->feature.empty() &&
        !llvm::is_contained(features, primitive->feature))
      features.push_back(primitive->feature);
  return features;
}

const Primitive *lowbit::lookupPrimitive(StringRef name, MLIRContext *context) {
  for (const Primitive *primitive : getPrimitives(context))
    if (primitive->name == name)
      return primitive;
  return nullptr;
}
