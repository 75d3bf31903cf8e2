//===- CodecProgram.cpp - The functions of a codec ------------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lowbit/Compiler/Codec.h"

#include "lowbit/Analysis/ModelInterface.h"
#include "lowbit/Pipelines/Pipelines.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Builds the functions that a header declares. Each checks its pointers.
class ModuleBuilder {
public:
  ModuleBuilder(ModuleOp module, const CodecProgram &program)
      : builder(module.getLoc(), module.getBodyRegion()), program(program),
        codec(program.codec), size(program.size) {
    builder.setInsertionPointToEnd(module.getBody());
    words = buffer(builder.getI32Type(), codec.getWireWords(size));
    numbers = buffer(builder.getF32Type(), size);
    steps = buffer(builder.getF32Type(), codec.getNumBuckets(size));
    decoded = buffer(builder.getF32Type(), size * codec.getSamples());
    workspace = buffer(builder.getI8Type(), program.getWorkspaceBytes());
  }

  void build() {
    buildConstant("wire_size", program.getWireBytes());
    buildConstant("workspace_size", program.getWorkspaceBytes());
    buildWireBytes();
    Type i32 = builder.getI32Type();
    buildFunction("encode", {numbers, words, workspace, i32, i32, i32},
                  [&](ValueRange arguments) {
                    return encode(arguments[0], Value(),
                                  arguments.drop_front(1));
                  });
    for (bool accumulate : {false, true})
      buildFunction(accumulate ? "accumulate" : "decode", {words, decoded},
                    [&](ValueRange arguments) -> Value {
                      return DecodeGradientOp::create(builder, i32, codec,
                                                      arguments[0],
                                                      arguments[1], accumulate);
                    });
    if (codec.getRanks() == 1)
      return;
    buildFunction("measure", {numbers, steps},
                  [&](ValueRange arguments) -> Value {
                    return MeasureGradientOp::create(
                        builder, i32, codec, arguments[0], arguments[1]);
                  });
    buildFunction(
        "encode_shared", {numbers, steps, words, workspace, i32, i32, i32},
        [&](ValueRange arguments) {
          return encode(arguments[0], arguments[1], arguments.drop_front(2));
        });
    buildFunction("merge", {words, words}, [&](ValueRange arguments) -> Value {
      MergeGradientsOp::create(builder, codec, arguments[0], arguments[1],
                               size);
      return constant(0);
    });
  }

private:
  MemRefType buffer(Type element, int64_t count) {
    return MemRefType::get({count}, element);
  }
  Value constant(int64_t value) {
    return arith::ConstantOp::create(builder, builder.getI32IntegerAttr(value));
  }

  func::FuncOp createFunction(StringRef name, TypeRange arguments,
                              Type result) {
    auto function =
        func::FuncOp::create(builder, program.prefix + "_" + name.str(),
                             builder.getFunctionType(arguments, result));
    builder.setInsertionPointToStart(function.addEntryBlock());
    return function;
  }
  void endFunction(func::FuncOp function, Value result) {
    func::ReturnOp::create(builder, result);
    builder.setInsertionPointAfter(function);
  }

  void buildConstant(StringRef name, int64_t value) {
    func::FuncOp function = createFunction(name, {}, builder.getI64Type());
    endFunction(function, arith::ConstantOp::create(
                              builder, builder.getI64IntegerAttr(value)));
  }

  /// The bytes of a wire: a stream says its length.
  void buildWireBytes() {
    func::FuncOp function =
        createFunction("wire_bytes", {words}, builder.getI64Type());
    Type i64 = builder.getI64Type();
    auto wide = [&](int64_t value) -> Value {
      return arith::ConstantOp::create(builder,
                                       builder.getI64IntegerAttr(value));
    };
    Value bytes = wide(program.getWireBytes());
    if (!codec.hasFixedWire()) {
      Value place =
          arith::ConstantIndexOp::create(builder, codec.getNumBuckets(size));
      Value bits = arith::ExtUIOp::create(
          builder, i64,
          memref::LoadOp::create(builder, function.getArgument(0), place));
      Value full = arith::ShRUIOp::create(
          builder, arith::AddIOp::create(builder, bits, wide(31)), wide(5));
      Value count =
          arith::AddIOp::create(builder, full, wide(codec.getCodeOffset(size)));
      bytes = arith::MinUIOp::create(
          builder, arith::MulIOp::create(builder, count, wide(4)), bytes);
    }
    endFunction(function, bytes);
  }

