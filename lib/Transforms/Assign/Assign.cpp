//===- Assign.cpp - chooses formats after a recipe ----------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Formats.h"
#include "JoinFormats.h"
#include "Plan.h"
#include "Quantizers.h"
#include "RangeErrors.h"

#include "lowbit/Support/ConstantData.h"
#include "lowbit/Support/Suggestion.h"
#include "lowbit/Transforms/Assign.h"
#include "lowbit/Transforms/Passes.h"

#include "mlir/Dialect/Tosa/IR/TosaOps.h"

#include <cmath>
#include <limits>

namespace mlir::lowbit {
#define GEN_PASS_DEF_ASSIGNPASS
#include "lowbit/Transforms/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;
using Kind = ActivationQuantizer::Kind;

namespace {

/// Sets `format` or `reason` on every observation of one function.
class Assignment {
public:
  Assignment(func::FuncOp function, const Recipe &recipe)
      : function(function), recipe(recipe), plan(function, recipe) {}

  LogicalResult run();

private:
  FailureOr<quant::QuantizedType> getActivationFormat(ObserveOp op);
  FailureOr<quant::QuantizedType> getFormatOfConstant(ObserveOp op,
                                                      CodeStorage storage);
  FailureOr<quant::QuantizedType> getFormatOfWeights(ObserveOp op);
  LogicalResult assignValue(ObserveOp op);
  LogicalResult assignConstant(ObserveOp op);

  static void assign(ObserveOp op, Type format) {
    op.setFormatAttr(TypeAttr::get(format));
    op.removeReasonAttr();
  }
  static void leaveInFloat(ObserveOp op, const Twine &reason) {
    op.setReasonAttr(StringAttr::get(op.getContext(), reason));
    op.removeFormatAttr();
  }

