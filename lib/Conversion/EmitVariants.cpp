//===- EmitVariants.cpp - Programs that choose among their code -----------===//
//
// Part of the Lowbit project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The processor is asked once: by a constructor, or by the first call where no one
// runs constructors. Threads that ask at the same time store the same answer.

#include "lowbit/Conversion/Variants.h"

#include "GlobalBuilder.h"
#include "ModelDescription.h"

using namespace mlir;
using namespace mlir::lowbit;

unsigned lowbit::countWords(ProcessorWords words) {
  return words == ProcessorWords::X86 ? 7 : 2;
}

namespace {

/// What the variable that holds the choice says; otherwise 2 more than the number of
/// a variant.
enum Choice { Undecided = 0, None = 1, First = 2 };

class VariantsBuilder : GlobalBuilder {
public:
  VariantsBuilder(ModuleOp module, StringRef prefix, ProcessorWords words,
                  ArrayRef<VariantProgram> variants)
      : GlobalBuilder(module, prefix), words(words), variants(variants),
        i1(builder.getI1Type()) {}

  LLVM::LLVMFuncOp run;

  /// Everything but the description of the model; gives the lowbit_variants.
  LLVM::GlobalOp build() {
    choice = createGlobal(i32, "lowbit_choice", LLVM::Linkage::Internal,
                          builder.getI32IntegerAttr(Undecided));
    choice.setConstant(false);
    choice.setAlignment(4);
    buildFitting();
    buildDecide();
    buildConstructor();
    buildRun();
    LLVM::LLVMFuncOp selected = buildSelected(), select = buildSelect();
    LLVM::GlobalOp names = buildTable("names", [&](const VariantProgram &v) {
      return buildString("variant_" + v.name, v.name).getSymName().str();
    });
    LLVM::GlobalOp description =
        createGlobal(structOf({i32, i32, ptr, ptr, ptr}), "lowbit_variants",
                     LLVM::Linkage::Internal);
    buildInitializer(description, [&]() -> SmallVector<Value> {
      return {integer(i32, sizeof(lowbit_variants)),
              integer(i32, variants.size()), address(names),
              address(selected.getSymName()), address(select.getSymName())};
    });
    return description;
  }

private:
  /// Starts a function; building goes on in it.
  LLVM::LLVMFuncOp begin(const Twine &name, Type result,
                         ArrayRef<Type> parameters, bool isExported = false) {
    auto function = LLVM::LLVMFuncOp::create(
        builder, (prefix + "_" + name).str(),
        LLVM::LLVMFunctionType::get(result, parameters));
    if (!isExported)
      function.setLinkage(LLVM::Linkage::Internal);
    builder.setInsertionPointToStart(function.addEntryBlock(builder));
    return function;
  }
  /// Goes on at the end of the module.
  void end(LLVM::LLVMFuncOp function) {
    builder.setInsertionPointAfter(function);
  }
  /// An array of the addresses of what `getSymbol` names for each variant.
  LLVM::GlobalOp buildTable(
      StringRef name,
      llvm::function_ref<std::string(const VariantProgram &)> getSymbol) {
    std::vector<std::string> symbols;
    for (const VariantProgram &variant : variants)
      symbols.push_back(getSymbol(variant));
    LLVM::GlobalOp table =
        createGlobal(arrayOf(ptr, variants.size()), "lowbit_variant_" + name,
                     LLVM::Linkage::Internal);
    buildInitializer(table, [&] {
      SmallVector<Value> values;
      for (StringRef symbol : symbols)
        values.push_back(address(symbol));
      return values;
    });
    return table;
  }

