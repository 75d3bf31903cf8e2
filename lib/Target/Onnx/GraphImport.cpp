//===- GraphImport.cpp - a graph becomes a function ---===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nodes are imported in the order of the file. A node that cannot be imported
// does not end the import: its reasons are kept, whatever depends on its
// results is passed over, and in the end one error lists all such nodes.
//
//===----------------------------------------------------------------------===//

#include "GraphImport.h"

#include "CodeInterface.h"
#include "ModelFile.h"
#include "Operators.h"
#include "TosaBuilding.h"

#include "onnx.pb.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::lowbit;
using namespace mlir::lowbit::onnximport;

namespace {

class GraphImporter {
public:
  GraphImporter(const ::onnx::ModelProto &model, const TensorReader &reader,
                const OnnxImportOptions &options, Location loc)
      : model(model), graph(model.graph()), reader(reader), options(options),
        loc(loc), builder(loc, loc.getContext()) {}

  OwningOpRef<ModuleOp> run();

private:
  LogicalResult importInputs(func::FuncOp function);
  void importNode(const ::onnx::NodeProto &node);
  /// Fails if the constants that nodes have computed become too many with those
  /// of `node`.
  LogicalResult countConstants(const ::onnx::NodeProto &node);
  LogicalResult importOutputs(func::FuncOp function);
  LogicalResult checkDeclaration(const ::onnx::ValueInfoProto &output,
                                 RankedTensorType type);
  LogicalResult reportRefusals();

  /// Keeps the reason and passes over what depends on the node.
  void refuse(const ::onnx::NodeProto &node, const Twine &reason);

  const ::onnx::ModelProto &model;
  const ::onnx::GraphProto &graph;
  const TensorReader &reader;
  OnnxImportOptions options;
  Location loc;
  ImplicitLocOpBuilder builder;
  OperatorTable operators;
  ValueTable values;
  ImportScope scope = {builder, values, reader, operators, getOpset(model, "")};
  SmallVector<std::string> refusals;
  int64_t refusedNodes = 0;
  /// Elements of the constants that the file holds and nodes have read, and of
  /// those that nodes have computed.
  int64_t heldElements = 0, computedElements = 0;
  llvm::SmallPtrSet<const void *, 16> countedConstants;
};

} // namespace

/// ONNX's own domain has two spellings.
static StringRef getDomain(const ::onnx::NodeProto &node) {
  return node.domain() == "ai.onnx" ? StringRef() : StringRef(node.domain());
}

/// The static tensor type of `input`; null after an error.
static RankedTensorType getInputType(const ::onnx::ValueInfoProto &input,
                                     int64_t batch, Location loc) {
  auto refuse = [&](const Twine &reason) {
    emitError(loc) << "input " << quote(input.name()) << ' ' << reason;
    return RankedTensorType();
  };
  const ::onnx::TypeProto &declared = input.type();
  if (!declared.has_tensor_type() || !declared.tensor_type().has_shape())
    return refuse("is not declared as a tensor with a shape");
  int32_t elementType = declared.tensor_type().elem_type();
  Type element = getIRElementType(loc.getContext(), elementType);
  if (!element)
    return refuse("has elements of type " + describeElementType(elementType) +
                  "; lowbit imports inputs of " + runTimeElementTypes);
  SmallVector<int64_t> shape;
  for (const auto &dim : declared.tensor_type().shape().dim()) {
    if (dim.has_dim_value()) {
      shape.push_back(dim.dim_value());
      continue;
    }
    if (!shape.empty())
      return refuse("has the open dimension " + Twine(shape.size()) + " (" +
                    quote(dim.dim_param()) +
                    "); only dimension 0, the batch, may be open: export the "
                    "model with a fixed size");
    shape.push_back(batch);
  }
  std::optional<int64_t> count = countElements(shape);
  if (!count || *count == 0 || shape.size() > 6)
    return refuse("has the shape " + describeShape(shape) +
                  "; expected at most 6 dimensions, each at least 1, and at "
                  "most 2^40 elements");
  return RankedTensorType::get(shape, element);
}

