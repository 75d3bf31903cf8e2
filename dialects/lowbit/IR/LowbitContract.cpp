//===- LowbitContract.cpp - The contraction: verifier and interfaces --===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FormatChecks.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::lowbit;

//===----------------------------------------------------------------------===//
// Facts
//===----------------------------------------------------------------------===//

unsigned ContractOp::getNumLoops() { return getResultMap().getNumDims(); }

SmallVector<Value> ContractOp::getMappedOperands() {
  SmallVector<Value> operands = {getLhs(), getRhs()};
  llvm::append_range(operands, getEpilogueOperands());
  operands.push_back(getInit());
  return operands;
}

Type ContractOp::getFormat(unsigned i) {
  if (auto formats = getFormats())
    return cast<TypeAttr>((*formats)[i]).getValue();
  return cast<ShapedType>(getMappedOperands()[i].getType()).getElementType();
}

bool ContractOp::isPacked(unsigned i, unsigned dim) {
  return getPacks() && i + 1 == getIndexingMaps().size() &&
         dim + 1 == getMap(i).getNumResults();
}

int64_t ContractOp::getCodesPerWord() {
  return getElementTypeOrSelf(getInit().getType()).getIntOrFloatBitWidth() /
         getPackedBits();
}

bool ContractOp::isReduction(unsigned d) {
  return !getResultMap().isFunctionOfDim(d);
}

Type ContractOp::getAccumulatorType() {
  return getEpilogue().getArgument(0).getType();
}

SmallVector<int64_t> ContractOp::getStaticLoopSizes() {
  SmallVector<int64_t> sizes(getNumLoops(), ShapedType::kDynamic);
  for (auto [i, operand] : llvm::enumerate(getMappedOperands())) {
    ArrayRef<int64_t> shape = cast<ShapedType>(operand.getType()).getShape();
    for (auto [index, expr] : llvm::enumerate(getMap(i).getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        if (ShapedType::isDynamic(sizes[dim.getPosition()]) &&
            !isPacked(i, index))
          sizes[dim.getPosition()] = shape[index];
  }
  return sizes;
}

//===----------------------------------------------------------------------===//
// Verifier
//===----------------------------------------------------------------------===//

/// A sum of loops times positive constants, as in `oh * 2 + kh`. Adds the
/// constant of each loop to `factors`.
static bool isWindow(AffineExpr expr, SmallVectorImpl<int64_t> &factors) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    ++factors[dim.getPosition()];
    return true;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (binary.getKind() == AffineExprKind::Add)
    return isWindow(binary.getLHS(), factors) &&
           isWindow(binary.getRHS(), factors);
  auto dim = dyn_cast<AffineDimExpr>(binary.getLHS());
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (binary.getKind() != AffineExprKind::Mul || !dim || !constant ||
      constant.getValue() < 1)
    return false;
  int64_t &factor = factors[dim.getPosition()];
  return !llvm::AddOverflow(factor, constant.getValue(), factor) &&
         factor <= std::numeric_limits<int32_t>::max();
}

/// (C1) to (C3)
static LogicalResult verifyMaps(ContractOp op) {
  SmallVector<Value> operands = op.getMappedOperands();
  if (op.getIndexingMaps().size() != operands.size())
    return op.emitOpError()
           << "expects " << operands.size() << " indexing maps, but got "
           << op.getIndexingMaps().size();
  for (auto [i, operand] : llvm::enumerate(operands)) {
    auto type = cast<ShapedType>(operand.getType());
    AffineMap map = op.getMap(i);
    if (map.getNumDims() != op.getNumLoops() || map.getNumSymbols() != 0 ||
        map.getNumResults() != type.getRank())
      return op.emitOpError()
             << "expects a map of " << op.getNumLoops()
             << " loops and no symbols to " << type.getRank()
             << " indices for operand " << type << ", but got '"
             << AffineMapAttr::get(map) << "'";
    SmallVector<int64_t> factors(op.getNumLoops(), 0);
    for (AffineExpr expr : map.getResults()) {
      if (isa<AffineDimExpr>(expr) ? isWindow(expr, factors)
                                   : i == 0 && isWindow(expr, factors))
        continue;
      return op.emitOpError() << "expects indices that are single loops, or "
                                 "windows in lhs, but got '"
                              << AffineMapAttr::get(map) << "'";
    }
    for (AffineExpr expr : map.getResults())
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        if (factors[dim.getPosition()] != 1)
          return op.emitOpError()
                 << "expects each loop once in a map, but got '"
                 << AffineMapAttr::get(map) << "'";
  }
  SmallVector<int64_t> sizes = op.getStaticLoopSizes();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool alone = llvm::any_of(op.getIndexingMaps(), [&](Attribute map) {
      auto loopExpr = getAffineDimExpr(loop, op.getContext());
      return llvm::is_contained(
          cast<AffineMapAttr>(map).getValue().getResults(), loopExpr);
    });
    if (!alone)
      return op.emitOpError()
             << "expects loop " << loop << " to stand alone in some map";
  }
  for (auto [i, operand] : llvm::enumerate(operands)) {
    auto type = cast<ShapedType>(operand.getType());
    for (auto [index, expr] : llvm::enumerate(op.getMap(i).getResults())) {
      int64_t size = type.getDimSize(index);
      SmallVector<int64_t> factors(op.getNumLoops(), 0);
      isWindow(expr, factors);
      int64_t last = 0;
      bool overflows = false;
      bool known = !ShapedType::isDynamic(size);
      for (auto [factor, trips] : llvm::zip(factors, sizes)) {
        known &= factor == 0 || !ShapedType::isDynamic(trips);
        int64_t span = 0;
        if (factor != 0 && !ShapedType::isDynamic(trips))
          overflows |= llvm::MulOverflow(factor, trips - 1, span) ||
                       llvm::AddOverflow(last, span, last);
      }
      bool exact = isa<AffineDimExpr>(expr);
      if (op.isPacked(i, index)) // (C10)
        last /= op.getCodesPerWord();
      if (known && overflows)
        return op.emitOpError() << "expects windows inside operand " << type;
      if (known && (exact ? last + 1 != size : last >= size))
        return op.emitOpError()
               << "expects size " << (exact ? "" : "of at least ") << last + 1
               << " where operand " << type << " has " << size;
    }
  }
  return success();
}

