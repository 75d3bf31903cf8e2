//===- WordWidener.cpp - wider words, made where words are made -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Words become wide in place: an operation that makes or moves words, and all that
// move them on from there, get results of wider words, up to contractions, which
// read any. So padding, slices, concat and transposes cost no pass of their own.

#include "WordWidener.h"

#include "lowbit/Conversion/Primitive.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::lowbit;

/// True for operations whose first operand or, for insertions, whose first two are
/// tensors of the words in the result.
static bool movesWords(Operation *op) {
  return isa<tensor::InsertSliceOp, tensor::ExtractSliceOp,
             tensor::CollapseShapeOp, tensor::ExpandShapeOp,
             linalg::TransposeOp>(op);
}

/// True if `value` has no words yet, or one for all positions: wide ones cost nothing.
static bool isBlank(Value value) {
  if (value.getDefiningOp<tensor::EmptyOp>())
    return true;
  auto fill = value.getDefiningOp<linalg::FillOp>();
  return fill && matchPattern(fill.getInputs()[0], m_Constant());
}

/// True if slices are inserted one after the other from a blank tensor on.
static bool startsBlank(tensor::InsertSliceOp op) {
  Value dest = op.getDest();
  while (auto before = dest.getDefiningOp<tensor::InsertSliceOp>())
    dest = before.getDest();
  return isBlank(dest);
}

/// Contractions read lhs and epilogue operands of any width, but for lhs of a
/// primitive that reads bytes.
static bool readsAnyWidth(ContractOp contract, OpOperand &use) {
  if (&use != &contract.getLhsMutable())
    return &use != &contract.getRhsMutable() &&
           &use != &contract.getInitMutable();
  if (!contract.getPrimitive())
    return true;
  const Primitive *primitive =
      lookupPrimitive(*contract.getPrimitive(), contract.getContext());
  return primitive &&
         (primitive->kind == LaneKind::Channels || primitive->lhsWidth > 8);
}

/// True if whatever reads `value`, moved or not, reads wide words, too.
static bool allReadWide(Value value) {
  return llvm::all_of(value.getUses(), [](OpOperand &use) {
    Operation *user = use.getOwner();
    if (auto contract = dyn_cast<ContractOp>(user))
      return readsAnyWidth(contract, use);
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(user))
      return startsBlank(insert) && allReadWide(insert.getResult());
    if (auto transpose = dyn_cast<linalg::TransposeOp>(user))
      return &use == &transpose.getInputMutable() &&
             allReadWide(user->getResult(0));
    return isa<PortOp>(user) ||
           (movesWords(user) && allReadWide(user->getResult(0)));
  });
}

/// True for loops that make each word by itself.
static bool isElementwise(linalg::GenericOp op) {
  return op->getNumResults() == 1 && op.hasPureTensorSemantics() &&
         op.getNumParallelLoops() == op.getNumLoops() &&
         op.getRegionOutputArgs()[0].use_empty();
}

Value WordWidener::widen(Value value, Type word, bool isSigned) {
  this->word = word;
  this->isSigned = isSigned;
  return widen(value);
}

Value WordWidener::widen(Value value) {
  if (getElementTypeOrSelf(value) == word)
    return value;
  if (isBlank(value))
    return widenDestination(value);
  if (!allReadWide(value) || !convertProducer(value))
    return extend(value);
  convertReaders(value);
  return value;
}

/// True if what makes `value` can make wide words, without a loop more.
bool WordWidener::canConvert(Value value) const {
  Operation *op = value.getDefiningOp();
  if (!op || !allReadWide(value))
    return false;
  // The word must extend the code as its readers do.
  if (auto contract = dyn_cast<ContractOp>(op))
    return isSignedStorage(contract.getFormat(
               contract.getIndexingMaps().size() - 1)) == isSigned;
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    return isElementwise(generic);
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return startsBlank(insert);
  return movesWords(op) && canConvert(op->getOperand(0));
}

