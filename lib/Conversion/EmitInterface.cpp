//===- EmitInterface.cpp - The C interface of a program -------------------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModelDescription.h"

#include "lowbit/Analysis/StoredConstants.h"
#include "lowbit/Conversion/Passes.h"
#include "lowbit/IR/Lowbit.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::lowbit {
#define GEN_PASS_DEF_EMITINTERFACEPASS
#include "lowbit/Conversion/Passes.h.inc"
} // namespace mlir::lowbit

using namespace mlir;
using namespace mlir::lowbit;

namespace {

/// Builds `<prefix>_run`.
class RunBuilder {
public:
  RunBuilder(ModuleOp module)
      : module(module), builder(module.getLoc(), module.getBodyRegion()) {}

  /// `load` decodes stored constants; null where there are none.
  LLVM::LLVMFuncOp build(StringRef symbol, LLVM::LLVMFuncOp main,
                         LLVM::LLVMFuncOp load,
                         const ModelInterface &interface) {
    Type ptr = LLVM::LLVMPointerType::get(builder.getContext());
    LLVM::LLVMFuncOp loadOnce = load ? buildLoadOnce(load) : load;
    builder.setInsertionPointToEnd(module.getBody());
    auto type =
        LLVM::LLVMFunctionType::get(builder.getI32Type(), {ptr, ptr, ptr});
    auto run = LLVM::LLVMFuncOp::create(builder, symbol, type);
    body = &run.getBody();
    Block *entry = run.addEntryBlock(builder);
    builder.setInsertionPointToStart(entry);

    SmallVector<Value> arguments;
    loadPointers(entry->getArgument(0), interface.inputs.size(), arguments);
    loadPointers(entry->getArgument(1), interface.outputs.size(), arguments);
    Value workspace = entry->getArgument(2);
    if (interface.workspaceSize > 0) {
      returnIfNull(workspace);
      Type i64 = builder.getI64Type();
      Value number = LLVM::PtrToIntOp::create(builder, i64, workspace);
      Value mask =
          LLVM::ConstantOp::create(builder, i64, kWorkspaceAlignment - 1);
      returnIf(LLVM::ICmpPredicate::ne,
               LLVM::AndOp::create(builder, number, mask),
               LLVM::ConstantOp::create(builder, i64, 0), 2);
    }
    arguments.push_back(workspace);
    if (loadOnce)
      LLVM::CallOp::create(builder, loadOnce, ValueRange());
    LLVM::CallOp::create(builder, main, arguments);
    returnStatus(0);
    return run;
  }

private:
  void returnStatus(int status) {
    LLVM::ReturnOp::create(builder, LLVM::ConstantOp::create(
                                        builder, builder.getI32Type(), status));
  }

  /// Returns `status` if the comparison holds, and goes on building behind.
  void returnIf(LLVM::ICmpPredicate predicate, Value lhs, Value rhs,
                int status) {
    Value condition = LLVM::ICmpOp::create(builder, predicate, lhs, rhs);
    Block *current = builder.getInsertionBlock();
    Block *refused = builder.createBlock(body);
    returnStatus(status);
    Block *next = builder.createBlock(body);
    builder.setInsertionPointToEnd(current);
    LLVM::CondBrOp::create(builder, condition, refused, next);
    builder.setInsertionPointToEnd(next);
  }
  void returnIfNull(Value pointer) {
    returnIf(LLVM::ICmpPredicate::eq, pointer,
             LLVM::ZeroOp::create(builder, pointer.getType()), 1);
  }

  void loadPointers(Value array, unsigned count,
                    SmallVectorImpl<Value> &pointers) {
    if (count == 0)
      return;
    returnIfNull(array);
    Type ptr = array.getType();
    for (int32_t i = 0; i < static_cast<int32_t>(count); ++i) {
      Value slot = LLVM::GEPOp::create(builder, ptr, ptr, array,
                                       ArrayRef<LLVM::GEPArg>{i});
      Value pointer = LLVM::LoadOp::create(builder, ptr, slot);
      returnIfNull(pointer);
      pointers.push_back(pointer);
    }
  }

