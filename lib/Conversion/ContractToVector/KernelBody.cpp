//===- KernelBody.cpp - What happens in registers -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Loads, and the primitive.

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

Value KernelBuilder::constantIndex(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

/// The first of those that a trip takes, of `size` `together` at a time: the last ones
/// overlap those before.
Value KernelBuilder::getFirst(Value trip, int64_t size, int64_t together) {
  if (together == 1)
    return trip;
  Value first =
      arith::MulIOp::create(builder, loc, trip, constantIndex(together));
  if (size % together == 0)
    return first;
  return arith::MinUIOp::create(builder, loc, first,
                                constantIndex(size - together));
}

Value KernelBuilder::materialize(const Index &index) {
  Value sum;
  auto add = [&](Value term) {
    sum = sum ? arith::AddIOp::create(builder, loc, sum, term) : term;
  };
  for (auto [value, factor] : index.terms)
    add(factor == 1 ? value
                    : arith::MulIOp::create(builder, loc, value,
                                            constantIndex(factor)));
  if (!sum || index.constant != 0)
    add(constantIndex(index.constant));
  return sum;
}

/// Extends codes of `format` to integers of `width` bits.
Value KernelBuilder::extend(Value value, Type format, unsigned width) {
  Type element = getElementTypeOrSelf(value.getType());
  if (isa<FloatType>(element) || element.getIntOrFloatBitWidth() == width)
    return value;
  Type type = builder.getIntegerType(width);
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(type);
  if (isSignedStorage(format))
    return arith::ExtSIOp::create(builder, loc, type, value);
  return arith::ExtUIOp::create(builder, loc, type, value);
}

void KernelBuilder::walkPieces(int64_t valid,
                               function_ref<void(int64_t, int64_t)> body) {
  for (int64_t first = 0; first < valid;) {
    int64_t length = llvm::bit_floor(uint64_t(valid - first));
    body(first, length);
    first += length;
  }
}

/// `count` elements `stride` apart, which is not 0. Only the first `valid` are
/// read; the others are zero.
Value KernelBuilder::loadWords(const LinearOperand &operand, const Index &index,
                               int64_t stride, int64_t count, int64_t valid) {
  Type element = operand.elementType;
  auto type = VectorType::get({count}, element);
  if (stride == 1 && valid >= count)
    return vector::LoadOp::create(builder, loc, type, operand.flat,
                                  materialize(index));
  if (stride == 1) {
    Value lanes =
        arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    walkPieces(valid, [&](int64_t first, int64_t length) {
      Value piece = vector::LoadOp::create(
          builder, loc, VectorType::get({length}, element), operand.flat,
          materialize(index.plus(first)));
      lanes = vector::InsertStridedSliceOp::create(builder, loc, piece, lanes,
                                                   ArrayRef<int64_t>{first},
                                                   ArrayRef<int64_t>{1});
    });
    return lanes;
  }
  SmallVector<Value> lanes;
  for (int64_t lane = 0; lane < std::min(count, valid); ++lane)
    lanes.push_back(memref::LoadOp::create(
        builder, loc, operand.flat, materialize(index.plus(lane * stride))));
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
  lanes.resize(count, zero);
  return vector::FromElementsOp::create(builder, loc, type, lanes);
}

/// The same as i32 or f32; one element for all lanes for a stride of 0.
Value KernelBuilder::loadLanes(const LinearOperand &operand, const Index &index,
                               int64_t stride, int64_t count, int64_t valid) {
  if (stride != 0)
    return extend(loadWords(operand, index, stride, count, valid),
                  operand.format, 32);
  Value scalar = extend(
      memref::LoadOp::create(builder, loc, operand.flat, materialize(index)),
      operand.format, 32);
  return vector::BroadcastOp::create(
      builder, loc, VectorType::get({count}, scalar.getType()), scalar);
}

/// The next `products` elements of an lhs row in one integer: two i16, or four
/// or eight i8. Of the last, incomplete group of a run only `count` are read; the
/// others are zero, or those in front of them, which meet weights of zero.
Value KernelBuilder::loadGroup(const Index &index, int64_t count) {
  const LinearOperand &lhs = operands[0];
  unsigned width = lhs.elementType.getIntOrFloatBitWidth();
  Type word = builder.getIntegerType(primitive.products * width);
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getIntegerAttr(word, value));
  };
  Value group;
  if (count < primitive.products && endsEarly)
    return loadGroup(index.plus(count - primitive.products),
                     primitive.products);
  if (count < primitive.products) {
    for (int64_t i = 0; i < count; ++i) {
      Value single = memref::LoadOp::create(builder, loc, lhs.flat,
                                            materialize(index.plus(i)));
      single = arith::ExtUIOp::create(builder, loc, word, single);
      if (i == 0) {
        group = single;
        continue;
      }
      single = arith::ShLIOp::create(builder, loc, single, constant(i * width));
      group = arith::OrIOp::create(builder, loc, group, single);
    }
  } else {
    auto type = VectorType::get({primitive.products}, lhs.elementType);
    Value loaded = vector::LoadOp::create(builder, loc, type, lhs.flat,
                                          materialize(index));
    Value single = vector::BitCastOp::create(
        builder, loc, VectorType::get({1}, word), loaded);
    group =
        vector::ExtractOp::create(builder, loc, single, ArrayRef<int64_t>{0});
  }
  return group;
}

