//===- ForkParallel.cpp - Calls that OpenMP's runtime makes ---------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ParallelCalls.h"

#include "lowbit/Conversion/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_FORKPARALLELPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Builds what one function needs to be called by threads.
class Fork {
public:
  Fork(LLVM::LLVMFuncOp function, int64_t trips)
      : function(function), trips(trips),
        module(function->getParentOfType<ModuleOp>()),
        builder(function.getLoc(), module.getBodyRegion()),
        ptr(LLVM::LLVMPointerType::get(builder.getContext())),
        i32(builder.getI32Type()), i64(builder.getI64Type()) {
    ArrayRef<Type> taken = function.getFunctionType().getParams();
    arguments = LLVM::LLVMStructType::getLiteral(builder.getContext(),
                                                 taken.drop_front(2));
  }

  /// The function that each thread runs on the arguments.
  void buildThread() {
    builder.setInsertionPointAfter(function);
    thread = LLVM::LLVMFuncOp::create(
        builder, (function.getSymName() + "_thread").str(),
        LLVM::LLVMFunctionType::get(
            LLVM::LLVMVoidType::get(builder.getContext()), {ptr}),
        LLVM::Linkage::Internal);
    SymbolTable(module).insert(thread); // makes the name unique
    Block *entry = thread.addEntryBlock(builder);
    Block *work = builder.createBlock(&thread.getBody());
    Block *done = builder.createBlock(&thread.getBody());

    builder.setInsertionPointToStart(entry);
    Value number = callRuntime("omp_get_thread_num");
    Value count = callRuntime("omp_get_num_threads");
    Value all = LLVM::ConstantOp::create(builder, i64, trips);
    // Ranges of which none is longer than another by more than one.
    auto getStart = [&](Value of) -> Value {
      Value product = LLVM::MulOp::create(builder, of, all);
      return LLVM::UDivOp::create(builder, product, count);
    };
    Value one = LLVM::ConstantOp::create(builder, i64, 1);
    Value first = getStart(number);
    Value last = getStart(LLVM::AddOp::create(builder, number, one));
    Value hasWork =
        LLVM::ICmpOp::create(builder, LLVM::ICmpPredicate::ult, first, last);
    LLVM::CondBrOp::create(builder, hasWork, work, done);

    builder.setInsertionPointToStart(work);
    SmallVector<Value> operands = {first, last};
    for (auto [i, type] : llvm::enumerate(arguments.getBody()))
      operands.push_back(LLVM::LoadOp::create(
          builder, type, getField(entry->getArgument(0), i)));
    LLVM::CallOp::create(builder, function, operands);
    LLVM::BrOp::create(builder, ValueRange(), done);
    builder.setInsertionPointToStart(done);
    LLVM::ReturnOp::create(builder, ValueRange());
  }

  void replaceCall(LLVM::CallOp call, unsigned threads) {
    builder.setLoc(call.getLoc());
    auto caller = call->getParentOfType<LLVM::LLVMFuncOp>();
    builder.setInsertionPointToStart(&caller.front());
    Value one = LLVM::ConstantOp::create(builder, i32, 1);
    Value memory = LLVM::AllocaOp::create(builder, ptr, arguments, one);
    builder.setInsertionPoint(call);
    for (auto [i, value] : llvm::enumerate(call.getArgOperands().drop_front(2)))
      LLVM::StoreOp::create(builder, value, getField(memory, i));
    LLVM::LLVMFuncOp fork = declare(
        "GOMP_parallel", LLVM::LLVMFunctionType::get(
                             LLVM::LLVMVoidType::get(builder.getContext()),
                             {ptr, ptr, i32, i32}));
    Value address = LLVM::AddressOfOp::create(builder, thread);
    Value count = LLVM::ConstantOp::create(builder, i32, threads);
    Value flags = LLVM::ConstantOp::create(builder, i32, 0);
    LLVM::CallOp::create(builder, fork,
                         ValueRange{address, memory, count, flags});
    call.erase();
  }

private:
  Value getField(Value memory, int32_t i) {
    return LLVM::GEPOp::create(builder, ptr, arguments, memory,
                               ArrayRef<LLVM::GEPArg>{0, i});
  }

  LLVM::LLVMFuncOp declare(StringRef name, LLVM::LLVMFunctionType type) {
    if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
      return known;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    return LLVM::LLVMFuncOp::create(builder, name, type);
  }

  /// A number that the runtime knows, as an i64.
  Value callRuntime(StringRef name) {
    auto call = LLVM::CallOp::create(
        builder, declare(name, LLVM::LLVMFunctionType::get(i32, {})),
        ValueRange());
    return LLVM::ZExtOp::create(builder, i64, call.getResult());
  }

  LLVM::LLVMFuncOp function, thread;
  int64_t trips;
  ModuleOp module;
  ImplicitLocOpBuilder builder;
  Type ptr, i32, i64;
  LLVM::LLVMStructType arguments;
};

struct ForkParallelPass : lowbit::impl::ForkParallelPassBase<ForkParallelPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<LLVM::LLVMFuncOp> functions;
    for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>())
      if (function->hasAttr(kTripsAttr))
        functions.push_back(function);
    for (LLVM::LLVMFuncOp function : functions)
      if (failed(fork(function)))
        return signalPassFailure();
  }

private:
  LogicalResult fork(LLVM::LLVMFuncOp function) {
    auto trips = function->getAttrOfType<IntegerAttr>(kTripsAttr);
    ArrayRef<Type> taken = function.getFunctionType().getParams();
    bool isRange =
        taken.size() >= 2 && taken[0].isInteger(64) && taken[1].isInteger(64);
    bool isSimple = llvm::all_of(taken, [](Type type) {
      return isa<LLVM::LLVMPointerType, IntegerType, FloatType>(type);
    });
    if (!trips || trips.getInt() < 1 || !isRange || !isSimple)
      return function.emitError()
             << "expects '" << kTripsAttr
             << "' to be a positive integer, and a function of two i64, the "
                "range, and of integers, floats and pointers, but got "
             << function.getFunctionType()
             << "; convert functions with use-bare-ptr-memref-call-conv=1";
    function->removeAttr(kTripsAttr);
    SmallVector<LLVM::CallOp> calls;
    getOperation()->walk([&](LLVM::CallOp call) {
      if (call.getCallee() == function.getSymName())
        calls.push_back(call);
    });
    Fork builder(function, trips.getInt());
    builder.buildThread();
    for (LLVM::CallOp call : calls)
      builder.replaceCall(call, threads);
    return success();
  }
};

} // namespace
