//===- FloatProgram.cpp - A float program that can be watched -------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An observation becomes a call of the host with the address of the buffer:
//
//   %y = lowbit.observe %x
//   // becomes
//   %buffer = bufferization.to_buffer %x read_only
//   %address = memref.extract_aligned_pointer_as_index %buffer
//   func.call @lowbit_probe(%context, %number, %address)
//
// A probe that may change the value gets a buffer that is written to, and the
// program goes on with its contents:
//
//   %buffer = bufferization.to_buffer %x
//   ...
//   %y = bufferization.to_tensor %buffer restrict writable
//
// `context` is the last argument of the function, so that programs share no
// state. The host may change the elements. For the compiler the call might do
// anything to memory, and `read_only` is about the program's own writes: without
// it the host would get a copy.

#include "lowbit/Transforms/FloatProgram.h"

#include "lowbit/Analysis/QuantizationUnit.h"
#include "lowbit/Pipelines/Pipelines.h"
#include "lowbit/Support/OptimizeModule.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mlir::lowbit;

static constexpr StringLiteral probeName = "lowbit_probe";
static constexpr StringLiteral programName = "main";

namespace {

/// What the compiled program hands back to the host.
struct ProbeContext {
  FloatProgram::Probe probe;
  ArrayRef<int64_t> sizes;
};

} // namespace

static void callProbe(ProbeContext *context, int64_t observation,
                      float *elements) {
  context->probe(observation,
                 MutableArrayRef(elements, context->sizes[observation]));
}

Value FloatProgram::getProbedValue(ObserveOp observe, Probes probes) {
  if (!isConstant(observe.getInput()))
    return observe.getInput();
  Operation *layer =
      probes == Probes::WatchLayers ? getLayerOfWeights(observe) : nullptr;
  if (!layer ||
      !cast<ShapedType>(layer->getOperand(0).getType()).hasStaticShape())
    return {};
  return layer->getOperand(0);
}

/// Replaces the observations under `function` by calls of @lowbit_probe.
static void insertProbes(func::FuncOp function, Value context,
                         FloatProgram::Probes probes) {
  int64_t number = 0;
  SmallVector<ObserveOp> observations;
  function.walk([&](ObserveOp op) { observations.push_back(op); });
  bool change = probes == FloatProgram::Probes::Change;
  for (ObserveOp op : observations) {
    OpBuilder builder(op);
    Location loc = op.getLoc();
    Value result = op.getInput();
    if (Value value = FloatProgram::getProbedValue(op, probes)) {
      if (value != op.getInput())
        builder.setInsertionPoint(getLayerOfWeights(op));
      auto tensor = cast<RankedTensorType>(value.getType());
      Value buffer = bufferization::ToBufferOp::create(
          builder, loc,
          MemRefType::get(tensor.getShape(), tensor.getElementType()), value,
          /*read_only=*/!change);
      Value address =
          memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, buffer);
      Value index = arith::ConstantIndexOp::create(builder, loc, number);
      func::CallOp::create(builder, loc, probeName, TypeRange(),
                           ValueRange{context, index, address});
      if (change)
        result = bufferization::ToTensorOp::create(
            builder, loc, tensor, buffer, /*restrict=*/true, /*writable=*/true);
    }
    ++number;
    op.replaceAllUsesWith(result);
    op.erase();
  }
}

/// A module of its own for a copy of `function` with probes and no results.
static OwningOpRef<ModuleOp> makeProbedModule(func::FuncOp function,
                                              FloatProgram::Probes probes) {
  Location loc = function.getLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  auto copy = cast<func::FuncOp>(function->clone());
  module->push_back(copy);
  copy.setName(programName);
  copy.setPublic();
  copy.removeArgAttrsAttr();
  copy.removeResAttrsAttr();
  copy->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                UnitAttr::get(function.getContext()));

  auto index = IndexType::get(function.getContext());
  SmallVector<Type> arguments(copy.getArgumentTypes());
  arguments.push_back(index);
  Value context = copy.front().addArgument(index, loc);
  copy.setType(FunctionType::get(copy.getContext(), arguments, {}));
  copy.front().getTerminator()->setOperands({});
  insertProbes(copy, context, probes);

  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  auto probe =
      func::FuncOp::create(builder, loc, probeName,
                           builder.getFunctionType({index, index, index}, {}));
  probe.setPrivate();
  return module;
}

/// Machine code for `module`, which is in the LLVM dialect.
static llvm::Expected<std::unique_ptr<ExecutionEngine>>
makeEngine(ModuleOp module) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto machineBuilder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!machineBuilder)
    return machineBuilder.takeError();
  auto machine = machineBuilder->createTargetMachine();
  if (!machine)
    return machine.takeError();
  // Kernels are made of vectors already, and for the few samples of a
  // calibration LLVM's vectorizers take longer than what they save.
  auto optimize = [target = machine->get()](llvm::Module *program) {
    program->setTargetTriple(target->getTargetTriple());
    program->setDataLayout(target->createDataLayout());
    llvm::PipelineTuningOptions tuning;
    tuning.LoopVectorization = tuning.LoopInterleaving = false;
    tuning.SLPVectorization = false;
    optimizeModule(*program, *target, llvm::OptimizationLevel::O2, tuning);
    return llvm::Error::success();
  };
  ExecutionEngineOptions options;
  options.transformer = optimize;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Default;
  options.enableGDBNotificationListener = false;
  options.enablePerfNotificationListener = false;
  auto engine = ExecutionEngine::create(module, options, std::move(*machine));
  if (!engine)
    return engine.takeError();
  (*engine)->registerSymbols([](llvm::orc::MangleAndInterner interner) {
    llvm::orc::SymbolMap symbols;
    symbols[interner(probeName)] = {
        llvm::orc::ExecutorAddr::fromPtr(&callProbe),
        llvm::JITSymbolFlags::Exported};
    return symbols;
  });
  (*engine)->initialize();
  return engine;
}