  /// A function that calls `load` when it is first called, from whatever thread;
  /// calls that come meanwhile wait.
  LLVM::LLVMFuncOp buildLoadOnce(LLVM::LLVMFuncOp load) {
    builder.setInsertionPointToEnd(module.getBody());
    Type i32 = builder.getI32Type();
    auto constant = [&](int64_t value) -> Value {
      return LLVM::ConstantOp::create(builder, i32, value);
    };
    constexpr int32_t untouched = 0, loading = 1, loaded = 2;
    SymbolTable symbols(module);
    auto state = LLVM::GlobalOp::create(
        builder, i32, /*isConstant=*/false, LLVM::Linkage::Internal,
        "lowbit_load_state", builder.getI32IntegerAttr(untouched),
        /*alignment=*/4);
    auto once = LLVM::LLVMFuncOp::create(
        builder, "lowbit_load_once",
        LLVM::LLVMFunctionType::get(
            LLVM::LLVMVoidType::get(builder.getContext()), {}));
    once.setLinkage(LLVM::Linkage::Internal);
    symbols.insert(state); // makes the names unique
    symbols.insert(once);
    Region *region = &once.getBody();
    Block *entry = once.addEntryBlock(builder);
    Block *claim = builder.createBlock(region);
    Block *decode = builder.createBlock(region);
    Block *wait = builder.createBlock(region);
    Block *done = builder.createBlock(region);

    builder.setInsertionPointToStart(entry);
    Value address = LLVM::AddressOfOp::create(builder, state);
    auto branchIfLoaded = [&](Block *otherwise) {
      Value now = LLVM::LoadOp::create(
          builder, i32, address, /*alignment=*/4, /*isVolatile=*/false,
          /*isNonTemporal=*/false, /*isInvariant=*/false,
          /*isInvariantGroup=*/false, LLVM::AtomicOrdering::acquire);
      Value isLoaded = LLVM::ICmpOp::create(builder, LLVM::ICmpPredicate::eq,
                                            now, constant(loaded));
      LLVM::CondBrOp::create(builder, isLoaded, done, otherwise);
    };
    branchIfLoaded(claim);

    builder.setInsertionPointToStart(claim);
    Value claimed = LLVM::AtomicCmpXchgOp::create(
        builder, address, constant(untouched), constant(loading),
        LLVM::AtomicOrdering::acq_rel, LLVM::AtomicOrdering::acquire);
    Value isFirst = LLVM::ExtractValueOp::create(builder, claimed, 1);
    LLVM::CondBrOp::create(builder, isFirst, decode, wait);

    builder.setInsertionPointToStart(decode);
    LLVM::CallOp::create(builder, load, ValueRange());
    LLVM::StoreOp::create(builder, constant(loaded), address, /*alignment=*/4,
                          /*isVolatile=*/false, /*isNonTemporal=*/false,
                          /*isInvariantGroup=*/false,
                          LLVM::AtomicOrdering::release);
    LLVM::BrOp::create(builder, ValueRange(), done);

    builder.setInsertionPointToStart(wait);
    branchIfLoaded(wait);

    builder.setInsertionPointToStart(done);
    LLVM::ReturnOp::create(builder, ValueRange());
    return once;
  }

  ModuleOp module;
  ImplicitLocOpBuilder builder;
  Region *body = nullptr;
};

struct EmitInterfacePass
    : lowbit::impl::EmitInterfacePassBase<EmitInterfacePass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(verifySymbolPrefix(module, symbolPrefix)))
      return signalPassFailure();
    FailureOr<ModelInterface> interface = readModelInterface(module);
    if (failed(interface))
      return signalPassFailure();
    FailureOr<SmallVector<PortDescription>> ports =
        readModelPorts(module, interface->workspaceSize);
    if (failed(ports))
      return signalPassFailure();
    auto main = module.lookupSymbol<LLVM::LLVMFuncOp>("main");
    if (failed(verifyMain(module, main, *interface)) ||
        failed(internalizeAll(module)))
      return signalPassFailure();
    // The interface holds the names now; LLVM has no attributes of ours.
    auto function = cast<FunctionOpInterface>(main.getOperation());
    for (unsigned i = 0, e = function.getNumArguments(); i < e; ++i)
      for (NamedAttribute attribute : llvm::to_vector(function.getArgAttrs(i)))
        if (isa_and_nonnull<LowbitDialect>(attribute.getNameDialect()))
          function.removeArgAttr(i, attribute.getName());

    std::string renamed = symbolPrefix + "_main";
    if (failed(SymbolTable(module).rename(main, StringRef(renamed)))) {
      module.emitError() << "cannot rename @main to '" << renamed << "'";
      return signalPassFailure();
    }
    // A program of small layers only is divided nowhere.
    bool isDivided = module.lookupSymbol("GOMP_parallel");
    ModelIdentity identity{
        symbolPrefix, name.empty() ? symbolPrefix : name,     profile, recipe,
        target,       isDivided ? threads.getValue() : "none"};
    LLVM::LLVMFuncOp run = RunBuilder(module).build(
        symbolPrefix + "_run", main,
        module.lookupSymbol<LLVM::LLVMFuncOp>(kLoadSymbol), *interface);
    emitModelDescription(module, *interface, *ports, identity, run);
    setModelIdentity(module, identity);
  }

private:
  static LogicalResult verifyMain(ModuleOp module, LLVM::LLVMFuncOp main,
                                  const ModelInterface &interface) {
    if (!main || main.isExternal())
      return module.emitError("expects a function @main of the LLVM dialect "
                              "with a body");
    LLVM::LLVMFunctionType type = main.getFunctionType();
    unsigned expected = interface.inputs.size() + interface.outputs.size() + 1;
    if (type.getNumParams() != expected ||
        !llvm::all_of(type.getParams(), llvm::IsaPred<LLVM::LLVMPointerType>) ||
        !isa<LLVM::LLVMVoidType>(type.getReturnType()))
      return main.emitError()
             << "expects @main to take " << expected
             << " pointers (inputs, outputs, workspace) and to return "
                "nothing, but got "
             << type
             << "; convert functions with use-bare-ptr-memref-call-conv=1";
    return success();
  }

  /// Leaves no external symbol but the declarations that are used.
  static LogicalResult internalizeAll(ModuleOp module) {
    for (Operation &op : llvm::make_early_inc_range(*module.getBody())) {
      if (auto global = dyn_cast<LLVM::GlobalOp>(op)) {
        if (!global.getConstant() && global.getSymName() != kResidentSymbol)
          return global.emitError() << "expects no mutable global, but got '"
                                    << global.getSymName() << "'";
        global.setLinkage(LLVM::Linkage::Internal);
        continue;
      }
      auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
      if (!function)
        return op.emitError() << "expects functions and globals of the LLVM "
                                 "dialect only, but got '"
                              << op.getName() << "'";
      if (!function.isExternal())
        function.setLinkage(LLVM::Linkage::Internal);
      else if (SymbolTable::symbolKnownUseEmpty(function, module))
        function.erase();
    }
    return success();
  }
};

} // namespace