LogicalResult GraphImporter::importInputs(func::FuncOp function) {
  llvm::StringSet<> constants;
  for (const ::onnx::TensorProto &tensor : graph.initializer()) {
    constants.insert(tensor.name());
    values[tensor.name()].initializer = &tensor;
  }
  SmallVector<Type> types;
  for (const ::onnx::ValueInfoProto &input : graph.input()) {
    if (constants.contains(input.name()))
      continue;
    RankedTensorType type = getInputType(input, options.batch, loc);
    if (!type)
      return failure();
    types.push_back(getArgumentType(type));
    Location name = NameLoc::get(builder.getStringAttr(input.name()));
    Value argument = function.getBody().front().addArgument(types.back(), name);
    builder.setLoc(name);
    values[input.name()].value = readArgument(builder, argument, type);
  }
  function.setType(builder.getFunctionType(types, {}));
  unsigned index = 0;
  for (const ::onnx::ValueInfoProto &input : graph.input())
    if (!constants.contains(input.name()))
      function.setArgAttr(index++, "lowbit.name",
                          builder.getStringAttr(input.name()));
  return success();
}

void GraphImporter::refuse(const ::onnx::NodeProto &node, const Twine &reason) {
  StringRef domain = getDomain(node);
  int64_t opset = getOpset(model, domain);
  std::string text;
  llvm::raw_string_ostream(text)
      << "node " << quote(getNodeName(node)) << " (op " << quote(node.op_type())
      << " of domain '" << (domain.empty() ? "ai.onnx" : domain) << "', opset "
      << (opset ? std::to_string(opset) : "not stated") << ") " << reason;
  refusals.push_back(std::move(text));
  for (const std::string &output : node.output())
    values[output].refused = true;
}

void GraphImporter::importNode(const ::onnx::NodeProto &node) {
  const Operator *found = operators.find(getDomain(node), node.op_type());
  if (!found) {
    ++refusedNodes;
    return refuse(node, "is not supported; simplify the model or export it "
                        "without this op");
  }
  bool inputsRefused = false;
  SmallVector<std::string> reasons;
  for (const std::string &input : node.input()) {
    if (input.empty())
      continue;
    const ImportedValue &value = values[input];
    inputsRefused |= value.refused;
    if (value.notComputed)
      reasons.push_back("reads " + quote(input) +
                        ", an output that lowbit does not compute");
  }
  if (inputsRefused) {
    for (const std::string &output : node.output())
      values[output].refused = true;
    return;
  }
  if (reasons.empty()) {
    builder.setLoc(
        NameLoc::get(builder.getStringAttr(getNodeName(node)),
                     NameLoc::get(builder.getStringAttr(node.op_type()))));
    NodeContext context(node, getOpset(model, getDomain(node)), scope);
    bool imported = succeeded(importOperator(*found, context));
    llvm::append_range(reasons, context.getRefusals());
    assert((imported || !reasons.empty()) && "a refusal needs a reason");
  }
  if (reasons.empty() && failed(countConstants(node)))
    reasons.push_back("computes a constant that is too large together with "
                      "those of other nodes; fold constants when exporting the "
                      "model");
  if (!reasons.empty())
    ++refusedNodes;
  for (const std::string &reason : reasons)
    refuse(node, reason);
  if (!reasons.empty())
    return;
  for (const std::string &output : node.output()) {
    ImportedValue &value = values[output];
    value.notComputed = !value.value && !value.constant;
  }
}

LogicalResult GraphImporter::countConstants(const ::onnx::NodeProto &node) {
  // What only views the elements of another constant takes no memory.
  auto count = [&](const std::string &name, int64_t &elements) {
    const std::optional<ConstantTensor> &constant = values[name].constant;
    if (!constant || !constant->getNumElements())
      return;
    const void *data =
        constant->isFloat()
            ? static_cast<const void *>(constant->getFloats().data())
            : constant->getIntegers().data();
    if (countedConstants.insert(data).second)
      elements += constant->getNumElements();
  };
  for (const std::string &input : node.input())
    count(input, heldElements);
  for (const std::string &output : node.output())
    count(output, node.input_size() ? computedElements : heldElements);
  return success(computedElements <= 4 * maxFoldedElements + 16 * heldElements);
}

