//===- Codebook.cpp - indices into tables of vectors ------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Formats/Format.h"

#include "lowbit/Formats/Words.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::lowbit;

LogicalResult CodebookType::verify(function_ref<InFlightDiagnostic()> emitError,
                                   unsigned width, unsigned stages, int64_t dim,
                                   std::optional<int64_t> axis) {
  if (width < 1 || stages < 1 || stages > 16 || width * stages > 16)
    return emitError()
           << "expects indices of at most 16 bits together, but got " << stages
           << " of " << width;
  if (dim < 1 || dim > 64)
    return emitError() << "expects vectors of 1 to 64 numbers, but got " << dim;
  if (dim > 1 && !axis)
    return emitError() << "expects an axis along which vectors of " << dim
                       << " numbers lie";
  return success();
}

unsigned CodebookType::getStorageWidth() const {
  return getWidth() * getStages();
}
bool CodebookType::hasSignedStorage() const { return false; }
bool CodebookType::hasParameters() const { return true; }
std::optional<int64_t> CodebookType::getScaleAxis() const { return getAxis(); }
std::optional<int64_t> CodebookType::getZeroCode() const {
  return std::nullopt;
}
SmallVector<int64_t> CodebookType::getOrderedCodes(int64_t) const { return {}; }

/// A code has no number without its codebook; as a step it is itself.
int64_t CodebookType::getStep(int64_t code, unsigned) const { return code; }
std::pair<int64_t, int64_t> CodebookType::getStepRange(unsigned) const {
  return {0, llvm::maxUIntN(getStorageWidth())};
}
double CodebookType::getScale(unsigned, int64_t) const { return 1; }

SmallVector<RankedTensorType>
CodebookType::getParameterTypes(ArrayRef<int64_t>) const {
  constexpr int64_t any = ShapedType::kDynamic;
  return {RankedTensorType::get({any, getStages(), any, getDim()},
                                Float32Type::get(getContext()))};
}

/// sum over stages of book[m or 0, stage, min(index, K - 1), d]
Value CodebookType::buildDecode(ImplicitLocOpBuilder &builder, Value words,
                                ValueRange parameters,
                                RankedTensorType type) const {
  Value book = parameters.front();
  auto bookType = cast<RankedTensorType>(book.getType());
  bool isOne = bookType.getDimSize(0) == 1;
  unsigned rank = type.getRank();
  int64_t axis = getAxis().value_or(0);
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  SmallVector<AffineExpr> index(identity.getResults());
  if (getDim() > 1)
    index[axis] = index[axis].floorDiv(getDim());
  AffineMap place = AffineMap::get(rank, 0, index, builder.getContext());
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(builder, builder.getLoc(), words);
  if (getDim() > 1)
    sizes[axis] = builder.getIndexAttr(type.getDimSize(axis));
  Value init = tensor::EmptyOp::create(builder, sizes, builder.getF32Type());
  return loopNest(
      builder, {words}, init, {place, identity},
      [&](ImplicitLocOpBuilder &inner, ValueRange scalars) {
        auto constant = [&](int64_t value) {
          return constantInt(inner, value, 32);
        };
        auto toIndex = [&](Value value) -> Value {
          return arith::IndexCastUIOp::create(inner, inner.getIndexType(),
                                              value);
        };
        auto position = [&](int64_t value) -> Value {
          return arith::ConstantIndexOp::create(inner, value);
        };
        Value code = readCode(inner, scalars[0], *this);
        Value vector = position(0), element = position(0);
        if (getAxis()) {
          Value along = linalg::IndexOp::create(inner, axis);
          Value dim = position(getDim());
          element = arith::RemUIOp::create(inner, along, dim);
          if (!isOne)
            vector = arith::DivUIOp::create(inner, along, dim);
        }
        Value sum;
        for (unsigned stage = 0; stage < getStages(); ++stage) {
          Value bits =
              arith::ShRUIOp::create(inner, code, constant(stage * getWidth()));
          bits = arith::AndIOp::create(
              inner, bits,
              constant(llvm::maskTrailingOnes<uint64_t>(getWidth())));
          bits = arith::MinUIOp::create(inner, bits,
                                        constant(bookType.getDimSize(2) - 1));
          Value entry = tensor::ExtractOp::create(
              inner, book,
              ValueRange{vector, position(stage), toIndex(bits), element});
          sum = sum ? arith::AddFOp::create(inner, sum, entry).getResult()
                    : entry;
        }
        return sum;
      });
}