/// The operand of one step: a group repeated in all lanes, or one of each row. Shifted
/// codes differ in their highest bit.
Value KernelBuilder::loadActivations(ArrayRef<Index> rows, int64_t count) {
  const LinearOperand &lhs = operands[0];
  if (primitive.products == 1) {
    Value scalar = memref::LoadOp::create(builder, loc, lhs.flat,
                                          materialize(rows.front()));
    auto type = VectorType::get({primitive.lanes}, scalar.getType());
    return vector::BroadcastOp::create(builder, loc, type, scalar);
  }
  SmallVector<Value> groups;
  for (const Index &row : rows)
    groups.push_back(loadGroup(row, count));
  int64_t numGroups = rows.size() == 1 ? primitive.lanes : rows.size();
  auto words = VectorType::get({numGroups}, groups[0].getType());
  Value vector =
      rows.size() == 1
          ? vector::BroadcastOp::create(builder, loc, words, groups[0])
                .getResult()
          : vector::FromElementsOp::create(builder, loc, words, groups)
                .getResult();
  auto type =
      VectorType::get({numGroups * primitive.products}, lhs.elementType);
  Value codes = vector::BitCastOp::create(builder, loc, type, vector);
  if (!shiftsCodes(primitive))
    return codes;
  Value highest = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(type, builder.getI8IntegerAttr(-128)));
  return arith::XOrIOp::create(builder, loc, codes, highest);
}

/// A vector of packed weights, as wide as the primitive reads them.
Value KernelBuilder::loadWeights(const Index &index) {
  auto type = VectorType::get(
      {primitive.lanes * primitive.products},
      cast<MemRefType>(packed->flat.getType()).getElementType());
  Value weights = vector::LoadOp::create(builder, loc, type, packed->flat,
                                         materialize(index));
  return extend(weights, operands[1].format, primitive.operandWidth);
}

/// `value` behind assembly that does nothing: LLVM takes it for another one.
static Value hide(OpBuilder &builder, Location loc, Value value,
                  StringRef constraints) {
  auto assembly = LLVM::InlineAsmOp::create(
      builder, loc, value.getType(), value, /*asm_string=*/"", constraints,
      /*has_side_effects=*/false, /*is_align_stack=*/false,
      LLVM::tailcallkind::TailCallKind::None,
      LLVM::AsmDialectAttr::get(builder.getContext(), LLVM::AsmDialect::AD_ATT),
      /*operand_attrs=*/ArrayAttr());
  return assembly.getResult(0);
}

