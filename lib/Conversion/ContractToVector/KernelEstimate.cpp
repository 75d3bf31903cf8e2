//===- KernelEstimate.cpp - Codes that are certain in f32 -----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Where no multiply-add makes the same codes of all sums, one makes them of nearly all,
// and tells which (EpilogueEstimate.h). All sums of a tile pass it; if one of them is not
// certain, the tile's codes are computed once more, as the epilogue says.

#include "EpilogueChannels.h"
#include "EpilogueEstimate.h"
#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::lowbit;

void KernelBuilder::planEstimate(memref::GlobalOp weights,
                                 ArrayRef<SumRange> ranges) {
  if (primitive.kind != LaneKind::Columns)
    return;
  std::optional<EpilogueEstimate> found =
      estimateEpilogue(op, loops, operands, ranges);
  if (!found)
    return;
  estimate = Estimate{createChannels<float>(builder, op, loops, weights,
                                            "_factors", found->factors),
                      createChannels<float>(builder, op, loops, weights,
                                            "_offsets", found->offsets),
                      found->terms,
                      found->fractionBits,
                      found->margin,
                      found->least,
                      found->most};
}

/// Stores what `finish` would, by way of f32.
void KernelBuilder::finishByEstimate(const Panel &panel,
                                     ArrayRef<SmallVector<Index>> rows,
                                     ArrayRef<Value> sums,
                                     ArrayRef<Value> uniform,
                                     function_ref<void(size_t, Value)> use) {
  int64_t lanes = primitive.lanes;
  auto integers = VectorType::get({lanes}, builder.getI32Type());
  auto reals = VectorType::get({lanes}, builder.getF32Type());
  auto splat = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(integers, builder.getI32IntegerAttr(value)));
  };
  auto toReal = [&](Value value) -> Value {
    return arith::SIToFPOp::create(builder, loc, reals, value);
  };
  Value least;
  for (auto [r, row] : llvm::enumerate(rows))
    for (int64_t v = 0; v < panel.vectors; ++v) {
      int64_t first = v * lanes, valid = panel.valid - first;
      auto load = [&](const LinearOperand &operand) {
        return loadLanes(operand, panel.lane.plus(first), 1, lanes, valid);
      };
      Value real = load(estimate->offsets);
      for (auto [position, factor] : estimate->terms) {
        unsigned i = position + 1;
        int64_t stride = operands[i].strides[loops.lane];
        Value codes = loadLanes(operands[i], row[i].plus(first * stride),
                                stride, lanes, valid);
        Value factors = arith::ConstantOp::create(
            builder, loc,
            DenseElementsAttr::get(reals, builder.getF32FloatAttr(factor)));
        real = math::FmaOp::create(builder, loc, toReal(codes), factors, real);
      }
      Value sum = getRowSums(sums, panel, r, v);
      if (shiftsCodes(primitive))
        sum = arith::AddIOp::create(
            builder, loc, sum,
            uniform[(getNumAdded() - 1) * panel.vectors + v]);
      real = math::FmaOp::create(builder, loc, toReal(sum),
                                 load(estimate->factors), real);
      Value number = LLVM::CallIntrinsicOp::create(
                         builder, loc, integers,
                         builder.getStringAttr("llvm.lrint"), ValueRange{real})
                         .getResult(0);
      Value fraction = arith::AndIOp::create(
          builder, loc, number,
          splat((int64_t(1) << estimate->fractionBits) - 1));
      if (valid < lanes) { // lanes that are filled up are certain
        SmallVector<int32_t> filled(lanes, -1);
        std::fill_n(filled.begin(), valid, 0);
        fraction = arith::OrIOp::create(
            builder, loc, fraction,
            arith::ConstantOp::create(
                builder, loc,
                DenseElementsAttr::get(integers, ArrayRef(filled))));
      }
      least = least ? arith::MinUIOp::create(builder, loc, least, fraction)
                          .getResult()
                    : fraction;
      Value code = arith::ShRSIOp::create(builder, loc, number,
                                          splat(estimate->fractionBits));
      code = arith::MaxSIOp::create(builder, loc, code, splat(estimate->least));
      code = arith::MinSIOp::create(builder, loc, code, splat(estimate->most));
      use(r * panel.vectors + v, code);
    }
  Value isUncertain = arith::CmpIOp::create(
      builder, loc, arith::CmpIPredicate::ult, least, splat(estimate->margin));
  Value any = vector::ReductionOp::create(
      builder, loc, vector::CombiningKind::OR, isUncertain);
  auto branch = scf::IfOp::create(builder, loc, any, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  finish(panel, rows, sums, uniform, use);
}
