//===- Observe.cpp - marks the values that get a format -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An observation stands wherever a format is chosen: at arguments, at the last
// value of each quantization unit, at weights, and at constants that meet
// activations. What a quantized model encodes or decodes itself has its format
// already. The name of an observation is the key of saved statistics and of a recipe's rules,
// so it depends on the program's names and order only.

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/IR/Lowbit.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_OBSERVEPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Makes names unique by the suffixes _1, _2, ...
class UniqueNames {
public:
  void reserve(StringRef name) { used.insert(name); }

  std::string add(const Twine &wanted) {
    std::string base = wanted.str(), name = base;
    unsigned &count = counts[base];
    while (!used.insert(name).second)
      name = base + "_" + std::to_string(++count);
    return name;
  }

private:
  llvm::StringSet<> used;
  llvm::StringMap<unsigned> counts;
};

} // namespace

/// The first name in `location`, in order; empty if there is none.
static StringRef getName(LocationAttr location) {
  if (auto named = dyn_cast<NameLoc>(location))
    return named.getName();
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : fused.getLocations())
      if (StringRef name = getName(part); !name.empty())
        return name;
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return getName(call.getCallee());
  return {};
}

/// The name of the layer whose unit starts at `root`.
static std::string getLayerName(Operation *root) {
  StringRef name = getName(root->getLoc());
  return (name.empty() ? root->getName().stripDialect() : name).str();
}

/// A head feeds softmax, its logarithm, argmax and results of the function, and
/// nothing else. Results of softmax are heads, unless a multiply-accumulate reads
/// them.
static bool isHead(Value value) {
  bool isUsed = false, feedsOther = false, feedsProducts = false;
  forEachCodesUse(value, [&](OpOperand &use) {
    isUsed = true;
    feedsOther |= !isa<SoftmaxOp, LogSoftmaxOp, tosa::ArgMaxOp, func::ReturnOp>(
        use.getOwner());
    feedsProducts |= isMultiplyAccumulate(use.getOwner());
  });
  if (value.getDefiningOp<SoftmaxOp>())
    return !feedsProducts;
  return isUsed && !feedsOther;
}

namespace {

struct ObservePass : lowbit::impl::ObservePassBase<ObservePass> {
  void runOnOperation() override {
    names = UniqueNames();
    getOperation().walk([&](ObserveOp op) { names.reserve(op.getName()); });
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal())
        observe(function);
  }

private:
  void observe(func::FuncOp function) {
    for (BlockArgument argument : function.getArguments()) {
      auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                        "lowbit.name");
      std::string fallback = "arg" + std::to_string(argument.getArgNumber());
      observe(argument, name ? name.getValue() : fallback, Role::Activation);
    }
    // The operations that are there before any observation is.
    for (Operation &op : llvm::make_early_inc_range(function.front()))
      if (!isa<ObserveOp>(op))
        observe(op);
  }

  void observe(Operation &op) {
    if (isa<EncodeOp, DecodeOp>(op)) // A network that has its formats.
      return;
    QuantizationUnit unit = getQuantizationUnit(&op);
    if (unit.root == &op && isMultiplyAccumulate(&op)) {
      // The name is taken here, where the layer starts, for both observations.
      std::string layer = names.add(getLayerName(&op));
      if (OpOperand *weights = getWeights(&op))
        observe(weights->get(), layer + ".weight", Role::Weight, weights);
      layers[&op] = std::move(layer);
    }
    observeConstantOperands(op, unit);
    if (unit.getLast() != &op || isDataMovement(&op) ||
        op.hasTrait<OpTrait::ConstantLike>())
      return;
    for (OpResult result : op.getResults()) {
      Role role = isHead(result) ? Role::Head : Role::Activation;
      auto layer = layers.find(unit.root);
      if (layer != layers.end())
        observeAs(result, layer->second, role);
      else
        observe(result, getLayerName(unit.root), role);
    }
  }

  /// A constant that meets activations needs a format of its own. Arithmetic
  /// on pairs takes wide codes: there it is a head.
  void observeConstantOperands(Operation &op, const QuantizationUnit &unit) {
    bool narrow = isa<tosa::ConcatOp>(op) ||
                  (isa<tosa::MatMulOp>(op) && !getWeights(&op));
    if ((!narrow && !isPairwise(&op)) || unit.scaledSum == &op)
      return;
    Role role = narrow ? Role::Activation : Role::Head;
    std::string layer = getLayerName(unit.root);
    if (auto it = layers.find(unit.root); it != layers.end())
      layer = it->second;
    unsigned count = isa<tosa::ConcatOp>(op) ? op.getNumOperands() : 2;
    for (OpOperand &operand : op.getOpOperands().take_front(count))
      if (isConstant(operand.get()))
        observe(operand.get(), layer + ".constant", role, &operand);
  }

  void observe(Value value, const Twine &wanted, Role role,
               OpOperand *only = nullptr) {
    if (canObserve(value, only))
      observeAs(value, names.add(wanted), role, only);
  }

  /// False for values of other types, dead ones, and those that are observed,
  /// decoded or encoded already.
  static bool canObserve(Value value, OpOperand *only = nullptr) {
    return isF32Tensor(value.getType()) &&
           !llvm::all_of(value.getUsers(), llvm::IsaPred<EncodeOp>) &&
           !isa_and_present<ObserveOp, DecodeOp>(value.getDefiningOp()) &&
           (only || !llvm::any_of(value.getUsers(), llvm::IsaPred<ObserveOp>));
  }

  /// Observes `value` under `name`, for all of its uses or for `only` one.
  void observeAs(Value value, StringRef name, Role role,
                 OpOperand *only = nullptr) {
    if (!canObserve(value, only))
      return;
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfterValue(value);
    if (only) // A shared constant serves each of its users.
      builder.setInsertionPoint(only->getOwner());
    auto observe = ObserveOp::create(builder, value.getLoc(), value, name, role,
                                     /*stats=*/StatsAttr(),
                                     /*format=*/TypeAttr(),
                                     /*reason=*/StringAttr(),
                                     /*channels=*/ChannelsAttr(),
                                     /*balanced=*/false,
                                     /*seed=*/IntegerAttr());
    if (only)
      only->set(observe.getResult());
    else
      value.replaceUsesWithIf(observe.getResult(), [](OpOperand &use) {
        return !isa<ObserveOp, EncodeOp>(use.getOwner());
      });
  }

  UniqueNames names;
  /// The names of layers that are started. Looked up only.
  DenseMap<Operation *, std::string> layers;
};

} // namespace
