//===- EmitDeviceInterface.cpp - The C interface of a device's program ----===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The structs below mirror include/lowbit/Runtime/lowbit_plan.h and the
// lowbit_device of lowbit_model.h field by field.

#include "../GlobalBuilder.h"
#include "../ModelDescription.h"

#include "lowbit/Analysis/LaunchPlan.h"
#include "lowbit/Conversion/Passes.h"
#include "lowbit/Runtime/lowbit_plan.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include "llvm/ADT/StringMap.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_EMITDEVICEINTERFACEPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

static_assert(sizeof(lowbit_plan_argument) == 24 &&
                  sizeof(lowbit_plan_launch) == 40 &&
                  sizeof(lowbit_plan_image) == 16 &&
                  sizeof(lowbit_plan) == 88 && sizeof(lowbit_device) == 72,
              "the tables are defined for 64-bit hosts");

/// The bits of an integer or an f32.
static int64_t getBits(TypedAttr value) {
  if (auto number = dyn_cast<FloatAttr>(value))
    return number.getValue().bitcastToAPInt().getZExtValue();
  return cast<IntegerAttr>(value).getValue().getZExtValue();
}

namespace {

/// Builds the tables and functions of one program.
class DeviceProgramBuilder : GlobalBuilder {
public:
  DeviceProgramBuilder(ModuleOp module, StringRef prefix, StringRef api,
                       StringRef chip)
      : GlobalBuilder(module, prefix), module(module), api(api), chip(chip) {}

  /// `fallback` is the symbol of the lowbit_model for the processor, or empty.
  LLVM::GlobalOp buildPlan(ArrayRef<Launch> launches, gpu::BinaryOp binary,
                           StringRef fallback, int64_t arenaSize) {
    auto constants = module.lookupSymbol<memref::GlobalOp>(kConstantsSymbol);
    int64_t constantsSize =
        constants ? constants.getType().getNumElements() : 0;
    LLVM::GlobalOp images = buildImages(binary);
    LLVM::GlobalOp names = buildKernelNames(launches);
    LLVM::GlobalOp launchTable = buildLaunches(launches);
    LLVM::GlobalOp bytes = buildConstants(constants);
    auto plan = createGlobal(structOf({ptr, ptr, ptr, ptr, ptr, ptr, ptr, i64,
                                       i64, i32, i32, i32, i32}),
                             "lowbit_plan", LLVM::Linkage::Internal);
    std::string model = (prefix + "_lowbit_model").str();
    buildInitializer(plan, [&]() -> SmallVector<Value> {
      return {address(model),
              address(fallback),
              address(images),
              address(names),
              address(launchTable),
              address(argumentTable),
              address(bytes),
              integer(i64, constantsSize),
              integer(i64, arenaSize),
              integer(i32, binary.getObjects().size()),
              integer(i32, listKernels(launches).size()),
              integer(i32, launches.size()),
              integer(i32, argumentCount)};
    });
    return plan;
  }

  /// Exports the functions of lowbit_device; gives its global.
  LLVM::GlobalOp buildDevice(LLVM::GlobalOp plan, bool hasFallback,
                             int64_t memorySize) {
    LLVM::GlobalOp apiName = buildString("api", api);
    LLVM::GlobalOp chipName = buildString("chip", chip);
    LLVM::LLVMFuncOp functions[] = {
        buildCall("create_workspace", i32, {i32, ptr}, plan),
        buildCall("enqueue", i32, {ptr, ptr, ptr, ptr}),
        buildCall("destroy_workspace",
                  LLVM::LLVMVoidType::get(builder.getContext()), {ptr}),
        buildCall("describe_workspace", ptr, {ptr}),
        buildCall("describe_status", ptr, {i32})};
    auto device = createGlobal(
        structOf({i32, i32, ptr, ptr, i64, ptr, ptr, ptr, ptr, ptr}),
        "lowbit_device", LLVM::Linkage::Internal);
    buildInitializer(device, [&] {
      SmallVector<Value> fields = {integer(i32, sizeof(lowbit_device)),
                                   integer(i32, hasFallback), address(apiName),
                                   address(chipName), integer(i64, memorySize)};
      for (LLVM::LLVMFuncOp function : functions)
        fields.push_back(address(function.getSymName()));
      return fields;
    });
    return device;
  }