  Value compare(LLVM::ICmpPredicate predicate, Value lhs, int64_t rhs) {
    return LLVM::ICmpOp::create(builder, predicate, lhs,
                                integer(lhs.getType(), rhs));
  }
  Value loadChoice() {
    return LLVM::LoadOp::create(builder, i32, address(choice), /*alignment=*/4,
                                /*isVolatile=*/false, /*isNonTemporal=*/false,
                                /*isInvariant=*/false,
                                /*isInvariantGroup=*/false,
                                LLVM::AtomicOrdering::monotonic);
  }
  void storeChoice(Value value) {
    LLVM::StoreOp::create(builder, value, address(choice), /*alignment=*/4,
                          /*isVolatile=*/false, /*isNonTemporal=*/false,
                          /*isInvariantGroup=*/false,
                          LLVM::AtomicOrdering::monotonic);
  }
  /// Leaves the function with `value` where `condition` holds, and goes on behind.
  void returnIf(Value condition, Value value) {
    Block *current = builder.getInsertionBlock();
    Region *body = current->getParent();
    Block *leave = builder.createBlock(body), *next = builder.createBlock(body);
    builder.setInsertionPointToEnd(leave);
    LLVM::ReturnOp::create(builder, value);
    builder.setInsertionPointToEnd(current);
    LLVM::CondBrOp::create(builder, condition, leave, next);
    builder.setInsertionPointToEnd(next);
  }
  void returnIf(Value condition, int64_t status) {
    returnIf(condition, integer(i32, status));
  }

  /// eax, ebx, ecx and edx.
  SmallVector<Value> callCpuid(int64_t leaf, int64_t part) {
    auto results = structOf({i32, i32, i32, i32});
    auto assembly = LLVM::InlineAsmOp::create(
        builder, results, ValueRange{integer(i32, leaf), integer(i32, part)},
        "cpuid",
        "={ax},={bx},={cx},={dx},{ax},{cx},~{dirflag},~{fpsr},~{flags}",
        /*has_side_effects=*/true, /*is_align_stack=*/false,
        LLVM::tailcallkind::TailCallKind::None,
        LLVM::AsmDialectAttr::get(builder.getContext(),
                                  LLVM::AsmDialect::AD_ATT),
        /*operand_attrs=*/ArrayAttr());
    SmallVector<Value> registers;
    for (int64_t i = 0; i < 4; ++i)
      registers.push_back(
          LLVM::ExtractValueOp::create(builder, assembly.getResult(0), i));
    return registers;
  }

  /// `value` where `condition` holds, else 0.
  Value keepIf(Value condition, Value value) {
    return LLVM::SelectOp::create(builder, condition, value, integer(i32, 0));
  }

  /// The low half of XCR0; 0 where the system does not say what it saves.
  Value readSavedRegisters(Value features) {
    constexpr int64_t osxsave = int64_t(1) << 27;
    Value bit = LLVM::AndOp::create(builder, features, integer(i32, osxsave));
    Value isThere = compare(LLVM::ICmpPredicate::ne, bit, 0);
    Block *current = builder.getInsertionBlock();
    Region *body = current->getParent();
    Block *read = builder.createBlock(body), *next = builder.createBlock(body);
    Value result = next->addArgument(i32, builder.getLoc());
    builder.setInsertionPointToEnd(read);
    auto assembly = LLVM::InlineAsmOp::create(
        builder, structOf({i32, i32}), ValueRange{integer(i32, 0)}, "xgetbv",
        "={ax},={dx},{cx},~{dirflag},~{fpsr},~{flags}",
        /*has_side_effects=*/true, /*is_align_stack=*/false,
        LLVM::tailcallkind::TailCallKind::None,
        LLVM::AsmDialectAttr::get(builder.getContext(),
                                  LLVM::AsmDialect::AD_ATT),
        /*operand_attrs=*/ArrayAttr());
    Value low = LLVM::ExtractValueOp::create(builder, assembly.getResult(0), 0);
    LLVM::BrOp::create(builder, low, next);
    builder.setInsertionPointToEnd(current);
    LLVM::CondBrOp::create(builder, isThere, read, ValueRange(), next,
                           integer(i32, 0));
    builder.setInsertionPointToEnd(next);
    return result;
  }

