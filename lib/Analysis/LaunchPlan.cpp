//===- LaunchPlan.cpp - What a host does to run a program on a device -----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Analysis/LaunchPlan.h"

#include "lowbit/Analysis/ModelInterface.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::lowbit;

static constexpr StringLiteral kBufferNames[] = {"arena", "input", "output",
                                                 "constants"};

static bool isIndexed(LaunchArgument::Kind kind) {
  return kind == LaunchArgument::Input || kind == LaunchArgument::Output;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static DictionaryAttr toAttribute(Builder &builder,
                                  const LaunchArgument &argument) {
  if (argument.kind == LaunchArgument::Scalar)
    return builder.getDictionaryAttr(
        builder.getNamedAttr("scalar", argument.value));
  SmallVector<NamedAttribute> fields = {
      builder.getNamedAttr("buffer",
                           builder.getStringAttr(kBufferNames[argument.kind])),
      builder.getNamedAttr("offset",
                           builder.getI64IntegerAttr(argument.offset)),
      builder.getNamedAttr("size", builder.getI64IntegerAttr(argument.size))};
  if (isIndexed(argument.kind))
    fields.push_back(builder.getNamedAttr(
        "index", builder.getI64IntegerAttr(argument.index)));
  return builder.getDictionaryAttr(fields);
}

void lowbit::setLaunchPlan(ModuleOp module, ArrayRef<Launch> launches) {
  Builder builder(module.getContext());
  SmallVector<Attribute> entries;
  for (const Launch &launch : launches) {
    SmallVector<Attribute> arguments;
    for (const LaunchArgument &argument : launch.arguments)
      arguments.push_back(toAttribute(builder, argument));
    auto kernel = SymbolRefAttr::get(
        builder.getContext(), kKernelsSymbol,
        FlatSymbolRefAttr::get(builder.getContext(), launch.kernel));
    entries.push_back(builder.getDictionaryAttr(
        {builder.getNamedAttr("kernel", kernel),
         builder.getNamedAttr("grid",
                              builder.getDenseI32ArrayAttr(launch.grid)),
         builder.getNamedAttr("block",
                              builder.getDenseI32ArrayAttr(launch.block)),
         builder.getNamedAttr("shared",
                              builder.getI32IntegerAttr(launch.sharedBytes)),
         builder.getNamedAttr("arguments", builder.getArrayAttr(arguments))}));
  }
  module->setAttr(kLaunchesAttr, builder.getArrayAttr(entries));
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {

/// Reads launches of one module, and knows how large its buffers are.
class PlanReader {
public:
  PlanReader(ModuleOp module, const ModelInterface &interface)
      : module(module), interface(interface) {
    if (auto constants =
            module.lookupSymbol<memref::GlobalOp>(kConstantsSymbol))
      constantsSize = constants.getType().getNumElements();
  }

  FailureOr<Launch> readLaunch(Attribute entry) {
    auto fields = dyn_cast<DictionaryAttr>(entry);
    if (!fields)
      return refuse(entry);
    auto kernel = fields.getAs<SymbolRefAttr>("kernel");
    auto shared = fields.getAs<IntegerAttr>("shared");
    auto arguments = fields.getAs<ArrayAttr>("arguments");
    Launch launch;
    if (!kernel || kernel.getNestedReferences().size() != 1 ||
        kernel.getRootReference() != kKernelsSymbol || !shared ||
        !shared.getType().isSignlessInteger(32) || shared.getInt() < 0 ||
        !arguments || !readDimensions(fields, "grid", launch.grid) ||
        !readDimensions(fields, "block", launch.block))
      return refuse(entry);
    launch.kernel = kernel.getLeafReference().str();
    launch.sharedBytes = shared.getInt();
    for (Attribute attr : arguments) {
      auto argument = dyn_cast<DictionaryAttr>(attr);
      std::optional<LaunchArgument> read =
          argument ? readArgument(argument) : std::nullopt;
      if (!read)
        return module.emitError() << "expects arguments of '" << kLaunchesAttr
                                  << "' that are scalars, or within the "
                                     "program's buffers, but got "
                                  << attr;
      launch.arguments.push_back(*read);
    }
    return launch;
  }

private:
  LogicalResult refuse(Attribute entry) {
    return module.emitError() << "expects a kernel, a grid, a block, shared "
                                 "memory and arguments in "
                                 "each of '"
                              << kLaunchesAttr << "', but got " << entry;
  }

  static bool readDimensions(DictionaryAttr fields, StringRef name,
                             std::array<int32_t, 3> &dimensions) {
    auto attr = fields.getAs<DenseI32ArrayAttr>(name);
    if (!attr || attr.size() != 3 ||
        llvm::any_of(attr.asArrayRef(), [](int32_t size) { return size < 1; }))
      return false;
    llvm::copy(attr.asArrayRef(), dimensions.begin());
    return true;
  }

  std::optional<LaunchArgument> readArgument(DictionaryAttr fields) {
    LaunchArgument argument;
    if (auto scalar = fields.getAs<TypedAttr>("scalar")) {
      Type type = scalar.getType();
      if (!type.isSignlessInteger(32) && !type.isSignlessInteger(64) &&
          !type.isF32())
        return std::nullopt;
      argument.kind = LaunchArgument::Scalar;
      argument.value = scalar;
      argument.size = type.getIntOrFloatBitWidth() / 8;
      return argument;
    }
    auto buffer = fields.getAs<StringAttr>("buffer");
    auto offset = fields.getAs<IntegerAttr>("offset");
    auto size = fields.getAs<IntegerAttr>("size");
    if (!buffer || !offset || !offset.getType().isSignlessInteger(64) ||
        !size || !size.getType().isSignlessInteger(64))
      return std::nullopt;
    auto *name = llvm::find(kBufferNames, buffer.getValue());
    if (name == std::end(kBufferNames))
      return std::nullopt;
    argument.kind =
        static_cast<LaunchArgument::Kind>(name - std::begin(kBufferNames));
    argument.offset = offset.getInt();
    argument.size = size.getInt();
    if (isIndexed(argument.kind)) {
      auto index = fields.getAs<IntegerAttr>("index");
      if (!index || index.getInt() < 0)
        return std::nullopt;
      argument.index = index.getInt();
    }
    int64_t available = getBufferSize(argument);
    if (argument.offset < 0 || argument.size < 0 ||
        argument.offset > available ||
        argument.size > available - argument.offset)
      return std::nullopt;
    return argument;
  }

  /// Negative for a buffer that the program does not have.
  int64_t getBufferSize(const LaunchArgument &argument) {
    switch (argument.kind) {
    case LaunchArgument::Arena:
      return interface.workspaceSize;
    case LaunchArgument::Constants:
      return constantsSize;
    case LaunchArgument::Input:
      return getTensorSize(interface.inputs, argument.index);
    case LaunchArgument::Output:
      return getTensorSize(interface.outputs, argument.index);
    case LaunchArgument::Scalar:
      break;
    }
    return -1;
  }
  static int64_t getTensorSize(ArrayRef<TensorDescription> tensors,
                               uint32_t index) {
    return index < tensors.size() ? tensors[index].getNumBytes() : -1;
  }

  ModuleOp module;
  const ModelInterface &interface;
  int64_t constantsSize = -1;
};

} // namespace

FailureOr<SmallVector<Launch>> lowbit::readLaunchPlan(ModuleOp module) {
  FailureOr<ModelInterface> interface = readModelInterface(module);
  if (failed(interface))
    return failure();
  auto entries = module->getAttrOfType<ArrayAttr>(kLaunchesAttr);
  if (!entries)
    return module.emitError() << "expects the array '" << kLaunchesAttr
                              << "', which -lowbit-plan-launches makes";
  PlanReader reader(module, *interface);
  SmallVector<Launch> launches;
  for (Attribute entry : entries) {
    FailureOr<Launch> launch = reader.readLaunch(entry);
    if (failed(launch))
      return failure();
    launches.push_back(std::move(*launch));
  }
  return launches;
}

SmallVector<StringRef> lowbit::listKernels(ArrayRef<Launch> launches) {
  SmallVector<StringRef> kernels;
  llvm::StringSet<> known;
  for (const Launch &launch : launches)
    if (known.insert(launch.kernel).second)
      kernels.push_back(launch.kernel);
  return kernels;
}
