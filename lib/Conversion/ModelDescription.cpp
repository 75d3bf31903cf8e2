//===- ModelDescription.cpp - The lowbit_model of a program ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The types below mirror include/lowbit/Runtime/lowbit_model.h field by field;
// the static asserts tie the layout that LLVM gives them to the C compiler's.

#include "ModelDescription.h"

#include "GlobalBuilder.h"

#include "llvm/TargetParser/Triple.h"

#include <array>
#include <cstddef>

using namespace mlir;
using namespace mlir::lowbit;

static_assert(sizeof(lowbit_tensor) == 40 && sizeof(lowbit_port) == 56 &&
                  sizeof(lowbit_model) == 136 &&
                  sizeof(lowbit_variants) == 32 &&
                  offsetof(lowbit_tensor, scale) == 24 &&
                  offsetof(lowbit_model, run) == 88 &&
                  offsetof(lowbit_model, device) == 112,
              "these are the sizes for pointers of 64 bits");

/// sizeof(lowbit_model) where the program runs: `target` starts with its triple.
static int64_t getModelSize(StringRef target) {
  constexpr int64_t withShortPointers = 96;
  return llvm::Triple(target.split(' ').first).isArch32Bit()
             ? withShortPointers
             : sizeof(lowbit_model);
}

namespace {

/// Builds constants of the model's description as initializers of globals.
class DescriptionBuilder : GlobalBuilder {
public:
  DescriptionBuilder(ModuleOp module, StringRef prefix)
      : GlobalBuilder(module, prefix),
        tensor(structOf({ptr, i32, i32, ptr, builder.getF64Type(), i32, i32})),
        port(structOf({tensor, i64, ptr})) {}

  /// `<prefix>_lowbit_model`
  void buildModel(const ModelInterface &interface,
                  ArrayRef<PortDescription> portDescriptions,
                  const ModelIdentity &identity, LLVM::LLVMFuncOp run,
                  LLVM::GlobalOp device, LLVM::GlobalOp variants) {
    LLVM::GlobalOp inputs = buildTensors("inputs", interface.inputs);
    LLVM::GlobalOp outputs = buildTensors("outputs", interface.outputs);
    LLVM::GlobalOp ports = buildPorts(portDescriptions);
    LLVM::GlobalOp strings[] = {
        buildString("name", identity.name),
        buildString("profile", identity.profile),
        buildString("recipe", identity.recipe),
        buildString("compiler", "lowbit " LOWBIT_VERSION),
        buildString("target", identity.target),
        buildString("threads", identity.threads)};
    auto type = structOf({i32, i32, ptr, i32, i32, ptr, ptr, i64, i64, ptr, ptr,
                          ptr, ptr, ptr, i64, ptr, ptr, ptr, ptr});
    LLVM::GlobalOp global =
        createGlobal(type, "lowbit_model", LLVM::Linkage::External);
    buildInitializer(global, [&]() -> SmallVector<Value> {
      return {integer(i32, LOWBIT_ABI_VERSION),
              integer(i32, getModelSize(identity.target)),
              address(strings[0]),
              integer(i32, interface.inputs.size()),
              integer(i32, interface.outputs.size()),
              address(inputs),
              address(outputs),
              integer(i64, interface.workspaceSize),
              integer(i64, kWorkspaceAlignment),
              address(strings[1]),
              address(strings[2]),
              address(strings[3]),
              address(strings[4]),
              LLVM::AddressOfOp::create(builder, run),
              integer(i64, portDescriptions.size()),
              address(ports),
              address(device),
              address(strings[5]),
              address(variants)};
    });
  }

private:
  Value buildTensor(const TensorDescription &description, LLVM::GlobalOp name,
                    LLVM::GlobalOp dims) {
    Value scale = LLVM::ConstantOp::create(
        builder, builder.getF64FloatAttr(description.scale));
    Value fields[] = {address(name),
                      integer(i32, description.elementType),
                      integer(i32, description.dims.size()),
                      address(dims),
                      scale,
                      integer(i32, description.zeroPoint),
                      integer(i32, description.isQuantized)};
    return buildAggregate(tensor, fields);
  }

  LLVM::GlobalOp buildTensors(StringRef kind,
                              ArrayRef<TensorDescription> tensors) {
    if (tensors.empty())
      return nullptr;
    SmallVector<std::pair<LLVM::GlobalOp, LLVM::GlobalOp>> parts;
    for (auto [i, description] : llvm::enumerate(tensors)) {
      LLVM::GlobalOp dims =
          buildNumbers(kind + Twine(i) + "_dims", description.dims);
      parts.emplace_back(
          buildString(kind + Twine(i) + "_name", description.name), dims);
    }
    LLVM::GlobalOp global =
        createGlobal(LLVM::LLVMArrayType::get(tensor, tensors.size()),
                     "lowbit_" + kind, LLVM::Linkage::Internal);
    buildInitializer(global, [&] {
      SmallVector<Value> values;
      for (auto [description, part] : llvm::zip(tensors, parts))
        values.push_back(buildTensor(description, part.first, part.second));
      return values;
    });
    return global;
  }

  LLVM::GlobalOp buildPorts(ArrayRef<PortDescription> ports) {
    if (ports.empty())
      return nullptr;
    SmallVector<std::array<LLVM::GlobalOp, 3>> parts;
    for (auto [i, description] : llvm::enumerate(ports)) {
      std::string name = "ports" + std::to_string(i);
      parts.push_back({buildString(name + "_name", description.tensor.name),
                       buildNumbers(name + "_dims", description.tensor.dims),
                       buildNumbers(name + "_strides", description.strides)});
    }
    LLVM::GlobalOp global =
        createGlobal(LLVM::LLVMArrayType::get(port, ports.size()),
                     "lowbit_ports", LLVM::Linkage::Internal);
    buildInitializer(global, [&] {
      SmallVector<Value> values;
      for (auto [description, part] : llvm::zip(ports, parts)) {
        Value fields[] = {buildTensor(description.tensor, part[0], part[1]),
                          integer(i64, description.offset), address(part[2])};
        values.push_back(buildAggregate(port, fields));
      }
      return values;
    });
    return global;
  }

  LLVM::LLVMStructType tensor, port;
};

} // namespace

void lowbit::emitModelDescription(ModuleOp module,
                                  const ModelInterface &interface,
                                  ArrayRef<PortDescription> ports,
                                  const ModelIdentity &identity,
                                  LLVM::LLVMFuncOp run, LLVM::GlobalOp device,
                                  LLVM::GlobalOp variants) {
  DescriptionBuilder(module, identity.prefix)
      .buildModel(interface, ports, identity, run, device, variants);
}