void FloatProgram::buildPipeline(OpPassManager &passes) {
  CpuPipelineOptions options;
  if (llvm::sys::getHostCPUFeatures().lookup("avx2"))
    options.features.push_back("avx2");
  buildFloatKernelsPipeline(passes, options);
}

static uint64_t getNumBytes(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() || !type.getElementType().isIntOrFloat())
    return 0;
  return llvm::SaturatingMultiply<uint64_t>(
      type.getNumElements(),
      llvm::divideCeil(type.getElementTypeBitWidth(), 8));
}

/// About how many bytes of tensors are alive at once in the straight-line
/// `function`, its inputs always. Constants are there already.
static uint64_t countLiveBytes(func::FuncOp function) {
  Block &block = function.front();
  uint64_t live = 0, most = 0;
  for (Value input : function.getArguments())
    live = llvm::SaturatingAdd(live, getNumBytes(input));
  llvm::DenseMap<Operation *, uint64_t> endsAt;
  for (Operation &op : block) {
    for (Value result : op.getResults()) {
      if (isConstant(result))
        continue;
      Operation *last = &op;
      for (Operation *user : result.getUsers())
        if (Operation *inBlock = block.findAncestorOpInBlock(*user);
            inBlock && last->isBeforeInBlock(inBlock))
          last = inBlock;
      uint64_t bytes = getNumBytes(result);
      live = llvm::SaturatingAdd(live, bytes);
      endsAt[last] += bytes;
    }
    most = std::max(most, live);
    live -= std::min(live, endsAt.lookup(&op));
  }
  return std::max(most, live);
}

/// What the program allocates is asked for before it runs: its own calls cannot
/// say that nothing is left.
static LogicalResult checkMemory(func::FuncOp function) {
  uint64_t bytes = countLiveBytes(function);
  if (bytes <= PTRDIFF_MAX &&
      llvm::WritableMemoryBuffer::getNewUninitMemBuffer(bytes))
    return success();
  return function.emitError()
         << "the float program takes about " << bytes
         << " bytes of memory for each run, which are not there; use a smaller "
            "batch, or smaller inputs";
}

FailureOr<FloatProgram> FloatProgram::compile(func::FuncOp function,
                                              Probes probes) {
  if (failed(checkMemory(function)))
    return failure();
  FloatProgram program(function.getLoc());
  for (Type type : function.getArgumentTypes())
    program.inputTypes.push_back(cast<RankedTensorType>(type));
  function.walk([&](ObserveOp op) {
    Value value = getProbedValue(op, probes);
    program.sizes.push_back(
        value ? cast<RankedTensorType>(value.getType()).getNumElements() : 0);
  });

  OwningOpRef<ModuleOp> module = makeProbedModule(function, probes);
  PassManager passes(module->getContext());
  buildPipeline(passes);
  if (failed(passes.run(*module)))
    return function.emitError()
           << "the float program of @" << function.getName()
           << " cannot be compiled for calibration";
  auto engine = makeEngine(*module);
  if (!engine)
    return function.emitError()
           << "the float program of @" << function.getName()
           << " cannot be compiled for calibration: "
           << llvm::toString(engine.takeError());
  program.engine = std::move(*engine);
  return program;
}

/// The C descriptor of a contiguous buffer: two pointers, an offset, sizes and
/// strides, 64 bits each.
static std::vector<int64_t> describe(char *data, RankedTensorType type) {
  auto address = static_cast<int64_t>(reinterpret_cast<intptr_t>(data));
  std::vector<int64_t> descriptor = {address, address, 0};
  llvm::append_range(descriptor, type.getShape());
  llvm::append_range(descriptor, computeStrides(type.getShape()));
  return descriptor;
}

LogicalResult FloatProgram::run(MutableArrayRef<std::vector<char>> inputs,
                                Probe probe) {
  ProbeContext context{probe, sizes};
  ProbeContext *contextAddress = &context;
  SmallVector<std::vector<int64_t>> descriptors;
  for (auto [input, type] : llvm::zip_equal(inputs, inputTypes))
    descriptors.push_back(describe(input.data(), type));
  SmallVector<int64_t *> addresses;
  for (std::vector<int64_t> &descriptor : descriptors)
    addresses.push_back(descriptor.data());
  SmallVector<void *> arguments;
  for (int64_t *&address : addresses)
    arguments.push_back(&address);
  arguments.push_back(&contextAddress);
  if (llvm::Error error = engine->invokePacked(
          ("_mlir_ciface_" + programName).str(), arguments))
    return emitError(loc) << "the float program cannot run: "
                          << llvm::toString(std::move(error));
  return success();
}
