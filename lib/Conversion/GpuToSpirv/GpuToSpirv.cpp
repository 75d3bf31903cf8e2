//===- GpuToSpirv.cpp - Kernels as SPIR-V for Vulkan ----------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// MLIR's conversions, with what they lack for exact code: counts of bits of all
// widths, quotients, and sums of floats that no driver may fuse with products.

#include "SpirvPatterns.h"

#include "lowbit/Conversion/Passes.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ArithToSPIRV/ArithToSPIRV.h"
#include "mlir/Conversion/ControlFlowToSPIRV/ControlFlowToSPIRV.h"
#include "mlir/Conversion/FuncToSPIRV/FuncToSPIRV.h"
#include "mlir/Conversion/GPUToSPIRV/GPUToSPIRV.h"
#include "mlir/Conversion/IndexToSPIRV/IndexToSPIRV.h"
#include "mlir/Conversion/MathToSPIRV/MathToSPIRV.h"
#include "mlir/Conversion/MemRefToSPIRV/MemRefToSPIRV.h"
#include "mlir/Conversion/MemRefToSPIRV/MemRefToSPIRVPass.h"
#include "mlir/Conversion/SCFToSPIRV/SCFToSPIRV.h"
#include "mlir/Conversion/UBToSPIRV/UBToSPIRV.h"
#include "mlir/Conversion/VectorToSPIRV/VectorToSPIRV.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SPIRV/IR/SPIRVDialect.h"
#include "mlir/Dialect/SPIRV/IR/SPIRVOps.h"
#include "mlir/Dialect/SPIRV/IR/TargetAndABI.h"
#include "mlir/Dialect/SPIRV/Transforms/Passes.h"
#include "mlir/Dialect/SPIRV/Transforms/SPIRVConversion.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/SPIRV/Serialization.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_CONVERTGPUTOSPIRVBINARYPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

/// What a kernel may use. A module declares only what it uses, and the program
/// checks at run time that the device has it.
static spirv::TargetEnvAttr getTargetEnvironment(MLIRContext *context) {
  using spirv::Capability;
  using spirv::Extension;
  Capability capabilities[] = {Capability::Shader,
                               Capability::Int8,
                               Capability::Int16,
                               Capability::Int64,
                               Capability::Float64,
                               Capability::StorageBuffer8BitAccess,
                               Capability::StorageBuffer16BitAccess,
                               Capability::DotProduct,
                               Capability::DotProductInput4x8Bit,
                               Capability::DotProductInput4x8BitPacked,
                               Capability::DotProductInputAll};
  Extension extensions[] = {Extension::SPV_KHR_storage_buffer_storage_class,
                            Extension::SPV_KHR_8bit_storage,
                            Extension::SPV_KHR_16bit_storage,
                            Extension::SPV_KHR_integer_dot_product};
  auto triple = spirv::VerCapExtAttr::get(spirv::Version::V_1_6, capabilities,
                                          extensions, context);
  return spirv::TargetEnvAttr::get(triple,
                                   spirv::getDefaultResourceLimits(context),
                                   spirv::ClientAPI::Vulkan);
}

/// True if Vulkan defines the result of `op` to the bit.
static bool isExact(Operation *op) {
  if (isa<arith::DivFOp, arith::RemFOp>(op))
    return isa<arith::DivFOp>(op) && op->getResult(0).getType().isF32();
  return !isa_and_nonnull<math::MathDialect>(op->getDialect()) ||
         isa<math::AbsFOp, math::AbsIOp, math::CeilOp, math::CopySignOp,
             math::CountLeadingZerosOp, math::CtPopOp, math::FloorOp,
             math::RoundEvenOp, math::RoundOp, math::TruncOp>(op);
}