  LLVM::LLVMFuncOp buildRun(LLVM::GlobalOp plan) {
    return buildCall("run", i32, {ptr, ptr, ptr}, plan);
  }

private:
  /// `<prefix>_<name>`: calls `lowbit_<api>_<name>`, with `plan` before its own
  /// arguments if there is one.
  LLVM::LLVMFuncOp buildCall(StringRef name, Type result,
                             ArrayRef<Type> parameters,
                             LLVM::GlobalOp plan = nullptr) {
    OpBuilder::InsertionGuard guard(builder);
    SmallVector<Type> passed;
    if (plan)
      passed.push_back(ptr);
    llvm::append_range(passed, parameters);
    auto callee =
        LLVM::LLVMFuncOp::create(builder, ("lowbit_" + api + "_" + name).str(),
                                 LLVM::LLVMFunctionType::get(result, passed));
    auto function = LLVM::LLVMFuncOp::create(
        builder, (prefix + "_" + name).str(),
        LLVM::LLVMFunctionType::get(result, parameters));
    Block *entry = function.addEntryBlock(builder);
    builder.setInsertionPointToStart(entry);
    SmallVector<Value> arguments;
    if (plan)
      arguments.push_back(address(plan));
    llvm::append_range(arguments, entry->getArguments());
    auto call = LLVM::CallOp::create(builder, callee, arguments);
    LLVM::ReturnOp::create(builder, call.getResults());
    return function;
  }

  LLVM::GlobalOp buildImages(gpu::BinaryOp binary) {
    SmallVector<LLVM::GlobalOp> blobs;
    SmallVector<int64_t> sizes;
    for (auto [i, attr] : llvm::enumerate(binary.getObjects())) {
      auto object = cast<gpu::ObjectAttr>(attr);
      StringRef bytes = object.getObject().getValue();
      bool isText = object.getFormat() == gpu::CompilationTarget::Assembly;
      std::string name = "image" + std::to_string(i);
      blobs.push_back(isText ? buildString(name, bytes)
                             : buildBytes(name, bytes));
      sizes.push_back(bytes.size());
    }
    auto image = structOf({ptr, i64});
    auto images = createGlobal(arrayOf(image, blobs.size()), "lowbit_images",
                               LLVM::Linkage::Internal);
    buildInitializer(images, [&] {
      SmallVector<Value> values;
      for (auto [blob, size] : llvm::zip_equal(blobs, sizes))
        values.push_back(
            buildAggregate(image, {address(blob), integer(i64, size)}));
      return values;
    });
    return images;
  }

  LLVM::GlobalOp buildKernelNames(ArrayRef<Launch> launches) {
    SmallVector<LLVM::GlobalOp> names;
    for (StringRef kernel : listKernels(launches))
      names.push_back(buildString("name_of_" + kernel, kernel));
    if (names.empty())
      return nullptr;
    auto table = createGlobal(arrayOf(ptr, names.size()), "lowbit_kernel_names",
                              LLVM::Linkage::Internal);
    buildInitializer(table, [&] {
      SmallVector<Value> values;
      for (LLVM::GlobalOp name : names)
        values.push_back(address(name));
      return values;
    });
    return table;
  }

  /// The launches, and the arguments of all of them.
  LLVM::GlobalOp buildLaunches(ArrayRef<Launch> launches) {
    llvm::StringMap<int32_t> numbers;
    for (auto [i, kernel] : llvm::enumerate(listKernels(launches)))
      numbers[kernel] = i;
    SmallVector<int32_t> table;
    SmallVector<int64_t> arguments;
    argumentCount = 0;
    for (const Launch &launch : launches) {
      table.push_back(numbers[launch.kernel]);
      llvm::append_range(table, launch.grid);
      llvm::append_range(table, launch.block);
      table.push_back(launch.sharedBytes);
      table.push_back(argumentCount);
      table.push_back(launch.arguments.size());
      for (const LaunchArgument &argument : launch.arguments) {
        bool isScalar = argument.kind == LaunchArgument::Scalar;
        arguments.push_back(argument.kind | static_cast<int64_t>(argument.index)
                                                << 32);
        arguments.push_back(isScalar ? getBits(argument.value)
                                     : argument.offset);
        arguments.push_back(argument.size);
      }
      argumentCount += launch.arguments.size();
    }
    argumentTable = buildNumbers("arguments", arguments);
    return buildNumbers("launches", table);
  }

