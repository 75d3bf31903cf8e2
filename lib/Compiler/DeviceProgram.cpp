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
#include "mlir/Dialect/SPIRV/IR/SPIRVOps.h"
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

/// Copies `module`, with constants of its own: passes free those that they see no
/// use of.
OwningOpRef<ModuleOp> Compiler::copyModule(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
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
  replacer.recursivelyReplaceElementsIn(copy->getOperation());
  return copy;
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

/// Kernels -> code of the device, or its text.
static void addKernelCompiler(PassManager &pm, const DeviceTarget &device,
                              bool asText) {
  if (device.api == "cuda") {
    CompileCudaPassOptions compile;
    compile.chip = device.chip;
    compile.format = asText ? "ptx" : "cubin";
    pm.addPass(createCompileCudaPass(compile));
  } else if (device.api == "amdgpu") {
    CompileAmdgpuPassOptions compile;
    compile.chip = device.chip;
    compile.format = asText ? "assembly" : "hsaco";
    pm.addPass(createCompileAmdgpuPass(compile));
  } else {
    ConvertGpuToSpirvBinaryPassOptions convert;
    convert.serialize = !asText;
    pm.addPass(createConvertGpuToSpirvBinaryPass(convert));
  }
}

FailureOr<std::string> Compiler::emitAssembly(ModuleOp module) {
  if (!options.device)
    return emitError(source) << "assembly is that of a device's kernels; name "
                                "the device with --target";
  if (failed(lower(module, Stage::Kernels)))
    return failure();
  PassManager pm(&context);
  addKernelCompiler(pm, options.device, /*asText=*/true);
  if (failed(pm.run(module)))
    return failure();
  if (auto binary = module.lookupSymbol<gpu::BinaryOp>(kKernelsSymbol))
    return cast<gpu::ObjectAttr>(binary.getObjects()[0]).getObject().str();
  // SPIR-V's text is its dialect's.
  std::string text;
  llvm::raw_string_ostream os(text);
  for (auto kernels : module.getOps<spirv::ModuleOp>())
    os << kernels << "\n";
  return text;
}

/// Kernels and plan -> the LLVM dialect, with the C interface.
LogicalResult Compiler::finishDevice(ModuleOp module) {
  PassManager pm(&context);
  addKernelCompiler(pm, options.device, /*asText=*/false);
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
