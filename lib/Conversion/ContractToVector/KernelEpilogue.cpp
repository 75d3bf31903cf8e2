//===- KernelEpilogue.cpp - The epilogue on vectors, and stores -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::lowbit;

/// The epilogue's region on vectors of lanes. Values from outside the region
/// are the same in all lanes.
Value KernelBuilder::runEpilogue(ArrayRef<Value> arguments) {
  if (floatRescale)
    return runFloatRescale(arguments);
  Block &body = op.getEpilogue().front();
  IRMapping mapping;
  mapping.map(body.getArguments(), arguments);
  auto lanesOf = [&](Type type) {
    return VectorType::get({primitive.lanes}, type);
  };
  auto mapOutside = [&](Value value) {
    if (!mapping.contains(value))
      mapping.map(value, vector::BroadcastOp::create(
                             builder, loc, lanesOf(value.getType()), value)
                             .getResult());
  };
  for (Operation &inner : body.without_terminator()) {
    if (auto constant = dyn_cast<arith::ConstantOp>(inner)) {
      auto splat = DenseElementsAttr::get(lanesOf(constant.getType()),
                                          constant.getValue());
      mapping.map(constant.getResult(),
                  arith::ConstantOp::create(builder, loc, splat).getResult());
      continue;
    }
    if (floatZeros && &inner == floatZeros->real) {
      mapping.map(inner.getResult(0), subtractInFloat(arguments));
      continue;
    }
    if (floatZeros &&
        (&inner == floatZeros->product || &inner == floatZeros->difference))
      continue;
    llvm::for_each(inner.getOperands(), mapOutside);
    Operation *copy = builder.clone(inner, mapping);
    for (Value result : copy->getResults())
      result.setType(lanesOf(result.getType()));
  }
  Value yielded = cast<YieldOp>(body.getTerminator()).getValue();
  mapOutside(yielded);
  return mapping.lookup(yielded);
}

void KernelBuilder::storeLanes(Value value, const Index &index, int64_t valid) {
  if (op.getPacks())
    return storeBits(value, index, valid);
  const LinearOperand &result = operands.back();
  Type element = result.elementType;
  if (element.isInteger() && !element.isInteger(32))
    value = arith::TruncIOp::create(
        builder, loc, cast<VectorType>(value.getType()).clone(element), value);
  if (valid >= primitive.lanes) {
    vector::StoreOp::create(builder, loc, value, result.flat,
                            materialize(index));
    return;
  }
  walkPieces(valid, [&](int64_t first, int64_t length) {
    Value piece = vector::ExtractStridedSliceOp::create(
        builder, loc, value, ArrayRef<int64_t>{first},
        ArrayRef<int64_t>{length}, ArrayRef<int64_t>{1});
    vector::StoreOp::create(builder, loc, piece, result.flat,
                            materialize(index.plus(first)));
  });
}

/// The finished sums of one row and vector of lanes.
Value KernelBuilder::getRowSums(ArrayRef<Value> sums, const Panel &panel,
                                int64_t row, int64_t vector) {
  Value value = sums[row / primitive.rows * panel.vectors + vector];
  if (primitive.rows == 1)
    return value;
  SmallVector<int64_t> places;
  for (int64_t lane = 0; lane < primitive.lanes; ++lane)
    places.push_back(lane / 2 * 4 + row % 2 * 2 + lane % 2);
  return vector::ShuffleOp::create(builder, loc, value, value, places);
}

void KernelBuilder::finish(const Panel &panel,
                           ArrayRef<SmallVector<Index>> rows,
                           ArrayRef<Value> sums, ArrayRef<Value> uniform,
                           function_ref<void(size_t, Value)> use) {
  unsigned count = getNumAdded();
  for (auto [r, row] : llvm::enumerate(rows))
    for (int64_t v = 0; v < panel.vectors; ++v) {
      int64_t first = v * primitive.lanes, valid = panel.valid - first;
      SmallVector<Value> arguments = {getRowSums(sums, panel, r, v)};
      for (unsigned i = 0; i < count; ++i) {
        Value loaded = uniform[i * panel.vectors + v];
        int64_t stride = operands[2 + i].strides[loops.lane];
        if (!loaded)
          loaded = loadLanes(operands[2 + i], row[2 + i].plus(first * stride),
                             stride, primitive.lanes, valid);
        arguments.push_back(loaded);
      }
      if (shiftsCodes(primitive))
        arguments.front() = arith::AddIOp::create(
            builder, loc, arguments.front(), arguments.pop_back_val());
      use(r * panel.vectors + v, runEpilogue(arguments));
    }
}

/// Stores the vector at `position` among those of a tile in a panel.
void KernelBuilder::store(const Panel &panel, ArrayRef<SmallVector<Index>> rows,
                          size_t position, Value value) {
  int64_t first = position % panel.vectors * primitive.lanes;
  storeLanes(value, rows[position / panel.vectors].back().plus(first),
             panel.valid - first);
}