/// A type of operands or results that kernels cannot have; null if there is none.
static Type findForeignType(Operation *op) {
  for (Value value : llvm::concat<Value>(llvm::to_vector(op->getOperands()),
                                         llvm::to_vector(op->getResults()))) {
    Type type = getElementTypeOrSelf(value.getType());
    if (!type.isF32() && !type.isF64() && type.isIntOrFloat() &&
        (isa<FloatType>(type) ||
         !llvm::is_contained({1, 8, 16, 32, 64}, type.getIntOrFloatBitWidth())))
      return type;
  }
  return nullptr;
}

static LogicalResult verifyOperation(Operation *op) {
  if (!isExact(op))
    return op->emitError()
           << "'" << op->getName()
           << "' cannot run on Vulkan, which defines an approximation of it "
              "only; quantize what computes it";
  if (Type type = findForeignType(op))
    return op->emitError() << "'" << op->getName()
                           << "' cannot run on Vulkan: it has " << type
                           << "; numbers are integers of 1, 8, 16, 32 and 64 "
                              "bits, f32 and f64";
  return success();
}

static LogicalResult verifyKernel(gpu::GPUFuncOp kernel) {
  if (!kernel.getKnownBlockSize())
    return kernel.emitError("expects kernels whose block size is known");
  for (Type type : kernel.getArgumentTypes()) {
    auto memref = dyn_cast<MemRefType>(type);
    SmallVector<int64_t> strides;
    int64_t offset;
    if (memref ? memref.hasStaticShape() &&
                     succeeded(memref.getStridesAndOffset(strides, offset)) &&
                     !ShapedType::isDynamic(offset) &&
                     llvm::none_of(strides, ShapedType::isDynamic)
               : type.isIntOrFloat())
      continue;
    return kernel.emitError()
           << "expects arguments that are numbers, or buffers "
              "of static shape, strides and offset, but got "
           << type;
  }
  return success();
}