  /// A function with a status: 1 if a pointer is null, 2 if one does not suit
  /// words of 32 bits, else that of `body`.
  void buildFunction(StringRef name, TypeRange arguments,
                     llvm::function_ref<Value(ValueRange)> body) {
    Type i32 = builder.getI32Type();
    func::FuncOp function = createFunction(name, arguments, i32);
    Value zero = arith::ConstantIndexOp::create(builder, 0);
    Value mask = arith::ConstantIndexOp::create(builder, 3);
    Value isNull, isOdd;
    auto either = [&](Value &all, Value one) {
      all = all ? arith::OrIOp::create(builder, all, one).getResult() : one;
    };
    for (Value argument : function.getArguments()) {
      auto type = dyn_cast<MemRefType>(argument.getType());
      if (!type || type.getNumElements() == 0)
        continue;
      Value pointer =
          memref::ExtractAlignedPointerAsIndexOp::create(builder, argument);
      either(isNull, arith::CmpIOp::create(builder, arith::CmpIPredicate::eq,
                                           pointer, zero));
      Value rest = arith::AndIOp::create(builder, pointer, mask);
      either(isOdd, arith::CmpIOp::create(builder, arith::CmpIPredicate::ne,
                                          rest, zero));
    }
    Value isRefused = arith::OrIOp::create(builder, isNull, isOdd);
    auto branch = scf::IfOp::create(builder, TypeRange(i32), isRefused,
                                    /*withElseRegion=*/true);
    builder.setInsertionPointToStart(branch.thenBlock());
    Value refusal =
        arith::SelectOp::create(builder, isNull, constant(1), constant(2));
    scf::YieldOp::create(builder, refusal);
    builder.setInsertionPointToStart(branch.elseBlock());
    Value status = body(function.getArguments());
    scf::YieldOp::create(builder, status);
    builder.setInsertionPointAfter(branch);
    endFunction(function, branch.getResult(0));
  }

  /// `rest`: wire, workspace, seed, tensor, step.
  Value encode(Value gradient, Value steps, ValueRange rest) {
    auto view = [&](int64_t offset, Type element, int64_t count) -> Value {
      Value shift = arith::ConstantIndexOp::create(builder, offset);
      return memref::ViewOp::create(builder, buffer(element, count), rest[1],
                                    shift, ValueRange());
    };
    Value state;
    int64_t stateSize = program.getStateSize();
    if (stateSize > 0)
      state = view(0, builder.getF32Type(), stateSize);
    Value scratch = view(4 * stateSize, builder.getI32Type(),
                         codec.getScratchWords(size, program.hasState));
    return EncodeGradientOp::create(builder, builder.getI32Type(), codec,
                                    gradient, state, steps, rest[0], scratch,
                                    rest[2], rest[3], rest[4]);
  }

  ImplicitLocOpBuilder builder;
  const CodecProgram &program;
  CodecAttr codec;
  int64_t size;
  MemRefType words, numbers, steps, decoded, workspace;
};

} // namespace

OwningOpRef<ModuleOp> lowbit::buildCodecModule(MLIRContext &context,
                                               const CodecProgram &program) {
  context.loadDialect<arith::ArithDialect, func::FuncDialect, LowbitDialect,
                      memref::MemRefDialect, scf::SCFDialect>();
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  ModuleBuilder(*module, program).build();
  return module;
}

LogicalResult lowbit::lowerCodecModule(ModuleOp module,
                                       const CodecProgram &program,
                                       bool reference, bool kernels) {
  PassManager pm(module.getContext());
  buildCodecKernelsPipeline(pm, !reference);
  if (!kernels)
    buildLoopsToLLVMPipeline(pm, /*barePointers=*/true);
  if (failed(pm.run(module)))
    return failure();
  Builder builder(module.getContext());
  auto entry = [&](StringRef key, StringRef value) {
    return builder.getNamedAttr(key, builder.getStringAttr(value));
  };
  module->setAttr(kIdentityAttr,
                  builder.getDictionaryAttr({entry("prefix", program.prefix),
                                             entry("name", program.text),
                                             entry("profile", ""),
                                             entry("recipe", program.text),
                                             entry("target", program.target)}));
  return success();
}