LogicalResult ContractOp::verify() {
  if (failed(verifyPackedResult(*this)) || failed(verifyMaps(*this)) ||
      failed(verifyPackedCodes(*this)))
    return failure();
  SmallVector<Value> operands = getMappedOperands();
  if (auto formats = getFormats()) { // (C6)
    if (formats->size() != operands.size())
      return emitOpError() << "expects " << operands.size()
                           << " formats, but got " << formats->size();
    for (auto [format, operand] : llvm::zip(*formats, operands)) {
      Type element = cast<ShapedType>(operand.getType()).getElementType();
      Type type = cast<TypeAttr>(format).getValue();
      bool known = isa<quant::QuantizedType>(type) ||
                   type.isSignlessInteger() || type.isF32();
      if (!known || type.isF32() != element.isF32() ||
          !element.isIntOrFloat() ||
          getWordType(type).getIntOrFloatBitWidth() >
              element.getIntOrFloatBitWidth())
        return emitOpError() << "expects words of at least the width of format "
                             << type << ", but got " << element;
    }
  }
  auto isCode = [&](unsigned i) {
    Type format = getFormat(i);
    return isa<quant::QuantizedType>(format) || format.isSignlessInteger();
  };
  bool floats = getFormat(0).isF32() && getFormat(1).isF32();
  if (!floats && !(isCode(0) && isCode(1))) // (C4)
    return emitOpError() << "expects lhs and rhs to be codes, or both f32, but "
                            "got "
                         << getFormat(0) << " and " << getFormat(1);
  bool counts = getProduct() == Product::XorPopcount ||
                getProduct() == Product::AndPopcount; // (C9)
  Type left = getElementTypeOrSelf(getLhs().getType());
  Type right = getElementTypeOrSelf(getRhs().getType());
  if (counts ? left != right || !(left.isInteger(8) || left.isInteger(64))
             : left.isInteger(64) || right.isInteger(64))
    return emitOpError() << "expects words of 8 or 64 bits where it counts "
                            "bits, and of fewer than 64 elsewhere, but got "
                         << getLhs().getType() << " and " << getRhs().getType();
  for (unsigned i = 2; i < operands.size(); ++i) // (C5)
    if (!(isCode(i) &&
          getWordType(getFormat(i)).getIntOrFloatBitWidth() <= 32) &&
        !getFormat(i).isF32() &&
        !(i + 1 == operands.size() && isCodeFormat(getFormat(i))))
      return emitOpError() << "expects epilogue operands and results of codes, "
                              "integers of at most 32 bits or f32, but got "
                           << getFormat(i);
  if (auto perAxis =
          dyn_cast<quant::UniformQuantizedPerAxisType>(getFormat(1))) { // (C8)
    unsigned position = perAxis.getQuantizedDimension();
    auto axis = position < getRhsMap().getNumResults()
                    ? dyn_cast<AffineDimExpr>(getRhsMap().getResult(position))
                    : nullptr;
    if (!axis || isReduction(axis.getPosition()))
      return emitOpError() << "expects scales of rhs along a loop that is not "
                              "summed over";
  }
  return success();
}