  /// Takes the place of the buffer.
  LLVM::GlobalOp buildConstants(memref::GlobalOp constants) {
    if (!constants)
      return nullptr;
    int64_t size = constants.getType().getNumElements();
    auto global =
        createGlobal(arrayOf(builder.getI8Type(), size), "lowbit_constants",
                     LLVM::Linkage::Internal, constants.getInitialValueAttr());
    global.setAlignment(64);
    constants.erase();
    return global;
  }

  ModuleOp module;
  StringRef api, chip;
  LLVM::GlobalOp argumentTable;
  int32_t argumentCount = 0;
};

struct EmitDeviceInterfacePass
    : lowbit::impl::EmitDeviceInterfacePassBase<EmitDeviceInterfacePass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(verifySymbolPrefix(module, symbolPrefix)))
      return signalPassFailure();
    FailureOr<ModelInterface> interface = readModelInterface(module);
    FailureOr<SmallVector<Launch>> launches = readLaunchPlan(module);
    if (failed(interface) || failed(launches))
      return signalPassFailure();
    auto binary = module.lookupSymbol<gpu::BinaryOp>(kKernelsSymbol);
    if (!binary) {
      module.emitError() << "expects a gpu.binary '" << kKernelsSymbol
                         << "': compile the kernels first";
      return signalPassFailure();
    }
    std::string fallback = symbolPrefix + "_processor_lowbit_model";
    if (module.lookupSymbol(fallback))
      internalizeAll(module);
    else
      fallback.clear();

    DeviceProgramBuilder builder(module, symbolPrefix, api, chip);
    int64_t memorySize = getMemorySize(module, *interface);
    LLVM::GlobalOp plan = builder.buildPlan(*launches, binary, fallback,
                                            interface->workspaceSize);
    LLVM::GlobalOp device =
        builder.buildDevice(plan, !fallback.empty(), memorySize);
    ModelIdentity identity{symbolPrefix, name.empty() ? symbolPrefix : name,
                           profile, recipe, target};
    interface->workspaceSize = 0; // of the caller's
    emitModelDescription(module, *interface, /*ports=*/{}, identity,
                         builder.buildRun(plan), device);
    binary.erase();
    finish(module, identity);
  }

private:
  static int64_t getMemorySize(ModuleOp module,
                               const ModelInterface &interface) {
    auto align = [](int64_t size) {
      return static_cast<int64_t>(llvm::alignTo(size, kDeviceAlignment));
    };
    int64_t size = align(interface.workspaceSize);
    if (auto constants =
            module.lookupSymbol<memref::GlobalOp>(kConstantsSymbol))
      size += align(constants.getType().getNumElements());
    for (const auto &tensors : {interface.inputs, interface.outputs})
      for (const TensorDescription &tensor : tensors)
        size += align(tensor.getNumBytes());
    return size;
  }

  /// The program for the processor is called through the plan only.
  static void internalizeAll(ModuleOp module) {
    for (auto function : module.getOps<LLVM::LLVMFuncOp>())
      if (!function.isExternal())
        function.setLinkage(LLVM::Linkage::Internal);
    for (auto global : module.getOps<LLVM::GlobalOp>())
      global.setLinkage(LLVM::Linkage::Internal);
  }

  /// Leaves LLVM's operations, and what the header says.
  void finish(ModuleOp module, const ModelIdentity &identity) {
    setModelIdentity(module, identity);
    Builder builder(&getContext());
    module->setAttr(
        kDeviceAttr,
        builder.getDictionaryAttr(
            {builder.getNamedAttr("api", builder.getStringAttr(api)),
             builder.getNamedAttr("chip", builder.getStringAttr(chip))}));
    module->removeAttr(kLaunchesAttr);
    module->removeAttr(kWorkspaceSizeAttr);
    module->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  }
};

} // namespace
