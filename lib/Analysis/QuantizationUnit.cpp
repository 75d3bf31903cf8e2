//===- QuantizationUnit.cpp - What is quantized as one ------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/QuantizationUnit.h"

#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::lowbit;

bool lowbit::isF32Tensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getElementType().isF32();
}

bool lowbit::isMultiplyAccumulate(Operation *op) {
  return isa<tosa::Conv2DOp, tosa::DepthwiseConv2DOp, GroupedConv2dOp,
             tosa::MatMulOp>(op) &&
         isF32Tensor(op->getResult(0).getType());
}

bool lowbit::isChannelScaling(Operation *op) {
  auto conv = dyn_cast<tosa::DepthwiseConv2DOp>(op);
  if (!conv || !isMultiplyAccumulate(op))
    return false;
  auto shape = cast<ShapedType>(conv.getWeight().getType()).getShape();
  auto isOnly = [](ArrayRef<int64_t> values, int64_t expected) {
    return llvm::all_of(values, [&](int64_t x) { return x == expected; });
  };
  return shape[0] == 1 && shape[1] == 1 && shape[3] == 1 &&
         isOnly(conv.getPad(), 0) && isOnly(conv.getStride(), 1) &&
         isConstant(conv.getWeight()) && isConstant(conv.getBias());
}

bool lowbit::isPairwise(Operation *op) {
  return isa<tosa::AddOp, tosa::SubOp, tosa::MulOp, tosa::MaximumOp,
             tosa::MinimumOp>(op) &&
         isF32Tensor(op->getResult(0).getType());
}

Value lowbit::skipObservation(Value value) {
  auto observe = value.getDefiningOp<ObserveOp>();
  return observe ? observe.getInput() : value;
}

bool lowbit::isConstant(Value value) {
  Operation *op = skipObservation(value).getDefiningOp();
  return op && op->hasTrait<OpTrait::ConstantLike>();
}

Value QuantizationUnit::getResult() const { return getLast()->getResult(0); }

Value QuantizationUnit::getResidual() const {
  if (!add)
    return {};
  bool isFirst = add->getOperand(0) == getProducts()->getResult(0);
  return add->getOperand(isFirst ? 1 : 0);
}

/// True if the unit of the multiply-accumulate `root` may go on with `add`,
/// were it not for the other operand.
static bool mayAddTo(Operation *root, tosa::AddOp add) {
  // An accumulator has a residual of its own at each position: no broadcast.
  return isMultiplyAccumulate(root) && getWeights(root) && root->hasOneUse() &&
         add.getInput1().getType() == add.getType() &&
         add.getInput2().getType() == add.getType() &&
         root->getBlock() == add->getBlock();
}

/// The multiply-accumulate whose unit `add` belongs to, or null. Where both
/// operands could be it, the first one is, and the other one gets a format.
static Operation *getRootOfAdd(tosa::AddOp add) {
  for (Value operand : add->getOperands())
    if (Operation *root = operand.getDefiningOp(); root && mayAddTo(root, add))
      return root;
  return nullptr;
}

DecodeOp lowbit::getDecode(Value value) {
  return getCodesSource(value).getDefiningOp<DecodeOp>();
}

bool lowbit::isDecodedConstant(Value value) {
  auto decode = value.getDefiningOp<DecodeOp>();
  return decode && decode.getInput().getDefiningOp<ConstantOp>();
}

std::optional<ScaledValue> lowbit::getScaledValue(Value product) {
  auto mul = product.getDefiningOp<tosa::MulOp>();
  if (!mul)
    return std::nullopt;
  for (auto [value, other] : {std::pair(mul.getInput1(), mul.getInput2()),
                              std::pair(mul.getInput2(), mul.getInput1())}) {
    DenseElementsAttr elements;
    if (value.getType() == mul.getType() &&
        matchPattern(skipObservation(other), m_Constant(&elements)) &&
        elements.isSplat() && elements.getElementType().isF32())
      return ScaledValue{value,
                         elements.getSplatValue<APFloat>().convertToDouble()};
  }
  return std::nullopt;
}

/// The sum that `op` goes on with, by a second one or by a factor, or null.
static Operation *getSumBefore(Operation *op) {
  Value before;
  if (auto sum = dyn_cast<tosa::ReduceSumOp>(op))
    before = sum.getInput();
  else if (isa<tosa::MulOp>(op))
    if (auto scaled = getScaledValue(op->getResult(0)))
      before = scaled->value;
  auto sum = before ? before.getDefiningOp<tosa::ReduceSumOp>() : nullptr;
  return sum && sum->hasOneUse() && sum->getBlock() == op->getBlock() &&
                 isF32Tensor(sum.getType())
             ? sum.getOperation()
             : nullptr;
}