  SmallVector<Value> readX86Words() {
    auto atLeast = [&](Value value, int64_t least) {
      return compare(LLVM::ICmpPredicate::uge, value, least);
    };
    // Leaves that are not there answer with those of others.
    Value hasSeven = atLeast(callCpuid(0, 0)[0], 7);
    Value features = callCpuid(1, 0)[2];
    SmallVector<Value> seven = callCpuid(7, 0), more = callCpuid(7, 1);
    Value hasMore =
        LLVM::AndOp::create(builder, hasSeven, atLeast(seven[0], 1));
    constexpr int64_t extended = 0x80000000;
    Value hasExtended = atLeast(callCpuid(extended, 0)[0], extended + 1);
    Value others = callCpuid(extended + 1, 0)[2];
    return {features,
            keepIf(hasSeven, seven[1]),
            keepIf(hasSeven, seven[2]),
            keepIf(hasMore, more[0]),
            keepIf(hasMore, more[3]),
            keepIf(hasExtended, others),
            readSavedRegisters(features)};
  }

  SmallVector<Value> readLinuxWords() {
    constexpr int64_t hwcap = 16, hwcap2 = 26;
    SmallVector<Value> result;
    for (int64_t entry : {hwcap, hwcap2}) {
      Value word = LLVM::CallOp::create(builder, getauxval,
                                        ValueRange{integer(i64, entry)})
                       .getResult();
      result.push_back(LLVM::TruncOp::create(builder, i32, word));
    }
    return result;
  }

  /// A function that gives a bit for each variant whose instructions the processor
  /// has.
  void buildFitting() {
    if (words == ProcessorWords::Linux)
      getauxval = LLVM::LLVMFuncOp::create(
          builder, "getauxval", LLVM::LLVMFunctionType::get(i64, {i64}));
    fitting = begin("lowbit_fitting", i32, {});
    SmallVector<Value> present =
        words == ProcessorWords::X86 ? readX86Words() : readLinuxWords();
    Value bits = integer(i32, 0);
    for (auto [number, variant] : llvm::enumerate(variants)) {
      Value missing = integer(i32, 0);
      for (auto [word, mask] : llvm::zip(present, variant.required)) {
        Value absent = LLVM::XOrOp::create(builder, word, integer(i32, -1));
        missing = LLVM::OrOp::create(
            builder, missing,
            LLVM::AndOp::create(builder, absent, integer(i32, int32_t(mask))));
      }
      Value fits = compare(LLVM::ICmpPredicate::eq, missing, 0);
      bits = LLVM::OrOp::create(
          builder, bits, keepIf(fits, integer(i32, int64_t(1) << number)));
    }
    LLVM::ReturnOp::create(builder, bits);
    end(fitting);
  }

  /// Chooses the last variant that fits.
  Value choosePreferred() {
    Value bits =
        LLVM::CallOp::create(builder, fitting, ValueRange()).getResult();
    Value result = integer(i32, None);
    for (size_t number = 0; number < variants.size(); ++number) {
      Value bit = LLVM::AndOp::create(builder, bits,
                                      integer(i32, int64_t(1) << number));
      result = LLVM::SelectOp::create(builder,
                                      compare(LLVM::ICmpPredicate::ne, bit, 0),
                                      integer(i32, First + number), result);
    }
    storeChoice(result);
    return result;
  }

  void buildDecide() {
    decide = begin("lowbit_decide", i32, {});
    Value now = loadChoice();
    returnIf(compare(LLVM::ICmpPredicate::ne, now, Undecided), now);
    LLVM::ReturnOp::create(builder, choosePreferred());
    end(decide);
  }
  Value callDecide() {
    return LLVM::CallOp::create(builder, decide, ValueRange()).getResult();
  }

