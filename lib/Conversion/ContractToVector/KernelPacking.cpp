//===- KernelPacking.cpp - How the weights of a kernel lie ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Weights that only this kernel reads are packed as suits its primitive best. Those
// that several programs share lie as all of them can read them: every program knows
// the rows of the others, and so comes to the same panels.

#include "KernelBuilder.h"

using namespace mlir;
using namespace mlir::lowbit;

/// True if `row` takes numbers of weights where it reads lhs otherwise.
bool KernelBuilder::exchangesOperands(const Primitive &row) {
  return row.mayExchange() && isSignedStorage(op.getFormat(0));
}

/// True if bytes of lhs are not of the kind that `row` reads.
bool KernelBuilder::shiftsCodes(const Primitive &row) {
  return row.kind == LaneKind::Columns && row.readsBytes() &&
         isSignedStorage(op.getFormat(0)) != row.isLhsSigned &&
         !exchangesOperands(row);
}

/// Adds the operand that makes sums of shifted codes those of the codes.
LogicalResult KernelBuilder::addCorrection() {
  auto correction = sumWeights(builder, op, loops, operands[1],
                               isSignedStorage(op.getFormat(0)) ? -128 : 128);
  if (!correction)
    return failure();
  operands.insert(operands.end() - 1, std::move(*correction));
  return success();
}

std::optional<int64_t> KernelBuilder::countNumberSteps() {
  memref::GlobalOp global = getConstantGlobal(op, operands[1]);
  return global ? lowbit::countNumberSteps(global.getInitialValueAttr(),
                                           getStorageRange(op.getFormat(0)))
                : std::nullopt;
}

/// How many steps `row` adds up in 16 bits; 1 if it does not.
int64_t KernelBuilder::countPartialSteps(const Primitive &row) {
  if (!row.emitPartial)
    return 1;
  if (row.partialSteps != 0)
    return row.partialSteps;
  if (exchangesOperands(row))
    return countNumberSteps().value_or(1);
  return findPartialSteps(op, loops, operands[1], run, row, 64);
}

/// Which numbers `row` can unpack.
WeightNumbers KernelBuilder::findNumbers(const SharingRow &row) {
  if (expandsVectors())
    return {};
  if (row.primitive->looksUpVectors) {
    WeightNumbers codes;
    codes.bits = 4;
    for (int16_t i = 0; i < WeightVectors::numEntries; ++i)
      codes.values.push_back(i);
    return codes;
  }
  if (row.primitive->looksUpSums) {
    memref::GlobalOp global = getConstantGlobal(op, operands[1]);
    return global ? findTwoValues(global.getInitialValueAttr())
                  : WeightNumbers();
  }
  // Shifted codes are no zeros behind the last term, and numbers have none to meet
  // them.
  if (shiftsCodes(*row.primitive) && run.length % row.primitive->products != 0)
    return {};
  return findWeightNumbers(op, operands[1], *row.primitive);
}

/// Chooses the tile, and to what weights are packed.
PackingPlan KernelBuilder::choosePacking() {
  SharingRow own{&primitive, countPartialSteps(primitive)};
  SmallVector<SharingRow> rows;
  if (auto names = op->getAttrOfType<ArrayAttr>(kSharingAttr))
    for (auto name : names.getAsRange<StringAttr>()) {
      const Primitive *row = lookupPrimitive(name, op.getContext());
      rows.push_back({row, countPartialSteps(*row)});
    }
  WeightNumbers codes = findNumbers(own);
  // Programs that share weights agree on their bits.
  if (rows.size() > 1)
    for (const SharingRow &row : rows) {
      WeightNumbers numbers = findNumbers(row);
      if (!numbers.isPacked()) {
        codes = {};
        break;
      }
      if (codes.bits < numbers.bits)
        codes = numbers;
    }
  auto expandsFor = [&](const WeightNumbers &numbers) {
    return rows.size() <= 1 &&
           expandsPanels(numbers, own.partialSteps >= numbers.countSteps());
  };
  expands = expandsFor(codes);
  // What several shuffles look up takes longer than reading it: it is for so many rows
  // that it is a small part.
  constexpr int64_t perShuffle = 16, rowsOfShuffle = 6;
  int64_t shuffles = llvm::divideCeil(codes.values.size(), perShuffle);
  if (shuffles > 1 && (!expands || numRows < shuffles * rowsOfShuffle)) {
    codes = {};
    expands = expandsFor(codes);
  }
  // Steps of weights that are not unpacked are written out.
  auto limit = [&](SharingRow &row) {
    if (!codes.isPacked())
      row.partialSteps = std::min<int64_t>(row.partialSteps, 8);
  };
  limit(own);
  llvm::for_each(rows, limit);
  // Nothing can be taken from weights that others read, too, and nothing moves from one
  // group to another.
  std::optional<PartialLimit> partial;
  if (primitive.asksWeights() && !codes.isPacked() && rows.size() < 2 &&
      run.numGroups == 0 && !expandsVectors())
    partial = choosePartialLimit(op, loops, operands[1], run, primitive, 8);
  partialSteps = partial ? partial->chunk : own.partialSteps;
  auto addsWhole = [](const SharingRow &row) {
    return row.primitive->kind == LaneKind::Columns &&
           row.primitive->product == Product::Multiply &&
           !row.primitive->emitPartial;
  };
  endsEarly = addsWhole(own) && llvm::all_of(rows, addsWhole) &&
              !codes.isPacked() && !expandsVectors() &&
              run.length >= primitive.products;
  int64_t lanes = loops.sizes[loops.lane];
  bool hasGroups = run.numGroups != 0;
  fill = getSharedLanes(rows.empty() ? ArrayRef(own) : ArrayRef(rows));
  // Sums of groups take as many registers wherever weights are unpacked.
  bool unpacks = codes.isPacked() && (!expands || hasGroups);
  tile = rows.size() > 1
             ? chooseSharedTile(rows, own, numRows, lanes, unpacks, hasGroups)
             : chooseTile(primitive, numRows, lanes, partialSteps, unpacks,
                          hasGroups,
                          expands && !unpacks ? countWideVectors(codes)
                                              : std::nullopt);
  if (primitive.looksUpSums) // two sums each, and four rows of the table
    tile = {1, std::min<int64_t>(llvm::divideCeil(lanes, primitive.lanes), 4)};
  addsLeastAtOnce = startsFromLeast(codes);
  return {tile, fill, std::move(codes), endsEarly, partial, {}};
}
