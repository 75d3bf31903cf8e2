//===- PackedTable.cpp - Sums of products of packed codes -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Conversion/PackedTable.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The sum of the products of the codes in `lhs` and in `rhs`, a nibble.
static int64_t addProducts(unsigned lhs, unsigned rhs,
                           ArrayRef<int64_t> lhsValues,
                           ArrayRef<int64_t> rhsValues) {
  unsigned lhsBits = llvm::Log2_64(lhsValues.size());
  unsigned rhsBits = llvm::Log2_64(rhsValues.size());
  int64_t sum = 0;
  for (unsigned bit = 0; bit < 4; bit += rhsBits) {
    sum += lhsValues[lhs % lhsValues.size()] *
           rhsValues[(rhs >> bit) % rhsValues.size()];
    lhs >>= lhsBits;
  }
  return sum;
}

PackedTable PackedTable::build(Product product, ArrayRef<int64_t> lhsValues,
                               ArrayRef<int64_t> rhsValues) {
  PackedTable table;
  constexpr int64_t bit[] = {0, 1};
  if (product != Product::MultiplyPacked)
    lhsValues = rhsValues = bit;
  bool differ = product == Product::XorPopcount;
  if (lhsValues.size() > rhsValues.size())
    table.nibbles = 1;
  SmallVector<int64_t> sums;
  for (unsigned byte = 0; byte < 256; ++byte)
    for (int64_t part = 0; part < table.nibbles; ++part)
      for (unsigned weights = 0; weights < 16; ++weights) {
        unsigned codes = byte >> (4 * part);
        sums.push_back(differ
                           ? llvm::popcount((codes & 15) ^ weights)
                           : addProducts(codes, weights, lhsValues, rhsValues));
      }
  table.least = *llvm::min_element(sums);
  table.most = *llvm::max_element(sums);
  for (int64_t sum : sums)
    table.sums.push_back(sum - table.least);
  return table;
}

/// In each of `pairs`, words of twice the width of their parts, the upper part moved
/// down to bit `bits`.
static Value joinPairs(OpBuilder &builder, Location loc, Value parts,
                       unsigned bits) {
  auto type = cast<VectorType>(parts.getType());
  auto wide =
      VectorType::get({type.getNumElements() / 2}, builder.getI16Type());
  Value pairs = vector::BitCastOp::create(builder, loc, wide, parts);
  Value shift = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(wide, builder.getI16IntegerAttr(8 - bits)));
  Value moved = arith::ShRUIOp::create(builder, loc, pairs, shift);
  pairs = arith::OrIOp::create(builder, loc, pairs, moved);
  return arith::TruncIOp::create(builder, loc, wide.clone(builder.getI8Type()),
                                 pairs);
}

Value lowbit::packCodes(OpBuilder &builder, Location loc, Value codes,
                        unsigned bits) {
  auto type = cast<VectorType>(codes.getType());
  int64_t count = type.getNumElements();
  if (bits == 1) { // codes are 0 or 1
    Value zero =
        arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    Value ones = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne,
                                       codes, zero);
    return vector::BitCastOp::create(
        builder, loc, VectorType::get({count / 8}, builder.getI8Type()), ones);
  }
  auto bytes = type.clone(builder.getI8Type());
  if (type != bytes)
    codes = arith::TruncIOp::create(builder, loc, bytes, codes);
  Value mask = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(cast<VectorType>(bytes),
                             builder.getI8IntegerAttr((1 << bits) - 1)));
  codes = arith::AndIOp::create(builder, loc, codes, mask);
  for (; bits < 8; bits *= 2)
    codes = joinPairs(builder, loc, codes, bits);
  return codes;
}
