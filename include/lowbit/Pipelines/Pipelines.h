//===- Pipelines.h - the ways down ------------------------------*- C++ -*-===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the integer graph to LLVM there are two ways. They share their first
// and their last part, and differ in what becomes of lowbit.contract. A third
// leads to kernels for devices.
//
//===----------------------------------------------------------------------===//

#ifndef LOWBIT_PIPELINES_PIPELINES_H
#define LOWBIT_PIPELINES_PIPELINES_H

#include "lowbit/Conversion/Device.h"

#include "mlir/Pass/PassOptions.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::lowbit {

/// What the optimised way down may use.
struct CpuPipelineOptions : PassPipelineOptions<CpuPipelineOptions> {
  ListOption<std::string> features{
      *this, "features",
      llvm::cl::desc("CPU features that primitives may use, such as avx2")};
  ListOption<std::string> force{
      *this, "force",
      llvm::cl::desc("Primitives to choose from, whatever others take")};
  ListOption<std::string> variants{
      *this, "variants",
      llvm::cl::desc("CPU features of each program that shares the weights, "
                     "with colons between them")};
  Option<bool> explain{
      *this, "explain", llvm::cl::init(false),
      llvm::cl::desc("Say which primitive was chosen, and from what")};
  Option<unsigned> ranges{
      *this, "ranges", llvm::cl::init(0),
      llvm::cl::desc("Divide every kernel and large loop as for so many "
                     "threads, and compute the parts one after the other; 0 "
                     "to divide nothing")};
};

/// How gradient codecs are built.
struct CodecPipelineOptions : PassPipelineOptions<CodecPipelineOptions> {
  Option<bool> vectorize{*this, "vectorize", llvm::cl::init(true),
                         llvm::cl::desc("Vectors for full blocks of codes")};
};

/// How the values of a network become codes.
struct QuantizePipelineOptions : PassPipelineOptions<QuantizePipelineOptions> {
  Option<std::string> recipe{
      *this, "recipe", llvm::cl::init("int8"),
      llvm::cl::desc("Built-in recipe, or a path that ends in .yaml")};
  Option<std::string> profile{
      *this, "profile", llvm::cl::init("tosa"),
      llvm::cl::desc("Whose arithmetic changes of scale follow")};
  Option<bool> requireInteger{
      *this, "require-integer", llvm::cl::init(false),
      llvm::cl::desc("Make every operation that stays in float an error")};
};

/// Weights on a grid -> their codes, in an imported model, for the layers that
/// `recipe` names.
void buildDetectFormatsPipeline(OpPassManager &pm, StringRef recipe);

/// Imported model -> channels last, batch norm and constants folded.
void buildModelPipeline(OpPassManager &pm);

/// Float network -> integer graph. The ranges must be there: on the marks of
/// -lowbit-observe, from -lowbit-calibrate or setRange. Values that nobody has
/// marked are marked first.
void buildQuantizePipeline(OpPassManager &pm,
                           const QuantizePipelineOptions &options);

/// Observed values with statistics -> the same, after `recipe`: what moves
/// between layers has moved.
void buildParametersPipeline(OpPassManager &pm, StringRef recipe);

/// Observed values with statistics -> codes, after `recipe`: formats are
/// chosen, and parameters changed so that they lose less. Each step does what
/// the recipe says of each layer. With `ports`, see EncodePass.
void buildFormatsPipeline(OpPassManager &pm, StringRef recipe,
                          bool ports = false);

/// Integer graph -> words: codes become signless integers, what is left in
/// float becomes linalg, and lowbit.contract is the only operation of ours that
/// stays (with lowbit.rescale in its epilogue).
void buildWordsPipeline(OpPassManager &pm);

/// Tensors -> buffers, with function boundaries. Producers write into the
/// slices that their results are inserted into.
void buildBufferizePipeline(OpPassManager &pm);

/// Buffers -> results as arguments, all other buffers in one arena.
void buildArenaPipeline(OpPassManager &pm);

/// linalg, scf, vector and memref -> LLVM dialect. No lowbit operation may be
/// left. With `barePointers`, functions take one pointer for each memref.
void buildLoopsToLLVMPipeline(OpPassManager &pm, bool barePointers = false);

/// Integer graph -> LLVM dialect through plain loops: obviously right and slow.
void buildReferencePipeline(OpPassManager &pm);

/// Integer graph -> the same with products of bits as counts, for CPUs.
void buildBitsPipeline(OpPassManager &pm, const CpuPipelineOptions &options);

/// Words on tensors -> words of which every contraction either names a primitive
/// or is linalg.
void buildSelectKernelsPipeline(OpPassManager &pm,
                                const CpuPipelineOptions &options);

/// Words on buffers -> the same without lowbit operations: vector kernels. With
/// `parallel`, those that take at least `fewestCycles` are divided for threads.
void buildKernelsPipeline(OpPassManager &pm, bool parallel = false,
                          int64_t fewestCycles = 30000);

/// linalg on buffers -> loops, of which large ones are divided, and all that is
/// divided -> functions, called once for each of `ranges`.
void buildOutlineThreadsPipeline(OpPassManager &pm, unsigned ranges = 1);

/// Integer graph -> LLVM dialect through vector kernels: the same bits as the
/// reference's.
void buildCpuPipeline(OpPassManager &pm, const CpuPipelineOptions &options);

/// Words -> buffers in one arena, at places that suit devices.
void buildDeviceBuffersPipeline(OpPassManager &pm);

/// Words on buffers -> kernels and a plan of their launches. Contractions have
/// kernels with instructions of `device`.
void buildDeviceKernelsPipeline(OpPassManager &pm, const DeviceTarget &device,
                                bool explain = false);

/// Integer graph -> LLVM dialect through the kernels of devices, run on the
/// processor: the same bits as the reference's.
void buildEmulatedDevicePipeline(OpPassManager &pm);

/// Float network (TOSA and composites, no lowbit.observe) -> linalg on tensors.
void buildFloatToLinalgPipeline(OpPassManager &pm);

/// Float network -> LLVM dialect through loops.
void buildFloatPipeline(OpPassManager &pm);

/// Float network -> LLVM dialect, its layers through vector kernels: the bits of
/// a program that the recipe `float` makes.
void buildFloatKernelsPipeline(OpPassManager &pm,
                               const CpuPipelineOptions &options);

/// Gradient codecs on buffers -> loops, over vectors with `vectorize`. The bits
/// are the same.
void buildCodecKernelsPipeline(OpPassManager &pm, bool vectorize);

/// Gradient codecs on buffers -> LLVM dialect.
void buildCodecPipeline(OpPassManager &pm, const CodecPipelineOptions &options);

/// Registers the pipelines by name.
void registerPipelines();

} // namespace mlir::lowbit

#endif // LOWBIT_PIPELINES_PIPELINES_H