LogicalResult ContractOp::verifyRegions() {
  Block &body = getEpilogue().front();
  bool floats = getFormat(0).isF32();
  auto expects = [&](unsigned i) -> Type {
    bool isFloat = i == 0 ? floats : getFormat(i + 1).isF32();
    return isFloat ? Type(Float32Type::get(getContext()))
                   : Type(IntegerType::get(getContext(), 32));
  };
  unsigned count = 1 + getEpilogueOperands().size();
  if (body.getNumArguments() != count) // (C5)
    return emitOpError() << "expects an epilogue with " << count
                         << " arguments, but got " << body.getNumArguments();
  for (unsigned i = 0; i < count; ++i)
    if (body.getArgument(i).getType() != expects(i))
      return emitOpError() << "expects epilogue argument " << i << " of type "
                           << expects(i) << ", but got "
                           << body.getArgument(i).getType();
  for (Operation &inner : body.without_terminator()) { // (C7)
    bool simple = isa<RescaleOp, RequantizeOp>(inner) ||
                  isa_and_nonnull<arith::ArithDialect>(inner.getDialect());
    auto plain = [](Type type) { return type.isIntOrFloat(); };
    if (!simple || !llvm::all_of(inner.getOperandTypes(), plain) ||
        !llvm::all_of(inner.getResultTypes(), plain))
      return inner.emitOpError()
             << "is not an operation on scalars of arith, lowbit.rescale or "
                "lowbit.requantize, as an epilogue expects";
  }
  auto yield = dyn_cast_if_present<YieldOp>(body.getTerminator());
  unsigned last = getIndexingMaps().size() - 1;
  bool floatResult = getFormat(last).isF32();
  if (!yield || yield.getValue().getType().isF32() != floatResult)
    return emitOpError() << "expects an epilogue that yields "
                         << (floatResult ? "f32" : "i32") << " for a result of "
                         << getFormat(last);
  return success();
}

//===----------------------------------------------------------------------===//
// Interfaces
//===----------------------------------------------------------------------===//

void ContractOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand &operand : getOperation()->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    if (isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
    else
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
  }
}

Speculation::Speculatability ContractOp::getSpeculatability() {
  return hasPureTensorSemantics() ? Speculation::Speculatable
                                  : Speculation::NotSpeculatable;
}

SmallVector<utils::IteratorType> ContractOp::getLoopIteratorTypes() {
  SmallVector<utils::IteratorType> types;
  for (unsigned loop = 0; loop < getNumLoops(); ++loop)
    types.push_back(isReduction(loop) ? utils::IteratorType::reduction
                                      : utils::IteratorType::parallel);
  return types;
}

