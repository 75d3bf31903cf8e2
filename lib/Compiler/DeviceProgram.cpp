//===- DeviceProgram.cpp - Programs whose kernels run on a device ---------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/Compiler.h"

#include "lowbit/Analysis/LaunchPlan.h"
#include "lowbit/Conversion/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::lowbit;

LogicalResult Compiler::checkDevice(Stage current, Stage target) {
  if (options.fallback && !options.device)
    return emitError(source) << "a fallback is for programs that run on a "
                                "device; give one with --target";
  if (!options.device)
    return success();
  if (options.debugPorts)
    return emitError(source) << "debug ports are in the workspace of a program "
                                "for the processor; '"
                             << options.device.describe() << "' has none";
  if (options.fallback && current >= Stage::Words && target == Stage::LLVM)
    return emitError(source)
           << "is at stage '" << stringifyStage(current)
           << "', where it is too late to add a fallback; start from the stage "
              "'integer'";
  return success();
}

/// As recorded in the module: what words and kernels are chosen for.
std::string Compiler::describeTarget() const {
  std::string text = options.target.describe();
  return options.device ? text + " " + options.device.describe() : text;
}

/// Copies the integer graph, with constants of its own: passes free those that
/// they see no use of.
LogicalResult Compiler::copyForProcessor(ModuleOp module) {
  processorModule = module.clone();
  AttrTypeReplacer replacer;
  replacer.addReplacement([](DenseResourceElementsAttr elements) -> Attribute {
    AsmResourceBlob *blob = elements.getRawHandle().getBlob();
    if (!blob)
      return elements;
    return DenseResourceElementsAttr::get(
        elements.getType(), elements.getRawHandle().getKey(),
        HeapAsmResourceBlob::allocateAndCopyWithAlign(
            blob->getData(), blob->getDataAlignment(), blob->isMutable()));
  });
  replacer.recursivelyReplaceElementsIn(processorModule->getOperation());
  return success();
}

/// Compiles the copy for the processor, and moves what it becomes into
/// `module`.
LogicalResult Compiler::addFallback(ModuleOp module) {
  CompileOptions processor = options;
  processor.device = {};
  processor.fallback = false;
  processor.onDisk.clear();
  processor.symbolPrefix += "_processor";
  Compiler compiler(context, std::move(processor));
  if (failed(compiler.lower(*processorModule, Stage::LLVM)))
    return failure();
  Block *body = processorModule->getBody();
  for (Operation &op : llvm::make_early_inc_range(*body)) {
    op.remove();
    module.getBody()->push_back(&op);
  }
  processorModule = nullptr;
  return success();
}

FailureOr<std::string> Compiler::emitAssembly(ModuleOp module) {
  if (!options.device)
    return emitError(source) << "assembly is that of a device's kernels; name "
                                "the device with --target";
  if (failed(lower(module, Stage::Kernels)))
    return failure();
  PassManager pm(&context);
  CompileCudaPassOptions compile;
  compile.chip = options.device.chip;
  compile.format = "ptx";
  pm.addPass(createCompileCudaPass(compile));
  if (failed(pm.run(module)))
    return failure();
  auto binary = module.lookupSymbol<gpu::BinaryOp>(kKernelsSymbol);
  for (Attribute object : binary.getObjects())
    return cast<gpu::ObjectAttr>(object).getObject().str();
  return failure();
}

/// Kernels and plan -> the LLVM dialect, with the C interface.
LogicalResult Compiler::finishDevice(ModuleOp module) {
  PassManager pm(&context);
  if (options.device.api == "vulkan") {
    pm.addPass(createConvertGpuToSpirvBinaryPass());
  } else {
    CompileCudaPassOptions compile;
    compile.chip = options.device.chip;
    pm.addPass(createCompileCudaPass(compile));
  }
  if (failed(pm.run(module)) ||
      (processorModule && failed(addFallback(module))))
    return failure();
  EmitDeviceInterfacePassOptions interface;
  interface.api = options.device.api;
  interface.chip = options.device.chip;
  interface.symbolPrefix = options.symbolPrefix;
  interface.name = options.name;
  interface.profile = stringifyProfile(profile).str();
  interface.recipe = recipeName;
  interface.target = options.target.describe();
  PassManager emit(&context);
  emit.addPass(createEmitDeviceInterfacePass(interface));
  return emit.run(module);
}