namespace {

struct ConvertGpuToSpirvBinaryPass
    : lowbit::impl::ConvertGpuToSpirvBinaryPassBase<
          ConvertGpuToSpirvBinaryPass> {
  using Base::Base;

  void runOnOperation() override {
    for (auto kernels :
         llvm::make_early_inc_range(getOperation().getOps<gpu::GPUModuleOp>()))
      if (failed(verify(kernels)) || failed(convert(kernels)))
        return signalPassFailure();
  }

private:
  static LogicalResult verify(gpu::GPUModuleOp kernels) {
    WalkResult result = kernels.walk([](Operation *op) {
      auto function = dyn_cast<gpu::GPUFuncOp>(op);
      bool isKernel = function && function.isKernel();
      return failed(isKernel ? verifyKernel(function) : verifyOperation(op))
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    return failure(result.wasInterrupted());
  }
  LogicalResult convert(gpu::GPUModuleOp kernels);
  LogicalResult prepare(gpu::GPUModuleOp kernels);
  LogicalResult legalize(gpu::GPUModuleOp kernels);
  LogicalResult finish(spirv::ModuleOp module);
};

} // namespace

/// Gives buffers their storage class, and kernels their interface.
LogicalResult ConvertGpuToSpirvBinaryPass::prepare(gpu::GPUModuleOp kernels) {
  kernels->setAttr(spirv::getTargetEnvAttrName(),
                   getTargetEnvironment(&getContext()));
  for (auto function : kernels.getOps<gpu::GPUFuncOp>()) {
    if (!function.isKernel())
      continue;
    ArrayRef<int32_t> block = *function.getKnownBlockSize();
    function->setAttr(spirv::getEntryPointABIAttrName(),
                      spirv::getEntryPointABIAttr(&getContext(), block));
  }
  RewritePatternSet patterns(&getContext());
  populateExactDivisionPatterns(patterns);
  populateWideComparisonPatterns(patterns);
  if (failed(applyPatternsGreedily(kernels, std::move(patterns))))
    return failure();
  OpPassManager pm(gpu::GPUModuleOp::getOperationName());
  // A buffer of SPIR-V has no views.
  pm.addPass(memref::createFoldMemRefAliasOpsPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createMapMemRefStorageClassPass());
  return runPipeline(pm, kernels);
}

LogicalResult ConvertGpuToSpirvBinaryPass::legalize(gpu::GPUModuleOp kernels) {
  auto environment = getTargetEnvironment(&getContext());
  std::unique_ptr<ConversionTarget> target =
      SPIRVConversionTarget::get(environment);
  SPIRVConversionOptions options;
  SPIRVTypeConverter converter(environment, options);
  RewritePatternSet patterns(&getContext());
  ScfToSPIRVContext loops;
  populateGPUToSPIRVPatterns(converter, patterns);
  arith::populateArithToSPIRVPatterns(converter, patterns);
  index::populateIndexToSPIRVPatterns(converter, patterns);
  cf::populateControlFlowToSPIRVPatterns(converter, patterns);
  populateMathToSPIRVPatterns(converter, patterns);
  populateMemRefToSPIRVPatterns(converter, patterns);
  populateFuncToSPIRVPatterns(converter, patterns);
  populateSCFToSPIRVPatterns(converter, loops, patterns);
  populateVectorToSPIRVPatterns(converter, patterns);
  populateVectorReductionToSPIRVDotProductPatterns(patterns);
  ub::populateUBToSPIRVConversionPatterns(converter, patterns);
  populateExactSpirvPatterns(converter, patterns);
  return applyFullConversion(kernels, *target, std::move(patterns));
}

/// Names what the module uses, and forbids to fuse sums of floats with products.
LogicalResult ConvertGpuToSpirvBinaryPass::finish(spirv::ModuleOp module) {
  OpPassManager pm(spirv::ModuleOp::getOperationName());
  pm.addPass(spirv::createSPIRVLowerABIAttributesPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(spirv::createSPIRVUpdateVCEPass());
  if (failed(runPipeline(pm, module)))
    return failure();
  Builder builder(&getContext());
  module.walk([&](Operation *op) {
    if (isa<spirv::FAddOp, spirv::FSubOp, spirv::FMulOp>(op))
      op->setAttr("no_contraction", builder.getUnitAttr());
  });
  // Entry points name all variables they use, as of version 1.4.
  spirv::VerCapExtAttr used = *module.getVceTriple();
  module.setVceTripleAttr(spirv::VerCapExtAttr::get(
      builder.getI32IntegerAttr(static_cast<int>(spirv::Version::V_1_6)),
      used.getCapabilitiesAttr(), used.getExtensionsAttr()));
  return success();
}

LogicalResult ConvertGpuToSpirvBinaryPass::convert(gpu::GPUModuleOp kernels) {
  std::string name = kernels.getName().str();
  Location loc = kernels.getLoc();
  OpBuilder builder(kernels);
  // The conversion replaces the module of kernels by one of SPIR-V.
  auto holder = ModuleOp::create(builder, loc);
  kernels->moveBefore(holder.getBody(), holder.getBody()->begin());
  if (failed(prepare(kernels)) || failed(legalize(kernels)))
    return failure();
  spirv::ModuleOp module = *holder.getOps<spirv::ModuleOp>().begin();
  if (failed(finish(module)))
    return failure();
  if (!serialize) {
    module->moveBefore(holder);
    holder.erase();
    return success();
  }
  SmallVector<uint32_t, 0> words;
  if (failed(spirv::serialize(module, words)))
    return failure();
  StringRef bytes(reinterpret_cast<const char *>(words.data()),
                  words.size() * sizeof(uint32_t));
  builder.setInsertionPoint(holder);
  Attribute object = gpu::ObjectAttr::get(
      &getContext(), getTargetEnvironment(&getContext()),
      gpu::CompilationTarget::Binary, builder.getStringAttr(bytes),
      /*properties=*/nullptr, /*kernels=*/nullptr);
  gpu::BinaryOp::create(builder, loc, name, /*offloadingHandler=*/nullptr,
                        builder.getArrayAttr(object));
  holder.erase();
  return success();
}