/// Adds up `terms` products in 16 bits step by step, and the sums in 32. Where the sums of
/// groups take the other registers, those of weights are for one step.
KernelBuilder::Accumulators
KernelBuilder::multiplyAddSteps(const Panel &panel, ArrayRef<Index> rows,
                                const Index &rhs, int64_t terms,
                                Accumulators sums) {
  int64_t products = primitive.products, count = primitive.lanes * products;
  int64_t steps = llvm::divideCeil(terms, products);
  SmallVector<Value> partial(sums.size());
  for (int64_t step = 0; step < steps; ++step) {
    SmallVector<Value> weights;
    for (int64_t v = 0; v < panel.vectors; ++v)
      weights.push_back(
          loadWeights(rhs.plus(step * panel.runStride + v * count)));
    int64_t term = step * products;
    for (auto [r, row] : llvm::enumerate(rows)) {
      Value activations =
          loadActivations(row.plus(term), std::min(products, terms - term));
      for (int64_t v = 0; v < panel.vectors; ++v) {
        Value &sum = partial[r * panel.vectors + v];
        Value left = activations, right = weights[v];
        if (exchangesOperands(primitive))
          std::swap(left, right);
        sum = primitive.emitPartial(builder, loc, sum, left, right);
        // LLVM would go row by row.
        if (step != 0 && step + 1 != steps)
          sum = hide(builder, loc, sum, "=x,0");
      }
    }
  }
  for (auto [sum, part] : llvm::zip(sums, partial))
    sum = primitive.widen(builder, loc, sum, part);
  return sums;
}

/// The same by as many steps of weights as registers hold.
KernelBuilder::Accumulators
KernelBuilder::multiplyAddPartial(const Panel &panel, ArrayRef<Index> rows,
                                  const Index &rhs, int64_t terms,
                                  Accumulators sums) {
  if (expands && run.numGroups != 0)
    return multiplyAddSteps(panel, rows, rhs, terms, std::move(sums));
  int64_t products = primitive.products, count = primitive.lanes * products;
  int64_t steps = llvm::divideCeil(terms, products);
  KernelTile tile = {static_cast<int64_t>(rows.size()), panel.vectors};
  bool reloads = reloadsWeights(primitive, tile, steps);
  auto load = [&](const Index &first, int64_t step, int64_t v) {
    return loadWeights(first.plus(step * panel.runStride + v * count));
  };
  SmallVector<Value> stay;
  for (int64_t i = 0; i < steps * panel.vectors && !reloads; ++i)
    stay.push_back(load(rhs, i / panel.vectors, i % panel.vectors));

  Value first = reloads ? materialize(rhs) : Value();
  for (auto [r, row] : llvm::enumerate(rows)) {
    // Row by row, each vector of weights is an operand in memory, next to its use. LLVM
    // would load it once for all rows, and spill what then has no register.
    if (reloads && r != 0) {
      Type i64 = builder.getI64Type(), index = builder.getIndexType();
      Value word = arith::IndexCastOp::create(builder, loc, i64, first);
      word = hide(builder, loc, word, "=r,0");
      first = arith::IndexCastOp::create(builder, loc, index, word);
    }
    SmallVector<Value> partial(panel.vectors);
    for (int64_t step = 0; step < steps; ++step) {
      int64_t term = step * products;
      Value activations =
          loadActivations(row.plus(term), std::min(products, terms - term));
      for (int64_t v = 0; v < panel.vectors; ++v) {
        Value weights = reloads ? load(Index().plus(first, 1), step, v)
                                : stay[step * panel.vectors + v];
        partial[v] = primitive.emitPartial(builder, loc, partial[v],
                                           activations, weights);
        // Adding by pairs would take a register more for each sum.
        if (primitive.asksWeights() && step != 0 && step + 1 != steps)
          partial[v] = hide(builder, loc, partial[v], "=x,0");
      }
    }
    for (int64_t v = 0; v < panel.vectors; ++v) {
      Value &sum = sums[r * panel.vectors + v];
      sum = primitive.widen(builder, loc, sum, partial[v]);
    }
  }
  return sums;
}

KernelBuilder::Accumulators
KernelBuilder::multiplyAdd(const Panel &panel, ArrayRef<Index> rows,
                           const Index &rhs, int64_t terms, Accumulators sums) {
  int64_t count = primitive.lanes * primitive.products;
  SmallVector<Value> weights;
  for (int64_t v = 0; v < panel.vectors; ++v)
    weights.push_back(loadWeights(rhs.plus(v * count)));
  // Row by row: one register holds activations at a time.
  int64_t together = primitive.rows;
  for (int64_t r = 0, end = rows.size() / together; r < end; ++r) {
    Value activations =
        loadActivations(rows.slice(r * together, together), terms);
    for (int64_t v = 0; v < panel.vectors; ++v) {
      Value &sum = sums[r * panel.vectors + v];
      sum = primitive.emit(builder, loc, sum, activations, weights[v]);
    }
  }
  return sums;
}