/// What a model declares is not what counts, but a contradiction is worth a
/// word.
LogicalResult
GraphImporter::checkDeclaration(const ::onnx::ValueInfoProto &output,
                                RankedTensorType type) {
  const ::onnx::TypeProto &declared = output.type();
  if (!declared.has_tensor_type())
    return success();
  int32_t element = declared.tensor_type().elem_type();
  int32_t computed = getOnnxElementType(type.getElementType());
  if (element != computed && element != ::onnx::TensorProto::UNDEFINED)
    return emitError(loc) << "output " << quote(output.name())
                          << " is declared as " << describeElementType(element)
                          << ", but lowbit computes "
                          << describeElementType(computed);
  if (!declared.tensor_type().has_shape())
    return success();
  const auto &dims = declared.tensor_type().shape().dim();
  bool fits = dims.size() == type.getRank();
  for (int64_t index = 0; fits && index < type.getRank(); ++index)
    fits = !dims[index].has_dim_value() ||
           dims[index].dim_value() == type.getDimSize(index);
  if (!fits)
    emitWarning(loc) << "output " << quote(output.name())
                     << " is declared with another shape than "
                     << describeShape(type.getShape())
                     << ", which the graph computes";
  return success();
}

LogicalResult GraphImporter::importOutputs(func::FuncOp function) {
  SmallVector<Value> results;
  for (const ::onnx::ValueInfoProto &output : graph.output()) {
    // A result that is a constant is read as a node would read it.
    ::onnx::NodeProto reader;
    reader.add_input(output.name());
    builder.setLoc(NameLoc::get(builder.getStringAttr(output.name())));
    NodeContext context(reader, 0, scope);
    const ImportedValue &value = values[output.name()];
    Value result = value.notComputed ? Value() : context.getValue(0);
    if (!result)
      return emitError(loc)
             << "output " << quote(output.name()) << ' '
             << (value.notComputed ? "is not computed by lowbit"
                                   : context.getRefusals().front());
    if (failed(
            checkDeclaration(output, cast<RankedTensorType>(result.getType()))))
      return failure();
    results.push_back(makeResult(builder, result));
  }
  builder.setLoc(loc);
  func::ReturnOp::create(builder, UnknownLoc::get(loc.getContext()), results);
  function.setType(builder.getFunctionType(function.getArgumentTypes(),
                                           ValueRange(results).getTypes()));
  for (auto [index, output] : llvm::enumerate(graph.output()))
    function.setResultAttr(index, "lowbit.name",
                           builder.getStringAttr(output.name()));
  return success();
}

LogicalResult GraphImporter::reportRefusals() {
  if (refusals.empty())
    return success();
  InFlightDiagnostic diagnostic = emitError(loc);
  diagnostic << "cannot import " << refusedNodes << " of " << graph.node_size()
             << " nodes";
  for (const std::string &refusal : refusals)
    diagnostic.attachNote(loc) << refusal;
  return diagnostic;
}

/// Removes constants that were needed only in another shape.
static void eraseDeadConstants(func::FuncOp function) {
  SmallVector<Operation *> dead;
  for (Operation &op : function.getBody().front())
    if (op.hasTrait<OpTrait::ConstantLike>() && op.use_empty())
      dead.push_back(&op);
  for (Operation *op : dead)
    op->erase();
}

OwningOpRef<ModuleOp> GraphImporter::run() {
  if (options.batch < 1) {
    emitError(loc) << "cannot import a batch of " << options.batch
                   << "; expected at least 1";
    return nullptr;
  }
  Location unknown = UnknownLoc::get(loc.getContext());
  OwningOpRef<ModuleOp> module = ModuleOp::create(unknown);
  builder.setInsertionPointToEnd(module->getBody());
  auto function = func::FuncOp::create(builder, unknown, "main",
                                       builder.getFunctionType({}, {}));
  builder.setInsertionPointToEnd(function.addEntryBlock());
  if (failed(importInputs(function)))
    return nullptr;
  for (const ::onnx::NodeProto &node : graph.node())
    importNode(node);
  if (failed(reportRefusals()) || failed(importOutputs(function)))
    return nullptr;
  eraseDeadConstants(function);
  adoptArgumentFormats(function);
  return module;
}

OwningOpRef<ModuleOp> onnximport::importGraph(const ::onnx::ModelProto &model,
                                              const TensorReader &reader,
                                              const OnnxImportOptions &options,
                                              Location loc) {
  return GraphImporter(model, reader, options, loc).run();
}