  func::FuncOp function;
  const Recipe &recipe;
  QuantizationPlan plan;
};

} // namespace

/// The format of an activation or head, from its statistics.
FailureOr<quant::QuantizedType> Assignment::getActivationFormat(ObserveOp op) {
  MLIRContext *context = op.getContext();
  RecipeOptions options = plan.getOptions(op);
  RecipeOptions said = plan.getRuleOptions(op);
  Operation *producer = op.getInput().getDefiningOp();
  bool isFixedPoint = options.activations.quantizer->kind == Kind::FixedPoint &&
                      op.getRole() == Role::Activation;
  if (isFixedPoint)
    producer = nullptr;                       // Known ranges have zero points.
  if (isa_and_present<SoftmaxOp>(producer)) { // [0, 1) from the least code up
    CodeStorage storage = op.getRole() == Role::Activation
                              ? *options.activations.storage
                              : *options.softmax;
    int64_t least = storage.isSigned ? -(int64_t(1) << (storage.width - 1)) : 0;
    return getFixedFormat(context, storage, std::ldexp(1.0, -storage.width),
                          least);
  }

  // Functions with a known range need no statistics: [0, 1) and [-1, 1).
  CodeStorage storage = *options.activations.storage;
  if (op.getRole() == Role::Activation && !said.activations.range) {
    int64_t middle = int64_t(1) << (storage.width - 1);
    if (isa_and_present<tosa::SigmoidOp>(producer))
      return getFixedFormat(context, storage, std::ldexp(1.0, -storage.width),
                            storage.isSigned ? -middle : 0);
    if (isa_and_present<tosa::TanhOp>(producer))
      return getFixedFormat(
          context, storage,
          std::ldexp(1.0, 1 - static_cast<int>(storage.width)),
          storage.isSigned ? 0 : middle);
  }

  if (isConstant(op.getInput()))
    return getFormatOfConstant(op, storage);
  StatsAttr stats = op.getStatsAttr();
  if (!stats)
    return op.emitError() << "'" << op.getName()
                          << "' has no statistics; use -lowbit-calibrate first";
  double least = stats.getMin().getValueAsDouble();
  double most = stats.getMax().getValueAsDouble();
  if (op.getRole() == Role::Head)
    return getSymmetricFormat(context, *options.heads,
                              std::max(std::abs(least), std::abs(most)));
  RangeMethod method = *options.activations.range;
  if (method == RangeMethod::Mixed) {
    FailureOr<RangeMethod> best = getLeastRangeError(op);
    if (failed(best))
      return failure();
    method = *best;
  }
  std::tie(least, most) =
      getRange(stats, method, *options.activations.percentile, storage.width);
  if (!isFixedPoint)
    return getAffineFormat(context, storage, least, most);
  if (!storage.isSigned && least < 0)
    return op.emitError() << "the quantizer 'fixed-point' of '" << op.getName()
                          << "' expects a signed storage for numbers from "
                          << least << " on";
  return getFixedPointFormat(context, storage, std::max(-least, most));
}

/// The format of a constant that meets activations: all of it is known.
FailureOr<quant::QuantizedType>
Assignment::getFormatOfConstant(ObserveOp op, CodeStorage storage) {
  std::optional<SmallVector<float>> elements =
      readConstant<float>(op.getInput());
  if (!elements || elements->empty())
    return op.emitError() << "the constant '" << op.getName()
                          << "' cannot be read";
  if (!llvm::all_of(*elements, [](float x) { return std::isfinite(x); }))
    return op.emitError() << "the constant '" << op.getName()
                          << "' holds NaN or infinity";
  auto [least, most] = std::minmax_element(elements->begin(), elements->end());
  return getAffineFormat(op.getContext(), storage, *least, *most);
}

/// The least scale of codes of `format`, infinite where that is known only at run
/// time. Nothing for none, or several along an axis.
static std::optional<double> getLeastScale(Type format) {
  if (auto uniform = dyn_cast_or_null<quant::UniformQuantizedType>(format))
    return uniform.getScale();
  auto codes = dyn_cast_or_null<Format>(format);
  if (!codes)
    return std::nullopt;
  if (codes.hasParameters()) // The layer's bias is a real number then.
    return std::numeric_limits<double>::infinity();
  if (codes.getScaleAxis())
    return std::nullopt;
  double least = codes.getScale(/*term=*/0, /*channel=*/0);
  for (unsigned term = 1; term < codes.getNumTerms(); ++term)
    least = std::min(least, codes.getScale(term, /*channel=*/0));
  return least;
}

/// The format of weights, from their own elements, the layer's bias and the
/// format of the layer's input.
FailureOr<quant::QuantizedType> Assignment::getFormatOfWeights(ObserveOp op) {
  Operation *layer = *op->user_begin();
  QuantizationUnit unit = getQuantizationUnit(layer);
  RecipeOptions options = plan.getOptions(op);
  for (Operation *user : unit.getResult().getUsers())
    if (auto result = dyn_cast<ObserveOp>(user))
      options = plan.getOptions(result);

  std::optional<SmallVector<float>> elements =
      readConstant<float>(op.getInput());
  std::optional<SmallVector<float>> bias;
  if (!isa<tosa::MatMulOp>(layer) && !isDecodedConstant(layer->getOperand(2))) {
    bias = readConstant<float>(layer->getOperand(2));
    if (!bias)
      return op.emitError()
             << "the bias of '" << op.getName() << "' cannot be read";
  }
  if (!elements || elements->empty())
    return op.emitError() << "the weights '" << op.getName()
                          << "' cannot be read";
  Type inputFormat;
  if (DecodeOp decode = getDecode(layer->getOperand(0)))
    inputFormat =
        cast<ShapedType>(decode.getInput().getType()).getElementType();
  else
    inputFormat =
        getObservation(layer->getOperand(0)).getFormat().value_or(Type());
  std::optional<double> inputScale = getLeastScale(inputFormat);
  if (!inputScale)
    return op.emitError() << "the input of '" << op.getName()
                          << "' has no format per tensor";

  // Output channels of each kind of layer lie along one dimension; those of a
  // depthwise convolution with a multiplier m are c * m + i, with c along it.
  ArrayRef<int64_t> shape = cast<ShapedType>(op.getType()).getShape();
  int64_t dim = isa<tosa::Conv2DOp, GroupedConv2dOp>(layer) ? 0 : 2;
  WeightRange range;
  int64_t count = shape[dim], inner = 1;
  for (int64_t size : shape.drop_front(dim + 1))
    inner *= size;
  if (*options.weights.perChannel)
    range.axis = dim;
  else
    count = 1;
  range.magnitudes.assign(count, 0);
  range.biases.assign(count, 0);
  for (auto [i, weight] : llvm::enumerate(*elements)) {
    if (!std::isfinite(weight))
      return op.emitError()
             << "the weights '" << op.getName() << "' hold NaN or infinity";
    double &most =
        range.magnitudes[range.axis < 0 ? 0 : i / inner % shape[dim]];
    most = std::max<double>(most, std::abs(weight));
  }
  if (bias) {
    // One bias may serve all channels.
    int64_t numOutputs =
        cast<ShapedType>(layer->getResult(0).getType()).getShape().back();
    for (int64_t output = 0; output < numOutputs; ++output) {
      double value = std::abs((*bias)[bias->size() == 1 ? 0 : output]);
      if (!std::isfinite(value))
        return op.emitError()
               << "the bias of '" << op.getName() << "' holds NaN or infinity";
      double &most = range.biases[output * count / numOutputs];
      most = std::max(most, value);
    }
  }
  op.setBalanced(*options.weights.rounding == WeightRounding::Balanced);
  if (*options.weights.rounding == WeightRounding::Stochastic)
    op.setSeed(recipe.seed);
  else
    op.removeSeedAttr();
  return getWeightFormat(op.getContext(), *options.weights.storage,
                         *options.weights.narrowRange, range, *inputScale);
}

LogicalResult Assignment::assignValue(ObserveOp op) {
  Operation *producer = op.getInput().getDefiningOp();
  bool isCoded = producer && plan.getReason(producer).empty();
  if (!isCoded && !plan.isReadAsCodes(op.getResult())) {
    leaveInFloat(op, producer ? plan.getReason(producer)
                     : !*plan.getOptions(op).quantize
                         ? "the recipe leaves it in float"
                         : "nothing computes on its codes");
    return success();
  }
  ActivationOptions options = plan.getOptions(op).activations;
  if (options.quantizer->isDynamic() && op.getRole() == Role::Head) {
    leaveInFloat(op, "the recipe's layers compute real numbers");
    return success();
  }
  FailureOr<Type> format =
      options.quantizer->kind == Kind::Affine ||
              options.quantizer->kind == Kind::FixedPoint ||
              op.getRole() == Role::Head
          ? FailureOr<Type>(getActivationFormat(op))
          : getQuantizerFormat(op, options);
  if (failed(format))
    return failure();
  assign(op, *format);
  return success();
}

LogicalResult Assignment::assignConstant(ObserveOp op) {
  if (!llvm::hasSingleElement(op->getUsers()))
    return op.emitError() << "the observed constant '" << op.getName()
                          << "' expects one use; use -lowbit-observe to insert "
                             "observations";
  Operation *user = *op->user_begin();
  if (!plan.getReason(user).empty()) {
    leaveInFloat(op, "it is used in float");
    return success();
  }
  FailureOr<quant::QuantizedType> format = op.getRole() == Role::Weight
                                               ? getFormatOfWeights(op)
                                               : getActivationFormat(op);
  if (failed(format))
    return failure();
  assign(op, *format);
  return success();
}

LogicalResult Assignment::run() {
  SmallVector<ObserveOp> constants;
  WalkResult values = function.walk([&](ObserveOp op) {
    if (isConstant(op.getInput())) {
      constants.push_back(op);
      return WalkResult::advance();
    }
    return WalkResult(assignValue(op));
  });
  if (values.wasInterrupted())
    return failure();
  joinFormats(function, plan);
  // Weights need the format of their layer's input.
  for (ObserveOp op : constants)
    if (failed(assignConstant(op)))
      return failure();
  for (Operation *unit : plan.getUnits())
    if (StringRef reason = plan.getReason(unit); !reason.empty())
      unit->setAttr("lowbit.reason",
                    StringAttr::get(unit->getContext(), reason));
    else
      unit->removeAttr("lowbit.reason");
  return success();
}

/// A rule about a layer that is not there is a mistake.
static LogicalResult checkRules(ModuleOp module, const Recipe &recipe) {
  SmallVector<StringRef> layers;
  module.walk([&](ObserveOp op) {
    if (!isConstant(op.getInput()))
      layers.push_back(op.getName());
  });
  for (const RecipeRule &rule : recipe.rules)
    if (rule.layer && llvm::none_of(layers, [&](StringRef layer) {
          return rule.matchesLayer(layer);
        }))
      return module.emitError()
             << rule.location << ": no layer matches '" << *rule.layer << "'"
             << suggest(*rule.layer, layers)
             << " (layers: " << listQuoted(layers) << ")";
  return success();
}

/// A rule about kinds, positions or shapes that are not there may be meant for
/// other networks.
static void reportUnusedRules(ModuleOp module, const Recipe &recipe) {
  std::vector<bool> isUsed(recipe.rules.size(), false);
  for (auto function : module.getOps<func::FuncOp>()) {
    RecipeLayers layers(function);
    function.walk([&](ObserveOp op) {
      for (auto [i, rule] : llvm::enumerate(recipe.rules))
        isUsed[i] = isUsed[i] || rule.matches(layers.describe(op));
    });
  }
  for (auto [i, rule] : llvm::enumerate(recipe.rules))
    if (!isUsed[i])
      module.emitRemark() << rule.location << ": the rule matches no layer";
}

LogicalResult lowbit::assignFormats(ModuleOp module, const Recipe &recipe) {
  if (recipe.importsFormats) {
    module.walk([](ObserveOp op) {
      op.setReason("the model leaves it in float");
      op.removeFormatAttr();
    });
    return success();
  }
  if (failed(checkRules(module, recipe)))
    return failure();
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal() && failed(Assignment(function, recipe).run()))
      return failure();
  return success();
}

namespace {

struct AssignPass : lowbit::impl::AssignPassBase<AssignPass> {
  using Base::Base;

  void runOnOperation() override {
    llvm::Expected<Recipe> loaded = loadRecipe(recipe);
    if (!loaded) {
      getOperation().emitError() << llvm::toString(loaded.takeError());
      return signalPassFailure();
    }
    if (failed(assignFormats(getOperation(), *loaded)))
      return signalPassFailure();
    reportUnusedRules(getOperation(), *loaded);
  }
};

} // namespace