/// The size of the dimension that dynamic loop `loop` runs over.
static Value createLoopSize(OpBuilder &builder, ContractOp op, unsigned loop) {
  AffineExpr expr = builder.getAffineDimExpr(loop);
  for (auto [i, operand] : llvm::enumerate(op.getMappedOperands()))
    for (auto [dim, index] : llvm::enumerate(op.getMap(i).getResults()))
      if (index == expr && !op.isPacked(i, dim))
        return isa<MemRefType>(operand.getType())
                   ? Value(memref::DimOp::create(builder, op.getLoc(), operand,
                                                 dim))
                   : Value(tensor::DimOp::create(builder, op.getLoc(), operand,
                                                 dim));
  llvm_unreachable("every loop stands alone in some map");
}

SmallVector<Range> ContractOp::getIterationDomain(OpBuilder &builder) {
  SmallVector<Range> ranges;
  for (auto [loop, size] : llvm::enumerate(getStaticLoopSizes())) {
    OpFoldResult extent = builder.getIndexAttr(size);
    if (ShapedType::isDynamic(size))
      extent = createLoopSize(builder, *this, loop);
    ranges.push_back(
        {builder.getIndexAttr(0), extent, builder.getIndexAttr(1)});
  }
  return ranges;
}

/// Offset and size of the part of an operand that a tile of the loops touches.
static void computeSlice(OpBuilder &builder, Location loc, AffineMap map,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes,
                         SmallVectorImpl<OpFoldResult> &sliceOffsets,
                         SmallVectorImpl<OpFoldResult> &sliceSizes) {
  SmallVector<AffineExpr> last;
  for (unsigned loop = 0; loop < map.getNumDims(); ++loop)
    last.push_back(builder.getAffineDimExpr(loop) - 1);
  for (unsigned i = 0; i < map.getNumResults(); ++i) {
    AffineMap index = map.getSubMap({i});
    sliceOffsets.push_back(
        affine::makeComposedFoldedAffineApply(builder, loc, index, offsets));
    AffineExpr extent = index.getResult(0).replaceDims(last) + 1;
    sliceSizes.push_back(affine::makeComposedFoldedAffineApply(
        builder, loc,
        AffineMap::get(map.getNumDims(), 0, extent, builder.getContext()),
        sizes));
  }
}

FailureOr<TilingResult>
ContractOp::getTiledImplementation(OpBuilder &builder,
                                   ArrayRef<OpFoldResult> offsets,
                                   ArrayRef<OpFoldResult> sizes) {
  if (!hasPureTensorSemantics())
    return emitOpError() << "can be tiled on tensors only";
  if (getPacks())
    return emitOpError() << "cannot be tiled: its result is packed";
  SmallVector<int64_t> loops = getStaticLoopSizes();
  for (unsigned loop = 0; loop < getNumLoops(); ++loop)
    if (isReduction(loop) && !isConstantIntValue(sizes[loop], loops[loop]))
      return emitOpError()
             << "cannot be tiled along loop " << loop
             << ": its epilogue needs whole sums, so only parallel loops tile";
  Location loc = getLoc();
  SmallVector<Value> tiled;
  SmallVector<Operation *> slices;
  for (auto [i, operand] : llvm::enumerate(getMappedOperands())) {
    SmallVector<OpFoldResult> sliceOffsets, sliceSizes;
    computeSlice(builder, loc, getMap(i), offsets, sizes, sliceOffsets,
                 sliceSizes);
    SmallVector<OpFoldResult> strides(sliceSizes.size(),
                                      builder.getIndexAttr(1));
    auto slice = tensor::ExtractSliceOp::create(
        builder, loc, operand, sliceOffsets, sliceSizes, strides);
    slices.push_back(slice);
    tiled.push_back(slice);
  }
  Operation *copy =
      mlir::clone(builder, getOperation(), {tiled.back().getType()}, tiled);
  return TilingResult{{copy}, SmallVector<Value>(copy->getResults()), slices};
}

LogicalResult ContractOp::getResultTilePosition(
    OpBuilder &builder, unsigned, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  computeSlice(builder, getLoc(), getResultMap(), offsets, sizes, resultOffsets,
               resultSizes);
  return success();
}
