//===- PaddingSums.cpp - What padding adds to sums ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PaddingSums.h"

#include "lowbit/Support/ConstantData.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::lowbit;

/// 1 in the padding, 0 inside, as codes: along the dimensions `kept` of `pad`, and
/// one more, of size 1.
static Value createMask(ImplicitLocOpBuilder &builder, PadOp pad,
                        ArrayRef<unsigned> kept) {
  ArrayRef<int64_t> padded =
      cast<RankedTensorType>(pad.getResult().getType()).getShape();
  SmallVector<int64_t> shape;
  for (unsigned dim : kept)
    shape.push_back(padded[dim]);
  SmallVector<int8_t> mask(ShapedType::getNumElements(shape));
  for (auto [i, outside] : llvm::enumerate(mask)) {
    int64_t rest = i;
    for (size_t k = kept.size(); k-- > 0; rest /= shape[k]) {
      unsigned dim = kept[k];
      int64_t index = rest % shape[k];
      if (index < pad.getLow()[dim] ||
          index >= padded[dim] - pad.getHigh()[dim])
        outside = 1;
    }
  }
  shape.push_back(1);
  auto word = RankedTensorType::get(shape, builder.getI8Type());
  auto format = quant::UniformQuantizedType::get(
      0, builder.getI8Type(), builder.getF32Type(), 1.0, 0, 0, 255);
  return ConstantOp::create(builder, word.clone(format),
                            makeElements<int8_t>(word, mask, "padding"));
}

MappedValue lowbit::buildPaddingSums(ImplicitLocOpBuilder &builder,
                                     ContractOp op, PadOp pad,
                                     ArrayRef<int64_t> weights,
                                     ArrayRef<int64_t> shape, int64_t factor) {
  // Dimensions that neither padding nor weights know, as that of a batch, have the
  // same sums everywhere.
  AffineMap lhsMap = op.getLhsMap(), rhsMap = op.getRhsMap();
  SmallVector<unsigned> kept;
  SmallVector<AffineExpr> lhsIndex;
  for (unsigned dim = 0; dim + 1 < lhsMap.getNumResults(); ++dim) {
    auto loop = dyn_cast<AffineDimExpr>(lhsMap.getResult(dim));
    if (loop && pad.getLow()[dim] == 0 && pad.getHigh()[dim] == 0 &&
        !rhsMap.isFunctionOfDim(loop.getPosition()))
      continue;
    kept.push_back(dim);
    lhsIndex.push_back(lhsMap.getResult(dim));
  }
  lhsIndex.push_back(lhsMap.getResults().back());
  MLIRContext *context = builder.getContext();
  unsigned loops = op.getNumLoops();
  auto over = [&](ArrayRef<AffineExpr> index) {
    return AffineMap::get(loops, 0, index, context);
  };
  AffineMap lhs = over(lhsIndex);
  SmallVector<AffineExpr> resultIndex;
  SmallVector<int64_t> sizes, resultShape;
  sizes = op.getStaticLoopSizes();
  for (AffineExpr index : op.getResultMap().getResults()) {
    unsigned loop = cast<AffineDimExpr>(index).getPosition();
    if (!lhs.isFunctionOfDim(loop) && !rhsMap.isFunctionOfDim(loop))
      continue;
    resultIndex.push_back(index);
    resultShape.push_back(sizes[loop]);
  }
  AffineMap result = over(resultIndex);
  // Loops that are left.
  SmallVector<AffineExpr> renamed(loops, getAffineConstantExpr(0, context));
  unsigned count = 0;
  for (unsigned loop = 0; loop < loops; ++loop)
    if (lhs.isFunctionOfDim(loop) || rhsMap.isFunctionOfDim(loop))
      renamed[loop] = getAffineDimExpr(count++, context);
  SmallVector<AffineMap> maps;
  for (AffineMap map : {lhs, rhsMap, result})
    maps.push_back(map.replaceDimsAndSymbols(renamed, {}, count, 0));

  // The weights of each position.
  int64_t along = shape.back();
  SmallVector<int16_t> sums(weights.size() / along, 0);
  int64_t most = 0;
  for (auto [i, weight] : llvm::enumerate(weights))
    sums[i / along] += factor * weight;
  for (int64_t sum : sums)
    most = std::max(most, std::abs(sum));
  SmallVector<int64_t> sumShape(shape);
  sumShape.back() = 1;
  auto format = [&](unsigned width) -> Type {
    int64_t limit = llvm::maxIntN(width);
    return quant::UniformQuantizedType::get(
        quant::QuantizationFlags::Signed, builder.getIntegerType(width),
        builder.getF32Type(), 1.0, 0, -limit, limit);
  };
  Value rhs;
  if (most <= 127) {
    auto word = RankedTensorType::get(sumShape, builder.getI8Type());
    auto bytes = llvm::to_vector_of<int8_t>(sums);
    rhs = ConstantOp::create(
        builder, word.clone(format(8)),
        makeElements<int8_t>(word, ArrayRef(bytes), "padding_sums"));
  } else {
    auto word = RankedTensorType::get(sumShape, builder.getI16Type());
    rhs = ConstantOp::create(
        builder, word.clone(format(16)),
        makeElements<int16_t>(word, ArrayRef(sums), "padding_sums"));
  }
  Type i32 = builder.getI32Type();
  Value init = tensor::EmptyOp::create(builder, resultShape, i32);
  auto contract = ContractOp::create(
      builder, init.getType(), createMask(builder, pad, kept), rhs,
      ValueRange(), init, builder.getAffineMapArrayAttr(maps),
      /*formats=*/ArrayAttr(), /*primitive=*/StringAttr());
  OpBuilder::InsertionGuard guard(builder);
  Block *body =
      builder.createBlock(&contract.getEpilogue(), {}, i32, builder.getLoc());
  YieldOp::create(builder, body->getArgument(0));
  return {contract.getResult(), result};
}