  void buildConstructor() {
    LLVM::LLVMFuncOp load =
        begin("lowbit_load_variant",
              LLVM::LLVMVoidType::get(builder.getContext()), {});
    callDecide();
    LLVM::ReturnOp::create(builder, ValueRange());
    end(load);
    auto symbol = FlatSymbolRefAttr::get(load.getSymNameAttr());
    LLVM::GlobalCtorsOp::create(
        builder, builder.getArrayAttr(symbol), builder.getI32ArrayAttr(65535),
        builder.getArrayAttr(LLVM::ZeroAttr::get(builder.getContext())));
  }

  void buildRun() {
    LLVM::GlobalOp table = buildTable(
        "runs", [](const VariantProgram &variant) { return variant.run; });
    run = begin("run", i32, {ptr, ptr, ptr}, /*isExported=*/true);
    Value now = callDecide();
    returnIf(compare(LLVM::ICmpPredicate::eq, now, None), LOWBIT_NO_VARIANT);
    Value number = LLVM::SubOp::create(builder, now, integer(i32, First));
    Value slot = LLVM::GEPOp::create(builder, ptr, ptr, address(table),
                                     ArrayRef<LLVM::GEPArg>{number});
    SmallVector<Value> operands = {LLVM::LoadOp::create(builder, ptr, slot)};
    llvm::append_range(operands, run.getArguments());
    auto call = LLVM::CallOp::create(builder, run.getFunctionType(), operands);
    LLVM::ReturnOp::create(builder, call.getResults());
    end(run);
  }

  LLVM::LLVMFuncOp buildSelected() {
    LLVM::LLVMFuncOp function =
        begin("selected_variant", i32, {}, /*isExported=*/true);
    Value number =
        LLVM::SubOp::create(builder, callDecide(), integer(i32, First));
    LLVM::ReturnOp::create(builder, number);
    end(function);
    return function;
  }

  LLVM::LLVMFuncOp buildSelect() {
    LLVM::LLVMFuncOp function =
        begin("select_variant", i32, {i32}, /*isExported=*/true);
    Value number = function.getArgument(0);
    Block *current = builder.getInsertionBlock();
    Region *body = current->getParent();
    Block *best = builder.createBlock(body), *one = builder.createBlock(body);
    builder.setInsertionPointToEnd(current);
    LLVM::CondBrOp::create(
        builder, compare(LLVM::ICmpPredicate::eq, number, -1), best, one);
    builder.setInsertionPointToEnd(best);
    Value preferred = choosePreferred();
    returnIf(compare(LLVM::ICmpPredicate::eq, preferred, None),
             LOWBIT_NO_VARIANT);
    LLVM::ReturnOp::create(builder, integer(i32, LOWBIT_OK));
    builder.setInsertionPointToEnd(one);
    returnIf(compare(LLVM::ICmpPredicate::uge, number, variants.size()),
             LOWBIT_NO_VARIANT);
    Value bits =
        LLVM::CallOp::create(builder, fitting, ValueRange()).getResult();
    Value bit = LLVM::AndOp::create(
        builder, LLVM::LShrOp::create(builder, bits, number), integer(i32, 1));
    returnIf(compare(LLVM::ICmpPredicate::eq, bit, 0), LOWBIT_NO_VARIANT);
    storeChoice(LLVM::AddOp::create(builder, number, integer(i32, First)));
    LLVM::ReturnOp::create(builder, integer(i32, LOWBIT_OK));
    end(function);
    return function;
  }

  ProcessorWords words;
  ArrayRef<VariantProgram> variants;
  Type i1;
  LLVM::GlobalOp choice;
  LLVM::LLVMFuncOp getauxval, fitting, decide;
};

} // namespace

void lowbit::emitVariantsInterface(ModuleOp module,
                                   const ModelInterface &interface,
                                   const ModelIdentity &identity,
                                   ProcessorWords words,
                                   ArrayRef<VariantProgram> variants) {
  VariantsBuilder builder(module, identity.prefix, words, variants);
  LLVM::GlobalOp description = builder.build();
  emitModelDescription(module, interface, /*ports=*/{}, identity, builder.run,
                       /*device=*/nullptr, description);
  setModelIdentity(module, identity);
}