/// Lets the operation that makes `value` read and write wide words; false if it cannot.
bool WordWidener::convertProducer(Value value) {
  if (!canConvert(value))
    return false;
  Operation *op = value.getDefiningOp();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(op);
  // Readers that come back to `value` find it converted.
  value.setType(getWide(value));
  if (auto contract = dyn_cast<ContractOp>(op)) {
    contract.getInitMutable().assign(createEmpty(value));
  } else if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
    convertGeneric(generic);
  } else if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
    insert.getDestMutable().assign(widen(insert.getDest()));
    insert.getSourceMutable().assign(widen(insert.getSource()));
  } else {
    if (auto transpose = dyn_cast<linalg::TransposeOp>(op))
      convertTranspose(transpose);
    op->setOperand(0, widen(op->getOperand(0)));
  }
  return true;
}

void WordWidener::convertGeneric(linalg::GenericOp op) {
  op.getOutputsMutable()[0].assign(createEmpty(op->getResult(0)));
  Block *body = op.getBody();
  body->getArguments().back().setType(word);
  Operation *yield = body->getTerminator();
  builder.setInsertionPoint(yield);
  Value code = yield->getOperand(0);
  yield->setOperand(
      0,
      isSigned
          ? arith::ExtSIOp::create(builder, op.getLoc(), word, code).getResult()
          : arith::ExtUIOp::create(builder, op.getLoc(), word, code));
}

/// Lets `op`, whose result is wide, write wide words.
void WordWidener::convertTranspose(linalg::TransposeOp op) {
  op.getInitMutable().assign(createEmpty(op->getResult(0)));
  for (BlockArgument scalar : op.getRegion().getArguments())
    scalar.setType(word);
}

/// Converts what moves the wide `value` on.
void WordWidener::convertReaders(Value value) {
  for (Operation *user : llvm::to_vector(value.getUsers())) {
    if (!movesWords(user) || getElementTypeOrSelf(user->getResult(0)) == word)
      continue;
    Value result = user->getResult(0);
    result.setType(getWide(result));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(user);
    if (auto transpose = dyn_cast<linalg::TransposeOp>(user))
      convertTranspose(transpose);
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(user)) {
      insert.getDestMutable().assign(widen(insert.getDest()));
      insert.getSourceMutable().assign(widen(insert.getSource()));
    }
    convertReaders(result);
  }
}

/// An empty or filled tensor like `value` in wide words.
Value WordWidener::widenDestination(Value value) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfterValue(value);
  Value empty = createEmpty(value);
  auto fill = value.getDefiningOp<linalg::FillOp>();
  if (!fill)
    return empty;
  APInt constant;
  matchPattern(fill.getInputs()[0], m_ConstantInt(&constant));
  unsigned width = word.getIntOrFloatBitWidth();
  Value scalar = arith::ConstantOp::create(
      builder, fill.getLoc(),
      builder.getIntegerAttr(word, isSigned ? constant.sext(width)
                                            : constant.zext(width)));
  return linalg::FillOp::create(builder, fill.getLoc(), scalar, empty)
      .getResult(0);
}

Value WordWidener::createEmpty(Value like) {
  return tensor::EmptyOp::create(builder, like.getLoc(),
                                 cast<ShapedType>(like.getType()).getShape(),
                                 word);
}

/// Widens `value` by a loop of its own.
Value WordWidener::extend(Value value) {
  Value &wide = extended[{value, word}];
  if (wide)
    return wide;
  Location loc = value.getLoc();
  auto type = getWide(value);
  Value origin = value;
  while (origin.getDefiningOp() && movesWords(origin.getDefiningOp()) &&
         allReadWide(origin))
    origin = origin.getDefiningOp()->getOperand(0);
  if (value.getDefiningOp())
    emitRemark(loc) << "is widened to " << type.getElementTypeBitWidth()
                    << " bits by a loop of its own, " << type.getNumElements()
                    << " elements: "
                    << (allReadWide(origin)
                            ? "what makes it cannot make wide words"
                            : "it has other readers");
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfterValue(value);
  Value empty = createEmpty(value);
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  SmallVector<utils::IteratorType> loops(type.getRank(),
                                         utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, loc, TypeRange(type), ValueRange(value), ValueRange(empty),
      ArrayRef<AffineMap>{identity, identity}, loops,
      [&](OpBuilder &inner, Location loc, ValueRange arguments) {
        Value code = arguments[0];
        linalg::YieldOp::create(
            inner, loc,
            isSigned
                ? arith::ExtSIOp::create(inner, loc, word, code).getResult()
                : arith::ExtUIOp::create(inner, loc, word, code).getResult());
      });
  wide = generic.getResult(0);
  return wide;
}