/// The layer with codes as weights that the batch norm `op` belongs to, or null.
static Operation *getLayerOfNorm(Operation *op) {
  if (!isChannelScaling(op))
    return nullptr;
  Operation *layer = op->getOperand(0).getDefiningOp();
  return layer && layer->hasOneUse() && layer->getBlock() == op->getBlock() &&
                 isMultiplyAccumulate(layer) &&
                 isDecodedConstant(layer->getOperand(1))
             ? layer
             : nullptr;
}

static bool isSum(Operation *op) {
  return isa<tosa::ReduceSumOp>(op) && isF32Tensor(op->getResult(0).getType());
}

QuantizationUnit lowbit::getQuantizationUnit(Operation *op) {
  // Go up to the root.
  Operation *root = op;
  if (isa<tosa::ClampOp>(root)) {
    Operation *input = root->getOperand(0).getDefiningOp();
    if (input && input->hasOneUse() && input->getBlock() == op->getBlock() &&
        (isMultiplyAccumulate(input) || isPairwise(input) || isSum(input)))
      root = input;
  }
  if (auto add = dyn_cast<tosa::AddOp>(root))
    if (Operation *first = getRootOfAdd(add))
      root = first;
  while (Operation *sum = getSumBefore(root))
    root = sum;
  if (Operation *layer = getLayerOfNorm(root))
    root = layer;

  // Come down again.
  QuantizationUnit unit{root};
  if (!isMultiplyAccumulate(root) && !isPairwise(root) && !isSum(root))
    return unit;
  auto onlyUser = [&](Operation *before) -> Operation * {
    if (!before->hasOneUse())
      return nullptr;
    Operation *user = *before->user_begin();
    return user->getBlock() == root->getBlock() ? user : nullptr;
  };
  if (Operation *user = onlyUser(root); user && getLayerOfNorm(user) == root)
    unit.norm = user;
  if (auto add = dyn_cast_if_present<tosa::AddOp>(onlyUser(unit.getProducts())))
    if (getRootOfAdd(add) == unit.getProducts())
      unit.add = add;
  for (Operation *last = root, *next;
       isSum(last) && (next = onlyUser(last)) && getSumBefore(next) == last;
       last = next)
    unit.scaledSum = next;
  unit.clamp = dyn_cast_if_present<tosa::ClampOp>(onlyUser(unit.getLast()));
  return unit;
}

bool lowbit::isDataMovement(Operation *op) {
  if (op->getNumResults() != 1 || !isF32Tensor(op->getResult(0).getType()))
    return false;
  if (isa<tosa::ReshapeOp, tosa::TransposeOp, tosa::SliceOp, tosa::ReverseOp,
          tosa::TileOp, tosa::MaxPool2dOp, tosa::ReduceMaxOp>(op))
    return true;
  if (auto gather = dyn_cast<tosa::GatherOp>(op)) // A constant has no codes.
    return !isConstant(gather.getValues());
  auto pad = dyn_cast<tosa::PadOp>(op);
  return pad && matchPattern(pad.getPadConst(), m_AnyZeroFloat());
}

Value lowbit::getCodesSource(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isDataMovement(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

ObserveOp lowbit::getObservation(Value value) {
  return getCodesSource(value).getDefiningOp<ObserveOp>();
}

void lowbit::forEachCodesUse(Value value,
                             function_ref<void(OpOperand &)> visit) {
  SmallVector<Value> worklist{value};
  while (!worklist.empty())
    for (OpOperand &use : worklist.pop_back_val().getUses()) {
      Operation *user = use.getOwner();
      if (isDataMovement(user) || isa<ObserveOp>(user))
        worklist.push_back(user->getResult(0));
      else
        visit(use);
    }
}

OpOperand *lowbit::getWeights(Operation *op) {
  if (!isMultiplyAccumulate(op))
    return nullptr;
  OpOperand &weights = op->getOpOperand(1);
  return isConstant(weights.get()) ? &weights : nullptr;
}

Operation *lowbit::getLayerOfWeights(ObserveOp observe) {
  if (observe.getRole() != Role::Weight || !observe->hasOneUse())
    return nullptr;
  OpOperand &use = *observe->use_begin();
  return getWeights(use.getOwner()) == &use ? use.getOwner() : nullptr;
}
